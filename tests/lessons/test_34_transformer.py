"""What lesson 34 claims about the Transformer (J07)."""

import numpy as np
import pytest
import torch

from deepglass import glass
from deepglass.glass import nn
from deepglass.zoo import on_glass
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("34_transformer").module


@pytest.mark.parametrize("norm_first", [True, False])
def test_a_block_of_each_kind_gives_pytorchs_answer_from_its_weights(norm_first):
    options = {"dim_feedforward": 48, "dropout": 0.0, "batch_first": True, "norm_first": norm_first}
    torch.manual_seed(0)
    x, memory, mask = torch.randn(2, 5, 16), torch.randn(2, 7, 16), torch.ones(5, 5, dtype=torch.bool).triu(1)
    for name, inputs in (("TransformerEncoderLayer", (x, mask)), ("TransformerDecoderLayer", (x, memory, mask))):
        judge, ours = (getattr(engine, name)(16, 4, **options) for engine in (torch.nn, nn))
        ours.load_state_dict(on_glass.to_glass(judge.state_dict()))
        expected = judge(*inputs).detach().numpy()
        came = ours(*(glass.from_numpy(part.numpy()) for part in inputs)).detach().numpy()
        np.testing.assert_allclose(came, expected, rtol=0, atol=1e-5)


def test_without_positions_a_block_carries_an_order_through_unchanged(lesson):
    weights, out = lesson.through_block([0, 1, 2], False)
    for order in lesson.ORDERS.values():
        turned_weights, turned = lesson.through_block(order, False)
        np.testing.assert_allclose(turned, out[order], rtol=0, atol=1e-6)
        np.testing.assert_allclose(turned_weights, weights[np.ix_(order, order)], rtol=0, atol=1e-6)


def test_with_positions_it_does_not(lesson):
    _, out = lesson.through_block([0, 1, 2], True)
    _, turned = lesson.through_block([2, 1, 0], True)
    assert np.abs(turned - out[[2, 1, 0]]).max() > 0.05


def test_without_positions_a_word_and_its_anagrams_get_the_same_answer(lesson):
    rng = np.random.default_rng(0)
    words, _ = lesson.letters(rng, 30)
    mixed = rng.permuted(words, axis=1)
    net = lesson.practice("none", steps=20)[1]
    with glass.no_grad():
        alike, other = (lesson.answer(net, w).numpy() for w in (words, mixed))
        masked, other_masked = (lesson.answer(net, w, hearing="only those before").numpy() for w in (words, mixed))
    np.testing.assert_allclose(alike, other, rtol=0, atol=1e-5)
    assert np.abs(masked - other_masked).max() > 0.01


@pytest.mark.parametrize(
    ("positions", "hearing", "learns"),
    [
        ("none", "everybody", False),
        ("waves", "everybody", True),
        ("learnt", "everybody", True),
        ("none", "only those before", True),
    ],
)
def test_order_is_learnt_with_positions_of_either_kind_or_where_only_those_before_are_heard(
    lesson, positions, hearing, learns
):
    right, _ = lesson.practice(positions, hearing)
    assert right[-1] > 0.95 if learns else abs(right[-1] - 0.5) < 0.1


def test_products_of_positions_depend_on_how_far_apart_they_are(lesson):
    table = lesson.waves(64, 32).astype(float)
    products = table @ table.T
    for distance in (1, 5, 20):
        diagonal = np.diagonal(products, distance)
        np.testing.assert_allclose(diagonal, diagonal[0], rtol=1e-5)


def test_a_shift_turns_every_pair_by_a_fixed_angle(lesson):
    table = lesson.waves(400, 4).astype(float)
    turn = np.linalg.lstsq(table[:-3], table[3:], rcond=None)[0]
    np.testing.assert_allclose(table[:-3] @ turn, table[3:], atol=1e-5)
    np.testing.assert_allclose(turn @ turn.T, np.eye(8), atol=1e-4)


def test_the_count_of_the_question_is_that_of_the_layer():
    from deepglass.course.widgets.answer import Answer

    asked = next(w for w in opened("34_transformer").widgets if isinstance(w, Answer))
    for heads in (1, 4, 8):
        layer = torch.nn.TransformerEncoderLayer(64, heads, 256)
        assert asked.right == sum(p.numel() for p in layer.parameters())


def test_what_the_stations_add_is_what_the_block_gives(lesson):
    net = opened("34_transformer").defs["net"]
    block, x = net["block"], glass.tensor(np.random.default_rng(0).normal(size=(1, 6, 16)).astype(np.float32))
    with glass.no_grad():
        h = block.norm1(x)
        heard = block.self_attn(h, h, h)[0]
        thought = block._feedforward(block.norm2(x + heard))
        np.testing.assert_allclose((x + heard + thought).numpy(), block(x).numpy(), atol=1e-5)


def test_the_film_stops_before_it_tells():
    from deepglass.course.widgets.film import Film

    film = next(widget for widget in opened("34_transformer").widgets if isinstance(widget, Film))
    assert film.waits_for == "guess"
    assert film.held < len(film.frames)


def test_places_that_begin_at_one_are_told():
    code = """
def waves(length, width):
    a = np.arange(1, length + 1)[:, None] / 10000 ** (np.arange(0, width, 2) / width)
    return np.stack([np.sin(a), np.cos(a)], 2).reshape(length, width)"""
    assert "begin at 0" in tried("waves", code).message
