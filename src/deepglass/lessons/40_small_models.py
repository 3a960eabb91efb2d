"""Lesson 40: small models. Weights on a grid of few bits, weights left out, and the range that calibration finds."""

import marimo

app = marimo.App(width="medium", app_title="Small models for small devices", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass.foundations import rounding, three_learners

    LESSON = {
        "title": "Small models for small devices",
        "question": "How few bits does a weight need?",
        "part": "Shipping",
        "minutes": 15,
        "reads": ["glass/foundations/rounding.py", "deploy/shrink/int8.py", "deploy/shrink/prune.py"],
        "runs": [
            "deepglass train digits --model cnn --epochs 5 --run runs/digits",
            "deepglass shrink runs/digits --by int8",
            "deepglass shrink runs/digits --by prune --epochs 1",
        ],
    }
    BITS, SHARES = [8, 7, 6, 5, 4, 3, 2], [0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95]
    TAUGHT, DEAD = 1297, 0  # digits to learn from, of 1,797; and a pixel that is paper on every one of them
    compute_once = cache


@app.function
@compute_once
def digits():
    """Pixels from 0 to 1 and classes: those to learn from, and 500 for the test."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    X, y = X[order] / 16, y[order]
    return X[:TAUGHT], y[:TAUGHT], X[TAUGHT:], y[TAUGHT:]


@app.function
@compute_once
def trained():
    """The weights of a net 64-128-10 that has learnt the digits: W (128, 64), b, V (10, 128), c."""
    X, y, *_ = digits()
    glass.manual_seed(0)
    net = three_learners.train(three_learners.small_net(64, 10), X, y)
    return tuple(parameter.detach().numpy().astype(float) for parameter in net.parameters())


@app.function
def units(weights, X):
    """What the hidden units say, (n, 128)."""
    return np.maximum(X @ weights[0].T + weights[1], 0)


@app.function
def accuracy(weights, through=lambda h: h):
    """Share of the test digits that are read right; `through` is what happens to the hidden units' numbers."""
    *_, X, y = digits()
    return float(((through(units(weights, X)) @ weights[2].T + weights[3]).argmax(1) == y).mean())


@app.function
def in_bits(weights, bits, by_row=False):
    """The same net with both matrices on a grid of so many bits, and the bytes that they take with their scales."""
    made, size = [], 0
    for array in weights:
        if array.ndim == 1:
            made.append(array)
            continue
        whole, scale = rounding.round_to(array, bits, axis=0 if by_row else None)
        made.append(scale * whole)
        size += rounding.packed_bytes(whole, bits) + 4 * np.size(scale)
    return made, size


@app.function
def cut(weights, share):
    """The same net without the smallest weights, and the bytes of what is left in int8 behind a compressor."""
    made = [rounding.prune(array, share) if array.ndim == 2 else array for array in weights]
    return made, sum(rounding.squeezed_bytes(rounding.round_to(a, 8)[0]) for a in made if a.ndim == 2)


@app.function
def by_lot(share, seed=0):
    """The same net without as many weights, whichever."""
    rng = np.random.default_rng(seed)
    return [np.where(rng.random(a.shape) < share, 0, a) if a.ndim == 2 else a for a in trained()]


@app.function
def draw_grid(ax, row, bits):
    """One unit's weights above, where rounding puts them below, and the grid that they fall onto."""
    whole, scale = rounding.round_to(row, bits)
    most = 2 ** (bits - 1) - 1
    ax.clear()
    for level in range(-most, most + 1):
        ax.plot([level * scale] * 2, [-0.25, 0.12], color=kit.FAINT, linewidth=max(0.4, 3.2 - 0.4 * bits))
    for weight, place in zip(row, scale * whole):
        ax.plot([weight, place], [1, 0], color=kit.GREY, linewidth=0.6, alpha=0.6)
    ax.scatter(row, np.ones(len(row)), s=16, color=kit.BLUE, zorder=3)
    ax.scatter(scale * whole, np.zeros(len(row)), s=22, marker="D", color=kit.ORANGE, zorder=3)
    ax.text(row.min(), 1.13, "as learnt", color=kit.BLUE)
    ax.text(row.min(), -0.42, f"in {bits} bits", color=kit.ORANGE, va="top")
    reach = 1.05 * np.abs(row).max()
    ax.set(xlim=(-reach, reach), ylim=(-0.75, 1.45), yticks=[], xlabel="weight")
    ax.grid(visible=False)


@app.function
def falling():
    """The film: the 64 weights of one unit fall onto coarser and coarser grids."""
    row = trained()[0][3]
    fig, ax = kit.figure(4.3, 2.5)

    def draw(number):
        bits = BITS[number]
        draw_grid(ax, row, bits)
        return f"{bits} bits: {2**bits - 1} places for a weight; {bits / 32:.0%} of the file in float32."

    return kit.frames(fig, draw, len(BITS), "The weights of one unit, and the places that they are rounded to.")


@app.cell
def _():
    _weights = trained()
    _whole = accuracy(_weights)
    _right = {bits: accuracy(in_bits(_weights, bits, by_row=True)[0]) for bits in BITS}
    _few = min(bits for bits in BITS if _right[bits] > _whole - 0.01)
    kit.opening(
        LESSON,
        "A network has learnt to read digits. Here are the 64 weights of one of its units, on the way into fewer and "
        "fewer bits.",
        kit.film(falling(), label="Bits of a weight", seconds=1.1),
        kit.guess(
            f"In 32 bits per weight the net reads {_whole:.1%} of 500 unseen digits. How few bits can it have, and "
            "lose less than one point?",
            ["16", "8", "6", "4", "3", "2"],
            f"{_few}, if each unit has a grid of its own; with one bit less it reads {_right[_few - 1]:.0%}. Nothing "
            "was learnt again: the weights were only rounded. One weight is far off then, but a sum of 64 of them is "
            "not, because the errors have both signs. (Digits are easy, and the net has room to spare. Eight bits is "
            "what one can nearly always have.)",
        ),
    )
    return


@app.cell
def _():
    bits = kit.slider("Bits of a weight", BITS, 3)
    kit.text(
        r"""
        ## Numbers on a grid {#see}

        A network on a telephone, a watch or a camera has to be downloaded, has to fit, and every weight has to be
        carried from memory to the processor for every answer. Fewer bits help with all three. The grid of
        **$B$ bits** reaches from minus to plus the largest weight, with the same step everywhere; zero is one of its
        places. What is stored is the number of the place, and for each unit the length of its step.

        {bits}
        """,
        bits=kit.after_guess(bits),
    )
    return (bits,)


@app.cell
def _(bits):
    _row = trained()[0][3]
    _whole, _scale = rounding.round_to(_row, bits.value)
    _net, _size = in_bits(trained(), bits.value, by_row=True)
    _i = int(np.argsort(np.abs(_row))[-5])  # a large one, which is not the largest
    fig_grid, _ax = kit.figure(4.3, 2.5)
    draw_grid(_ax, _row, bits.value)
    _told = (
        f"64 weights on {2**bits.value - 1} places; the farthest moves by {np.abs(_row - _scale * _whole).max():.3f}."
    )
    _levels = kit.levels(
        kit.html(fig_grid, _told, _told),
        {
            "bytes of the weights": _size,
            "… of what float32 takes": f"{_size / (4 * sum(a.size for a in trained() if a.ndim == 2)):.0%}",
            "digits read right": f"{accuracy(_net):.1%}",
            "… in float32": f"{accuracy(trained()):.1%}",
        },
        r"""
        $$\text{one step} = \frac{\max|\blue{w}|}{2^{B-1} - 1} = \frac{largest}{most} = {size}$$

        $$\orange{q} = \text{round}\!\left(\frac{\blue{weight}}{size}\right) = \orange{whole}$$

        $$\text{back: } {size} \cdot (\orange{whole}) = {back}$$
        """,
        largest=f"{np.abs(_row).max():.3f}",
        most=2 ** (bits.value - 1) - 1,
        size=f"{_scale:.4f}",
        weight=f"{_row[_i]:.3f}",
        whole=int(_whole[_i]),
        back=f"{_scale * _whole[_i]:.3f}",
    )
    kit.after_guess(_levels, silently=True)
    return


@app.cell
def _():
    _weights = trained()
    _rounded = [in_bits(_weights, bits, by_row=True) for bits in BITS]
    _cut = [cut(_weights, share) for share in SHARES]
    _y = {"ylabel": "digits read right, %", "ylim": (0, 105)}
    _ways = {"fewer bits": _rounded, "fewer weights": _cut}
    _ways = {
        name: ([size / 1000 for _, size in nets], [100 * accuracy(net) for net, _ in nets])
        for name, nets in _ways.items()
    }
    _sizes = kit.curves(_ways, label="Digits read right, by size", xlabel="thousand bytes of weights", **_y)
    _which = {"the smallest": _ways["fewer weights"][1], "any": [100 * accuracy(by_lot(s)) for s in SHARES]}
    _cuts = [100 * share for share in SHARES]
    _picked = kit.curves(_which, _cuts, label="Digits read right, by cut", xlabel="weights set to zero, %", **_y)
    _words = kit.text(
        """
        ### Two ways to be small

        One can also leave weights out: **pruning** sets the smallest to zero. Which ones matters. Cut {share:.0%} of
        them by size, and the net reads {kept:.0%} of the digits; cut as many by lot, and it reads {lost:.0%}.

        Zeros take as much room as other numbers until a compressor goes over them, and a processor multiplies by zero
        like by anything. So pruned weights save download, not time, unless whole units or patterns go. Usually the
        net learns a little more after the cut, the zeros held at zero; here nothing was learnt again, for either way.

        {sizes} {picked}
        """,
        share=SHARES[3],
        kept=accuracy(_cut[3][0]),
        lost=accuracy(by_lot(SHARES[3])),
        sizes=_sizes,
        picked=_picked,
    )
    kit.after_guess(_words, silently=True)
    return


@app.function
def range_error(high, bits=4):
    """Root mean square error of the hidden units' numbers on the test digits, if the range ends at `high`."""
    h = units(trained(), digits()[2])
    scale, zero = rounding.calibrate(np.array([0.0, high]), bits)
    return float(np.sqrt(((rounding.round_range(h, scale, zero, bits) - h) ** 2).mean()))


@app.function
def seen_on(count, wild=False):
    """The largest number of a hidden unit on so many training digits, with one of them ten times too bright if wild."""
    X = digits()[0][:count].copy()
    X[0] *= 10 if wild else 1
    return float(units(trained(), X).max())


@app.cell
def _():
    _ranges = np.linspace(0.6, 28, 90)
    _errors = [range_error(high) for high in _ranges]
    _ends = {"1 digit": seen_on(1), "256 digits": seen_on(256), "256, one wild": seen_on(256, wild=True)}
    _dots = {name: ([high], [range_error(high)]) for name, high in _ends.items()}
    _axes = {"xlabel": "where the range ends", "ylabel": "error of a unit's number", "ylim": (0, 1.1 * max(_errors))}
    _curve = kit.curves({"error": (_ranges, _errors)} | _dots, points=set(_dots), label="Error in 4 bits", **_axes)
    kit.row(
        kit.text(
            """
            ### What calibration is for

            Weights lie still; what runs through the net does not. To compute in whole numbers, the **units'** numbers
            need a grid too, and its range has to be fixed before the pictures come. So some pictures are sent through
            beforehand and the range is looked at: *calibration*.

            Too narrow a range cuts off what lies beyond it; too wide a one wastes its places on what never comes. The
            best end is at {best:.1f}, below the largest number of all, because in 4 bits fine steps for many are worth
            a few that are cut. One digit shows {one:.1f}, 256 show {many:.1f}, and one picture ten times too bright
            among them would set {wild:.0f}.
            """,
            best=_ranges[int(np.argmin(_errors))],
            one=_ends["1 digit"],
            many=_ends["256 digits"],
            wild=_ends["256, one wild"],
        ),
        _curve,
    )
    return


@app.cell
def _():
    kit.text(
        """
        ## Two lines that round {#read}

        {code}

        The same on a real graph, with unsigned numbers and per channel, is `deepglass read deploy/shrink/int8.py`.
        """,
        code=kit.read(
            "glass/foundations/rounding.py",
            {
                "largest = np.abs(weights)": "The one weight that sets the step for all others, or for its row.",
                "return np.rint(weights / scale)": "Whole numbers to store, and the step to multiply with later.",
            },
            part="round_to",
        ),
    )
    return


@app.function
def planted(times):
    """The net with one weight of a unit, on a pixel that is never inked, so many times the largest of all."""
    weights = [array.copy() for array in trained()]
    weights[0][3, DEAD] = times * np.abs(weights[0]).max()
    return weights


@app.cell
def _():
    times = kit.slider("The planted weight, times the largest", [1, 2, 5, 10, 20, 50], 20)
    by_row = mo.ui.switch(label="Mend it: a grid for each unit")
    kit.text(
        """
        ## One weight too many: break it, mend it {#break-it-mend-it}

        One weight of the {count:,} becomes very large. It belongs to the corner pixel, which is paper on every digit,
        so the net in float32 does not even notice. In {bits} bits it does: the largest weight sets the step, and on the
        coarse grid of that one nearly all others fall onto zero. **Mend it** with the switch: every unit gets a step of
        its own, and only one of 128 units is spoilt.

        {times} {by_row}
        """,
        count=sum(array.size for array in trained() if array.ndim == 2),
        bits=6,
        times=times,
        by_row=by_row,
    )
    return by_row, times


@app.cell
def _(by_row, times):
    _net = planted(times.value)
    _small, _ = in_bits(_net, 6, by_row=by_row.value)
    _zero = float((_small[0] == 0).mean())
    kit.row(
        kit.bars(
            {"float32": 100 * accuracy(_net), "6 bits": 100 * accuracy(_small)}, unit=" %", xlim=(0, 118),
            label="Digits read right",
        ),
        kit.table(
            {
                "step of unit 1": float(np.ravel(rounding.round_to(_net[0], 6, 0 if by_row.value else None)[1])[0]),
                "weights of the first layer that became zero": f"{_zero:.0%}",
                "bytes for the steps": 4 * (138 if by_row.value else 2),
            }
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    _weights, _bits = 25_557_032, 8
    _megabytes = kit.answer(
        f"ResNet-50 has {_weights:,} weights. How many megabytes (of a million bytes) do they take in {_bits} bits?",
        _weights * _bits / 8 / 1e6,
        name="megabytes",
        slips={
            _weights * 4 / 1e6: "That is float32: four bytes each.",
            _weights * _bits / 1e6: "Those are megabits; a byte has eight bits.",
        },
        because="A quarter of float32, before any compressor.",
        hint="Eight bits are a byte.",
        solution=f"{_weights:,} · {_bits} / 8 = {_weights * _bits // 8:,} bytes",
        tolerance=0.05,
        unit="MB",
    )
    kit.check(kit.exercise("on_grid"), kit.exercise("leave_out"), _megabytes)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        A convolutional net for the digits, then made smaller in two ways: in `int8`, calibrated on training pictures,
        and pruned, after which it learns for one more epoch. Each prints size, accuracy and latency before and after,
        and says whether more than a point of accuracy went (`--most-lost` sets how much may).
        """,
        own_file="""
        Train on a folder of pictures with a folder per class, or on any table or text, and shrink the run:
        `deepglass train my_pictures --run runs/mine`, then `deepglass shrink runs/mine --by int8`.
        """,
        sources=[
            ("Jacob et al. (2018), Quantization and training for integer-arithmetic-only inference",
             "https://arxiv.org/abs/1712.05877"),
            ("Han et al. (2015), Learning both weights and connections", "https://arxiv.org/abs/1506.02626"),
            ("LeCun, Denker and Solla (1989), Optimal brain damage",
             "https://proceedings.neurips.cc/paper/1989/hash/6c9882bbac1c7093bd25041881277658-Abstract.html"),
            ("Nagel et al. (2021), A white paper on neural network quantization", "https://arxiv.org/abs/2106.08295"),
        ],
        onward="Small enough for one processor. The last question is the other way round: many processors for one net.",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
