"""Lesson 16: fit on some points, judge on the others."""

import numpy as np

from deepglass.course.judging.description import Description


def honest(fit, x, y, is_held):
    """Mean squared errors, seen and held back."""
    errors = (fit(x[~is_held], y[~is_held])(x) - y) ** 2
    return errors[~is_held].mean(), errors[is_held].mean()


def mean_of(x, y):
    """The plainest fit: the mean, wherever it is asked."""
    mean = float(np.mean(y))
    return lambda x: np.full(len(x), mean)


def slanted(x, y):
    """A fit whose answers depend on where it is asked."""
    mean, middle = float(np.mean(y)), float(np.mean(x))
    return lambda x: mean + 0.5 * (np.asarray(x) - middle)


def cases(rng):
    """One point held back, two, and half of them drawn at random; the points are never sorted."""
    x, y = np.array([3.0, 0.0, 5.0, 1.0, 4.0, 2.0]), np.array([9.0, 1.0, 6.0, 3.0, 4.0, 2.0])
    for held in ([3.0], [0.0, 5.0]):
        yield mean_of, x, y, np.isin(x, held)
    for fit in (mean_of, slanted):
        yield fit, rng.permutation(10.0 + np.arange(8)), rng.normal(size=8), rng.permutation(np.arange(8) < 3)


def watch(honest, fit, x, y, is_held):
    """The two errors, and at which places and with which values fit was called."""
    shown = []

    def recorded(x, y):
        shown.append((np.ravel(x).tolist(), np.ravel(y).tolist()))
        return fit(np.ravel(x), np.ravel(y))

    return honest(recorded, x, y, is_held), [[list(pair) for pair in zip(*call)] for call in shown]


def agrees(got, fit, x, y, is_held):
    """What is wrong, or ""."""
    errors, calls = got if isinstance(got, tuple) and len(got) == 2 else (None, ())
    pairs = {(round(float(a), 9), round(float(b), 9)) for call in calls for a, b in call}
    known = {(round(float(a), 9), round(float(b), 9)) for a, b in zip(x[~is_held], y[~is_held])}
    if peeked := sorted({a for a, _ in pairs} & {float(a) for a in x[is_held]}):
        return f"fit was shown x = {peeked}, which are held back: keep them out of the fit."
    if pairs != known:
        return f"fit should see the other {int((~is_held).sum())} points, each x with its own y."
    expected = honest(fit, x, y, is_held)
    try:
        mine = np.array([float(np.ravel(part)[0]) for part in errors])
    except (TypeError, ValueError, IndexError):
        mine = np.zeros(0)
    if mine.shape != (2,):
        return "give back two errors, seen and new."
    if np.allclose(mine, expected[::-1], rtol=1e-5) and not np.allclose(*expected, rtol=1e-5):
        return "the error on the points that were seen comes first, then that on the new ones."
    for value, right, name in zip(mine, expected, ("seen", "new")):
        root = (
            " That is its root; here it is the mean of the squares." if np.isclose(value, right**0.5, rtol=1e-4) else ""
        )
        if not np.isclose(value, right, rtol=1e-5):
            told = f"expected {right:.4g} on the {name} points, got {value:.4g}."
            return f"{told} It is the mean of the squared differences.{root}"
    return ""


EXERCISE = Description(
    name="honest",
    task="<code>fit(x, y)</code> gives back a function that predicts. <code>is_held[i]</code> says that point "
    "<code>i</code> "
    "belongs to the validation set. Fit on the others, and give back the mean squared error on the points that were "
    "seen, and "
    "on those that were not.",
    stub="""
        def honest(fit, x, y, is_held):
            predict = fit(x, y)
            # your lines here
            return 0.0, 0.0
    """,
    solution="""
        def honest(fit, x, y, is_held):
            predict = fit(x[~is_held], y[~is_held])
            errors = (predict(x) - y) ** 2
            return errors[~is_held].mean(), errors[is_held].mean()
    """,
    hint="<code>x[~is_held]</code> are the points that are not held back.",
    answer=honest,
    cases=cases,
    watch=watch,
    agrees=agrees,
    tell=lambda fit, x, y, is_held: f"Held back: x = {np.sort(x[is_held]).tolist()}",
    praise="Fitted on the one part, judged on both: this small function is what keeps a whole field honest.",
    right=(
        """
        def honest(fit, x, y, is_held):
            seen = np.flatnonzero(~is_held)
            new = np.flatnonzero(is_held)
            model = fit(x[seen], y[seen])
            mse = lambda rows: np.mean((y[rows] - model(x[rows])) ** 2)
            return [mse(seen), mse(new)]
        """,
        """
        def honest(fit, x, y, is_held):
            xs = [a for a, h in zip(x, is_held) if not h]
            ys = [b for b, h in zip(y, is_held) if not h]
            f = fit(np.array(xs), np.array(ys))
            total = {True: 0.0, False: 0.0}
            for a, b, h in zip(x, y, is_held):
                total[bool(h)] += float((f(np.array([a]))[0] - b) ** 2)
            return total[False] / len(xs), total[True] / (len(x) - len(xs))
        """,
        """
        def honest(fit, x, y, is_held):
            p = fit(x[is_held == False], y[is_held == False])
            return np.array([np.square(p(x[m]) - y[m]).mean() for m in (~is_held, is_held)])
        """,
        """
        def honest(fit, x, y, is_held):
            predict = fit(x=x[~is_held], y=y[~is_held])
            e = torch.tensor(predict(x) - y) ** 2
            h = torch.tensor(is_held)
            return e[~h].mean(), e[h].mean()
        """,
    ),
    wrong=(
        """
        def honest(fit, x, y, is_held):
            p = fit(x, y)
            e = (p(x) - y) ** 2
            return e[~is_held].mean(), e[is_held].mean()
        """,
        """
        def honest(fit, x, y, is_held):
            p = fit(x[is_held], y[is_held])
            e = (p(x) - y) ** 2
            return e[~is_held].mean(), e[is_held].mean()
        """,
        """
        def honest(fit, x, y, is_held):
            p = fit(x[~is_held], y[~is_held])
            e = (p(x) - y) ** 2
            return e[is_held].mean(), e[~is_held].mean()
        """,
        """
        def honest(fit, x, y, is_held):
            p = fit(x[~is_held], y[~is_held])
            e = (p(x) - y) ** 2
            return e[~is_held].mean() ** 0.5, e[is_held].mean() ** 0.5
        """,
        """
        def honest(fit, x, y, is_held):
            p = fit(x[~is_held], y[~is_held])
            e = np.abs(p(x) - y)
            return e[~is_held].mean(), e[is_held].mean()
        """,
        """
        def honest(fit, x, y, is_held):
            p = fit(x[~is_held], y[: (~is_held).sum()])
            e = (p(x) - y) ** 2
            return e[~is_held].mean(), e[is_held].mean()
        """,
        "def honest(fit, x, y, is_held):\n    p = fit(x[~is_held], y[~is_held])\n    return ((p(x) - y) ** 2).mean()",
    ),
)
