"""Lesson 8: activation functions. Without a bend a network is a straight line; step, sigmoid, tanh, ReLU, softmax."""

import marimo

app = marimo.App(width="medium", app_title="Activation functions", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "Activation functions",
        "question": "Why must a neuron bend?",
        "part": "The neuron",
        "minutes": 15,
        "reads": ["relu", "softmax"],
        "runs": [
            "deepglass train digits --model mlp --activation relu --epochs 3",
            "deepglass train digits --model mlp --activation sigmoid --epochs 3",
        ],
    }

    BENDS = {
        "ReLU": F.relu,
        "tanh": glass.tanh,
        "sigmoid": glass.sigmoid,
        "step": lambda z: (glass.sign(z) + 1) / 2,
        "no bend": lambda z: z,
    }
    FORMULAS = {
        "ReLU": r"f(z) = \max(0, z)",
        "tanh": r"f(z) = \frac{e^{z} - e^{-z}}{e^{z} + e^{-z}}",
        "sigmoid": r"f(z) = \frac{1}{1 + e^{-z}}",
        "step": r"f(z) = 1 \text{ if } z > 0 \text{ else } 0",
        "no bend": r"f(z) = z",
    }
    UNITS = 12
    PLACES = np.linspace(-1, 1, 41)
    CURVE = np.sin(4.5 * PLACES) + 0.4 * PLACES
    MOMENTS = (0, 4, 8, 12, 17, 23, 30, 40, 52, 66, 82, 100, 130, 170, 230, 300)  # steps that the film shows


@app.function
def learn(bend, push=0.0, steps=300):
    """Twelve neurons learn the curve: their state at every step, and the losses.

    All twelve begin with their bend at the same place, x = 0 (or pushed away from it); to be of use they must travel.
    """
    glass.manual_seed(0)
    w = (glass.randn(1, UNITS) * 3).requires_grad_()
    b = (glass.zeros(UNITS) - push).requires_grad_()
    v = (glass.randn(UNITS, 1) * 0.3).requires_grad_()
    c = glass.zeros(1).requires_grad_()
    x, y = glass.tensor(PLACES[:, None]).float(), glass.tensor(CURVE[:, None]).float()
    optimizer = glass.optim.Adam([w, b, v, c], lr=0.05)
    states, losses = [], []
    for _ in range(steps + 1):
        hidden = bend(x @ w + b)  # (41, 12)
        loss = F.mse_loss(hidden @ v + c, y)
        states.append(tuple(part.detach().numpy().copy() for part in (w, b, v, c)))
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return states, losses


@app.function
def pieces_of(bend, state):
    """What each neuron adds to the curve, (41, 12), and the curve that they make together, (41,)."""
    w, b, v, c = state
    pieces = bend(glass.tensor(PLACES[:, None] @ w + b)).numpy() * v[:, 0]
    return pieces, pieces.sum(1) + c


@app.function
def dead_units(w, b, x):
    """How many ReLUs have a sum above zero for none of the inputs: they say 0, pass no blame, and never learn again."""
    return int((x @ w + b <= 0).all(0).sum())


@app.function
def slope(bend, z):
    """Value and slope of a bend at some sums, from the engine's backward pass."""
    at = glass.tensor(np.asarray(z, dtype=float)).requires_grad_()
    values = bend(at)
    values.sum().backward()
    return values.detach().numpy(), at.grad.numpy()


@app.function
def two_rooms():
    """The points to learn and the curve that learns them; a room below it."""
    fig, (above, below) = kit.figure(height=3.7, rows=2, sharex=True, height_ratios=[1.5, 1])
    above.scatter(PLACES[::2], CURVE[::2], s=13, color=kit.ORANGE, linewidths=0)
    (curve,) = above.plot(PLACES, CURVE, color=kit.BLUE, linewidth=2.4)
    above.set(ylim=(-1.8, 1.8), yticks=[-1, 0, 1], ylabel="their sum")
    below.set(xlim=(-1.03, 1.03), xticks=[-1, 0, 1], xlabel="x")
    return fig, curve, below


@app.function
def film_of(title):
    """The learning's last error, and its pictures: the curve above, the twelve pieces that make it below."""
    states, losses = learn(BENDS[title])
    fig, curve, below = two_rooms()
    lines = below.plot(PLACES, np.zeros((len(PLACES), UNITS)), color=kit.GREEN, linewidth=1, alpha=0.75)
    below.set(ylim=(-2.6, 2.6), yticks=[-2, 0, 2], ylabel="the twelve")

    def draw(number):
        pieces, total = pieces_of(BENDS[title], states[MOMENTS[number]])
        for line, values in zip([curve, *lines], [total, *pieces.T]):
            line.set_ydata(values)
        return f"step {MOMENTS[number]}: mean squared error {losses[MOMENTS[number]]:.3f}"

    return losses[-1], kit.frames(fig, draw, len(MOMENTS), f"{title},")


@app.cell
def _():
    kit.opening(
        LESSON,
        "Twelve neurons learn a curve. Each is a straight line with one bend (below, green). Their sum is the blue "
        "curve. All twelve bends begin at the same place: watch them travel to where they are needed.",
    )
    return


@app.cell
def _(guess):
    _titles = [title for title in BENDS if title != "no bend" or guess.value["committed"]]
    bend_choice = mo.ui.radio(_titles, value="ReLU", label="How they bend")
    return (bend_choice,)


@app.cell
def _(bend_choice):
    _error, _frames = film_of(bend_choice.value)
    _z = np.linspace(-4, 4, 161)
    _fig, _ax = kit.figure(width=2.7, height=1.7)
    _ax.plot(_z, BENDS[bend_choice.value](glass.tensor(_z)).numpy(), color=kit.GREEN, linewidth=2)
    _ax.set(xlabel="the sum z = w·x + b", ylim=(-1.3, 2.3), yticks=[-1, 0, 1, 2])
    _shape = kit.html(_fig, f"The bend {bend_choice.value}", f"{bend_choice.value}: error {_error:.4f} in the end")
    kit.levels(
        kit.film(_frames, label="Steps of learning", seconds=0.45),
        mo.vstack([bend_choice, _shape]),
        kit.md(
            rf"""
            $$\blue{{\hat y}} = \green{{v_1 f(z_1)}} + \dots + \green{{v_{{{UNITS}}} f(z_{{{UNITS}}})}} + c$$

            $${FORMULAS[bend_choice.value]}$$
            """
        ),
    )
    return


@app.cell
def _():
    _straight = learn(BENDS["no bend"])[1][-1]
    _bent = learn(BENDS["ReLU"])[1][-1]
    guess = kit.guess(
        "Take the bend away: every neuron passes its sum on as it is. How near do the twelve now come to the curve?",
        ["Just as near, after more steps", "Less near: rounder, but still a curve", "They make one straight line"],
        f"One straight line, and no amount of training mends it: an error of {_straight:.2f} instead of {_bent:.4f}. "
        "A sum of straight lines is a straight line. <i>No bend</i> now stands among the choices above: look.",
    )
    mo.vstack([guess])
    return (guess,)


@app.cell
def _():
    _states, _losses = learn(BENDS["step"])
    _moved = np.abs(_states[-1][0] - _states[0][0]).max()
    sum_slider = mo.ui.slider(-6, 6, 0.25, value=3, label="the sum z", show_value=True)
    _words = kit.section(
        "See",
        rf"""
        Two layers without a bend are one layer: $v\,(Wx) = (vW)\,x$, one matrix, one straight line. A hundred such
        layers are still one. **The bend between two layers is what makes depth worth having.**

        But which bend? Choose *step* above. The twelve never travel: after {len(_losses) - 1} steps their weights have
        moved by {_moved:g}, and the error stays at {_losses[-1]:.2f}. To learn, a neuron must be told which way to go,
        and it is told by the **slope** of its bend. The step has none. Move the sum:
        """,
    )
    mo.vstack([_words, sum_slider])
    return (sum_slider,)


@app.cell
def _(sum_slider):
    _here = sum_slider.value
    _z = np.linspace(-6, 6, 241)
    _fig, _axes = kit.figure(width=5.2, height=3.8, rows=2, columns=2, sharex=True)
    for _ax, _title in zip(_axes.flat, ("step", "sigmoid", "tanh", "ReLU")):
        _values, _slopes = slope(BENDS[_title], _z)
        (_value,), (_slope,) = slope(BENDS[_title], [_here])
        _ax.plot(_z, _values, color=kit.GREEN, linewidth=2)
        _ax.plot(_z, _slopes, color=kit.ORANGE, linewidth=1.3, linestyle=(0, (4, 2)))
        _ax.scatter([_here], [_value], s=36, color=kit.GREEN, zorder=3)
        _ax.scatter([_here], [_slope], s=26, color=kit.ORANGE, zorder=3, marker="s")
        _ax.set_title(f"{_title}: {_value:.2f}, slope {_slope:.3f}", fontsize=9)
        _ax.set(ylim=(-1.2, 1.6), xlim=(-6.2, 6.2), yticks=[-1, 0, 1])
    kit.row(
        kit.html(_fig, f"Four bends and their slopes at z = {_here:g}", "Green: what it says. Orange: its slope."),
        kit.md(
            rf"""
            **Sigmoid** says how sure it is, between 0 and 1. But far from zero it is *saturated*: all but flat, and
            deaf to blame. Even at its best, $z = 0$, its slope is a quarter. On the way back through ten layers blame
            is multiplied by ten such slopes, together at most $0.25^{{10}}$, a millionth, and by ten layers of weights,
            which would have to be large to make up for it (lesson 15).

            **Tanh** is the same shape, stretched to lie between −1 and 1. Its slope reaches 1.

            **ReLU** is the plainest of all: below zero silence, above it the sum itself. Its slope is 1 however large
            the sum, which is one reason why deep networks learn with it. At exactly 0 it has a corner; the engine,
            like PyTorch, calls the slope there {slope(BENDS["ReLU"], [0.0])[1][0]:g}.
            """
        ),
    )
    return


@app.cell
def _():
    _sums = np.random.default_rng(0).normal(0, 1.5, 2000)
    _said = {title: BENDS[title](glass.tensor(_sums)).numpy() for title in ("sigmoid", "tanh")}
    _fig, _axes = kit.figure(height=2.9, rows=2, sharex=True)
    for _ax, (_title, _values) in zip(_axes, _said.items()):
        _ax.hist(_values, bins=np.linspace(-1, 1, 41), color=kit.GREEN, alpha=0.75)
        _ax.axvline(_values.mean(), color=kit.ORANGE, linewidth=1.6)
        _ax.set(ylabel=_title, yticks=[])
    kit.row(
        kit.md(
            f"""
            ### What the next layer hears

            The same {len(_sums):,} random sums through sigmoid and through tanh. Sigmoid's answers have the mean
            {_said["sigmoid"].mean():.2f} (orange), tanh's {abs(_said["tanh"].mean()):.2f}: they are centred on zero.

            This matters one layer on. If everything that a neuron hears is positive, then from one example all its
            weights get blame of the same sign: they rise together or fall together. Centred input lets them part.
            """
        ),
        kit.html(_fig, f"Means: sigmoid {_said['sigmoid'].mean():.2f}, tanh {_said['tanh'].mean():.2f}"),
    )
    return


@app.cell
def _():
    _words = kit.md(
        """
        ### Softmax: a bend for a whole layer

        The last layer of a classifier has one sum per class, its *logits*. Softmax turns them into shares that are
        positive and add up to 1. Add the same number to all of them, and watch the shares. Then stretch them.
        """
    )
    shift = mo.ui.slider(-5, 5, 0.5, value=2, label="add to all", show_value=True)
    stretch = mo.ui.slider(0, 4, 0.25, value=1, label="multiply all by", show_value=True)
    mo.vstack([_words, mo.hstack([shift, stretch], justify="start", gap=2, wrap=True)])
    return shift, stretch


@app.cell
def _(shift, stretch):
    _logits = stretch.value * np.array([2.0, 1.0, -1.0]) + shift.value
    _shares = F.softmax(glass.tensor(_logits), dim=-1).numpy()
    _fig, (_left, _right) = kit.figure(width=5.2, height=2.2, columns=2)
    for _ax, _values, _color in ((_left, _logits, kit.BLUE), (_right, _shares, kit.GREEN)):
        _ax.barh(["cat", "dog", "fox"], _values, color=_color, height=0.6)
        _ax.invert_yaxis()
    _left.set(xlim=(-9, 13), xlabel="logits")
    _right.set(xlim=(0, 1.3), xticks=[0, 0.5, 1], xlabel=f"shares, sum {_shares.sum():g}")
    for _row, _share in enumerate(_shares):
        _right.text(_share + 0.03, _row, f"{_share:.3f}", va="center")
    _parts = " + ".join(f"e^{{{logit:.3g}}}" for logit in _logits)
    kit.row(
        kit.html(_fig, f"Logits {_logits.tolist()} become the shares {_shares.round(3).tolist()}"),
        kit.md(
            rf"""
            $$\green{{p_k}} = \frac{{e^{{\blue{{z_k}}}}}}{{\sum_j e^{{\blue{{z_j}}}}}}$$

            $$\green{{p_\text{{cat}}}} = \frac{{e^{{{_logits[0]:.3g}}}}}{{{_parts}}} = \green{{{_shares[0]:.3f}}}$$

            Only **differences** count: what is added to all cancels. Stretched, the largest takes nearly everything;
            multiplied by 0, all are equal.
            """
        ),
    )
    return


@app.cell
def _():
    with np.errstate(over="ignore"):
        _overflow = np.exp(1000.0)
    _relu = {
        "relu = in_place": "y > 0 is the slope: blame passes where the neuron spoke, and stops where it was silent."
    }
    _softmax = {
        "x - x.max": f"Take the largest from all: no share changes, and e to the 1000 ({_overflow}) never happens.",
        "y /= y.sum": "Shares of one whole.",
        "out -= y *": "Blame for one class is taken from the others: one can only win what the rest lose.",
    }
    _words = kit.section(
        "Read", "The most used bend is one line: its value, then what it does to the blame coming back."
    )
    mo.vstack([_words, kit.read("relu", _relu), kit.read("softmax", _softmax)])
    return


@app.cell
def _():
    _words = kit.section(
        "Break it, mend it",
        """
        ReLU has a way to die. Push the biases down, and for some neurons the sum is below zero for *every* input. They
        say 0, their slope is 0, no blame reaches them, and they will never learn again. (Further up in a deep net the
        layers below can still change what they hear, and wake them.) One step with too high a learning rate is enough
        to do this. In the lower picture each row is a neuron; blue is where it speaks.

        **Mend it** with a leak: below zero a slope of 0.02 instead of 0. The same start, and the blame gets through.
        """,
    )
    push = mo.ui.slider(0, 6, 1, value=4, label="push all biases down by", show_value=True)
    leaky = mo.ui.switch(label="let them leak")
    mo.vstack([_words, mo.hstack([push, leaky], justify="start", gap=2, wrap=True)])
    return leaky, push


@app.cell
def _(leaky, push):
    _bend = (lambda z: F.leaky_relu(z, 0.02)) if leaky.value else F.relu
    _states, _losses = learn(_bend, push=push.value)
    _start, _end = (dead_units(w, b, PLACES[:, None]) for w, b, _, _ in (_states[0], _states[-1]))
    _w, _b, _, _ = _states[-1]
    _fig, _curve, _below = two_rooms()
    _curve.set_ydata(pieces_of(_bend, _states[-1])[1])
    for _unit, _speaks in enumerate((PLACES[:, None] @ _w + _b > 0).T):
        _below.plot(PLACES, np.full(len(PLACES), _unit), color=kit.FAINT, linewidth=1)
        _below.plot(PLACES, np.where(_speaks, _unit, np.nan), color=kit.BLUE, linewidth=4, solid_capstyle="butt")
    _below.set(ylabel="who speaks", yticks=[], ylim=(-1, UNITS))
    _kind, _moral = "dead", "Without a leak, no dead neuron ever wakes. Those that live must make the curve alone."
    if leaky.value:
        _kind, _moral = "silent, not deaf", "The silent ones still feel a little blame, and enough come back."
    kit.row(
        kit.html(_fig, f"{_end} of {UNITS} neurons are {_kind} after learning; the error is {_losses[-1]:.3f}"),
        kit.md(
            f"""
            | | before | after {len(_losses) - 1} steps |
            |---|--:|--:|
            | {_kind} | {_start} of {UNITS} | **{_end} of {UNITS}** |
            | mean squared error | {_losses[0]:.3f} | **{_losses[-1]:.4f}** |

            {_moral}
            """
        ),
    )
    return


@app.cell
def _():
    _exercise = kit.exercise("softmax")
    mo.vstack([kit.section("Check yourself"), _exercise])
    return


@app.cell
def _():
    _units = {"2x − 3": (2, -3), "−4x − 1": (-4, -1), "x − 0.9": (1, -0.9), "−x − 1": (-1, -1)}
    _why = {
        True: "The sum stays at or below zero on the whole of −1 to 1: {most:g} at most.",
        False: "Its sum reaches {most:g}: somewhere it speaks, and learns.",
    }
    _inputs = np.linspace(-1, 1, 201)[:, None]
    _options = {}
    for _text, (_weight, _bias) in _units.items():
        _is_dead = bool(dead_units(np.array([[_weight]]), np.array([_bias]), _inputs))
        _options[f"max(0, {_text})"] = (_is_dead, _why[_is_dead].format(most=(_inputs * _weight + _bias).max()))
    kit.choose("All inputs lie between −1 and 1. Which of these are dead?", _options, name="dead", several=True)
    return


@app.cell
def _():
    _words = kit.section(
        "Run",
        "The same network, the same three rounds through 1,797 handwritten digits, two bends. Compare what each has "
        "learned in so short a time; `--activation` also takes tanh, gelu and silu.",
    )
    mo.vstack([_words, kit.row(*(kit.run_command(command) for command in LESSON["runs"]))])
    return


@app.cell
def _():
    _sources = kit.sources(
        ("LeCun and others (1998), Efficient BackProp", "https://doi.org/10.1007/3-540-49430-8_2"),
        ("Nair and Hinton (2010), Rectified Linear Units", "https://icml.cc/Conferences/2010/papers/432.pdf"),
        ("Glorot and others (2011), Rectifiers", "https://proceedings.mlr.press/v15/glorot11a.html"),
        ("Bridle (1990), softmax", "https://doi.org/10.1007/978-3-642-76153-9_28"),
    )
    mo.vstack([_sources, kit.next_lesson(LESSON, "A neuron can say anything. Next: how to tell it that it was wrong.")])
    return


if __name__ == "__main__":
    app.run()
