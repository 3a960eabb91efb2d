"""Does anything learn at all? Steps without gradients, gradients without steps."""

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "are weights changed by gradients"
NEEDS = "observed"
COST = 0.0
EXPLAINS = {
    "gradients-wiped": (
        "cut-graph",
        "learning-rate-low",
        "learning-rate-high",
        "plateau",
        "vanishing-gradients",
        "not-in-optimizer",
        "input-ignored",
        "underfitting",
    ),
    "no-step": ("learning-rate-low", "plateau", "underfitting", "not-in-optimizer", "forgotten-zero-grad"),
}
FEW = 3  # steps that say nothing yet
LESSON = "12_gradient_descent"


def ask(case: Case) -> list[Finding]:
    """Facts of all steps."""
    observed, steps = case.observed, case.observed.steps
    if not observed.modules:
        return []
    if observed.never_called_backward and len(observed.eval_modes) > FEW:
        return [
            Finding(
                "no-step",
                "the model answers, but backward() was never called: nothing is learnt",
                "call loss.backward() and optimizer.step() for every batch",
                {"calls of the model": len(observed.eval_modes), "backward passes": 0},
                lesson=LESSON,
            )
        ]
    stepped = [fact for fact in steps if fact.stepped]
    if len(steps) >= FEW and not stepped and not _weights_moved(case):
        return [
            Finding(
                "no-step",
                f"{len(steps):,} backward passes, but no optimiser ever stepped: the weights never change",
                "call optimizer.step() after loss.backward()",
                {"backward passes": len(steps), "steps": 0},
                lesson=LESSON,
            )
        ]
    wiped = [fact for fact in stepped if fact.without_gradient]
    is_own = bool(observed.optimized & {id(p) for p in observed.parameters.values()})
    if len(stepped) >= FEW and len(wiped) > 0.9 * len(stepped) and is_own and _gets_gradients(case):
        return [
            Finding(
                "gradients-wiped",
                f"in {len(wiped):,} of {len(stepped):,} steps no weight had a gradient when the optimiser stepped, "
                "though backward() had computed them: they were set to zero in between",
                "call zero_grad() before loss.backward(), not between backward() and step()",
                {"steps": len(stepped), "steps without gradients": len(wiped)},
                lesson=LESSON,
            )
        ]
    return []


def _gets_gradients(case: Case) -> bool:
    """Whether a backward pass of a recorded step reaches a weight that is optimised."""
    if not case.can_replay:
        return True
    from deepglass.diagnosis.observing.tape import replay

    modules = case.fresh()
    replay(case.tapes[0], modules).backward()
    return any(p.grad is not None and bool(p.grad.any()) for m in modules.values() for p in m.parameters())


def _weights_moved(case: Case) -> bool:
    """Whether weights were changed by hand."""
    import torch

    return any(
        not torch.equal(p.detach(), q.detach())
        for module in case.observed.modules
        if id(module) in case.observed.initial
        for p, q in zip(module.parameters(), case.observed.initial[id(module)].parameters())
    )
