"""Lesson 16: overfitting and underfitting. What a model gets right on points it has seen says little about new ones."""

import marimo

app = marimo.App(width="medium", app_title="Overfitting and underfitting", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np
    from numpy.polynomial import legendre

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "Overfitting and underfitting",
        "question": "Why is the closest fit not the best model?",
        "part": "Learning",
        "minutes": 15,
        "reads": ["data/splits.py"],
        "runs": [
            "deepglass train diabetes --model mlp --epochs 150 --patience 0 --dropout 0 --weight-decay 0",
            "deepglass train diabetes --model linear",
        ],
    }

    NOISE = 0.3  # how far a point lies off the true curve, typically
    GRID = np.linspace(-1, 1, 101)
    COUNTS = [15, 20, 30, 45, 70, 110, 170, 300]
    MOST = 14  # degree at which 15 points are met exactly


@app.function
def truth(x):
    """The curve behind the points; nobody who only has the points knows it."""
    return np.sin(3.2 * x) + 0.3 * x


@app.function
def sample(count, seed):
    """Points on the curve, each with some noise: x and y, (count,)."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(-1, 1, count))
    return x, truth(x) + rng.normal(0, NOISE, count)


@app.function
def fit(x, y, degree):
    """Coefficients of the polynomial nearest to the points; where many are equally near, of the smallest."""
    return np.linalg.lstsq(legendre.legvander(x, degree), y, rcond=None)[0]


@app.function
def off_by(coefficients, x, y):
    """How far the curve is off the points: the root of the mean squared error."""
    return float(np.sqrt(np.mean((legendre.legval(x, coefficients) - y) ** 2)))


@app.function
def both_errors(degrees, count=15):
    """How far off, on the points it was fitted to and on sixty new ones: two arrays, one entry a degree."""
    seen, new = sample(count, seed=0), sample(60, seed=100)
    fits = [fit(*seen, degree) for degree in degrees]
    return np.array([off_by(c, *seen) for c in fits]), np.array([off_by(c, *new) for c in fits])


@app.function
def bias_and_variance(degree, lives=2000):
    """At the 15 places, over many noises: how far the average fit is off the truth, squared; how much fits differ."""
    x, rng = sample(15, seed=0)[0], np.random.default_rng(1)
    design = legendre.legvander(x, degree)
    noisy = truth(x)[:, None] + rng.normal(0, NOISE, (15, lives))  # one column a life
    fits = design @ np.linalg.lstsq(design, noisy, rcond=None)[0]
    return float(np.mean((fits.mean(1) - truth(x)) ** 2)), float(fits.var(1).mean())


@app.function
def net_errors(hidden, steps=1500, seed=0):
    """A small net on the same points: off by how much, seen and new, before every twentieth step: (n, 2)."""
    glass.manual_seed(seed)
    model = nn.Sequential(nn.Linear(1, hidden), nn.Tanh(), nn.Linear(hidden, 1)).double()
    with glass.no_grad():  # its bends are spread over the whole width
        model[0].weight.mul_(6)
        model[0].bias.mul_(6)
    optimizer = glass.optim.Adam(model.parameters(), lr=0.01)
    x, y, new_x, new_y = (glass.tensor(v[:, None]) for v in (*sample(15, seed=0), *sample(60, seed=100)))
    told = []
    for step in range(steps + 1):
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        if step % 20 == 0:
            with glass.no_grad():
                told.append((loss.item() ** 0.5, F.mse_loss(model(new_x), new_y).item() ** 0.5))
        loss.backward()
        optimizer.step()
    return np.array(told)


@app.cell
def _():
    kit.opening(
        LESSON,
        "Fifteen orange points. A blue curve is fitted to them, first stiff, then more and more bendable. It comes "
        "nearer and nearer to the orange points. Keep an eye on the green ones: the curve has never seen them.",
    )
    return


@app.function
def film_of(seen, new):
    """Degree by degree, the curve and its points above; below, how far it is off the seen and the new ones."""
    fig, (above, below) = kit.figure(height=4.4, rows=2, height_ratios=[1.7, 1])
    above.scatter(*sample(60, seed=100), s=9, color=kit.GREEN, alpha=0.55, linewidths=0)
    (curve,) = above.plot(GRID, GRID, color=kit.BLUE, linewidth=2.2)
    above.scatter(*sample(15, seed=0), s=30, color=kit.ORANGE, linewidths=0, zorder=3)
    above.set(xlim=(-1.03, 1.03), ylim=(-2.3, 2.3), xticks=[-1, 0, 1], yticks=[-2, 0, 2], ylabel="y")
    lines = [below.plot([], [], color=color, marker="o", markersize=3.5)[0] for color in (kit.ORANGE, kit.GREEN)]
    below.axhline(NOISE, color=kit.FAINT, linestyle=(0, (4, 3)))
    below.text(MOST + 0.3, NOISE * 0.9, "the noise", color=kit.INK, ha="right", va="top", fontsize=8)
    below.set(yscale="log", xlim=(-0.4, MOST + 0.4), ylim=(0.02, 30), xlabel="degree", ylabel="off by")
    below.set_xticks(range(0, MOST + 1, 2))

    def draw(degree):
        curve.set_ydata(np.clip(legendre.legval(GRID, fit(*sample(15, seed=0), degree)), -9, 9))
        for line, values in zip(lines, (seen, new)):
            line.set_data(np.arange(degree + 1), np.maximum(values[: degree + 1], 1e-3))
        return f"degree {degree}: off by {seen[degree]:.2f} on the seen, {new[degree]:,.2f} on the new"

    return kit.frames(fig, draw, len(seen), "A curve among points,")


@app.cell
def _(guess):
    _seen, _new = both_errors(range(1 + (MOST if guess.value["committed"] else 9)))
    _best = int(_new.argmin())
    _rows = "".join(f"\n| {d} | {_seen[d]:.2f} | {_new[d]:,.2f} |" for d in sorted({1, 3, _best, 7, len(_new) - 1}))
    kit.levels(
        kit.film(film_of(_seen, _new), label="Degree of the curve", seconds=0.9),
        kit.md(
            '| degree | off by, <span class="orange">seen</span> | off by, <span class="green">new</span> |\n'
            f"|--:|--:|--:|{_rows}\n\nThe first error only falls. The second turns, at degree **{_best}**."
        ),
        kit.md(
            r"""
            $$\blue{\hat y} = c_0 + c_1 x + \dots + c_d\, x^{d}$$

            $$\text{off by} = \sqrt{\tfrac{1}{n} \textstyle\sum_i (\blue{\hat y_i} - y_i)^2}$$
            """
        ),
    )
    return


@app.cell
def _():
    _seen, _new = both_errors([MOST])
    guess = kit.guess(
        f"A curve of degree {MOST} has {MOST + 1} numbers to choose, and there are {MOST + 1} orange points. It goes "
        "through every one of them, exactly. How far off will it be on the green ones, typically?",
        ["Not at all", "By about 0.3, as far as the noise goes", "By 3 or so", "By more than a thousand"],
        f"By {_new[0]:,.0f}. It met every orange point (off by {_seen[0]:.0e}), and the noise in them with it; to do "
        "that it swings far out in between. Degrees 10 to 14 are in the picture now: go through them by hand.",
    )
    mo.vstack([guess])
    return (guess,)


@app.cell
def _():
    _seen, _new = both_errors(range(MOST))
    kit.section(
        "See",
        f"""
        The points came from a smooth curve, plus noise of {NOISE:g} up or down. Two things can go wrong.

        - **Underfitting.** Degree 1 is a straight line. It cannot bend the way the curve does, so it is wrong about
          points it has seen ({_seen[1]:.2f}) *and* about new ones ({_new[1]:.2f}).
        - **Overfitting.** Degree {MOST - 1} has bends to spare. It spends them on the noise: only {_seen[MOST - 1]:.2f}
          off on what it has seen, {_new[MOST - 1]:,.0f} on what it has not.

        The **gap** between the two errors is the usual sign. Both high and close together: underfitting. One low, one
        high: overfitting. You only see it if you keep some points away from the fit: the green ones, the *validation
        set*.
        """,
    )
    return


@app.cell
def _():
    _x, _rng = sample(15, seed=0)[0], np.random.default_rng(2)
    _fig, _axes = kit.figure(width=5.2, height=2.3, columns=3, sharey=True)
    _noises = _rng.normal(0, NOISE, (15, len(_x)))
    _told = {}
    for _ax, _degree, _title in zip(_axes, (1, 5, 11), ("too stiff", "about right", "too loose")):
        for _noise in _noises:
            _curve = legendre.legval(GRID[::2], fit(_x, truth(_x) + _noise, _degree))
            _ax.plot(GRID[::2], np.clip(_curve, -9, 9), color=kit.BLUE, linewidth=0.7, alpha=0.55)
        _ax.plot(GRID, truth(GRID), color=kit.INK, linewidth=1.6, linestyle=(0, (4, 2)))
        _ax.set_title(f"{_title}: degree {_degree}", fontsize=9)
        _ax.set(ylim=(-2.3, 2.3), xlim=(-1.03, 1.03), xticks=[-1, 0, 1], yticks=[-2, 0, 2], xlabel="x")
        _bias, _variance = bias_and_variance(_degree)
        _told[_degree] = f"degree {_degree}: {_bias:.3f} + {_variance:.3f} = {_bias + _variance:.3f}"
    kit.row(
        kit.md(
            rf"""
            ### Fifteen other lives

            What if the noise had fallen otherwise? Each blue line was fitted to other noise at the same fifteen places.
            Dashed: the truth. The stiff ones agree, and are wrong together: that is **bias**. The loose ones are right
            on average, and none of them is right: that is **variance**. Bias² + variance, at the places of the points:

            {"; ".join(_told.values())}.

            Every number that is fitted costs a variance of $\sigma^2/n$ = {NOISE:g}²/15 = {NOISE**2 / 15:.3f}. You want
            the smallest *sum*.
            """
        ),
        kit.html(_fig, f"Lines of degree 1 agree and are wrong, of degree 11 swing apart; {'; '.join(_told.values())}"),
    )
    return


@app.cell
def _():
    _fig, _axes = kit.figure(width=5.2, height=2.5, columns=2, sharey=True)
    _told = {}
    for _ax, _hidden in zip(_axes, (1, 60)):
        _errors = _told[_hidden] = net_errors(_hidden)
        _steps = np.arange(len(_errors)) * 20
        _ax.plot(_steps, _errors[:, 0], color=kit.ORANGE)
        _ax.plot(_steps, _errors[:, 1], color=kit.GREEN)
        _ax.set_title(f"{_hidden} hidden unit{'s' if _hidden > 1 else ''}", fontsize=9)
        _ax.set(ylim=(0, 1), xlim=(0, 1540), xticks=[0, 500, 1000, 1500], xlabel="step")
        _ax.text(1500, _errors[-1, 0] + 0.02, "seen", color=kit.ORANGE, ha="right", va="bottom")
        _ax.text(1500, _errors[-1, 1] + 0.03, "new", color=kit.GREEN, ha="right", va="bottom")
    _axes[0].set_ylabel("off by")
    _turn, _end = _told[60][:, 1].argmin(), _told[60][-1]
    kit.row(
        kit.md(
            f"""
            ### A network does it too, while it learns

            The same fifteen points, two small nets. One hidden unit has one bend: both its errors stay
            up for long, and end at {_told[1][-1, 0]:.2f} and {_told[1][-1, 1]:.2f}.

            Sixty units first find the curve. At step {_turn * 20} they are as good as they will ever be,
            {_told[60][_turn, 1]:.2f} off. From then on they learn the noise: the orange error goes on falling, to
            {_end[0]:.2f}, while the green one climbs to {_end[1]:.2f}. Nothing in the orange line tells you.
            """
        ),
        kit.html(_fig, f"With 1 unit both errors stay up; with 60 the one on new points climbs to {_end[1]:.2f}"),
    )
    return


@app.cell
def _():
    _what = """
        The remedy begins before any training: some rows are put away. This is what `deepglass train` does with your
        file. The validation part chooses between models; the test part is opened once, at the end.
    """
    _notes = {
        'draw(rest, fraction_of("test"': "The test is drawn first, before anything has been looked at.",
        'draw(rest, fraction_of("val"': "Validation comes out of what is left …",
        '"train": rest': "… and only the rest is ever fitted.",
    }
    mo.vstack([kit.section("Read", _what), kit.read("data/splits.py", _notes, part="split")])
    return


@app.cell
def _():
    _what = """
        It is broken below: degree 12 on 15 points. There are two ways to **mend** it. Take bends away, with the first
        control. Or leave them, and give it **more points**, with the second: the same degree 12 that made a fool of
        itself is a fine model of three hundred points.
    """
    degree = mo.ui.slider(1, 14, 1, value=12, label="degree", show_value=True)
    count = mo.ui.slider(steps=COUNTS, value=15, label="points to learn from", show_value=True)
    _controls = mo.hstack([degree, count], justify="start", gap=2, wrap=True)
    mo.vstack([kit.section("Break it, mend it", _what), _controls])
    return count, degree


@app.cell
def _(count, degree):
    _errors = np.array([np.ravel(both_errors([degree.value], n)) for n in COUNTS])
    _x, _y = sample(count.value, seed=0)
    _fig, (_left, _right) = kit.figure(width=5.2, height=2.7, columns=2, width_ratios=[1.25, 1])
    _left.scatter(_x, _y, s=16, color=kit.ORANGE, linewidths=0, alpha=0.8, zorder=3)
    _left.plot(GRID, np.clip(legendre.legval(GRID, fit(_x, _y, degree.value)), -9, 9), color=kit.BLUE, linewidth=2.2)
    _left.set(ylim=(-2.3, 2.3), xlim=(-1.03, 1.03), xticks=[-1, 0, 1], yticks=[-2, 0, 2], xlabel="x", ylabel="y")
    for _values, _color in zip(_errors.T, (kit.ORANGE, kit.GREEN)):
        _right.plot(COUNTS, np.maximum(_values, 1e-3), color=_color, marker="o", markersize=3)
    _right.axvline(count.value, color=kit.FAINT, zorder=0)
    _right.axhline(NOISE, color=kit.FAINT, linestyle=(0, (4, 3)), zorder=0)
    _right.set(xscale="log", yscale="log", ylim=(0.02, 30), xlim=(13, 350), xlabel="points", ylabel="off by")
    _right.set_xticks([15, 50, 300])
    _seen, _new = _errors[COUNTS.index(count.value)]
    _verdict = (
        "The gap is wide: **overfitting**. Fewer bends, or more points."
        if _new > 1.5 * max(_seen, NOISE * 0.8)
        else "Both are far above the noise: **underfitting**. More points will not help; more bends will."
        if _seen > 1.4 * NOISE
        else f"Both are near the noise of {NOISE:g}. Nothing better is to be had."
    )
    _told = f"Degree {degree.value} on {count.value} points: off by {_seen:.2f} on these, {_new:,.2f} on new ones"
    kit.row(
        kit.html(_fig, _told, "Right: orange, the points it learnt from; green, new ones; dashed, the noise."),
        kit.md(f"**{_told}.**\n\n{_verdict}"),
    )
    return


@app.cell
def _():
    _counts = np.unique([15, *np.geomspace(1, 400, 46).astype(int)])
    _errors = both_errors(_counts - 1)[1]  # past 15, `fit` takes the smallest of all that meet the points exactly
    _peak, _last = _counts[_errors.argmax()], _errors[-1]
    _fig, _ax = kit.figure(height=2.5)
    _ax.plot(_counts, _errors, color=kit.GREEN)
    _ax.axvline(15, color=kit.FAINT, zorder=0)
    _ax.text(17, 3e4, "as many as points", color=kit.INK, fontsize=8)
    _ax.set(xscale="log", yscale="log", ylim=(0.1, 1e5), xlabel="numbers to choose", ylabel="off by, new points")
    kit.row(
        kit.md(
            f"""
            ### Past the peak

            Is bigger always worse? Go on past {_peak} numbers. Now many curves meet all points exactly. Take the one
            with the **smallest** coefficients, and the error comes down again: {_last:.2f} with {_counts[-1]}; the best
            of the small ones had {_errors[:10].min():.2f}.

            This *double descent* is one of the reasons given for why networks with millions of weights work at all. It
            takes a rule that prefers small numbers among all that fit. What counts is not how many numbers there are,
            but how freely they may move. Lesson 17 holds them back on purpose.
            """
        ),
        kit.html(_fig, f"The error on new points has its peak at {_peak} numbers, and is {_last:.2f} at {_counts[-1]}"),
    )
    return


@app.cell
def _():
    _write = kit.exercise("honest")
    mo.vstack([kit.section("Check yourself"), _write])
    return


@app.cell
def _():
    _t = np.linspace(0, 1, 40)
    _fall = np.exp(-5 * _t)
    _options = {}
    for _name, _seen, _new, _why in (
        ("both high", 0.7 + 0.3 * _fall, 0.74 + 0.28 * _fall, "Both stay high and close: it underfits."),
        ("both low", 0.15 + 0.8 * _fall, 0.2 + 0.78 * _fall, "Both low, and hardly a gap: leave it as it is."),
        ("apart", 0.03 + 0.95 * _fall, 0.25 + 0.75 * _fall + 0.5 * _t**2, "Green turns up while orange falls."),
        ("falling", 1 - 0.5 * _t, 1.02 - 0.5 * _t, "Both still fall: it has not finished. Train on."),
    ):
        _fig, _ax = kit.figure(width=1.7, height=1.5)
        _ax.plot(_seen, color=kit.ORANGE, linewidth=2)
        _ax.plot(_new, color=kit.GREEN, linewidth=2)
        _ax.set(ylim=(0, 1.05), xticks=[], yticks=[])
        _options[kit.picture(_fig, f"Curves: {_name}")] = (_new[-1] > _new.min() + 0.1, _why)
    kit.choose(
        "Error over time; orange is what it has seen, green what it has not. Which of these overfits?",
        _options,
        name="which",
    )
    return


@app.cell
def _():
    _what = """
        442 patients, ten measurements, how far their illness went in a year. First a network with nothing to hold it
        back, for 150 rounds: compare *loss* with *val loss* in the first line and in the last. Then a linear model,
        eleven numbers.
    """
    mo.vstack([kit.section("Run", _what), kit.row(*(kit.run_command(command) for command in LESSON["runs"]))])
    return


@app.cell
def _():
    _sources = kit.sources(
        ("Geman, Bienenstock and Doursat (1992), on bias and variance", "https://doi.org/10.1162/neco.1992.4.1.1"),
        ("Belkin, Hsu, Ma and Mandal (2019), on double descent", "https://doi.org/10.1073/pnas.1903070116"),
    )
    mo.vstack([_sources, kit.next_lesson(LESSON, "You can see it now. Next you hold it back, in three ways.")])
    return


if __name__ == "__main__":
    app.run()
