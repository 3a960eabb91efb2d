"""Lesson 11: back-propagation. Values run forward, blame runs back, and every number receives its own share of it."""

import marimo

app = marimo.App(width="medium", app_title="Back-propagation", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.course.pieces.worked_net import (
        CHAIN,
        GIVEN,
        NUMBERS,
        ORDER,
        backward,
        drawn,
        forward,
        short,
        stepped,
        tex,
        whole_chain,
    )  # fmt: skip
    from deepglass.draw.style import framed

    LESSON = {
        "title": "Back-propagation",
        "question": "Who is to blame?",
        "part": "The neuron",
        "minutes": 20,
        "reads": ["glass/autograd.py", "glass/nn/functional/linear.py"],
        "runs": [
            "deepglass train iris --target species --model mlp --num-layers 1 --hidden-dim 4 --run runs/iris",
            "deepglass trace runs/iris iris --backward",
        ],
    }

    RATE = 0.5
    # The film's steps back: how many places know their blame by then, and what is said.
    BACK = [
        (1, "Backward: how much does the loss change with ŷ?"),
        (2, "Back through the bend: times ŷ(1 − ŷ)."),
        (5, "The last three numbers receive their shares."),
        (7, "What is left travels along w₅ and w₆ to the hidden units."),
        (9, "Back through their bends: times h(1 − h)."),
        (15, "The first six numbers receive theirs. The thickest arrow is the guiltiest."),
    ]


@app.function
def engine_net(numbers):
    """The same net as two layers of the glass engine, in float64."""
    nn = glass.nn
    net = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1), nn.Sigmoid()).double()
    for weight, names in zip(net.parameters(), ("w₁ w₂ w₃ w₄", "b₁ b₂", "w₅ w₆", "b₃")):
        weight.data = glass.tensor([numbers[name] for name in names.split()], dtype=glass.float64).reshape(weight.shape)
    return net


@app.function
def engine_loss(net):
    """The squared error of the net on the one example of this page."""
    x = glass.tensor([[GIVEN["x₁"], GIVEN["x₂"]]], dtype=glass.float64)
    return ((net(x) - GIVEN["y"]) ** 2).mean()


@app.function
def story(ringed=""):
    """The pictures of the film: values forward, blame back, one step; each with its line."""
    v, blame = forward(NUMBERS), backward(forward(NUMBERS))
    lines = [
        f"Forward: {GIVEN['x₁']:g} and {GIVEN['x₂']:g} go in.",
        f"Two sums, bent by the sigmoid: h₁ = {v['h₁']:.3f}, h₂ = {v['h₂']:.3f}.",
        f"The answer is ŷ = {v['ŷ']:.2f}. The truth is {GIVEN['y']:g}.",
        f"Loss: (ŷ − y)² = {v['L']:.4f}. Who is to blame?",
    ]
    for i, line in enumerate(lines):
        yield drawn(v, layers=i + 1, ringed=ringed, label=line), line
    for (upto, line), before in zip(BACK, [0, *(upto for upto, _ in BACK)]):
        seen = {name: blame[name] for name in ("L", *ORDER[:upto])}
        yield drawn(v, seen, lit=ORDER[before:upto], ringed=ringed, label=line), line
    after = forward(stepped(RATE))
    last = f"Each number moves a little against its blame: the loss falls from {v['L']:.4f} to {after['L']:.4f}."
    yield drawn(after, ringed=ringed, label=last), last


@app.cell
def _():
    kit.opening(
        LESSON,
        "A small net answers. It is not quite right. Watch the <span class='blue'>values</span> run to the right "
        "and the loss light up. Then guess, and the <span class='orange'>blame</span> runs back until every number "
        "knows its own share.",
    )
    return


@app.cell
def _():
    net_film = kit.film(
        story(), label="Forward, and back", seconds=1.4, width=4.7, waits=True, waits_for="guess", held=4
    )
    _v, _blame = forward(NUMBERS), backward(forward(NUMBERS))
    _least, *_, _most = sorted(NUMBERS, key=lambda name: abs(_blame[name]))
    guess = kit.guess(
        f"The net answered {_v['ŷ']:.2f}, the truth was {GIVEN['y']:g}. Which of the nine numbers should change most?",
        list(NUMBERS),
        f"It is <b>{_most}</b>, with {short(_blame[_most])}. Nothing stands between it and the last sum: no input "
        f"below 1 shrinks its share. The least is {_least}, with {short(_blame[_least])}. Your number wears a gold "
        "ring in the pictures from now on.",
    )
    kit.row(net_film, guess)
    return guess, net_film


@app.cell
def _(guess, net_film):
    net_film.draw()
    _state = guess.value or {}
    ringed = list(NUMBERS)[_state["chosen"][0]] if _state.get("committed") and _state.get("chosen") else ""
    if ringed:
        net_film.frames = [framed(one, width=4.7) for one, _ in story(ringed)]
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
    kit.after_guess(mo.vstack([where]))
    return (where,)


@app.cell
def _(ringed, where):
    _receiver, _source, _slope, _formula = CHAIN[where.value - 1]
    _v, _blame = forward(NUMBERS), backward(forward(NUMBERS))
    _seen = {name: _blame[name] for name in ("L", *ORDER[: where.value])}
    _local, _label = _slope(_v), f"The net; {_receiver} receives {short(_blame[_receiver])}"
    _shown = kit.levels(
        mo.Html(drawn(_v, _seen, lit=[_receiver], ringed=ringed, label=_label)),
        kit.md(
            f"""
            | | |
            |:---|---:|
            | {_receiver} holds | <span class="blue">{short(_v[_receiver])}</span> |
            | arrives from {_source} | <span class="orange">{short(_blame[_source])}</span> |
            | slope between {_receiver} and {_source} | <span class="green">{short(_local)}</span> |
            | {_receiver} receives the product | **{short(_blame[_receiver])}** |
            """
        ),
        kit.md(
            rf"""
            $$\frac{{\partial L}}{{\partial {tex(_receiver)}}}
            = \orange{{\frac{{\partial L}}{{\partial {tex(_source)}}}}} \cdot \green{{{_formula}}}$$

            $$= \orange{{{_blame[_source]:.4f}}} \cdot \green{{{_local:.4f}}} = {_blame[_receiver]:.4f}$$

            The whole way from the loss: $\;{whole_chain(_receiver)}$
            """
        ),
    )
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    _words = kit.md(
        """
        A place that feeds *several* others receives blame from each of them, and the shares **add up**: a nudge there
        travels along all ways at once. That is all: products along a way, sums where ways meet.

        ### A gradient is a promise about small steps

        Take one number, nudge it by ε, and run the net again. The gradient promises that the loss changes by
        *gradient × ε*. How good is its word?
        """
    )
    which = mo.ui.dropdown(list(NUMBERS), value="w₅", label="Nudge")
    epsilon = mo.ui.slider(steps=[0.001, 0.01, 0.1, 0.5, 1, 2, 3, 4], value=2, label="by ε =", show_value=True)
    mo.vstack([_words, mo.hstack([which, epsilon], justify="start", gap=2, wrap=True)])
    return epsilon, which


@app.function
def nudged(name, epsilon):
    """The true change of the loss when one number grows by ε, and what its gradient promised."""
    v = forward(NUMBERS)
    return forward({**NUMBERS, name: NUMBERS[name] + epsilon})["L"] - v["L"], backward(v)[name] * epsilon


@app.cell
def _(epsilon, which):
    _name, _step = which.value, epsilon.value
    _ways = np.linspace(-4.5, 4.5, 91)
    _true, _promise = nudged(_name, _step)
    fig, ax = kit.figure(height=3.0)
    ax.plot(_ways, [nudged(_name, way)[0] for way in _ways], color=kit.BLUE, label="the loss itself")
    ax.plot(_ways, [nudged(_name, way)[1] for way in _ways], color=kit.ORANGE, label="the promise", linewidth=1.4)
    ax.plot([_step] * 2, [_true, _promise], color=kit.PINK, linewidth=3)
    ax.scatter([_step, _step, 0], [_true, _promise, 0], color=[kit.BLUE, kit.ORANGE, kit.INK], s=36, zorder=3)
    ax.set(xlabel=f"change of {_name}", ylabel="change of the loss", ylim=(-0.3, 0.6))
    ax.legend(frameon=False, loc="upper right")
    _rows = [(step, *nudged(_name, step)) for step in sorted({0.001, 0.01, 0.1, 1, _step})]
    _told = f"At ε = {_step:g} the loss changes by {short(_true)}; promised were {short(_promise)}."
    _table = "\n".join(f"| {step:g} | {short(true)} | {short(promise)} |" for step, true, promise in _rows)
    kit.row(
        kit.html(fig, f"The loss against the change of {_name}, a curve, and its tangent. {_told}", _told),
        kit.md(
            f"| ε | the loss changes by | promised |\n|---:|---:|---:|\n{_table}\n\nFor small ε both agree. For large "
            "ones the curve bends away. Whoever follows a gradient takes small steps, and looks again after each."
        ),
    )
    return


@app.cell
def _():
    _pass = {
        "gradient = _through_hooks(node, pending.pop(node))": "Later operations had their turn: all has arrived.",
        "share = vjp(gradient)": "Each input gets what arrived, times the slope of this operation towards it.",
        "pending[target] += share": "Ways that meet: the shares add up.",
    }
    _layer = {
        "y = x @ w.T": "Forward: the weighted sums.",
        "return g.reshape(len(rows), out).T @ rows": "A weight: what arrived, times its input; h₁ for w₅.",
        "return y, lambda g: g @ w": "An input: what arrived, times its weight; w₅ for h₁. A bias gets it whole.",
    }
    mo.vstack(
        [
            kit.section("Read", "The pass itself knows nothing of nets: it walks from the loss back, latest first."),
            kit.read("glass/autograd.py", _pass, part="run_backward"),
            kit.md("An operation brings its value and, beside it, the **blame line** of each input. A whole layer:"),
            kit.read("glass/nn/functional/linear.py", _layer, part="linear"),
        ]
    )
    return


@app.cell
def _():
    _net = engine_net(NUMBERS)
    _names = dict(zip(("w₁ w₂ w₃ w₄", "b₁ b₂", "w₅ w₆", "b₃"), _net.parameters()))
    tape = kit.graph(engine_loss(_net), _names, label="The tape of the net above, played forward and back")
    _words = kit.md("And this is `glass.graph(loss)` for the net on this page: the same net, the same numbers.")
    mo.vstack([_words, kit.after_guess(tape)])
    return


@app.cell
def _():
    _words = """
        **Start all weights equal.** A net with one input and two hidden units shall learn a bump: one unit for the way
        up, one for the way down. But equal units say the same, receive the same blame, and stay equal for ever. Two
        curves on top of each other: the net is one unit wide. *Mend it* with a start drawn at random.
    """
    start = mo.ui.radio(["all 0.5", "seed 1", "seed 2"], value="all 0.5", label="Weights:", inline=True)
    clears = mo.ui.switch(value=False, label="optimizer.zero_grad()")
    mo.vstack([kit.section("Break it, mend it", _words), start])
    return clears, start


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
    _loss = trained(_net)[-1]
    (x, y), _hidden = bump(), _net[:2]
    with glass.no_grad():
        _units, _fit = _hidden(x).numpy(), _net(x).numpy()
    _gap = float(np.abs(_units[:, 0] - _units[:, 1]).max())
    fig_units, _ax = kit.figure(height=2.5)
    _ax.plot(x.numpy(), _units[:, 0], color=kit.BLUE, linewidth=5, alpha=0.5)
    _ax.plot(x.numpy(), _units[:, 1], color=kit.ORANGE, linewidth=1.8, linestyle="--")
    _ax.set(ylim=(-1.15, 1.15), ylabel="the two units say", xlabel="input x")
    fig_fit, _ax = kit.figure(height=2.5)
    _ax.plot(x.numpy(), y.numpy(), ".", color=kit.GREY, markersize=5)
    _ax.plot(x.numpy(), _fit, color=kit.GREEN)
    _ax.set(ylim=(-0.35, 1.15), ylabel="the net says", xlabel="input x")
    kit.row(
        kit.html(fig_units, f"What both hidden units say, at most {_gap:.2g} apart", f"At most {_gap:.2g} apart."),
        kit.html(fig_fit, f"The bump and what the net makes of it, loss {_loss:.4f}", f"Loss {_loss:.4f}."),
    )
    return


@app.cell
def _(clears):
    _losses = trained(bump_net(1), steps=300, clears=clears.value)
    fig_wild, _ax = kit.figure(height=2.6)
    _ax.plot(_losses, color=kit.GREEN if clears.value else kit.ORANGE, linewidth=1.6)
    _ax.set(yscale="log", ylim=(5e-4, 1e2), xlabel="step", ylabel="loss")
    _told = f"After {len(_losses)} steps the loss is {short(_losses[-1])}; the largest was {short(max(_losses))}."
    _words = kit.md(
        """
        **Forget to clear the gradients.** `backward` *adds* to what is there, because ways that meet add up. If nobody
        clears the sum, every step is taken with the blame of all steps before, and the loss swings like a pendulum
        without friction. *Mend it*: one line before each pass.
        """
    )
    kit.row(mo.vstack([_words, clears]), kit.html(fig_wild, f"The loss, step by step. {_told}", _told))
    return


@app.cell
def _():
    _exercise = kit.exercise("blame")
    mo.vstack([kit.section("Check yourself"), _exercise])
    return


@app.cell
def _():
    g, w, h, u = -0.5, 0.8, 0.5, 2.0
    right = g * w * h * (1 - h) * u
    kit.answer(
        f"In a net like this one, ∂L/∂z₃ = {short(g)}, w₅ = {w:g}, h₁ = {h:g} and x₁ = {u:g}. What does w₁ receive?",
        right,
        name="w1",
        slips={
            w * h * (1 - h) * u: "The factor ∂L/∂z₃ is missing: what arrives.",
            g * h * (1 - h) * u: "The factor w₅ is missing: blame reaches h₁ along this weight.",
            g * w * u: "The factor h₁(1 − h₁) is missing: the slope of the bend.",
            g * w * h * u: "The slope of the sigmoid is h₁(1 − h₁), not h₁.",
            g * w * h * (1 - h): "The factor x₁ is missing: the slope of the sum towards w₁.",
            -right: "The size is right. Look at the signs.",
        },
        because="Four factors: what arrives, the weight it travels along, the slope of the bend, the input.",
        hint="Walk back: z₃ → h₁ → z₁ → w₁, a factor for every arrow.",
        solution=f"{short(g)} · {w:g} · {h:g}·(1 − {h:g}) · {u:g} = {short(right)}",
    )
    return


@app.cell
def _():
    kit.choose(
        "A hidden unit feeds two units. From one it is sent 0.3, from the other −0.1. What does it receive?",
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
    _words = """
        A net for iris flowers with four hidden units, and then one flower on its way through it: forward, layer by
        layer, with the size of the blame that came back to each (`gradient`) and to its weights (`of weights`).
    """
    mo.vstack([kit.section("Run", _words), kit.run_command(*LESSON["runs"])])
    return


@app.cell
def _():
    _sources = kit.sources(
        ("Rumelhart, Hinton and Williams (1986), Learning representations", "https://doi.org/10.1038/323533a0"),
        ("Linnainmaa (1976), Taylor expansion of the rounding error", "https://doi.org/10.1007/BF01931367"),
        ("Baydin et al. (2018), Automatic differentiation in machine learning", "https://arxiv.org/abs/1502.05767"),
    )
    _onward = "Every number knows its share of the blame. How far should it move, and after how many examples?"
    mo.vstack([_sources, kit.next_lesson(LESSON, _onward)])
    return


if __name__ == "__main__":
    app.run()
