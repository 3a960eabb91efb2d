"""Lesson 12: gradient descent. All rows a step, one row a step, or a few: the same valley, three ways down."""

import marimo

app = marimo.App(width="medium", app_title="Gradient descent", css_file="../course/pages/lesson.css")

with app.setup:
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit

    LESSON = {
        "title": "Gradient descent",
        "question": "How many examples before a step?",
        "part": "Learning",
        "minutes": 15,
        "reads": ["glass/optim/sgd.py"],
        "runs": [
            "deepglass train iris --target species --model linear --optimizer sgd --epochs 10 --batch-size 0",
            "deepglass train iris --target species --model linear --optimizer sgd --epochs 10 --batch-size 8",
        ],
    }

    ROWS, START = 64, (-1.6, -1.3)
    NAMES = {ROWS: "batch", 8: "mini-batch of 8", 1: "stochastic"}
    COLORS = {"batch": kit.BLUE, "mini-batch of 8": kit.GREEN, "stochastic": kit.ORANGE}


@app.function
def points(seed=5):
    """Sixty-four points near a line: X (64, 2), whose second column is 1, and y (64,)."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, ROWS)
    return np.stack([x, np.ones(ROWS)], 1), 1.3 * x + 0.4 + rng.normal(0, 0.6, ROWS)


@app.function
def valley():
    """The mean squared error is a bowl: its lowest point (2,), its curvature H (2, 2), and its floor."""
    X, y = points()
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    return best, 2 * X.T @ X / ROWS, float(((X @ best - y) ** 2).mean())


@app.function
def batches(rows, size, rng):
    """The numbers of all rows, shuffled, a batch at a time."""
    order = rng.permutation(rows)
    return [order[i : i + size] for i in range(0, rows, size)]


@app.function
def walk(size, epochs=4, rate=0.2, seed=0):
    """The path of w (steps + 1, 2) that glass's SGD takes with batches of this size."""
    (X, y), rng = points(), np.random.default_rng(seed)
    X, y, w = glass.tensor(X), glass.tensor(y), glass.tensor(np.array(START), requires_grad=True)
    optimizer, path = glass.optim.SGD([w], lr=rate), [START]
    for _ in range(epochs):
        for rows in batches(ROWS, size, rng):
            optimizer.zero_grad()
            ((X[rows] @ w - y[rows]) ** 2).mean().backward()
            optimizer.step()
            path.append(tuple(w.tolist()))
    return np.array(path)


@app.function
def loss_at(w):
    """Mean squared error on all rows, for one w (2,) or many (n, 2)."""
    X, y = points()
    return ((np.atleast_2d(w) @ X.T - y) ** 2).mean(1)


@app.function
def race(moments=(0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256)):
    """The film: three walkers who have seen the same number of rows."""
    paths = {size: walk(size) for size in NAMES}
    for seen in moments:
        done = {NAMES[size]: path[: seen // size + 1] for size, path in paths.items()}
        passes = f"{seen // ROWS} passes" if seen > ROWS else "one pass" if seen == ROWS else "not yet one pass"
        steps = ", ".join(str(seen // size) for size in NAMES)
        yield bowl(done, caption=f"Each has read {seen} rows, {passes}. Steps: {steps}.")


@app.function
def bowl(paths, caption=""):
    """The valley from above, with who walks in it."""
    window = {"xlim": (-2.1, 2.6), "ylim": (-2, 2.2), "xlabel": "slope w", "ylabel": "bias b"}
    return kit.valley(loss_at, paths=paths, lowest=valley()[0], colors=COLORS, caption=caption, **window)


@app.cell
def _():
    _far = {NAMES[size]: float(np.linalg.norm(walk(size, epochs=1)[-1] - valley()[0])) for size in NAMES}
    _told = ", ".join(f"{name} {far:.2f}" for name, far in _far.items())
    kit.opening(
        LESSON,
        "Three walkers look for the lowest place of one valley. All read the same rows. One steps after all "
        f"{ROWS}, one after eight, one after every single row.",
        kit.film(race(), label="Rows read", seconds=0.7, waits_for="guess", held=2),
        kit.guess(
            f"The film stops early. When all {ROWS} rows have been read once, who stands nearest to the cross?",
            [name.capitalize() for name in NAMES.values()],
            f"The {min(_far, key=_far.get)} walker. Distances after one pass: {_told}. The batch walker has taken one "
            "step, the steepest way down for all rows together; the others took many, in directions that are so on "
            "average. And later? Look at the end of the film: who comes to rest, and who does not?",
        ),
    )
    return


@app.cell
def _():
    size = kit.slider("Rows a step", [1, 2, 4, 8, 16, 32, 64], 4)
    rate = kit.slider("Learning rate η", [0.02, 0.05, 0.1, 0.2, 0.4, 0.8], 0.2)
    kit.text(
        """
        ## A mean can be estimated {#see}

        The loss of a line on all points is a bowl over its two numbers. The gradient points uphill, so we step
        against it. But the gradient is a *mean over rows*, and a mean can be estimated from a few. **Batch** descent
        takes them all, **stochastic** descent a single row, **mini-batch** descent a handful. A round through all
        rows is an *epoch*.

        {size} {rate}
        """,
        size=size,
        rate=rate,
    )
    return rate, size


@app.cell
def _(rate, size):
    _path, _floor = walk(size.value, epochs=5, rate=rate.value), valley()[2]
    _late, _end = loss_at(_path[-max(2, len(_path) // 5) :]), loss_at(_path[-1])[0]
    _told = f"{len(_path) - 1} steps in 5 epochs; the loss ends at {_end:.3f}, the floor is {_floor:.3f}."
    kit.levels(
        bowl({"": _path}, _told),
        {
            "steps in an epoch": int(np.ceil(ROWS / size.value)),
            "rows read for a step": size.value,
            "loss in the last epoch, mean": _late.mean(),
            "… from lowest to highest": f"{_late.min():.3f} to {_late.max():.3f}",
            "the floor": _floor,
        },
        r"""
        $$\blue{w} \leftarrow \blue{w} - \green{eta} \cdot
        \frac{1}{\gold{size}} \sum_{i \in \text{batch}} \orange{\nabla L_i}(\blue{w})$$

        $\green{\eta}$ = {eta} is the learning rate, $\gold{B}$ = {size} the rows of a batch, and
        $\orange{\nabla L_i}$ what row $i$ alone would like.
        """,
        eta=rate.value,
        size=size.value,
    )
    return


@app.function
def spread(sizes, draws=3000, seed=0):
    """Variance of the gradient at START over random batches, rows drawn with replacement: by size, and of one row."""
    (X, y), rng = points(), np.random.default_rng(seed)
    each = 2 * (X @ np.array(START) - y)[:, None] * X  # (64, 2): the gradient of every row
    drawn = [each[rng.integers(0, ROWS, (draws, size))].mean(1) for size in sizes]
    return np.array([batch.var(0).sum() for batch in drawn]), each.var(0).sum()


@app.cell
def _():
    _sizes = 2 ** np.arange(8)
    _measured, _one = spread(_sizes)
    _fell = f"From B = 1 to B = {_sizes[-1]} the variance falls by a factor of {_measured[0] / _measured[-1]:.0f}."
    _words = kit.text(
        """
        ### How much a few rows know

        Draw a batch again and again at the starting point, each row from all of them, and see how far its gradients
        scatter. Their variance falls as **1/B**: four times the rows, a quarter of the variance, *half* the error.
        (In a shuffled epoch no row comes twice, and it falls a little faster: all rows know the gradient exactly.)

        But four times the rows cost four times the time. So small batches buy more steps for the same reading,
        and large ones smoother steps. In between lies a third reason: hardware multiplies 32 rows nearly as fast
        as one.
        """
    )
    _curves = {"measured": _measured, "one row's, divided by B": _one / _sizes}
    _axes = {"xlabel": "rows a step, B", "ylabel": "variance of the gradient", "log": "xy"}
    kit.row(_words, kit.curves(_curves, _sizes, points={"measured"}, caption=_fell, **_axes))
    return


@app.cell
def _():
    _lines = {
        "velocity = state": "Memory of earlier steps: lesson 13. With momentum 0 this block is skipped.",
        'weight -= float(group["lr"]) * grad': "All of gradient descent; its kind depends on the rows behind grad.",
    }
    kit.text(
        """
        ## One line of code {#read}

        The optimiser does not know how many rows were read. It sees a gradient and steps.

        {code}
        """,
        code=kit.read("glass/optim/sgd.py", _lines, part="SGD.update"),
    )
    return


@app.function
def bowl_walk(rate, steps=24):
    """Batch descent in closed form: wₜ = w* + (1 − ηH)ᵗ (w₀ − w*), (steps + 1, 2)."""
    best, H, _ = valley()
    values, vectors = np.linalg.eigh(H)
    start = vectors.T @ (np.array(START) - best)
    return best + ((1 - rate * values) ** np.arange(steps + 1)[:, None] * start) @ vectors.T


@app.cell
def _():
    eta = kit.slider("Learning rate η", [round(0.05 * i, 2) for i in range(1, 24)], 1.05)
    kit.text(
        """
        ## Too long a step: break it, mend it {#break-it-mend-it}

        The step is too long. In a bowl batch descent can be worked out: along each axis, every step multiplies the
        distance to the bottom by 1 − ηλ, where λ is the curvature along it. As long as that lies between −1 and 1,
        the distance shrinks. Beyond η = 2/λ, here {limit:.2f}, each step overshoots by more than it came from.
        **Mend it**: turn η down, and find where it shrinks fastest.

        {eta}
        """,
        limit=2 / np.linalg.eigvalsh(valley()[1]).max(),
        eta=eta,
    )
    return (eta,)


@app.cell
def _(eta):
    _path = bowl_walk(eta.value)
    _above = np.maximum(loss_at(_path) - valley()[2], 1e-12)
    _factors = ", ".join(f"{1 - eta.value * value:+.2f}" for value in np.linalg.eigvalsh(valley()[1])).replace("-", "−")
    kit.row(
        bowl({"": _path}, f"Factors of a step along the two axes: {_factors}."),
        kit.curves(_above, log="y", ylim=(1e-9, 1e4), xlabel="step", ylabel="loss above the floor", height=3.5),
    )
    return


@app.cell
def _():
    rows, batch, curvature = 1797, 32, 4.0
    _steps = kit.answer(
        f"The digits have {rows:,} pictures. With batches of {batch}, how many steps are an epoch?",
        np.ceil(rows / batch),
        name="steps",
        slips={
            rows // batch: "A few rows are left over: they make one more, smaller batch.",
            rows / batch: "There are no parts of a step: round up.",
        },
        because="The last batch is smaller, and its gradient a little noisier.",
        hint="Divide, and think of what is left over.",
        solution=f"{rows} / {batch} = {rows / batch:.2f}, so {int(np.ceil(rows / batch))} steps",
        tolerance=0.01,
    )
    _one_step = kit.choose(
        f"A round bowl has curvature λ = {curvature:g} in every direction. Which learning rate reaches its bottom in "
        "one single step?",
        {
            f"{1 / curvature:g}": (True, "1 − ηλ = 0: the whole distance is gone at once."),
            f"{2 / curvature:g}": (False, "1 − ηλ = −1: it jumps to the opposite side, for ever."),
            f"{0.5 / curvature:g}": (False, "1 − ηλ = ½: each step halves the distance."),
            f"{3 / curvature:g}": (False, "1 − ηλ = −2: twice as far off after every step."),
        },
        name="one step",
    )
    kit.check(kit.exercise("batches"), _steps, _one_step)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The same ten epochs on real flowers, all rows a step (`--batch-size 0`), then eight. Compare the losses of the
        epochs: both have read the same rows, but one has taken many more steps.
        """,
        own_file="""
        A table with a header will do, CSV or Excel: `deepglass train my.csv --target COLUMN --optimizer sgd
        --batch-size 8`. Try three sizes; `deepglass compare` puts their runs side by side.
        """,
        sources=[
            ("Cauchy (1847), Méthode générale", "https://gallica.bnf.fr/ark:/12148/bpt6k2982c/f540"),
            ("Robbins and Monro (1951), A stochastic approximation method", "https://doi.org/10.1214/aoms/1177729586"),
            ("Bottou et al. (2018), Optimization for large-scale learning", "https://arxiv.org/abs/1606.04838"),
        ],
        onward="A long, narrow valley makes descent zigzag. The next walkers have a memory.",
    )
    return


if __name__ == "__main__":
    app.run()
