"""Lesson 15: initialisation. What a layer does to a signal, twenty layers do twenty times."""

import marimo

app = marimo.App(width="medium", app_title="Initialisation", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "Initialisation",
        "question": "How large should the first weights be?",
        "part": "Learning",
        "minutes": 15,
        "reads": ["kaiming_normal_", "clip_grad_norm_"],
        "runs": [
            "deepglass train digits --model mlp --num-layers 12 --hidden-dim 64 --epochs 5 --initializer normal",
            "deepglass train digits --model mlp --num-layers 12 --hidden-dim 64 --epochs 5 --initializer he",
        ],
    }

    DEPTH, WIDTH = 20, 100
    HE = 2**0.5  # times 1/√n: the spread of the weights that keeps a signal through ReLUs
    BENDS = {"ReLU": F.relu, "tanh": glass.tanh, "sigmoid": glass.sigmoid}
    SPREADS = [0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.4, 2.8, 4, 6, 10, 20]
    CLIP = 1.0


@app.function
def through(scale, bend="ReLU", gates=False, seed=0):
    """A signal through twenty layers with weights of spread scale/√n, and blame back again.

    Returns:
        The root mean square of the signal after each layer, and of the blame that arrives there, (20,) each.
    """
    glass.manual_seed(seed)
    h = glass.randn(64, WIDTH).double()
    taps = [glass.zeros(64, WIDTH).double().requires_grad_() for _ in range(DEPTH)]  # to read the blame at each layer
    signal = []
    for tap in taps:
        weight = glass.randn(WIDTH, WIDTH).double() * (scale / WIDTH**0.5)
        new = BENDS[bend](h @ weight)
        if gates:  # a sigmoid decides, unit by unit, how much is renewed: at first little
            gate = glass.sigmoid(h @ (glass.randn(WIDTH, WIDTH).double() / WIDTH**0.5) - 3)
            new = gate * new + (1 - gate) * h
        h = new + tap
        signal.append(float(np.sqrt((h.detach().numpy() ** 2).mean())))
    (h * glass.randn(64, WIDTH).double()).sum().backward()
    return np.array(signal), np.array([np.sqrt((tap.grad.numpy() ** 2).mean()) for tap in taps])


@app.cell
def _():
    kit.opening(
        LESSON,
        "Three networks, twenty layers each. They differ in one thing: how large their random first weights are. "
        "Watch a signal go in on the left, and then the blame come back from the right.",
    )
    return


@app.cell
def _():
    _nets = {"small": (0.8, kit.GREEN), "right": (HE, kit.BLUE), "large": (2.5, kit.ORANGE)}
    _seen = {name: through(scale) for name, (scale, _) in _nets.items()}
    _layers = np.arange(1, DEPTH + 1)
    _fig, _axes = kit.figure(height=4.2, rows=2, sharex=True)
    _lines = {}
    for _ax, _what in zip(_axes, ("signal →", "← blame")):
        _ax.set(yscale="log", ylim=(1e-7, 1e7), xlim=(0.5, 20.5), xticks=[1, 5, 10, 15, 20], ylabel=_what)
        _ax.set_yticks([1e-6, 1e-3, 1, 1e3, 1e6])
        _ax.minorticks_off()
        _lines[_what] = [_ax.plot([], [], color=color, marker="o", markersize=4)[0] for _, color in _nets.values()]
    _axes[1].set_xlabel("layer")
    _moments = [(way, count) for way in _lines for count in range(2, DEPTH + 1, 2)]

    def draw_passing(number):
        way, count = _moments[number]
        part = slice(0, count) if way == "signal →" else slice(DEPTH - count, DEPTH)
        at = count - 1 if way == "signal →" else DEPTH - count
        told = []
        for line, (name, both) in zip(_lines[way], _seen.items()):
            values = both[way == "← blame"]
            line.set_data(_layers[part], values[part])
            told.append(f"{name} {values[at]:.2g}")
        return f"{way.strip('→← ')} at layer {at + 1}: {', '.join(told)}"

    _rows = "".join(
        f'\n| <span class="{color}">{name}</span> | {_nets[name][0]:.2f}/√n | {signal[-1]:.2g} | {blame[0]:.2g} |'
        for color, (name, (signal, blame)) in zip(("green", "blue", "orange"), _seen.items())
    )
    kit.levels(
        kit.film(
            kit.frames(_fig, draw_passing, len(_moments), "Size by layer;"),
            label="Layers that the signal, then the blame, has passed",
            seconds=0.35,
        ),
        kit.md(f"| weights | spread | signal at the end | blame at the start |\n|---|--:|--:|--:|{_rows}"),
        kit.md(r"$$\text{size after } L \text{ layers} = \text{size before} \cdot \pink{c}^{\,L}$$"),
    )
    return


@app.cell
def _():
    _factor = 1 / 2**0.5
    kit.guess(
        f"Weights of spread 1/√n, and ReLU: each layer leaves {_factor:.0%} of the signal. What is left after twenty?",
        ["About a third", "About a tenth", "About a hundredth", "About a thousandth"],
        f"{_factor:.3f} to the power of 20 is {_factor**20:.5f}: about a thousandth. Measured in the engine: "
        f"{through(1.0)[0][-1]:.5f}. A little less than one, often multiplied, is nothing; a little more is all.",
    )
    return


@app.cell
def _():
    kit.section(
        "See",
        r"""
        A neuron adds up $n$ products, weight times input. Random signs make the sum grow like a walk, with $\sqrt n$.
        So weights of spread $\blue{s}/\sqrt n$ give sums of size $\blue{s}$ times the input, whatever $n$ is. ReLU then
        throws half of it away, which leaves, layer after layer, the factor

        $$\pink{c} = \frac{\blue{s}}{\sqrt 2}, \qquad \pink{c} = 1 \;\text{ for }\; \blue{s} = \sqrt 2.$$

        That is **He's rule**: weights with variance $2/n$. The blame on its way back passes the same weights and
        the same ReLUs, so between layers of one width its factor is the same. Move the spread, and hold the dashed
        line, $\pink{c}^L$, against it.
        """,
    )
    return


@app.cell
def _():
    scale = mo.ui.slider(steps=SPREADS, value=1.0, label="spread s, times 1/√n", show_value=True)
    bend = mo.ui.dropdown(list(BENDS), value="ReLU", label="bend")
    gates = mo.ui.switch(label="gates")
    kit.after_guess(mo.hstack([scale, bend, gates], justify="start", gap=2, wrap=True))
    return bend, gates, scale


@app.cell
def _(bend, gates, scale):
    _signal, _blame = through(scale.value, bend.value, gates.value)
    _layers, _is_plain = np.arange(1, DEPTH + 1), bend.value == "ReLU" and not gates.value
    _fig, _ax = kit.figure(height=3.2)
    if _is_plain:
        _c = scale.value / 2**0.5
        _ax.plot(_layers, _c**_layers, color=kit.PINK, linestyle=(0, (4, 3)), linewidth=1.3)
        _ax.plot(_layers, _blame[-1] * _c ** (DEPTH - _layers), color=kit.PINK, linestyle=(0, (4, 3)), linewidth=1.3)
    _ax.plot(_layers, _signal, color=kit.BLUE, marker="o", markersize=4)
    _ax.plot(_layers, _blame, color=kit.ORANGE, marker="s", markersize=4)
    _most = 10 ** (8 * np.ceil(np.log10(max(1e8, _signal.max(), _blame.max())) / 8))  # the same picture while it fits
    _ax.set(yscale="log", ylim=(1e-13, _most), xlim=(0.5, 20.5), xticks=[1, 5, 10, 15, 20])
    _ax.set(xlabel="layer", ylabel="size")
    _ax.set_yticks([power for power in 10.0 ** np.arange(-12, 32, 4) if power < _most])
    _ax.minorticks_off()
    _steps = [(sizes[-1] / sizes[0]) ** (1 / (DEPTH - 1)) for sizes in (_signal, _blame[::-1])]
    _told = f"signal times {_steps[0]:.2f} per layer, blame times {_steps[1]:.2f} per layer"
    _more = {
        "ReLU": "Both shrink or grow alike. At 1.4 they stay." if not gates.value else "",
        "tanh": "A large signal cannot explode here, tanh cuts it off. The blame can.",
        "sigmoid": "The signal looks healthy, as all sigmoids say about ½. But their slope is at most ¼, so with usual "
        "spreads nearly all blame is gone: it *vanishes*. Weights many times larger carry it back (try 10), and a "
        "little more makes it explode (20): by then nearly every unit is stuck at 0 or 1.",
    }[bend.value]
    _gated = "With gates each layer *keeps* most of what it gets and renews a little. The blame finds its way home."
    _row = kit.row(
        kit.html(_fig, f"{bend.value}, spread {scale.value:g}/√n: {_told}", "Blue: the signal. Orange: the blame."),
        kit.md(
            f"**{_told[0].upper()}{_told[1:]}.** Blame at layer 1: {_blame[0] / _blame[-1]:.2g} of layer {DEPTH}'s.\n\n"
            f"{_gated if gates.value else _more}\n\n*Try:* **sigmoid**, and look for a spread that helps. Then switch "
            f"the **gates** on."
        ),
    )
    kit.after_guess(_row, silently=True)
    return


@app.cell
def _():
    kit.note(
        "Xavier's rule, older than He's, is for bends that leave small sums as they are, such as tanh: variance "
        "2/(inputs + outputs), a compromise between what the signal and what the blame would want. Gates are how LSTM "
        "(1997) and highway networks (2015) reach far back; a residual net adds a layer's input to its output."
    )
    return


@app.cell
def _():
    _words = (
        "He's rule is one line of the engine. Below it the remedy for blame that explodes nevertheless, *clipping*."
    )
    _he = {"return normal_": "Spread: the gain (√2 for ReLU) over the root of how many inputs a neuron sums."}
    _clip = {
        "total = np.linalg.norm": "The length of all gradients together, as of one long arrow.",
        "scale = float(min": "Longer than allowed? Then shorten it; a short one stays as it is.",
        "grad *= scale": "All by the same factor: the direction stays.",
    }
    mo.vstack([kit.section("Read", _words), kit.read("kaiming_normal_", _he), kit.read("clip_grad_norm_", _clip)])
    return


@app.function
def points():
    """Sixty-four noisy points on a curve: x and y, (64, 1)."""
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (64, 1))
    return x, np.sin(3.2 * x) + 0.3 * x + rng.normal(0, 0.15, (64, 1))


@app.function
def learn(scale, clips=False, steps=150, seed=0):
    """A net of ten hidden layers learns the points: losses and lengths of the gradient by step, and its curve."""
    glass.manual_seed(seed)
    layers = []
    for inputs in (1, *[32] * 9):
        layers += [nn.Linear(inputs, 32), nn.ReLU()]
        nn.init.normal_(layers[-2].weight, 0, scale / inputs**0.5)
    layers.append(nn.Linear(32, 1))
    nn.init.normal_(layers[-1].weight, 0, min(scale, 1) / 32**0.5)
    model, (x, y) = nn.Sequential(*layers).double(), map(glass.tensor, points())
    optimizer = glass.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
    told = []
    with np.errstate(all="ignore"):  # what explodes ends beyond all numbers
        for _ in range(steps):
            optimizer.zero_grad()
            loss = F.mse_loss(model(x), y)
            loss.backward()
            length = nn.utils.clip_grad_norm_(model.parameters(), CLIP if clips else np.inf)
            optimizer.step()
            told.append((loss.item(), length.item()))
        with glass.no_grad():
            curve = model(glass.tensor(np.linspace(-1, 1, 81)[:, None])).numpy()[:, 0]
    return *np.array(told).T, curve


@app.cell
def _():
    _words = """
        A net of ten layers shall learn a curve. Its weights begin too large: the first gradient is thousands long, one
        step throws it out of all numbers. **Mend it** by *clipping*, which keeps the direction and shortens the step.
        Or begin well. Then try the other end, small weights, or all zero: nothing explodes, and next to nothing is
        learned.
    """
    start = mo.ui.dropdown(
        {"large: 2/√n": 2.0, "He: √2/√n": HE, "small: 0.3/√n": 0.3, "all zero": 0.0}, value="large: 2/√n", label="begin"
    )
    clips = mo.ui.switch(label="clip the gradient to length 1")
    _controls = mo.hstack([start, clips], justify="start", gap=2, wrap=True)
    mo.vstack([kit.section("Break it, mend it", _words), _controls])
    return clips, start


@app.cell
def _(clips, start):
    _x, _y = points()
    _losses, _lengths, _curve = learn(start.value, clips.value)
    _fig, (_left, _right) = kit.figure(width=5.2, height=2.6, columns=2)
    _left.scatter(_x, _y, s=10, color=kit.ORANGE, linewidths=0, alpha=0.7)
    _left.plot(np.linspace(-1, 1, 81), np.clip(_curve, -99, 99), color=kit.BLUE)
    _left.set(xlim=(-1.03, 1.03), ylim=(-2, 2), xticks=[-1, 0, 1], yticks=[-2, 0, 2], xlabel="x", ylabel="y")
    _right.plot(np.clip(np.nan_to_num(_losses, nan=1e12), 0, 1e12), color=kit.BLUE)
    _right.set(yscale="log", ylim=(0.01, 1e8), xlim=(-3, 150), xlabel="step", ylabel="loss")
    _right.minorticks_off()
    _verdict = (
        "It has **exploded**: the weights are no numbers any more."
        if not _losses[-1] < 1e3
        else "It **stands still**: what reaches the first layers is too little to learn from."
        if _losses[-1] > 0.5
        else "It **learns**."
    )
    _told = (
        f"first gradient {_lengths[0]:,.1f} long; loss {_losses[0]:,.2f} at first, {_losses[-1]:.3g} after 150 steps"
    )
    kit.row(kit.html(_fig, _told), kit.md(f"{_verdict}\n\n{_told[0].upper()}{_told[1:]}."))
    return


@app.cell
def _():
    _write = kit.exercise("begin")
    mo.vstack([kit.section("Check yourself"), _write])
    return


@app.cell
def _():
    kit.choose(
        "In a deep net of sigmoids the first layer's gradient is 10⁻¹⁰ of the last one's. What helps?",
        {
            "ReLU and He's rule": (True, "Slope 1 wherever it speaks, and a factor of 1 a layer."),
            "Gates, or adding each layer's input to its output": (
                True,
                "Then there is a way back that is not multiplied down.",
            ),
            "Clipping the gradient": (False, "Clipping shortens what is too long; it lengthens nothing."),
            "More layers": (False, "Every layer multiplies once more by a number below one."),
        },
        name="helps",
        several=True,
    )
    return


@app.cell
def _():
    _words = """
        Twelve layers on digits. First with weights of spread 0.01, whatever the number of inputs; then with He's. Ten
        classes guessed blindly cost ln 10 = 2.303: the first net stays there.
    """
    mo.vstack([kit.section("Run", _words), kit.row(*(kit.run_command(command) for command in LESSON["runs"]))])
    return


@app.cell
def _():
    _sources = kit.sources(
        (
            "Glorot and Bengio (2010), on the difficulty of training deep nets",
            "https://proceedings.mlr.press/v9/glorot10a.html",
        ),
        ("He, Zhang, Ren and Sun (2015), Delving Deep into Rectifiers", "https://arxiv.org/abs/1502.01852"),
        ("Pascanu, Mikolov and Bengio (2013), clipping", "https://arxiv.org/abs/1211.5063"),
        ("Srivastava, Greff and Schmidhuber (2015), Highway Networks", "https://arxiv.org/abs/1505.00387"),
    )
    _why = "Now it begins well, and learns. Next: what if it learns too much?"
    mo.vstack([_sources, kit.next_lesson(LESSON, _why)])
    return


if __name__ == "__main__":
    app.run()
