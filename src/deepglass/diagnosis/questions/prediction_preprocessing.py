"""Are new examples prepared as those of the training were? Their columns, channels or words are compared."""

import torch
from torch import Tensor

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "are inputs of evaluation like those of training"
NEEDS = "observed"
COST = 0.1
EXPLAINS = {
    "prediction-preprocessing": (
        "overfitting",
        "labels-unrelated",
        "little-data",
        "augmentation",
    )
}
FAR, RATIO, DIFFERENT = 1.0, 2.5, 0.5  # standard deviations, of standard deviations, share of words
FEWEST = 20
LESSON = "21_preprocessing"


def ask(case: Case) -> list[Finding]:
    """Statistics of the recorded inputs with and without gradients."""
    calls = [c for c in case.observed.evals if c.inputs and c.step > 0]
    if not calls or not case.observed.tapes:
        return []
    learnt, judged = _gathered(case, calls)
    if learnt is None or judged is None or min(len(learnt), len(judged)) < FEWEST:
        return []
    return _numbers(learnt, judged) if learnt.is_floating_point() else _words(learnt, judged)


def _gathered(case: Case, calls: list) -> tuple[Tensor | None, Tensor | None]:
    """(N, …) and (M, …) of one shape."""
    first = case.observed.tapes[0].inputs
    if not first:
        return None, None
    shape = first[0].shape[1:]
    learnt = [t.inputs[0].detach() for t in case.observed.tapes if t.inputs and t.inputs[0].shape[1:] == shape]
    judged = [c.inputs[0] for c in calls if c.inputs[0].shape[1:] == shape and c.inputs[0].dtype == first[0].dtype]
    return torch.cat(learnt), (torch.cat(judged) if judged else None)


def _numbers(learnt: Tensor, judged: Tensor) -> list[Finding]:
    axes = [0, *range(2, learnt.dim())] if learnt.dim() == 4 else [*range(learnt.dim() - 1)]
    if learnt.dim() < 2:
        return []
    a, b = learnt.float(), judged.float()
    mean_a, mean_b, std_a, std_b = a.mean(axes), b.mean(axes), a.std(axes) + 1e-9, b.std(axes) + 1e-9
    moved = (mean_b - mean_a).abs() / std_a
    scaled = torch.maximum(std_b / std_a, std_a / std_b)
    usual_move, usual_scale = float(moved.median()), float(scaled.median())
    flat = len(moved) > 1 and float((moved > 3).float().mean()) > 0.2
    if usual_move < FAR and usual_scale < RATIO and not flat:
        return []
    if learnt.dim() == 3 and usual_scale < RATIO and usual_move < 3:  # a series goes on
        return []
    return [
        Finding(
            "prediction-preprocessing",
            f"inputs of the evaluation are not like those of the training: means {_listed(mean_b)} against "
            f"{_listed(mean_a)}, "
            f"standard deviations {_listed(std_b)} against {_listed(std_a)}",
            "prepare new examples in the same way, with the numbers of the training data (mean, standard "
            "deviation, order "
            "of columns and channels)",
            {"distance of the means": usual_move, "ratio of the spreads": usual_scale},
            strength=0.9,
            lesson=LESSON,
        )
    ]


def _words(learnt: Tensor, judged: Tensor) -> list[Finding]:
    """Frequencies of ids; half of the distance of the two."""
    most = int(max(learnt.max(), judged.max())) + 1
    if most > 200_000 or most < 4:
        return []
    a, b = (torch.bincount(x.flatten().clamp(min=0), minlength=most).double() for x in (learnt, judged))
    a[0] = b[0] = 0  # padding, as a rule
    if a.sum() == 0 or b.sum() == 0:
        return []
    p, q = a / a.sum(), b / b.sum()
    distance = float((p - q).abs().sum() / 2)
    half = learnt[: len(learnt) // 2], learnt[len(learnt) // 2 :]
    c, d = (torch.bincount(x.flatten().clamp(min=0), minlength=most).double() for x in half)
    c[0] = d[0] = 0
    chance = float((c / c.sum().clamp(min=1) - d / d.sum().clamp(min=1)).abs().sum() / 2)
    sampling = float(((p * (1 - p)) / b.sum()).sqrt().sum() / 2)
    if distance < max(0.2, 2 * chance, 4 * sampling):
        return []
    return [
        Finding(
            "prediction-preprocessing",
            f"ids of the evaluation are not those of the training: {distance:.0%} of the words would have to be others "
            f"(halves of the training data differ by {chance:.0%})",
            "use the vocabulary of the training for all data, and map words that it lacks to one unknown id",
            {"distance": distance, "within training": chance},
            strength=0.9,
            lesson="32_tokens",
        )
    ]


def _listed(x: Tensor) -> str:
    return ", ".join(f"{value:.3g}" for value in x.flatten()[:3].tolist())
