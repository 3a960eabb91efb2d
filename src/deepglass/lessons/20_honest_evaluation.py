"""Lesson 20: honest evaluation. A score counts only on what the model has never met, in no form whatever."""

import marimo

app = marimo.App(width="medium", app_title="Honest evaluation", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.data.folds import grouped_folds, plain_folds, stratified_folds
    from deepglass.evaluate import cross_validation
    from deepglass.evaluate.paired import mcnemar
    from deepglass.evaluate.scores import score

    LESSON = {
        "title": "Honest evaluation",
        "question": "Will it still be true tomorrow?",
        "part": "Judging",
        "minutes": 18,
        "reads": ["evaluate/paired.py"],
        "runs": [
            "deepglass train wine --model linear --folds 5",
            "deepglass train breast-cancer --model linear --run runs/linear",
            "deepglass train breast-cancer --model mlp --run runs/mlp",
            "deepglass compare runs/linear runs/mlp",
        ],
    }

    COUNTS = [10, 20, 50, 100, 200, 500, 1000, 2000]  # columns of pure noise to choose from
    KEPT = 10


@app.function
def nearest_mean(X, y, new):
    """The plainest classifier: which of the two classes has its mean nearer? Answers for the rows of `new`."""
    far = [((new - X[y == kind].mean(axis=0)) ** 2).sum(axis=1) for kind in (0, 1)]
    return (far[1] < far[0]).astype(int)


@app.function
def best_columns(X, y):
    """The ten columns in which the two classes lie farthest apart."""
    gap = np.abs(X[y == 1].mean(axis=0) - X[y == 0].mean(axis=0)) / X.std(axis=0)
    return np.argsort(-gap, kind="stable")[:KEPT]


@app.function
def noise(columns, seed):
    """Forty people: columns of noise, and a label by the toss of a coin. There is nothing to be found."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(2000, 40))[:columns].T, rng.permutation(np.arange(40) % 2)


@app.function
def five_fold_score(X, y, peeks):
    """Accuracy in five folds; the columns are chosen once from all rows (peeks), or in each fold from its own."""
    right, once = 0, best_columns(X, y)
    for train, test in stratified_folds(y, 5):
        kept = once if peeks else best_columns(X[train], y[train])
        right += (nearest_mean(X[train][:, kept], y[train], X[test][:, kept]) == y[test]).sum()
    return right / len(y)


@app.function
def said_and_true(counts, lives=30):
    """Mean score over thirty noises, by number of columns: peeking and not, (n, 2)."""
    sets = [noise(COUNTS[-1], seed) for seed in range(lives)]
    return np.array(
        [[np.mean([five_fold_score(X[:, :n], y, peeks) for X, y in sets]) for peeks in (True, False)] for n in counts]
    )


@app.cell
def _():
    kit.opening(
        LESSON,
        "Forty people, sick or not by **the toss of a coin**, and columns of **pure noise** about them. Keep the ten "
        "columns in which the two groups differ most, and cross-validate. Watch how a pattern appears as there are "
        "more columns to choose from, and how the <span class='pink'>score</span> climbs. There is nothing there.",
    )
    return


@app.function
def film_of(counts):
    """The ten kept columns above, the two scores below, for more and more columns to choose from; and the scores."""
    X, y = noise(COUNTS[-1], seed=0)
    order, scores = np.argsort(y, kind="stable"), said_and_true(counts)
    fig, (above, below) = kit.figure(height=4.3, rows=2, height_ratios=[1, 1.35])
    pixels = above.imshow(np.zeros((KEPT, 40)), cmap=kit.MORE_AND_LESS, vmin=-2.2, vmax=2.2, aspect="auto")
    above.axvline(19.5, color=kit.INK, linewidth=1.5)
    above.set(xticks=[9.5, 29.5], yticks=[], ylabel="ten columns")
    above.set_xticklabels(["20 people: heads", "20 people: tails"])
    above.grid(False)
    lines = [below.plot([], [], "o-", color=color, markersize=4)[0] for color in (kit.PINK, kit.GREEN)]
    tips = [below.text(0, 0, "", color=color, va=va) for color, va in ((kit.PINK, "bottom"), (kit.GREEN, "top"))]
    below.axhline(0.5, color=kit.GREY, linestyle=(0, (4, 3)), linewidth=1)
    below.set(xscale="log", xlim=(8, 3200), ylim=(0.3, 1.08), xticks=[10, 100, 1000], yticks=[0.5, 1])
    below.set(xlabel="columns to choose from", ylabel="share right")

    def draw(i):
        count, kept = counts[i], best_columns(X[:, : counts[i]], y)
        pixels.set_data(X[order][:, kept].T * np.sign(X[y == 1][:, kept].mean(0) - X[y == 0][:, kept].mean(0))[:, None])
        for line, tip, values, up in zip(lines, tips, scores.T, (0.03, -0.03)):
            line.set_data(counts[: i + 1], values[: i + 1])
            tip.set(x=count, y=values[i] + up, text=f"{values[i]:.0%}", ha="right" if i > 5 else "center")
        return f"ten of {count:,} columns: {scores[i, 0]:.0%} right, it says; {scores[i, 1]:.0%} in truth"

    return kit.frames(fig, draw, len(counts), "Noise, sorted;"), scores


@app.cell
def _(guess):
    _counts = COUNTS if guess.value["committed"] else COUNTS[:4]
    _frames, _scores = film_of(_counts)
    _rows = "\n".join(f"| {n:,} | {told:.0%} | {true:.0%} |" for n, (told, true) in zip(_counts, _scores))
    _head = '| columns | <span class="pink">told</span> | <span class="green">true</span> |\n|--:|--:|--:|\n'
    kit.levels(
        kit.film(_frames, label="Columns to choose from", seconds=1.0),
        kit.md(f"{_head}{_rows}\n\nMeans of thirty such tables. A coin is right half the time."),
        kit.md(
            r"""
            $$\text{score} = \frac1n \sum_{i=1}^{n} \big[\, \blue{f_{-k(i)}}(x_i) = y_i \,\big]$$

            The sum counts right answers. The model $\blue{f_{-k(i)}}$ that answers for person $i$ must know nothing of
            the fold $k(i)$ that person $i$ is in. In pink it does: **the columns were chosen with everybody's label.**
            """
        ),
    )
    return


@app.cell
def _():
    _told, _true = said_and_true([COUNTS[-1]])[0]
    guess = kit.guess(
        f"So far there were up to 100 columns. Now there are {COUNTS[-1]:,}, all noise. Keep the ten best, then "
        "cross-validate with five folds. What will the score say?",
        ["About 50 %, as it must", "About 65 %", "About 75 %", "About 90 %"],
        f"{_told:.0%}, for tosses of a coin. Choose the columns inside each fold, from its own training rows, and the "
        f"same lines say {_true:.0%}. In 2002 it was found in published studies of genes. The whole film is there now.",
    )
    mo.vstack([guess])
    return (guess,)


@app.function
def two_clouds(count, seed):
    """Two classes of points that overlap: X (count, 2), y (count,)."""
    rng, y = np.random.default_rng(seed), np.arange(count) % 2
    return rng.normal(size=(count, 2)) + 0.9 * (2 * y[:, None] - 1) * [0.8, 0.6], y


@app.function
def judged(X, y, parts):
    """The accuracy in each part, and all of them summed up with an interval."""
    told = [float((nearest_mean(X[train], y[train], X[test]) == y[test]).mean()) for train, test in parts]
    results = [{"kind": "classification", "count": 1, "headline": ["accuracy"], "accuracy": score(v)} for v in told]
    return told, cross_validation.summarize(results)["accuracy"]


@app.cell
def _():
    folds = mo.ui.slider(2, 12, 1, value=5, label="folds", show_value=True)
    kit.section(
        "See",
        """
        A model is trained on some rows, the **training set**. A **validation set** helps you choose: columns, models,
        settings. The **test set** is opened once, at the end. Whatever has helped to choose is used up for judging.

        With few rows that is wasteful, so they take turns: **k-fold cross-validation**. Cut the rows into k parts;
        each part is the test once, for a model trained on the others. Everyone is tested, no one by a model that knew
        them.

        **A score is a measurement, and has a width.** Whoever picks the best of many splits, or of many seeds, reports
        the width and not the model. Change the number of folds:
        """,
    )
    return (folds,)


@app.cell
def _(folds):
    _X, _y = two_clouds(120, seed=4)
    _parts = stratified_folds(_y, folds.value)
    _told, _sum = judged(_X, _y, _parts)
    _tests = np.array([np.isin(np.arange(120), test) for _, test in _parts])
    _fig, _ax = kit.figure(height=0.9 + 0.2 * folds.value)
    _ax.imshow(np.where(_tests, 1.0, 0.12), cmap=kit.MUCH, vmin=0, vmax=1.15, aspect="auto")
    for _row, _value in enumerate(_told):
        _ax.text(121, _row, f"{_value:.0%}", va="center", fontsize=9)
        _ax.axhline(_row + 0.5, color=kit.BACKGROUND, linewidth=2)
    _ax.set(yticks=[], xticks=[0, 40, 80, 119], xlabel="row of the table", ylabel="round")
    _ax.grid(False)
    kit.levels(
        kit.html(_fig, f"{folds.value} rounds; in each another part of 120 rows is tested; scores {min(_told):.0%} to "
                 f"{max(_told):.0%}", "Blue: tested in this round. Pale: trained on. Right: the score of the round."),
        mo.vstack([folds, kit.md(f"The rounds say {min(_told):.0%} to {max(_told):.0%}; on average "
                                 f"**{_sum['value']:.0%}**, 95 % interval {_sum['low']:.0%} to {_sum['high']:.0%}.")]),
        kit.md(
            rf"""
            $$\bar s \pm t \cdot \blue{{s}} \sqrt{{\tfrac1k + \tfrac1{{k-1}}}}, \qquad k = {folds.value},\
            \blue{{s}} = {_sum["std"]:.3f}$$

            $\blue{{s}}$: how much the rounds differ. They share training rows; the last term makes up for it.
            """
        ),
    )  # fmt: skip
    return


@app.function
def two_models(count, better=0.04, seed=2):
    """Which questions two models get right; the first is better by `better` in truth. Two boolean arrays."""
    rng = np.random.default_rng(seed)
    hard, own = rng.random(800)[:count] < 0.08, rng.random((2, 800))[:, :count]  # few questions are the first of many
    return ~hard & (own[0] > 0.06), ~hard & (own[1] > 0.06 + better)


@app.function
def false_alarms(pairs=1000, count=200):
    """How often two models that are equally good differ by a point or more, and how often the test calls it real."""
    told = [two_models(count, better=0, seed=seed) for seed in range(pairs)]
    differ = np.mean([abs(a.mean() - b.mean()) >= 0.01 for a, b in told])
    return float(differ), float(np.mean([mcnemar(a, b)["p_value"] < 0.05 for a, b in told]))


@app.cell
def _():
    _differ, _called = false_alarms()
    asked = mo.ui.slider(steps=[50, 100, 200, 400, 800], value=100, label="questions in the test", show_value=True)
    kit.md(
        f"""
        ### Is A better than B?

        Two models answer the same questions. Where both are right, or both wrong, they tell you nothing about who is
        better. Only the coloured squares do: <span class="blue">only A right</span>, <span class="orange">only B
        right</span>. If the two were equally good, each colour would be the toss of a coin. **McNemar's test** asks how
        often a coin would come out so one-sided, or more. That is the p-value.

        Among 1,000 pairs of *equally good* models, {_differ:.0%} differed by a point or more on 200 questions. The test
        called {_called:.1%} of them different: at most one in twenty, as it promises.
        """
    )
    return (asked,)


@app.cell
def _(asked):
    _a, _b = two_models(asked.value)
    _test = mcnemar(_a, _b)
    _fig, _ax = kit.figure(height=2.9)
    _wide = {50: 10, 100: 20, 200: 20, 400: 25, 800: 40}[asked.value]
    _squares = (_a.astype(float) - _b).reshape(-1, _wide)  # 1, 0 or -1
    _ax.pcolormesh(_squares, cmap=kit.MORE_AND_LESS, vmin=-1, vmax=1, edgecolors=kit.FAINT, linewidth=0.7)
    _ax.set(xticks=[], yticks=[])
    _wins, _less = (_test["only_a"], _test["only_b"]), min(_test["only_a"], _test["only_b"])
    _verdict = "More than luck explains." if _test["p_value"] < 0.05 else "Luck explains it as well: ask more."
    kit.levels(
        kit.html(_fig, f"{asked.value} squares: {_wins[0]} where only A is right, {_wins[1]} where only B is",
                 "One square a question. Empty: both right, or both wrong."),
        mo.vstack([asked, kit.md(
            f"A is {_a.mean():.1%} right, B {_b.mean():.1%}. Only A: **{_wins[0]}**, only B: **{_wins[1]}**, "
            f"p = {_test['p_value']:.3g}. {_verdict} (In truth A is better, by {0.92 * 4:.1f} points.)")]),
        kit.md(rf"$$p = 2 \cdot P(\text{{at most }} {_less} \text{{ heads in }} {sum(_wins)} \text{{ tosses}})$$"
               "\n\nand 1 where that would be more than 1."),
    )  # fmt: skip
    return


@app.cell
def _():
    _test = {
        "disagreements = only_a + only_b": "The coloured squares; all others are left out.",
        "tail = sum": "In how many of all ways can the tosses fall at least so one-sided …",
        "2 * tail / 2**disagreements": "… to either side, of all 2ⁿ ways.",
    }
    _words = kit.section("Read", "How two models are compared; n is the number of questions on which they disagree.")
    mo.Html(_words.text + kit.read("evaluate/paired.py", _test, part="mcnemar").text)
    return


@app.function
def visits(patients=24, each=6, seed=1):
    """Patients who came several times: where their visits lie (n, 2), each patient's toss of a coin, and who it was."""
    rng = np.random.default_rng(seed)
    who, label = np.repeat(np.arange(patients), each), rng.permutation(np.arange(patients) % 2)
    return rng.uniform(-1, 1, (patients, 2))[who] + rng.normal(0, 0.045, (patients * each, 2)), label[who], who


@app.function
def nearest(X, y, new):
    """What the nearest known visit was."""
    return y[((new[:, None] - X[None]) ** 2).sum(axis=2).argmin(axis=1)]


@app.function
def doctor(whole):
    """Visits judged in five folds of whole patients, or of single visits: which were right (n,), and the folds."""
    X, y, who = visits()
    parts, right = grouped_folds(who, 5) if whole else plain_folds(len(y), 5), np.zeros(len(y), bool)
    for train, test in parts:
        right[test] = nearest(X[train], y[train], X[test]) == y[test]
    return right, parts


@app.cell
def _():
    whole = mo.ui.switch(value=False, label="keep each patient on one side")
    _words = kit.section(
        "Break it, mend it",
        f"""
        Twenty-four patients came six times each; blue or orange is again the toss of a coin. The model looks up the
        nearest visit that it knows. Rows were dealt into folds one by one, so that nearly every tested visit has a
        brother or sister among the known ones: **broken**, {doctor(False)[0].mean():.0%} right about a coin. It
        recognises patients, and tomorrow's patient is a stranger. **Mend it** with the switch.
        """,
    )
    mo.vstack([_words, whole])
    return (whole,)


@app.cell
def _(whole):
    _X, _y, _ = visits()
    _right, _parts = doctor(whole.value)
    _train, _test = _parts[0]
    _side = np.linspace(-1.15, 1.15, 60)
    _grid = np.stack(np.meshgrid(_side, _side), axis=-1).reshape(-1, 2)
    _fig, _ax = kit.figure(height=3.9)
    _surface = 2.0 * nearest(_X[_train], _y[_train], _grid).reshape(60, 60) - 1
    _ax.imshow(_surface, origin="lower", extent=(-1.15, 1.15, -1.15, 1.15), cmap=kit.MORE_AND_LESS, vmin=-2.2, vmax=2.2)
    for _kind, _color, _marker in ((1, kit.BLUE, "o"), (0, kit.ORANGE, "s")):
        _ax.scatter(*_X[_train][_y[_train] == _kind].T, s=12, color=_color, marker=_marker, linewidths=0)
        _of = _X[_test][_y[_test] == _kind]
        _ax.scatter(*_of.T, s=34, color=_color, marker=_marker, edgecolors=kit.INK, linewidths=1.3)
    _ax.set(xticks=[], yticks=[])
    _ways = "whole patients" if whole.value else "single visits"
    _met = "Each ringed visit stands on ground of its own colour: the same patient's other visits coloured it."
    _stranger = "The ringed patients are strangers now, and the ground around them has its colour from others."
    kit.row(
        kit.html(_fig, f"Visits in clusters; folds of {_ways}; {_right.mean():.0%} right",
                 "Ringed: tested in the first fold. The ground: what the model would answer there."),
        kit.md(f"Folds of **{_ways}**: **{_right.mean():.0%}** right.\n\n{_stranger if whole.value else _met}\n\nOne "
               "person, one camera, one day: what belongs together stays together. The past trains, the future tests."),
    )  # fmt: skip
    return


@app.cell
def _():
    _exercise = kit.exercise("honest_score")
    _leaks = kit.choose(
        "Which of these let something leak from the test into the training?",
        {
            "Mean and spread for scaling come from the whole table; then it is split": (True, "A little, but it does."),
            "Photographs of one patient lie in both parts": (True, "The model may know the patient, not the illness."),
            "Trained on 2020 to 2023, tested on 2024": (False, "This is how it will be used."),
            "Of twenty models, the best on the test is reported with that score": (True, "The test did the choosing."),
        },
        name="leaks",
        several=True,
    )  # fmt: skip
    _p = mcnemar(np.arange(10) < 9, np.arange(10) >= 9)["p_value"]
    _coin = kit.answer(
        "Two models disagree on ten questions. Nine times A is right, once B is. McNemar's p-value? (Three decimals.)",
        _p,
        name="p-value",
        slips={_p / 2: "That is one side only. B might have been the winner as well: twice that."},
        hint="Ten tosses can fall in 1,024 ways: one without heads, ten with one.",
        solution=f"2 · (1 + 10) / 1,024 = {_p:.4f}",
        tolerance=0.0006,
    )  # fmt: skip
    mo.vstack([kit.section("Check yourself"), _exercise, _leaks, _coin])
    return


@app.cell
def _():
    _words = kit.section(
        "Run",
        "First, five folds of 178 wines: look at the interval. Then two models on the same test rows. Look at how many "
        "tumours one is ahead by, and at what the test says that this is worth.",
    )
    _first, *_rest = LESSON["runs"]
    _sources = kit.sources(
        ("Ambroise and McLachlan (2002), Selection bias in gene extraction", "https://doi.org/10.1073/pnas.102102699"),
        ("Kaufman and others (2012), Leakage in data mining", "https://doi.org/10.1145/2382577.2382579"),
        ("Dietterich (1998), Approximate statistical tests", "https://doi.org/10.1162/089976698300017197"),
    )
    _next = kit.next_lesson(LESSON, "You can build it, train it, judge it, and doubt it. The rest is practice.")
    mo.vstack([_words, kit.row(kit.run_command(_first), kit.run_command(*_rest)), _sources, _next])
    return


if __name__ == "__main__":
    app.run()
