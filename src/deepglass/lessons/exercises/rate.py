"""Lesson 14: warm-up, then half a cosine."""

import numpy as np

from deepglass.course.judging.description import Description


def rate(t, top, warmup, total):
    """The learning rate at step t."""
    if t < warmup:
        return top * (t + 1) / warmup
    return top * (1 + np.cos(np.pi * (t - warmup) / (total - warmup))) / 2


def cases(rng):
    """First and last steps of both phases, the middle, the end; without a warm-up; random ones."""
    for t in (0, 4, 9, 10, 55, 99, 100):
        yield t, 0.2, 10, 100
    yield from ((30, 1.0, 0, 40), (0, 1.0, 0, 40), (0, 0.5, 1, 9))
    for _ in range(4):
        warmup, total = int(rng.integers(1, 50)), int(rng.integers(60, 300))
        yield int(rng.integers(0, total)), float(rng.uniform(0.001, 1)), warmup, total


def tell(t, top, warmup, total):
    """The case with its phase."""
    if t < warmup:
        phase = f"warming up: (t + 1)/{warmup} of the top"
    else:
        phase = f"a cosine, of which {(t - warmup) / (total - warmup):.0%} are over"
    return f"At t = {t} of {total} with warmup = {warmup}, top = {top:.4g} ({phase})"


EXERCISE = Description(
    name="rate",
    task="Warm-up and cosine in one function. In the first <code>warmup</code> steps (t = 0, 1, …) the rate is "
    "(t + 1)/warmup of <code>top</code>; after that it falls along half a cosine, from <code>top</code> at "
    "<code>t = warmup</code> to 0 at <code>t = total</code>. There may be no warm-up at all.",
    stub="""
        def rate(t, top, warmup, total):
            # your lines here
            return top
    """,
    solution="""
        def rate(t, top, warmup, total):
            if t < warmup:
                return top * (t + 1) / warmup
            share = (t - warmup) / (total - warmup)
            return top * (1 + np.cos(np.pi * share)) / 2
    """,
    hint="Half a cosine from 1 to 0 is <code>(1 + np.cos(np.pi * share)) / 2</code>, with share from 0 to 1.",
    answer=rate,
    cases=cases,
    tell=tell,
    gives="the rate, `return …`",
    praise="This very shape has trained many of today's language models.",
    slips=(
        (
            lambda t, top, w, n: top * t / w if t < w else rate(t, top, w, n),
            "In step 0 the rate is not 0, but 1/warmup of the top.",
        ),
        (
            lambda t, top, w, n: rate(t, top, w, n) if t < w else top * (1 + np.cos(np.pi * t / n)) / 2,
            "The cosine begins after the warm-up: its share is (t − warmup) / (total − warmup).",
        ),
        (
            lambda t, top, w, n: rate(t, top, w, n) if t < w else top * (1 - (t - w) / (n - w)),
            "That falls in a straight line.",
        ),
        (
            lambda t, top, w, n: rate(t, top, w, n) if t < w else top * np.cos(np.pi / 2 * (t - w) / (n - w)),
            "That is a quarter of a cosine; half of one goes from 1 to −1, so add 1 and halve it.",
        ),
        (lambda t, top, w, n: rate(t, top, w, n) / top, "That is a share of the top: multiply."),
    ),
    right=(
        """
        def rate(t, top, warmup, total):
            if t < warmup:
                return (t + 1) * top / warmup
            return top * np.cos(np.pi / 2 * (t - warmup) / (total - warmup)) ** 2
        """,
        """
        def rate(t, top, warmup, total):
            up = (t + 1) / max(warmup, 1)
            share = (t - warmup) / (total - warmup)
            return top * up if t < warmup else top * (0.5 + 0.5 * math.cos(math.pi * share))
        """,
        """
        def rate(step, peak, warm, steps):
            down = 1 + np.cos(np.pi * (step - warm) / (steps - warm))
            return np.where(step < warm, peak * (step + 1) / max(1, warm), peak / 2 * down)
        """,
        """
        def rate(t, top, warmup, total):
            if t + 1 <= warmup:
                return torch.tensor(top * (t + 1) / warmup)
            return top * (1 + torch.cos(torch.tensor(torch.pi * (t - warmup) / (total - warmup)))) / 2
        """,
    ),
    wrong=(
        """
        def rate(t, top, warmup, total):
            if t < warmup:
                return top * t / warmup
            return top * (1 + np.cos(np.pi * (t - warmup) / (total - warmup))) / 2
        """,
        """
        def rate(t, top, warmup, total):
            if t < warmup:
                return top * (t + 1) / warmup
            return top * (1 + np.cos(np.pi * t / total)) / 2
        """,
        """
        def rate(t, top, warmup, total):
            if t < warmup:
                return top * (t + 1) / warmup
            return top * (1 - (t - warmup) / (total - warmup))
        """,
        "def rate(t, top, warmup, total):\n    return top * (1 + np.cos(np.pi * (t - warmup) / (total - warmup))) / 2",
        """
        def rate(t, top, warmup, total):
            if t <= warmup:
                return top * (t + 1) / warmup
            return top * (1 + np.cos(np.pi * (t - warmup) / (total - warmup))) / 2
        """,
        """
        def rate(t, top, warmup, total):
            return top * min(1, (t + 1) / warmup) * (1 + np.cos(np.pi * (t - warmup) / (total - warmup))) / 2
        """,
    ),
)
