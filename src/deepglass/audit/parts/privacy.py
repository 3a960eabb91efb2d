"""Privacy: can somebody who asks the model find out who was in its training? Attacks, and what ε promises."""

from typing import Any

import numpy as np
import torch

from deepglass.audit import FEWEST, Curve, NotSuited, Section, Settings, Table, membership
from deepglass.audit.subject import Subject
from deepglass.evaluate.scores import show
from deepglass.tasks import Outputs

TITLE = "Privacy"
QUESTION = "Can somebody who asks the model find out whether a row was in its training?"
ANSWERS = ("classification", "regression", "labels", "language", "forecasting")
INPUTS = None
USES = ("seed", "rows")

MOST_ROWS = 5_000  # of each side; more only sharpen the interval
CLEAR = 0.55  # an area whose interval lies above it is worth a warning
LEAK = 0.03  # members found at 1 % false alarms, likewise


def audit(subject: Subject, settings: Settings) -> Section:
    """Membership inference: training rows against rows that were held out, by two attacks."""
    if subject.other is not None:
        raise NotSuited("it compares the rows of the training with those it held out, so it takes no other data")
    members, others = (_some(subject, part, settings) for part in ("train", "test"))
    if min(len(members.predictions), len(others.predictions)) < FEWEST:
        raise NotSuited(f"of fewer than {FEWEST} rows on a side too little can be said")
    scores = {"loss threshold": (membership.by_threshold(_losses(members)), membership.by_threshold(_losses(others)))}
    if (sides := _referred(members, others, settings.seed)) is not None:
        scores["beside rows that look alike"] = sides
    numbers: dict[str, dict[str, Any]] = {}
    rows, lines = [], {}
    for name, sides in scores.items():
        found = membership.judged(*sides, seed=settings.seed)
        numbers |= {f"{name}: {key}": value for key, value in found.items()}
        rows.append({"attack": name, **{_TOLD[key]: _with_ends(value) for key, value in found.items()}})
        lines[name] = membership.curve(*sides)
    worst = max(rows, key=lambda row: numbers[f"{row['attack']}: auc"]["value"])["attack"]
    sentences, warnings = _promise(subject, numbers), _warnings(subject, numbers, worst)
    area, found = (numbers[f"{worst}: {key}"] for key in ("auc", "found"))
    lead = (
        f"The stronger attack ({worst}) ranks a training row above a held-out one {100 * area['value']:.1f} % of the "
        f"time, where 50 % is a coin, and finds {100 * found['value']:.1f} % of the training rows at 1 % false alarms."
    )
    curves = [Curve("Training rows found", "false alarms", "training rows found", lines, diagonal=True)]
    method = [
        f"{len(members.predictions):,} rows of the training against {len(others.predictions):,} of the test, drawn "
        f"with seed {settings.seed}; the model is asked as `predict` asks it, its weights are not looked at.",
        "Loss threshold: Yeom et al. 2018. Beside rows that look alike: the loss is compared with that of the "
        f"{membership.NEIGHBOURS} nearest held-out rows in what the model says, in the place of LiRA's shadow models "
        "(Carlini et al. 2022), which would have to be trained by the hundred and find more.",
        "Intervals of 95 %: the bootstrap over rows.",
    ]
    return Section("privacy", TITLE, lead, sentences, numbers, [Table("Attacks", rows)], curves, [], warnings, method)


_TOLD = {"auc": "area (0.5: a coin)", "found": "found at 1 % false alarms (1 %: a coin)", "advantage": "advantage"}


def _some(subject: Subject, part: str, settings: Settings) -> Outputs:
    """What the run says of rows of a part, drawn where there are many."""
    count, most = len(subject.part(part)), settings.rows or MOST_ROWS
    if count <= most:
        return subject.outputs_of(part)
    drawn = np.random.default_rng(settings.seed).choice(count, most, replace=False)
    return subject.outputs_of(part, torch.from_numpy(np.sort(drawn)))


def _losses(outputs: Outputs) -> np.ndarray:
    """(N,) of each example. Raises NotSuited if the task gives none."""
    if outputs.losses is None:
        raise NotSuited("its answers have no loss for each example")
    losses = np.asarray(outputs.losses, dtype=np.float64)
    return losses.reshape(len(losses), -1).mean(axis=1)


def _referred(members: Outputs, others: Outputs, seed: int) -> tuple[np.ndarray, np.ndarray] | None:
    """The second attack: each half of the held-out rows says what the other half's loss should be; None if few."""
    order = np.random.default_rng(seed).permutation(len(others.predictions))
    halves = [np.sort(half) for half in np.array_split(order, 2)]
    if len(halves[1]) < FEWEST:
        return None
    evidence = [_evidence(side) for side in (members, others)]
    codes = [_codes(side) for side in (members, others)]
    scale = codes[1].std(axis=0) + membership.FINITE
    codes = [code / scale for code in codes]
    outside = np.empty(len(order))
    inside = np.zeros(len(evidence[0]))
    for own, reference in (halves, halves[::-1]):
        known = evidence[1][reference], codes[1][reference]
        outside[own] = membership.by_reference(evidence[1][own], codes[1][own], *known)
        inside += membership.by_reference(evidence[0], codes[0], *known) / 2
    return inside, outside


def _evidence(outputs: Outputs) -> np.ndarray:
    losses = _losses(outputs)
    has_classes = outputs.predictions.ndim == 2 and np.issubdtype(outputs.targets.dtype, np.integer)  # type: ignore[union-attr]
    return membership.log_odds_of_truth(losses) if has_classes else -np.log(losses + membership.FINITE)


def _codes(outputs: Outputs) -> np.ndarray:
    """(N, M) what a row looks like to somebody who knows its target and not what the model makes of it."""
    targets = np.asarray(outputs.targets)
    if outputs.predictions.ndim == 2 and targets.ndim == 1 and np.issubdtype(targets.dtype, np.integer):
        return np.eye(outputs.predictions.shape[1])[targets]
    return targets.reshape(len(targets), -1).astype(np.float64)


def _with_ends(value: dict[str, Any]) -> str:
    return f"{value['value']:.3f} ({value['low']:.3f} to {value['high']:.3f})"


def _promise(subject: Subject, numbers: dict[str, dict[str, Any]]) -> list[str]:
    """What a private training promises; notes it among the numbers."""
    told = subject.run.metrics.get("privacy")
    if not told:
        return ["The training promised nothing: `--private EPSILON` bounds what any attack can find out."]
    numbers["epsilon"] = {"value": told["spent"], "low": None, "high": None, "delta": told["delta"]}
    return [
        f"The training promised ε = {told['spent']:.3g} at δ = {told['delta']:.1g}: no attack can multiply its odds "
        "that a row was in the training by more than e^ε, but for a chance of δ.",
        *told["not_private"],
    ]


def _warnings(subject: Subject, numbers: dict[str, dict[str, Any]], worst: str) -> list[str]:
    area, found = (numbers[f"{worst}: {key}"] for key in ("auc", "found"))
    if area["low"] <= CLEAR and found["low"] <= LEAK:
        return []
    gap = ""
    metrics = subject.run.metrics
    name = metrics["test"]["headline"][0]
    if name in metrics["test"]:
        gap = f" (its test {name.replace('_', ' ')} is {show(name, metrics['test'][name]['value'])})"
    return [
        f"the model knows rows of its training{gap}: an outsider tells them from others with an area of "
        f"{area['value']:.2f}; stop earlier, use more rows or a larger --weight-decay, or train with --private EPSILON"
    ]
