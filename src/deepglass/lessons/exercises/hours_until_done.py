"""Lesson 79: one training on machines that are lost at given hours."""

from deepglass.course.judging.description import Description


def hours_until_done(work, every, losses):
    """The hour at which the work is done; what was not saved is done again"""
    now = saved = 0.0
    losses = sorted(losses)
    while saved < work:
        piece = min(every, work - saved)
        if losses and losses[0] < now + piece:
            now = losses.pop(0)
        else:
            now, saved = now + piece, saved + piece
    return now


def cases(rng):
    """No loss, one within a piece, two within one piece, one after the end; then drawn ones."""
    yield 8.0, 1.0, []
    yield 4.0, 1.0, [2.5]
    yield 4.0, 2.0, [0.5, 1.5]
    yield 3.0, 1.0, [9.5]
    yield 3.0, 3.0, [2.5, 5.0]
    for _ in range(3):
        losses = sorted((rng.integers(0, 30, int(rng.integers(1, 6))) + 0.25 + 0.5 * rng.integers(0, 2)).tolist())
        yield float(rng.integers(4, 12)), float(rng.integers(1, 5)), losses


def tell(work, every, losses):
    """All of it."""
    return f"For work = {work:g}, every = {every:g}, losses = {losses}"


EXERCISE = Description(
    name="hours_until_done",
    task="A training needs <code>work</code> hours. It saves after every <code>every</code> hours of work, which costs "
    "nothing here, and a last time when it is done. At each hour of <code>losses</code> (sorted) the machine is lost, "
    "and a new one goes on at once from what was saved last. At which hour is it done? Losses after that do not count.",
    stub="""
        def hours_until_done(work, every, losses):
            # your lines here
            return work
    """,
    solution="""
        def hours_until_done(work, every, losses):
            now = saved = 0.0
            losses = list(losses)
            while saved < work:
                piece = min(every, work - saved)
                if losses and losses[0] < now + piece:
                    now = losses.pop(0)
                else:
                    now, saved = now + piece, saved + piece
            return now
    """,
    hint="Go piece by piece: if the next loss comes before a piece is done, the clock jumps there, nothing is won.",
    answer=hours_until_done,
    cases=cases,
    tell=tell,
    gives="one number, in hours",
    praise="Every loss costs what was done since the last checkpoint, and never more than one piece.",
    slips=(
        (lambda work, every, losses: work, "What was not saved is done again."),
        (
            lambda work, every, losses: hours_until_done(work, work, losses),
            "It goes on from what was saved.",
        ),
        (
            lambda work, every, losses: work + every * len(losses),
            "A loss costs what was done since the last checkpoint, which is less than a whole piece.",
        ),
        (
            lambda work, every, losses: work + sum(loss % every for loss in losses),
            "Pieces begin anew after a loss: count from there, and leave out losses after the end.",
        ),
    ),
    right=(
        """
        def hours_until_done(work, every, losses):
            saved, start = 0.0, 0.0
            for loss in losses:
                done = min(work, saved + (loss - start) // every * every)
                if start + (work - saved) <= loss:
                    break
                saved, start = done, loss
            return start + work - saved
        """,
        """
        def hours_until_done(work, every, losses):
            start = 0.0
            for loss in sorted(losses):
                if loss - start >= work:
                    break
                work -= int((loss - start) / every) * every
                start = loss
            return start + work
        """,
        """
        def hours_until_done(work, every, losses):
            def on(now, left, waiting):
                if left <= 0:
                    return now
                piece = min(every, left)
                if waiting and waiting[0] < now + piece:
                    return on(waiting[0], left, waiting[1:])
                return on(now + piece, left - piece, waiting)
            return on(0.0, work, list(losses))
        """,
    ),
    wrong=(
        "def hours_until_done(work, every, losses):\n    return work + len(losses)",
        "def hours_until_done(work, every, losses):\n    return work + sum(losses)",
        "def hours_until_done(work, every, losses):\n    return work + every / 2 * len(losses)",
        "def hours_until_done(work, every, losses):\n    return max([work, *losses])",
    ),
)
