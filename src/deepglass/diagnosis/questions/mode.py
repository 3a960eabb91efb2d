"""Is the model in training mode while it learns, and in evaluation mode while it is judged?"""

import torch
from torch import nn

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.changes import DROPOUTS
from deepglass.diagnosis.judging import BATCH_NORMS

TITLE = "training and evaluation mode"
NEEDS = "observed"
COST = 0.1
EXPLAINS = {
    "mode": (
        "overfitting",
        "little-data",
        "underfitting",
        "batch-norm",
        "plateau",
    )
}
LESSON = "17_holding_back"
RECURRENT = (nn.LSTM, nn.GRU, nn.RNN)


def ask(case: Case) -> list[Finding]:
    """Modes of calls that were learnt from, and of calls without gradients."""
    if case.run is not None:
        return []
    parts = [m for m in case.leaves if _depends_on_mode(m)]
    steps = case.observed.steps
    if not parts or not steps:
        return []
    names = ", ".join(sorted({type(m).__name__ for m in parts}))
    return [*_while_learning(case, names), *_while_judging(case, names)]


def _depends_on_mode(module: nn.Module) -> bool:
    if isinstance(module, DROPOUTS):
        return module.p > 0
    if isinstance(module, RECURRENT):
        return module.dropout > 0
    return isinstance(module, (*BATCH_NORMS, nn.MultiheadAttention)) and getattr(module, "dropout", 1) != 0


def _while_learning(case: Case, names: str) -> list[Finding]:
    steps = case.observed.steps
    outside = [i for i, fact in enumerate(steps) if not fact.is_training]
    if len(outside) < 0.3 * len(steps):
        return []
    since = f"from step {outside[0] + 1:,} on" if outside[0] else "from the first step on"
    return [
        Finding(
            "mode",
            f"{len(outside):,} of {len(steps):,} steps were learnt in evaluation mode ({since}): {names} did not act "
            "as they do while training",
            "call model.train() at the beginning of every epoch, after each evaluation",
            {"steps in evaluation mode": len(outside), "steps": len(steps)},
            strength=len(outside) / len(steps),
            lesson=LESSON,
        )
    ]


def _while_judging(case: Case, names: str) -> list[Finding]:
    modes = case.observed.eval_modes
    wrong = [step for step, is_training in modes if is_training]
    if len(wrong) < 0.5 * len(modes) or not modes:
        return []
    change = _difference(case)
    if change is not None and change < 1e-4:
        return []
    evidence = {"calls in training mode": len(wrong), "calls without gradients": len(modes)}
    return [
        Finding(
            "mode",
            f"{len(wrong):,} of {len(modes):,} calls without gradients were made in training mode: {names} act, so "
            "answers are random or depend on the batch" + (f" (they change by {change:.0%})" if change else ""),
            "call model.eval() before evaluation and prediction, and model.train() afterwards",
            evidence | ({"change of the answers": change} if change is not None else {}),
            strength=0.9,
            lesson=LESSON,
        )
    ]


def _difference(case: Case) -> float | None:
    """By how much the answers of an evaluation differ between the modes, relative to their spread."""
    for call in case.observed.evals:
        if call.is_training and call.inputs and call.outputs:
            try:
                import copy

                module = copy.deepcopy(call.module)
                with torch.no_grad():
                    answers = [mode(module)(*call.inputs) for mode in (nn.Module.train, nn.Module.eval)]
                a, b = (x if isinstance(x, torch.Tensor) else x[0] for x in answers)
                return float((a - b).abs().mean() / (b.std() + 1e-12)) if b.numel() > 1 else None
            except Exception:
                return None
    return None
