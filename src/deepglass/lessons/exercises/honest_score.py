"""Lesson 20: a cross-validation in which no choice has seen its test."""

import numpy as np

from deepglass.course.judging.description import Description


def honest_score(X, y, folds, choose, score):
    """The mean score over the folds; columns are chosen in each from its own training rows."""
    told = []
    for train, test in folds:
        kept = choose(X[train], y[train])
        told.append(score(X[train][:, kept], y[train], X[test][:, kept], y[test]))
    return sum(told) / len(told)


def cases(rng):
    """Few rows and many, two folds to five, unequal ones among them; rows are told apart by their numbers."""
    for rows, number in ((6, 2), (6, 3), (10, 4), (int(rng.integers(11, 20)), 5)):
        X = np.column_stack([np.arange(rows), 100 + np.arange(rows), 200 + np.arange(rows)]).astype(float)
        parts = np.array_split(rng.permutation(rows), number)
        folds = [(np.setdiff1d(np.arange(rows), test), np.sort(test)) for test in parts]
        yield X, 1000.0 + np.arange(rows), folds, None, None


def watch(honest_score, X, y, folds, *_):
    """The score, and with which rows, columns and labels `choose` and `score` were called."""
    chosen, scored = [], []

    def choose(X, y):
        chosen.append((rows_of(X), labels_of(y)))
        return [2, 0] if len(chosen) % 2 else [1]

    def score(X, y, new_X, new_y):
        scored.append((rows_of(X), labels_of(y), rows_of(new_X), labels_of(new_y), columns_of(X), columns_of(new_X)))
        return value_of(len(scored))

    return honest_score(X, y, folds, choose, score), chosen, scored


def value_of(number):
    """What the score of a call is; no two means are alike."""
    return 0.3 + 0.1 * number**1.5


def rows_of(X):
    """The numbers of the rows, whatever columns were kept."""
    X = np.asarray(X, dtype=float)
    return [int(row) % 100 for row in (X.reshape(len(X), -1)[:, 0] if X.size else [])]


def labels_of(y):
    """The numbers of the rows whose labels these are."""
    return [int(label) - 1000 for label in np.ravel(np.asarray(y, dtype=float))]


def columns_of(X):
    """Which columns were kept."""
    X = np.asarray(X, dtype=float)
    return [int(number) // 100 for number in X.reshape(len(X), -1)[0]] if X.size else []


def agrees(got, X, y, folds, *_):
    """What is wrong, or ""."""
    if not isinstance(got, tuple) or len(got) != 3:
        return "give back the mean of the folds' scores."
    value, chosen, scored = got
    chosen, scored = ([[numbers(part) for part in call] for call in calls] for calls in (chosen, scored))
    if len(chosen) != len(folds):
        return (
            f"choose should be called {len(folds)} times, once for each fold; it was called {len(chosen)} times. A "
            f"choice made "
            "once, from all rows, has seen the tests."
        )
    for (rows, labels), (_, test) in zip(chosen, folds):
        if peeked := sorted(set(rows) & set(test.tolist())) or sorted(set(labels) & set(test.tolist())):
            return f"rows {test.tolist()} are the test of this fold, yet choose was shown rows {peeked}."
    return misjudged(chosen, scored, folds) or mean_of(value, len(scored), len(folds))


def misjudged(chosen, scored, folds):
    """Which rows were trained on or judged that should not be, or ""."""
    if len(scored) != len(folds):
        return f"score should be called {len(folds)} times, once for each fold; it was called {len(scored)} times."
    for i, (call, (train, test)) in enumerate(zip(scored, folds)):
        (rows, labels, new_rows, new_labels, columns, new_columns), picked = call, [2, 0] if i % 2 == 0 else [1]
        train, test = train.tolist(), test.tolist()
        if leaked := sorted(set(rows) & set(test)):
            return f"rows {test} are the test of this fold, yet it was trained on rows {leaked} among them."
        if set(new_rows) & set(train):
            judged = sorted(new_rows)
            return f"it is to be judged on rows {test}; you judged it on rows {judged}, of which it has seen some."
        if sorted(rows) != train or sorted(chosen[i][0]) != train:
            return f"expected all training rows of the fold, {train}; choose saw {chosen[i][0]} and score {rows}."
        if sorted(new_rows) != test:
            return f"expected to be judged on rows {test}, got {new_rows}."
        if labels != rows or new_labels != new_rows or chosen[i][1] != chosen[i][0]:
            return "rows and labels do not belong together: the label of each row must stand at its place."
        if columns != new_columns or sorted(columns) != sorted(picked):
            return (
                f"choose said columns {picked}; you trained on columns {columns} and judged on columns {new_columns}."
            )
    return ""


def mean_of(value, made, count):
    """What is wrong with the mean, or ""."""
    expected = float(np.mean([value_of(i + 1) for i in range(count)]))
    mine = float(np.ravel(value)[0]) if isinstance(value, np.ndarray) and np.size(value) == 1 else None
    if mine is None or not np.isclose(mine, expected, rtol=1e-5):
        given = value if mine is None else round(mine, 4)
        return f"the folds' scores have a mean of {expected:.3f}; you gave back {given}."
    return ""


def numbers(part):
    """Whole numbers, as a list."""
    return [int(number) for number in np.ravel(np.asarray(part, dtype=float))]


EXERCISE = Description(
    name="honest_score",
    task="Mend this cross-validation. <code>choose(X, y)</code> gives back the columns to keep; <code>score(X, y, "
    "new_X, "
    "new_y)</code> trains on the first two and judges on the others.",
    stub="""
        def honest_score(X, y, folds, choose, score):
            kept = choose(X, y)
            X = X[:, kept]
            told = [score(X[train], y[train], X[test], y[test]) for train, test in folds]
            return sum(told) / len(told)
    """,
    solution="""
        def honest_score(X, y, folds, choose, score):
            told = []
            for train, test in folds:
                kept = choose(X[train], y[train])
                told.append(score(X[train][:, kept], y[train], X[test][:, kept], y[test]))
            return sum(told) / len(told)
    """,
    hint="Whatever looks at labels belongs inside the loop, and gets <code>X[train]</code>, <code>y[train]</code>.",
    answer=honest_score,
    cases=cases,
    watch=watch,
    agrees=agrees,
    tell=lambda X, y, folds, *_: f"With {len(folds)} folds of {len(X)} rows",
    praise="Nobody was asked about themselves. On the noise above this gives one half.",
    right=(
        """
        def honest_score(X, y, folds, choose, score):
            def one(train, test):
                A, B = X[train], X[test]
                columns = choose(A, y[train])
                return score(A[:, columns], y[train], B[:, columns], y[test])
            return np.mean([one(train, test) for train, test in folds])
        """,
        """
        def honest_score(table, labels, parts, pick, judge):
            total = 0
            for known, new in parts:
                kept = np.array(pick(table[known], labels[known]))
                total += judge(table[np.ix_(known, kept)], labels[known], table[np.ix_(new, kept)], labels[new])
            return np.float32(total / len(parts))
        """,
        """
        def honest_score(X, y, folds, choose, score):
            all_kept = [choose(X[train], y[train]) for train, _ in folds]
            scores = []
            for (train, test), kept in zip(folds, all_kept):
                scores += [score(X[train][:, kept], y[train], X[test][:, kept], y[test])]
            return np.average(scores)
        """,
        """
        def honest_score(X, y, folds, choose, score):
            told = []
            for train, test in folds:
                train = np.random.permutation(train)
                kept = choose(X[train], y[train])
                told.append(score(X[train][:, kept], y[train], X[test][:, kept], y[test]))
            return torch.tensor(told).mean()
        """,
    ),
    wrong=(
        """
        def honest_score(X, y, folds, choose, score):
            told = []
            for train, test in folds:
                kept = choose(X, y)
                told.append(score(X[train][:, kept], y[train], X[test][:, kept], y[test]))
            return sum(told) / len(told)
        """,
        """
        def honest_score(X, y, folds, choose, score):
            told = []
            for train, test in folds:
                kept = choose(X[train], y[train])
                told.append(score(X[:, kept], y, X[test][:, kept], y[test]))
            return sum(told) / len(told)
        """,
        """
        def honest_score(X, y, folds, choose, score):
            told = []
            for train, test in folds:
                kept = choose(X[train], y[train])
                told.append(score(X[train][:, kept], y[train], X[train][:, kept], y[train]))
            return sum(told) / len(told)
        """,
        """
        def honest_score(X, y, folds, choose, score):
            told = []
            for train, test in folds:
                kept = choose(X[train], y[train])
                told.append(score(X[train][:, kept], y[train][::-1], X[test][:, kept], y[test]))
            return sum(told) / len(told)
        """,
        """
        def honest_score(X, y, folds, choose, score):
            told = []
            for train, test in folds:
                kept = choose(X[test], y[test])
                told.append(score(X[train][:, kept], y[train], X[test][:, kept], y[test]))
            return sum(told) / len(told)
        """,
        """
        def honest_score(X, y, folds, choose, score):
            told = []
            for train, test in folds:
                kept = choose(X[train], y[train])
                told.append(score(X[train][:, kept], y[train], X[test][:, kept], y[test]))
            return max(told)
        """,
        """
        def honest_score(X, y, folds, choose, score):
            told = []
            for train, test in folds:
                choose(X[train], y[train])
                told.append(score(X[train], y[train], X[test], y[test]))
            return sum(told) / len(told)
        """,
        """
        def honest_score(X, y, folds, choose, score):
            told = []
            for train, test in folds:
                kept = choose(X[train], y[train])
                told.append(score(X[test][:, kept], y[test], X[train][:, kept], y[train]))
            return sum(told) / len(told)
        """,
        """
        def honest_score(X, y, folds, choose, score):
            train, test = folds[0]
            kept = choose(X[train], y[train])
            return score(X[train][:, kept], y[train], X[test][:, kept], y[test])
        """,
    ),
)
