"""Lesson 72: one network, six frameworks. The same weights, the same numbers, and the places where they are not."""

import marimo

app = marimo.App(width="medium", app_title="One network, six frameworks", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch

    from deepglass.course import kit
    from deepglass.frameworks import running, script
    from deepglass.frameworks.traps import TRAPS, gates

    LESSON = {
        "title": "One network, six frameworks",
        "question": "Is a network the same network in another framework?",
        "part": "Shipping",
        "minutes": 20,
        "reads": ["frameworks/scripts/in_pytorch.py", "frameworks/scripts/in_jax.py", "frameworks/traps.py"],
        "runs": ["deepglass frameworks pytorch glass", "deepglass frameworks --output frameworks.html"],
    }

    LEARNT, EPOCHS = 1300, 12  # pictures, the others are unseen
    SHOWN = 3  # the picture of the film
    ORDERS = {"as PyTorch has them": (0, 1), "as Keras has them": (1, 0)}


@app.function
@cache
def learnt():
    """The GRU of the scripts, trained by PyTorch: its weights by name, in float64."""
    x, y = (torch.tensor(part[:LEARNT]) for part in running.pictures())
    w = {name: torch.tensor(value, requires_grad=True) for name, value in running.weights("gru").items()}
    gru = torch.nn.GRU(8, 16, batch_first=True)
    own = {name.removeprefix("gru."): value for name, value in w.items() if name.startswith("gru.")}
    optimizer = torch.optim.Adam(w.values(), lr=0.01)
    shuffled = torch.Generator().manual_seed(0)
    for _ in range(EPOCHS):
        for rows in torch.randperm(LEARNT, generator=shuffled).split(64):
            _, state = torch.func.functional_call(gru, own, (x[rows].reshape(-1, 8, 8),))
            loss = torch.nn.functional.cross_entropy(state[0] @ w["head.weight"].T + w["head.bias"], y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return {name: value.detach().numpy().astype(np.float64) for name, value in w.items()}


@app.function
def state_after(rows, order, picture=SHOWN):
    """What the trained GRU remembers of a picture (16,) after some of its rows; the rest is not read."""
    x = running.pictures()[0][[picture]].astype(np.float64)
    return gates(x[:, : 8 * rows], learnt(), order)[0]


@app.function
def right(order):
    """The share of unseen pictures that it gets right, with its gates read in this order."""
    x, y = (part[LEARNT:] for part in running.pictures())
    w = learnt()
    state = gates(x.astype(np.float64), w, order)
    return float(((state @ w["head.weight"].T + w["head.bias"]).argmax(1) == y).mean())


@app.function
def film():
    """One memory, read by two frameworks, row by row."""
    for rows in range(1, 9):
        states = {name: state_after(rows, order) for name, order in ORDERS.items()}
        off = np.abs(np.subtract(*states.values())).max()
        yield kit.curves(
            states, range(1, 17), xlabel="unit", ylabel="what it remembers", ylim=(-1, 1),
            label="The memory of a GRU, its gates read in two orders",
            caption=f"After {rows} of 8 rows of the picture they are up to {off:.2f} apart.",
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "A GRU reads a picture row by row, and its memory changes. Both curves come from **the same weights**, of the "
        "same shapes. One reader takes the first third of them for the gate that resets and the second for the gate "
        "that updates, as PyTorch does; the other takes them the other way round, as Keras does. Nobody gets an error.",
        kit.film(film(), label="Rows", seconds=0.8),
        kit.guess(
            "The GRU was trained to tell ten digits apart. It is read with its gates exchanged. How many of the unseen "
            "pictures does it still get right?",
            ["Nearly as many as before", "About half of what it was", "Hardly more than by chance"],
            f"{right((1, 0)):.0%}, where it was {right((0, 1)):.0%}. One in ten is chance. Both gates are numbers "
            "between 0 and 1, so all shapes fit and nothing looks broken but the answer.",
        ),
    )
    return


@app.cell
def _():
    _rows = [
        {
            "framework": script.TITLES[row.name],
            "version": row.version,
            "lines": row.lines,
            "outputs differ": f"{row.worst('outputs'):.0e}",
            "gradients differ": f"{row.worst('gradients'):.0e}",
            "an epoch of the CNN, ms": round(1000 * row.networks["cnn"]["epoch_s"]),
            "import, s": round(row.import_s, 2),
            "measured": row.measured,
        }
        for row in running.recorded().values()
    ]
    kit.text(
        """
        ## It can be the same {#see}

        Three networks, an MLP, a CNN and a GRU, were written once in every framework, and given **one file of
        weights**. Each was asked for its outputs, for every gradient, and to learn for an epoch. The judge is PyTorch
        in float64; everybody else, PyTorch included, computed in float32, whose steps near 1 are 10⁻⁷ wide.

        {rows}

        All agree: no difference of outputs or gradients is above 10⁻⁶. So a network is not a thing of a framework. It
        is its weights and a formula, and frameworks are ways to write the formula down. The seconds are the
        processor's own. Nets as small as these ask mostly for what a framework does *around* the arithmetic, so they
        say nothing about large ones.
        """,
        rows=kit.table(_rows),
    )
    return


@app.cell
def _():
    which = mo.ui.dropdown([trap.title for trap in TRAPS], value=TRAPS[0].title, label="Trap")
    cured = mo.ui.switch(label="cured")
    kit.text(
        """
        ## Where it goes wrong {#traps}

        The formula has to be the same one, and there the defaults differ. Choose a trap, and cure it. All of them were
        fallen into here, with the weights and pictures of the table.

        {which} {cured}
        """,
        which=which,
        cured=cured,
    )
    return cured, which


@app.cell
def _(cured, which):
    _trap = next(trap for trap in TRAPS if trap.title == which.value)
    _trapped, _mended, _right = (np.ravel(part)[:10] for part in _trap.falls())
    _found = _mended if cured.value else _trapped
    _off = _trap.left() if cured.value else _trap.off()
    _size, _power = f"{_off:.1e}".split("e")
    kit.levels(
        kit.curves(
            {"PyTorch": _right, "elsewhere": _found}, range(1, len(_right) + 1), points=True, dashed={"PyTorch"},
            xlabel="the first ten numbers", label=f"{_trap.title}: what PyTorch and the other framework say",
        ),
        {"PyTorch": _trap.pytorch, "elsewhere": _trap.others, "the cure": _trap.cure, "largest difference": _off},
        r"""
        $$\max_i \left|\,\orange{a_i} - \blue{p_i}\,\right| = {size}\cdot 10^{power}$$

        $a$ is what comes out elsewhere, $p$ what PyTorch says. Look at the largest difference, not at the mean: one
        wrong number in a thousand is a wrong formula, too.
        """,
        size=_size, power=str(int(_power)),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## Six ways to write it down {#read}

        **PyTorch** computes at once and notes what it did. The engine of this course is the same in NumPy: below their
        imports both scripts are one, letter by letter. **JAX** has no layers at all: a network is a function, and
        `grad` makes functions of functions.

        {pytorch} {jax}

        **TensorFlow** has variables that change in place, and a tape that one asks for. With `tf.function` it runs the
        Python once, with symbols, and keeps the graph. **Keras** is layers and a loop; what computes is exchangeable.

        {tensorflow} {keras}

        **MXNet**'s blocks ran at once *and* became graphs, in 2017. Its last release is of 2022, the project was
        retired in 2023: a good design did not save it, and what was written in it has to be moved. **Theano** had the
        graph first; in PyTensor it lives on, and the next lesson is about its idea.

        {mxnet} {pytensor}
        """,
        pytorch=kit.read(
            "frameworks/scripts/in_pytorch.py",
            {"self.optimizer.zero_grad()": "Gradients add up; here the old ones go."},
            part="Learner.learn",
        ),
        jax=kit.read(
            "frameworks/scripts/in_jax.py",
            {"hidden @ w": "The weights are an argument: nothing is hidden in an object."},
            part="mlp",
        ),
        tensorflow=kit.read(
            "frameworks/scripts/in_tensorflow.py",
            {"tf.GradientTape()": "From here on it is noted what happens to variables."},
            part="Learner.gradient",
        ),
        keras=kit.read(
            "frameworks/scripts/in_keras.py", {"shuffle=False": "Keras shuffles unless it is told not to."},
            part="Learner.learn",
        ),
        mxnet=kit.read(
            "frameworks/scripts/in_mxnet.py",
            {"autograd.record()": "A loss per example, not their mean: the step divides."},
            part="Learner.backward",
        ),
        pytensor=kit.read(
            "frameworks/scripts/in_pytensor.py",
            {"pt.maximum(x": "No number is computed in this line: it adds a node to a graph."},
            part="mlp",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    order = mo.ui.radio(list(ORDERS), value="as Keras has them", label="The gates are read", inline=True)
    kit.text(
        """
        ## Right shapes, wrong net: break it, mend it {#break-it-mend-it}

        This is the trained GRU of the guess. Its weights are those that PyTorch has learnt. Read them as Keras would,
        and look how little there is to see: the memory is still a row of numbers between −1 and 1. **Mend it**: read
        them as they were written. In a script that means to exchange the first two thirds of three arrays, once, when
        the file is read.

        {order}
        """,
        order=order,
    )
    return (order,)


@app.cell
def _(order):
    _states = {f"picture {i + 1}": state_after(8, ORDERS[order.value], i) for i in range(4)}
    _page = kit.row(
        kit.matrix(
            np.array(list(_states.values())), list(_states), numbers=False, signed=True, xlabel="16 units",
            label="What is remembered of four pictures",
        ),
        kit.bars(
            {"unseen pictures": 100 * right(ORDERS[order.value]), "by chance": 10.0}, xlim=(0, 100), unit=" %",
            label="Right answers", caption="Right answers, in per cent.",
        ),
    )  # fmt: skip
    kit.after_guess(_page)
    return


@app.cell
def _():
    kit.check(
        kit.exercise("move_gates"),
        kit.answer(
            "A CNN flattens 16 maps of 4 × 4. PyTorch has them as (C, H, W), TensorFlow as (H, W, C). At which place, "
            "counted from 0, does TensorFlow's flat vector have what PyTorch's has at place 37?",
            ((37 % 16) // 4 * 4 + 37 % 4) * 16 + 37 // 16,
            name="place",
            slips={37: "That is where PyTorch has it.", 2 * 16 + 5: "That is its map times 16, plus its place in it."},
            because="A net that is moved without it looks at the right numbers in the wrong places.",
            hint="37 = 16 · 2 + 4 · 1 + 1: map 2, row 1, column 1.",
            solution="(row · 4 + column) · 16 + map = (1 · 4 + 1) · 16 + 2 = 82",
            tolerance=0.5,
        ),
        kit.choose(
            "Moved weights give outputs that differ from the old ones by 3 · 10⁻³, everywhere a little. What is it?",
            {
                "Rounding": (False, "Rounding in float32 is about 10⁻⁷ near 1; this is ten thousand times more."),
                "A different epsilon, or an average kept another way": (True, "Small, smooth, everywhere: a constant."),
                "The wrong gate order": (False, "That is off by tenths, and the answers are lost."),
            },
            name="small_difference",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The first command runs what is installed here, PyTorch and the engine of this course; with no name it shows all
        of them, the others as they were measured last. `--install` brings each into an environment of its own: MXNet
        wants a NumPy of 2022, and TensorFlow would not share one with it. The page has the table, every trap beside its
        cure, and the scripts side by side.
        """,
        own_file="""
        To move a net of your own, do as the scripts do: one file with weights, inputs and the outputs of the old
        framework; a function per layer that turns weights over; and a test that the largest difference is near 10⁻⁷.
        Outputs first, then gradients, then a step of the optimiser. Where only answers are wanted and no training,
        `deepglass export runs/NAME --to onnx` is shorter.
        """,
        sources=[
            ("Paszke et al. (2019), PyTorch", "https://arxiv.org/abs/1912.01703"),
            ("Abadi et al. (2016), TensorFlow", "https://arxiv.org/abs/1605.08695"),
            ("Frostig, Johnson and Leary (2018), Compiling programs by tracing (JAX)",
             "https://mlsys.org/Conferences/doc/2018/146.pdf"),
            ("Chen et al. (2015), MXNet", "https://arxiv.org/abs/1512.01274"),
            ("The Theano Development Team (2016), Theano", "https://arxiv.org/abs/1605.02688"),
        ],
        onward="Theano had the graph before it had a number. What can be done with a sum that nobody has computed yet?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
