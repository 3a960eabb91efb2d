"""Lesson 11: back-propagation. Values run forward, blame runs back, and every number receives its own share of it."""

import marimo

app = marimo.App(width="medium", app_title="Back-propagation", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit

    LESSON = {
        "title": "Back-propagation",
        "question": "Who is to blame?",
        "part": "The neuron",
        "topics": ["E01"],
        "minutes": 20,
        "reads": ["glass/autograd.py", "glass/nn/functional/linear.py"],
        "runs": [
            "deepglass train iris --target species --model mlp --num-layers 1 --hidden-dim 4 --learning-rate 0.05 --run runs/iris",
            "deepglass trace runs/iris iris --backward",
        ],
        "words": ["backprop", "chain rule", "autograd", "backward", "gradient", "computational graph", "zero_grad"],
    }

    # The nine numbers of the net that this page is about, what goes in, and the truth.
    NUMBERS = {"w₁": 0.8, "w₂": -0.4, "b₁": 0.2, "w₃": -0.6, "w₄": 1.0, "b₂": 0.1, "w₅": 1.2, "w₆": -0.6, "b₃": 0.5}
    GIVEN = {"x₁": 1.0, "x₂": 0.5, "y": 1.0}
    RATE = 0.5
    # Who receives blame, from whom, and the slope in between: as a function of all values, and as a formula.
    CHAIN = [
        ("ŷ", "L", lambda v: 2 * (v["ŷ"] - v["y"]), r"2(\hat y - y)"),
        ("z₃", "ŷ", lambda v: v["ŷ"] * (1 - v["ŷ"]), r"\hat y\,(1 - \hat y)"),
        ("b₃", "z₃", lambda v: 1.0, "1"),
        ("w₅", "z₃", lambda v: v["h₁"], "h_1"),
        ("w₆", "z₃", lambda v: v["h₂"], "h_2"),
        ("h₁", "z₃", lambda v: v["w₅"], "w_5"),
        ("h₂", "z₃", lambda v: v["w₆"], "w_6"),
        ("z₁", "h₁", lambda v: v["h₁"] * (1 - v["h₁"]), "h_1(1 - h_1)"),
        ("z₂", "h₂", lambda v: v["h₂"] * (1 - v["h₂"]), "h_2(1 - h_2)"),
        ("b₁", "z₁", lambda v: 1.0, "1"),
        ("w₁", "z₁", lambda v: v["x₁"], "x_1"),
        ("w₂", "z₁", lambda v: v["x₂"], "x_2"),
        ("b₂", "z₂", lambda v: 1.0, "1"),
        ("w₃", "z₂", lambda v: v["x₁"], "x_1"),
        ("w₄", "z₂", lambda v: v["x₂"], "x_2"),
    ]
    ORDER = [receiver for receiver, *_ in CHAIN]
    ARROWS = {
        "w₁": ("x₁", "h₁"),
        "w₂": ("x₂", "h₁"),
        "w₃": ("x₁", "h₂"),
        "w₄": ("x₂", "h₂"),
        "w₅": ("h₁", "ŷ"),
        "w₆": ("h₂", "ŷ"),
    }
    PLACES = {
        "x₁": (0.7, 6.2),
        "x₂": (0.7, 1.9),
        "h₁": (4.3, 6.2),
        "h₂": (4.3, 1.9),
        "ŷ": (7.2, 4.05),
        "L": (9.4, 4.05),
    }
    LABELS = {
        "w₁": (2.4, 6.2),
        "w₂": (1.75, 3.15),
        "w₃": (1.75, 4.95),
        "w₄": (2.4, 1.9),
        "w₅": (5.75, 5.13),
        "w₆": (5.75, 2.98),
    }
    SAYS = {"b₁": "h₁", "b₂": "h₂", "b₃": "ŷ"}


@app.function
def forward(numbers):
    """Every value of the net, by name, worked out as one would by hand."""
    v = {**numbers, **GIVEN}
    v["z₁"] = v["w₁"] * v["x₁"] + v["w₂"] * v["x₂"] + v["b₁"]
    v["z₂"] = v["w₃"] * v["x₁"] + v["w₄"] * v["x₂"] + v["b₂"]
    v["h₁"], v["h₂"] = 1 / (1 + np.exp(-v["z₁"])), 1 / (1 + np.exp(-v["z₂"]))
    v["z₃"] = v["w₅"] * v["h₁"] + v["w₆"] * v["h₂"] + v["b₃"]
    v["ŷ"] = 1 / (1 + np.exp(-v["z₃"]))
    v["L"] = (v["ŷ"] - v["y"]) ** 2
    return {name: float(value) for name, value in v.items()}


@app.function
def backward(values):
    """The blame of every place, ∂L/∂place: what arrives from the right, times the slope in between."""
    blame = {"L": 1.0}
    for receiver, source, slope, _ in CHAIN:
        blame[receiver] = blame[source] * slope(values)
    return blame


@app.function
def engine_net(numbers):
    """The same net as two layers of the glass engine, in float64."""
    n = numbers
    net = glass.nn.Sequential(
        glass.nn.Linear(2, 2), glass.nn.Sigmoid(), glass.nn.Linear(2, 1), glass.nn.Sigmoid()
    ).double()
    with glass.no_grad():
        net[0].weight.copy_(glass.tensor([[n["w₁"], n["w₂"]], [n["w₃"], n["w₄"]]]))
        net[0].bias.copy_(glass.tensor([n["b₁"], n["b₂"]]))
        net[2].weight.copy_(glass.tensor([[n["w₅"], n["w₆"]]]))
        net[2].bias.copy_(glass.tensor([n["b₃"]]))
    return net


@app.function
def engine_loss(net):
    """The squared error of the net on the one example of this page."""
    x = glass.tensor([[GIVEN["x₁"], GIVEN["x₂"]]], dtype=glass.float64)
    return ((net(x) - GIVEN["y"]) ** 2).mean()


@app.function
def short(value):
    """Three digits, with a real minus."""
    return f"{value:.3g}".replace("-", "−")


@app.function
def drawn(values, blame=None, known=99, lit=(), ringed="", label=""):
    """The net with its numbers: values of the first `known` layers in blue, and blame in orange."""
    blame, fig_ax = blame or {}, kit.figure(width=4.7, height=3.9)
    fig, ax = fig_ax
    ax.set(xlim=(-0.2, 10.2), ylim=(0, 8.1), aspect="equal")
    ax.set_axis_off()
    most = max((abs(blame[name]) for name in NUMBERS if name in blame), default=1)
    for name, (left, right) in {**ARROWS, "": ("ŷ", "L")}.items():
        (x1, y1), (x2, y2) = PLACES[left], PLACES[right]
        blamed = name in blame
        width = 1 + 6 * abs(blame[name]) / most if blamed else 1.2
        ax.plot(
            [x1, x2],
            [y1, y2],
            color=kit.ORANGE if blamed else kit.GREY,
            linewidth=width,
            alpha=0.75 if blamed else 0.6,
            zorder=1,
        )
        if name:
            written(ax, name, *LABELS[name], values, blame, lit, ringed)
    for depth, names in enumerate((("x₁", "x₂"), ("h₁", "h₂"), ("ŷ",), ("L",))):
        for name in names:
            circle(ax, name, values if depth <= known else {}, blame, lit)
    for name, place in SAYS.items():
        x, y = PLACES[place]
        written(ax, name, x, y + (1.35 if name != "b₂" else -1.35), values, blame, lit, ringed)
    ax.text(9.4, 2.75, f"truth y = {GIVEN['y']:g}", ha="center", va="center", color=kit.GREY, fontsize=8.5)
    return kit.picture(fig, label)


@app.function
def circle(ax, name, values, blame, lit):
    """A place of the net: its value within, its name and its blame beside it."""
    (x, y), inner = PLACES[name], {"h₁": "z₁", "h₂": "z₂", "ŷ": "z₃"}.get(name, "")
    active = {name, inner} & set(lit)
    ax.scatter(
        x,
        y,
        s=760,
        color=kit.BACKGROUND,
        edgecolors=kit.ORANGE if active else kit.INK,
        linewidths=3 if active else 1.2,
        zorder=2,
    )
    ax.text(
        x,
        y,
        short(values[name]) if name in values else name,
        ha="center",
        va="center",
        fontsize=9.5,
        zorder=3,
        color=kit.BLUE if name in values else kit.GREY,
    )
    if name in values:
        ax.text(x - 0.72, y - 0.68, name, ha="center", va="center", fontsize=9, color=kit.GREY, zorder=3)
    shown = next((place for place in (inner, name) if place in blame), None)
    if shown:
        ax.text(
            x,
            y - 0.98 if name != "h₂" else y + 1.0,
            f"∂{shown} {short(blame[shown])}",
            ha="center",
            va="center",
            fontsize=8.5,
            color=kit.ORANGE,
            zorder=4,
        )


@app.function
def written(ax, name, x, y, values, blame, lit, ringed):
    """A weight or a bias at its place, its blame below it."""
    box = {"boxstyle": "round,pad=0.22", "facecolor": kit.BACKGROUND, "edgecolor": "none", "linewidth": 0}
    if name in lit or name == ringed:
        box |= {"edgecolor": kit.GOLD if name == ringed else kit.ORANGE, "linewidth": 2.2}
    text = f"{name} {short(values[name])}" + (f"\n∂ {short(blame[name])}" if name in blame else "")
    ax.text(
        x,
        y,
        text,
        ha="center",
        va="center",
        fontsize=8.5,
        linespacing=1.25,
        bbox=box,
        zorder=3,
        color=kit.ORANGE if name in blame else kit.INK,
    )


@app.function
def story(ringed=""):
    """The pictures of the film: values forward, blame back, one step; and a line for each."""
    v = forward(NUMBERS)
    blame, pictures, lines = backward(v), [], []
    for known, line in enumerate((
        f"Forward: {GIVEN['x₁']:g} and {GIVEN['x₂']:g} go in.",
        f"Two sums, bent by the sigmoid: h₁ = {v['h₁']:.3f}, h₂ = {v['h₂']:.3f}.",
        f"The answer is ŷ = {v['ŷ']:.2f}. The truth is {GIVEN['y']:g}.",
        f"Loss: (ŷ − y)² = {v['L']:.4f}. Who is to blame?",
    )):  # fmt: skip
        pictures.append(drawn(v, known=known, ringed=ringed, label=line))
        lines.append(line)
    for upto, line in (
        (1, "Backward: how much does the loss change with ŷ?"),
        (2, f"Back through the bend: times ŷ(1 − ŷ) = {v['ŷ'] * (1 - v['ŷ']):.3f}."),
        (5, "The last three numbers receive their shares."),
        (7, "What is left travels along w₅ and w₆ to the hidden units."),
        (9, "Back through their bends: times h(1 − h)."),
        (15, "The first six numbers receive theirs. Thick is guilty."),
    ):
        seen = {name: blame[name] for name in ("L", *ORDER[:upto])}
        before = len(lines) > 4 and {1: 0, 2: 1, 5: 2, 7: 5, 9: 7, 15: 9}[upto]
        pictures.append(drawn(v, seen, lit=ORDER[int(before) : upto], ringed=ringed, label=line))
        lines.append(line)
    after = forward({name: value - RATE * blame[name] for name, value in NUMBERS.items()})
    lines.append(f"Every number moves against its blame: the loss falls from {v['L']:.4f} to {after['L']:.4f}.")
    pictures.append(drawn(after, ringed=ringed, label=lines[-1]))
    return pictures, lines


@app.cell
def _():
    kit.opening(
        LESSON,
        "A small net answers. It is not quite right. Watch the <span class='blue'>values</span> run to the right, the loss "
        "light up, and the <span class='orange'>blame</span> run back until every number knows its own share.",
    )
    return


@app.cell
def _():
    pictures, lines = story()
    net_film = kit.film(pictures, lines, label="Forward, and back", seconds=1.4, width=4.7)
    net_film
    return (net_film,)


@app.cell
def _():
    _v = forward(NUMBERS)
    _blame = backward(_v)
    _most = max(NUMBERS, key=lambda name: abs(_blame[name]))
    guess = kit.guess(
        f"The net answered {_v['ŷ']:.2f}, the truth was {GIVEN['y']:g}. Which of the nine numbers should change most?",
        list(NUMBERS),
        f"It is <b>{_most}</b>, with {short(_blame[_most])}. Nothing stands between it and the answer's sum: no input below 1 "
        f"shrinks its share. The least is {(_least := min(NUMBERS, key=lambda name: abs(_blame[name])))}, with "
        f"{short(_blame[_least])}. Your number wears a gold ring in the pictures from now on.",
    )
    guess
    return (guess,)


@app.cell
def _(guess, net_film):
    _state = guess.value or {}
    ringed = list(NUMBERS)[_state["chosen"][0]] if _state.get("committed") and _state.get("chosen") else ""
    if ringed:
        net_film.frames = [
            f'<figure class="dg-figure" style="max-width:451px">{one}</figure>' for one in story(ringed)[0]
        ]
    return (ringed,)


@app.cell
def _():
    kit.section(
        "See",
        """
        To blame a number, ask: *if it were a little larger, how much larger would the loss be?* That is its gradient,
        ∂L/∂w. There are nine of them, and none has to be found alone. Each place of the net knows one small thing, the
        slope between itself and its neighbour on the right. It takes what **arrives** from there, multiplies it with
        this **slope**, and hands the product on. Go back through the net, one operation at a time.
        """,
    )
    return


@app.cell
def _():
    where = mo.ui.slider(1, len(CHAIN), 1, value=4, label="Step of the way back", show_value=True, full_width=True)
    where
    return (where,)


@app.function
def tex(name):
    """w₅ → w_5"""
    return name.replace("ŷ", r"\hat y").translate(
        str.maketrans({"₁": "_1", "₂": "_2", "₃": "_3", "₄": "_4", "₅": "_5", "₆": "_6"})
    )


@app.function
def whole_chain(receiver):
    """The slopes from the loss back to a place, as a formula."""
    slopes = []
    while receiver != "L":
        receiver, slope = next((source, slope) for name, source, _, slope in CHAIN if name == receiver)
        slopes.append(slope)
    return r" \cdot ".join(reversed([slope for slope in slopes if slope != "1"]))


@app.cell
def _(ringed, where):
    _receiver, _source, _slope, _formula = CHAIN[where.value - 1]
    _v = forward(NUMBERS)
    _blame = backward(_v)
    _seen = {name: _blame[name] for name in ("L", *ORDER[: where.value])}
    _local = _slope(_v)
    kit.levels(
        mo.Html(
            drawn(
                _v,
                _seen,
                lit=[_receiver],
                ringed=ringed,
                label=f"The net; {_receiver} receives {short(_blame[_receiver])}",
            )
        ),
        kit.md(
            f"""
            | | |
            |---|---:|
            | {_receiver} holds | <span class="blue">{short(_v[_receiver])}</span> |
            | arrives from {_source} | <span class="orange">{short(_blame[_source])}</span> |
            | slope between {_receiver} and {_source} | <span class="green">{short(_local)}</span> |
            | {_receiver} receives the product | **{short(_blame[_receiver])}** |
            """
        ),
        kit.md(
            rf"""
            $$\frac{{\partial L}}{{\partial {tex(_receiver)}}} = \orange{{\frac{{\partial L}}{{\partial {tex(_source)}}}}} \cdot
            \green{{{_formula}}} = \orange{{{_blame[_source]:.4f}}} \cdot \green{{{_local:.4f}}} = {_blame[_receiver]:.4f}$$

            The whole way from the loss: $\;{whole_chain(_receiver)}$
            """
        ),
    )
    return


@app.cell
def _():
    kit.md(
        """
        A place that feeds *several* others receives blame from each of them, and the shares **add up**: a nudge there
        travels along all ways at once. That is the whole of back-propagation: products along a way, sums where ways meet.

        ### A gradient is a promise about small steps

        Take one number, nudge it by ε, and run the net again. The loss changes by some amount. The gradient had promised
        *gradient × ε*. How good is its word?
        """
    )
    return


@app.cell
def _():
    which = mo.ui.dropdown(list(NUMBERS), value="b₃", label="Nudge")
    epsilon = mo.ui.slider(steps=[0.001, 0.01, 0.1, 0.5, 1, 2, 3, 4], value=2, label="by ε =", show_value=True)
    mo.hstack([which, epsilon], justify="start", gap=2, wrap=True)
    return epsilon, which


@app.function
def nudged(name, epsilon):
    """The true change of the loss when one number grows by ε, and what its gradient promised."""
    v = forward(NUMBERS)
    return forward({**NUMBERS, name: NUMBERS[name] + epsilon})["L"] - v["L"], backward(v)[name] * epsilon


@app.cell
def _(epsilon, which):
    _ways = np.linspace(-4.5, 4.5, 91)
    _true, _promise = nudged(which.value, epsilon.value)
    fig, ax = kit.figure(height=3.0)
    ax.plot(_ways, [nudged(which.value, way)[0] for way in _ways], color=kit.BLUE, label="the loss itself")
    ax.plot(
        _ways,
        [nudged(which.value, way)[1] for way in _ways],
        color=kit.ORANGE,
        linewidth=1.4,
        label="what the gradient promises",
    )
    ax.plot([epsilon.value] * 2, [_true, _promise], color=kit.PINK, linewidth=3)
    ax.scatter([epsilon.value] * 2, [_true, _promise], color=[kit.BLUE, kit.ORANGE], s=38, zorder=3)
    ax.scatter(0, 0, color=kit.INK, s=30, zorder=3)
    ax.set(xlabel=f"change of {which.value}", ylabel="change of the loss", ylim=(-0.3, 0.6))
    ax.legend(frameon=False, loc="upper right")
    _rows = "\n".join(
        f"| {step:g} | {short(nudged(which.value, step)[0])} | {short(nudged(which.value, step)[1])} |"
        for step in sorted({0.001, 0.01, 0.1, 1, epsilon.value})
    )
    kit.row(
        kit.html(
            fig,
            f"Loss against the change of {which.value}: at ε = {epsilon.value:g} it changes by {short(_true)}, promised were {short(_promise)}",
            f"At ε = {epsilon.value:g} the loss changes by {short(_true)}; promised were {short(_promise)}.",
        ),
        kit.md(f"| ε | the loss changes by | promised |\n|---:|---:|---:|\n{_rows}\n\nFor small ε they agree to the third digit. "
               "For large ones the curve bends away: whoever follows a gradient must take small steps and look again."),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.section(
        "Read",
        "The pass itself. It knows nothing of nets: it walks the tape from the loss back, latest operation first.",
    )
    return


@app.cell
def _():
    kit.read(
        "glass/autograd.py",
        {
            "gradient = _through_hooks(node, pending.pop(node))": "Later operations came first, so everything that this place will ever receive has arrived.",
            "share = vjp(gradient)": "Each input gets what arrived, times the slope of this operation towards it.",
            "pending[target] += share": "Ways that meet: the shares add up.",
        },
        part="run_backward",
    )
    return


@app.cell
def _():
    kit.md(
        "An operation brings its value and, beside it, the **blame line** of each input. This is a whole layer, as it stands:"
    )
    return


@app.cell
def _():
    kit.read(
        "glass/nn/functional/linear.py",
        {
            "y = x @ w.T": "Forward: the weighted sums.",
            "return g.reshape(len(rows), w.shape[0]).T @ rows": "A weight receives what arrived, times its input: the h₁ of w₅ above.",
            "return y, lambda g: g @ w": "An input receives what arrived, times its weight: the w₅ of h₁. And a bias receives it whole.",
        },
        part="linear",
    )
    return


@app.cell
def _():
    _net = engine_net(NUMBERS)
    _names = {"w₁ w₂ w₃ w₄": _net[0].weight, "b₁ b₂": _net[0].bias, "w₅ w₆": _net[2].weight, "b₃": _net[2].bias}
    tape = kit.graph(engine_loss(_net), _names, label="The tape of the net above, played forward and back")
    mo.vstack(
        [
            kit.md(
                "And this is `glass.graph(loss)` for the net on this page. Compare its numbers with the picture: it is the same net."
            ),
            tape,
        ]
    )
    return


@app.cell
def _():
    kit.section(
        "Break it, mend it",
        """
        **Start all weights equal.** A net with one input and two hidden units shall learn a bump: one unit for the way up,
        one for the way down. But equal units say the same, so they receive the same blame, so they stay equal, for ever.
        The two curves lie on top of each other: the net is one unit wide. *Mend it* with a start drawn at random.
        """,
    )
    return


@app.cell
def _():
    start = mo.ui.radio(
        ["all weights 0.5", "seed 1", "seed 2"], value="all weights 0.5", label="The start", inline=True
    )
    start
    return (start,)


@app.function
def bump(count=33):
    """Points of a bump: x (n, 1) and y (n, 1)."""
    x = glass.linspace(-2, 2, count).reshape(-1, 1)
    return x, glass.exp(-2 * x * x)


@app.function
def bump_net(seed=None):
    """1-2-1 with tanh; without a seed all weights are 0.5."""
    glass.manual_seed(seed or 0)
    net = glass.nn.Sequential(glass.nn.Linear(1, 2), glass.nn.Tanh(), glass.nn.Linear(2, 1))
    with glass.no_grad():
        for weight in net.parameters():
            weight.fill_(0.5) if seed is None else weight.normal_(0, 1)
    return net


@app.function
def trained(net, steps=600, rate=0.3, clears=True):
    """Gradient descent on the bump; the losses, step by step. Without `clears` old gradients stay in the sum."""
    (x, y), losses = bump(), []
    optimizer = glass.optim.SGD(net.parameters(), lr=rate)
    for _ in range(steps):
        if clears:
            optimizer.zero_grad()
        loss = ((net(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@app.cell
def _(start):
    _net = bump_net(None if start.value.startswith("all") else int(start.value[-1]))
    _losses = trained(_net)
    x, y = (part.numpy()[:, 0] for part in bump())
    with glass.no_grad():
        _units = _net[1](_net[0](bump()[0])).numpy()
        _fit = _net(bump()[0]).numpy()[:, 0]
    fig_units, (_left, _right) = kit.figure(width=4.3, height=4.2, rows=2, sharex=True)
    _left.plot(x, _units[:, 0], color=kit.BLUE, linewidth=5, alpha=0.5)
    _left.plot(x, _units[:, 1], color=kit.ORANGE, linewidth=1.8, linestyle="--")
    _left.set(ylim=(-1.15, 1.15), ylabel="the two units say")
    _right.plot(x, y, ".", color=kit.GREY, markersize=5)
    _right.plot(x, _fit, color=kit.GREEN)
    _right.set(ylim=(-0.35, 1.15), ylabel="the net says", xlabel="input x")
    _gap = float(np.abs(_units[:, 0] - _units[:, 1]).max())
    kit.html(
        fig_units,
        f"What both hidden units say, at most {_gap:.2g} apart, and the bump with what the net makes of it, loss {_losses[-1]:.3f}",
        f"After {len(_losses)} steps: the units are at most {_gap:.2g} apart, the loss is {_losses[-1]:.4f}.",
    )
    return


@app.cell
def _():
    kit.md(
        """
        **Forget to clear the gradients.** `backward` *adds* to what is there, because ways that meet must add up. If nobody
        clears the sum before the next pass, every step is taken with the blame of all steps before. The loss swings like a
        pendulum without friction. *Mend it* with the switch: one line of code.
        """
    )
    return


@app.cell
def _():
    clears = mo.ui.switch(value=False, label="clear the gradients before each pass: optimizer.zero_grad()")
    clears
    return (clears,)


@app.cell
def _(clears):
    _losses = trained(bump_net(1), steps=300, clears=clears.value)
    fig_wild, _ax = kit.figure(height=2.5)
    _ax.plot(_losses, color=kit.GREEN if clears.value else kit.ORANGE, linewidth=1.6)
    _ax.set(yscale="log", ylim=(5e-4, 1e3), xlabel="step", ylabel="loss")
    kit.html(
        fig_wild,
        f"The loss over {len(_losses)} steps; it ends at {short(_losses[-1])}",
        f"The loss after {len(_losses)} steps: {short(_losses[-1])}. The largest on the way: {short(max(_losses))}.",
    )
    return


@app.cell
def _():
    kit.section("Check yourself")
    return


@app.function
def check_blame(blame):
    """The blame line of y = a·b against central differences."""
    step = 1e-5
    for g, a, b in ((1.0, 3.0, -2.0), (-0.5, 0.7, 4.0), (2.0, 0.0, 1.5)):
        got = blame(g, a, b)
        told = f"For a = {a:g}, b = {b:g} and g = {g:g} arriving"
        assert isinstance(got, tuple) and len(got) == 2, (
            f"{told}: give back two numbers, `return for_a, for_b`; got {got!r}."
        )
        true = g * ((a + step) * b - (a - step) * b) / (2 * step), g * (a * (b + step) - a * (b - step)) / (2 * step)
        for name, mine, theirs, value in zip("ab", got, true, (a, b)):
            swapped = " Is it the other factor's value that counts?" if np.isclose(mine, g * value) else ""
            lost = " What arrives, g, is a factor too." if np.isclose(mine * g, theirs) and g != 1 else ""
            assert np.isclose(mine, theirs), (
                f"{told}: nudging {name} changes the loss by {theirs:.4g} for each unit, your line says {mine:.4g}.{swapped}{lost}"
            )
    return "It agrees with nudging, three times. The engine's line for multiplication says the same."


@app.cell
def _():
    kit.exercise(
        "blame",
        "Write the blame line of a multiplication. Forward it computes <code>y = a * b</code>. Now <code>g</code> = ∂L/∂y arrives: "
        "give back what a receives and what b receives.",
        stub="""
            def blame(g, a, b):
                # your line here
                return 0.0, 0.0
        """,
        solution="""
            def blame(g, a, b):
                return g * b, g * a
        """,
        check=check_blame,
        hint="What arrives, times the slope. If a grows by a little, a·b grows by b times as much.",
    )
    return


@app.cell
def _():
    g, w, h, x_in = -0.5, 0.8, 0.5, 2.0
    right = g * w * h * (1 - h) * x_in
    kit.answer(
        f"In a net like the one above, ∂L/∂z₃ = {short(g)}, w₅ = {w:g}, h₁ = {h:g} and x₁ = {x_in:g}. What does w₁ receive?",
        right,
        name="w1",
        slips={
            w * h * (1 - h) * x_in: "The factor ∂L/∂z₃ is missing: what arrives.",
            g * h * (1 - h) * x_in: "The factor w₅ is missing: blame reaches h₁ along this weight.",
            g * w * x_in: "The factor h₁(1 − h₁) is missing: the slope of the bend.",
            g * w * h * x_in: "The slope of the sigmoid is h₁(1 − h₁), not h₁.",
            g * w * h * (1 - h): "The factor x₁ is missing: the slope of the sum towards w₁.",
            -right: "The size is right. Look at the signs.",
        },
        because="Four factors: what arrives, the weight it travels along, the slope of the bend, the input.",
        hint="Walk back: z₃ → h₁ → z₁ → w₁, a factor for every arrow.",
        solution=f"{short(g)} · {w:g} · {h:g}·(1 − {h:g}) · {x_in:g} = {short(right)}",
        tolerance=0.002,
    )
    return


@app.cell
def _():
    kit.choose(
        "A hidden unit feeds two units to its right. From one it is sent 0.3, from the other −0.1. What does it receive?",
        {
            "0.2": (True, "The sum. A nudge travels along both ways, and both changes of the loss happen."),
            "0.3": (False, "The smaller share happens as well."),
            "0.1, the mean": (False, "A nudge is not divided between the ways: it takes both in full."),
            "−0.03, the product": (False, "Products belong along one way; where ways meet, shares add up."),
        },
        name="two arrows",
    )
    return


@app.cell
def _():
    kit.section(
        "Run",
        """
        A net for iris flowers with four hidden units, and then one flower on its way through it: forward, layer by layer,
        and the size of the blame that came back to each (`gradient`) and to its weights (`of weights`).
        """,
    )
    return


@app.cell
def _():
    kit.run_command(*LESSON["runs"])
    return


@app.cell
def _():
    mo.vstack(
        [
            kit.sources(
                (
                    "Rumelhart, Hinton and Williams (1986), Learning representations by back-propagating errors",
                    "https://doi.org/10.1038/323533a0",
                ),
                (
                    "Linnainmaa (1976), Taylor expansion of the accumulated rounding error",
                    "https://doi.org/10.1007/BF01931367",
                ),
                (
                    "Baydin, Pearlmutter, Radul and Siskind (2018), Automatic differentiation in machine learning",
                    "https://arxiv.org/abs/1502.05767",
                ),
            ),
            kit.next_lesson(
                LESSON,
                "Every number knows its share of the blame. How far should it move, and after how many examples?",
            ),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
