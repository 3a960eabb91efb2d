"""Does the loss get what it was made for? Log-probabilities for nll_loss, several logits for cross entropy."""

import torch

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.observing.observed import LossCall
from deepglass.diagnosis.observing.observer import is_distribution

TITLE = "does the loss get what it expects"
NEEDS = "observed"
COST = 0.0
EXPLAINS = {
    "loss-input": (
        "underfitting",
        "plateau",
        "learning-rate-high",
        "learning-rate-low",
        "exploding-gradients",
        "output-range",
        "vanishing-gradients",
        "one-batch",
        "dead-units",
        "overfitting",
        "update-ratio",
    ),
}


def ask(case: Case) -> list[Finding]:
    """Recorded calls of loss functions."""
    calls = case.observed.losses
    nll = [call for call in calls if call.name == "nll_loss" and call.input.dim() > 1]
    if nll and not any(_sums_to_one(call) for call in nll) and not _is_normal_elsewhere(nll):
        what = (
            "probabilities"
            if all(bool((call.input >= 0).all()) for call in nll)
            else "numbers that are no log-probabilities"
        )
        return [_finding("nll_loss", what, "use F.cross_entropy on logits, or log_softmax(dim=1) before nll_loss", nll)]
    binary = [call for call in calls if call.name == "binary_cross_entropy" and _is_one_of_many(call)]
    if binary and len(binary) == len(calls):
        mend = "give BCEWithLogitsLoss the logits, or take a sigmoid for each label: softmax lets only one be true"
        return [_finding("binary_cross_entropy", "rows of probabilities that sum to one", mend, binary)]
    single = [
        call for call in calls if call.name == "cross_entropy" and call.input.dim() > 1 and call.input.shape[1] == 1
    ]
    if single:
        mend = "answer with one number per class, or use BCEWithLogitsLoss for one number"
        return [_finding("cross_entropy", "a single class, whose probability is always 1", mend, single)]
    constant = [call for call in calls if isinstance(call.target, torch.Tensor) and _soft_targets_do_not_sum(call)]
    if constant and len(constant) == len(calls):
        mend = "use BCEWithLogitsLoss for several labels at once, or targets that sum to one"
        return [_finding("cross_entropy", "targets whose rows do not sum to one", mend, constant)]
    codes = [call for call in calls if call.name in ("mse_loss", "l1_loss", "smooth_l1_loss") and _is_codes(call)]
    if codes and len(codes) == len(calls) and case.classes == 0:
        mend = "answer with one logit per class and use cross_entropy: codes of classes have no order"
        return [_finding(codes[0].name, "whole numbers that look like codes of classes", mend, codes, 0.4)]
    return []


def _sums_to_one(call: LossCall) -> bool:
    return bool(((call.input.float().exp().sum(1) - 1).abs() < 1e-2).all())


def _is_normal_elsewhere(calls: list[LossCall]) -> bool:
    """Whether they are normalised along another axis: that is another question's."""
    return all(
        any(bool(((c.input.float().exp().sum(dim) - 1).abs() < 1e-2).all()) for dim in range(c.input.dim()) if dim != 1)
        for c in calls
    )


def _soft_targets_do_not_sum(call: LossCall) -> bool:
    target = call.target
    if call.name != "cross_entropy" or not target.is_floating_point() or target.shape != call.input.shape:
        return False
    return bool(((target.sum(1) - 1).abs() > 1e-2).any())


def _is_one_of_many(call: LossCall) -> bool:
    """Whether answers are a distribution over labels, several or none of which may be true."""
    target = call.target
    if not isinstance(target, torch.Tensor) or target.shape != call.input.shape or not is_distribution(call.input, -1):
        return False
    return call.input.dim() == 2 and bool(((target.sum(1) - 1).abs() > 1e-2).any())


def _is_codes(call: LossCall) -> bool:
    """Few whole numbers against an answer that has several columns."""
    target = call.target
    if not isinstance(target, torch.Tensor) or target.is_floating_point():
        return False
    return 2 < len(target.unique()) <= 20


def _finding(function: str, got: str, mend: str, calls: list[LossCall], strength: float = 1.0) -> Finding:
    shapes = {"input": list(calls[0].input.shape), "target": list(getattr(calls[0].target, "shape", ()))}
    sentence = f"{function} got {got}: what it computes is not the loss that it is named after"
    return Finding("loss-input", sentence, mend, {"calls": len(calls), **shapes}, strength=strength, lesson="09_losses")
