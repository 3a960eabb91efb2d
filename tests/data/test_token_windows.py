"""Windows of a text: each token is a target once, and training windows wander."""

import torch

from deepglass.data.token_windows import IGNORED, TokenWindows


def test_targets_are_the_tokens_that_follow():
    tokens, targets = TokenWindows(torch.arange(9), context=4).batch(torch.tensor([0, 1]))
    assert tokens.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert targets.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]


def test_every_token_but_the_first_is_a_target_once():
    for length in range(2, 20):
        windows = TokenWindows(torch.arange(length), context=4)
        _, targets = windows.batch(torch.arange(len(windows)))
        assert targets[targets != IGNORED].tolist() == list(range(1, length))


def test_shifted_windows_reach_every_place_and_never_the_end():
    torch.manual_seed(0)
    windows = TokenWindows(torch.arange(30), context=4, is_shifted=True)
    starts = set()
    for _ in range(50):
        tokens, targets = windows.batch(torch.arange(len(windows)))
        assert torch.equal(targets, tokens + 1)
        starts |= set(tokens[:, 0].tolist())
    assert starts == set(range(26))
