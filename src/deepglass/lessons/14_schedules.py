"""Lesson 14: learning-rate schedules. Long steps arrive and never rest, short ones rest and never arrive."""

import marimo

app = marimo.App(width="medium", app_title="Learning-rate schedules", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F
    from deepglass.glass.optim import lr_scheduler

    LESSON = {
        "title": "Learning-rate schedules",
        "question": "When should the steps grow shorter?",
        "part": "Learning",
        "minutes": 15,
        "reads": ["CosineAnnealingLR", "LinearLR"],
        "runs": [
            "deepglass train digits --model mlp --optimizer sgd --learning-rate 0.5 --epochs 10 --schedule constant",
            "deepglass train digits --model mlp --optimizer sgd --learning-rate 0.5 --epochs 10 --schedule cosine",
        ],
    }

    STEPS = 200
    BOWL = np.array([1.0, 0.08])  # how steep the bowl is, across and along
    NOISE = 0.5  # of each part of the gradient, as a mini-batch has it
    START = np.array([1.6, 3.4])
    LONG, SHORT = 0.6, 0.03
    SHAPES = {  # from an optimiser and the number of steps to a scheduler of the engine
        "constant": lambda optimizer, steps: lr_scheduler.LambdaLR(optimizer, lambda t: 1.0),
        "step": lambda optimizer, steps: lr_scheduler.StepLR(optimizer, steps // 2, 0.1),
        "exponential": lambda optimizer, steps: lr_scheduler.ExponentialLR(optimizer, 0.01 ** (1 / steps)),
        "cosine": lr_scheduler.CosineAnnealingLR,
        "warm-up, then cosine": lambda optimizer, steps: lr_scheduler.SequentialLR(
            optimizer,
            [
                lr_scheduler.LinearLR(optimizer, 0.02, total_iters=steps // 3),
                lr_scheduler.CosineAnnealingLR(optimizer, steps - steps // 3),
            ],
            [steps // 3],
        ),
    }


@app.function
def rates(shape, top, steps=STEPS):
    """The learning rate at every step, as the engine's scheduler writes it into the optimiser."""
    optimizer = glass.optim.SGD([glass.zeros(1).requires_grad_()], lr=top)
    scheduler, told = SHAPES[shape](optimizer, steps), []
    for _ in range(steps):
        told.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    return np.array(told)


@app.function
def walk(shape, top, walkers=200, seed=0):
    """Walkers in the bowl with the engine's SGD; the slope they feel is noisy. Places (steps + 1, walkers, 2)."""
    rng = np.random.default_rng(seed)
    w = glass.tensor(np.tile(START, (walkers, 1))).requires_grad_()
    optimizer = glass.optim.SGD([w], lr=top)
    scheduler, places = SHAPES[shape](optimizer, STEPS), [w.detach().numpy().copy()]
    bowl = glass.tensor(BOWL)
    for _ in range(STEPS):
        noise = glass.tensor(rng.normal(0, NOISE, (walkers, 2)))
        optimizer.zero_grad()
        ((bowl * w * w).sum() / 2 + (noise * w).sum()).backward()
        optimizer.step()
        scheduler.step()
        places.append(w.detach().numpy().copy())
    return np.array(places)


@app.function
def height(places):
    """The loss at places (..., 2) of the bowl: half the sum of steepness times distance squared."""
    return (BOWL * places**2).sum(-1) / 2


@app.function
def expected(rates):
    """The mean height of infinitely many walkers after each step; `rates` (steps,) or (steps, n)."""
    rates = np.asarray(rates)[..., None]  # (steps, …, 1)
    squares = np.broadcast_to(START**2, (*rates.shape[1:-1], 2)).copy()  # E[w²] in both directions
    told = [(BOWL * squares).sum(-1) / 2]
    for rate in rates:
        squares = (1 - rate * BOWL) ** 2 * squares + (rate * NOISE) ** 2
        told.append((BOWL * squares).sum(-1) / 2)
    return np.array(told)


@app.function
def floor(rate):
    """Where the mean height comes to rest with steps that stay as they are."""
    return float((rate * NOISE**2 / (2 * (2 - rate * BOWL))).sum())


@app.function
def arrival(near=1.1):
    """The first step after which long steps have brought the mean loss to a tenth above their floor."""
    return int(np.argmax(expected(rates("constant", LONG)) < near * floor(LONG)))


@app.cell
def _():
    kit.opening(
        LESSON,
        "Three walkers look for the bottom of a valley in fog: the slope they feel is the true one plus noise. "
        "Orange takes long steps, green short ones. Blue begins like orange and ends like green.",
    )
    return


@app.cell
def _():
    _runs = {"long": ("constant", LONG, kit.ORANGE), "short": ("constant", SHORT, kit.GREEN)}
    _runs["shrinking"] = ("cosine", LONG, kit.BLUE)
    _fig, (_above, _middle, _below) = kit.figure(height=5, rows=3, height_ratios=[1.7, 1, 0.6])
    _turn = np.linspace(0, 2 * np.pi, 61)
    for _level in (0.02, 0.2, 0.6, 1.3):
        _ring = np.sqrt(2 * _level / BOWL) * np.column_stack([np.cos(_turn), np.sin(_turn)])
        _above.plot(*_ring.T[::-1], color=kit.FAINT, linewidth=1)
    _above.set(xlim=(-2.6, 4), ylim=(-1.9, 1.9), xticks=[], yticks=[])
    _middle.set(yscale="log", xlim=(0, STEPS), ylim=(0.003, 3), xticklabels=[], ylabel="loss")
    _middle.minorticks_off()
    _below.set(xlim=(0, STEPS), ylim=(-0.05, 0.7), yticks=[0, 0.6], xlabel="step", ylabel="rate")
    _parts = []
    for _name, (_shape, _top, _color) in _runs.items():
        _places, _rates = walk(_shape, _top), rates(_shape, _top)
        _parts.append((
            _places[:, 0], height(_places).mean(1), _rates,
            _above.plot([], [], color=_color, linewidth=1, alpha=0.7)[0],
            _above.plot([], [], color=_color, marker="o", markersize=8)[0],
            _middle.plot([], [], color=_color)[0],
            _below.plot([], [], color=_color)[0],
        ))  # fmt: skip
    _moments = (0, 1, 2, 4, 7, 11, 16, 23, 32, 44, 60, 80, 100, 120, 140, 160, 180, 200)

    def draw_walk(number):
        t = _moments[number]
        for path, loss, rate, trail, dot, line, low in _parts:
            trail.set_data(path[max(0, t - 40) : t + 1, 1], path[max(0, t - 40) : t + 1, 0])
            dot.set_data(path[t : t + 1, 1], path[t : t + 1, 0])
            line.set_data(np.arange(t + 1), loss[: t + 1])
            low.set_data(np.arange(min(t + 1, STEPS)), rate[: t + 1])
        return f"step {t}: " + ", ".join(f"{name} {part[1][t]:.3f}" for name, part in zip(_runs, _parts))

    _ends = [part[1][-1] for part in _parts]
    kit.levels(
        kit.film(
            kit.frames(_fig, draw_walk, len(_moments), "Three walkers in a valley, the loss and the rate;"),
            label="Steps of the walk",
            seconds=0.4,
        ),
        kit.md(
            f"""
            | steps | rate | loss at step {STEPS} |
            |---|--:|--:|
            | <span class="orange">long</span> | {LONG:g} | {_ends[0]:.3f} |
            | <span class="green">short</span> | {SHORT:g} | {_ends[1]:.3f} |
            | <span class="blue">shrinking</span> | {LONG:g} → 0 | **{_ends[2]:.3f}** |

            The loss is the mean of two hundred walkers of each kind.
            """
        ),
        kit.md(r"$$w \leftarrow w - \blue{\eta_t}\,(\text{slope} + \text{noise})$$"),
    )
    return


@app.cell
def _():
    _loss = expected(rates("step", LONG))
    _half = STEPS // 2
    _soon = int(np.argmax(_loss[_half:] < 0.5 * _loss[_half]))
    kit.guess(
        f"Orange again: long steps of {LONG:g}. At step {_half}, when nothing has moved for long, the rate is divided "
        "by ten. What will the loss do?",
        ["Stay where it is: the walker has arrived", "Fall, at once", "Rise, since short steps lose the way"],
        f"It falls at once: half of it is gone after {_soon} steps, and it comes to rest at {floor(LONG / 10):.3f} "
        f"instead of {floor(LONG):.3f}. The walker had not arrived. It was leaping to and fro across the bottom, and "
        "could not get deeper with legs so long. You find this fall in the learning curves of many famous papers.",
    )
    return


@app.cell
def _():
    _words = kit.md(
        rf"""
        **Long steps** cover ground: orange has come down to its floor, but for a tenth, after {arrival()} steps. There
        every step carries it out again, by the noise times the length of the step. It does not come to rest at zero
        but at a *floor*:

        $$\text{{floor}} = \sum_k \frac{{\blue{{\eta}}\,\orange{{\sigma}}^2}}{{2\,(2 - \blue{{\eta}}\,h_k)}}
        \;\approx\; \tfrac{{1}}{{2}}\,\blue{{\eta}}\,\orange{{\sigma}}^2$$

        with $\blue{{\eta}}$ the learning rate, $\orange{{\sigma}}$ = {NOISE:g} the noise and $h_k$ how steep the valley
        is across ({BOWL[0]:g}) and along ({BOWL[1]:g}). For {LONG:g} it is {floor(LONG):.3f}, for {SHORT:g} only
        {floor(SHORT):.4f}. **Half the rate, about half the floor.** But short steps along a flat valley take long.

        So begin long, and end short. How the rate gets from the one to the other is the *schedule*. Try its shapes:
        """
    )
    mo.vstack([kit.section("See", "How long should the steps be?"), kit.after_guess(_words)])
    return


@app.cell
def _():
    shape = mo.ui.dropdown(list(SHAPES), value="step", label="shape")
    top = mo.ui.slider(
        steps=[0.03, 0.06, 0.1, 0.2, 0.4, 0.6, 0.9, 1.3, 1.8], value=0.6, label="highest rate", show_value=True
    )
    kit.after_guess(mo.vstack([shape, top]), silently=True)
    return shape, top


@app.cell
def _(shape, top):
    _rates = rates(shape.value, top.value)
    _loss, _flat = expected(_rates), expected(rates("constant", top.value))
    _fig, (_above, _below) = kit.figure(height=3.3, rows=2, sharex=True, height_ratios=[1, 1.6])
    _above.plot(_rates, color=kit.BLUE)
    _above.set(ylabel="rate", ylim=(-0.05 * top.value, 1.12 * top.value))
    _below.plot(_flat, color=kit.ORANGE, linewidth=1.2)
    _below.plot(_loss, color=kit.BLUE)
    _below.axhline(floor(top.value), color=kit.ORANGE, linestyle=(0, (2, 3)), linewidth=1)
    _below.text(STEPS, floor(top.value) * 1.15, "the floor", color=kit.ORANGE, ha="right", va="bottom", fontsize=9)
    _below.set(yscale="log", ylim=(0.003, 3), xlim=(0, STEPS), xlabel="step", ylabel="loss")
    _tops = np.geomspace(0.02, 1.85, 40)
    _fig2, _ax = kit.figure(height=3.3)
    for _name, _color in (("constant", kit.ORANGE), (shape.value, kit.BLUE)):
        _last = expected(_tops * rates(_name, 1.0)[:, None])[-1]
        _ax.plot(_tops, _last, color=_color, label=_name)
        _ax.text(0.021, 0.0036 * (1.5 if _name == "constant" else 1), f"{_name}: best {_last.min():.4f}", color=_color)
    _ax.scatter([top.value], [_loss[-1]], s=40, color=kit.BLUE, zorder=3)
    _ax.set(xscale="log", yscale="log", ylim=(0.003, 3), xlabel="highest rate", ylabel=f"loss at step {STEPS}")
    _told = (
        f"{shape.value}, at most {top.value:g}: ends at {_loss[-1]:.4f}; the same rate all the time at {_flat[-1]:.4f}"
    )
    _pictures = kit.row(
        kit.html(_fig, _told, f"Blue: {_told} (orange)."),
        kit.html(_fig2, f"The last loss by the highest rate. {_told}", "Every highest rate at once; the dot is yours."),
    )
    kit.after_guess(_pictures, silently=True)
    return


@app.cell
def _():
    _tops = np.geomspace(0.02, 1.85, 60)
    _flat, _cosine = (expected(_tops * rates(name, 1.0)[:, None])[-1] for name in ("constant", "cosine"))
    _words = kit.md(
        f"""
        Every highest rate at once, the second of these pictures, is why schedules are used nearly everywhere. The best
        constant rate ends at {_flat.min():.4f}, the best cosine at {_cosine.min():.4f}. And the cosine **forgives**:
        of {len(_tops)} rates it ends below 0.03 with {(_cosine < 0.03).sum()}, the constant one with
        {(_flat < 0.03).sum()}.
        """
    )
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    _words = "A schedule is a formula for the rate at step `last_epoch`. The whole of the cosine, then of the warm-up:"
    _cosine = {
        "height = (1 + math.cos": "Half a cosine wave, from 1 down to 0: slow, fast, slow.",
        "self.eta_min + (lr - self.eta_min)": "Between the first rate and the lowest.",
    }
    _linear = {
        "done = min(t, self.total_iters)": "How much of the warm-up is over, from 0 to 1; then it stays 1.",
        "return self.start_factor": "A straight line from the first factor to the last.",
    }
    mo.vstack([kit.section("Read", _words), kit.read("CosineAnnealingLR", _cosine), kit.read("LinearLR", _linear)])
    return


@app.function
def points():
    """Sixty-four noisy points on a curve: x and y, (64, 1)."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (64, 1))
    return x, np.sin(3.2 * x) + 0.3 * x + rng.normal(0, 0.15, (64, 1))


@app.function
def learn(shape, top, seed=0, steps=300):
    """A net with large first weights learns the points: its loss at every tenth step, and its curve in the end."""
    glass.manual_seed(seed)
    model = nn.Sequential(nn.Linear(1, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1)).double()
    with glass.no_grad():
        model[0].weight.mul_(3)
        model[2].weight.mul_(3)
    optimizer, order = glass.optim.SGD(model.parameters(), lr=top), np.random.default_rng(seed)
    scheduler, losses, (x, y) = SHAPES[shape](optimizer, steps), [], map(glass.tensor, points())
    with np.errstate(all="ignore"):  # too long a step ends beyond all numbers
        for step in range(steps):
            batch = order.integers(0, 64, 8)
            optimizer.zero_grad()
            F.mse_loss(model(x[batch]), y[batch]).backward()
            optimizer.step()
            scheduler.step()
            if step % 10 == 9:
                with glass.no_grad():
                    losses.append(F.mse_loss(model(x), y).item())
        with glass.no_grad():
            curve = model(glass.tensor(np.linspace(-1, 1, 81)[:, None])).numpy()[:, 0]
    return np.array(losses), curve


@app.cell
def _():
    _words = """
        A real net now, and too much courage: the rate begins at 0.2. At the start its slopes are steep; the first long
        steps throw it out of the valley, all its ReLUs fall silent, and it says the same for every x, for ever. Five
        nets, five seeds. Try *cosine*: it comes too late, the harm is done in the first steps.

        **Mend it** without giving up the rate: choose the **warm-up**, which begins at a fiftieth of it and rises for a
        third of the time. Or lower the rate, and see what that costs.
    """
    net_shape = mo.ui.dropdown(["constant", "cosine", "warm-up, then cosine"], value="constant", label="shape")
    net_top = mo.ui.slider(
        steps=[0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2], value=0.2, label="highest rate", show_value=True
    )
    mo.vstack([kit.section("Break it, mend it", _words), net_shape, net_top])
    return net_shape, net_top


@app.cell
def _(net_shape, net_top):
    _x, _y = points()
    _fig, (_left, _right) = kit.figure(width=5.2, height=2.7, columns=2)
    _left.scatter(_x, _y, s=10, color=kit.ORANGE, linewidths=0, alpha=0.7)
    _last = []
    for _seed in range(5):
        _losses, _curve = learn(net_shape.value, net_top.value, _seed)
        _left.plot(np.linspace(-1, 1, 81), np.clip(_curve, -9, 9), color=kit.BLUE, linewidth=1.2)
        _right.plot(
            np.arange(10, 301, 10), np.clip(np.nan_to_num(_losses, nan=9e9), 0, 100), color=kit.BLUE, linewidth=1.2
        )
        _last.append(np.nan_to_num(_losses[-3:].mean(), nan=np.inf))
    _lost = sum(loss > 0.5 for loss in _last)
    _left.set(xlim=(-1.03, 1.03), ylim=(-2, 2), xticks=[-1, 0, 1], yticks=[-2, 0, 2], xlabel="x", ylabel="y")
    _right.set(yscale="log", ylim=(0.015, 10), xlim=(0, 303), xlabel="step", ylabel="loss")
    _median = np.median(_last)
    _told = (
        f"{net_shape.value}, at most {net_top.value:g}: **{_lost} of 5** nets are lost; median loss **{_median:.3f}**"
    )
    _verdict = (
        "They say one number for every x."
        if _lost > 2
        else "Some are lost, some made it: luck of their first weights."
        if _lost
        else "All learn the curve."
        if _median < 0.04
        else "None is lost. They are still on their way."
    )
    kit.row(kit.html(_fig, _told.replace("*", "")), kit.md(f"{_told}.\n\n{_verdict}"))
    return


@app.cell
def _():
    _write = kit.exercise("rate")
    mo.vstack([kit.section("Check yourself"), _write])
    return


@app.cell
def _():
    kit.choose(
        "The loss fell quickly, and has long been jumping up and down at one height. What first?",
        {
            "A shorter step from here on": (True, "It leaps across the bottom: that height is the floor of its rate."),
            "A longer step": (False, "The floor rises with the rate."),
            "More steps at the same rate": (False, "It has been on its floor for long; time alone changes nothing."),
            "A warm-up": (False, "That helps at the start, and the start went well."),
        },
        name="jumping",
    )
    return


@app.cell
def _():
    _words = """
        Digits, with steps of 0.5. The first command keeps that rate, the second lets it fall along a cosine; nothing
        else differs. Compare the *val loss* of the last lines.
    """
    mo.vstack([kit.section("Run", _words), kit.row(*(kit.run_command(command) for command in LESSON["runs"]))])
    return


@app.cell
def _():
    _sources = kit.sources(
        ("Robbins and Monro (1951), A Stochastic Approximation Method", "https://doi.org/10.1214/aoms/1177729586"),
        ("Loshchilov and Hutter (2016), SGDR: cosine annealing", "https://arxiv.org/abs/1608.03983"),
        ("Goyal et al. (2017), Accurate, Large Minibatch SGD: warm-up", "https://arxiv.org/abs/1706.02677"),
    )
    _why = "The steep first steps had a cause: weights that began too large. Next: how to begin."
    mo.vstack([_sources, kit.next_lesson(LESSON, _why)])
    return


if __name__ == "__main__":
    app.run()
