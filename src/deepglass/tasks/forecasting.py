"""Forecasting: one or many series, their past in, the next `horizon` steps of each out.

The rolling protocol of the field: a forecast is made at every step of the test part, each from the `context` steps
before it. Beside the model stands the seasonal naive forecast, which repeats the last season (Hyndman and Koehler
2006, https://doi.org/10.1016/j.ijforecast.2006.03.001). What is decided beforehand stands in `_series_plan.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.data import statistics
from deepglass.data.containers import Data, Table
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.preprocess.series import Series
from deepglass.data.preprocess.time_axis import as_texts
from deepglass.data.preprocess.windows import Windows, origins_between
from deepglass.data.reading.table_format import TableFormat
from deepglass.data.splits import Splits
from deepglass.evaluate import forecasting as scores
from deepglass.tasks._contract import BaseTask, Outputs, Prepared
from deepglass.tasks._new_tables import read_new
from deepglass.tasks._recent_past import recent_past
from deepglass.tasks._series_plan import NEVER, SeriesPlan, make_plan, time_column
from deepglass.tasks._spans import Bounds

TRAINING_STEPS = 2500  # optimiser steps in which the linear model settles on two years of hours
MANY_WINDOWS = 50_000  # beyond these larger batches are worth more than further steps
FEW_WINDOWS = 1_000  # below these larger steps make up for their number
MAX_VALUES = 20_000_000  # forecast values held at once; longer evaluations forecast at every n-th step only


@dataclass(frozen=True)
class Config:
    """Options of the task."""

    horizon: int | None = None  # steps to forecast; a day of hours, two weeks of days, a year of months
    context: int | None = None  # steps of the past that are seen; 3.5 horizons or two seasons
    targets: str | None = None  # columns to forecast, separated by commas; all columns of numbers
    covariates: str | None = None  # columns that are only seen, or none; all others where targets are named
    season: int | None = None  # steps after which the series repeats; guessed from the time step and the values
    stride: int = 1  # steps from one training window to the next; 1 uses every window there is
    splits: str | None = None  # lengths of train, val and test: 8640,2880,2880 or 360d,120d,120d; else by the fractions
    loss: Literal["mse", "mae", "huber"] = "mse"  # squared errors make the mean the best forecast, absolute the median


class Task(BaseTask):
    """Pasts to futures."""

    name = "forecasting"
    default_model = "dlinear"
    HONOURS = ("target", "time_column", "val_fraction", "test_fraction")
    INSTEAD: ClassVar[dict[str, str]] = {
        "label_smoothing": "a forecast is a number: there are no labels to smooth; leave it out",
        "class_weights": "a forecast is a number and has no classes; leave it out",
        "classes": "a forecast is a number and has no classes; leave it out",
        "mixup": "two pasts are not blended: their futures would not follow; leave it out, or raise --weight-decay",
        "cutmix": "two pasts are not pasted together: their futures would not follow; leave it out",
    }

    plan: SeriesPlan
    times: list[Any]  # of the series in training, for the report
    recent: dict[str, Any] | None = None  # its end, for a page that forecasts

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        table = _require_table(data)
        self.plan, series, bounds, guesses = make_plan(table, self._options, self.data_config)
        needed = [*self.plan.targets, *self.plan.covariates, *filter(None, [self.plan.axis.column])]
        self.reading = table.format.used_by(needed) if table.format else None
        self.times = as_texts(series.times)
        columns = self.plan.targets + self.plan.covariates
        self.recent = recent_past(series, bounds[0], columns, self.plan.context, self.plan.horizon)
        training = series.values[: bounds[0]]
        self.statistics = {
            name: statistics.of_numbers(values)
            for name, values in zip(self.plan.targets + self.plan.covariates, training.T, strict=True)
        }
        parts, left_out = self._parts(series, bounds)
        ids = {name: windows.origins.numpy() for name, windows in parts.items()}
        return Prepared(**parts, dims=self.plan.dims, ids=ids, guesses=guesses + left_out)

    def state(self) -> dict[str, Any]:
        reading = self.reading.state() if self.reading else None
        return self.plan.state() | {"statistics": self.statistics, "reading": reading, "recent": self.recent}

    def load_state(self, state: dict[str, Any]) -> None:
        self.statistics, self.recent = state.get("statistics", {}), state.get("recent")
        self.reading = TableFormat.from_state(state.get("reading"))
        own = ("statistics", "reading", "recent")
        plan = {name: part for name, part in state.items() if name not in own}
        self.plan = SeriesPlan.from_state(plan)

    def open(self, inputs: Any, *, with_target: bool = False) -> Table:
        """A table of the past, read as the training table was.

        Raises:
            DataError: If it does not fit; names file, column and line.
        """
        return _require_table(read_new(inputs, self.reading, self.data_config))

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Windows, dict[str, Any]]:
        """The recent past → one window that ends with it; with truth → a forecast at every step that has one.

        Args:
            inputs: A table (or its path) with the columns of the training data, in any order.
            with_target: Whether the table also holds futures to compare with.

        Raises:
            DataError: If columns are missing, the step differs, or the past is shorter than the context.
        """
        table = self.open(inputs)
        series = self.plan.series(table)
        self._require_length(series, table.name, with_target)
        if not with_target:
            future = self.plan.axis.after(series.times[-1], self.plan.horizon)
            return self.plan.windows(series, torch.tensor([len(series)])), {"time": as_texts(future)}
        origins = origins_between(0, len(series), self.plan.context, self.plan.horizon)
        windows = self.plan.windows(series, origins).with_known_future(1.0)
        if len(windows) == 0:
            raise DataError(f"{table.name} has a gap in every future of {self.plan.horizon} steps: nothing to compare")
        return windows, {"begins": as_texts(series.times[windows.origins.numpy()])}

    def folds(self, data: Data, number: int) -> list[Splits]:
        """Rolling origin: the later half is cut into `number` blocks, each a test for what lies before it."""
        table = _require_table(data)
        time, _ = time_column(table, self.data_config)
        order = np.argsort(table.frame[time].to_numpy(), kind="stable") if time else np.arange(len(table.frame))
        borders = np.linspace(len(order) // 2, len(order), number + 1).astype(int)
        return [{"train": order[:start], "test": order[start:stop]} for start, stop in pairwise(borders)]

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """About 2,500 steps: fewer windows are seen more often."""
        batch_size = 32 if num_examples < MANY_WINDOWS else 128
        epochs = int(np.clip(round(TRAINING_STEPS * batch_size / max(1, num_examples)), 10, 200))
        return {
            "batch_size": batch_size,
            "epochs": epochs,
            "learning_rate": 1e-3 if num_examples >= FEW_WINDOWS else 5e-3,
            "optimizer": "adamw",
            "schedule": "cosine",
            "weight_decay": 0.0 if model_name == "dlinear" else 0.01,
            "clip_gradient": 1.0,
            "precision": "float32",  # bfloat16 keeps two to three digits; forecasts are read to more
            "patience": max(5, epochs // 4),
        }

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also names and shares beside those that win."""
        yield from super().unused_options(asked, data, model)
        if {"target", "targets"} <= asked.keys():
            yield Unused("target", "--targets says what to forecast", "leave one of the two out")
        for name in {"val_fraction", "test_fraction", "split_column"} & asked.keys() if "splits" in asked else ():
            yield Unused(name, "--splits gives the lengths of all parts", "leave one of the two out")

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Mean over what is known of the futures, in standardised units."""
        past, covariates, future = batch
        forecast = model(past, covariates).float()  # (B, horizon, S)
        known = torch.isfinite(future)
        errors = self._errors(forecast, torch.where(known, future, forecast.detach()))
        return errors.sum() / known.sum().clamp(min=1)

    def loss_weight(self, batch: Batch) -> Tensor:
        """What the mean in `loss` divides by: how many values of the futures are known."""
        return torch.isfinite(batch[-1]).sum().float()

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 512) -> Outputs:
        """Forecasts and truths in the unit of the data; losses in standardised units."""
        model.eval()
        forecasts, truths = [], []
        for past, covariates, future in in_order(examples, batch_size, device_of(model)):
            forecasts.append(model(past, covariates).float().cpu())
            truths.append(future.cpu())
        return self._outputs(torch.cat(forecasts), torch.cat(truths))

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        targets, losses = _judged(outputs)
        return {"loss": float(losses.mean()), "mae": float(np.abs(outputs.predictions - targets).mean())}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        plan, (targets, _) = self.plan, _judged(outputs)
        return scores.evaluate(
            outputs.predictions, targets, plan.mase_scale, plan.targets, deviations=plan.deviations, seed=self.seed
        )

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The seasonal naive forecast: what was one season before comes again."""
        windows: Windows = prepared.test  # type: ignore[assignment]
        truth = windows.batch(torch.arange(len(windows)))[2]
        outputs = self._outputs(windows.season_before(self.plan.season), truth)
        name = f"seasonal naive ({self.plan.season} steps)" if self.plan.season > 1 else "last value"
        return {**self.evaluate(outputs), "name": name}

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The worst windows that do not overlap, each with the series in which it went most wrong."""
        windows: Windows = prepared.test  # type: ignore[assignment]
        origins = windows.origins.numpy()
        chosen: list[int] = []
        for i in np.argsort(-_judged(outputs)[1], kind="stable").tolist():
            if len(chosen) < count and all(abs(origins[i] - origins[j]) >= self.plan.horizon for j in chosen):
                chosen.append(i)
        return [self._mistake(outputs, windows, i) for i in chosen]

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """One record a future step: its time and a value for each series; a rolling forecast counts its steps."""
        plan = self.plan
        if "time" in names:
            heads = [{plan.axis.name: time} for time in names["time"]]
        else:
            heads = [{"begins": begins, "step": h + 1} for begins in names["begins"] for h in range(plan.horizon)]
        rows = outputs.predictions.reshape(-1, len(plan.targets)).tolist()
        return [head | dict(zip(plan.targets, row)) for head, row in zip(heads, rows, strict=True)]

    # -- pieces -------------------------------------------------------------------------------------------------

    @property
    def _options(self) -> Config:
        return self.config or Config()

    def _parts(self, series: Series, bounds: Bounds) -> tuple[dict[str, Windows], list[Guess]]:
        """Windows of the three parts: those are left out of whose future nothing (train) or not all is known."""
        parts, guesses = {}, []
        for name, start, stop in zip(("train", "val", "test"), (0, *bounds), bounds):
            stride = self._options.stride if name == "train" else self._evaluation_stride(stop - start)
            origins = origins_between(start, stop, self.plan.context, self.plan.horizon, stride)
            parts[name] = self.plan.windows(series, origins).with_known_future(NEVER if name == "train" else 1.0)
            if len(parts[name]) == 0:
                raise DataError(
                    f"every {name} window has gaps in its future: choose a shorter --horizon or other --splits"
                )
            if lost := len(origins) - len(parts[name]):
                why = f"{lost:,} more have gaps in their future; what is not known is not scored"
                guesses.append(Guess(f"{name} windows", f"{len(parts[name]):,}", why, "--horizon"))
        return parts, guesses

    def _evaluation_stride(self, steps: int) -> int:
        return max(1, steps * self.plan.horizon * len(self.plan.targets) // MAX_VALUES)

    def _errors(self, forecast: Tensor, truth: Tensor) -> Tensor:
        loss = {"mse": F.mse_loss, "mae": F.l1_loss, "huber": F.huber_loss}[self._options.loss]
        return loss(forecast, truth, reduction="none")

    def _outputs(self, forecast: Tensor, truth: Tensor) -> Outputs:
        """Standardised forecasts and truths (N, horizon, S), back in the unit of the data."""
        back = self.plan.standardizer.backward
        predictions = back(forecast.double().numpy())
        if not torch.isfinite(truth).any():
            return Outputs(predictions, None)
        losses = self._errors(forecast, truth).mean(dim=(1, 2)).double().numpy()
        return Outputs(predictions, back(truth.double().numpy()), losses)

    def _mistake(self, outputs: Outputs, windows: Windows, i: int) -> dict[str, Any]:
        targets, losses = _judged(outputs)
        predicted, target = outputs.predictions[i], targets[i]  # (horizon, S)
        worst = int((np.abs(predicted - target) / self.plan.deviations).mean(axis=0).argmax())
        past = self.plan.standardizer.backward(windows.batch(torch.tensor([i]))[0][0].double().numpy())  # (context, S)
        return {
            "id": self.times[int(windows.origins[i])],
            "text": f"{self.plan.targets[worst]}: {self.plan.horizon} steps",
            "target": float(target[:, worst].mean()),
            "predicted": float(predicted[:, worst].mean()),
            "loss": float(losses[i]),
            "series": {
                "past": past[-3 * self.plan.horizon :, worst].tolist(),
                "target": target[:, worst].tolist(),
                "predicted": predicted[:, worst].tolist(),
            },
        }

    def _require_length(self, series: Series, name: str, with_target: bool) -> None:
        horizon = self.plan.horizon if with_target else 0
        if len(series) < self.plan.context + horizon:
            future = f" and {horizon} of its future" if horizon else ""
            raise DataError(
                f"{name} has {len(series)} steps: expected at least {self.plan.context} of the past{future}, the most "
                "recent last; give a longer series"
            )


def _require_table(data: Data) -> Table:
    if not isinstance(data, Table):
        raise DataError(f"{data.name} is no table: forecasting needs a time column and columns of numbers")
    return data


def _judged(outputs: Outputs) -> tuple[np.ndarray, np.ndarray]:
    """Truths and losses; only a forecast of the real future has none."""
    assert outputs.targets is not None
    assert outputs.losses is not None
    return outputs.targets, outputs.losses
