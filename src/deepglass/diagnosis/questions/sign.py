"""Does training make the loss smaller, and not larger?"""

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "is the loss made smaller"
NEEDS = "observed"
COST = 0.0
EXPLAINS = {
    "wrong-sign": (
        "learning-rate-high",
        "exploding-gradients",
        "underfitting",
        "saturation",
        "dead-units",
        "plateau",
        "overfitting",
        "loss-input",
    ),
}


def ask(case: Case) -> list[Finding]:
    """The sign of what is stepped on, and `maximize` of the optimiser."""
    observed = case.observed
    turned = [fact for fact in observed.steps[:64] if fact.sign < 0]
    maximizes = bool(observed.settings.get("maximize")) and len(observed.losses) > 0
    losses = observed.train_losses()
    if (len(turned) < 3 and not maximizes) or (len(turned) >= 3 and maximizes) or len(losses) < 6:
        return []
    what = "the optimiser was made with maximize=True" if maximizes else "backward() is called on minus the loss"
    return [
        Finding(
            "wrong-sign",
            f"{what}: the loss grows, from {losses[0]:.3g} to {case.ended:.3g}",
            "leave maximize out" if maximizes else "call backward() on the loss itself",
            {"first loss": losses[0], "last loss": case.ended},
            lesson="12_gradient_descent",
        )
    ]
