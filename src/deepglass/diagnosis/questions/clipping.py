"""Are gradients clipped to next to nothing? The same training without clipping tells."""

import statistics

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case

TITLE = "clipping of gradients"
NEEDS = "replay"
COST = 2.2
EXPLAINS = {
    "clipping": (
        "learning-rate-low",
        "plateau",
        "underfitting",
        "vanishing-gradients",
        "update-ratio",
        "imbalance",
        "input-ignored",
    )
}


def ask(case: Case) -> list[Finding]:
    """Where gradients are clipped, whether learning without it helps."""
    clips = case.observed.clips
    if not clips or clips[0][0] <= 0:
        return []
    largest, norm = clips[0][0], statistics.median(norm for _, norm in clips)
    if norm <= 2 * largest:
        return []
    reach = "have values up to" if case.observed.clips_values else "have a norm of"
    score = case.try_out("without clipping", clip=False)
    if not case.helps(score):
        return []
    return [
        Finding(
            "clipping",
            f"gradients {reach} {norm:.3g} and are clipped to {largest:.3g}; without clipping the same "
            "steps end at "
            f"a loss of {score:.4g} in place of {case.baseline.score:.4g}",
            f"clip to about {norm:.2g}, or not at all" + (" (--clip-gradient)" if case.run is not None else ""),
            {"largest norm": largest, "usual norm": norm, "loss": case.baseline.score, "loss without": score},
            "tried",
            1.0,
            "17_holding_back",
        )
    ]
