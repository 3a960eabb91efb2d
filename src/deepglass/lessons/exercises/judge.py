"""Lesson 19: precision, recall and F1 by hand."""

from deepglass.course.judging.description import Description


def judge(truth, answers):
    """Precision, recall and F1 of the ill."""
    found = sum(t * a for t, a in zip(truth, answers))
    precision = found / sum(answers) if sum(answers) else 0.0
    recall = found / sum(truth) if sum(truth) else 0.0
    return precision, recall, 2 * found / (sum(truth) + sum(answers)) if found else 0.0


def cases(rng):
    """Some of each, all called ill, nobody called ill, nobody ill, all wrong; then random ones."""
    yield from (
        ([1, 1, 1, 0, 0, 0], [1, 0, 1, 1, 0, 0]), ([1, 0, 0, 0], [1, 1, 1, 1]), ([1, 0], [0, 0]), ([0, 0], [1, 0]),
        ([0, 0], [0, 0]), ([1, 0], [0, 1]),
    )  # fmt: skip
    for share in (0.2, 0.5):
        yield (rng.random(20) < share).astype(int).tolist(), (rng.random(20) < 0.4).astype(int).tolist()


EXERCISE = Description(
    name="judge",
    task="<code>truth</code> and <code>answers</code> are lists of 1 (ill) and 0 (well). Give back precision, recall "
    "and F1 "
    "of the ill; where a division has nothing to divide by, the score is 0.",
    stub="""
        def judge(truth, answers):
            found = sum(t * a for t, a in zip(truth, answers))
            # your lines here
            return 0.0, 0.0, 0.0
    """,
    solution="""
        def judge(truth, answers):
            found = sum(t * a for t, a in zip(truth, answers))
            precision = found / sum(answers) if sum(answers) else 0.0
            recall = found / sum(truth) if sum(truth) else 0.0
            f1 = 2 * found / (sum(truth) + sum(answers)) if found else 0.0
            return precision, recall, f1
    """,
    hint="<code>sum(answers)</code> is how many were called ill, <code>sum(truth)</code> how many are.",
    answer=judge,
    cases=cases,
    tell=lambda truth, answers: f"For truth {truth} and answers {answers}",
    gives="three numbers: precision, recall, F1",
    praise="They are what our reports print, for the empty lists too.",
    slips=(
        (
            lambda t, a: (judge(t, a)[1], judge(t, a)[0], judge(t, a)[2]),
            "Precision and recall are swapped: precision asks those who were called ill.",
        ),
        (lambda t, a: (*judge(t, a)[:2], sum(judge(t, a)[:2]) / 2), "F1 is the harmonic mean, not the plain one."),
        (
            lambda t, a: (*judge(t, a)[:2], sum(x == y for x, y in zip(t, a)) / len(t)),
            "The third is the accuracy; F1 is the harmonic mean of the first two.",
        ),
    ),
    right=(
        """
        def judge(truth, answers):
            tp = fp = fn = 0
            for t, a in zip(truth, answers):
                tp += t and a
                fp += a and not t
                fn += t and not a
            p = tp / (tp + fp) if tp + fp else 0
            r = tp / (tp + fn) if tp + fn else 0
            return [p, r, 2 * p * r / (p + r) if p + r else 0]
        """,
        """
        def judge(truth, answers):
            t, a = np.array(truth), np.array(answers)
            found = (t & a).sum()
            return np.array([found / max(a.sum(), 1), found / max(t.sum(), 1), 2 * found / max(t.sum() + a.sum(), 1)])
        """,
        """
        from sklearn.metrics import precision_recall_fscore_support
        def judge(truth, answers):
            return precision_recall_fscore_support(truth, answers, average="binary", zero_division=0)[:3]
        """,
        """
        def judge(truth, answers):
            def share(some, of):
                try:
                    return some / of
                except ZeroDivisionError:
                    return 0.0
            found = sum(1 for pair in zip(truth, answers) if pair == (1, 1))
            return share(found, answers.count(1)), share(found, truth.count(1)), share(found, (answers.count(1) +
            truth.count(1)) / 2)
        """,
    ),
    wrong=(
        """
        def judge(truth, answers):
            f = sum(t * a for t, a in zip(truth, answers))
            return f / sum(answers), f / sum(truth), 2 * f / (sum(truth) + sum(answers))
        """,
        """
        def judge(t, a):
            f = sum(x * y for x, y in zip(t, a))
            p, r = f / max(sum(a), 1), f / max(sum(t), 1)
            return p, r, (p + r) / 2
        """,
        """
        def judge(t, a):
            f = sum(x * y for x, y in zip(t, a))
            p, r = f / max(sum(a), 1), f / max(sum(t), 1)
            return r, p, 2 * f / max(sum(a) + sum(t), 1)
        """,
        """
        def judge(t, a):
            right = sum(x == y for x, y in zip(t, a))
            return right / len(t), right / len(t), right / len(t)
        """,
        "def judge(t, a):\n    f = sum(x * y for x, y in zip(t, a))\n    return f / max(sum(a), 1), f / max(sum(t), 1)",
        """
        def judge(t, a):
            f = sum(x * y for x, y in zip(t, a))
            p, r = (f + 1e-3) / (sum(a) + 1e-3), (f + 1e-3) / (sum(t) + 1e-3)
            return p, r, 2 * p * r / (p + r)
        """,
    ),
)
