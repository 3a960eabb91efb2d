"""Lesson 3: derivatives and gradients. Near enough, every smooth curve is a line; its slope tells the way down."""

import marimo

app = marimo.App(width="medium", app_title="Derivatives and gradients", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit

    LESSON = {
        "title": "Derivatives and gradients",
        "question": "Which way is down, and how steep?",
        "part": "Before we begin",
        "minutes": 15,
        "reads": ["sin", "mul"],
        "runs": ["deepglass train diabetes --model linear --optimizer sgd --epochs 20"],
    }

    CURVES = {  # by title: the curve, and the place that the film comes near to
        "a wave": (lambda x: glass.sin(2 * x) + 0.3 * x, -0.35),
        "a hill": (lambda x: glass.exp(-x * x), 0.6),
        "a corner": (lambda x: abs(x), 0.0),
    }
    PLACE = np.array([1.1, 0.6])  # on the landscape
    STEPS = [10.0**-power for power in range(1, 16)]  # h, from 0.1 to 0.000000000000001


@app.function
def slopes(curve, x):
    """Values and slopes of a curve at some places, from the engine."""
    at = glass.tensor(np.asarray(x, dtype=float)).requires_grad_()
    values = curve(at)
    values.sum().backward()
    return values.detach().numpy(), at.grad.numpy()


@app.function
def quotients(curve, x, h):
    """How much the curve rises for each unit, measured a step h to the left and a step h to the right."""
    left, here, right = curve(glass.tensor([x - h, x, x + h], dtype=glass.float64)).tolist()
    return (here - left) / h, (right - here) / h


@app.function
def zoom_film(title):
    """Coming nearer and nearer to one place of a curve, and the slopes that the window holds."""
    curve, x = CURVES[title]
    far, ways, middle = np.linspace(-2, 2, 81), np.linspace(-1, 1, 42), slopes(curve, [x])[0][0]
    fig, (above, below) = kit.figure(height=4.6, rows=2, height_ratios=[1, 1.5])
    above.plot(far, slopes(curve, far)[0], color=kit.BLUE)
    (box,) = above.plot([], [], color=kit.ORANGE, linewidth=1.8)
    (near,) = below.plot([], [], color=kit.BLUE, linewidth=3)
    below.scatter(0, 0, color=kit.ORANGE, s=40, zorder=3)
    above.set(xlim=(-2.05, 2.05), ylim=(-1.75, 1.75), yticks=[-1, 0, 1])
    below.set(xlim=(-1, 1), ylim=(-1.5, 1.5), yticks=[], xticks=[-1, 0, 1], xticklabels=["x − h", "x", "x + h"])

    def draw(zoom):
        h = 2.0**-zoom
        values, steep = slopes(curve, x + h * ways)
        near.set_data(ways, (values - middle) / h)
        wide, tall = max(h, 0.035), max(1.5 * h, 0.08)  # a box that can be seen
        box.set_data(x + wide * np.array([-1, 1, 1, -1, -1]), middle + tall * np.array([-1, -1, 1, 1, -1]))
        return f"{2**zoom:,}× nearer: the slopes in the window lie between {steep.min():.3f} and {steep.max():.3f}"

    return kit.frames(fig, draw, 11)


@app.function
def landscape(x, y):
    """A valley, three times as steep across as along."""
    return x * x + 3 * y * y


@app.function
def gradient(place):
    """Both partial derivatives of the landscape, in one backward pass of the engine."""
    x, y = (glass.tensor(float(number), dtype=glass.float64).requires_grad_() for number in place)
    landscape(x, y).backward()
    return np.array([x.grad.item(), y.grad.item()])


@app.function
def descent(start, rate, count):
    """Places on the way down: at each, a step against the gradient."""
    places = [np.array(start, dtype=float)]
    for _ in range(count):
        places.append(places[-1] - rate * gradient(places[-1]))
    return np.array(places)


@app.function
def draw_map(ax):
    """The landscape from above: lines of equal height, the lowest place marked."""
    x, y = np.meshgrid(np.linspace(-2.3, 2.3, 61), np.linspace(-1.4, 1.4, 41))
    ax.contour(x, y, landscape(x, y), levels=[0.1, 0.5, 1.2, 2.2, 3.5, 5, 7], colors=kit.GREY, linewidths=0.9)
    ax.plot(0, 0, "+", color=kit.INK, markersize=9)
    ax.set(xlim=(-2.3, 2.3), ylim=(-1.4, 1.4), aspect="equal", xticks=[-2, -1, 0, 1, 2], yticks=[-1, 0, 1])


@app.function
def arrow(ax, start, step, color):
    """From a place on the map."""
    ax.quiver(*start, *step, color=color, angles="xy", scale_units="xy", scale=1, width=0.015, zorder=3)


@app.cell
def _():
    kit.opening(
        LESSON,
        "Above, a curve. Below, what the orange box sees of it. The box halves and halves. Watch what becomes of the "
        "curve inside it.",
    )
    return


@app.cell
def _(guess):
    _titles = [title for title in CURVES if title != "a corner" or guess.value["committed"]]
    which = mo.ui.radio(_titles, value="a wave", label="Come near to", inline=True)
    return (which,)


@app.cell
def _(which):
    _curve, _x = CURVES[which.value]
    _rows = ["| {:g} | {:.4f} | {:.4f} |".format(h, *quotients(_curve, _x, h)) for h in (1, 0.1, 0.01, 0.001, 0.0001)]
    _table = "\n".join(["| h | to the left | to the right |", "|--:|--:|--:|", *_rows])
    _left, _right = quotients(_curve, _x, 1e-6)
    _slope = rf"Here: $\;f'({_x:g}) = \orange{{{slopes(_curve, [_x])[1][0]:.4f}}}$"
    _answer = _slope if abs(_left - _right) < 1e-3 else "Two answers, so no derivative."
    kit.levels(
        kit.film(zoom_film(which.value), label="How near", seconds=0.7),
        mo.vstack([which, kit.md(f"Rise for each unit, measured over a step *h*:\n\n{_table}")]),
        kit.md(r"$$f'(x) = \lim_{h \to 0} \frac{f(x + h) - f(x)}{h}$$" + f"\n\n{_answer}"),
    )
    return


@app.cell
def _():
    guess = kit.guess(
        "The curve |x| has a corner at 0. Come nearer to it, a thousand times, a million times. What is in the window?",
        ["A straight line, sooner or later", "The very same corner", "A round bend"],
        "The very same corner, however near you come. From the left the slope is −1, from the right it is 1, and no "
        "window is small enough to make them agree: <b>there is no derivative at a corner</b>. <i>A corner</i> now "
        "stands among the choices above: look. Networks are full of such corners (a ReLU has one), and live with it, "
        "because hardly ever does a number land exactly there.",
    )
    mo.vstack([guess])
    return (guess,)


@app.cell
def _():
    _words = kit.section(
        "See",
        """
        Near enough, a smooth curve *is* a straight line. How much that line rises for each step to the right is the
        **derivative** of the curve at this place. It is a number, and every place has its own. Walk along:
        """,
    )
    walk = mo.ui.slider(-2, 2, 0.05, value=-0.9, label="x", show_value=True)
    mo.vstack([_words, walk])
    return (walk,)


@app.cell
def _(walk):
    _curve = CURVES["a wave"][0]
    _x = np.linspace(-2, 2, 121)
    _values, _slopes = slopes(_curve, _x)
    (_value,), (_slope,) = slopes(_curve, [walk.value])
    _reach = np.array([-0.7, 0.7]) / np.hypot(1, _slope)
    _fig, (_above, _below) = kit.figure(height=4.0, rows=2, sharex=True)
    _above.plot(_x, _values, color=kit.BLUE)
    _above.plot(walk.value + _reach, _value + _slope * _reach, color=kit.ORANGE, linewidth=3)
    _above.scatter(walk.value, _value, color=kit.ORANGE, s=40, zorder=3)
    _below.plot(_x, _slopes, color=kit.FAINT)
    _below.plot(_x[_x <= walk.value], _slopes[_x <= walk.value], color=kit.ORANGE)
    _below.scatter(walk.value, _slope, color=kit.ORANGE, s=40, zorder=3)
    _above.set(ylim=(-1.9, 1.9), ylabel="height f(x)", yticks=[-1, 0, 1])
    _below.set(xlim=(-2.05, 2.05), ylim=(-2.2, 2.8), ylabel="slope f′(x)", xlabel="x", yticks=[-2, 0, 2])
    kit.row(
        kit.html(_fig, f"At x = {walk.value:g} the curve is {_value:.2f} high and its slope is {_slope:.2f}"),
        kit.md(
            rf"""
            $$\begin{{gathered}} f(x) = \sin 2x + 0.3\,x \\ f'(x) = \orange{{2\cos 2x + 0.3}} \end{{gathered}}$$

            $$f'({walk.value:g}) = 2 \cdot ({np.cos(2 * walk.value):.3f}) + 0.3 = \orange{{{_slope:.3f}}}$$

            The lower curve says it for every place: above zero where the wave climbs, below zero where it falls, and
            *exactly* zero on each top and in each trough. So the lowest place of such a curve, if it has one, is among
            those where the slope is zero. From where you stand, its sign tells the way: a slope above zero says that
            down is to the left. It leads to *a* trough, which need not be the deepest.
            """
        ),
    )
    return


@app.cell
def _():
    turn = mo.ui.slider(0, 360, 15, value=30, label="direction, in degrees", show_value=True)
    _words = kit.md(
        """
        ### Two directions, and all between

        A network has more than one number to turn. Take two: a place on a map, and a height above it. How
        steep is a hillside? It depends on where you are heading. Turn:
        """
    )
    mo.vstack([_words, turn])
    return (turn,)


@app.cell
def _(turn):
    _way, _uphill = np.array([f(np.deg2rad(turn.value)) for f in (np.cos, np.sin)]), gradient(PLACE)
    _steep, _slope = np.linalg.norm(_uphill), _uphill @ _way
    _fig, (_map, _curve) = kit.figure(height=4.6, rows=2, height_ratios=[1.45, 1])
    draw_map(_map)
    arrow(_map, PLACE, 0.9 * _uphill / _steep, kit.ORANGE)
    arrow(_map, PLACE, 0.9 * _way, kit.BLUE)
    _map.scatter(*PLACE, color=kit.INK, s=34, zorder=3)
    _degrees, _best = np.arange(0, 361, 5), np.rad2deg(np.arctan2(_uphill[1], _uphill[0]))
    _curve.plot(_degrees, _steep * np.cos(np.deg2rad(_degrees - _best)), color=kit.BLUE)
    _curve.axvline(_best, color=kit.ORANGE, linewidth=1.6)
    _curve.scatter(turn.value, _slope, color=kit.BLUE, s=44, zorder=3)
    _curve.set(xticks=[0, 90, 180, 270, 360], xlabel="direction in degrees", ylabel="slope that way", ylim=(-5, 5))
    kit.row(
        kit.html(_fig, f"At {turn.value} degrees the slope is {_slope:.2f}; most it is {_steep:.2f}, at {_best:.0f}"),
        kit.md(
            rf"""
            At 0° you walk along $x$ only, at 90° along $y$ only. These two slopes are the **partial derivatives**. The
            list of both is the <span class="orange">gradient</span>:

            $$\orange{{\nabla f}} = \begin{{pmatrix}} \partial f / \partial x \\ \partial f / \partial y \end{{pmatrix}}
            = \begin{{pmatrix}} 2x \\ 6y \end{{pmatrix}}
            = \begin{{pmatrix}} {_uphill[0]:.1f} \\ {_uphill[1]:.1f} \end{{pmatrix}}$$

            The surprise: on a smooth hillside these two know all the others. For the
            <span class="blue">direction</span> $\blue{{u}}$, an arrow of length 1,

            $$\orange{{\nabla f}} \cdot \blue{{u}} = {_uphill[0]:.1f} \cdot ({_way[0]:.2f}) + {_uphill[1]:.1f} \cdot
            ({_way[1]:.2f}) = {_slope:.2f}$$

            It is largest along the orange arrow: **the gradient points straight uphill**, and its length
            {_steep:.2f} is the slope there. Turn away by 90° and you walk level, along the line of equal height.
            """
        ),
    )
    return


@app.cell
def _():
    _walk = descent([-2, 1.1], rate=0.3, count=14)
    _fig, _ax = kit.figure(height=3.0)
    draw_map(_ax)
    (_path,) = _ax.plot([], [], color=kit.ORANGE, marker="o", markersize=4.5, linewidth=1.6)

    def draw(number):
        _path.set_data(*_walk[: number + 1].T)
        _here = _walk[number]
        return f"step {number}: height {landscape(*_here):.4f}, slope {np.linalg.norm(gradient(_here)):.3f}"

    kit.row(
        kit.md(
            """
            ### Follow it down

            Now do the opposite of what the gradient says, a little at a time: look, take a step *against* it, look
            again. This is gradient descent, and in one form or another it is how every model learns that you train
            from lesson 7 on. The height is then the error, and the map has not two directions but thousands, or
            billions. The arithmetic stays the same.

            See how it zigzags: the steepest way down is *not* the way to the lowest place. It is only the best that
            can be known from here. Where the slope is zero the walk ends: in a valley, one hopes.
            """
        ),
        kit.film(kit.frames(_fig, draw, len(_walk)), label="Steps downhill", seconds=0.5),
    )
    return


@app.cell
def _():
    _why = {"sin = unary": "Value: np.sin. Slope: cos x. The g is the slope of all that comes after, to multiply with."}
    _words = kit.section(
        "Read",
        """
        The engine does not measure slopes. Each operation brings its rule along, the one from your school book, in a
        line like these two. Lesson 11 joins them. Differences would be too slow to learn with, one number at a
        time; but they are a fine judge, and our tests hold every rule against them.
        """,
    )
    _product = {"mul = binary": "A product rises by b for each unit of a, and by a for each unit of b."}
    mo.vstack([_words, kit.read("sin", _why), kit.read("mul", _product)])
    return


@app.cell
def _():
    _words = kit.section(
        "Break it, mend it",
        """
        Why rules at all? The recipe above needs none: take a small $h$ and divide. Smaller is better, so take a *very*
        small one. Here is the slope of $\\sin$ at 1, measured so. Something is wrong. **Mend it**: make $h$
        larger, until the error no longer falls. Then measure from both sides.
        """,
    )
    power = mo.ui.slider(1, 15, 1, value=14, label="h = 0.1 to the power of", show_value=True)
    both = mo.ui.switch(label="measure from both sides")
    mo.vstack([_words, mo.hstack([power, both], justify="start", gap=2, wrap=True)])
    return both, power


@app.function
def error_of(h, from_both_sides):
    """How far, relative to the truth, a difference in float64 is off the slope of sin at 1."""
    measured = (np.sin(1 + h) - np.sin(1 - h)) / (2 * h) if from_both_sides else (np.sin(1 + h) - np.sin(1)) / h
    return abs(measured / np.cos(1) - 1)


@app.function
def two_numbers(first, second):
    """Two numbers below each other; the digits on which they agree are grey."""
    a, b = f"{first:.16f}", f"{second:.16f}"
    same = next((i for i, (p, q) in enumerate(zip(a, b)) if p != q), len(a))
    lines = "".join(f'<div><span class="grey">{n[:same]}</span><b class="orange">{n[same:]}</b></div>' for n in (a, b))
    return f'<div style="font: 16px/1.6 var(--mono); margin: 0 0 12px">{lines}</div>'


@app.cell
def _(both, power):
    _h = STEPS[power.value - 1]
    _fig, _ax = kit.figure(height=3.1)
    _looks = {False: (kit.ORANGE, "one side", 3e-9, 6e-4), True: (kit.GREEN, "both sides", 1e-4, 1e-11)}
    for _sides, (_color, _name, *_at) in _looks.items():
        _ax.plot(STEPS, [max(error_of(h, _sides), 1e-13) for h in STEPS], color=_color, marker=".", linewidth=1.2)
        _ax.text(*_at, _name, color=_color)
    _error = error_of(_h, both.value)
    _ax.scatter(_h, _error, s=90, color=_looks[both.value][0], zorder=3)
    _ax.set(xscale="log", yscale="log", xlabel="h", ylabel="error, relative", xlim=(2e-16, 1), ylim=(1e-13, 3))
    _pair = (np.sin(1 + _h), np.sin(1 - _h) if both.value else np.sin(1))
    _words = kit.md(
        f"""
        Two heights, a step of {_h:g} apart. The grey digits are the same and vanish in the difference. The slope must
        come out of the **orange** ones, and a float has no more than about sixteen in all.

        Error now: **{_error:.1e}**. Too large an *h*, and the curve bends within the step. Too small, and no digits are
        left. The best from one side is {min(error_of(h, False) for h in STEPS):.0e}, from both sides
        {min(error_of(h, True) for h in STEPS):.0e}. The rule, cos 1, needs no *h* at all.
        """
    )
    kit.row(
        kit.html(_fig, f"Error against h: at h = {_h:g} it is {_error:.1e}; too small is as bad as too large"),
        mo.vstack([mo.Html(two_numbers(*_pair)), _words]),
    )
    return


@app.cell
def _():
    _exercise = kit.exercise("slope")
    _place = np.array([1.5, 0.7])
    _up, _options = gradient(_place), {}
    for _name, _step, _why in (
        ("to the lowest place", -_place, "It points at the goal. But a gradient knows no goal, only the slope here."),
        ("uphill", _up, "Across the lines, yes, but this is uphill: the gradient itself."),
        ("along the line", np.array([-_up[1], _up[0]]), "Along a line of equal height nothing rises or falls."),
        ("across the lines, down", -_up, "Straight across the lines of equal height, and down."),
    ):
        _fig, _ax = kit.figure(width=2.3, height=1.5)
        draw_map(_ax)
        arrow(_ax, _place, 0.75 * _step / np.linalg.norm(_step), kit.ORANGE)
        _ax.scatter(*_place, color=kit.INK, s=26, zorder=4)
        _ax.set_axis_off()
        _options[kit.picture(_fig, f"An arrow {_name}")] = (bool(np.allclose(_step, -_up)), _why)
    _which = kit.choose("From the dot, which way does one step of gradient descent go?", _options, name="arrows")
    _number = kit.answer(
        "And one by hand: f(x, y) = x²·y. What is ∂f/∂x at x = 3, y = 2?",
        slopes(lambda x: x * x * 2, [3.0])[1][0],
        name="partial",
        slips={9: "That is ∂f/∂y: it walks along y.", 6: "The slope of x² is 2x, but y stands before it, and stays."},
        hint="While x moves, y is a number like any other. Pretend that it is 2 for good: then f is 2·x².",
        solution="∂f/∂x = 2·x·y = 2 · 3 · 2",
    )
    mo.vstack([kit.section("Check yourself"), _exercise, _which, _number])
    return


@app.cell
def _():
    _words = kit.section(
        "Run",
        """
        A walk downhill on real data: how far diabetes went in a year, from ten measurements of a patient. The height is
        the error, the place is eleven numbers (ten weights and a bias), and each epoch takes some steps against the
        gradient. The loss falls fast at first, where it is steep, and then ever slower.
        """,
    )
    _sources = kit.sources(
        ("Deisenroth, Faisal and Ong (2020), Mathematics for Machine Learning", "https://mml-book.github.io/"),
        ("Baydin et al. (2018), Automatic differentiation: a survey", "https://arxiv.org/abs/1502.05767"),
        ("Higham (2002), Accuracy and Stability", "https://doi.org/10.1137/1.9780898718027"),
    )
    _next = kit.next_lesson(LESSON, "A slope is certain. Data are not: they come by chance, and chance has laws.")
    mo.vstack([_words, kit.run_command(*LESSON["runs"]), _sources, _next])
    return


if __name__ == "__main__":
    app.run()
