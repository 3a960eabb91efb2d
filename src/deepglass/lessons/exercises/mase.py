"""Lesson 30: the error of a forecast, divided by that of the simple rule."""

import numpy as np

from deepglass.course.judging.description import Description


def mase(past, truth, forecast, m):
    """Mean absolute scaled error."""
    return np.abs(forecast - truth).mean() / np.abs(past[m:] - past[:-m]).mean()


def cases(rng):
    """A perfect forecast, one that is off by one, a season; then drawn ones."""
    past = np.array([1.0, 3.0, 2.0, 4.0])
    yield past, np.array([5.0, 6.0]), np.array([5.0, 6.0]), 1
    yield past, np.array([5.0, 6.0]), np.array([4.0, 7.0]), 1
    yield past, np.array([5.0, 6.0, 1.0]), np.array([4.0, 7.0, 4.0]), 2
    for m in (1, 7):
        past, truth = 20 + rng.normal(size=40).cumsum(), 20 + rng.normal(size=9)
        yield past, truth, truth + rng.normal(0.5, 2, 9), m


EXERCISE = Description(
    name="mase",
    task="Give back the MASE: the mean absolute error of <code>forecast</code>, divided by that of “as <code>m</code> "
    "steps ago” within <code>past</code>.",
    stub="""
        def mase(past, truth, forecast, m):
            # your lines here
            return 0.0
    """,
    solution="""
        def mase(past, truth, forecast, m):
            rule = np.abs(past[m:] - past[:-m]).mean()
            return np.abs(forecast - truth).mean() / rule
    """,
    hint="<code>past[m:]</code> are the values from the m-th on, <code>past[:-m]</code> those m steps before.",
    answer=mase,
    cases=cases,
    praise="Below 1 it knows more than the rule did in the past.",
    slips=(
        (lambda p, t, f, m: np.abs(f - t).mean() / np.abs(np.diff(p)).mean(), "The rule looks m steps back, not one."),
        (
            lambda p, t, f, m: np.sqrt(((f - t) ** 2).mean()) / np.sqrt(((p[m:] - p[:-m]) ** 2).mean()),
            "Absolute errors, not squared ones.",
        ),
        (lambda p, t, f, m: np.abs(f - t).mean(), "That is the error in the unit of the data: divide by the rule's."),
        (lambda p, t, f, m: 1 / mase(p, t, f, m) if mase(p, t, f, m) else 0.0, "Upside down: the forecast is on top."),
        (
            lambda p, t, f, m: abs((f - t).mean()) / np.abs(p[m:] - p[:-m]).mean(),
            "First absolute values, then the mean.",
        ),
    ),
    right=(
        """
        def mase(past, truth, forecast, m):
            rule = sum(abs(past[t] - past[t - m]) for t in range(m, len(past))) / (len(past) - m)
            mine = sum(abs(a - b) for a, b in zip(truth, forecast)) / len(truth)
            return mine / rule
        """,
        """
        def mase(past, truth, forecast, m):
            past, truth, forecast = (torch.tensor(x) for x in (past, truth, forecast))
            return (forecast - truth).abs().mean() / (past[m:] - past[:-m]).abs().mean()
        """,
        """
        def mase(history, actual, said, season):
            history = np.asarray(history)
            return np.mean(np.abs(actual - said) / np.mean(np.abs(history[season:] - history[:len(history) - season])))
        """,
        """
        import pandas as pd
        def mase(past, truth, forecast, m):
            return float(np.mean(abs(truth - forecast)) / pd.Series(past).diff(m).abs().mean())
        """,
    ),
    wrong=(
        """
        def mase(past, truth, forecast, m):
            return np.abs(forecast - truth).mean() / np.abs(np.diff(past)).mean()
        """,
        "def mase(past, truth, forecast, m):\n    return np.abs(forecast - truth).mean()",
        """
        def mase(past, truth, forecast, m):
            return np.abs(past[m:] - past[:-m]).mean() / max(np.abs(forecast - truth).mean(), 1e-9)
        """,
        """
        def mase(past, truth, forecast, m):
            return abs((forecast - truth).mean()) / np.abs(past[m:] - past[:-m]).mean()
        """,
        """
        def mase(past, truth, forecast, m):
            return np.abs(forecast - truth).mean() / np.abs(past[m:] - past[:-m]).sum() * len(past)
        """,
    ),
)
