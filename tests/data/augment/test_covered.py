"""Words are covered as in the paper: how many, by what, and what is asked."""

import pytest
import torch

from deepglass.data.augment.covered import CHOSEN, GAP, IGNORED, OTHER, covered, with_gaps

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


@pytest.mark.parametrize("share", [0.15, 0.3, 0.5])
def test_texts_are_judged_by_gaps_alone_as_many_as_asked_for_and_the_same_every_time(share):
    torch.manual_seed(0)
    tokens = torch.randint(2, VOCAB, (300, 40))
    shown, targets = with_gaps(tokens, MARK, share=share)
    is_asked = targets != IGNORED
    assert is_asked.float().mean() == pytest.approx(1 / round(1 / share), abs=0.01)
    assert (shown[is_asked] == MARK).all()
    assert torch.equal(shown[~is_asked], tokens[~is_asked])
    assert torch.equal(targets[is_asked], tokens[is_asked])
    for row in (3, 7):  # whatever it stands among, and however far it is padded
        padded = torch.nn.functional.pad(tokens[row : row + 1], (0, 5))
        assert torch.equal(with_gaps(padded, MARK, share=share)[0][:, :40], shown[row : row + 1])


def test_every_text_with_a_word_has_a_gap_and_no_mark_becomes_one():
    tokens = torch.tensor([[5, 0, 0], [MARK, 6, 7], [MARK, 0, 0], [0, 0, 0]])
    shown, targets = with_gaps(tokens, MARK)
    assert (targets != IGNORED).sum(dim=1).tolist() == [1, 1, 0, 0]
    assert targets[1, 0] == IGNORED
    assert (shown[:, 1:][tokens[:, 1:] == 0] == 0).all()


def test_a_larger_share_covers_more():
    tokens = torch.full((200, 50), 7)
    torch.manual_seed(0)
    targets = covered(tokens, MARK, VOCAB, share=0.4)[1]
    assert (targets != IGNORED).float().mean() == pytest.approx(0.4, abs=0.02)
