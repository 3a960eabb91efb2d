"""Word dropout hides words at the rate asked for, and nothing but words."""

import torch

from deepglass.data.augment.text import word_dropout
from deepglass.data.preprocess.text import PADDING, UNKNOWN


def test_share_of_hidden_words_is_the_rate():
    torch.manual_seed(0)
    tokens = torch.full((100, 100), 7)
    assert abs(float((word_dropout(tokens, 0.3) == UNKNOWN).float().mean()) - 0.3) < 0.02


def test_padding_stays_and_other_words_are_unchanged():
    torch.manual_seed(0)
    tokens = torch.tensor([[5, 6, PADDING, PADDING]]).repeat(50, 1)
    dropped = word_dropout(tokens, 0.5)
    assert (dropped[:, 2:] == PADDING).all()
    assert set(dropped[:, 0].tolist()) == {5, UNKNOWN}


def test_rate_zero_changes_nothing():
    tokens = torch.tensor([[5, 6, 7]])
    assert word_dropout(tokens, 0.0) is tokens
