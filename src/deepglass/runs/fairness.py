"""What `--fair` does once the network has learnt: thresholds by group where they are asked for, and what was traded.

network (or blend) ── thresholds on training and validation rows ── what answers
                   ── the same network without the constraint    ── both on the test: the gap, the accuracy
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from deepglass.core.device import device_of
from deepglass.core.run_folder import RunFolder
from deepglass.evaluate import fairness
from deepglass.evaluate.intervals import wilson
from deepglass.evaluate.scores import score
from deepglass.runs.blending import Answering
from deepglass.tasks import Outputs
from deepglass.zoo import group_shift
from deepglass.zoo.group_shift import GroupShift

if TYPE_CHECKING:
    from deepglass.runs.job import Job

FEWEST = 30  # rows of a group that get a threshold of their own
ROOM = 1e-6  # of a threshold


def is_asked(job: "Job") -> bool:
    """Whether groups are to be treated alike."""
    return getattr(job.task, "fair", None) is not None


def is_learnt(job: "Job") -> bool:
    """Whether a constraint changes how the network learns."""
    fair = getattr(job.task, "fair", None)
    return fair is not None and fair.is_in_loss


def with_thresholds(job: "Job", answering: Answering, folder: RunFolder) -> Answering:
    """What answers, with a threshold for each group where `--mitigation thresholds` asks for them."""
    folder.remove(group_shift.FILE)  # of an earlier end of this training
    fair = getattr(job.task, "fair", None)
    if fair is None or fair.mitigation != "thresholds":
        return answering
    shift = _shift(job, answering, _place(job))
    group_shift.save(folder, fair.column, shift)
    return replace(answering, model=shift, val=_moved(job, answering.val, shift))


def _moved(job: "Job", val: Outputs, shift: GroupShift) -> Outputs:
    """What the thresholds make of answers for validation rows: those of a blend before it had learnt from them."""
    place = shift.shifts.device
    codes = job.prepared.val.tensors[1].to(place)  # type: ignore[attr-defined]
    logs = shift.moved(torch.from_numpy(val.predictions).to(place), codes)
    return job.task.outputs_of(logs.softmax(dim=1).cpu().numpy(), val.targets)  # type: ignore[arg-type]


def _place(job: "Job") -> int:
    names = [category.name for category in job.task.preprocessor.categories]  # type: ignore[attr-defined]
    return names.index(job.task.fair.column)  # type: ignore[attr-defined]


def _shift(job: "Job", answering: Answering, place: int) -> GroupShift:
    """Thresholds that suit training and validation rows together; codes of few rows share one."""
    task, fair = job.task, job.task.fair  # type: ignore[attr-defined]
    parts = [getattr(job.prepared, name) for name in ("train", "val")]
    outputs = [task.outputs(answering.model, job.prepared.train), answering.val]
    chances = np.concatenate([one.predictions[:, fair.positive] for one in outputs])
    labels = np.concatenate([one.targets == fair.positive for one in outputs])
    codes = np.concatenate([part.tensors[1][:, place].cpu().numpy() for part in parts])
    size = int(task.preprocessor.cardinalities[place])  # type: ignore[attr-defined]
    common = np.bincount(codes, minlength=size) >= FEWEST
    names = np.where(common[codes], codes, -1).astype(str)
    cuts = fairness.thresholds(chances, labels, names, fair.constraint)
    shifts = [-_log_odds(cuts.get(str(code) if common[code] else "-1", 0.5)) for code in range(size)]
    return GroupShift(answering.model, place, fair.positive, shifts).to(device_of(answering.model)).eval()


def _log_odds(chance: float) -> float:
    chance = min(max(chance, ROOM), 1 - ROOM)
    return float(np.log(chance / (1 - chance)))


def traded(job: "Job", test: Outputs, plain: Outputs | None) -> dict[str, Any]:
    """The gap and the accuracy on the test, beside those of the same network without the constraint.

    Args:
        test: Of what answers.
        plain: Of the same network without; None where there is none to compare with.
    """
    fair = job.task.fair  # type: ignore[attr-defined]
    found = {"column": fair.column, "constraint": fair.constraint, "mitigation": fair.mitigation}
    found["positive"] = job.task.classes[fair.positive]  # type: ignore[attr-defined]
    after = _of(job, test)
    return found | after | ({"before": _of(job, plain)} if plain is not None else {})


def _of(job: "Job", outputs: Outputs) -> dict[str, Any]:
    fair, said = job.task.fair, outputs.predictions.argmax(axis=1)  # type: ignore[attr-defined]
    counts, hits = fair.counts("test", said), int((said == outputs.targets).sum())
    large = counts.only(name for name, size in zip(counts.groups, counts.sizes, strict=True) if size >= FEWEST)
    gaps = fairness.gaps(large, job.train_config.seed)
    rates = {name: large.rate(name) for name in fairness.RATES}
    return {
        "gap": gaps[fair.constraint.replace("-", "_")],
        "accuracy": score(hits / len(said), wilson(hits, len(said))),
        "groups": [
            {"group": name, "count": int(large.sizes[i])}
            | {rate: None if np.isnan(values[i]) else float(values[i]) for rate, values in rates.items()}
            for i, name in enumerate(large.groups)
        ],
    }


def sentence(fair: dict[str, Any]) -> str:
    """ "fair to sex (demographic-parity, by reductions): the gap is 1.2 points instead of 17.9, accuracy 84.1 % …"."""
    gap, right = fair["gap"]["value"], fair["accuracy"]["value"]
    told = f"fair to {fair['column']} ({fair['constraint']}, by {fair['mitigation']})"
    if gap is None:
        return f"{told}: the test has too few rows of the groups to say"
    if "before" not in fair or fair["before"]["gap"]["value"] is None:
        return f"{told}: groups are {100 * gap:.1f} points apart, accuracy {100 * right:.1f} %"
    was, had = fair["before"]["gap"]["value"], fair["before"]["accuracy"]["value"]
    missed = "; the constraint was missed: choose another --mitigation" if gap >= was > 0 else ""
    return (
        f"{told}: groups are {100 * gap:.1f} points apart instead of {100 * was:.1f}, at an accuracy of "
        f"{100 * right:.1f} % instead of {100 * had:.1f}{missed}"
    )
