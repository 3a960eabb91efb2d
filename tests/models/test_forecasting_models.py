"""What every forecaster must do, asked of each; and what is special in some."""

import pytest
import torch

from deepglass.core.errors import OptionError
from deepglass.models.dlinear import Config, DLinear
from deepglass.models.patch_transformer import PatchTransformer
from deepglass.zoo import architectures

TASK = "forecasting"
NAMES = [model.name for model in architectures.all_models(TASK)]
CONTEXT, HORIZON, SERIES = 24, 6, 3


def build(name: str, num_covariates: int = 0, **settings):
    torch.manual_seed(0)
    dims = {"context": CONTEXT, "horizon": HORIZON, "num_series": SERIES, "num_covariates": num_covariates}
    return architectures.load(name, task=TASK, **dims, **settings)


def inputs(batch: int = 4, num_covariates: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    past = torch.randn(batch, CONTEXT, SERIES, generator=generator)
    return past, torch.randn(batch, CONTEXT, num_covariates, generator=generator)


def test_the_models_of_the_task_are_there():
    assert {"dlinear", "lstm", "gru", "patch-transformer"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("num_covariates", [0, 2])
def test_a_forecast_has_the_horizon_of_every_series(name, num_covariates):
    assert build(name, num_covariates)(*inputs(5, num_covariates)).shape == (5, HORIZON, SERIES)


@pytest.mark.parametrize("name", NAMES)
def test_a_raised_level_raises_the_forecast(name):
    model = build(name).eval()
    past, covariates = inputs(4)
    torch.testing.assert_close(model(past + 50, covariates), model(past, covariates) + 50, atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_covariates_have_a_say_once_learnt(name):
    model = build(name, num_covariates=2).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    past, covariates = inputs(4, 2)
    assert not torch.allclose(model(past, covariates), model(past, covariates.flip(1)))


def test_the_decomposition_adds_up_and_the_trend_is_the_moving_mean():
    model = DLinear(CONTEXT, HORIZON, 1, config=Config(moving_average=5))
    x = torch.randn(2, 1, CONTEXT, generator=torch.Generator().manual_seed(0))
    trend, rest = model.decompose(x)
    torch.testing.assert_close(trend + rest, x)
    torch.testing.assert_close(trend[:, :, 7], x[:, :, 5:10].mean(dim=2))
    torch.testing.assert_close(trend[:, :, 0], (3 * x[:, :, 0] + x[:, :, 1] + x[:, :, 2]) / 5)


def test_dlinear_has_two_matrices_from_context_to_horizon():
    shared = DLinear(336, 96, 7)
    assert sum(p.numel() for p in shared.parameters()) == 2 * (336 * 96 + 96)
    individual = DLinear(336, 96, 7, config=Config(individual=True))
    assert sum(p.numel() for p in individual.parameters()) == 7 * 2 * (336 * 96 + 96)


def test_individual_matrices_treat_each_series_by_itself():
    model = DLinear(CONTEXT, HORIZON, SERIES, config=Config(individual=True, instance_norm="none"))
    past, covariates = inputs(2)
    changed = past.clone()
    changed[:, :, 0] += 1
    difference = (model(changed, covariates) - model(past, covariates)).abs().amax(dim=(0, 1))
    assert difference[0] > 0
    assert difference[1:].max() == 0


@pytest.mark.parametrize("instance_norm", ["none", "last", "mean", "scale"])
def test_a_flat_window_gives_a_finite_forecast(instance_norm):
    model = DLinear(CONTEXT, HORIZON, SERIES, config=Config(instance_norm=instance_norm))
    assert torch.isfinite(model(torch.full((1, CONTEXT, SERIES), 7.0), torch.zeros(1, CONTEXT, 0))).all()


def test_an_even_moving_average_is_refused():
    with pytest.raises((ValueError, OptionError), match="odd"):
        DLinear(CONTEXT, HORIZON, SERIES, config=Config(moving_average=4))


@pytest.mark.parametrize("context", [1, 7, 16, 17, 336])
def test_patches_cover_any_context(context):
    model = PatchTransformer(context=context, horizon=HORIZON, num_series=1)
    assert model(torch.zeros(2, context, 1), torch.zeros(2, context, 0)).shape == (2, HORIZON, 1)
