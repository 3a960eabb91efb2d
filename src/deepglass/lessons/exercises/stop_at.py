"""Lesson 17: early stopping over a history of losses."""

from deepglass.course.judging.description import Description


def stop_at(losses, patience):
    """The last epoch that was trained, and the best one."""
    best = epoch = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return epoch, best


def cases(rng):
    """Histories that stop, that improve late, that never stop, that stay level; then random ones."""
    yield from (
        ([5, 3, 2, 4, 4, 1, 0], 2), ([5, 3, 2, 4, 1, 2, 3, 4], 3), ([4, 3, 2, 1], 2), ([2, 2, 2], 2), ([3], 5),
        ([1, 2, 0, 1], 1), ([4, 5, 3, 4, 2, 3, 1, 2], 2),
    )  # fmt: skip
    for patience in (1, 2, 3, 5):
        yield [int(loss) for loss in rng.integers(0, 20, 15)], patience


def late(losses, patience):
    """Waits one more."""
    return stop_at(losses, patience + 1)


def not_worse(losses, patience):
    """Takes an equal loss for a better one."""
    best = epoch = 0
    for epoch, loss in enumerate(losses):
        best = epoch if loss <= losses[best] else best
        if epoch - best >= patience:
            break
    return epoch, best


EXERCISE = Description(
    name="stop_at",
    task="Early stopping: go through the validation losses, epoch 0, 1, … Stop when <code>patience</code> epochs in a "
    "row were not better than the best. Give back the last epoch that was trained, and the best one.",
    stub="""
        def stop_at(losses, patience):
            best = 0
            # your lines here
            return len(losses) - 1, best
    """,
    solution="""
        def stop_at(losses, patience):
            best = 0
            for epoch, loss in enumerate(losses):
                if loss < losses[best]:
                    best = epoch
                if epoch - best >= patience:
                    break
            return epoch, best
    """,
    hint="<code>epoch - best</code> is how long it has been waiting.",
    answer=stop_at,
    cases=cases,
    tell=lambda losses, patience: f"For {losses} with patience {patience}",
    gives="two numbers, the last epoch and the best one",
    praise="And then the weights of the best epoch go back into the net: do not forget that half.",
    slips=(
        (late, "It stops one epoch too late: patience bears exactly so many."),
        (not_worse, "Equal is not better."),
        (
            lambda losses, patience: (len(losses) - 1, losses.index(min(losses))),
            "What comes after the stop is never seen.",
        ),
        (
            lambda losses, patience: (stop_at(losses, patience)[0], losses[stop_at(losses, patience)[1]]),
            "The best epoch is wanted, not its loss.",
        ),
        (lambda losses, patience: stop_at(losses, patience)[::-1], "The last epoch comes first, then the best."),
    ),
    right=(
        """
        def stop_at(losses, patience):
            best, waited = 0, 0
            for i in range(1, len(losses)):
                if losses[i] < losses[best]:
                    best, waited = i, 0
                else:
                    waited += 1
                if waited == patience:
                    return i, best
            return len(losses) - 1, best
        """,
        """
        def stop_at(history, patience):
            lowest, where, epoch = float("inf"), -1, -1
            while epoch + 1 < len(history):
                epoch += 1
                if history[epoch] < lowest:
                    lowest, where = history[epoch], epoch
                elif epoch - where >= patience:
                    break
            return [epoch, where]
        """,
        """
        def stop_at(losses, patience):
            for end in range(len(losses)):
                best = int(np.argmin(losses[:end + 1]))
                if end - best >= patience:
                    return np.array([end, best])
            return np.array([end, best])
        """,
    ),
    wrong=(
        "def stop_at(losses, patience):\n    return len(losses) - 1, int(np.argmin(losses))",
        """
        def stop_at(losses, patience):
            best = 0
            for e, l in enumerate(losses):
                if l <= losses[best]:
                    best = e
                if e - best >= patience:
                    break
            return e, best
        """,
        """
        def stop_at(losses, patience):
            best = 0
            for e, l in enumerate(losses):
                if l < losses[best]:
                    best = e
                if e - best > patience:
                    break
            return e, best
        """,
        """
        def stop_at(losses, patience):
            best = 0
            for e, l in enumerate(losses):
                if l < losses[best]:
                    best = e
                if e - best >= patience:
                    break
            return best, e
        """,
        """
        def stop_at(losses, patience):
            bad = 0
            for e in range(1, len(losses)):
                bad = bad + 1 if losses[e] >= losses[e - 1] else 0
                if bad >= patience:
                    break
            return e, int(np.argmin(losses[:e + 1]))
        """,
        """
        def stop_at(losses, patience):
            best = 0
            for e, l in enumerate(losses):
                if l < losses[best]:
                    best = e
                if e - best >= patience:
                    break
            return e, losses[best]
        """,
    ),
)
