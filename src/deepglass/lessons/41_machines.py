"""Lesson 41: GPUs and many machines. Halves of a batch, their mean, a ring, and why a thousand are not a thousand."""

import marimo

app = marimo.App(width="medium", app_title="GPUs and many machines", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass.foundations.all_reduce import mean_of_parts, speed_up
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "GPUs and many machines",
        "question": "Do two machines learn in half the time?",
        "part": "Shipping",
        "minutes": 15,
        "reads": ["glass/foundations/all_reduce.py", "training/parallel/processes.py", "core/device.py"],
        "runs": ["deepglass train digits --model mlp --epochs 2 --device auto"],
    }
    ROWS, START, RATE = 64, (-1.6, -1.3), 0.25
    MACHINES = [1, 2, 3, 4, 5, 7, 8, 16]


@app.function
def points(seed=5):
    """Sixty-four points near a line: X (64, 2), whose second column is 1, and y (64,)."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, ROWS)
    return np.stack([x, np.ones(ROWS)], 1), 1.3 * x + 0.4 + rng.normal(0, 0.6, ROWS)


@app.function
def loss_at(w):
    """Mean squared error on all rows, for many w (n, 2)."""
    X, y = points()
    return ((np.atleast_2d(w) @ X.T - y) ** 2).mean(1)


@app.function
def gradient(w, rows):
    """The gradient of the mean loss on some rows, by the engine's backward pass."""
    X, y = points()
    weights = glass.tensor(np.asarray(w, dtype=float), requires_grad=True)
    F.mse_loss(glass.tensor(X[rows]) @ weights, glass.tensor(y[rows])).backward()
    return weights.grad.numpy()


@app.function
def parts_of(machines):
    """The rows of each machine: as equal as they can be."""
    return np.array_split(np.arange(ROWS), machines)


@app.function
def descent(machines, steps=10):
    """The path (steps + 1, 2) of machines that each look at their own rows and step by the mean."""
    path, parts = [np.array(START)], parts_of(machines)
    for _ in range(steps):
        found = [gradient(path[-1], rows) for rows in parts]
        path.append(path[-1] - RATE * mean_of_parts(found, [len(rows) for rows in parts]))
    return np.array(path)


@app.function
def together(steps=8):
    """The film: where each half would go, and where both go."""
    path = descent(2, steps)
    window = {"xlim": (-2.1, 2.4), "ylim": (-1.9, 1.6), "xlabel": "slope w", "ylabel": "bias b"}
    colors = {"machine A": kit.BLUE, "machine B": kit.ORANGE, "both": kit.GREEN}
    for step in range(steps):
        here = path[step]
        wishes = [np.stack([here, here - 2 * RATE * gradient(here, rows)]) for rows in parts_of(2)]
        paths = {"machine A": wishes[0], "machine B": wishes[1], "both": path[: step + 2]}
        told = f"Step {step + 1}: A and B have looked at {ROWS // 2} rows each; both go where the mean points."
        yield kit.valley(loss_at, paths=paths, colors=colors, caption=told, **window)


@app.cell
def _():
    _share, _many = 0.95, 1000
    _faster = float(speed_up(_many, _share))
    kit.opening(
        LESSON,
        "Two machines share a batch. Each has half of the rows, and would go its own way (drawn twice as long). They "
        "exchange their gradients, take the mean, and make the same step.",
        kit.film(together(), label="Steps", seconds=0.9),
        kit.guess(
            f"Of the work of a training, {_share:.0%} can be shared among machines; the rest, reading the data and "
            f"saving, is done by one while the others wait. {_many:,} machines, and exchanging costs nothing. How many "
            "times faster is it?",
            [f"about {factor * _faster:,.0f} times" for factor in (48, 25, 5, 1)],
            f"About {_faster:.0f} times. The shared part shrinks to next to nothing, the other stays as it was, and "
            f"1 / {1 - _share:.2f} = {1 / (1 - _share):.0f} is the end of it, however many machines. This is Amdahl's "
            "law, of 1967.",
        ),
    )
    return


@app.cell
def _():
    machines = kit.slider("Machines", MACHINES, 4)
    weighted = mo.ui.switch(value=True, label="each counts as much as it has rows")
    kit.text(
        r"""
        ## Two halves are the whole {#see}

        The loss of a batch is a mean over its rows, and so is its gradient. A mean can be taken in parts. So each of
        $k$ machines keeps a copy of the network, looks at its own share of the rows, sends its gradient round, and
        takes the mean of all. Then all copies make the same step, and stay the same. This is **data parallel**
        training, and its path is that of one machine with the whole batch, up to rounding. (Layers that look at a whole
        batch, such as batch normalisation, see only their own share, unless they exchange their means too.)

        {machines} {weighted}
        """,
        machines=machines,
        weighted=weighted,
    )
    return machines, weighted


@app.function
def compared(machines, weighted=True):
    """Gradients of the parts, what is made of them, and the gradient of the whole batch, all at START."""
    parts = parts_of(machines)
    found = np.array([gradient(START, rows) for rows in parts])
    counts = [len(rows) for rows in parts] if weighted else [1] * machines
    return found, mean_of_parts(found, counts), gradient(START, np.arange(ROWS))


@app.cell
def _(machines, weighted):
    _k = machines.value
    _found, _mean, _whole = compared(_k, weighted.value)
    _groups = {"of a part": -_found, "their mean": -_mean[None], "whole batch": -_whole[None]}
    kit.levels(
        kit.scatter(
            _groups, label="Where the gradients of the parts point, their mean, and that of the whole batch",
            xlabel="minus the gradient, slope", ylabel="minus the gradient, bias",
        ),
        {
            "rows of a machine": " or ".join(map(str, sorted({len(rows) for rows in parts_of(_k)}))),
            "mean of the parts": f"{_mean[0]:.4f}, {_mean[1]:.4f}".replace("-", "−"),
            "gradient of all rows": f"{_whole[0]:.4f}, {_whole[1]:.4f}".replace("-", "−"),
            "largest difference": f"{np.abs(_mean - _whole).max():.0e}",
            "gradients that each sends, in a ring": 2 * (_k - 1) / _k,
        },
        r"""
        $$\green{g} = \frac{1}{\sum_i n_i} \sum_{i=1}^{k} n_i\, \blue{g_i}, \qquad k = count$$

        $n_i$ is how many rows machine $i$ has. With equal shares it is the plain mean.
        """.replace("count", str(_k)),
    )  # fmt: skip
    return


@app.cell
def _():
    _k = np.unique(np.round(np.logspace(0, 3, 40)).astype(int))
    _ends = {f"{share:.0%} shared": speed_up(_k, share) for share in (0.5, 0.9, 0.95, 0.99)}
    _talks = {name: speed_up(_k, 1.0, talk) for name, talk in (("talk 0.1 %", 0.001), ("1 %", 0.01), ("10 %", 0.1))}
    _axes = {"xlabel": "machines", "ylabel": "times faster", "log": "xy"}
    _words = kit.text(
        """
        ### Why a thousand are not a thousand

        What is not shared sets one end (left). The other is set by **talking**. In a ring, everybody sends pieces to
        the right, and after two rounds of it all have the sum; each has sent {sent:.2f} gradients with {few} machines
        and {more:.2f} with {many}. That hardly grows, but the work of each machine shrinks: with many of them, all
        do little and talk as long as ever. On the right everything is shared, and a machine's exchange costs a given
        part of a whole step.

        {ends} {talks}
        """,
        sent=2 * 3 / 4, few=4, more=2 * 63 / 64, many=64,
        ends=kit.curves(_ends, _k, label="Amdahl's law", **_axes),
        talks=kit.curves(_talks, _k, label="Everything shared, and the exchange", **_axes),
    )  # fmt: skip
    kit.after_guess(_words)
    return


@app.cell
def _():
    _batch = 2 ** np.arange(0, 11)
    _width = 512
    _products = 2 * _batch * _width**2  # multiplications and additions of (B, C) times (C, C)
    _bytes = 4 * (2 * _batch * _width + _width**2)
    kit.row(
        kit.text(
            r"""
            ### One machine of ten thousand small ones

            A GPU is many machines in one: thousands of simple units that do the same to different numbers. Most
            of the time they could compute faster than memory delivers the numbers. So one counts: **operations
            per byte** that is fetched. Multiply a batch of one row by a matrix, and each weight is fetched for a single
            product; multiply a thousand rows, and it is used a thousand times. That is why batches are large on a GPU,
            and why adding two vectors leaves most of its units idle.
            """
        ),
        kit.curves(
            _products / _bytes, _batch, label="Operations per byte of a product with a matrix of 512 × 512",
            xlabel="rows of a batch", ylabel="operations per byte", log="xy",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## Round in a ring {#read}

        {code}

        What training uses is PyTorch's own exchange: `deepglass read training/parallel/processes.py`.
        """,
        code=kit.read(
            "glass/foundations/all_reduce.py",
            {
                "pieces = [np.array_split": "As many pieces as machines: every one is on its way at the same time.",
                "pieces[right][number] =": "First round: add. Second round: take over what is finished.",
                "sent[m] += parcel.size": "Counted, not timed.",
            },
            part="ring",
        ),
    )
    return


@app.cell
def _():
    _k = 7
    _off = {k: float(np.abs(compared(k, weighted=False)[1] - compared(k)[2]).max()) for k in MACHINES}
    kit.text(
        """
        ## The mean of means: break it, mend it {#break-it-mend-it}

        Go back to the slider, choose **{k} machines**, and turn the switch off. {rows} rows do not divide by {k}: some
        machines have one row more, and their plain mean is no longer the gradient of the batch. It is off by {off:.3f}:
        the rows of the smaller shares count for more, at every step, and no error tells you. **Mend it**: let each
        count as much as it has rows. (Or let all have the same number, and leave out or repeat what is over.)

        {bars}
        """,
        k=_k,
        rows=ROWS,
        off=_off[_k],
        bars=kit.bars(
            {f"{k} machines": 1000 * off for k, off in _off.items()},
            label="How far the plain mean is off, in thousandths", xlabel="thousandths",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    _parameters, _k = 85_002, 4
    _bytes = 2 * (_k - 1) / _k * _parameters * 4
    _sent = kit.answer(
        f"A net has {_parameters:,} parameters in float32. In a ring of {_k} machines, how many bytes does each send "
        "for a step?",
        _bytes,
        name="sent",
        slips={
            _bytes / 4: "Those are numbers; each has four bytes.",
            _bytes / 2: "Twice round: once to add up, once to hand out.",
            _parameters * 4: "That is one gradient; a machine sends 2 · (k − 1)/k of it.",
        },
        because="Half a megabyte for every step, and there are hundreds in an epoch.",
        hint="2 · (k − 1)/k of a gradient.",
        solution=f"2 · {_k - 1}/{_k} · {_parameters:,} · 4 = {_bytes:,.0f}",
        tolerance=4,
    )
    kit.check(kit.exercise("joint_gradient"), kit.exercise("amdahl"), _sent)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        `--device auto` takes a GPU if there is one, and says what it took; without one it computes on the processor.
        Two machines learn in nearly half the time where nearly all of the work is shared and the exchange is short. On
        several processes, on one machine or many, the same command is started by PyTorch's launcher, two copies here:

        `torchrun --standalone --nproc-per-node 2 -m deepglass train digits --model mlp --epochs 2 --run runs/together`
        """,
        own_file="""
        Nothing about the data changes: `deepglass train my.csv --target COLUMN --device auto`. Before you rent a second
        machine, add `--profile`: it says how many examples per second are computed, where the time goes, and what to
        change first.
        """,
        sources=[
            ("Amdahl (1967), Validity of the single processor approach", "https://doi.org/10.1145/1465482.1465560"),
            ("Patarasuk and Yuan (2009), Bandwidth optimal all-reduce algorithms",
             "https://doi.org/10.1016/j.jpdc.2008.09.002"),
            ("Williams, Waterman and Patterson (2009), Roofline", "https://doi.org/10.1145/1498765.1498785"),
            ("Goyal et al. (2017), Accurate, large minibatch SGD", "https://arxiv.org/abs/1706.02677"),
        ],
        onward="",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
