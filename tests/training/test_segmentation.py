"""What a picture costs: the surprise of PyTorch, the overlap by hand, and nothing for pixels that are ignored."""

import pytest
import torch
import torch.nn.functional as F

from deepglass.training.segmentation import DICE_WEIGHT, SMOOTH, dice, losses

IGNORED, OUTSIDE = 255, 254


def case(seed=0, B=3, K=4, H=6, W=5):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(B, K, H, W, generator=generator)
    targets = torch.randint(0, K, (B, H, W), generator=generator).to(torch.uint8)
    return logits, targets


def test_it_is_pytorchs_surprise_and_an_overlap_by_hand():
    logits, targets = case()
    probs = logits.softmax(1)
    for i, cost in enumerate(losses(logits.log_softmax(1), targets)):
        surprise = F.cross_entropy(logits[i : i + 1], targets[i : i + 1].long())
        overlaps = []
        for label in targets[i].unique().tolist():
            true, p = targets[i] == label, probs[i, label]
            overlaps.append((2 * p[true].sum() + SMOOTH) / (p.sum() + true.sum() + SMOOTH))
        assert cost == pytest.approx(float(surprise + DICE_WEIGHT * (1 - torch.stack(overlaps).mean())), rel=1e-5)


@pytest.mark.parametrize("mark", [IGNORED, OUTSIDE])
def test_what_is_said_of_ignored_pixels_costs_nothing_and_has_no_gradient(mark):
    logits, targets = case()
    targets[:, 2:4] = mark
    logits.requires_grad_()
    losses(logits.log_softmax(1), targets).mean().backward()
    assert logits.grad[:, :, 2:4].abs().max() == 0
    assert logits.grad[:, :, :2].abs().max() > 0
    kept = losses(
        torch.cat([logits[:, :, :2], logits[:, :, 4:]], 2).log_softmax(1),
        torch.cat([targets[:, :2], targets[:, 4:]], 1),
    )
    assert torch.allclose(losses(logits.log_softmax(1), targets), kept)


def test_a_picture_without_any_label_costs_nothing_but_a_constant():
    logits, targets = case(B=1)
    logits.requires_grad_()
    cost = losses(logits.log_softmax(1), torch.full_like(targets, IGNORED))
    cost.mean().backward()
    assert torch.isfinite(cost).all()
    assert logits.grad.abs().max() == 0


def test_a_sure_and_right_answer_overlaps_wholly():
    _, targets = case()
    probs = F.one_hot(targets.long(), 4).permute(0, 3, 1, 2).float()
    assert torch.allclose(dice(probs, targets.long(), torch.ones_like(targets, dtype=torch.bool)), torch.ones(3))
