"""Lesson 12: gradient descent. All rows a step, one row a step, or a few: the same valley, three ways down."""

import marimo

app = marimo.App(width="medium", app_title="Gradient descent", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
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
    COLORS = {ROWS: kit.BLUE, 8: kit.GREEN, 1: kit.ORANGE}


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
def draw_valley(ax, reach=2.4):
    """Rings of equal loss around the lowest point, which for a bowl are ellipses."""
    best, H, _ = valley()
    values, vectors = np.linalg.eigh(H)
    turn = np.linspace(0, 2 * np.pi, 49)
    for height in (0.05, 0.3, 0.8, 1.6, 2.8, 4.4, 6.4):
        ring = best + (np.stack([np.cos(turn), np.sin(turn)], 1) * np.sqrt(2 * height / values)) @ vectors.T
        ax.plot(*ring.T, color=kit.GREY, linewidth=0.8, alpha=0.55)
    ax.scatter(*best, marker="+", s=70, color=kit.INK, linewidths=1.6, zorder=2)
    ax.set(xlim=(-2.1, 2.6), ylim=(-2, 2.2), xlabel="slope w", ylabel="bias b")


@app.function
def race():
    """The film: three walkers who have seen the same number of rows."""
    paths = {size: walk(size) for size in NAMES}
    moments = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256)
    fig, ax = kit.figure(4.4, 3.7)
    draw_valley(ax)
    walks = {
        size: ax.plot([], [], color=COLORS[size], linewidth=1.3 if size == 1 else 1.9, label=NAMES[size])[0]
        for size in paths
    }
    dots = {size: ax.scatter([0], [0], color=COLORS[size], s=44, zorder=3) for size in paths}
    ax.legend(frameon=False, loc="upper left", fontsize=9)

    def draw(number):
        seen = moments[number]
        for size, path in paths.items():
            done = path[: seen // size + 1]
            walks[size].set_data(*done.T)
            dots[size].set_offsets(done[-1:])
        passes = f"{seen // ROWS} passes" if seen > ROWS else "one pass" if seen == ROWS else "not yet one pass"
        return f"Each has read {seen} rows, {passes}. Steps: {', '.join(str(seen // size) for size in NAMES)}."

    return kit.frames(fig, draw, len(moments))


@app.cell
def _():
    kit.opening(
        LESSON,
        "Three walkers look for the lowest place of one valley. All read the same rows. One steps after all "
        f"{ROWS}, one after eight, one after every single row.",
    )
    return


@app.cell
def _():
    _far = {size: np.linalg.norm(walk(size, epochs=1)[-1] - valley()[0]) for size in NAMES}
    _nearest = min(_far, key=_far.get)
    _told = ", ".join(f"{NAMES[size]} {far:.2f}" for size, far in _far.items())
    kit.row(
        kit.film(race(), label="Rows read", seconds=0.7, width=4.4, waits_for="guess", held=2),
        kit.guess(
            f"The film stops early. When all {ROWS} rows have been read once, who stands nearest to the cross?",
            [name.capitalize() for name in NAMES.values()],
            f"The {NAMES[_nearest]} walker. Distances after one pass: {_told}. The batch walker has taken one step, "
            "the steepest way down for all rows together; the others took many, in directions that are so on "
            "average. And later? Look at the end of the film: who comes to rest, and who does not?",
        ),
    )
    return


@app.cell
def _():
    kit.section(
        "See",
        """
        The loss of a line on all points is a bowl over its two numbers. The gradient points uphill, so we step
        against it. But the gradient is a *mean over rows*, and a mean can be estimated from a few. **Batch** descent
        takes them all, **stochastic** descent a single row, **mini-batch** descent a handful. A round through all
        rows is an *epoch*.
        """,
    )
    return


@app.cell
def _():
    size = mo.ui.slider(steps=[1, 2, 4, 8, 16, 32, 64], value=4, label="Rows a step", show_value=True)
    rate = mo.ui.slider(steps=[0.02, 0.05, 0.1, 0.2, 0.4, 0.8], value=0.2, label="Learning rate η", show_value=True)
    mo.hstack([size, rate], justify="start", gap=2, wrap=True)
    return rate, size


@app.cell
def _(rate, size):
    _path = walk(size.value, epochs=5, rate=rate.value)
    _late = loss_at(_path[-max(2, len(_path) // 5) :])
    fig, ax = kit.figure(4.3, 3.5)
    draw_valley(ax)
    ax.plot(*_path.T, color=kit.BLUE, linewidth=1.2, alpha=0.9)
    ax.scatter(*_path[-1], color=kit.BLUE, s=44, zorder=3)
    _floor = valley()[2]
    _end = loss_at(_path[-1])[0]
    _told = f"{len(_path) - 1} steps in 5 epochs; the loss ends at {_end:.3f}, the floor is {_floor:.3f}."
    kit.levels(
        kit.html(fig, f"The walk with {size.value} rows a step and η = {rate.value}: {_told}", _told),
        kit.md(
            f"""
            | | |
            |:---|---:|
            | steps in an epoch | {int(np.ceil(ROWS / size.value))} |
            | rows read for a step | {size.value} |
            | loss in the last epoch, mean | {_late.mean():.3f} |
            | … from lowest to highest | {_late.min():.3f} to {_late.max():.3f} |
            | the floor | {_floor:.3f} |
            """
        ),
        kit.md(
            rf"""
            $$\blue{{w}} \leftarrow \blue{{w}} - \green{{{rate.value}}} \cdot
            \frac{{1}}{{\gold{{{size.value}}}}} \sum_{{i \in \text{{batch}}}} \orange{{\nabla L_i}}(\blue{{w}})$$

            $\green{{\eta}}$ = {rate.value} is the learning rate, $\gold{{B}}$ = {size.value} the rows of a batch, and
            $\orange{{\nabla L_i}}$ what row $i$ alone would like.
            """
        ),
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
    fig_spread, _ax = kit.figure(4.3, 2.9)
    _ax.plot(_sizes, _one / _sizes, color=kit.ORANGE, linewidth=1.6, label="variance of one row, divided by B")
    _ax.plot(_sizes, _measured, "o", color=kit.BLUE, markersize=6, label="measured")
    _ax.set(xscale="log", yscale="log", xlabel="rows a step, B", ylabel="variance of the gradient")
    _ax.legend(frameon=False, loc="lower left")
    _told = f"From B = 1 to B = {_sizes[-1]} the variance falls by a factor of {_measured[0] / _measured[-1]:.0f}."
    kit.row(
        kit.md(
            """
            ### How much a few rows know

            Draw a batch again and again at the starting point, each row from all of them, and see how far its gradients
            scatter. Their variance falls as **1/B**: four times the rows, a quarter of the variance, *half* the error.
            (In a shuffled epoch no row comes twice, and it falls a little faster: all rows know the gradient exactly.)

            But four times the rows cost four times the time. So small batches buy more steps for the same reading,
            and large ones smoother steps. In between lies a third reason: hardware multiplies 32 rows nearly as fast
            as one.
            """
        ),
        kit.html(fig_spread, f"Variance of the gradient against the batch size, both axes logarithmic. {_told}", _told),
    )
    return


@app.cell
def _():
    _lines = {
        "velocity = state": "Memory of earlier steps: lesson 13. With momentum 0 this block is skipped.",
        'weight -= float(group["lr"]) * grad': "All of gradient descent; its kind depends on the rows behind grad.",
    }
    mo.vstack(
        [
            kit.section("Read", "The optimiser does not know how many rows were read. It sees a gradient and steps."),
            kit.read("glass/optim/sgd.py", _lines, part="SGD.update"),
        ]
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
    _limit = 2 / np.linalg.eigvalsh(valley()[1]).max()
    _words = f"""
        The step is too long. In a bowl batch descent can be worked out: along each axis, every step multiplies the
        distance to the bottom by 1 − ηλ, where λ is the curvature along it. As long as that lies between −1 and 1,
        the distance shrinks. Beyond η = 2/λ, here {_limit:.2f}, each step overshoots by more than it came from.
        **Mend it**: turn η down, and find where it shrinks fastest.
    """
    eta = mo.ui.slider(0.05, 1.15, 0.05, value=1.05, label="Learning rate η", show_value=True)
    mo.vstack([kit.section("Break it, mend it", _words), eta])
    return (eta,)


@app.cell
def _(eta):
    _path = bowl_walk(eta.value)
    fig_bowl, _ax = kit.figure(4.3, 3.5)
    draw_valley(_ax)
    _ax.plot(*_path.T, color=kit.ORANGE, linewidth=1.4, marker="o", markersize=3.5)
    fig_loss, _ax = kit.figure(4.3, 3.5)
    _above = loss_at(_path) - valley()[2]
    _ax.plot(np.maximum(_above, 1e-12), color=kit.ORANGE)
    _ax.set(yscale="log", ylim=(1e-9, 1e4), xlabel="step", ylabel="loss above the floor")
    _factors = ", ".join(f"{1 - eta.value * value:+.2f}" for value in np.linalg.eigvalsh(valley()[1])).replace("-", "−")
    _told = f"Factors of a step along the two axes: {_factors}."
    kit.row(
        kit.html(fig_bowl, f"The path of batch descent with η = {eta.value:.2f}. {_told}", _told),
        kit.html(fig_loss, f"The loss above the floor, step by step, from {_above[0]:.3g} to {_above[-1]:.3g}"),
    )
    return


@app.cell
def _():
    _exercise = kit.exercise("batches")
    mo.vstack([kit.section("Check yourself"), _exercise])
    return


@app.cell
def _():
    rows, batch = 1797, 32
    kit.answer(
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
    return


@app.cell
def _():
    curvature = 4.0
    kit.choose(
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
    return


@app.cell
def _():
    _words = """
        The same ten epochs on real flowers, all rows a step (`--batch-size 0`), then eight. Compare the losses of the
        epochs: both have read the same rows, but one has taken many more steps.
    """
    _commands = kit.row(*(kit.run_command(command) for command in LESSON["runs"]))
    mo.vstack([kit.section("Run", _words), _commands])
    return


@app.cell
def _():
    _sources = kit.sources(
        ("Cauchy (1847), Méthode générale", "https://gallica.bnf.fr/ark:/12148/bpt6k2982c/f540"),
        ("Robbins and Monro (1951), A stochastic approximation method", "https://doi.org/10.1214/aoms/1177729586"),
        ("Bottou et al. (2018), Optimization for large-scale learning", "https://arxiv.org/abs/1606.04838"),
    )
    _onward = "A long, narrow valley makes descent zigzag. The next walkers have a memory."
    mo.vstack([_sources, kit.next_lesson(LESSON, _onward)])
    return


if __name__ == "__main__":
    app.run()
