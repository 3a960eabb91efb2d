"""Lesson 46: a fair share for every feature. Orders of arrival, their mean, what it is compared with, and its price."""

import marimo

app = marimo.App(width="medium", app_title="A fair share", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache
    from itertools import permutations

    import marimo as mo
    import numpy as np
    from sklearn.datasets import load_iris, load_wine

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.explain.coalitions import ends
    from deepglass.explain.methods import kernel_shapley, occlusion, shapley
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "A fair share",
        "question": "Four measurements gave one answer together. What is each of them worth?",
        "part": "Understanding",
        "minutes": 18,
        "reads": ["explain/methods/shapley.py", "explain/methods/kernel_shapley.py"],
        "runs": [
            "deepglass train iris --model mlp --epochs 20 --run runs/iris",
            "deepglass explain runs/iris --row 1 --method shapley",
        ],
    }

    COLUMNS = ("sepal length", "sepal width", "petal length", "petal width")
    ORDERS = list(permutations(range(len(COLUMNS))))  # in which the columns may arrive
    FLOWERS = {"flower 84": 83, "flower 71": 70, "flower 107": 106}  # from 1, and their rows
    VIRGINICA, CULTIVAR = 2, 1  # classes that are explained
    BASES = ("a typical iris", "an average setosa", "zeros")
    ASKED = (64, 128, 256, 512, 1024)  # coalitions of the thirteen columns of a wine


@app.function
@cache
def learnt(data):
    """A net of one hidden layer on bundled measurements: from rows (n, d) to probabilities (n, classes)."""
    X, y = {"iris": load_iris, "wine": load_wine}[data](return_X_y=True)
    mean, std = X.mean(0), X.std(0)
    glass.manual_seed(0)
    model = nn.Sequential(nn.Linear(X.shape[1], 16), nn.Tanh(), nn.Linear(16, 3))
    optimizer, scaled = (
        glass.optim.Adam(model.parameters(), lr=0.02),
        glass.tensor(((X - mean) / std).astype("float32")),
    )
    for _ in range(80):
        optimizer.zero_grad()
        F.cross_entropy(model(scaled), glass.tensor(y)).backward()
        optimizer.step()

    def probabilities(rows):
        with glass.no_grad():
            return F.softmax(model(glass.tensor(((rows - mean) / std).astype("float32"))), 1).numpy().astype(float)

    return X, y, probabilities


@app.function
@cache
def base_of(name):
    """A row (4,) whose cells stand for columns that have not arrived."""
    X, y, _ = learnt("iris")
    return {BASES[0]: np.median(X, 0), BASES[1]: X[y == 0].mean(0), BASES[2]: np.zeros(4)}[name]


@app.function
def game(flower, base=BASES[0]):
    """The net's probability of virginica when only some columns have arrived: (n, 4) → (n,)."""
    X, _, probabilities = learnt("iris")
    return lambda present: probabilities(np.where(present, X[FLOWERS[flower]], base_of(base)))[:, VIRGINICA]


@app.function
def arrivals(play, order):
    """The score as the columns arrive, (M + 1,), and what each of them brought, (M,) by column."""
    there = np.arange(len(order))[:, None] > np.argsort(order)  # row k: the first k of the order
    scores = play(np.vstack([there, np.ones(len(order), bool)]))
    gains = np.empty(len(order))
    gains[list(order)] = np.diff(scores)
    return scores, gains


@app.function
@cache
def gains_of(flower):
    """(24, 4) what each column brought in each order."""
    return np.array([arrivals(game(flower), order)[1] for order in ORDERS])


@app.function
def said(order):
    """The columns of an order."""
    return ", ".join(COLUMNS[column] for column in order)


@app.function
def film():
    """The mean share so far, order by order."""
    found = gains_of("flower 84")
    for count, order in enumerate(ORDERS, 1):
        mean = dict(zip(COLUMNS, found[:count].mean(0)))
        told = f"Order {count}: {said(order)}. Bars: the mean of {count} order{'s' * (count > 1)}."
        yield kit.bars(mean, label="What each column brought on average", caption=told, xlim=(-0.4, 0.95))


@app.function
def twins(present):
    """A model that answers 1 as soon as it knows one of two columns, which say the same: (n, 2) → (n,)."""
    return present.any(axis=1).astype(float)


@app.function
def wine():
    """The game of one wine's thirteen columns against the medians: (n, 13) → (n,)."""
    X, _, probabilities = learnt("wine")
    return lambda present: probabilities(np.where(present, X[83], np.median(X, 0)))[:, CULTIVAR]


@app.function
@cache
def drawn():
    """Shapley values of the wine, and (sizes, 3) how far those of drawn coalitions are off, and miss the sum."""
    play = wine()
    true, whole = shapley.exact(play, 13), float(np.diff(play(ends(13)))[0])
    found = [[kernel_shapley.estimate(play, 13, asked, seed)[0] for seed in range(3)] for asked in ASKED]
    off = np.array([[np.abs(one - true).mean() for one in some] for some in found])
    return true, off, np.array([[abs(one.sum() - whole) for one in some] for some in found])


@app.cell
def _():
    _none, _all = game("flower 84")(ends(4))
    _twins = shapley.exact(twins, 2)
    kit.opening(
        LESSON,
        f"A net sees four measurements of an iris and says *virginica* with {_all:.0%}. Of a typical iris it says it "
        f"with {_none:.0%}. Let the measurements **arrive one by one**, and see what each brings. It depends on the "
        "order. So take every order, and the mean.",
        kit.film(film(), label="Orders of arrival", seconds=0.6),
        kit.guess(
            "Another model has two columns that hold the same. It answers 1 as soon as it knows one of them. Hide the "
            "first, and nothing changes; hide the second, and nothing changes. What is each worth, as the mean of all "
            "orders?",
            ["Nothing", "One half", "One"],
            f"{_twins[0]:g} each. There are two orders. In each, whoever comes first brings everything and the other "
            "nothing. Hiding one at a time asks only what a column brings when it comes last.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    flower = mo.ui.dropdown(list(FLOWERS), value="flower 84", label="Flower")
    number = kit.slider("Order of arrival", range(1, len(ORDERS) + 1), 24)
    kit.text(
        """
        ## Who comes first? {#see}

        A column that has not arrived holds the value of a typical iris, the median. Go through the {count} orders:
        petal length and petal width say much the same, and whichever comes first brings more.

        {flower} {number}
        """,
        count=len(ORDERS),
        flower=flower,
        number=number,
    )
    return flower, number


@app.cell
def _(flower, number):
    _order = ORDERS[number.value - 1]
    _scores, _gains = arrivals(game(flower.value), _order)
    _mean, _last = gains_of(flower.value).mean(0), _order[-1]
    kit.levels(
        kit.bars(
            {
                name: {"in this order": _gains[column], "mean of all orders": _mean[column]}
                for column, name in enumerate(COLUMNS)
            },
            label="What each column brings", xlim=(-1.1, 1.6),
            colors={"in this order": kit.GREY, "mean of all orders": kit.BLUE},
        ),
        [{"arrives": "nobody yet", "virginica": _scores[0], "brought": ""}]
        + [
            {"arrives": COLUMNS[column], "virginica": score, "brought": f"{_gains[column]:+.3f}"}
            for column, score in zip(_order, _scores[1:])
        ],
        r"""
        The share of **{name}** is the mean of what it brought in all {count} orders:

        $$\blue{\varphi} = \frac{1}{{count}}\sum_{\text{orders}}
        \big[v(\text{before and it}) - v(\text{before})\big] = {share}$$

        All shares together: ${sum} = {whole} - {none}$, the answer less that for a typical iris. This is the
        **Shapley value**.
        """,
        name=COLUMNS[_last],
        count=len(ORDERS),
        share=f"{_mean[_last]:.3f}",
        sum=f"{_mean.sum():.3f}",
        whole=f"{_scores[-1]:.3f}",
        none=f"{_scores[0]:.3f}",
    )  # fmt: skip
    return


@app.cell
def _():
    _shown = kit.text(
        """
        ### The two that say the same

        {table}

        Shapley showed in 1953 that four wishes leave one division only: **nothing is left over**; columns that bring
        the same to every coalition get **the same**; one that never brings anything gets **nothing**; and the shares of
        a sum of two games are the **sums** of the shares.
        """,
        table=kit.table(
            [
                {"asked": "hide one at a time", "first": occlusion.drops(twins, 2)[0],
                 "second": occlusion.drops(twins, 2)[1], "together": occlusion.drops(twins, 2).sum()},
                {"asked": "every order", "first": shapley.exact(twins, 2)[0],
                 "second": shapley.exact(twins, 2)[1], "together": shapley.exact(twins, 2).sum()},
            ]
        ),
    )  # fmt: skip
    kit.after_guess(_shown)
    return


@app.cell
def _():
    kit.text(
        """
        ## Coalitions instead of orders {#read}

        What a column brings depends on *who* is there before it, not on their order. So {orders} orders need only
        {coalitions} questions: the score of every **coalition**, each weighed by the number of orders in which it is
        the one that a column meets.

        {code}
        """,
        orders=len(ORDERS),
        coalitions=1 << len(COLUMNS),
        code=kit.read(
            "explain/methods/shapley.py",
            {
                "scores, sizes = game(coalitions)": "The score of all 2ᴹ coalitions, each asked once.",
                "weights = np.array": "How likely it is that a column meets a coalition of this size.",
                "added = scores[without + (1 << player)]": "What it brings to each coalition without it.",
            },
            part="exact",
        ),
    )
    return


@app.cell
def _():
    base = mo.ui.dropdown(list(BASES), value="zeros", label="A column that has not arrived holds that of")
    kit.text(
        """
        ## Fair, compared with what? {#break-it-mend-it}

        A share is a difference, and a difference needs something to differ from. With **zeros** the net is asked about
        flowers that do not exist, with petals of no length, and the shares speak about them. **Mend it** with a typical
        iris. Or ask another question: what makes it a virginica and *not a setosa*? None of these shares is wrong; a
        share without its base says nothing.

        {base}
        """,
        base=base,
    )
    return (base,)


@app.cell
def _(base, flower):
    _play = game(flower.value, base.value)
    _none, _all = _play(ends(4))
    _shares = shapley.exact(_play, 4)
    kit.row(
        kit.bars(dict(zip(COLUMNS, _shares)), label=f"Shares of {flower.value} against {base.value}", xlim=(-0.9, 1.3)),
        kit.table(
            {
                "virginica": float(_all), f"of {base.value}": float(_none), "shares together": float(_shares.sum()),
                "largest share": COLUMNS[int(np.abs(_shares).argmax())],
            }
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    _true, _off, _missed = drawn()
    kit.row(
        kit.text(
            """
            ### Thirteen columns, and more

            Every further column doubles the questions: a wine with {columns} columns has {all} coalitions, a picture of
            28 × 28 pixels more than there are atoms in all that we see of the universe. **Kernel SHAP** draws some and
            fits a line through their scores, weighed so that with all of them its slopes *are* the Shapley values. What
            is drawn leaves an error, and `deepglass explain` shows its interval. The sum does not suffer: it is a
            condition of the fit, missed here by at most {missed}.
            """,
            columns=len(_true),
            all=f"{1 << len(_true):,}",
            missed=f"{_missed.max():.0e}",
        ),
        kit.curves(
            {"mean error": (np.array(ASKED), _off.mean(1))}, log="xy", xlabel="coalitions that are asked",
            ylabel="off the exact value", bands={"mean error": (_off.min(1), _off.max(1))},
            label="Mean error of the shares by the number of coalitions",
            caption=f"The largest share is {np.abs(_true).max():.2f}. The band holds three seeds.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    _gains = (0.3, 0.3, 0.6)
    kit.check(
        kit.exercise("fair_share"),
        kit.answer(
            f"Of three columns, one brings {_gains[0]:g} when it comes first, {_gains[1]:g} when it comes second, "
            f"whoever was there, and {_gains[2]:g} when it comes last. What is its share?",
            sum(_gains) / 3,
            name="places",
            slips={
                sum(_gains): "Of the six orders it has each place in two: take a mean.",
                _gains[2]: "That is what hiding it alone would say: it comes last in two orders of six only.",
                (_gains[0] + _gains[2]) / 2: "It comes second as often as first or last.",
            },
            because="Each place is as likely as another.",
            hint="In how many of the six orders does it come first, second, last?",
            solution="(0.3 + 0.3 + 0.6) / 3 = 0.4",
        ),
        kit.choose(
            "The share of petal width is −0.2. What does that mean?",
            {
                "Over all orders, its arrival lowered the score by 0.2 on average": (True, "From that of the base."),
                "Without it, the score would be 0.2 higher": (False, "That asks for one order only: it comes last."),
                "A wider petal would lower the score": (False, "Other values of the column were never asked for."),
                "It makes the flower less of a virginica": (False, "It speaks of the net and not of flowers."),
            },
            name="minus",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Four columns have sixteen coalitions, and all of them are asked. The line below the heading is the sum: score,
        base, and shares, with what the base is.
        """,
        own_file="""
        Any row of a table, any text: `deepglass explain runs/mine my.csv --row 3 --method shapley`. From thirteen
        columns or words on it is `--method kernel-shapley`, with intervals. Another base: `--base row:7`, a row of
        the file, to be compared with it.
        """,
        sources=[
            ("Shapley (1953), A value for n-person games", "https://doi.org/10.1515/9781400881970-018"),
            ("Štrumbelj and Kononenko (2014), Explaining prediction models", "https://doi.org/10.1007/s10115-013-0679-x"),
            ("Lundberg and Lee (2017), A unified approach", "https://arxiv.org/abs/1705.07874"),
            ("Sundararajan and Najmi (2020), The many Shapley values", "https://arxiv.org/abs/1908.08474"),
            ("Covert and Lee (2021), Improving KernelSHAP", "https://arxiv.org/abs/2012.01536"),
        ],
        onward="Kernel SHAP draws a line through coalitions. An older method draws one through its neighbours.",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
