"""The loss of labels, held against PyTorch cell by cell."""

import pytest
import torch
import torch.nn.functional as F

from deepglass.training.labels import label_loss


@pytest.fixture
def drawn():
    torch.manual_seed(0)
    return torch.randn(6, 3), torch.randint(0, 2, (6, 3), dtype=torch.int8)


def test_it_is_the_mean_over_all_labels(drawn):
    logits, targets = drawn
    each = [F.binary_cross_entropy_with_logits(logits[:, k], targets[:, k].float()) for k in range(3)]
    assert label_loss(logits, targets) == pytest.approx(float(torch.stack(each).mean()))


def test_weights_count_where_a_label_holds(drawn):
    logits, targets = drawn
    weights = torch.tensor([1.0, 4.0, 9.0])
    cells = F.binary_cross_entropy_with_logits(logits, targets.float(), reduction="none")
    expected = (cells * torch.where(targets > 0, weights, 1.0)).mean()
    assert label_loss(logits, targets, weights=weights) == pytest.approx(float(expected))


def test_smoothing_draws_targets_towards_a_half(drawn):
    logits, targets = drawn
    expected = F.binary_cross_entropy_with_logits(logits, targets.float() * 0.8 + 0.1)
    assert label_loss(logits, targets, smoothing=0.2) == pytest.approx(float(expected))


def test_every_member_of_an_ensemble_learns_for_itself(drawn):
    logits, targets = drawn
    members = torch.stack([logits, 2 * logits, -logits], dim=1)  # (B, M, L)
    each = [float(label_loss(members[:, m], targets)) for m in range(3)]
    assert label_loss(members, targets) == pytest.approx(sum(each) / 3)
