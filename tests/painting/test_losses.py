"""What content and style are: sums of features, by hand and by their promises."""

import pytest
import torch

from deepglass.painting.losses import Style, content_loss, gram, roughness


@pytest.fixture
def maps():
    return torch.randn(2, 5, 6, 7, generator=torch.Generator().manual_seed(0))


def test_the_gram_matrix_is_the_mean_of_products(maps):
    found = gram(maps)
    for i in range(5):
        for j in range(5):
            assert torch.allclose(found[:, i, j], (maps[:, i] * maps[:, j]).mean((1, 2)), atol=1e-6)


def test_where_things_are_is_forgotten_by_style_and_not_by_content(maps):
    one = maps[:1]
    shuffled = one.flatten(2)[:, :, torch.randperm(42, generator=torch.Generator().manual_seed(1))].view_as(one)
    assert float(Style.of([one]).loss([shuffled])[0]) == pytest.approx(0, abs=1e-6)
    assert float(content_loss(shuffled, one)[0]) > 1


def test_a_mean_that_all_maps_share_does_not_drown_what_appears_together(maps):
    lifted = [maps[:1] + 100, maps[1:] + 100]
    plain = Style.of([maps[:1]]).loss([maps[1:]])
    assert torch.allclose(Style.of(lifted[:1]).loss(lifted[1:]), plain, rtol=1e-2)


def test_nothing_has_a_style_loss_of_one_and_the_mean_a_content_loss_of_one(maps):
    one = maps[:1]
    nothing = one.mean((2, 3), keepdim=True).expand_as(one)
    assert float(Style.of([one]).loss([nothing])[0]) == pytest.approx(1, abs=1e-5)
    assert float(content_loss(nothing, nothing)[0]) == 0
    level = one - one.mean((2, 3), keepdim=True)
    assert float(content_loss(torch.zeros_like(level), level)[0]) == pytest.approx(1, abs=1e-5)


def test_losses_do_not_ask_how_strong_the_features_are(maps):
    for factor in (0.1, 10.0):
        assert torch.allclose(
            Style.of([factor * maps[:1]]).loss([factor * maps[1:]]), Style.of([maps[:1]]).loss([maps[1:]]), rtol=1e-4
        )
        assert torch.allclose(content_loss(factor * maps[1:], factor * maps[:1]), content_loss(maps[1:], maps[:1]))


def test_one_colour_is_smooth_and_a_chessboard_as_rough_as_can_be():
    assert float(roughness(torch.full((1, 3, 8, 8), 0.3))[0]) == 0
    chess = (torch.arange(8)[:, None] + torch.arange(8)) % 2
    assert float(roughness(chess.float().expand(1, 3, 8, 8))[0]) == 2
