"""Words are covered as in the paper: how many, by what, and what is asked."""

import pytest
import torch

from deepglass.data.augment.covered import CHOSEN, GAP, IGNORED, OTHER, covered

MARK, VOCAB = 1, 50


@pytest.fixture
def drawn():
    torch.manual_seed(0)
    tokens = torch.randint(2, VOCAB, (400, 100))
    tokens[:, 80:] = 0
    return tokens, *covered(tokens, MARK, VOCAB)


def test_as_many_as_in_the_paper_are_chosen_and_share_their_fates(drawn):
    tokens, shown, targets = drawn
    is_asked = targets != IGNORED
    assert is_asked[:, :80].float().mean() == pytest.approx(CHOSEN, abs=0.01)
    gaps, stay = (shown[is_asked] == MARK).float().mean(), (shown[is_asked] == tokens[is_asked]).float().mean()
    assert gaps == pytest.approx(GAP, abs=0.02)
    assert stay == pytest.approx(1 - GAP - OTHER + OTHER / (VOCAB - 2), abs=0.02)


def test_what_is_asked_is_the_word_and_what_is_not_asked_stays(drawn):
    tokens, shown, targets = drawn
    is_asked = targets != IGNORED
    assert torch.equal(targets[is_asked], tokens[is_asked])
    assert torch.equal(shown[~is_asked], tokens[~is_asked])


def test_padding_is_neither_covered_nor_put_in_the_place_of_a_word(drawn):
    _, shown, targets = drawn
    assert (shown[:, 80:] == 0).all()
    assert (targets[:, 80:] == IGNORED).all()
    assert (shown[:, :80] != 0).all()


def test_each_reading_covers_others():
    tokens = torch.arange(2, VOCAB).expand(4, -1)
    torch.manual_seed(0)
    assert not torch.equal(covered(tokens, MARK, VOCAB)[1], covered(tokens, MARK, VOCAB)[1])
