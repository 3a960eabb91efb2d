"""Lesson 70: what acting on risks is worth, at a threshold."""

import numpy as np

from deepglass.course.judging.description import Description


def net_benefit(risks, ill, threshold):
    """found / N − in vain / N · t / (1 − t)"""
    acts = risks >= threshold
    price = threshold / (1 - threshold)
    return ((acts & ill).sum() - (acts & ~ill).sum() * price) / len(ill)


def cases(rng):
    """Four patients by hand, one of them exactly at the threshold; nobody treated; everybody; then drawn ones."""
    risks, ill = np.array([0.6, 0.2, 0.1, 0.05]), np.array([True, False, True, False])
    yield risks, ill, 0.2
    yield risks, ill, 0.75
    yield risks, ill, 0.04
    for count, threshold in ((30, 0.1), (50, 0.4)):
        drawn = rng.uniform(0.02, 0.9, count)
        yield drawn, rng.random(count) < drawn, threshold


def tell(risks, ill, threshold):
    """Small ones in full."""
    if len(risks) > 4:
        return f"For {len(risks)} random patients and a threshold of {threshold}"
    return f"For risks = {risks.tolist()}, ill = {ill.tolist()}, threshold = {threshold}"


EXERCISE = Description(
    name="net_benefit",
    task="<code>risks</code> holds what each patient was told, <code>ill</code> whether it happened (True or False). "
    "Whoever is told <code>threshold</code> or more is treated. Give back the net benefit per patient: treated ones "
    "who are ill, less treated ones who are not at the price t / (1 − t), over the number of all patients.",
    stub="""
        def net_benefit(risks, ill, threshold):
            # your lines here
            return 0.0
    """,
    solution="""
        def net_benefit(risks, ill, threshold):
            treated = risks >= threshold
            found, in_vain = (treated & ill).sum(), (treated & ~ill).sum()
            return (found - in_vain * threshold / (1 - threshold)) / len(risks)
    """,
    hint="<code>treated & ill</code> are those who are found; <code>~ill</code> turns True and False around.",
    answer=net_benefit,
    cases=cases,
    tell=tell,
    gives="one number",
    praise="Nobody treated is worth 0. Below 0, a rule does more harm than staying at home.",
    slips=(
        (
            lambda risks, ill, t: ((risks >= t) & ill).sum() / len(ill) - ((risks >= t) & ~ill).sum() / len(ill),
            "An alarm in vain costs t / (1 − t), not 1.",
        ),
        (
            lambda risks, ill, t: (((risks >= t) & ill).sum() - ((risks >= t) & ~ill).sum() * (1 - t) / t) / len(ill),
            "The price is the other way round: t / (1 − t).",
        ),
        (
            lambda risks, ill, t: (((risks >= t) & ill).sum() - ((risks >= t) & ~ill).sum() * t) / len(ill),
            "The price is the odds t / (1 − t), not the risk t.",
        ),
        (
            lambda risks, ill, t: ((risks >= t) & ill).sum() - ((risks >= t) & ~ill).sum() * t / (1 - t),
            "That is of all patients together; divide by their number.",
        ),
        (
            lambda risks, ill, t: (((risks > t) & ill).sum() - ((risks > t) & ~ill).sum() * t / (1 - t)) / len(ill),
            "Who is told exactly the threshold is treated, too: at or above.",
        ),
    ),
    right=(
        """
        def net_benefit(risks, ill, threshold):
            total = 0.0
            for risk, is_ill in zip(risks, ill):
                if risk >= threshold:
                    total += 1 if is_ill else -threshold / (1 - threshold)
            return total / len(risks)
        """,
        """
        def net_benefit(r, y, t):
            return float(np.mean((r >= t) * np.where(y, 1, -t / (1 - t))))
        """,
        """
        def net_benefit(risks, ill, threshold):
            r, y = torch.tensor(risks), torch.tensor(ill)
            odds = threshold / (1 - threshold)
            return (y[r >= threshold].sum() - odds * (~y[r >= threshold]).sum()).item() / len(y)
        """,
    ),
    wrong=(
        "def net_benefit(risks, ill, threshold):\n    return ((risks >= threshold) & ill).sum() / len(ill)",
        "def net_benefit(risks, ill, threshold):\n    return ((risks >= threshold) == ill).mean()",
        "def net_benefit(risks, ill, threshold):\n    return ((risks < threshold) & ill).sum() / len(ill)",
        "def net_benefit(risks, ill, threshold):\n    return ill.mean() - (~ill).mean() * threshold / (1 - threshold)",
    ),
)
