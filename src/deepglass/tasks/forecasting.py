"""Forecasting: one or many series, their past in, the next `horizon` steps of each out, with an interval.

The rolling protocol of the field: a forecast is made at every step of the test part, each from the `context` steps
before it. Beside the model is the seasonal naive forecast, which repeats the last season (Hyndman and Koehler
2006, https://doi.org/10.1016/j.ijforecast.2006.03.001). For what is decided of the series see `data/fields/past.py`,
for where a model begins `_series_past.py`, for the width of the intervals `_forecast_intervals.py`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.attacks.ball import Room
from deepglass.core.device import device_of
from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import require
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import past
from deepglass.data.preprocess.series import Series
from deepglass.data.preprocess.windows import Windows
from deepglass.data.series.choice import Parts
from deepglass.data.series.plan import SeriesPlan
from deepglass.data.splits import Splits
from deepglass.evaluate.metrics import forecasting as scores
from deepglass.rivals import Time, smoothing
from deepglass.tasks import BaseTask, Outputs, Prepared
from deepglass.tasks import _forecast_answers as said
from deepglass.tasks._forecast_intervals import ForecastIntervals, learnt_from
from deepglass.tasks._linear_solution import Solution
from deepglass.tasks._series_begin import begin_at, move
from deepglass.tasks._series_past import BEGINS_WITH, LOSSES, Start, choose_past
from deepglass.tasks._simple_forecasts import smoothed
from deepglass.zoo import architectures

TRAINING_STEPS = 2500  # optimiser steps in which the linear model settles on two years of hours
MANY_WINDOWS = 50_000  # beyond these larger batches are worth more than further steps
POLISH = 3e-5  # the learning rate where training begins at the best linear forecast
FEW_WINDOWS = 1_000  # below these larger steps make up for their number


@dataclass(frozen=True)
class Config(past.Options):
    """Options of the task."""

    loss: Literal["mse", "mae", "huber"] = "mse"  # squared errors make the mean the best forecast, absolute the median
    coverage: float = 0.8  # share of the truths that an interval shall hold; 0.8 can be learnt from a dozen forecasts
    calendar: Literal["auto", "none"] = "auto"  # whether hour, weekday and year are inputs: if validation clearly gains
    blend: bool | None = None  # begin with several kinds of linear forecasts, weighed; else with ridge regression alone
    refit: bool | None = None  # learn what it began with once more in the end, from the validation part too; usual


class Task(BaseTask):
    """Pasts to futures."""

    name = "forecasting"
    EXPORTS = ("series", "forecast")
    default_model = "dlinear"
    CHECKS = ("series",)
    HONOURS = ("target", "time_column", "series_column", "time_zone", "step", "val_fraction", "test_fraction")
    attacks_spoil = "values"
    INSTEAD: ClassVar[dict[str, str]] = {
        "private": "a moment of a series is in many windows, and a bound per window would not bound it; leave it out",
        "label_smoothing": "a forecast is a number: there are no labels to smooth; leave it out",
        "class_weights": "a forecast is a number and has no classes; leave it out",
        "classes": "a forecast is a number and has no classes; leave it out",
        "mixup": "two pasts are not blended: their futures would not follow; leave it out, or raise --weight-decay",
        "cutmix": "two pasts are not pasted together: their futures would not follow; leave it out",
    }

    inputs: past.Field
    intervals: ForecastIntervals | None = None
    start: Start | None = None  # the best linear forecast, where a model may begin

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config, seed)
        self.inputs = past.Field(config, data_config, seed)

    @property
    def plan(self) -> SeriesPlan:
        """How a table becomes windows."""
        return self.inputs.plan

    @property
    def recent(self) -> dict[str, Any] | None:
        """The end of the series, for a page that forecasts."""
        return self.inputs.recent

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Read the time column, choose what to forecast from what, and cut windows.

        Raises:
            DataError: If the data are not a table, or have no usable time column.
            OptionError: If the coverage is not between 0 and 1.
        """
        if not 0 < self._options.coverage < 1:
            raise OptionError(f"--coverage: expected a share between 0 and 1, got {self._options.coverage:g}")
        found = self.inputs.fit(self.inputs.as_source(data), self._choose_past)
        self.statistics, self.reading = self.inputs.statistics, self.inputs.reading
        return Prepared(**found.examples, dims=self.dims, ids=found.rows, guesses=found.guesses)

    def _choose_past(self, plan: SeriesPlan, series: Series, parts: Parts) -> tuple[SeriesPlan, list[Guess]]:
        """How far to look back, and where a model begins."""
        plan, self.start, guesses = choose_past(plan, series, parts, self._options)
        if self.model and not self._begins(self.model):
            guesses = [guess for guess in guesses if guess.what != BEGINS_WITH]
        return plan, guesses

    @property
    def dims(self) -> dict[str, Any]:
        """What the data determine of a model."""
        return self.inputs.dims

    def state(self) -> dict[str, Any]:
        """Of the series, and their intervals."""
        state = self.inputs.state()
        reading = {"reading": state.pop("reading")}  # is the last part of the files of all versions
        return state | {"intervals": self.intervals.state() if self.intervals else None} | reading

    def load_state(self, state: dict[str, Any]) -> None:
        self.inputs.load_state(state)
        self.statistics, self.reading = self.inputs.statistics, self.inputs.reading
        is_there = state.get("intervals") is not None
        self.intervals = ForecastIntervals.from_state(state["intervals"]) if is_there else None
        if self.intervals is not None:
            shape = (self.plan.horizon, len(self.plan.targets))
            require(self.intervals.low.shape == shape, "ends of the interval at every step ahead")

    def open(self, inputs: Any, *, with_target: bool = False) -> Table:
        """A table of the past, read as the training table was.

        Raises:
            DataError: If it does not fit; names file, column and line.
        """
        return self.inputs.open(inputs)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Windows, dict[str, Any]]:
        """The recent past → one window for each series that ends with it; with truth → a forecast at every step.

        Args:
            inputs: A table (or its path) with the columns of the training data, in any order. Rows after the last
                known target are the future: they carry what is known in advance.
            with_target: Whether the table also holds futures to compare with.

        Raises:
            DataError: If columns are missing, the calendar differs, or the past is too short.
        """
        return self.inputs.read(inputs, with_target=with_target)

    def folds(self, data: Data, number: int) -> list[Splits]:
        """Rolling origin: the later half is cut into `number` blocks, each a test for what lies before it.

        Raises:
            DataError: If the data are not a table.
        """
        return self.inputs.folds(self.inputs.as_source(data), number)

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """About 2,500 steps: fewer windows are seen more often. A model that begins at the best linear forecast is
        only polished: large steps would leave it for good."""
        is_begun = self.start is not None and self._begins(model_name)
        batch_size = 32 if num_examples < MANY_WINDOWS else 128
        epochs = int(np.clip(round(TRAINING_STEPS * batch_size / max(1, num_examples)), 4 if is_begun else 10, 200))
        return {
            "batch_size": batch_size,
            "epochs": min(epochs, 20) if is_begun else epochs,
            "learning_rate": POLISH if is_begun else 1e-3 if num_examples >= FEW_WINDOWS else 5e-3,
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
        for name in {"blend", "refit"} & asked.keys() if not self._begins(model) else ():
            yield Unused(name, "only a dlinear without weights of its own begins with a linear forecast")
        for name in {"val_fraction", "test_fraction", "split_column"} & asked.keys() if "splits" in asked else ():
            yield Unused(name, "--splits gives the lengths of all parts", "leave one of the two out")

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Windows are measured by the task already, or of one series: a constant drift is then a constant."""
        if model_name != "dlinear" or self.start is None:
            return {}
        return {"instance_norm": "mean" if self.start.solution.keeps_levels else "none"}

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """At the best linear forecast, as far as the model can say it."""
        if self.start is not None:
            begin_at(model, self.start.solution)

    def refit(self, model: nn.Module) -> bool:
        """The last steps say most of those that follow: what was linear at the beginning is learnt from them too."""
        if self.start is None or not self._begins("dlinear") or self._options.refit is False:
            return False
        return move(model, self.start.solution, self.start.whole)

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """The best linear forecast of one kind, or exponential smoothing: whichever validates better."""
        val, test = self.inputs.calibration, prepared.test
        losses: dict[str, float] = {}
        answers: dict[str, Callable[[], Outputs]] = {}
        if self.start is not None:
            name, own, whole = self.start.simple
            models = [self._linear_model(prepared, solution) for solution in (own, whole)]
            of_val = self._losses_in_unit(val, torch.from_numpy(self.outputs(models[0], val).predictions))
            losses[name] = float(of_val.nanmean())
            answers[name] = partial(self.outputs, models[1], test)
        if both := smoothed(val, test, self.plan.season, self._losses_in_unit, time):  # type: ignore[arg-type]
            loss = float(self._losses_in_unit(val, both[0]).nanmean())
            of_test = self._losses_in_unit(test, both[1])  # type: ignore[arg-type]
            if loss < losses.get(smoothing.NAME, np.inf):
                losses[smoothing.NAME] = loss
                outputs = partial(said.outputs_in_unit, self.plan, self.intervals, test, both[1], of_test)
                answers[smoothing.NAME] = outputs
        if not losses:
            return None
        best = min(losses, key=losses.__getitem__)
        return best, answers[best]()

    def _linear_model(self, prepared: Prepared, solution: Solution) -> nn.Module:
        """A model that says what a linear forecast says."""
        settings = {"instance_norm": "none", "task": self.name}
        model = architectures.load("dlinear", **settings, **prepared.dims)
        begin_at(model, solution)
        return model

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Mean over what is known of the futures, in standardised units."""
        *inputs, future = batch
        forecast = model(*inputs).float()  # (B, horizon, S)
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
        forecasts, losses = [], []
        for *inputs, future in in_order(examples, batch_size, device_of(model)):
            forecast = model(*inputs).float()
            known = torch.isfinite(future)
            errors = self._errors(forecast, torch.where(known, future, forecast))
            losses.append((errors.sum(dim=(1, 2)) / known.sum(dim=(1, 2)).clamp(min=1)).double().cpu())
            forecasts.append(forecast.cpu())
        return said.outputs_of(self.plan, self.intervals, examples, torch.cat(forecasts), torch.cat(losses))

    @torch.no_grad()
    def calibrate(self, model: nn.Module, prepared: Prepared) -> bool:
        """Learn from the validation part how far a truth may lie from its forecast."""
        windows, device = self.inputs.calibration.to(device_of(model)), device_of(model)
        model.eval()
        forecasts = [model(*inputs).float().cpu() for *inputs, _ in in_order(windows, 512, device)]
        said_of = windows.in_unit(torch.cat(forecasts)).numpy()
        moments = (windows.origins[:, None] + windows.around[windows.context :]).cpu().numpy()
        self.intervals = learnt_from(windows, said_of, moments, self.plan.lowest, self._options.coverage)
        return True

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        targets, losses = _judged(outputs)
        errors = np.abs(outputs.predictions - targets)
        return {"loss": float(losses.mean()), "mae": float(np.nanmean(errors))}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        result = scores.evaluate(said.judged_of(self.plan, outputs), seed=self.seed)
        return said.with_details(result, self.plan, self.intervals, self._options.coverage)

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The seasonal naive forecast, or the last value where that was better in training, on the same windows."""
        windows: Windows = prepared.test  # type: ignore[assignment]
        lag = self.plan.baseline_lag
        outputs = said.outputs_in_unit(self.plan, None, windows, windows.season_before(lag), torch.zeros(len(windows)))
        result = scores.evaluate(said.judged_of(self.plan, outputs), seed=self.seed)
        return {**result, "name": f"seasonal naive ({lag} steps)" if lag > 1 else "last value"}

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The worst windows that do not overlap, each with the target in which it went most wrong."""
        windows: Windows = prepared.test  # type: ignore[assignment]
        origins, horizon = windows.origins.numpy(), self.plan.horizon
        chosen: list[int] = []
        for i in np.argsort(-_judged(outputs)[1], kind="stable").tolist():
            if len(chosen) < count and all(abs(origins[i] - origins[j]) >= horizon for j in chosen):
                chosen.append(i)
        return [said.mistake(self.plan, outputs, windows, i) for i in chosen]

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """One record a future step: series, time, and of each target a value and its interval."""
        return said.records(self.plan, outputs, names)

    @property
    def own_coverage(self) -> float:
        """That of the intervals, which were learnt in training."""
        return self.intervals.coverage if self.intervals else self._options.coverage

    @property
    def explained_as(self) -> str | None:
        """As series."""
        return "series"

    @property
    def score_names(self) -> list[str]:
        """Each target at each step ahead."""
        steps = range(1, self.plan.horizon + 1)
        return [f"{name} +{step}" for step in steps for name in self.plan.targets]

    @property
    def score_unit(self) -> str:
        """Of the values that the network forecasts."""
        return "standard deviations"

    def scores(self, said: Tensor) -> Tensor:
        """(B, horizon · S) the forecast of each target at each step ahead, standardised."""
        return said.flatten(1)

    def room(self, inputs: tuple[Tensor, ...]) -> Room:
        """Every value of the past."""
        past = inputs[0]
        edge = past.new_tensor(torch.inf)
        return Room(0, torch.ones_like(edge), -edge, edge, "standard deviations, as the network sees a past")

    # -- pieces -------------------------------------------------------------------------------------------------

    @property
    def _options(self) -> Config:
        return self.config or Config()

    def _begins(self, model_name: str) -> bool:
        """Whether such a model begins with a linear forecast, and keeps it."""
        is_kept = self.pretrained is None and self.train_config.initializer == "default"
        return model_name == "dlinear" and is_kept

    def _errors(self, forecast: Tensor, truth: Tensor) -> Tensor:
        return LOSSES[self._options.loss](forecast, truth, reduction="none")

    def _losses_in_unit(self, windows: Windows, forecasts: Tensor) -> Tensor:
        """(N,) the mean loss of forecasts in the unit of the data over what is known, each series in its deviations."""
        spread, futures = windows.steps.spread[windows.series_of()][:, None], windows.futures()
        errors = self._errors(forecasts.double() / spread, futures / spread)
        return errors.flatten(1).nanmean(dim=1)


def _judged(outputs: Outputs) -> tuple[np.ndarray, np.ndarray]:
    """Truths and losses; only a forecast of the real future has none."""
    assert outputs.targets is not None
    assert outputs.losses is not None
    return outputs.targets, outputs.losses
