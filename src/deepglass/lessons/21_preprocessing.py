"""Lesson 21: preprocessing and leakage. What is learnt from which rows, and that it travels with the model."""

import marimo

app = marimo.App(width="medium", app_title="Preparing data", css_file="../course/pages/lesson.css")

with app.setup:
    import json

    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.data.datasets import wine
    from deepglass.data.preprocess.standardizer import Standardizer

    LESSON = {
        "title": "Preparing data",
        "question": "Who may say how large is large?",
        "part": "Judging",
        "minutes": 15,
        "reads": ["data/preprocess/standardizer.py"],
        "runs": [
            "deepglass check wine",
            "deepglass train wine --model linear --epochs 10 --run runs/wine",
            "deepglass predict runs/wine wine",
        ],
    }

    TABLE = wine.load()
    COLUMNS = [name for name in TABLE.frame.columns if name != TABLE.target]
    X = TABLE.frame[COLUMNS].to_numpy(float)
    GROWER = np.unique(TABLE.frame[TABLE.target].to_numpy(), return_inverse=True)[1]
    FIRST, SECOND = "alcohol", "proline"
    LOOKS = {0: ("o", kit.BLUE), 1: ("s", kit.ORANGE), 2: ("^", kit.GREEN)}


@app.function
def parts(seed):
    """Two thirds of the bottles to learn from, and the others: row numbers."""
    order = np.random.default_rng(seed).permutation(len(X))
    return order[:118], order[118:]


@app.function
def neighbours(known, classes, new, k=5):
    """What most of the five nearest known rows are: a class for every new row."""
    far = ((new[:, None] - known[None]) ** 2).sum(2)
    nearest = np.argsort(far, axis=1, kind="stable")[:, :k]
    return np.array([np.bincount(classes[row]).argmax() for row in nearest])


@app.function
def accuracy(fitted_on="train", together=60, power=1.0, seeds=range(20)):
    """Share of new bottles that their neighbours name rightly, over twenty splits.

    Args:
        fitted_on: Which rows say mean and deviation: "train"; "all", the test rows among them; or "own", where the new
            bottles are prepared with numbers of their own.
        together: How many new bottles arrive at a time.
        power: 0 leaves the units as they are, 1 divides by the whole deviation.
    """
    right = []
    for seed in seeds:
        train, test = parts(seed)
        scale = Standardizer.fit(X if fitted_on == "all" else X[train])
        known = scale.forward(X[train]) * scale.std ** (1 - power)
        for start in range(0, len(test), together):
            rows = test[start : start + together]
            theirs = Standardizer.fit(X[rows]) if fitted_on == "own" else scale
            new = theirs.forward(X[rows]) * theirs.std ** (1 - power)
            right += list(neighbours(known, GROWER[train], new) == GROWER[rows])
    return float(np.mean(right))


@app.function
def film_of():
    """Two columns of the wine, in units that become fair: each divided by more and more of its deviation."""
    fig, ax = kit.figure(4.4, 4.0)
    pair = X[:, [COLUMNS.index(FIRST), COLUMNS.index(SECOND)]]
    centred, std = pair - pair.mean(0), pair.std(0)
    dots = {kind: ax.scatter([], [], marker=marker, color=color, s=18) for kind, (marker, color) in LOOKS.items()}
    ax.set_aspect("equal", adjustable="box")

    def draw(number):
        power = number / 8
        shown = centred / std**power
        reach = 1.08 * np.abs(shown).max()
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel=FIRST, ylabel=SECOND)
        for kind, cloud in dots.items():
            cloud.set_offsets(shown[kind == GROWER])
        said = (
            "in their own units" if not power else "standardised" if power == 1 else f"divided by deviation^{power:g}"
        )
        right = accuracy(power=power)
        return f"{said}: five neighbours name {right:.0%} of new bottles rightly.".capitalize()

    return kit.frames(fig, draw, 9, "Bottles of three growers, alcohol against proline;")


@app.cell
def _():
    _honest, _leaky = accuracy(), accuracy("all")
    _guess = kit.guess(
        "To standardise, each column needs a mean and a deviation. A colleague takes them from <b>all</b> bottles, the "
        "test bottles among them. That is a leak. How much does it flatter the test score here?",
        ["By 10 points or more", "By about 5 points", "By less than 1 point", "It makes it much worse"],
        f"{_leaky:.1%} instead of {_honest:.1%}: next to nothing, and that is the danger. A mean of 178 bottles hardly "
        "knows any of them. What looks at the <i>answers</i> of the test rows is another matter: look below.",
    )
    kit.opening(
        LESSON,
        f"Wine of three growers. The machine sees numbers, not units: proline goes up to {X[:, -1].max():,.0f} mg, "
        f"alcohol from {X[:, 0].min():.0f} to {X[:, 0].max():.0f} %. To its eye all bottles lie on <b>one line</b>. "
        "Then each column is divided by its own spread.",
        kit.film(film_of(), label="Towards fair units", seconds=0.7, width=4.4),
        _guess,
    )
    return


@app.cell
def _():
    column = mo.ui.dropdown(COLUMNS, value=SECOND, label="column")
    bottle = kit.slider("bottle", [1, 20, 60, 75, 100, 130, 150, 178], 20)
    kit.text(
        r"""
        ## There and back {#see}

        Distances, gradients and penalties treat a step of 1 in every column alike. So each column is measured in its
        own deviations: $\orange{z} = (x - \blue{\mu}) / \green{\sigma}$. Nothing is lost by that: with the two
        numbers it can be undone. Those two numbers are *learnt*, as weights are.

        {column} {bottle}
        """,
        column=column,
        bottle=bottle,
    )
    return bottle, column


@app.cell
def _(bottle, column):
    _scale, _at = Standardizer.fit(X[parts(0)[0]]), COLUMNS.index(column.value)
    _x = X[bottle.value - 1]
    _z = _scale.forward(_x)
    kit.levels(
        kit.bars(
            dict(zip((name.replace("_", " ").split("/")[0] for name in COLUMNS), _z)),
            label=f"Bottle {bottle.value} in deviations of the training rows",
            xlabel="deviations from the training mean",
        ),
        {
            f"{column.value} of bottle {bottle.value}": _x[_at],
            "mean of the training rows": _scale.mean[_at],
            "their deviation": _scale.std[_at],
            "standardised": _z[_at],
            "and back": _scale.backward(_z)[_at],
        },
        r"""
        $$\orange{z} = \frac{x - \blue{\mu}}{\green{\sigma}}
        = \frac{{raw} - \blue{mean}}{\green{std}} = \orange{standard}$$

        $$x = \blue{\mu} + \green{\sigma}\,\orange{z}$$
        """,
        raw=_x[_at],
        mean=_scale.mean[_at],
        std=_scale.std[_at],
        standard=_z[_at],
    )
    return


@app.function
def shops(peeks, seed, count=200, kinds=100):
    """Two hundred customers, the shop they came to, and whether they return: by the toss of a coin.

    Each shop is replaced by the share of its customers who return, as is usual for columns with many words; then a
    customer is said to return if that is more than half. Which rows may say the share?

    Returns:
        The share of the test rows that is right.
    """
    rng = np.random.default_rng(seed)
    shop, returns, order = rng.integers(0, kinds, count), rng.integers(0, 2, count), rng.permutation(count)
    train, test = order[:120], order[120:]
    asked = order if peeks else train
    seen = np.bincount(shop[asked], minlength=kinds)
    share = np.where(seen > 0, np.bincount(shop[asked], returns[asked], kinds) / np.maximum(seen, 1), 0.5)
    return float(((share[shop[test]] > 0.5) == returns[test]).mean())


@app.cell
def _():
    _told = {
        "wine, deviations": {"from training rows": 100 * accuracy(), "from all rows": 100 * accuracy("all")},
        "coins, shares": {
            name: 100 * float(np.mean([shops(peeks, seed) for seed in range(100)]))
            for name, peeks in (("from training rows", False), ("from all rows", True))
        },
    }
    _words = kit.text(
        """
        ### Which leak flatters?

        In the picture, below the wine, is a second table: customers of a hundred shops who return **by the toss of a
        coin**. The name of the shop becomes a number, the *share of its customers who return*. Taken from all rows, it
        knows the answers of the test, and the score rises to {told:.0f} %. In truth there is nothing to know.

        The rule costs nothing and needs no judgement of which leak is harmless: **whatever is learnt from data, means,
        deviations, words, fills for empty cells, chosen columns, is learnt from the training rows.**
        """,
        told=_told["coins, shares"]["from all rows"],
    )
    _picture = kit.bars(_told, unit=" %", label="Right answers on test rows", xlim=(0, 150))
    kit.after_guess(kit.row(_words, _picture))
    return


@app.cell
def _():
    kit.text(
        """
        ## Two numbers per column, kept {#read}

        The file that prepared every picture above. `fit` is called once, with training rows; `state` is what is stored
        beside the weights: plain numbers.

        {code}
        """,
        code=kit.read(
            "data/preprocess/standardizer.py",
            {
                "known = np.isfinite": "Empty cells have no say.",
                "return cls(mean, np.where": "A constant column is not divided by zero.",
                "return (values - self.mean) / self.std": "There …",
                "return values * self.std": "… and back: a forecast is said in euros, not in deviations.",
                'return {"mean"': "What travels with the model.",
            },
            part="Standardizer",
        ),
    )
    return


@app.cell
def _():
    prepared = mo.ui.radio(
        ["their own numbers", "the model's numbers"], value="their own numbers", label="with", inline=True
    )
    together = kit.slider("bottles that arrive together", [1, 2, 5, 20, 60], 1)
    kit.text(
        """
        ## A single bottle: break it, mend it {#break-it-mend-it}

        The model is shipped, and new bottles are prepared where they arrive, with *their own* mean and deviation. With
        sixty at a time hardly anybody notices. Then a customer sends **one**. **Mend it** twice: first by waiting for
        more bottles, then by what should have been done in the first place.

        {together} {prepared}
        """,
        together=together,
        prepared=prepared,
    )
    return prepared, together


@app.cell
def _(prepared, together):
    _own, _count = prepared.value == "their own numbers", together.value
    _score = accuracy("own" if _own else "train", _count)
    _row = parts(0)[1][:_count]
    _scale = Standardizer.fit(X[_row] if _own else X[parts(0)[0]])
    _stored = Standardizer.from_state(json.loads(json.dumps(_scale.state())))
    _first = _stored.forward(X[_row])[0]
    _why = (
        "A single bottle *is* its own mean: every column becomes 0, and all bottles of the world look the same."
        if _own and _count == 1
        else "Each batch is centred on itself. What is special about it, all from one grower, say, is subtracted."
        if _own
        else "The numbers came with the model, through a file and back. How many bottles arrive plays no role."
    )
    kit.row(
        kit.bars(
            dict(zip((name.replace("_", " ").split("/")[0] for name in COLUMNS), _first.round(3))),
            label="What the model sees of the first bottle", xlabel="what the model sees of one bottle",
            xlim=(-4, 4), caption=f"{_score:.0%} of new bottles are named rightly.",
        ),
        kit.md(f"**{_score:.0%} right.** {_why}"),
    )  # fmt: skip
    return


@app.cell
def _():
    _steps = kit.choose(
        "Which of these must be learnt from the training rows alone?",
        {
            "The median that fills empty cells": (True, "It is a number learnt from data."),
            "The list of known words of a category": (True, "A word that only the test has must count as unknown."),
            "Which ten columns are kept": (True, "The choice looks at the answers: this leak flatters much."),
            "The logarithm of a price": (False, "It learns nothing: log 100 is log 100, whatever other rows say."),
        },
        name="steps",
        several=True,
    )
    kit.check(kit.exercise("prepare"), _steps)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        `check` looks for what is wrong before anything is learnt: empty cells, constants, ids, and columns that give
        the answer away. `train` fits the preparation on training rows and keeps it in the run folder;
        `predict` prepares whatever rows come with exactly those numbers: one alone, or all.
        """,
        own_file="""
        A table with a header, CSV or Excel: `deepglass check my.csv --target COLUMN` first, then `deepglass train`.
        If several rows belong to one person, say so with `--group-column`: they must not lie on both sides.
        """,
        sources=[
            ("Kaufman et al. (2012), Leakage in Data Mining", "https://doi.org/10.1145/2382577.2382579"),
            (
                "Kapoor and Narayanan (2023), Leakage and the reproducibility crisis",
                "https://doi.org/10.1016/j.patter.2023.100804",
            ),
            ("Micci-Barreca (2001), shares in the place of words", "https://doi.org/10.1145/507533.507538"),
        ],
        onward="Rows can be prepared. Next they are multiplied: pictures that nobody took.",
    )
    return


if __name__ == "__main__":
    app.run()
