"""Mixup and cutmix: the share in the loss is the share in the picture."""

import pytest
import torch

from deepglass.training.mixing import cutmix, mix, mixup


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def test_mixup_blends_by_the_share():
    images = torch.rand(8, 3, 5, 5)
    mixed = mixup(images, 1.0)
    torch.testing.assert_close(mixed.inputs, mixed.share * images + (1 - mixed.share) * images[mixed.partner])


def test_cutmix_share_is_the_area_left():
    images = torch.arange(16.0).view(16, 1, 1, 1).expand(16, 1, 12, 10).contiguous()
    for _ in range(20):
        mixed = cutmix(images, 1.0)
        own = (mixed.inputs == images).flatten(1).float().mean(1)
        elsewhere = mixed.partner != torch.arange(16)
        torch.testing.assert_close(own[elsewhere], torch.full_like(own[elsewhere], mixed.share))


@pytest.mark.parametrize("alpha", [0.2, 1.0, 4.0])
def test_share_has_mean_one_half_and_the_spread_of_its_beta(alpha):
    shares = torch.tensor([mixup(torch.zeros(2, 1), alpha).share for _ in range(2000)])
    assert abs(shares.mean() - 0.5) < 0.04
    assert abs(shares.var() - 1 / (4 * (2 * alpha + 1))) < 0.02


def test_loss_weighs_both_targets():
    mixed = mixup(torch.rand(4, 2), 1.0)
    targets = torch.tensor([0.0, 1.0, 2.0, 3.0])
    loss = mixed.loss(lambda t: t @ torch.tensor([1.0, 10.0, 100.0, 1000.0]), targets)
    expected = mixed.share * 3210.0 + (1 - mixed.share) * float(
        targets[mixed.partner] @ torch.tensor([1.0, 10.0, 100.0, 1000.0])
    )
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_off_changes_nothing_and_both_take_turns():
    images = torch.rand(6, 1, 8, 8)
    assert mix(images).share == 1.0
    assert mix(images).inputs is images
    blended = [bool(((mix(images, 1.0, 1.0).inputs == images).flatten(1).any(1)).all()) for _ in range(40)]
    assert 5 < sum(blended) < 35
