"""Are labels wrong here and there? Models that have not seen an example contradict its label where they are surest."""

import numpy as np

from deepglass.diagnosis import Finding
from deepglass.diagnosis.case import Case
from deepglass.diagnosis.label_errors import noise_where_sure, wrong_labels

TITLE = "are labels wrong here and there"
NEEDS = "replay"
COST = 2.7
EXPLAINS = {
    "labels-noisy": (
        "overfitting",
        "little-data",
        "underfitting",
        "plateau",
        "dropout",
    )
}
LEAST = 0.05  # share of contradicted labels where simple models are surest
SHOWN, FEWEST = 5, 100  # rows that are named, examples


def ask(case: Case) -> list[Finding]:
    """Of classes only; cross-validated probabilities of simple models."""
    if case.known is None or not case.classes or len(case.known[1]) < FEWEST:
        return []
    y, found = case.known[1], case.link
    if found.probabilities is None or not found.is_there:
        return []
    codes = np.searchsorted(np.unique(y), y)
    share, lower = noise_where_sure(found.probabilities, codes)
    if lower < LEAST:
        return []
    suspects = wrong_labels(found.probabilities, codes)
    if len(suspects) < 0.05 * len(y):
        return []
    return [
        Finding(
            "labels-noisy",
            f"{share:.0%} of the labels contradict cross-validated models where these are surest; about "
            f"{len(suspects):,} of "
            f"{len(y):,} labels look wrong, first of all rows {', '.join(str(i + 1) for i in suspects[:SHOWN])}",
            "look at these rows and correct them; label smoothing helps with what is left",
            {"contradicted where sure": share, "suspects": len(suspects), "examples": len(y)},
            "tried",
            min(0.9, 0.4 + 2 * share),
            "20_honest_evaluation",
        )
    ]
