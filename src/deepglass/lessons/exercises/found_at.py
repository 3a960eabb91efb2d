"""Lesson 80: how many of the ill are found, if so many of the well are to be left in peace."""

import math

import numpy as np

from deepglass.course.judging.description import Description
from deepglass.evaluate import operating_points


def found_at(risks, ill, specificity):
    """Sensitivity above the lowest risk that at least this share of the well does not exceed."""
    return float((risks[ill] > operating_points.cut_for(risks[~ill], specificity)).mean())


def cases(rng):
    """Six people by hand, one of the ill exactly on the cut; nobody alarmed; then drawn ones."""
    risks, ill = np.array([0.1, 0.2, 0.3, 0.6, 0.3, 0.9]), np.array([False, False, False, False, True, True])
    yield risks, ill, 0.75
    yield risks, ill, 0.5
    yield risks, ill, 1.0
    for count, specificity in ((60, 0.9), (80, 0.8), (45, 0.5)):
        drawn = rng.permutation(count) / count
        yield drawn, rng.random(count) < 0.2 + 0.6 * drawn, specificity


def tell(risks, ill, specificity):
    """Small ones in full."""
    if len(risks) > 6:
        return f"For {len(risks)} random people and a specificity of {specificity}"
    return f"For risks = {risks.tolist()}, ill = {ill.tolist()}, specificity = {specificity}"


def _rank(specificity, count):
    return math.ceil(specificity * count - 1e-9) - 1


EXERCISE = Description(
    name="found_at",
    task="<code>risks</code> holds what a network suspects of each person, <code>ill</code> whether it is so (True or "
    "False). The cut is the lowest risk of a well person such that at least the share <code>specificity</code> of the "
    "well lie at or below it; an alarm is raised above the cut. Give back which share of the ill is found.",
    stub="""
        def found_at(risks, ill, specificity):
            # your lines here
            return 0.0
    """,
    solution="""
        def found_at(risks, ill, specificity):
            well = np.sort(risks[~ill])
            rank = int(np.ceil(specificity * len(well) - 1e-9))
            return (risks[ill] > well[rank - 1]).mean()
    """,
    hint="Sort the risks of the well, <code>risks[~ill]</code>. The cut is the one of rank specificity · their number, "
    "rounded up, counted from 1.",
    answer=found_at,
    cases=cases,
    tell=tell,
    gives="one number",
    praise="The well alone say where the cut is; the ill say what it is worth.",
    slips=(
        (
            lambda r, ill, s: (r[ill] >= np.sort(r[~ill])[_rank(s, (~ill).sum())]).mean(),
            "Who lies exactly on the cut is left in peace: an alarm is raised above it.",
        ),
        (
            lambda r, ill, s: (r[ill] > np.sort(r)[_rank(s, len(r))]).mean(),
            "The cut is chosen among the well, not among all.",
        ),
        (
            lambda r, ill, s: (r[ill] > s).mean(),
            "The specificity is a share of the well and not a risk.",
        ),
        (
            lambda r, ill, s: ((r > np.sort(r[~ill])[_rank(s, (~ill).sum())]) & ill).mean(),
            "That is a share of all people; asked is one of the ill.",
        ),
        (
            lambda r, ill, s: (r[~ill] > np.sort(r[~ill])[_rank(s, (~ill).sum())]).mean(),
            "That is the share of the well who are alarmed.",
        ),
    ),
    right=(
        """
        def found_at(risks, ill, specificity):
            for cut in sorted(risks[~ill]):
                if np.mean(risks[~ill] <= cut) >= specificity - 1e-9:
                    break
            return sum(1 for risk, is_ill in zip(risks, ill) if is_ill and risk > cut) / ill.sum()
        """,
        """
        def found_at(r, y, s):
            cut = np.quantile(r[~y], s, method="inverted_cdf")
            return float(np.count_nonzero(r[y] > cut)) / np.count_nonzero(y)
        """,
        """
        def found_at(risks, ill, specificity):
            r, y = torch.tensor(risks), torch.tensor(ill)
            well = r[~y].sort().values
            rank = int(-(-round(specificity * len(well), 6) // 1))
            return (r[y] > well[rank - 1]).double().mean().item()
        """,
    ),
    wrong=(
        "def found_at(risks, ill, specificity):\n    return (risks[ill] > np.median(risks[~ill])).mean()",
        "def found_at(risks, ill, specificity):\n    return 1 - specificity",
        "def found_at(risks, ill, specificity):\n    return (risks[ill] > np.sort(risks[ill])[0]).mean()",
        "def found_at(risks, ill, specificity):\n    return (risks > np.quantile(risks[~ill], specificity))[ill].sum()",
    ),
)
