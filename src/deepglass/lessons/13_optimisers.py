"""Lesson 13: optimisers. Momentum, RMSprop and Adam race down one landscape, and each knows one trick."""

import marimo

app = marimo.App(width="medium", app_title="Optimisers", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit

    LESSON = {
        "title": "Optimisers",
        "question": "Who is first at the bottom of the valley?",
        "part": "Learning",
        "minutes": 15,
        "reads": ["glass/optim/adam.py"],
        "runs": [
            "deepglass train digits --model mlp --epochs 3 --optimizer sgd --learning-rate 0.01",
            "deepglass train digits --model mlp --epochs 3 --optimizer adam --learning-rate 0.01",
        ],
    }

    START, STEPS = (-2.0, 1.6), 60
    RACERS = ["SGD", "Momentum", "RMSprop", "Adam"]
    COLORS = dict(zip(RACERS, (kit.GREY, kit.BLUE, kit.GREEN, kit.ORANGE)))
    RATES = {"SGD": 0.03, "Momentum": 0.03, "RMSprop": 0.1, "Adam": 0.2}
    STEEP = 25.0


@app.function
def height(w, steep=STEEP):
    """A long, narrow valley: flat along w₁, `steep` times steeper along w₂."""
    return 0.5 * (w[0] ** 2 + steep * w[1] ** 2)


@app.function
def optimiser(name, weights, rate):
    """One of the racers, from the glass engine."""
    optim = glass.optim
    makers = {
        "SGD": lambda: optim.SGD(weights, lr=rate),
        "Momentum": lambda: optim.SGD(weights, lr=rate, momentum=0.8),
        "RMSprop": lambda: optim.RMSprop(weights, lr=rate, alpha=0.9),
        "Adagrad": lambda: optim.Adagrad(weights, lr=rate),
        "Adam": lambda: optim.Adam(weights, lr=rate, betas=(0.8, 0.99)),
    }
    return makers[name]()


@app.function
def path(name, steps=STEPS, rate=None, steep=STEEP):
    """Where a racer goes from START: (steps + 1, 2)."""
    w = glass.tensor(np.array(START), requires_grad=True)
    racer, places = optimiser(name, [w], rate or RATES[name]), [START]
    for _ in range(steps):
        racer.zero_grad()
        height(w, steep).backward()
        racer.step()
        places.append(tuple(w.tolist()))
    return np.array(places)


@app.function
def draw_valley(ax, steep=STEEP):
    """Rings of equal height, and the lowest point."""
    turn = np.linspace(0, 2 * np.pi, 49)
    for level in (0.05, 0.4, 1.2, 2.6, 5, 10, 20, 34):
        ring = np.sqrt(2 * level) * np.stack([np.cos(turn), np.sin(turn) / np.sqrt(steep)])
        ax.plot(*ring, color=kit.GREY, linewidth=0.8, alpha=0.5)
    ax.scatter(0, 0, marker="+", s=70, color=kit.INK, linewidths=1.6, zorder=2)
    ax.set(xlim=(-2.4, 1.6), ylim=(-1.9, 1.9), xlabel="w₁, the flat way", ylabel="w₂, the steep way")


@app.function
def race(paths):
    """The film: all racers after the same number of steps."""
    moments = (0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 17, 20, 24, 28, 34, 42, 50, 60)
    fig, ax = kit.figure(4.5, 3.9)
    draw_valley(ax)
    trails = {name: ax.plot([], [], color=COLORS[name], linewidth=1.7, label=name)[0] for name in paths}
    dots = {name: ax.scatter([0], [0], color=COLORS[name], s=42, zorder=3) for name in paths}
    ax.legend(frameon=False, loc="lower right", fontsize=9)

    def draw(number):
        step = moments[number]
        for name, places in paths.items():
            trails[name].set_data(*places[: step + 1].T)
            dots[name].set_offsets(places[step : step + 1])
        lowest = min(paths, key=lambda name: height(paths[name][step]))
        return f"Step {step}." + (f" Lowest: {lowest}." if step else " All start at the same place.")

    return kit.frames(fig, draw, len(moments))


@app.function
def arrival(places, steep=STEEP, low=0.001):
    """The first step from which on a racer stays below a height, or None."""
    above = np.flatnonzero(height(places.T, steep) > low)
    return int(above[-1]) + 1 if above[-1] < len(places) - 1 else None


@app.cell
def _():
    kit.opening(
        LESSON,
        "A long, narrow valley: steep walls, and a floor that falls so gently that you hardly feel it. Four racers "
        "start at the same place, and see nothing but the slope under their feet.",
    )
    return


@app.cell
def _():
    _paths = {name: path(name, 400) for name in RACERS}
    _arrivals = {name: arrival(places) for name, places in _paths.items()}
    _told = ", ".join(f"{name} {step if step is not None else 'not within 400'}" for name, step in _arrivals.items())
    kit.row(
        kit.film(race(_paths), label="Steps", seconds=0.5, width=4.5, waits_for="guess", held=6),
        kit.guess(
            "Who is the first to come down to the cross and <i>stay</i> there?",
            ["Plain SGD", "Momentum", "RMSprop", "Adam"],
            f"Counted in steps until the height stays below 0.001: {_told}. On another landscape, or with other rates, "
            "the order changes: no racer wins everywhere. What matters is which trick helps against which trouble.",
        ),
    )
    return


@app.cell
def _():
    kit.section(
        "See",
        """
        Plain descent has one rate for all directions. Small enough for the steep walls, it creeps along the floor;
        larger, it leaps from wall to wall. Two tricks help. **Momentum** remembers where it was going: leaps to and
        fro cancel out, steps along the floor add up. **RMSprop** measures how large each weight's gradients have been
        and divides by it: every direction gets a stride of its own. **Adam** does both.
        """,
    )
    return


@app.cell
def _():
    racer = mo.ui.dropdown([*RACERS, "Adagrad"], value="Momentum", label="Racer")
    rate = mo.ui.slider(steps=[0.01, 0.03, 0.05, 0.1, 0.2, 0.5], value=0.03, label="Rate η", show_value=True)
    kit.after_guess(mo.hstack([racer, rate], justify="start", gap=2, wrap=True))
    return racer, rate


@app.function
def short(value):
    """Two decimals with a real minus; what is far away, by its power of ten."""
    return (f"{value:.3f}" if abs(value) < 100 else f"{value:.0e}").replace("-", "−")


@app.function
def formula(name):
    """The update of a racer; g is the gradient."""
    velocity = r"$$\green{v} \leftarrow 0.8\,\green{v} + \orange{g}$$"
    fading = r"$$\gold{s} \leftarrow 0.9\,\gold{s} + 0.1\,\orange{g}^2$$"
    growing = r"$$\gold{s} \leftarrow \gold{s} + \orange{g}^2$$"
    divided = r"$$\blue{w} \leftarrow \blue{w} - \eta\,\orange{g} / \sqrt{\gold{s}}$$"
    both = (
        r"$$\green{m} \leftarrow 0.8\,\green{m} + 0.2\,\orange{g}$$",
        r"$$\gold{s} \leftarrow 0.99\,\gold{s} + 0.01\,\orange{g}^2$$",
    )
    hats = r"The hats repair that both began at zero: $\hat m = m / (1 - 0.8^t)$, $\hat s = s / (1 - 0.99^t)$."
    tiny = "(The code adds a tiny ε to the root, against dividing by 0.)"
    lines = {
        "SGD": [r"$$\blue{w} \leftarrow \blue{w} - \eta\,\orange{g}$$", "Against the gradient, at one rate for all."],
        "Momentum": [
            velocity,
            r"$$\blue{w} \leftarrow \blue{w} - \eta\,\green{v}$$",
            "The velocity v is a fading sum of all gradients.",
        ],
        "RMSprop": [fading, divided, "Here s is the mean square of late gradients, for each weight its own. " + tiny],
        "Adagrad": [
            growing,
            divided,
            "This s never forgets, so on a steady slope the strides only shrink. RMSprop cured that. " + tiny,
        ],
        "Adam": [
            *both,
            r"$$\blue{w} \leftarrow \blue{w} - \eta\,\green{\hat m} / \sqrt{\gold{\hat s}}$$",
            hats + " " + tiny,
        ],
    }
    return "\n\n".join(lines[name])


@app.cell
def _(racer, rate):
    _places = path(racer.value, 100, rate.value)
    fig, ax = kit.figure(4.3, 3.7)
    draw_valley(ax)
    ax.plot(*_places.T, color=kit.BLUE, linewidth=1.5, marker="o", markersize=2.6)
    _step = arrival(_places)
    _told = f"Below 0.001 from step {_step} on." if _step is not None else "Not at rest below 0.001 within 100 steps."
    _moved = np.abs(np.diff(_places, axis=0))
    _rows = ["| step | w₁ | w₂ | moved: w₁ | w₂ |", "|---:|---:|---:|---:|---:|"]
    for _i in (0, 1, 2, 9, 29):
        _numbers = " | ".join(short(value) for value in (*_places[_i + 1], *_moved[_i]))
        _rows.append(f"| {_i + 1} | {_numbers} |")
    _shown = kit.levels(
        kit.html(fig, f"The path of {racer.value} with rate {rate.value}, 100 steps. {_told}", _told),
        kit.md("\n".join(_rows)),
        kit.md(formula(racer.value)),
    )
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    _steps = {name: np.abs(path(name, 1)[1] - START) for name in ("SGD", "RMSprop", "Adam")}
    _uncorrected = 0.2 * RATES["Adam"] / np.sqrt(0.01)
    kit.md(
        f"""
        ### The first step tells who is who

        At the start the slope along w₂ is {STEEP * START[1] / abs(START[0]):.0f} times that along w₁. Plain SGD's
        first step is so much longer along w₂: {_steps["SGD"][1]:.2f} against {_steps["SGD"][0]:.2f}. RMSprop's and
        Adam's are equally long along both: dividing by √s leaves only the *sign* of the slope. Adam's is its rate,
        {_steps["Adam"][0]:.2f}, but for ε. Without the hats it would be 0.2 · {RATES["Adam"]} / √0.01 =
        {_uncorrected:.2f}; with the usual settings 0.9 and 0.999 the error would be {0.1 / np.sqrt(0.001):.1f}-fold.
        """
    )
    return


@app.cell
def _():
    _lines = {
        "m += (1 - beta1) * (grad - m)": "Momentum: a fading mean of the gradients.",
        "v += (1 - beta2) * grad * grad": "RMSprop: a fading mean of their squares. It is the s of this page.",
        "m_correction, v_correction": "The hats: both means began at zero and would be too small at first.",
        "weight -= lr / m_correction": "Direction divided by size: a weight seldom moves much further than the rate.",
    }
    mo.vstack(
        [
            kit.section("Read", "Adam, whole. A test holds its steps against PyTorch's, and those of the others too."),
            kit.read("glass/optim/adam.py", _lines, part="Adam.update"),
        ]
    )
    return


@app.cell
def _():
    _words = """
        Make the valley narrower. Plain SGD with its rate of 0.03 flies off the walls as soon as the steepness passes
        2 / 0.03. **Mend it** one way: lower the rate, and it is safe, but slow along the floor. Or the other way:
        take Adam. Its stride hardly depends on how steep the wall is, because it divides by it.
    """
    steep = mo.ui.slider(steps=[5, 25, 50, 65, 70, 100, 400], value=70, label="Steepness", show_value=True)
    _racers = ["SGD, rate 0.03", "SGD, rate 0.004", "Adam, rate 0.2"]
    repair = mo.ui.radio(_racers, value=_racers[0], label="Racer:")
    mo.vstack([kit.section("Break it, mend it", _words), mo.hstack([steep, repair], justify="start", gap=3, wrap=True)])
    return repair, steep


@app.cell
def _(repair, steep):
    _name, _rate = repair.value.split(", rate ")
    _places = path(_name, 60, float(_rate), steep.value)
    fig_steep, _ax = kit.figure(4.3, 3.5)
    draw_valley(_ax, steep.value)
    _ax.plot(*_places.T, color=kit.ORANGE, linewidth=1.4, marker="o", markersize=2.6)
    fig_height, _ax = kit.figure(4.3, 3.5)
    _heights = height(_places.T, steep.value)
    _ax.plot(np.clip(_heights, 1e-9, 1e12), color=kit.ORANGE)
    _ax.set(yscale="log", ylim=(1e-7, 1e6), xlabel="step", ylabel="height")
    _told = f"The height goes from {_heights[0]:.3g} to {_heights[-1]:.3g} in 60 steps."
    kit.row(
        kit.html(fig_steep, f"The path of {repair.value} in a valley {steep.value} times steeper than long. {_told}"),
        kit.html(fig_height, f"The height, step by step. {_told}", _told),
    )
    return


@app.cell
def _():
    _exercise = kit.exercise("momentum")
    mo.vstack([kit.section("Check yourself"), _exercise])
    return


@app.cell
def _():
    mu = 0.9
    kit.answer(
        f"The gradient is always 1, and momentum keeps μ = {mu:g}. To what does the velocity grow in the end?",
        1 / (1 - mu),
        name="velocity",
        slips={
            1.0: "That is the first step. More is added at each.",
            mu: "This is what stays of one step.",
            1 + mu: "That is the second step; it goes on.",
        },
        because="So on a steady slope the same rate carries you ten times as far: lower it when you add momentum.",
        hint="At rest v = μ·v + 1.",
        solution=f"v = 1 / (1 − {mu:g}) = {1 / (1 - mu):.0f}",
    )
    return


@app.cell
def _():
    kit.choose(
        "All gradients become a thousand times larger (the loss is in other units). Who walks the same path?",
        {
            "plain SGD": (False, "Its steps become a thousand times longer."),
            "momentum": (False, "A sum of larger gradients is larger too."),
            "Adam and RMSprop": (
                True,
                "Mean and root of the mean square grow alike: but for ε, the factor cancels out.",
            ),
        },
        name="units",
    )
    return


@app.cell
def _():
    _words = """
        Three epochs on handwritten digits with the same rate: plain SGD, then Adam. Adam is not always the better
        choice in the end, but it often works at once, with little tuning.
    """
    _commands = kit.row(*(kit.run_command(command) for command in LESSON["runs"]))
    mo.vstack([kit.section("Run", _words), _commands])
    return


@app.cell
def _():
    _sources = kit.sources(
        ("Polyak (1964), Some methods of speeding up the convergence", "https://doi.org/10.1016/0041-5553(64)90137-5"),
        ("Duchi, Hazan and Singer (2011), Adaptive subgradient methods", "https://jmlr.org/papers/v12/duchi11a.html"),
        ("Kingma and Ba (2014), Adam", "https://arxiv.org/abs/1412.6980"),
        ("Goh (2017), Why momentum really works", "https://distill.pub/2017/momentum/"),
    )
    mo.vstack(
        [_sources, kit.next_lesson(LESSON, "All racers had one rate from start to end. Should it stay the same?")]
    )
    return


if __name__ == "__main__":
    app.run()
