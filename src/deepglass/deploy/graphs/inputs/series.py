"""Pasts of series in the unit of the data: scaled as the network wants them.

A gap that the client leaves (NaN) takes the mean of training, or of many series the mean of its own past; the small
runtime carries the last value forward before, as in training.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.preprocess import moments
from deepglass.data.preprocess.windows import centre_and_scale, used_scale
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec, keep


class Part(InputPart):
    """Pasts, and what is known in advance → the same scaled; the context is the scaled past, its centre, its scale.

    Inputs: past (B, context, S), covariates (B, context, C), time (B, context + horizon) in days since 1970 by the
    clock on the wall, known (B, context + horizon, K), static (B, F), and of many series the spread (B, S) of each, by
    which its interval is measured; each float64 and there only where the model has a use for it.
    """

    def __init__(self, task: Any):
        super().__init__(task)
        plan = task.plan
        self.widths = plan.columns.widths
        self.num_static = len(plan.static_scale.mean)
        S, C, K = self.widths
        around = plan.context + plan.horizon
        shapes = {
            "past": (plan.context, S),
            "covariates": (plan.context, C) if C else None,
            "time": (around,) if plan.periods else None,
            "known": (around, K) if K else None,
            "static": (self.num_static,) if self.num_static else None,
            "spread": (S,) if plan.is_long and task.intervals else None,
        }
        self.specs = [Spec(n, torch.float64, ("batch", *shape)) for n, shape in shapes.items() if shape]
        for scale in ("standardizer", "known_scale", "static_scale"):
            name = "" if scale == "standardizer" else f"{scale}_"
            keep(self, f"{name}mean", getattr(plan, scale).mean)
            keep(self, f"{name}std", getattr(plan, scale).std)

    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        past, centre, scale = self._scaled(given["past"])
        S = self.widths[0]
        covariates = past[:, :, :0]
        if "covariates" in given:
            covariates = _without_nan((given["covariates"] - self.mean[S:]) / self.std[S:])
        context = {"past": past, "centre": centre, "scale": scale}
        context |= {"spread": given["spread"]} if "spread" in given else {}
        return (past.float(), covariates.float(), *self._about_steps(given)), context

    def _scaled(self, past: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pasts as the network sees them, and their centre and scale: of the training, or of each past."""
        if not self.task.plan.is_long:
            centre, scale = self.mean[: self.widths[0]], self.std[: self.widths[0]]
            return _without_nan((past - centre) / scale), centre, scale
        centre, scale = centre_and_scale(past)
        return _without_nan((past - centre) / scale), centre, used_scale(scale)

    def _about_steps(self, given: dict[str, Tensor]) -> tuple[Tensor, ...]:
        """What is known of every step, and of the series as a whole; nothing where the network asks for neither."""
        plan, parts = self.task.plan, []
        if "time" in given:
            parts.append(moments.features(given["time"], plan.periods))
        if "known" in given:
            parts.append(_without_nan((given["known"] - self.known_scale_mean) / self.known_scale_std).float())
        if not parts and "static" not in given:
            return ()
        past = given["past"]
        around = past.shape[1] + plan.horizon
        known = torch.cat(parts, dim=2) if parts else past.new_zeros(past.shape[0], around, 0).float()
        if "static" not in given:
            return (known,)
        return known, _without_nan((given["static"] - self.static_scale_mean) / self.static_scale_std).float()

    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        plan, (S, C, _) = self.task.plan, self.widths
        shape = (batch, plan.context, S + C)
        drawn = torch.randn(shape, generator=generator, dtype=torch.float64).cumsum(dim=1) / shape[1] ** 0.5
        spread = torch.from_numpy(np.concatenate([np.nanmedian(plan.deviations, axis=0), self.std[S:].numpy()]))
        values = (drawn * spread + self.mean).to(self.mean.dtype)
        values[0, 0, 0] = torch.nan
        steps = torch.arange(plan.context + plan.horizon, dtype=self.mean.dtype)
        days = 19_000.0 + steps * (plan.axis.seconds or 0) / 86_400
        made = {
            "past": values[:, :, :S],
            "covariates": values[:, :, S:],
            "time": days + torch.arange(batch, dtype=self.mean.dtype)[:, None],
            "known": self._drawn("known_scale", (batch, plan.context + plan.horizon), generator),
            "static": self._drawn("static_scale", (batch,), generator),
            "spread": spread[:S].to(self.mean.dtype).expand(batch, S),
        }
        return tuple(made[spec.name].contiguous() for spec in self.specs)

    def _drawn(self, scale: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        if not hasattr(self, f"{scale}_mean"):
            return torch.zeros(*shape, 0)
        mean, std = getattr(self, f"{scale}_mean"), getattr(self, f"{scale}_std")
        return torch.randn(*shape, len(mean), generator=generator, dtype=torch.float64).to(mean.dtype) * std + mean

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        return _InTheirUnit(examples, self)

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        plan = self.task.plan
        shapes = {spec.name: [-1, *spec.shape[1:]] for spec in self.specs}
        series = [("target", "past", name) for name in plan.targets]
        series += [("covariate", "covariates", name) for name in plan.covariates]
        series += [("known", "known", name) for name in plan.columns.known]
        found = [
            {"name": name, "kind": "series", "role": role, "tensor": tensor, "datatype": "FP64"}
            | {"shape": shapes[tensor], "statistics": statistics.get(name)} | self._words(name)
            for role, tensor, name in series
        ]  # fmt: skip
        if plan.periods:
            about = {"name": plan.axis.column, "kind": "time", "role": "time", "tensor": "time", "datatype": "FP64"}
            found.append(about | {"shape": shapes["time"], "statistics": None})
        for name in plan.columns.static:
            about = {"name": name, "kind": "static", "role": "static", "tensor": "static", "datatype": "FP64"}
            found.append(about | {"shape": shapes["static"], "statistics": None} | self._words(name))
        about = {"kind": "key", "role": "key", "tensor": None, "datatype": "BYTES", "shape": [-1], "statistics": None}
        return found + [{"name": name} | about for name in plan.columns.keys]

    def _words(self, name: str) -> dict[str, Any]:
        """The words of a column that holds words, each of which is a column of its tensor."""
        levels = self.task.plan.columns.levels
        return {"categories": levels[name], "width": len(levels[name])} if name in levels else {}

    def extra(self) -> dict[str, Any]:
        plan, intervals = self.task.plan, self.task.intervals
        about = {"context": plan.context, "horizon": plan.horizon, "axis": plan.axis.state()}
        about |= {"least_past": plan.least_past, "needs_time": bool(plan.periods)}
        about |= {"coverage": intervals.coverage if intervals else None}
        if plan.is_long and intervals:
            about["spreads"] = {
                "\t".join(name): row for name, row in zip(plan.names, plan.spread.tolist(), strict=True)
            }
        return {"series": about | {"recent": getattr(self.task, "recent", None)}}


def _without_nan(values: Tensor) -> Tensor:
    return torch.where(values.isnan(), torch.zeros_like(values), values)


class _InTheirUnit:
    """Windows whose inputs have the unit of the data again, and whose forecasts are judged as the task wants them."""

    def __init__(self, windows: Any, part: Part):
        self.windows, self.part, self.steps = windows, part, windows.steps
        self.origins = windows.origins

    def __len__(self) -> int:
        return len(self.windows)

    def batch(self, indices: Tensor) -> tuple[Tensor, ...]:
        """The raw tensors of the graph, those that it has no use for of width 0, and the future."""
        plan, windows, part = self.part.task.plan, self.windows, self.part
        _, covariates, known, static, future = windows.batch(indices)
        S, _, K = part.widths
        around = windows.around + windows.origins[indices][:, None]
        past = windows.in_series_unit(windows.values[around[:, : plan.context]].double(), indices)
        days, spread = past[:, :0, 0], past[:, 0, :0]
        if plan.periods:
            times = windows.steps.times[around.numpy()]
            days = torch.from_numpy(plan.axis.days(times.ravel())).reshape(around.shape)
        if plan.is_long and part.task.intervals:
            spread = windows.steps.spread[windows.series_of(indices)]
        raw = {
            "past": past,
            "covariates": covariates.double() * part.std[S:] + part.mean[S:],
            "time": days,
            "known": torch.from_numpy(plan.known_scale.backward(known[:, :, known.shape[2] - K :].double().numpy())),
            "static": torch.from_numpy(plan.static_scale.backward(static.double().numpy())),
            "spread": spread,
        }
        if plan.is_long:
            future = windows.in_series_unit(windows.truth[around[:, plan.context :]].double(), indices)
        return *raw.values(), future

    def in_unit(self, forecasts: Tensor) -> Tensor:
        """Forecasts of the written file in the unit of the data."""
        return forecasts.double() if self.part.task.plan.is_long else self.windows.in_unit(forecasts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.windows, name)
