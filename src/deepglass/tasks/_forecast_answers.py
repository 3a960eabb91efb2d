"""What is made of forecasts: outputs in the unit of the data, records for people, the windows that went wrong."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.data.preprocess.windows import Windows
from deepglass.data.series.plan import SeriesPlan
from deepglass.evaluate.metrics.forecasting import Judged
from deepglass.tasks import Outputs
from deepglass.tasks._forecast_intervals import ForecastIntervals, fewest

SHOWN_HORIZONS = 3  # of a past in the picture of a window


def outputs_of(
    plan: SeriesPlan, intervals: ForecastIntervals | None, windows: Any, forecasts: Tensor, losses: Tensor
) -> Outputs:
    """Forecasts of a model (N, horizon, S) with their truths, intervals and origins, in the unit of the data."""
    return outputs_in_unit(plan, intervals, windows, windows.in_unit(forecasts), losses)


def outputs_in_unit(
    plan: SeriesPlan, intervals: ForecastIntervals | None, windows: Any, forecasts: Tensor, losses: Tensor
) -> Outputs:
    """Likewise, of forecasts that have the unit of the data already."""
    predictions = np.fmax(forecasts.numpy(), plan.lowest)
    futures = windows.futures().numpy()
    extra: dict[str, np.ndarray] = {}
    if intervals is not None:
        extra["lower"], extra["upper"] = intervals.around(forecasts.numpy(), windows, plan.lowest)
    extra["begins"] = origins_of(plan, windows)
    if plan.is_long:
        extra["series"] = np.array(["\t".join(windows.steps.names[i]) for i in windows.series_of().tolist()])
    if not np.isfinite(futures).any():
        return Outputs(predictions, None, None, extra)
    return Outputs(predictions, futures, losses.double().numpy(), extra)


def origins_of(plan: SeriesPlan, windows: Any) -> np.ndarray:
    """When each future begins (N,), by the clock on the wall; the step where steps are only counted."""
    origins = windows.origins.cpu().numpy()
    if windows.steps.times is None:
        return origins
    times = windows.steps.times[origins]
    return plan.axis.on_wall(times)


def judged_of(plan: SeriesPlan, outputs: Outputs) -> Judged:
    """Outputs as the scores want them, with the scales of each series in training."""
    assert outputs.targets is not None
    extra = outputs.extra
    common = (outputs.predictions, outputs.targets)
    ends = {"begins": extra["begins"], "lower": extra.get("lower"), "upper": extra.get("upper")}
    if not plan.is_long:
        return Judged(*common, plan.mase_scale[0], plan.targets, deviations=plan.deviations[0], **ends)
    names, group = np.unique(extra["series"], return_inverse=True)
    place = {"\t".join(name): i for i, name in enumerate(plan.names)}
    rows = np.array([place.get(name, len(place)) for name in names.tolist()])[group]
    unknown = np.full((1, len(plan.targets)), np.nan)  # a series that training did not have
    scale = np.concatenate([plan.mase_scale, unknown])[rows]
    return Judged(*common, scale, [name.replace("\t", " ") for name in names.tolist()], group=group, **ends)


def with_details(
    result: dict[str, Any], plan: SeriesPlan, intervals: ForecastIntervals | None, coverage: float
) -> dict[str, Any]:
    """The scores with what a reader must know of them."""
    result["details"] |= {"horizon": plan.horizon, "asked_coverage": coverage, "step": str(plan.axis)}
    if intervals is None:
        result["details"]["no_interval"] = (
            f"fewer than {fewest(coverage)} times of the validation part have a known truth, and so many are needed "
            f"for an interval that holds {100 * coverage:g} % of the truths"
        )
    return result


def records(plan: SeriesPlan, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
    """One record a step of each forecast: keys, time (or origin and step), and of each target value, lower, upper."""
    found = []
    for i, key in enumerate(names["series"]):
        head = dict(zip(plan.columns.keys, key, strict=True))
        if "time" in names:
            steps = [{plan.axis.name: time} for time in names["time"][i]]
        else:
            steps = [{"begins": names["begins"][i], "step": h + 1} for h in range(plan.horizon)]
        found += [head | step | _values(plan, outputs, i, h) for h, step in enumerate(steps)]
    return found


def _values(plan: SeriesPlan, outputs: Outputs, i: int, h: int) -> dict[str, float]:
    values: dict[str, float] = {}
    for s, name in enumerate(plan.targets):
        values[name] = _rounded(outputs.predictions[i, h, s])
        for end in ("lower", "upper"):
            if end in outputs.extra:
                values[f"{name}_{end}"] = _rounded(outputs.extra[end][i, h, s])
    return values


def _rounded(value: Any) -> float:
    """To seven digits: networks compute in float32 and know no more."""
    return float(f"{value:.7g}")


def mistake(plan: SeriesPlan, outputs: Outputs, windows: Windows, i: int) -> dict[str, Any]:
    """A window for the report, of the target in which it went most wrong."""
    assert outputs.targets is not None
    assert outputs.losses is not None
    predicted, target = outputs.predictions[i], outputs.targets[i]  # (horizon, S)
    series = int(windows.series_of()[i])
    worst = int(np.nanmean(np.abs(predicted - target) / windows.steps.spread[series].numpy(), axis=0).argmax())
    steps = windows.origins[i] + torch.arange(-SHOWN_HORIZONS * plan.horizon, plan.horizon)
    steps = steps[(steps >= 0) & (steps >= windows.origins[i] - windows.context)]
    past = (
        windows.steps.truth[steps[: -plan.horizon]].double() * windows.steps.spread[series]
        + windows.steps.level[series]
    )
    times = plan.axis.texts(windows.steps.times[steps.numpy()]) if windows.steps.times is not None else None
    name = " ".join([*windows.steps.names[series], plan.targets[worst]])
    shown = {
        "past": past[:, worst].tolist(),
        "target": target[:, worst].tolist(),
        "predicted": predicted[:, worst].tolist(),
        "times": times,
        **{end: outputs.extra[end][i, :, worst].tolist() for end in ("lower", "upper") if end in outputs.extra},
    }
    return {
        "id": times[-plan.horizon] if times is not None else int(windows.origins[i]),
        "text": f"{name}: {plan.horizon} steps",
        "target": float(np.nanmean(target[:, worst])),
        "predicted": float(predicted[:, worst].mean()),
        "loss": float(outputs.losses[i]),
        "series": {key: _plain(value) for key, value in shown.items() if value is not None},
    }


def _plain(values: list[Any]) -> list[Any]:
    """As JSON can hold it: what is not known becomes None."""
    return [None if isinstance(value, float) and np.isnan(value) else value for value in values]
