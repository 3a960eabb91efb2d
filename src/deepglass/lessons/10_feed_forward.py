"""Lesson 10: feed-forward networks. A hidden layer bends the plane until a straight line is enough."""

import marimo

app = marimo.App(width="medium", app_title="Feed-forward networks", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass import nn

    LESSON = {
        "title": "Feed-forward networks",
        "question": "How does a layer bend space?",
        "part": "The neuron",
        "minutes": 15,
        "reads": ["models/mlp.py"],
        "runs": [
            "deepglass train digits --model linear --epochs 5",
            "deepglass train digits --model mlp --epochs 5",
        ],
    }

    SHOWN_STEPS = 100  # of the film: enough to part the clouds, few enough for a bend that is still gentle
    BENDS = {"none": nn.Identity, "tanh": nn.Tanh, "relu": nn.ReLU}


@app.function
def xor_clouds(count=7, seed=0):
    """Four clouds: X (4·count, 2), and y, 1 where exactly one input is positive."""
    rng, centres = np.random.default_rng(seed), np.array([[0.6, 0.6], [-0.6, -0.6], [-0.6, 0.6], [0.6, -0.6]])
    X = np.concatenate([centre + rng.normal(0, 0.12, (count, 2)) for centre in centres])
    return X, np.repeat([0, 0, 1, 1], count)


@app.function
def ring(seed=1):
    """A blue heap in an orange ring: X (30, 2), and y."""
    angles = np.linspace(0, 2 * np.pi, 18, endpoint=False)
    heap = np.random.default_rng(seed).normal(0, 0.16, (12, 2))
    return np.concatenate([heap, 0.8 * np.stack([np.cos(angles), np.sin(angles)], 1)]), np.repeat([1, 0], (12, 18))


@app.function
def trained(X, y, hidden=2, bend="tanh", seed=2, steps=400, rate=1.0, wide=1.0):
    """A 2-hidden-1 net of the glass engine after gradient descent on the cross-entropy."""
    glass.manual_seed(seed)
    net = nn.Sequential(nn.Linear(2, hidden), BENDS[bend](), nn.Linear(hidden, 1))
    with glass.no_grad():
        for weight in net.parameters():
            weight.mul_(wide)
    inputs, targets = glass.tensor(X).float(), glass.tensor(y[:, None]).float()
    optimizer = glass.optim.SGD(net.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(net(inputs), targets).backward()
        optimizer.step()
    return net


@app.function
def said(layers, X):
    """What some layers make of points (n, 2)."""
    with glass.no_grad():
        return layers(glass.tensor(X).float()).numpy()


@app.function
def right(net, X, y):
    """How many points lie on their side."""
    return int(((said(net, X)[:, 0] > 0) == y).sum())


@app.function
def parameters_of(net):
    """W (hidden, 2), b (hidden), v (hidden), c of a net with one hidden layer."""
    W, b, v, c = (weight.detach().numpy() for weight in net.parameters())
    return W, b, v[0], float(c[0])


@app.function
def draw_plane(ax, move, X, y, reach, line=None):
    """The square with its grid and points after `move`, in a window of ±reach; `line` (v, c): v·h + c = 0."""
    along = np.linspace(-1, 1, 21)
    for at in np.linspace(-1, 1, 9):
        for lane in (np.stack([along, np.full(21, at)], 1), np.stack([np.full(21, at), along], 1)):
            ax.plot(*move(lane).T, color=kit.GREY, linewidth=0.8, alpha=0.5)
    places = move(X)
    for kind, color, marker in ((1, kit.BLUE, "o"), (0, kit.ORANGE, "s")):
        ax.scatter(*places[y == kind].T, color=color, marker=marker, s=34, linewidths=0, zorder=3)
    if line is not None:
        (v1, v2), c = line
        ends = np.array([-2.0, 2.0]) * reach
        flat = abs(v2) > abs(v1)
        across = -(c + (v1 if flat else v2) * ends) / (v2 if flat else v1)
        ax.plot(*((ends, across) if flat else (across, ends)), color=kit.INK, linewidth=2)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.set_axis_off()


@app.function
def bending(net, X, y):
    """The film: the matrix moves the plane, tanh bends it, a line parts it; pictures, each with its line."""
    W, b, v, c = parameters_of(net)
    far = 1.15 * np.abs(X @ W.T + b).max()
    ease = (1 - np.cos(np.linspace(0, np.pi, 9))) / 2
    moves = [
        (lambda p, t=t: (1 - t) * p + t * (p @ W.T + b), 1.15 + t * (far - 1.15), "Weights and biases") for t in ease
    ]
    moves += [
        (lambda p, t=t: (1 - t) * (p @ W.T + b) + t * np.tanh(p @ W.T + b), far + t * (1.15 - far), "The bend")
        for t in ease[1:]
    ]
    told = {"Weights and biases": "The weights turn, stretch and shift the plane: grid lines stay straight."}
    told["The bend"] = "tanh bends it: what lay far out is pressed against the border."
    for i, (move, reach, stage) in enumerate([*moves, moves[-1], moves[-1]]):
        line = (v, c) if i >= len(moves) else None
        caption = "Now a straight line parts blue from orange." if line else told[stage] if i else "Four clouds: XOR."
        fig, ax = kit.figure(width=4.0, height=4.0)
        draw_plane(ax, move, X, y, reach, line)
        yield kit.picture(fig, caption), caption


@app.cell
def _():
    kit.opening(
        LESSON,
        "Four clouds that no straight line can part: XOR, on which the perceptron of lesson 5 stalled. Watch what one "
        "hidden layer does to the plane they lie in.",
    )
    return


@app.cell
def _():
    X, y = xor_clouds()
    xor_net = trained(X, y, seed=0, steps=SHOWN_STEPS)
    _W, _b, _v, _c = parameters_of(xor_net)
    _point = X[0].round(1)
    _values = [_point, said(xor_net[:2], _point[None])[0], [1 / (1 + np.exp(-said(xor_net, _point[None])[0, 0]))]]
    kit.levels(
        kit.film(bending(xor_net, X, y), label="From the inputs to the hidden layer", seconds=0.35, width=4.0),
        kit.network(
            [_W, [_v]], [_b, [_c]], _values, inputs=["x₁", "x₂"], outputs=["blue?"],
            label="The net of the film with its nine numbers, and one orange point on its way through it",
        ),
        kit.md(
            r"""
            $$\green{h} = \tanh(\blue{W}\orange{x} + \blue{b})$$

            $$\hat y = \sigma(\blue{v} \cdot \green{h} + \blue{c})$$

            The first line is the film. The second is lesson 7: a straight line.
            """
        ),
    )  # fmt: skip
    return X, xor_net, y


@app.cell
def _():
    _counts = [
        max(right(trained(*ring(), hidden, seed=s, steps=600, wide=2), *ring()) for s in (0, 3)) for hidden in (2, 3)
    ]
    kit.guess(
        "Below, blue lies in the middle and orange all around it. How many hidden units do you need to part them?",
        ["One", "Two", "Three", "Eight or more"],
        f"Three. Each unit has one straight line along which it changes its mind. Two lines never close a fence: some "
        f"way out is left ({_counts[0]} of 30 right at best in our runs). Three do ({_counts[1]} of 30). Go and see: "
        "move the slider.",
    )
    return


@app.cell
def _():
    kit.section(
        "See",
        """
        A **feed-forward network** is neurons in layers. In its plainest form every unit of a layer hears all units of
        the layer before it, and nothing else: numbers run forward only. The first layer holds the <span
        class="orange">inputs</span>, the last the answer, and those between are *hidden*: nobody tells them what to
        say. Here the net trains while you look. Give it more hidden units, or paint points of your own.
        """,
    )
    return


@app.cell
def _():
    units = mo.ui.slider(1, 8, 1, value=2, label="Hidden units", show_value=True)
    mo.vstack([units])
    return (units,)


@app.cell
def _():
    _rows = lambda X, y: [[*point, kind] for point, kind in zip(X.round(2).tolist(), y.tolist())]  # noqa: E731
    _turns = np.linspace(0.6, 3 * np.pi, 26)
    _arm = np.stack([np.cos(_turns), np.sin(_turns)], 1) * (0.1 + 0.085 * _turns)[:, None]
    _spiral = _rows(np.concatenate([_arm, -_arm]), np.repeat([1, 0], 26))
    bends = kit.plane(
        _rows(*ring()), rule="network", name="bends", hidden=2, rate=0.5, seed=3, steps_a_frame=6,
        label="A blue heap in an orange ring, and what a small net makes of it",
        presets={"Ring": _rows(*ring()), "XOR": _rows(*xor_clouds()), "Two spirals": _spiral},
    )  # fmt: skip
    kit.row(
        bends,
        kit.network(follows="bends", outputs=["ŷ"], label="The net that is training: its weights as arrows"),
    )
    return (bends,)


@app.cell
def _(bends, units):
    bends.hidden = units.value
    return


@app.function
def questions(net, X, y):
    """What each of three hidden units says of every place, and what the net makes of it."""
    W, b, v, c = parameters_of(net)
    side = np.linspace(-1, 1, 48)
    places = np.stack(np.meshgrid(side, side[::-1]), -1).reshape(-1, 2)
    units = np.tanh(places @ W.T + b) * np.sign(v)
    panels = [*units.T, np.tanh((units @ np.abs(v) + c) / 2)]
    fig, axes = kit.figure(4.3, 4.4, rows=2, columns=2)
    for ax, panel, title in zip(axes.flat, panels, ("unit 1", "unit 2", "unit 3", "weighed and summed")):
        ax.imshow(panel.reshape(48, 48), cmap=kit.MORE_AND_LESS, vmin=-1.6, vmax=1.6, extent=(-1, 1, -1, 1))
        for kind, color, marker in ((1, kit.BLUE, "o"), (0, kit.ORANGE, "s")):
            ax.scatter(*X[y == kind].T, color=color, marker=marker, s=9, linewidths=0)
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, fontsize=10)
    return fig


@app.cell
def _():
    _net = trained(*ring(), hidden=3, seed=0, steps=600, wide=2)
    _told = f"{right(_net, *ring())} of {len(ring()[1])} points are right."
    _fig = questions(_net, *ring())
    _row = kit.row(
        kit.md(
            """
            ### Each unit asks one question

            "Does the point lie beyond *my* line?" Blue says yes, orange no, and near the line the answer is soft. No
            unit sees a ring. But the last neuron hears all three answers, weighs them, and asks for *yes, yes and yes*:
            a triangle with round corners.

            More units, more corners. With enough of them one hidden layer comes as near as you like to any continuous
            function on such a square (Cybenko, 1989). The proof does not say how many are enough, nor that training
            finds them.
            """
        ),
        kit.html(_fig, f"Three half planes, one for each hidden unit, and their sum, a closed blob. {_told}", _told),
    )
    kit.after_guess(_row)
    return


@app.cell
def _():
    _layer = {
        "layers: list[nn.Module] = [nn.Linear(in_dim": "Weights and biases: turn, stretch, shift.",
        "layers.append(ACTIVATIONS[config.activation]())": "The bend. Without this line the next section happens.",
    }
    _pass = {
        "return self.layers(torch.cat(parts, dim=1))": "Layer after layer, each hears the one before: feed forward."
    }
    mo.vstack(
        [
            kit.section(
                "Read", "The model that `--model mlp` trains. Its layers are a list; running forward is one line."
            ),
            kit.read("models/mlp.py", _layer, part="hidden_layer"),
            kit.read("models/mlp.py", _pass, part="MLP.forward"),
        ]
    )
    return


@app.cell
def _():
    _words = """
        Take the bend away. On the left is the plane of the inputs with what the net says of each place, on the right
        the same points as the hidden layer hands them on. The grid on the right stays straight, so XOR stays XOR, and
        no line parts it. **Mend it**: switch a bend on. ReLU folds the paper along a crease; tanh rounds it off.
    """
    bend = mo.ui.radio(list(BENDS), value="none", label="Bend of the hidden units:", inline=True)
    mo.vstack([kit.section("Break it, mend it", _words), bend])
    return (bend,)


@app.cell
def _(X, bend, y):
    _net = trained(X, y, bend=bend.value)
    W, b, v, c = parameters_of(_net)
    side = np.linspace(-1.1, 1.1, 48)
    places = np.stack(np.meshgrid(side, side[::-1]), -1).reshape(-1, 2)
    fig_in, _ax = kit.figure(3.6, 3.7)
    _sure = np.tanh(said(_net, places) / 2).reshape(48, 48)
    _ax.imshow(_sure, cmap=kit.MORE_AND_LESS, vmin=-1.6, vmax=1.6, extent=(-1.1, 1.1, -1.1, 1.1))
    draw_plane(_ax, lambda p: p, X, y, 1.1)
    _ax.set_title("the inputs", fontsize=10.5)
    fig_out, _ax = kit.figure(3.6, 3.7)
    draw_plane(_ax, lambda p: said(_net[:2], p), X, y, 1.15 * np.abs(said(_net[:2], X)).max(), (v, c))
    _ax.set_title("the hidden layer", fontsize=10.5)
    _told = f"{right(_net, X, y)} of {len(y)} points are right."
    kit.row(
        kit.html(fig_in, f"The square of the inputs with the net's answers, bend {bend.value}. {_told}", _told),
        kit.html(fig_out, f"The same points in the hidden layer, bend {bend.value}, and the last neuron's line"),
    )
    return W, b, c, v


@app.cell
def _(W, b, bend, c, v):
    _w1, _w2, _bias = *(v @ W), v @ b + c
    _straight = rf"""
        ### Why straight after straight is straight

        Without a bend, two layers are one: $\blue{{v}} \cdot (\blue{{W}}\orange{{x}} + \blue{{b}}) + \blue{{c}}$
        multiplies out to one neuron, here ${_w1:.2f}\,\orange{{x_1}} {_w2:+.2f}\,\orange{{x_2}} {_bias:+.2f}$. A
        hundred such layers would still be one.
    """
    _bent = f"With {bend.value} between them two layers no longer multiply out to one: that is all a bend is for. "
    _bent += (
        "(Two hidden units are the least. From many starts they get stuck; this start was picked. More are easier.)"
    )
    kit.md(_straight if bend.value == "none" else _bent)
    return


@app.cell
def _():
    _exercise = kit.exercise("network")
    mo.vstack([kit.section("Check yourself"), _exercise])
    return


@app.cell
def _():
    inputs, hidden, outputs = 4, 16, 3
    weights = inputs * hidden + hidden * hidden + hidden * outputs
    kit.answer(
        f"Flowers: {inputs} inputs, two hidden layers of {hidden} units, {outputs} outputs. How many numbers learn?",
        weights + 2 * hidden + outputs,
        name="parameters",
        slips={
            weights: "These are the weights. Every unit has a bias too.",
            weights - hidden * hidden + hidden + outputs: "Two hidden layers: the weights between them are missing.",
        },
        because="The square in the middle weighs most, and grows with the square of the width.",
        hint="A layer from n to m units has n·m weights and m biases.",
        solution=f"{inputs}·{hidden} + {hidden} + {hidden}·{hidden} + {hidden} + {hidden}·{outputs} + {outputs}",
    )
    return


@app.cell
def _():
    kit.choose(
        "Which of these can learn XOR?",
        {
            "one neuron": (False, "One neuron draws one straight line."),
            "two layers without a bend, a thousand units": (False, "Multiplied out, they are one neuron."),
            "two hidden units with ReLU, and an output": (True, "One fold each is enough; the line does the rest."),
            "ten layers without a bend": (False, "Straight after straight is straight."),
        },
        name="which nets",
    )
    return


@app.cell
def _():
    _words = """
        Handwritten digits, 64 pixels each. First without a hidden layer, then with two of them. A few epochs are
        enough to compare the accuracies, and the intervals beside them: is the difference larger than chance?
    """
    mo.vstack([kit.section("Run", _words), kit.row(*(kit.run_command(command) for command in LESSON["runs"]))])
    return


@app.cell
def _():
    _sources = kit.sources(
        ("Minsky and Papert (1969), Perceptrons", "https://mitpress.mit.edu/9780262630221/perceptrons/"),
        (
            "Cybenko (1989), Approximation by superpositions of a sigmoidal function",
            "https://doi.org/10.1007/BF02551274",
        ),
        (
            "Olah (2014), Neural networks, manifolds, and topology",
            "https://colah.github.io/posts/2014-03-NN-Manifolds-Topology/",
        ),
    )
    mo.vstack([_sources, kit.next_lesson(LESSON, "Nobody told the hidden units what to say. How did they find out?")])
    return


if __name__ == "__main__":
    app.run()
