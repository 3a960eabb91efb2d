"""LSTM, GRU and plain recurrent forecasters: read the past step by step, then say the whole future at once.

Elman (1990), Finding Structure in Time, https://doi.org/10.1207/s15516709cog1402_1 (the plain network);
Hochreiter & Schmidhuber (1997), Long Short-Term Memory, https://doi.org/10.1162/neco.1997.9.8.1735;
Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder (the GRU),
https://arxiv.org/abs/1406.1078. The horizon is forecast directly rather than by feeding forecasts back, so errors
do not pile up.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

TASKS = ("forecasting",)
VARIANTS = {"lstm": {"cell": "lstm"}, "gru": {"cell": "gru"}, "rnn": {"cell": "rnn"}}
HEAD = "head"


@dataclass(frozen=True)
class Config:
    """Settings of the model."""

    cell: Literal["lstm", "gru", "rnn"] = "lstm"  # the GRU has a gate less and is a quarter faster; plain cells forget
    hidden_size: int = 64  # width of the memory; series of a few thousand steps do not fill more
    num_layers: int = 1  # recurrent layers on top of each other; a second rarely pays
    dropout: float = 0.1  # between the last state and the forecast
    instance_norm: bool = True  # forecast relative to the window's last value: levels drift


class RecurrentForecaster(nn.Module):
    """h_t = cell(x_t, h_{t−1}); future = last value + W · h_context.

    Args:
        context: Steps of the past that are seen; the weights do not depend on it.
        horizon: Steps of the future that are forecast, at least 1.
        num_series: Series forecast together.
        num_covariates: Further series that are seen but not forecast.
        num_known: What is known of every step, of the future too: its effect is taken off the past.
        num_static: What is known of a series as a whole.
        config: Settings.

    Shape:
        - past: (B, context, num_series), covariates: (B, context, num_covariates)
        - known: (B, context + horizon, num_known), static: (B, num_static); not looked at where they are of width 0
        - output: (B, horizon, num_series)

    Example:
        >>> model = RecurrentForecaster(context=48, horizon=12, num_series=3)
        >>> model(torch.zeros(2, 48, 3), torch.zeros(2, 48, 0)).shape
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
        config: Config = Config(),
    ):
        super().__init__()
        self.horizon = horizon
        self.instance_norm = config.instance_norm
        cell = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}[config.cell]
        self.rnn = cell(num_series + num_covariates, config.hidden_size, config.num_layers, batch_first=True)
        self.dropout = nn.Dropout(config.dropout)
        self.head = nn.Linear(config.hidden_size, horizon * num_series)
        self.effect = nn.Linear(num_known, num_series, bias=False) if num_known else None
        self.level_of_static = nn.Linear(num_static, horizon, bias=False) if num_static else None
        for layer in (self.effect, self.level_of_static):
            if layer is not None:
                nn.init.zeros_(layer.weight)

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
        B, _, num_series = past.shape
        last = past[:, -1:] if self.instance_norm else torch.zeros_like(past[:, -1:])  # (B, 1, num_series)
        states, _ = self.rnn(torch.cat([past - last, covariates], dim=2))  # (B, context, hidden_size)
        change = self.head(self.dropout(states[:, -1])).reshape(B, self.horizon, num_series)
        if self.level_of_static is not None:
            change = change + self.level_of_static(static).unsqueeze(2)  # (B, horizon, 1)
        return last + change


Model = RecurrentForecaster
