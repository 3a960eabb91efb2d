"""The look of an encoder-decoder: PyTorch's attention, by hand, with and without masks; and what passes through."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from deepglass import glass
from deepglass.glass.foundations.sequence_to_sequence import EncoderDecoder, look

T, S, WIDTH, VALUES = 5, 7, 8, 3


def drawn(seed, lead=(2, 4)):
    """Queries, keys, values as arrays."""
    rng = np.random.default_rng(seed)
    return tuple(rng.normal(size=(*lead, rows, width)) for rows, width in ((T, WIDTH), (S, WIDTH), (S, VALUES)))


def mask_of(kind, seed):
    """Who may look where, (T, S); None for everywhere."""
    if kind == "none":
        return None
    if kind == "causal":
        return np.tril(np.ones((T, S), bool))
    may_look = np.random.default_rng(seed).random((T, S)) < 0.6
    may_look[:, 0] = True  # every query somewhere
    return may_look


each_mask = pytest.mark.parametrize("kind", ["none", "causal", "random"])


@each_mask
@pytest.mark.parametrize("seed", range(3))
def test_it_is_pytorchs_scaled_dot_product_attention(kind, seed):
    arrays, may_look = drawn(seed), mask_of(kind, seed)
    found, weights = look(*map(glass.tensor, arrays), None if may_look is None else glass.tensor(may_look))
    theirs = F.scaled_dot_product_attention(
        *map(torch.from_numpy, arrays), None if may_look is None else torch.from_numpy(may_look)
    )
    np.testing.assert_allclose(found.numpy(), theirs.numpy(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(weights.numpy().sum(-1), 1, rtol=0, atol=1e-12)


@each_mask
def test_the_engines_fused_function_finds_the_same(kind):
    arrays, may_look = tuple(map(glass.tensor, drawn(0))), mask_of(kind, 0)
    mask = None if may_look is None else glass.tensor(may_look)
    fused = glass.nn.functional.scaled_dot_product_attention(*arrays, mask)
    np.testing.assert_allclose(look(*arrays, mask)[0].numpy(), fused.numpy(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("kind", ["causal", "random"])
def test_what_is_masked_gets_no_weight_and_changes_nothing(kind):
    (q, k, v), may_look = drawn(1), mask_of(kind, 1)
    _, weights = look(*map(glass.tensor, (q, k, v)), glass.tensor(may_look))
    assert np.abs(weights.numpy()[..., ~may_look]).max() == 0
    hidden = ~may_look[2]  # from the third query
    k[..., hidden, :], v[..., hidden, :] = 50.0, -50.0
    _, after = look(*map(glass.tensor, (q, k, v)), glass.tensor(may_look))
    np.testing.assert_allclose(after.numpy()[..., 2, :], weights.numpy()[..., 2, :], rtol=0, atol=1e-12)


def test_numbers_that_can_be_followed():
    q, k, v = np.array([[2.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 2.0]]), np.array([[10.0], [20.0]])
    powers = np.exp([4 / np.sqrt(2), 0.0])
    found, weights = look(*map(glass.tensor, (q, k, v)))
    np.testing.assert_allclose(weights.numpy()[0], powers / powers.sum(), rtol=1e-12)
    assert found.numpy()[0, 0] == pytest.approx((10 * powers[0] + 20 * powers[1]) / powers.sum())


def test_gradients_are_pytorchs():
    ours = [glass.tensor(a, requires_grad=True) for a in drawn(2)]
    theirs = [torch.tensor(a, requires_grad=True) for a in drawn(2)]
    look(*ours)[0].square().sum().backward()
    F.scaled_dot_product_attention(*theirs).square().sum().backward()
    for our, their in zip(ours, theirs):
        np.testing.assert_allclose(our.grad.numpy(), their.grad.numpy(), rtol=0, atol=1e-11)


@pytest.mark.parametrize("looks_back", [True, False])
def test_an_answer_sees_the_target_so_far_and_nothing_behind_it(looks_back):
    glass.manual_seed(0)
    net = EncoderDecoder(11, looks_back=looks_back)
    source, target = np.array([[4, 7, 1, 9]]), np.array([[10, 9, 1, 7]])
    changed = target.copy()
    changed[0, 2:] = 5
    with glass.no_grad():
        before, after = (net(glass.tensor(source), glass.tensor(given))[0].numpy() for given in (target, changed))
    np.testing.assert_allclose(before[:, :2], after[:, :2], rtol=0, atol=1e-6)
    assert not np.allclose(before[:, 2:], after[:, 2:])


def test_without_a_look_all_that_passes_is_the_state_the_reader_ends_in():
    glass.manual_seed(0)
    net = EncoderDecoder(11, hidden_size=12, looks_back=False)
    memory, ends = net.reader(net.source_embedding(glass.tensor(np.array([[4, 7, 1, 9]]))))
    assert memory.shape == (1, 4, 12)
    assert ends.shape == (2, 1, 6)  # twice six numbers, however long the sequence is
    assert net(glass.tensor(np.array([[4, 7]])), glass.tensor(np.array([[10]])))[1] is None
