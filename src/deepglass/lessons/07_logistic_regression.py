"""Lesson 7: logistic and softmax regression. A line for the log-odds, a probability for every class; iris."""

import marimo

app = marimo.App(width="medium", app_title="Logistic regression", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.glass.classic import LogisticRegression

    LESSON = {
        "title": "Logistic regression",
        "question": "How likely is it?",
        "part": "The neuron",
        "minutes": 20,
        "reads": ["LogisticRegression.fit"],
        "runs": ["deepglass train iris --target species --model linear --folds 5"],
    }

    # Fifty flowers of each species, petals in millimetres: lengths, then widths (Fisher 1936).
    PETALS = {
        "setosa": np.array([
            [14, 14, 13, 15, 14, 17, 14, 15, 14, 15, 15, 16, 14, 11, 12, 15, 13, 14, 17, 15, 17, 15, 10, 17, 19, 16, 16,
             15, 14, 16, 16, 15, 15, 14, 15, 12, 13, 14, 13, 15, 13, 13, 13, 16, 19, 14, 16, 14, 15, 14],
            [2, 2, 2, 2, 2, 4, 3, 2, 2, 1, 2, 2, 1, 1, 2, 4, 4, 3, 3, 3, 2, 4, 2, 5, 2, 2, 4, 2, 2, 2, 2, 4, 1, 2, 2, 2,
             2, 1, 2, 2, 3, 3, 2, 6, 4, 3, 2, 2, 2, 2],
        ]),
        "versicolor": np.array([
            [47, 45, 49, 40, 46, 45, 47, 33, 46, 39, 35, 42, 40, 47, 36, 44, 45, 41, 45, 39, 48, 40, 49, 47, 43, 44, 48,
             50, 45, 35, 38, 37, 39, 51, 45, 45, 47, 44, 41, 40, 44, 46, 40, 33, 42, 42, 42, 43, 30, 41],
            [14, 15, 15, 13, 15, 13, 16, 10, 13, 14, 10, 15, 10, 14, 13, 14, 15, 10, 15, 11, 18, 13, 15, 12, 13, 14, 14,
             17, 15, 10, 11, 10, 12, 16, 15, 16, 15, 13, 13, 13, 12, 14, 12, 10, 13, 12, 13, 13, 11, 13],
        ]),
        "virginica": np.array([
            [60, 51, 59, 56, 58, 66, 45, 63, 58, 61, 51, 53, 55, 50, 51, 53, 55, 67, 69, 50, 57, 49, 67, 49, 57, 60, 48,
             49, 56, 58, 61, 64, 56, 51, 56, 61, 56, 55, 48, 54, 56, 51, 51, 59, 57, 52, 50, 52, 54, 51],
            [25, 19, 21, 18, 22, 21, 17, 18, 18, 25, 20, 19, 21, 20, 24, 23, 18, 22, 23, 15, 23, 20, 20, 18, 21, 18, 18,
             18, 21, 16, 19, 20, 22, 15, 14, 23, 24, 18, 18, 21, 24, 23, 19, 23, 25, 23, 19, 20, 23, 18],
        ]),
    }  # fmt: skip
    COLORS = {"setosa": kit.GREEN, "versicolor": kit.ORANGE, "virginica": kit.BLUE}
    FLOWERS = np.concatenate([sizes.T for sizes in PETALS.values()]) / 10  # (150, 2), centimetres
    SPECIES = np.repeat(list(PETALS), 50)
    MIDDLE, SPREAD = FLOWERS.mean(0), FLOWERS.std(0)
    SCALED = (FLOWERS - MIDDLE) / SPREAD
    TITANIC = {"women": (316, 109), "men": (338, 1329)}  # adults: saved, lost (Dawson 1995)


@app.function
def square_of(flowers):
    """Petals of versicolor and virginica as places in the square from -1 to 1."""
    return (np.asarray(flowers) - [4.95, 1.75]) / [2.1, 0.85]


@app.function
def odds_ratio_of(groups):
    """How many times better the odds of the first group are: (a/b) / (c/d)."""
    (a, b), (c, d) = groups.values()
    return (a / b) / (c / d)


@app.function
def fit_groups(groups):
    """Logistic regression with one input, 1 for the first group and 0 for the second."""
    (a, b), (c, d) = groups.values()
    first, saved = np.repeat([[1, 1], [1, 0], [0, 1], [0, 0]], [a, b, c, d], axis=0).T
    return LogisticRegression(C=np.inf).fit(first[:, None].astype(float), saved)


@app.function
def five_folds(X, y, C=10.0):
    """Share of right answers on each fifth, by a model that never saw it; every species is spread evenly."""
    fold = np.arange(len(X)) % 5
    shares = []
    for k in range(5):
        middle, spread = X[fold != k].mean(0), X[fold != k].std(0)
        model = LogisticRegression(C=C, tol=1e-4).fit((X[fold != k] - middle) / spread, y[fold != k])
        shares.append(model.score((X[fold == k] - middle) / spread, y[fold == k]))
    return np.array(shares)


@app.function
def trained(steps, C):
    """Setosa or versicolor, by length alone, after so many steps."""
    two = SPECIES != "virginica"
    return LogisticRegression(C=C, max_iter=steps, tol=0).fit(SCALED[two, :1], SPECIES[two])


@app.cell
def _():
    kit.opening(
        LESSON,
        "A hundred irises of two species: how long their petals are (across), how wide (up). A line learns to tell "
        "them apart, but it says more than yes or no. The deeper the colour, the surer it is.",
    )
    return


@app.cell
def _():
    _points = [
        [*square_of(flower), int(name == "virginica")] for flower, name in zip(FLOWERS, SPECIES) if name != "setosa"
    ]
    kit.levels(
        kit.plane(_points, rule="logistic", name="petals", rate=0.5, label="Petals: virginica blue, versicolor orange"),
        kit.network(follows="petals", inputs=["x₁", "x₂"], outputs=["p"], label="One neuron with a sigmoid"),
        kit.md(
            r"""
            $$p = \sigma(\blue{w_1} x_1 + \blue{w_2} x_2 + \green{b})$$

            $$\sigma(z) = \frac{1}{1 + e^{-z}}$$

            $x_1$ is the length, $x_2$ the width (as places in the square), $p$ how likely it is virginica. The sum $z$
            may be any number; the sigmoid $\sigma$ makes a probability of it.
            """
        ),
    )
    return


@app.cell
def _():
    _p = 1 / (1 + np.exp(-np.array([-4.0, -3.5, 0.0, 0.5])))
    kit.guess(
        "A petal grows by the same small step. For which flower does the probability of virginica change most?",
        ["For one that was almost surely versicolor", "For one on the line", "For all by the same amount"],
        f"For one on the line: half a step of the sum takes it from {_p[2]:.0%} to {_p[3]:.0%}. Far out the same half "
        f"step takes {_p[0]:.1%} to {_p[1]:.1%}. But there is a scale on which the step is the same for all of them: "
        "the one that the neuron computes on.",
    )
    return


@app.cell
def _():
    _words = kit.section(
        "See",
        """
        Say the same thing in three ways. A **probability** lies between 0 and 1. The **odds** are how many times it
        happens for each time it does not: from nothing to without end. Their logarithm, the **log-odds**, may be any
        number, and is 0 where both are as likely. Move the probability:
        """,
    )
    share = mo.ui.slider(0.01, 0.99, 0.01, value=0.8, label="probability", show_value=True)
    mo.vstack([_words, share])
    return (share,)


@app.cell
def _(share):
    _p = share.value
    _odds, _log_odds = _p / (1 - _p), np.log(_p / (1 - _p))
    _fig, _axes = kit.figure(width=4.6, height=2.7, rows=3)
    _names, _limits = ("probability", "odds", "log-odds"), ((0, 1), (0, 10), (-5, 5))
    _scales = zip((_p, _odds, _log_odds), _limits, _names, (kit.BLUE, kit.ORANGE, kit.GREEN))
    for _ax, (_value, _ends, _name, _color) in zip(_axes, _scales):
        _ax.barh([0], [min(_value, _ends[1])], color=_color, height=0.8)
        _ax.set(xlim=_ends, ylim=(-0.6, 0.6), yticks=[])
        _ax.set_title(f"{_name}  {_value:.2f}", fontsize=10, loc="left", color=_color)
    _to = f"{_odds:.3g} to 1" if _p >= 0.5 else f"1 to {1 / _odds:.3g}"
    kit.row(
        kit.html(_fig, f"Probability {_p:.2f}, odds {_odds:.2f}, log-odds {_log_odds:.2f}"),
        kit.md(
            rf"""
            Of 100 such flowers {100 * _p:.0f} are virginica, {100 - 100 * _p:.0f} are not: odds of **{_to}**.

            $$\frac{{{_p:.2f}}}{{1 - {_p:.2f}}} = \orange{{{_odds:.2f}}}$$

            $$\ln \orange{{{_odds:.2f}}} = \green{{{_log_odds:.2f}}}$$

            Logistic regression draws a straight line for the green number. The S-shaped curve is what this line looks
            like to someone who thinks in probabilities: $\sigma$ turns log-odds back.
            """
        ),
    )
    return


@app.cell
def _():
    _model = fit_groups(TITANIC)
    _w, _b = float(_model.coef_[0, 0]), float(_model.intercept_[0])
    _adults, (_women, _men) = sum(map(sum, TITANIC.values())), (saved / lost for saved, lost in TITANIC.values())
    _saved = [saved / (saved + lost) for saved, lost in TITANIC.values()]
    _rows = [f"| {who} | {saved:,} | {lost:,} | {saved / lost:.3f} |" for who, (saved, lost) in TITANIC.items()]
    kit.row(
        kit.md(
            rf"""
            ### What a weight means

            On the Titanic there were {_adults:,} adults. The table counts; logistic regression, with 1 for a woman and
            0 for a man, learns a weight of {_w:.4f}. The two know the same:

            $$e^{{\blue{{w}}}} = e^{{{_w:.4f}}} = {np.exp(_w):.2f} = \frac{{{_women:.3f}}}{{{_men:.3f}}}$$

            One more of the input multiplies the odds by $e^{{w}}$, whatever they were: the **odds ratio**. Not the
            probability: {_saved[1]:.0%} of the men were saved, {_saved[0]:.0%} of the women, and {np.exp(_w):.1f} times
            {_saved[1]:.0%} would be more than all.
            """
        ),
        kit.md(
            "\n".join(["| | saved | lost | odds |", "|---|--:|--:|--:|", *_rows])
            + f"\n\nOdds ratio **{odds_ratio_of(TITANIC):.2f}**; for a man, $e^b = {np.exp(_b):.3f}$."
        ),
    )
    return


@app.cell
def _():
    _words = kit.md(
        """
        ### Three species: softmax regression

        Every species gets a sum of its own, and softmax makes shares of the three. Two classes were the same thing with
        one sum fixed at 0. Go through the flowers:
        """
    )
    flower = mo.ui.slider(1, 150, 1, value=107, label="flower", show_value=True)
    mo.vstack([_words, flower])
    return (flower,)


@app.cell
def _():
    softmax_model = LogisticRegression(C=10, tol=1e-4).fit(SCALED, SPECIES)
    folds = five_folds(FLOWERS, SPECIES)
    return folds, softmax_model


@app.cell
def _(flower, folds, softmax_model):
    _at = flower.value - 1
    _logits, _shares = softmax_model.decision_function(SCALED)[_at], softmax_model.predict_proba(SCALED)[_at]
    _x, _y = np.meshgrid(np.linspace(0.6, 7.2, 60), np.linspace(-0.1, 2.8, 50))
    _sums = softmax_model.decision_function((np.column_stack([_x.ravel(), _y.ravel()]) - MIDDLE) / SPREAD)
    _fig, _ax = kit.figure(height=3.2)
    for _k, (_name, _color) in enumerate(COLORS.items()):
        _lead = (_sums[:, _k] - np.delete(_sums, _k, axis=1).max(1)).reshape(_x.shape)
        _ax.contourf(_x, _y, _lead, levels=[0, 1e3], colors=[_color], alpha=0.2)
        _ax.scatter(*FLOWERS[_name == SPECIES].T, s=12, color=_color, linewidths=0)
        _ax.text(*((1.7, 0.75), (2.7, 1.62), (4.4, 2.5))[_k], _name, color=_color)
    _ax.scatter(*FLOWERS[_at], s=110, facecolors="none", edgecolors=kit.INK, linewidths=1.8, zorder=4)
    _ax.set(xlim=(0.6, 7.2), ylim=(-0.1, 2.8), xlabel="petal length, cm", ylabel="petal width, cm")
    _rows = [f"| {name} | {logit:.2f} | **{p:.3f}** |" for name, logit, p in zip(COLORS, _logits, _shares)]
    kit.row(
        kit.html(_fig, f"Flower {_at + 1} is {SPECIES[_at]}; the model says {softmax_model.predict(SCALED)[_at]}"),
        kit.md(
            "\n".join(["| species | sum | share |", "|---|--:|--:|", *_rows])
            + f"\n\nIn truth it is *{SPECIES[_at]}*.\n\n"
            + r"$$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}$$"
            + "\n\n"
            + f"Five times trained on four fifths and judged on the rest: **{folds.mean():.1%}** right, with two "
            "measurements of a petal."
        ),
    )
    return


@app.cell
def _():
    _notes = {
        "loss_function = F.cross_entropy": "Two classes need one sum, more need one each: the rest is the same.",
        "+ penalty / 2": "The surprise at the data, and a price on large weights.",
        "loss.backward()": "Cross-entropy through a sigmoid: said minus true (lesson 9).",
        "optimizer.step()": "There is no equation to solve here, but still one valley: a walk down cannot end in a "
        "wrong one.",
    }
    _words = kit.section("Read", "The whole fit, as our tests hold it against scikit-learn to the third decimal.")
    mo.vstack([_words, kit.read("LogisticRegression.fit", _notes)])
    return


@app.cell
def _():
    _words = kit.section(
        "Break it, mend it",
        """
        Setosa and versicolor can be told apart by petal length without a single mistake. You would think nothing is
        easier. But then every larger weight fits *even* better: 99 % sure is good, 99.9 % is better. There is no best
        weight; the longer you train, the steeper the curve. **Mend it** with a penalty on the size of the weight.
        """,
    )
    steps = mo.ui.slider(1, 4, 0.25, value=3, label="steps, as a power of ten", show_value=True)
    held = mo.ui.switch(label="hold the weight back")
    mo.vstack([_words, mo.hstack([steps, held], justify="start", gap=2, wrap=True)])
    return held, steps


@app.cell
def _(held, steps):
    _steps = round(10**steps.value)
    _C = 1.0 if held.value else np.inf
    _model = trained(_steps, _C)
    _lengths = np.linspace(0.8, 5.3, 200)
    _fig, _ax = kit.figure(height=2.7)
    _ax.plot(
        _lengths, _model.predict_proba(((_lengths - MIDDLE[0]) / SPREAD[0])[:, None])[:, 1], color=kit.INK, linewidth=2
    )
    for _name, _level in (("setosa", 0), ("versicolor", 1)):
        _places = np.full(50, 1.12 * _level - 0.06)
        _ax.scatter(PETALS[_name][0] / 10, _places, s=40, marker="|", color=COLORS[_name], linewidths=1.4)
    _ax.set(ylim=(-0.12, 1.12), yticks=[0, 0.5, 1], xlabel="petal length, cm", ylabel="P(versicolor)")
    _path = [abs(float(trained(n, _C).coef_[0, 0])) for n in (10, 100)]
    _moral = "It grows and grows, ever more slowly, and never arrives. Between the species it pretends to know."
    kit.row(
        kit.html(_fig, f"After {_steps} steps the weight is {float(_model.coef_[0, 0]):.1f}"),
        kit.md(
            f"""
            | steps | 10 | 100 | **{_steps:,}** |
            |---|--:|--:|--:|
            | weight | {_path[0]:.1f} | {_path[1]:.1f} | **{abs(float(_model.coef_[0, 0])):.1f}** |

            {"The penalty stops it: more steps change nothing any more." if held.value else _moral}
            """
        ),
    )
    return


@app.cell
def _():
    _exercise = kit.exercise("odds_ratio")
    mo.vstack([kit.section("Check yourself"), _exercise])
    return


@app.cell
def _():
    _odds = 3.0
    _number = kit.answer(
        f"The odds are {_odds:g} to 1. What is the probability?",
        _odds / (1 + _odds),
        name="probability",
        slips={
            1 / _odds: f"{_odds:g} to 1 are {_odds + 1:g} parts in all.",
            1 / (1 + _odds): "That is how likely it is not.",
        },
        because="p = odds / (1 + odds).",
        hint=f"Of {_odds + 1:g} such cases, how many have it?",
        solution=f"{_odds:g} / ({_odds:g} + 1) = {_odds / (1 + _odds):g}",
    )
    _w = 0.7
    _options = {
        "the probability rises by 0.7": (False, "It would soon be above 1."),
        f"the odds are multiplied by {np.exp(_w):.2f}": (
            True,
            f"e to the {_w:g} is {np.exp(_w):.4f}, whatever the odds were.",
        ),
        "the odds rise by 0.7": (False, "The log-odds do. A sum of logarithms is a product."),
        "the probability doubles": (False, "Near 0 nearly; at 60 % it cannot."),
    }
    _choice = kit.choose(f"A weight is {_w:g}. When its input grows by 1 …", _options, name="weight")
    mo.vstack([_number, _choice], gap=1.5)
    return


@app.cell
def _():
    _words = kit.section(
        "Run",
        "All four measurements, all three species, five folds: each flower is judged by a model that never saw it. "
        "`--model linear` with classes *is* softmax regression.",
    )
    mo.vstack([_words, *(kit.run_command(command) for command in LESSON["runs"])])
    return


@app.cell
def _():
    _sources = kit.sources(
        (
            "Cox (1958), The Regression Analysis of Binary Sequences",
            "https://doi.org/10.1111/j.2517-6161.1958.tb00292.x",
        ),
        (
            "Fisher (1936), The Use of Multiple Measurements (iris)",
            "https://doi.org/10.1111/j.1469-1809.1936.tb02137.x",
        ),
        ("Dawson (1995), The Unusual Episode (Titanic)", "https://doi.org/10.1080/10691898.1995.11910499"),
    )
    _onward = kit.next_lesson(LESSON, "The sigmoid was one way to bend a sum. Why must a neuron bend at all?")
    mo.vstack([_sources, _onward])
    return


if __name__ == "__main__":
    app.run()
