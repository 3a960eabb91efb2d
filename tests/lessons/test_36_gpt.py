"""What lesson 36 claims about GPT (J09)."""

import numpy as np
import pytest
import torch

from deepglass import glass
from deepglass.models.gpt import GPT, Config
from deepglass.zoo.flop_counter import counted
from tests.lessons.opened import opened
from tests.lessons.test_guesses import words_of
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("36_gpt").module


def test_with_the_cache_the_same_text_is_written_and_the_logits_are_the_same(lesson):
    model = lesson.trained()[0]
    kept, passed, logits = lesson.write(model, "the ", 16)
    anew, passed_anew, logits_anew = lesson.write(model, "the ", 16, keeps=False)
    assert kept == anew
    np.testing.assert_allclose(logits, logits_anew, rtol=0, atol=1e-4)
    assert passed == 4 + 15
    assert passed_anew == sum(range(4, 20))


@pytest.mark.parametrize("keeps", [True, False])
def test_multiplications_are_those_that_are_counted_in_the_model(lesson, keeps):
    settings = Config(embed_dim=lesson.WIDTH, num_heads=lesson.HEADS, num_layers=3)
    model = GPT(len(lesson.LETTERS), 48, settings).eval()
    memory = model.new_cache()
    with torch.no_grad():
        model(torch.zeros(1, 20, dtype=torch.int64), memory)
        fresh = torch.zeros(1, 1 if keeps else 21, dtype=torch.int64)
        with counted(model) as counter:
            model(fresh, memory if keeps else None)
    assert counter.flops == 2 * lesson.products(1 if keeps else 21, 21, layers=3)


def test_nothing_before_a_letter_changes_with_it_and_without_the_mask_everything_does(lesson):
    one, other = (glass.tensor(np.array([lesson.numbers_of(text)])) for text in ("the cat sat", "the cat ran"))
    masked, unmasked = lesson.new_gpt(), lesson.new_gpt(is_masked=False)
    for model, is_same in ((masked, True), (unmasked, False)):
        gaps = np.abs(model(one).detach().numpy() - model(other).detach().numpy())[0].max(axis=1)
        assert (gaps[:8] < 1e-7).all() == is_same
        assert gaps[8] > 1e-6


def test_what_the_page_shows_as_looks_is_what_the_model_computes(lesson):
    attn = lesson.new_gpt().h[0].attn
    x = glass.tensor(np.random.default_rng(0).normal(size=(2, 7, lesson.WIDTH)).astype(np.float32))
    weights, taken = lesson.looks(attn, x)
    np.testing.assert_allclose(attn.c_proj(taken).detach().numpy(), attn(x, None).detach().numpy(), atol=1e-6)
    np.testing.assert_allclose(weights.detach().numpy().sum(3), 1, atol=1e-6)
    assert (np.triu(weights.detach().numpy()[0, 0], 1) == 0).all()


def test_whoever_may_look_ahead_has_a_lower_loss_and_is_worse_where_the_text_ends(lesson):
    honest, cheating = lesson.trained(True), lesson.trained(False)
    assert cheating[1][-20:].mean() < 0.5 * honest[1][-20:].mean()
    assert lesson.foresight(honest[0]) > lesson.foresight(cheating[0]) + 0.2


def test_the_first_loss_is_that_of_a_die_and_training_lowers_it(lesson):
    losses = lesson.trained()[1]
    assert losses[0] == pytest.approx(np.log(len(lesson.LETTERS)), abs=0.2)
    assert losses[-20:].mean() < 0.3 * losses[0]


def test_what_answers_the_guess_is_covered():
    seen, covered = words_of("36_gpt")
    assert "only the new letter goes" in covered
    assert "only the new letter goes" not in seen
    assert "numbers kept" in covered
    assert "numbers kept" not in seen


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("causal", "import scipy\ndef causal(s):\n    return scipy.special.softmax(s, 1)",
         "before the softmax"),
        ("next_step", "def next_step(q, k, v, K, V):\n    return v, np.vstack([K, k]), np.vstack([V, v])", "For"),
    ],
)  # fmt: skip
def test_slips_are_told(name, code, said):
    assert said in tried(name, code).message
