"""Is a class so rare that it is never answered?"""

import torch

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "rare classes"
NEEDS = "replay"
COST = 0.3
EXPLAINS: dict[str, tuple[str, ...]] = {"imbalance": ("underfitting", "plateau", "overfitting")}
RARE = 0.12  # share of the rarest class, relative to an equal share
MISSED = 0.25  # recall of it
LESSON = "19_judging"


def ask(case: Case) -> list[Finding]:
    """Shares of classes in the targets, and how many examples of the rarest are answered."""
    known = case.examples or case.rows
    if known is None or not 2 <= case.classes <= 200 or known[1][0].numel() != 1:
        return []
    y = known[1].reshape(-1).long()
    counts = torch.bincount(y.clamp(min=0), minlength=case.classes).double()
    present = counts[counts > 0]
    rare = int(torch.where(counts > 0, counts, torch.inf).argmin())
    share = float(counts[rare] / counts.sum())
    if len(present) < 2 or share * len(present) > 2 * RARE or share > RARE:
        return []
    recall = _recall(case, rare)
    if recall is None or recall > MISSED:
        return []
    return [
        Finding(
            "imbalance",
            f"class {rare} has {share:.1%} of the examples, and {recall:.0%} of those are answered rightly: "
            "answering the "
            "frequent class is nearly always right",
            "weight the loss by class, or draw rare examples more often (CrossEntropyLoss(weight=…), "
            "WeightedRandomSampler)"
            + ("; --class-weights balanced" if case.run is not None else "")
            + ", and judge by balanced accuracy",
            {"share": share, "recall": recall, "examples of it": int(counts[rare])},
            "seen" if case.run is not None else "tried",
            0.7,
            LESSON,
        )
    ]


def _recall(case: Case, rare: int) -> float | None:
    """Of the trained model on recorded steps; of a run on its test examples."""
    if case.run is not None:
        return _recall_of_run(case, rare)
    modules = case.trained()
    for module in modules.values():
        module.eval()
    right = count = 0
    with torch.no_grad():
        for tape in case.tapes:
            answer, target = case.outputs(tape, modules), tape.target
            assert target is not None
            if answer.dim() > 2 or len(answer) != len(target):
                return None
            single = answer.dim() == 1 or answer.shape[1] == 1
            said = (answer.reshape(-1) > _middle(case)).long() if single else answer.argmax(1)
            own = target.reshape(-1).long() == rare
            right, count = right + int((said[own] == rare).sum()), count + int(own.sum())
    return right / count if count else None


def _middle(case: Case) -> float:
    """Of a single number: logits are cut at 0, probabilities at one half."""
    judged = case.tapes[0].judged
    return 0.5 if judged is not None and judged.name == "binary_cross_entropy" else 0.0


def _recall_of_run(case: Case, rare: int) -> float | None:
    known = case.run.folder.read_outputs()
    targets, outputs = known.get("targets"), known.get("outputs")
    if targets is None or outputs is None or outputs.ndim != 2 or not (targets == rare).any():
        return None
    return float((outputs[targets == rare].argmax(axis=1) == rare).mean())
