"""Lesson 23: convolution. Nine numbers look at every place of a picture, and answer for all of them."""

import marimo

app = marimo.App(width="medium", app_title="Convolution", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np
    from sklearn.datasets import load_digits

    from deepglass.course import kit
    from deepglass.glass.foundations import shared_kernel as one

    LESSON = {
        "title": "Convolution",
        "question": "How can nine numbers see a whole picture?",
        "part": "Pictures",
        "minutes": 20,
        "reads": ["glass/nn/functional/conv.py", "glass/foundations/shared_kernel.py"],
        "runs": [
            "deepglass train digits --model lenet5 --epochs 2 --run runs/digits",
            "deepglass trace runs/digits digits --backward",
        ],
    }

    UPRIGHT = np.array([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]])  # answers to upright edges


@app.function
def digit(side=8):
    """The first of the bundled digits, in [0, 1]; larger ones are drawn between its pixels."""
    image = load_digits().images[0] / 16
    places, known = np.linspace(0, 7, side), np.arange(8)
    wide = np.array([np.interp(places, known, row) for row in image])
    return np.array([np.interp(places, known, column) for column in wide.T]).T


@app.function
def blamed():
    """A kernel of zeros should have answered a picture (6, 6) as UPRIGHT does: the picture, and its answers' blame."""
    x = digit()[1:7, 1:7]
    return x, -one.convolved(x, UPRIGHT)  # of half the sum of squares: what was said, 0, less what was wanted


@app.cell
def _():
    kit.opening(
        LESSON,
        "Nine numbers walk across a digit. Wherever they stop, they are multiplied with what lies below them, and "
        "added up: one number of the answer. Paint on the digit. Take a number of the kernel and drag it up or down.",
        kit.kernel(digit(16), label="A handwritten zero, 16 × 16 pixels"),
    )
    return


@app.cell
def _():
    kit.guess(
        f"Nine weights made all {14 * 14} numbers of the answer, and every one of these is a little wrong. What is the "
        "blame of a single weight?",
        [
            "What the worst place says",
            "The mean of what all places say",
            "The sum of what all places say",
            "It has another blame at every place, and splits",
        ],
        "The <b>sum</b>. One weight is used at every place, so a nudge of it is felt at every place, and all these "
        "changes of the loss happen. It is lesson 11's rule for ways that meet.",
    )
    return


@app.cell
def _():
    kit.text(
        r"""
        ## A question, asked everywhere {#see}

        The window asks one question at every place. *Upright edges*: is there more ink on the right than on the left?
        Where the picture is even, the negative and the positive numbers cancel, and the answer is 0. *Blur* asks for
        the mean of nine, *sharpen* adds to a pixel what it has more than its neighbours. In a formula, for the place in
        row $r$ and column $c$:

        $$\green{y_{rc}} = \sum_{i=0}^{2} \sum_{j=0}^{2} \blue{w_{ij}} \cdot x_{r+i,\,c+j}$$

        A dense layer from {pixels} pixels to {answers} answers has {dense:,} weights, one for every pair. Here there
        are **{shared}**. Two promises are built in: an answer depends on what is *near*, and the question is the *same*
        everywhere. So when the digit moves, its answer moves with it, and is not another one.

        Nobody has to think of the nine numbers. Below they begin as zeros, and know only what the answer should have
        been. Their blame finds the rest.
        """,
        pixels=16 * 16,
        answers=14 * 14,
        dense=16**2 * 14**2,
        shared=9,
    )
    return


@app.cell
def _():
    _kernels, _losses = one.find(digit(), one.convolved(digit(), UPRIGHT))
    _moments = [*range(0, 12), *range(14, 40, 4), *range(40, 101, 10)]
    kit.film(
        (
            kit.matrix(
                _kernels[step].round(2) + 0.0,
                signed=True,
                width=2.8,
                label="The kernel",
                caption=f"Step {step}: loss {_losses[step]:.3g}",
            )
            for step in _moments
        ),
        label="Steps of learning a kernel",
        seconds=0.4,
    )
    return


@app.cell
def _():
    _words = kit.text(
        r"""
        ## Nine numbers to blame

        Watch that blame once by hand. The kernel is still all zeros; each of the {places} answers knows by how much it
        is wrong. Send one of them to the weights: its blame, times the window that it looked at. Then move on.
        """,
        places=16,
    )
    place = kit.slider("Place", list(range(1, 17)), 6)
    mo.vstack([_words, kit.after_guess(place)])
    return (place,)


@app.function
def draw_place(x, g, place):
    """The picture with the window of a place, and the blame of the answers with the place marked."""
    fig, (left, right) = kit.figure(width=4.3, height=2.3, columns=2)
    r, c = divmod(place, g.shape[1])
    left.imshow(x, cmap=kit.MUCH, vmin=0, vmax=1)
    right.imshow(g, cmap=kit.MORE_AND_LESS, vmin=-np.abs(g).max(), vmax=np.abs(g).max())
    for (row, column), value in np.ndenumerate(g):
        right.text(column, row, f"{value:.1f}".replace("-", "−"), ha="center", va="center", fontsize=8.5)
    for ax, side in ((left, 3), (right, 1)):
        across, down = np.array([0, side, side, 0, 0]) + c - 0.5, np.array([0, 0, side, side, 0]) + r - 0.5
        ax.plot(across, down, color=kit.GOLD, linewidth=3)
        ax.set(xticks=[], yticks=[])
    left.set_title("the picture", fontsize=10)
    right.set_title("blame of the answers", fontsize=10)
    return kit.html(fig, f"Place {place + 1}, row {r + 1} and column {c + 1}: its blame is {g[r, c]:.2f}")


@app.cell
def _(place):
    _x, _g = blamed()
    _at = place.value - 1
    _shares = [one.share(_x, _g, i) for i in range(16)]
    _r, _c = divmod(_at, 4)
    _shown = kit.levels(
        draw_place(_x, _g, _at),
        kit.row(
            kit.matrix(
                _shares[_at], signed=True, label="Share of this place", caption="share of this place", width=2.2
            ),
            kit.matrix(
                sum(_shares[: _at + 1]), signed=True, label="Sum so far", caption=f"sum of {place.value}", width=2.2
            ),
        ),
        kit.text(
            r"""
            $$\frac{\partial L}{\partial \blue{w_{ij}}} = \sum_{r,\,c} \orange{g_{rc}} \cdot x_{r+i,\,c+j}$$

            Here $r$ = {r}, $c$ = {c} and $\orange{g_{rc}}$ = {g:.2f}. After the last place, the middle right weight has
            {end:.2f}; the engine says {engine:.2f}.
            """,
            r=_r + 1,
            c=_c + 1,
            g=_g[_r, _c],
            end=sum(_shares)[1, 2],
            engine=one.engines_blame(_x, _g, UPRIGHT)[0][1, 2],
        ),
    )
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    _x, _g = blamed()
    _own, _engines = one.blame_of_picture(_g, UPRIGHT), one.engines_blame(_x, _g, UPRIGHT)[1]
    kit.after_guess(
        kit.text(
            r"""
            Look at the formula once more: it is the formula of the convolution, with the blame in the place of the
            kernel. And the **picture's** blame, which a layer below would wait for? A pixel was read by up to nine
            windows, by each with another weight. Turn the kernel by half a turn, give the blame a border of zeros, and
            convolve: every pixel collects from all windows that read it. So all three passes are one kind of work. In
            the picture, the largest difference from the engine's backward pass is {off:.1g}.

            {pictures}
            """,
            off=float(np.abs(_own - _engines).max()),
            pictures=kit.pictures(
                [part / np.abs(part).max() for part in (_g, UPRIGHT[::-1, ::-1], _own)],
                ["answers", "kernel", "picture"],
                colors="signed",
                caption="Blame of the answers, the kernel half turned, and what they make: blame of the picture.",
            ),
        ),
        silently=True,
    )
    return


@app.cell
def _():
    kit.text(
        r"""
        ## All places at once {#read}

        The engine lays all windows side by side as columns. Then the walk is a single product of two matrices, and the
        three blames stand below it, each in a line.

        {code}

        What is called *convolution* here and in every library is, strictly, a *cross-correlation*: mathematicians turn
        the kernel first. For a kernel that is learnt it makes no difference.
        """,
        code=kit.read(
            "glass/nn/functional/conv.py",
            {
                "cols = columns(x, *window)": "Every window a column; what overlaps is there several times.",
                "y = np.matmul(w, cols)": "All places at once: the same weights meet every column.",
                "return fold(np.matmul(w.swapaxes(1, 2)": "To the pixels: added where windows overlap.",
                "cols.swapaxes(1, 2)).reshape(weight.shape)": "To a weight: one product for all places.",
            },
            part="_conv",
        ),
    )
    return


@app.cell
def _():
    shared = mo.ui.switch(value=False, label="All places share their weights")
    both = mo.ui.switch(value=False, label="Teach it strokes in both halves")
    kit.text(
        r"""
        ## Take the sharing away {#break-it-mend-it}

        Is the stroke in a noisy picture upright, or does it lie? The net has four kernels of 3 × 3 and hears the
        loudest answer of each. It is taught with strokes in the **left half** only. And the promise is broken: every
        place has kernels of its own. What does it know of the right half?

        {shared} {both}
        """,
        shared=shared,
        both=both,
    )
    return both, shared


@app.cell
def _(both, shared):
    _right, _weights = one.learn(shared.value, one.HALVES if both.value else ("left",))
    _moral = (
        "What is learnt at one place is known at all of them, for the weights that learnt it are the weights there."
        if shared.value
        else "Every place saw strokes, so every place has learnt them: each for itself, with many times the weights."
        if both.value
        else "In the right half there was nothing but noise to learn from. There it guesses. **Mend it**: share the "
        "weights, or teach every place by itself."
    )
    _examples = np.concatenate([one.strokes(2, half, seed=4)[0] for half in one.HALVES])
    kit.row(
        kit.bars(
            {f"{half} half": share for half, share in _right.items()},
            xlim=(0, 1.15),
            label="Share of 300 new strokes that is judged right",
            caption=f"Share of new strokes judged right; {_weights:,} weights. A guess is right half of the time.",
            height=1.7,
        ),
        kit.pictures(
            _examples / 1.4, [half for half in one.HALVES for _ in range(2)], columns=2, width=3, label="Noisy pictures"
        ),
        kit.text(_moral),
    )
    return


@app.cell
def _():
    side, channels, kernels, size = 28, 1, 6, 5
    kit.check(
        kit.exercise("convolve"),
        kit.exercise("kernel_blame"),
        kit.answer(
            f"LeNet's first layer: {kernels} kernels of {size} × {size} look at a grey picture of {side} × "
            f"{side}, each "
            "with a bias. How many weights, biases included?",
            kernels * (size * size * channels + 1),
            name="weights",
            slips={
                kernels * size * size: "Every kernel has a bias too.",
                kernels
                * size
                * size
                * side
                * side: "The weights are shared: however often they are used, they are there once.",
                size * size + 1: "That is one kernel.",
                kernels
                * (size * size + 1)
                * (side - size + 1) ** 2: "That is how many products it takes, not how many weights.",
            },
            because="The size of the picture is not in it.",
            hint="One kernel has 5 · 5 weights and a bias.",
            solution=f"{kernels} · ({size} · {size} + 1) = {kernels * (size * size + 1)}",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        LeNet on handwritten digits, and then one digit on its way through it: look for `conv`. In the column `shape`
        the picture gets smaller and the kernels get more; `of weights` is the blame of this lesson.
        """,
        own_file="""
        With your own pictures: put them into a folder with one folder per class inside, `animals/cat/1.jpg`,
        `animals/dog/7.png`, and give that folder's name: `deepglass train animals --model lenet5`.
        """,
        sources=[
            ("Fukushima (1980), Neocognitron", "https://doi.org/10.1007/BF00344251"),
            ("LeCun et al. (1989), Backpropagation applied to zip codes", "https://doi.org/10.1162/neco.1989.1.4.541"),
            ("LeCun et al. (1998), Gradient-based learning for documents", "https://doi.org/10.1109/5.726791"),
            ("Dumoulin and Visin (2016), A guide to convolution arithmetic", "https://arxiv.org/abs/1603.07285"),
        ],
        onward="Nine numbers see a picture by asking the same everywhere, and answer for it everywhere. But a class "
        "has no place. Who gathers the answers?",
    )
    return


if __name__ == "__main__":
    app.run()
