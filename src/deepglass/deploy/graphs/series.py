"""Pasts of series in the unit of the data: scaling inside, forecasts in the same unit.

A gap that the client leaves (NaN) takes the mean of training; the small runtime carries the last value forward
before, as in training.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.deploy.graphs._graph import Graph, Spec

TASKS = ("forecasting",)


class Exported(Graph):
    """past (B, context, S) float64, and covariates (B, context, C) where there are any → forecast (B, horizon, S)."""

    answer = "forecast"

    def __init__(self, task: Any, network: nn.Module):
        super().__init__(task, network)
        plan = task.plan
        self.num_series, self.num_covariates = len(plan.targets), len(plan.covariates)
        self.inputs = [Spec("past", torch.float64, ("batch", plan.context, self.num_series))]
        if self.num_covariates:
            self.inputs.append(Spec("covariates", torch.float64, ("batch", plan.context, self.num_covariates)))
        self.outputs = [Spec("forecast", torch.float64, ("batch", plan.horizon, self.num_series))]
        self.register_buffer("mean", torch.from_numpy(plan.standardizer.mean))
        self.register_buffer("std", torch.from_numpy(plan.standardizer.std))

    def forward(self, *tensors: Tensor) -> Tensor:
        values = torch.cat(tensors, dim=2)  # (B, context, S + C)
        standardized = (values - self.mean) / self.std
        standardized = torch.where(standardized.isnan(), torch.zeros_like(standardized), standardized).float()
        past, covariates = standardized.split([self.num_series, self.num_covariates], dim=2)
        forecast = self.network(past, covariates).to(values.dtype)  # (B, horizon, S)
        return forecast * self.std[: self.num_series] + self.mean[: self.num_series]

    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        shape = (batch, self.task.plan.context, self.num_series + self.num_covariates)
        drawn = torch.randn(shape, generator=generator, dtype=torch.float64).cumsum(dim=1) / shape[1] ** 0.5
        values = (drawn * self.std + self.mean).to(self.mean.dtype)
        values[0, 0, 0] = torch.nan
        return tuple(
            part.contiguous() for part in values.split([self.num_series, self.num_covariates], dim=2) if part.numel()
        )

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        return _InTheirUnit(examples, self)

    def as_network(self, answers: Tensor) -> Tensor:
        return (answers - self.mean[: self.num_series]) / self.std[: self.num_series]

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        plan = self.task.plan
        roles = [("target", "past", name) for name in plan.targets]
        roles += [("covariate", "covariates", name) for name in plan.covariates]
        width = {"past": self.num_series, "covariates": self.num_covariates}
        return [
            {"name": name, "kind": "series", "role": role, "tensor": tensor, "datatype": "FP64"}
            | {"shape": [-1, plan.context, width[tensor]], "statistics": statistics.get(name)}
            for role, tensor, name in roles
        ]

    def extra(self) -> dict[str, Any]:
        plan = self.task.plan
        about = {"context": plan.context, "horizon": plan.horizon, "axis": plan.axis.state()}
        return {"series": about | {"recent": getattr(self.task, "recent", None)}}


class _InTheirUnit:
    """Windows whose pasts have the unit of the data again; futures stay as the task wants them."""

    def __init__(self, windows: Any, graph: Exported):
        self.windows, self.graph = windows, graph

    def __len__(self) -> int:
        return len(self.windows)

    def batch(self, indices: Tensor) -> tuple[Tensor, ...]:
        past, covariates, future = self.windows.batch(indices)
        values = torch.cat([past, covariates], dim=2).double() * self.graph.std + self.graph.mean
        return *values.split([past.shape[2], covariates.shape[2]], dim=2), future
