"""DLinear: split the past into trend and remainder, and forecast each with one linear map.

Zeng, Chen, Zhang & Xu (2023), Are Transformers Effective for Time Series Forecasting?,
https://arxiv.org/abs/2205.13504. One weight matrix from past to future, shared by all series, is hard to beat:
order in time is kept exactly, and there is little to overfit. Additions of later papers: subtracting the last value or
the window's own mean and scale (Kim et al. 2022, RevIN, https://openreview.net/forum?id=cGDAkQo1C0p), covariates,
forecast like series and mixed in linearly, and what is known in advance (the calendar, a price), whose effect is taken
off the past and added to the future. All of it is linear, so training may begin at a solution in closed form.
"""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TASKS = ("forecasting",)


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    moving_average: int = 25  # steps of the window whose mean is the trend; odd; 25 as in the paper
    instance_norm: Literal["none", "last", "mean", "scale"] = "scale"  # levels drift: forecast relative to the window
    individual: bool = False  # a matrix for each series; shared weights overfit less
    dropout: float = 0.0  # of the past values; few weights need none


class DLinear(nn.Module):
    """future = W_trend · trend(past) + W_rest · (past − trend(past)), beside the effect of what is known in advance.

    Args:
        context: Steps of the past that are seen, at least 1.
        horizon: Steps of the future that are forecast, at least 1.
        num_series: Series forecast together.
        num_covariates: Further series that are seen but not forecast.
        num_known: What is known of every step, of the future too.
        num_static: What is known of a series as a whole.
        covariate_lags: Steps of the covariates that are also mapped to the future directly; at most `context`.
        config: Settings.

    Shape:
        - past: (B, context, num_series), covariates: (B, context, num_covariates)
        - known: (B, context + horizon, num_known), static: (B, num_static); not looked at where they are of width 0
        - output: (B, horizon, num_series)

    Raises:
        ValueError: If the window of the moving average is even: it would have no middle.

    Example:
        >>> DLinear(context=48, horizon=12, num_series=3)(torch.zeros(2, 48, 3), torch.zeros(2, 48, 0)).shape
        torch.Size([2, 12, 3])
    """

    def __init__(
        self,
        context: int,
        horizon: int,
        num_series: int,
        num_covariates: int = 0,
        num_known: int = 0,
        num_static: int = 0,
        covariate_lags: int = 0,
        config: Config = Config(),
    ):
        super().__init__()
        if config.moving_average % 2 == 0:
            raise ValueError(f"moving_average must be odd, to have a middle: got {config.moving_average}; try one more")
        self.num_series = num_series
        self.moving_average = config.moving_average
        self.instance_norm = config.instance_norm
        channels = num_series + num_covariates
        copies = channels if config.individual else 1
        self.trend = nn.ModuleList(nn.Linear(context, horizon) for _ in range(copies))
        self.rest = nn.ModuleList(nn.Linear(context, horizon) for _ in range(copies))
        self.dropout = nn.Dropout(config.dropout)
        self.mix = nn.Linear(num_covariates, num_series, bias=False) if num_covariates else None
        if self.mix is not None:
            nn.init.zeros_(self.mix.weight)  # covariates begin without a say
        self.effect = nn.Linear(num_known, num_series, bias=False) if num_known else None
        self.level_of_static = nn.Linear(num_static, horizon, bias=False) if num_static else None
        self.covariate_lags = covariate_lags
        inputs = covariate_lags * num_covariates
        self.lagged = nn.Linear(inputs, horizon * num_series) if inputs else None
        for layer in (self.effect, self.level_of_static, self.lagged):
            if layer is not None:
                nn.init.zeros_(layer.weight)
        if self.lagged is not None:
            nn.init.zeros_(self.lagged.bias)

    def forward(
        self, past: Tensor, covariates: Tensor, known: Tensor | None = None, static: Tensor | None = None
    ) -> Tensor:
        if self.effect is None:
            return self.from_past(past, covariates, static)
        effect = self.effect(known)  # (B, context + horizon, num_series)
        context = past.shape[1]
        return self.from_past(past - effect[:, :context], covariates, static) + effect[:, context:]

    def from_past(self, past: Tensor, covariates: Tensor, static: Tensor | None) -> Tensor:
        """The forecast of what nothing known in advance explains."""
        x = torch.cat([past, covariates], dim=2) if self.mix is not None else past  # (B, context, channels)
        centre, scale = self.level(x)  # (B, 1, channels) each
        x = self.dropout((x - centre) / scale)
        forecast = self.forecast(x.transpose(1, 2)).transpose(1, 2)  # (B, horizon, channels)
        own = forecast[:, :, : self.num_series]
        if self.mix is not None:
            own = own + self.mix(forecast[:, :, self.num_series :])
        if self.level_of_static is not None:
            own = own + self.level_of_static(static).unsqueeze(2)  # (B, horizon, 1)
        own = own * scale[:, :, : self.num_series] + centre[:, :, : self.num_series]
        if self.lagged is not None:
            last = covariates[:, covariates.shape[1] - self.covariate_lags :].flatten(1)  # (B, lags · num_covariates)
            own = own + self.lagged(last).reshape(own.shape)
        return own

    @torch.no_grad()
    def begin_at(
        self, weights: Tensor, bias: Tensor, of_static: Tensor, effect: Tensor, lagged: Tensor | None = None
    ) -> None:
        """Take over future = past·weights + static·of_static + bias, the effect, and the covariates.

        A model that measures pasts by their own level keeps every level, whatever the weights say of it.

        Shape:
            - weights: (context, horizon), bias: (horizon,), of_static: (num_static, horizon), effect: (num_known, S)
            - lagged: (covariate_lags · num_covariates + 1, horizon · num_series), the last row a constant
        """
        if self.instance_norm != "none":
            weights = weights.clone()  # (context, horizon)
            weights[-1] += 1 - weights.sum(dim=0)  # what is taken off the past is given back to the future
        for trend, rest in zip(self.trend, self.rest, strict=True):
            trend.weight.copy_(weights.T)
            rest.weight.copy_(weights.T)
            trend.bias.zero_()
            rest.bias.copy_(bias)
        if self.effect is not None:
            self.effect.weight.copy_(effect.T)
        if self.level_of_static is not None:
            self.level_of_static.weight.copy_(of_static.T)
        if self.lagged is not None and lagged is not None:
            self.lagged.weight.copy_(lagged[:-1].T)
            self.lagged.bias.copy_(lagged[-1])

    def forecast(self, x: Tensor) -> Tensor:
        """Both parts through their matrices: (B, channels, context) → (B, channels, horizon)."""
        trend, rest = self.decompose(x)
        if len(self.trend) == 1:
            return self.trend[0](trend) + self.rest[0](rest)
        parts = [f(trend[:, i]) + g(rest[:, i]) for i, (f, g) in enumerate(zip(self.trend, self.rest, strict=True))]
        return torch.stack(parts, dim=1)

    def decompose(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Trend (moving average, ends repeated) and remainder; they add up to `x` (B, channels, context)."""
        reach = self.moving_average // 2
        padded = F.pad(x, (reach, reach), mode="replicate")  # (B, channels, context + 2 reach)
        trend = F.avg_pool1d(padded, self.moving_average, stride=1)  # (B, channels, context)
        return trend, x - trend

    def level(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The level of each window, and how wide it swings; both are given back to the forecast."""
        one = torch.ones_like(x[:, :1])
        if self.instance_norm == "none":
            return 0 * one, one
        if self.instance_norm == "last":
            return x[:, -1:], one
        centre = x.mean(dim=1, keepdim=True)
        if self.instance_norm == "mean":
            return centre, one
        variance = ((x - centre) ** 2).mean(dim=1, keepdim=True)
        return centre, torch.sqrt(variance + 1e-5)  # 1e-5 as in RevIN: a flat window must not divide by zero


Model = DLinear
