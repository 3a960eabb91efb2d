"""Are gradients set to zero between steps? Else every step adds those of all steps before it."""

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "are gradients forgotten between steps"
NEEDS = "observed"
COST = 0.0
EXPLAINS = {
    "forgotten-zero-grad": (
        "learning-rate-high",
        "exploding-gradients",
        "dead-units",
        "plateau",
        "saturation",
        "underfitting",
        "update-ratio",
        "overfitting",
        "batch-norm",
    ),
}


def ask(case: Case) -> list[Finding]:
    """Whether gradients of the step before were still there when backward() began."""
    steps = case.observed.steps[1:]
    stale = [fact for fact in steps if fact.stale]
    if len(steps) < 3 or len(stale) < 0.5 * len(steps):
        return []
    return [
        Finding(
            "forgotten-zero-grad",
            f"in {len(stale):,} of {len(steps):,} steps the gradients of the step before were still there when "
            "backward() began, so the new ones were added to them",
            "call optimizer.zero_grad() before loss.backward()",
            {"steps": len(steps), "with old gradients": len(stale)},
            lesson="52_why_not_learn",
        )
    ]
