"""Lesson 74: chips for one product. A systolic array, what is fused, and sums in sixteen bits."""

import marimo

app = marimo.App(width="medium", app_title="Chips for one product", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np
    import torch

    from deepglass.course import kit
    from deepglass.frameworks import running
    from deepglass.glass.foundations import systolic

    LESSON = {
        "title": "Chips for one product",
        "question": "What would a chip look like that only multiplies matrices?",
        "part": "Shipping",
        "minutes": 15,
        "reads": ["glass/foundations/systolic.py", "frameworks/scripts/in_jax.py"],
        "runs": ["deepglass frameworks jax"],
    }

    X = np.array([[1, 2, 1, 3], [2, 1, 3, 1], [1, 1, 2, 2]])  # three rows stream through …
    W = np.array([[1, 2, 1], [3, 1, 1], [1, 1, 2], [2, 1, 3]])  # … an array of 4 × 3 cells
    SIDE, FEW = 256, 16  # cells on each side of the first TPU's array; rows of a small batch
    BATCHES = [1, 4, 16, 64, 256, 1024, 4096]
    ONES = [10, 100, 256, 300, 1000, 5000]


@app.function
def film():
    """The sums in the cells, beat by beat, until the last one has left."""
    for beat in systolic.run(X, W):
        at_work = int((~np.isnan(beat.passing)).sum())
        left = int((~np.isnan(beat.done)).sum())
        yield kit.matrix(
            np.nan_to_num(beat.sums), [f"row {k + 1}" for k in range(len(W))], [f"column {n + 1}" for n in range(3)],
            numbers=True, signed=False, label=f"The sums that the cells hand down at beat {beat.number}", width=3.6,
            caption=f"Beat {beat.number}: {at_work} of {W.size} cells work; {left} of {len(X) * 3} results have left.",
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "A grid of twelve cells. Each holds one weight, and does one thing: it multiplies what comes from the left, "
        "adds what comes from above, and hands both on. Numbers enter at the left, each row of cells one beat later "
        "than the one above; at the bottom the entries of a **matrix product** drop out. Nobody "
        "fetches anything in between.",
        kit.film(film(), label="Beats", seconds=0.9, width=3.6),
        kit.guess(
            f"The first TPU had such a grid of {SIDE} × {SIDE} cells. A batch of {FEW} rows is sent through it. Over "
            "the whole time, from the first number in to the last one out, how many of the cells "
            "are at work on average?",
            ["Nearly all", "About half", "About one in thirty"],
            f"{systolic.busy(FEW, SIDE, SIDE):.1%}. {FEW} rows pass in {FEW} beats, but the wave "
            f"needs {systolic.beats(FEW, SIDE, SIDE)} to cross the grid from corner to corner. Such a chip is fast "
            "only where much goes through it in one go.",
        ),
    )
    return


@app.cell
def _():
    rows = kit.slider("Rows of the batch M", BATCHES, 256)
    side = kit.slider("Cells on each side", [8, 32, 128, 256], 256)
    _words = kit.text(
        """
        ## The wave has to fill the grid {#see}

        A cell works once for every row of the batch, and waits before its first and after its last one. With many rows
        the waiting is forgotten; with few it is nearly all. That is the first thing that such a chip changes: **shapes
        matter**. Large batches, and widths that are multiples of the grid: a layer of 257 units needs two grids, and
        the second one is nearly empty.

        {rows} {side}
        """,
        rows=rows,
        side=side,
    )
    kit.after_guess(_words)
    return rows, side


@app.cell
def _(rows, side):
    _m, _n = rows.value, side.value
    _share, _read = systolic.busy(_m, _n, _n), systolic.reads(_m, _n, _n)
    _shares = {f"{n} × {n}": [100 * systolic.busy(m, n, n) for m in BATCHES] for n in sorted({8, _n})}
    _page = kit.levels(
        kit.curves(
            _shares, BATCHES, log="x", ylim=(0, 100), xlabel="rows of the batch", ylabel="% of cells at work",
            points=True, label="How much of the grid works", marks={"now": 100 * _share},
        ),
        {
            "beats": systolic.beats(_m, _n, _n),
            "multiplications": _m * _n * _n,
            "numbers read by the grid": _read[0],
            "numbers read two for each product": _read[1],
        },
        r"""
        $$\frac{\blue{M}}{\blue{M} + K + N - 2} = \frac{{m}}{{beats}} = {share}$$

        $M$ rows, and a grid of $K \times N$ cells.
        """,
        m=_m,
        beats=systolic.beats(_m, _n, _n),
        share=f"{_share:.3f}",
    )  # fmt: skip
    kit.after_guess(_page)
    return


@app.function
def traffic(steps, numbers=1_000_000):
    """Bytes to and from memory for a chain of elementwise steps in float32, each by itself and all fused."""
    return 8 * steps * numbers, 8 * numbers


@app.cell
def _():
    _steps = np.arange(1, 7)
    _apart, _fused = (np.array([traffic(int(s))[i] for s in _steps]) / 1e6 for i in (0, 1))
    kit.row(
        kit.text(
            """
            ### What is not a product is fused

            A chip that multiplies so fast waits for memory with everything else. Take `relu(x · w + b)`, element by
            element: three steps. One by one, each reads its input from memory and writes its result back. A compiler
            that sees the whole graph makes **one** loop of them: read once, do all three, write once. (The weights are
            left out of the count.) This is the first thing that XLA does with a graph, on any chip, and the reason why
            JAX traces a function before it runs it.

            The second is less pleasant. A compiled program is for one set of shapes: a batch of 63 instead of 64 is
            compiled anew. So batches are padded, and the last one is left out or filled up.
            """
        ),
        kit.curves(
            {"one by one": _apart, "fused": _fused}, _steps, points=True, whole=True, xlabel="steps in a chain",
            ylabel="megabytes moved", label="Bytes moved for a million numbers",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    _jax = running.recorded()["jax"]
    kit.text(
        """
        ## The grid, and the way there {#read}

        {run}

        Nobody writes for the grid by hand. One writes functions of arrays; JAX traces them, and XLA compiles what was
        traced for a processor, a GPU or a TPU. The script is the same for all of them:

        {jax}

        On a processor, on {day}, with JAX {version}, what XLA had compiled was held against PyTorch: outputs of the
        three networks differ by {outputs}, gradients by {gradients}. No TPU was at hand for this course. What is said
        of them here is what their designers have published.
        """,
        run=kit.read(
            "glass/foundations/systolic.py",
            {
                "came[:, 1:] = passing[:, :-1]": "Everything moves one cell to the right.",
                "came[k, 0] = X[t - k, k]": "The only place where memory is read.",
                "above + came * W": "All cells, one multiplication each.",
            },
            part="run",
        ),
        jax=kit.read(
            "frameworks/scripts/in_jax.py",
            {"jax.jit(net)": "Outputs, gradient, step: each is traced once for every shape, and compiled."},
            part="Learner.__init__",
        ),
        day=_jax.measured,
        version=_jax.version,
        outputs=f"{_jax.worst('outputs'):.0e}",
        gradients=f"{_jax.worst('gradients'):.0e}",
    )  # fmt: skip
    return


@app.function
def counted(ones, keep):
    """1 + 1 + 1 + … in bfloat16; with `keep` the sum is kept in float32, as the grid keeps it."""
    one = torch.ones((), dtype=torch.bfloat16)
    total = torch.zeros((), dtype=torch.float32 if keep else torch.bfloat16)
    path = []
    for _ in range(ones):
        total = total + one
        path.append(float(total))
    return path


@app.cell
def _():
    ones = kit.slider("Ones that are added", ONES, 1000)
    kept = mo.ui.switch(label="sum in float32")
    kit.text(
        r"""
        ## Sixteen bits: break it, mend it {#break-it-mend-it}

        A cell that multiplies short numbers is smaller, so more of them fit. TPUs multiply **bfloat16**: the range of
        float32, and 8 bits of precision instead of 24. That does for weights and pictures. It does not for sums: add
        ones, and look where it ends. **Mend it**: multiply short numbers, and keep the sum in a long one. That is what
        the grid does.

        {ones} {kept}
        """,
        ones=ones,
        kept=kept,
    )
    return kept, ones


@app.cell
def _(kept, ones):
    _path = counted(ones.value, kept.value)
    _at = np.unique(np.linspace(0, len(_path) - 1, 60).astype(int))
    _true = _at + 1.0
    kit.levels(
        kit.curves(
            {"as it should be": _true, "the sum": np.array(_path)[_at]}, _at + 1, dashed={"as it should be"},
            xlabel="ones added", ylabel="sum", label="Counting in sixteen bits",
        ),
        {"ones": ones.value, "sum": _path[-1], "lost": ones.value - _path[-1]},
        r"""
        $$256 + 1 \;\to\; 256 \quad\text{in bfloat16}$$

        Its next number is 258. The lost one is halfway to the next number, and rounds back; so does every one after it.
        """,
    )  # fmt: skip
    return


@app.cell
def _():
    kit.check(
        kit.exercise("leaves_at"),
        kit.answer(
            f"{FEW} rows go through a grid of {SIDE} × {SIDE}. How many numbers are read, weights included?",
            systolic.reads(FEW, SIDE, SIDE)[0],
            name="reads",
            slips={
                FEW * SIDE: "The weights have to be put into the cells first.",
                SIDE * SIDE: "Those are the weights; the rows come as well.",
                systolic.reads(FEW, SIDE, SIDE)[1]: "So many if every multiplication fetched both of its numbers.",
            },
            because="Most of it is weights: with few rows, a chip mostly waits for them.",
            hint="Each input once, each weight once.",
            solution=f"{FEW} · {SIDE} + {SIDE} · {SIDE} = {systolic.reads(FEW, SIDE, SIDE)[0]:,}",
            tolerance=0.5,
        ),
        kit.choose(
            "Which of these does a TPU change about a network that was trained on a GPU?",
            {
                "Its architecture has to be another one": (False, "The same functions are compiled for it."),
                "The last digits, and which shapes are quick": (True, "Products of bfloat16, and grids to be filled."),
                "Its gradients have to be derived anew": (False, "They come from the same graph."),
            },
            name="change",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The command holds what XLA compiles against PyTorch: an MLP, a CNN and a GRU, outputs, gradients and an epoch.
        Where JAX is not installed it shows what was measured last, with the day; `--install` brings it into an
        environment of its own.
        """,
        own_file="""
        Before you rent a chip, ask what it would wait for: `deepglass doctor --bench --model MODEL` says how many
        operations your net has for every byte that it moves, and which of the two holds it up.
        """,
        sources=[
            ("Kung and Leiserson (1979), Systolic arrays (for VLSI)", "https://apps.dtic.mil/sti/citations/ADA066060"),
            ("Jouppi et al. (2017), In-datacenter performance analysis of a TPU", "https://arxiv.org/abs/1704.04760"),
            ("Kalamkar et al. (2019), A study of bfloat16 for deep learning", "https://arxiv.org/abs/1905.12322"),
        ],
        onward="The chip is in somebody else's cellar. What has to travel there, and what if it is taken away?",
    )
    return


if __name__ == "__main__":
    app.run()
