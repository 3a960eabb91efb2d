"""Lesson 24: pooling and the rest of a CNN. Where something is gets lost step by step, until what it is remains."""

import marimo

app = marimo.App(width="medium", app_title="Pooling", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    from sklearn.datasets import load_digits

    from deepglass import glass
    from deepglass.core.catalogue import PACKAGE
    from deepglass.course import kit
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F
    from deepglass.zoo.on_glass import execute

    LESSON = {
        "title": "Pooling",
        "question": "When does a net stop asking where?",
        "part": "Pictures",
        "minutes": 20,
        "reads": ["glass/nn/functional/pool.py", "models/lenet5.py"],
        "runs": ["deepglass train digits --model lenet5 --epochs 2", "deepglass train digits --epochs 5"],
    }

    LENET = execute(PACKAGE / "models" / "lenet5.py")  # the model's own file, on the glass engine
    EDGES = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])
    TAUGHT, ASKED = 1000, 500

    @cache
    def digits(side=8):
        """All pictures (1797, side, side) in [0, 1], shuffled, and their classes; larger ones drawn between pixels."""
        images, classes = load_digits().images / 16, load_digits().target
        order = np.random.default_rng(0).permutation(len(images))
        places = np.linspace(0, 7, side)
        low = np.minimum(places.astype(int), 6)
        between = np.zeros((side, 8))
        between[np.arange(side), low], between[np.arange(side), low + 1] = 1 - (places - low), places - low
        return (between @ images[order] @ between.T).astype(np.float32), classes[order]


@app.function
def taught(model, side, count, rate, epochs, batch_size=25):
    """The model after some epochs over `count` digits, and the share of unseen digits that it reads."""
    (images, classes), rng = digits(side), np.random.default_rng(0)
    optimizer = glass.optim.Adam(model.parameters(), lr=rate)
    for _ in range(epochs):
        for batch in np.array_split(rng.permutation(count), count // batch_size):
            optimizer.zero_grad()
            F.cross_entropy(model(glass.tensor(images[batch][:, None])), glass.tensor(classes[batch])).backward()
            optimizer.step()
    with glass.no_grad():
        answers = model(glass.tensor(images[TAUGHT : TAUGHT + ASKED][:, None])).argmax(1).numpy()
    return model, float((answers == classes[TAUGHT : TAUGHT + ASKED]).mean())


@app.function
def lenet():
    """LeNet, trained on the page, and the share of unseen digits that it reads."""
    glass.manual_seed(0)
    return taught(LENET.Model(image_size=(28, 28)), 28, TAUGHT, rate=0.005, epochs=4)


@app.function
def pooled(images, window):
    """The largest of each window (n, H/window, W/window)."""
    return F.max_pool2d(glass.tensor(images[:, None]), window).numpy()[:, 0]


@app.function
def moved(shift, window, images=None):
    """Pooled pictures (n, …) of 16 × 16 with a digit in the middle, before and after it moves to the right."""
    framed = np.pad(digits()[0][:200] if images is None else images, ((0, 0), (4, 4), (4, 4)))
    return pooled(framed, window), pooled(np.roll(framed, shift, 2), window)


@app.function
def difference(before, after):
    """By how much the numbers change, relative to their size, and the share of those with ink that stay."""
    inked = before + after > 0
    return float(np.linalg.norm(after - before) / np.linalg.norm(before)), float((before == after)[inked].mean())


@app.function
def blame_of(x, g, kind):
    """What the engine sends to each number of a table (H, W) whose windows of 2 × 2 were pooled."""
    held = glass.tensor(x[None, None], requires_grad=True)
    (F.max_pool2d if kind == "largest" else F.avg_pool2d)(held, 2).backward(glass.tensor(g[None, None]))
    return held.grad.numpy()[0, 0]


@app.function
def maps(model, image):
    """What every layer of LeNet makes of one picture (28, 28), by the paper's names."""
    x, seen = F.pad(glass.tensor(image[None, None]), model.padding), {}
    with glass.no_grad():
        for name, layer in list(model.named_children())[:-1]:
            x = LENET.scaled_tanh(layer(x.flatten(1) if name == "c5" else x))
            seen[name.upper()] = x.numpy()[0]
        seen["output"] = F.softmax(model.output(x), 1).numpy()[0]
    return seen


@app.function
def early(window, has_kernels):
    """The share of unseen digits read after pooling at once, by a linear layer, with or without 24 kernels before."""
    glass.manual_seed(0)
    first = [nn.Conv2d(1, 24, 3, padding=1), nn.ReLU()] if has_kernels else []
    size = (24 if has_kernels else 1) * (8 // window) ** 2
    model = nn.Sequential(*first, nn.MaxPool2d(window), nn.Flatten(), nn.Linear(size, 10))
    return taught(model, 8, 600, 0.02, 10, 50)[1], size


@app.function
def walk():
    """The film: a window of 2 × 2 takes the largest number of each place."""
    image = np.pad(digits()[0][0].astype(float), 1)
    x = np.maximum(F.conv2d(glass.tensor(image[None, None]), glass.tensor(EDGES[None, None])).numpy()[0, 0], 0)
    y = pooled(x[None], 2)[0]
    fig, (left, right) = kit.figure(4.3, 2.4, columns=2)
    left.imshow(x, cmap=kit.MUCH, vmin=0, vmax=x.max())
    for ax, title in ((left, "answers of a kernel"), (right, "the largest of four")):
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, fontsize=10)
    square = np.array([0, 1, 1, 0, 0]), np.array([0, 0, 1, 1, 0])
    marks = [ax.plot([], [], color=kit.GOLD, linewidth=3)[0] for ax in (left, right)]
    shown = right.imshow(np.zeros_like(y), cmap=kit.MUCH, vmin=0, vmax=x.max())

    def draw(number):
        r, c = divmod(number, 4)
        for mark, side in zip(marks, (2, 1)):
            mark.set_data(side * (square[0] + c) - 0.5, side * (square[1] + r) - 0.5)
        shown.set_data(np.where(np.arange(16).reshape(4, 4) <= number, y, 0))
        four = ", ".join(f"{value:.1f}" for value in x[2 * r : 2 * r + 2, 2 * c : 2 * c + 2].ravel())
        return f"Of {four} the largest is {y[r, c]:.1f}."

    return kit.frames(fig, draw, 16, "Eight by eight answers become four by four.")


@app.cell
def _():
    _change, _same = difference(*moved(1, 2))
    _before, _ = difference(*moved(1, 1))
    kit.opening(
        LESSON,
        "A kernel has answered at every place of a digit. Now a window of 2 × 2 goes from place to place and keeps the "
        "**largest** of four numbers. It has no weights. This is max pooling.",
        kit.film(walk(), label="Places of the window", seconds=0.45),
        kit.guess(
            "The digit moves to the right by one pixel. What happens to the numbers after pooling?",
            [
                "They stay: pooling does not care where",
                "A few of them change",
                "Most of them change, but by less than before pooling",
                "They change as much as before pooling",
            ],
            f"Most of them change: of the numbers with ink only {_same:.0%} stay what they were. But they change by "
            f"{_change:.0%} of their size, where the pixels change by {_before:.0%} (200 digits). Pooling does not "
            "forget where something is. It forgets <i>a little</i> of it.",
        ),
    )
    return


@app.cell
def _():
    shift = kit.slider("Moved by, pixels", [0, 1, 2, 3, 4], 1)
    window = kit.slider("Window", [1, 2, 4, 8, 16], 2)
    kit.text(
        r"""
        ## How much of where {#see}

        A convolution answers a moved digit with a moved answer. A *class* should not move at all. Between the two lies
        pooling.

        {moves}
        """,
        moves=kit.after_guess(
            kit.text(
                """
                Move the digit, and make the window larger: only the largest, which holds the whole picture, is deaf to
                every move, and it has a single number to say. Find a move after which a window of 2 repeats its numbers
                exactly, only one place further.

                {shift} {window}
                """,
                shift=shift,
                window=window,
            )
        ),
    )
    return shift, window


@app.cell
def _(shift, window):
    _one = digits()[0][:1]
    _before, _after = moved(shift.value, window.value, _one)
    _change, _same = difference(*moved(shift.value, window.value))
    _shown = kit.levels(
        kit.pictures([_before[0], _after[0]], ["before", "after"], label="The pooled digit before and after it moves"),
        {
            "numbers that are left": _before[0].size,
            "change, relative to their size": f"{_change:.0%}",
            "numbers with ink that stay": f"{_same:.0%}",
        },
        r"""
        $$\green{y_{rc}} = \max_{0 \le i, j < \blue{window}} x_{\blue{window}\,r+i,\; \blue{window}\,c+j}$$

        Per cent of 200 digits; the picture shows one of them.
        """,
        window=window.value,
    )
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    kind = mo.ui.radio(["largest", "mean"], value="largest", label="keep the", inline=True)
    kit.text(
        r"""
        ### Who is to blame

        Four numbers went in, one came out, and blame arrives for it. If the **largest** was kept, the three others
        could have been a little larger without any effect: the largest takes all the blame. If the **mean** was kept,
        each of the four has a quarter of it.

        {kind}
        """,
        kind=kind,
    )
    return (kind,)


@app.cell
def _(kind):
    _x = np.random.default_rng(4).permutation(16).reshape(4, 4).astype(float)
    _g = np.array([[1.0, -2.0], [0.4, 3.0]])
    _pool = F.max_pool2d if kind.value == "largest" else F.avg_pool2d
    _y = _pool(glass.tensor(_x[None, None]), 2).numpy()[0, 0]
    _came = blame_of(_x, _g, kind.value)
    _went_in = kit.matrix(_x, label="What went in", caption="what went in", width=2.3)
    _came_out = kit.matrix(_y, label="What came out", caption=f"what came out: the {kind.value}", width=2.3)
    _arrives = kit.matrix(_g, label="Blame that arrives", caption="blame that arrives", width=2.3)
    _received = kit.matrix(_came, signed=True, label="Blame received", caption="blame that each receives", width=2.3)
    mo.vstack([kit.row(_went_in, _came_out), kit.row(_received, _arrives)])
    return


@app.cell
def _():
    net, net_right = lenet()
    which = kit.slider("Digit", list(range(10)), 0)
    kit.text(
        r"""
        ### From a picture to a word

        LeNet (1998) does it twice: ask, pool, ask, pool. Its pooling keeps the mean of four, times a weight, plus a
        bias. Sixteen maps of 5 × 5 are left. Then the shared question ends: they are laid into one row of {row}
        numbers, each of which has weights of its own, and three ordinary layers decide. It learnt on this page from
        {taught:,} digits, drawn larger; of {asked} others it reads **{right:.1%}**. Send one of these through it.

        {which}
        """,
        row=16 * 5 * 5,
        taught=TAUGHT,
        asked=ASKED,
        right=net_right,
        which=which,
    )
    return net, which


@app.cell
def _(net, which):
    _images, _classes = digits(28)
    _at = TAUGHT + int(np.flatnonzero(_classes[TAUGHT:] == which.value)[0])
    _seen = maps(net, _images[_at])
    _said, _share = int(_seen["output"].argmax()), float(_seen["output"].max())
    _weights = {name.upper(): sum(p.numel() for p in layer.parameters()) for name, layer in net.named_children()}
    _dense = _weights["C5"] + _weights["F6"] + _weights["OUTPUT"]
    kit.levels(
        mo.vstack(
            [
                kit.pictures([*_seen["C1"], *_seen["S2"]], columns=6, caption="C1, 6 maps of 28 × 28; S2, pooled"),
                kit.pictures([*_seen["C3"], *_seen["S4"]], columns=8, caption="C3, 16 maps of 10 × 10; S4, pooled"),
            ]
        ),
        [
            {"layer": name, "shape": " × ".join(map(str, values.shape)), "weights": f"{_weights[name.upper()]:,}"}
            for name, values in _seen.items()
        ],
        r"""
        It is a {truth}. LeNet says **{said}**, with {share:.1%}.

        $$p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \qquad p_{said} = {share:.3f}$$

        The two convolutions and poolings, which look at every place, have {few:,} weights. The three layers behind have
        **{dense:,}**.
        """,
        truth=which.value,
        said=_said,
        share=_share,
        few=sum(_weights.values()) - _dense,
        dense=_dense,
    )
    return


@app.cell
def _():
    kit.text(
        r"""
        ## Half as high, half as wide {#read}

        The picture gets smaller and the maps get more. `flatten` forgets nothing by itself, but behind it no layer
        knows any more which places were neighbours.

        {forward}

        And the engine's max pooling: the value, and who is to blame.

        {pool}
        """,
        forward=kit.read(
            "models/lenet5.py",
            {
                "x = scaled_tanh(self.s2(x))": "Half as high, half as wide.",
                "x.flatten(1)": "From here on each place has weights of its own.",
            },
            part="LeNet5.forward",
        ),
        pool=kit.read(
            "glass/nn/functional/pool.py",
            {
                "np.maximum(y, framed[slot], out=y)": "Place after place of the window, for all windows at once.",
                "out[slot] += gate(even, hit)": "To where the largest was found; to the first, if there are two.",
            },
            part="_max_pool",
        ),
    )
    return


@app.cell
def _():
    size = kit.slider("Window", [1, 2, 4, 8], 8)
    kernels = mo.ui.switch(value=False, label="24 learnt kernels before the pooling")
    kit.text(
        r"""
        ## Forget too early {#break-it-mend-it}

        If a class has no place, why not throw the place away at once? Pool the digit itself, and let a linear layer
        read what is left. With a window of 8 that is a single number, the blackest pixel. **Mend it** in two ways:
        forget less, or *ask first* and forget then.

        {size} {kernels}
        """,
        size=size,
        kernels=kernels,
    )
    return kernels, size


@app.cell
def _(kernels, size):
    _right, _count = early(size.value, kernels.value)
    _moral = (
        "Now each number says *that* a stroke was found somewhere, and not how black a place is. What it is survives, "
        "though where is forgotten."
        if kernels.value and size.value == 8
        else "The kernels asked first; the pooling left some of where each answer came from."
        if kernels.value
        else "How black the blackest pixel is, every digit has in common."
        if size.value == 8
        else "A pixel says something only at its place."
    )
    kit.row(
        kit.pictures(
            [digits()[0][0], pooled(digits()[0][:1], size.value)[0]], ["a digit", "pooled"], width=3,
            label="A digit and the same after pooling its pixels",
        ),
        kit.bars(
            {"read right": 100 * _right, "blind guess": 10}, unit=" %", xlim=(0, 125),
            label="Share of unseen digits", caption=f"Of {ASKED} unseen digits. Numbers left: {_count:,}.",
        ),
        kit.text(_moral),
    )  # fmt: skip
    return


@app.cell
def _():
    side, kernel = 32, 5
    after = ((side - kernel + 1) // 2 - kernel + 1) // 2
    kit.check(
        kit.exercise("max_pool"),
        kit.exercise("pool_blame"),
        kit.answer(
            f"A picture of {side} × {side}: a convolution of {kernel} × {kernel} without a border, pooling by 2, "
            "and both once more. How many pixels wide are the maps in the end?",
            after,
            name="width",
            slips={
                side // 4: "A convolution without a border takes four pixels away, each time.",
                (side - 2 * (kernel - 1)) / 4: "In turn: convolve, pool, convolve, pool.",
                (side - kernel) // 2: "Of 32 places a window of 5 fits at 28; and there are four steps.",
                after**2: "That is how many pixels a map has.",
                (side - kernel + 1) // 2: "That is after the first two of the four steps.",
            },
            because="It is LeNet's way: 32, 28, 14, 10, 5.",
            hint="A window of 5 fits at 32 − 4 places; pooling halves them.",
            solution=f"32 − 4 = 28, half is 14; 14 − 4 = 10, half is {after}",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        LeNet, as in its paper, for two rounds through the digits. Then the default model for five: a small network of
        today, that ends in the *mean* of each map over all places: the last window is as large as the map.
        """,
        own_file="""
        With your own pictures, a folder with one folder per class inside, `animals/cat/1.jpg`, `animals/dog/7.png`:
        `deepglass train animals`. It says what it guessed, makes the pictures one size, and keeps some for the test.
        """,
        sources=[
            ("LeCun et al. (1998), Gradient-based learning for documents", "https://doi.org/10.1109/5.726791"),
            ("Scherer, Müller and Behnke (2010), Pooling operations", "https://doi.org/10.1007/978-3-642-15825-4_10"),
            ("Lin, Chen and Yan (2013), Network In Network", "https://arxiv.org/abs/1312.4400"),
            ("Zhang (2019), Making Convolutional Networks Shift-Invariant Again", "https://arxiv.org/abs/1904.11486"),
        ],
        onward="A net forgets a little of where at every pooling; the small nets of today forget the rest in one last "
        "mean. LeNet kept it, and that is where most of its weights sit. What does a layer cost?",
    )
    return


if __name__ == "__main__":
    app.run()
