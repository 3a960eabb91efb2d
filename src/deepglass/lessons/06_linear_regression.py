"""Lesson 6: linear regression. The line with the smallest squares, by an equation and by going downhill."""

import marimo

app = marimo.App(width="medium", app_title="Linear regression", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass.classic import LinearRegression
    from deepglass.glass.nn.functional import mse_loss

    LESSON = {
        "title": "Linear regression",
        "question": "Which line is the best one?",
        "part": "The neuron",
        "minutes": 15,
        "reads": ["LinearRegression._solve_equation", "LinearRegression._go_downhill"],
        "runs": [
            "deepglass train diabetes --model linear --epochs 30",
            "deepglass train diabetes --model mlp --epochs 30",
        ],
    }

    # Fifty cars of the 1920s: speed in miles an hour, and the feet that they rolled until they stood.
    SPEED = np.repeat(
        [4.0, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25],
        [2, 2, 1, 1, 3, 2, 4, 4, 4, 3, 2, 3, 4, 3, 5, 1, 1, 4, 1],
    )
    FEET = np.array(
        [2, 10, 4, 22, 16, 10, 18, 26, 34, 17, 28, 14, 20, 24, 28, 26, 34, 34, 46, 26, 36, 60, 80, 20, 26, 54, 32, 40,
         32, 40, 50, 42, 56, 76, 84, 36, 46, 68, 32, 48, 52, 56, 64, 66, 54, 70, 92, 93, 120, 85.0]
    )  # fmt: skip
    SCALED = (SPEED - SPEED.mean()) / SPEED.std()
    BEST = LinearRegression().fit(SPEED[:, None], FEET)


@app.function
def descend(x, start, rate, steps):
    """The walk of (w, b) down the mean squared error of w·x + b, and the error at every step."""
    X, y = glass.tensor(np.column_stack([x, np.ones_like(x)])), glass.tensor(FEET)
    place, walk, errors = glass.tensor(np.array(start, dtype=float)).requires_grad_(), [], []
    for _ in range(steps + 1):
        loss = mse_loss(X @ place, y)
        loss.backward()
        walk.append(place.detach().numpy().copy())
        errors.append(loss.item())
        if errors[-1] > 1e6:
            break
        place.data -= rate * place.grad
        place.grad = None
    return np.array(walk), np.array(errors)


@app.function
def longest_safe_step(x):
    """2/L, with L the steepest curvature of the bowl: any longer step climbs."""
    X = np.column_stack([x, np.ones_like(x)])
    return 2 / np.linalg.eigvalsh(2 * X.T @ X / len(X))[-1]


@app.function
def scatter_by_speed():
    """How far the slower and the faster half of the cars lie off the best line: two standard deviations."""
    off, is_fast = FEET - BEST.predict(SPEED[:, None]), np.median(SPEED) < SPEED
    return float(off[~is_fast].std()), float(off[is_fast].std())


@app.function
def draw_cars(ax):
    """The fifty cars."""
    ax.scatter(SPEED, FEET, s=15, color=kit.BLUE, linewidths=0)
    ax.set(xlim=(0, 26.5), ylim=(-22, 125), yticks=[0, 50, 100], xlabel="speed, mph", ylabel="feet to stop")


@app.function
def draw_bowl(ax, x):
    """Lines of equal error over all pairs (w, b), and the one best pair."""
    best = LinearRegression().fit(x[:, None], FEET)
    w, b = np.meshgrid(np.linspace(-15, 60, 40), np.linspace(-15, 85, 40))
    errors = ((w[..., None] * x + b[..., None] - FEET) ** 2).mean(-1)
    ax.contour(w, b, errors, levels=[300, 500, 900, 1500, 2300], colors=kit.FAINT, linewidths=1)
    ax.scatter(best.coef_, [best.intercept_], s=80, color=kit.GREEN, marker="*", zorder=2)
    ax.set(xlim=(-15, 60), ylim=(-15, 85), yticks=[0, 40, 80], xlabel="slope", ylabel="height")


@app.function
def film_of_descent():
    """Above, the line among the cars; below, the same line as one point that rolls into the bowl."""
    walk, errors = descend(SCALED, (-10, 5), rate=0.12, steps=15)
    fig, (above, below) = kit.figure(height=4.7, rows=2, height_ratios=[1.25, 1])
    draw_cars(above)
    draw_bowl(below, SCALED)
    (line,) = above.plot([0, 26.5], [0, 0], color=kit.GREEN, linewidth=2.4)
    sticks = above.vlines(SPEED, FEET, FEET, color=kit.ORANGE, linewidth=0.9, alpha=0.8)
    (path,) = below.plot([], [], color=kit.ORANGE, linewidth=1.4, marker="o", markersize=4)

    def draw(step):
        w, b = walk[step]
        line.set_ydata(b + w * (np.array([0, 26.5]) - SPEED.mean()) / SPEED.std())
        sticks.set_segments([[(x, y), (x, b + w * z)] for x, y, z in zip(SPEED, FEET, SCALED)])
        path.set_data(walk[: step + 1, 0], walk[: step + 1, 1])
        return f"step {step}: mean squared error {errors[step]:.0f}"

    return kit.frames(fig, draw, len(walk), "A line among cars, and its point in a bowl;")


@app.cell
def _():
    kit.opening(
        LESSON,
        "Fifty cars from the 1920s: how fast they went, and how far they rolled until they stood. A line learns to say "
        "the one from the other. Below, the same line is a single point that rolls into a bowl.",
    )
    return


@app.cell
def _():
    _walk, _errors = descend(SCALED, (-10, 5), rate=0.1, steps=60)
    _best = LinearRegression().fit(SCALED[:, None], FEET)
    _lowest = np.mean((_best.predict(SCALED[:, None]) - FEET) ** 2)
    _rows = [f"| {n} steps | {_walk[n][0]:.3f} | {_walk[n][1]:.3f} | {_errors[n]:.3f} |" for n in (0, 5, 20, 60)]
    _solved = f"| **equation** | **{_best.coef_[0]:.3f}** | **{_best.intercept_:.3f}** | **{_lowest:.3f}** |"
    kit.levels(
        kit.film(film_of_descent(), label="Steps downhill", seconds=0.35),
        kit.md("\n".join(["| | slope | height | error |", "|---|--:|--:|--:|", *_rows, _solved])),
        kit.md(
            r"""
            $$\green{\hat y} = \green{w}\,x + \green{b}, \quad \frac{1}{n}\sum_i (\orange{\hat y_i - y_i})^2 \to \min$$

            $x$ is the speed, counted from the middle in standard deviations.
            """
        ),
    )
    return


@app.cell
def _():
    _starts = np.random.default_rng(0).uniform(-200, 200, (20, 2))
    _ends = np.array([descend(SCALED, start, rate=0.25, steps=60)[0][-1] for start in _starts])
    kit.guess(
        "The walk began at one place in the bowl. From another beginning, where will it end?",
        ["At the same line", "At another line, as good", "It depends: some beginnings end badly"],
        f"At the same line. From {len(_starts)} random beginnings all {len(_ends)} walks ended within "
        f"{np.ptp(_ends, axis=0).max():.0e} of each other. The squared error of a line is a bowl: one bottom, no other "
        "valley. Networks with hidden layers lose this; enjoy it here.",
    )
    return


@app.cell
def _():
    kit.section(
        "See",
        """
        The speed is what you know, the *independent* variable. The way to stop is what you want to know, the
        *dependent* one. Turn a line of your own. Every car hangs a square on it, whose side is how far the line is off.
        The best line is the one with the least orange in all.
        """,
    )
    return


@app.cell
def _():
    tilt = mo.ui.slider(0, 8, 0.1, value=2, label="w, feet for each mph", show_value=True)
    height = mo.ui.slider(-40, 60, 1, value=0, label="b, feet at speed 0", show_value=True)
    mo.hstack([tilt, height], justify="start", gap=2, wrap=True)
    return height, tilt


@app.cell
def _(height, tilt):
    _fitted = tilt.value * SPEED + height.value
    _mine, _least = np.mean((_fitted - FEET) ** 2), np.mean((BEST.predict(SPEED[:, None]) - FEET) ** 2)
    _fig, _ax = kit.figure(height=3.4)
    draw_cars(_ax)
    _across = 26.5 / 147 * 2.75 / 3.7  # a foot upwards is as long on paper as this many mph sideways
    for _x, _y, _line in zip(SPEED, FEET, _fitted):
        _side = _y - _line
        _ax.fill_between([_x, _x - _side * _across], _line, _y, color=kit.ORANGE, alpha=0.13, linewidth=0)
    _ax.plot([0, 26.5], [height.value, height.value + 26.5 * tilt.value], color=kit.GREEN, linewidth=2.4)
    _praise = (
        "Within one part in a hundred of the best there is." if _mine < 1.01 * _least else "There is a better one."
    )
    kit.row(
        kit.html(
            _fig, f"The line {tilt.value:g}·speed + {height.value:g} among the cars; mean squared error {_mine:.0f}"
        ),
        kit.md(
            rf"""
            | | w | b | mean square |
            |---|--:|--:|--:|
            | your line | {tilt.value:g} | {height.value:g} | **{_mine:.1f}** |
            | the best line | {BEST.coef_[0]:.3f} | {BEST.intercept_:.2f} | **{_least:.1f}** |

            {_praise}

            Each mile an hour costs **{BEST.coef_[0]:.1f} feet** more. And a car at rest stops
            {-BEST.intercept_:.0f} feet *before* it brakes: a line knows nothing about speeds that it has not seen.
            """
        ),
    )
    return


@app.cell
def _():
    _X = np.column_stack([SPEED, np.ones_like(SPEED)])
    _left, _right = _X.T @ _X, _X.T @ FEET
    _off = FEET - BEST.predict(SPEED[:, None])
    _scatter = scatter_by_speed()
    kit.md(
        rf"""
        ### The bottom, without a walk

        At the bottom of the bowl its slope is zero, in both directions. The slope in direction $w$ is, but for a
        factor, the sum of all errors times their speeds; in direction $b$ it is the sum of the errors. So at the
        bottom both are nothing:

        $$X^\top(\blue{{y}} - X\green{{w}}) = 0$$

        $$X^\top X\,\green{{w}} = X^\top \blue{{y}}$$

        $X$ has a row for each car: its speed, and a 1 for the bias. With the numbers of these {len(SPEED)} cars:

        $$\begin{{pmatrix}} {_left[0, 0]:.0f} & {_left[0, 1]:.0f} \\ {_left[1, 0]:.0f} & {_left[1, 1]:.0f}
        \end{{pmatrix}} \begin{{pmatrix}} \green{{w}} \\ \green{{b}} \end{{pmatrix}} =
        \begin{{pmatrix}} {_right[0]:.0f} \\ {_right[1]:.0f} \end{{pmatrix}}$$

        $$\green{{w}} = {BEST.coef_[0]:.4f}, \quad \green{{b}} = {BEST.intercept_:.4f}$$

        Check it: the {len(SPEED)} errors of this line add up to {abs(_off.sum()):.0e}, and times their speeds to
        {abs(_off @ SPEED):.0e}. What is left is **uncorrelated** with the speed: no other line could take more of it.
        That is not the same as *independent*: the fast cars still scatter more than the slow ones
        ({_scatter[1]:.0f} feet against {_scatter[0]:.0f}), and a curve might find a little more. The line explains
        {BEST.score(SPEED[:, None], FEET):.0%} of the variance, $R^2 = {BEST.score(SPEED[:, None], FEET):.2f}$.
        """
    )
    return


@app.cell
def _():
    _words = kit.section(
        "Read", "Two ways to the same line. The equation is one call; the walk is the one that scales."
    )
    _equation = {
        "np.linalg.lstsq": "Solved, not inverted; with dependent columns it takes the shortest of the solutions."
    }
    _walk = {
        "loss = mse_loss": "How far off, for all rows at once.",
        "loss.backward()": "The slope of the bowl, here.",
        "w.data -= learning_rate": "One step against it.",
    }
    _code = [kit.read(topic, notes) for topic, notes in zip(LESSON["reads"], (_equation, _walk))]
    mo.vstack(
        [
            _words,
            *_code,
            kit.note(
                "Why walk at all? For F columns solving the equation costs F³ steps; a million weights would need a "
                "matrix of 10¹² entries. And as soon as a neuron bends, there is no such equation. The walk goes on.",
            ),
        ]
    )
    return


@app.cell
def _():
    _words = kit.section(
        "Break it, mend it",
        """
        The same walk with the speeds as they are, 4 to 25. Now the bowl is a long, narrow gorge: steep across, all but
        flat along. The step must be short enough for the steep direction, so along the gorge it creeps. Go beyond the
        longest safe step, and it climbs out. **Mend it:** count the speeds from their middle, in standard deviations.
        """,
    )
    share = mo.ui.slider(0.1, 1.1, 0.05, value=0.9, label="step, as a share of the longest safe one", show_value=True)
    scale = mo.ui.switch(label="scale the speeds")
    mo.vstack([_words, mo.hstack([share, scale], justify="start", gap=2, wrap=True)])
    return scale, share


@app.cell
def _(scale, share):
    _x = SCALED if scale.value else SPEED
    _limit = longest_safe_step(_x)
    _walk, _errors = descend(_x, (0, 0), share.value * _limit, steps=200)
    _best = LinearRegression().fit(_x[:, None], FEET)
    _above_best = _errors - np.mean((_best.predict(_x[:, None]) - FEET) ** 2)
    _near = np.flatnonzero(_above_best < 0.01)
    _fig, _ax = kit.figure(height=2.7)
    _ax.plot(np.maximum(_above_best, 1e-10), color=kit.ORANGE)
    _ax.axhline(0.01, color=kit.GREEN, linewidth=1.2, linestyle=(0, (4, 3)))
    _ax.set(yscale="log", ylim=(1e-10, 1e6), xlim=(0, 200), xlabel="steps", ylabel="error above the best")
    _told = (
        f"at the best line after **{_near[0]}** steps"
        if len(_near)
        else f"after {len(_errors) - 1} steps **not there**"
    )
    kit.row(
        kit.html(
            _fig,
            f"Error above the best over {len(_errors) - 1} steps, last {_above_best[-1]:.2g}",
            "Green: near enough.",
        ),
        kit.md(
            f"""
            | speeds | longest safe step | this walk |
            |---|--:|---|
            | {"scaled" if scale.value else "as they are"} | {_limit:.4f} | {_told} |

            {
                "Above 1 every step overshoots by more than the last."
                if share.value > 1
                else "Round bowls are quick: from every side the steepest way down leads to the bottom."
                if scale.value
                else "It falls into the gorge at once, and then creeps along it."
            }
            """
        ),
    )
    return


@app.cell
def _():
    _exercise = kit.exercise("best_line")
    mo.vstack([kit.section("Check yourself"), _exercise])
    return


@app.cell
def _():
    _w, _b = float(BEST.coef_[0]), BEST.intercept_
    _question = "What must be zero at the bottom of the bowl?"
    _options = {
        "The sum of the errors": (
            True,
            f"Else the line could be raised or lowered. Here: {abs((FEET - BEST.predict(SPEED[:, None])).sum()):.0e}.",
        ),
        "Every single error": (False, "Only if all points lie on one line."),
        "The sum of the squared errors": (False, "It is as small as it gets, which is seldom zero."),
        "The sum of the errors, each times its speed": (True, "Else the line could be tilted."),
    }
    _number = kit.answer(
        f"The line is {_w:.2f}·speed − {-_b:.2f}. How far does it let a car roll that goes 21 miles an hour?",
        21 * _w + _b,
        name="feet",
        unit="feet",
        tolerance=0.2,
        slips={
            21 * _w: "The bias is missing.",
            21 * _w - 2 * _b: "The bias is negative: take it away.",
            21.0 + _b: "The speed wants its weight.",
        },
        because="Nobody drove at 21; the line says it all the same. Between the speeds it has seen, it may.",
        hint="Put 21 in the place of speed.",
        solution=f"{_w:.2f} · 21 − {-_b:.2f} = {21 * _w + _b:.1f}",
    )
    mo.vstack([_number, kit.choose(_question, _options, name="bottom", several=True)], gap=1.5)
    return


@app.cell
def _():
    _words = kit.section(
        "Run",
        "Ten measurements of 442 patients instead of one of fifty cars, and a line in ten dimensions: how far will "
        "their diabetes have gone in a year? A network with two hidden layers tries it too. Is it worth it?",
    )
    mo.vstack([_words, kit.row(*(kit.run_command(command) for command in LESSON["runs"]))])
    return


@app.cell
def _():
    _sources = kit.sources(
        ("Stigler (1981), Gauss and the Invention of Least Squares", "https://doi.org/10.1214/aos/1176345451"),
        ("Galton (1886), Regression towards Mediocrity", "https://doi.org/10.2307/2841583"),
        (
            "Ezekiel (1930), Methods of Correlation Analysis (the cars)",
            "https://stat.ethz.ch/R-manual/R-devel/library/datasets/html/cars.html",
        ),
    )
    _onward = kit.next_lesson(LESSON, "A line says *how much*. Next it says *how likely*.")
    mo.vstack([_sources, _onward])
    return


if __name__ == "__main__":
    app.run()
