"""Lesson 26: Inception, ResNet and the identity. Fifty layers that cannot learn, and one plus sign that lets them."""

import marimo

app = marimo.App(width="medium", app_title="Residual networks", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    from sklearn.datasets import load_digits

    from deepglass.core.catalogue import PACKAGE
    from deepglass.course import kit
    from deepglass.glass.foundations import fifty_layers
    from deepglass.zoo.on_glass import execute

    LESSON = {
        "title": "Residual networks",
        "question": "How deep can a net be?",
        "part": "Pictures",
        "minutes": 20,
        "reads": ["glass/foundations/fifty_layers.py", "models/resnet.py", "models/googlenet.py"],
        "runs": ["deepglass train digits --model resnet18 --epochs 1 --max-rows 400", "deepglass models googlenet"],
    }

    STEPS, SHORT, DEEP = 60, 6, 50
    WAYS = {"plain": 0.0, "residual": 1.0}
    COLORS = {"plain": kit.ORANGE, "residual": kit.BLUE}

    @cache
    def digits():
        X, y = load_digits(return_X_y=True)
        chosen = np.random.default_rng(0).permutation(len(X))[:512]
        return X[chosen] / 16, y[chosen]

    @cache
    def learnt(depth, shortcut):
        return fifty_layers.train(fifty_layers.build(depth, shortcut), *digits(), steps=STEPS)


@app.function
def before_learning(shortcut, depth=DEEP):
    """What a fresh net does: by block, how much of the digits is left, and the blame that comes back."""
    X, y = digits()
    net = fifty_layers.build(depth, shortcut)
    return fifty_layers.kept(net, X[:200], y[:200]), fifty_layers.blame(net, X[:128], y[:128])


@app.function
def narrowing():
    """Weights of GoogLeNet's first inception block by branch: as it is, and with every kernel on all the channels."""
    block = execute(PACKAGE / "models" / "googlenet.py").Inception(192, 64, (96, 128), (16, 32), 32)
    as_it_is, direct = {}, {}
    for name, branch in (("3 × 3", block.branch2), ("larger", block.branch3)):
        narrow, wide = (branch[i].conv.weight for i in (0, 1))
        as_it_is[name] = narrow.numel() + wide.numel()
        direct[name] = wide.shape[0] * narrow.shape[1] * wide.shape[2] * wide.shape[3]
    return as_it_is, direct


@app.cell
def _():
    _short, _deep = learnt(SHORT, 0.0), learnt(DEEP, 0.0)
    _moments, _at = [*range(5, STEPS + 1, 5)], {"colors": {f"{SHORT} layers": kit.GREEN, f"{DEEP} layers": kit.ORANGE}}
    _at |= {
        "marks": {"a blind guess": np.log(10)},
        "xlim": (0, STEPS),
        "ylim": (0, 3),
        "xlabel": "step",
        "ylabel": "loss",
    }

    def _pictures():
        for count, losses, before in ((SHORT, _short, {}), (DEEP, _deep, {f"{SHORT} layers": _short})):
            for until in _moments:
                told = f"Step {until}: {count} layers, loss {losses[until - 1]:.2f}"
                yield kit.curves(before | {f"{count} layers": losses[:until]}, label="Loss", caption=told, **_at)

    _film = kit.film(_pictures(), label="Steps of learning", seconds=0.35, waits_for="guess", held=len(_moments))
    _guess = kit.guess(
        f"Now {DEEP} layers instead of {SHORT}, built and started in the same way. They could copy the short net "
        "and pass its answer on. After the same steps, what is their loss on the digits that they learn from?",
        ["Lower: more layers, more can be learnt", "About the same", "Higher"],
        f"Higher: {_deep[-5:].mean():.2f}, where the short net has {_short[-5:].mean():.2f} and a blind guess "
        f"{np.log(10):.2f}. These are the digits that it <i>learns from</i>, so it is not overfitting. The deep "
        "net could do all that the short one does. It does not find it.",
    )
    kit.opening(
        LESSON,
        f"A plain net of {SHORT} layers learns to read digits. Everything that helps is there: He's start of "
        "lesson 15, the batch normalisation of lesson 18, momentum. Then make your guess.",
        _film,
        _guess,
    )
    return


@app.cell
def _():
    depth = kit.slider("Layers", [4, 6, 10, 20, 30, 50], 50)
    plus = mo.ui.switch(value=True, label="add the block's input: + x")
    _words = kit.text(
        r"""
        *Doing nothing* should be easy: a layer that passes on what it gets. For a plain layer it is hard. It would have
        to find, among all matrices, the one of ones on the diagonal, through a normalisation and a bend. He and others
        turned the question round in 2015. Let a block of two layers compute what should be **added** to what it gets:

        $$\text{plain: } y = \text{relu}(\orange{f}(x))$$

        $$\text{residual: } y = \text{relu}(\blue{x} + \orange{f}(x))$$

        Now doing nothing is where $\orange{f}$ is small. Both nets below begin with the same weights, read the same
        digits in the same order, and differ by that one sign. Switch it off.

        {depth} {plus}
        """,
        depth=depth,
        plus=plus,
    )
    kit.text("## One plus sign {#see}\n\n{more}", more=kit.after_guess(_words))
    return depth, plus


@app.cell
def _(depth, plus):
    _name = "residual" if plus.value else "plain"
    _losses = learnt(depth.value, WAYS[_name])
    _kept, _blame = before_learning(WAYS[_name], depth.value)
    _shown = kit.levels(
        kit.curves(
            {_name: _losses}, marks={"a blind guess": np.log(10)}, colors=COLORS, ylim=(0, 3), xlabel="step",
            ylabel="loss", label=f"A {_name} net of {depth.value} layers",
        ),
        {
            "loss at the end": _losses[-5:].mean(),
            "layers with weights": depth.value,
            "blocks of two": depth.value // 2 - 1,
            "blame at the first block ÷ at the last, before step 1": _blame[0] / _blame[-1],
        },
        r"""
        $$\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y} \cdot
        \bigl(\blue{one} + \orange{f'(x)}\bigr)$$

        where the relu is open. In {blocks} blocks, {blocks} such factors are multiplied.
        """,
        one=int(WAYS[_name]),
        blocks=depth.value // 2 - 1,
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    _seen = {name: before_learning(shortcut) for name, shortcut in WAYS.items()}
    _kept, _blame = ({name: both[i] for name, both in _seen.items()} for i in (0, 1))
    _grown = {name: blame[0] / blame[-1] for name, blame in _blame.items()}
    kit.after_guess(
        kit.text(
            r"""
            ### What {deep} layers do to a digit

            Both nets, before their first step. On the left: take what a block passes on and look up the most similar
            other digit there. Is it of the same class? In the plain net that is soon no better than chance: which
            digits are alike in the last layers says no more of the class than a throw of dice. In the residual net a
            part of the picture comes through, for it was added again and again.

            On the right: the blame on its way back. Through the plain blocks it is **{plain:,.0f}** times larger at the
            first block than at the last. (With batch normalisation it does not vanish, it explodes.) A rate that moves
            the last layers at all tosses the first ones about. With the sum it is {residual:,.0f} times.

            {kept} {blame}
            """,
            deep=DEEP,
            plain=_grown["plain"],
            residual=_grown["residual"],
            kept=kit.curves(
                _kept, marks={"chance": 0.1}, colors=COLORS, ylim=(0, 1), xlabel="block", ylabel="nearest of its class",
                label="Share of digits whose nearest other digit has the same class, by block",
            ),
            blame=kit.curves(
                _blame, colors=COLORS, log="y", xlabel="block", ylabel="size of the blame", label="Blame by block",
            ),
        ),
        silently=True,
    )  # fmt: skip
    return


@app.cell
def _():
    _as_it_is, _direct = narrowing()
    _words = kit.text(
        r"""
        ### A year before: side by side

        The question was in the air. **GoogLeNet** (2014) has 22 layers, and each of its *Inception* blocks looks with
        kernels of several sizes at once and lays the answers side by side, so that the net may choose the scale. That
        would be expensive, so a 1 × 1 convolution, a weighted sum over the channels of one pixel, first makes the
        channels fewer. In its first block:

        {bars}

        But its authors did not trust blame to find its way through 22 layers. They hung **two more answers**, each with
        a loss of its own, on the middle of the net while it learnt. A year later, a sum did the same work for 152
        layers, and costs no weight where the shapes agree.
        """,
        bars=kit.bars(
            {"with a 1 × 1 before": _as_it_is, "without": _direct},
            label="Weights of two branches of the first inception block",
            caption="Weights of two branches, which are the products per pixel too.",
        ),
    )
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    kit.text(
        r"""
        ## The sign in the source {#read}

        The block that made the curves above, and the same line in the model that `deepglass train --model resnet18`
        uses, where $f$ is made of convolutions:

        {ours}

        {resnet}

        {inception}
        """,
        ours=kit.read(
            "glass/foundations/fifty_layers.py",
            {"return F.relu(self.shortcut * x + y)": "The whole idea: shortcut is 1, or 0 in a plain net."},
            part="Block.forward",
        ),
        resnet=kit.read(
            "models/resnet.py",
            {"self.downsample is None": "Where shapes differ, a 1 × 1 convolution fits x to y; else x itself."},
            part="BasicBlock.forward",
        ),
        inception=kit.read(
            "models/googlenet.py",
            {"torch.cat(": "Inception: four answers side by side, along the channels."},
            part="Inception.forward",
        ),
    )
    return


@app.cell
def _():
    scale = kit.slider("Shortcut s", [0, 0.5, 0.8, 0.9, 1, 1.2], 0.5)
    _words = kit.text(
        r"""
        Must it be exactly $x$? Add $s \cdot x$, with $s$ = 0.5, and the path that was left to the blame is multiplied
        by one half in each block. Through {blocks} blocks that makes $s^{blocks}$. **Mend it** by moving $s$, and then
        go one step too far.

        {scale}
        """,
        blocks=DEEP // 2 - 1,
        scale=scale,
    )
    kit.text("## Less than the identity {#break-it-mend-it}\n\n{more}", more=kit.after_guess(_words))
    return (scale,)


@app.cell
def _(scale):
    with np.errstate(all="ignore"):  # what explodes ends beyond all numbers
        _losses = learnt(DEEP, float(scale.value))
    _blocks, _end = DEEP // 2 - 1, _losses[-5:].mean()
    _verdict = (
        "It has **exploded**: the sums grow with every block, and after a few steps there are no numbers any more."
        if not np.isfinite(_end)
        else "It **learns**."
        if _end < 0.7
        else "It learns **slowly**."
        if _end < 1.5
        else "It **hardly learns**."
    )
    _shown = kit.row(
        kit.curves(
            {f"s = {scale.value:g}": np.minimum(np.nan_to_num(_losses, nan=99.0), 99)},
            marks={"a blind guess": np.log(10)}, ylim=(0, 3), xlabel="step", ylabel="loss",
            label=f"A net of {DEEP} layers whose shortcut is multiplied by {scale.value:g}",
        ),
        kit.text(
            r"""
            {verdict} Along the shortcut alone, blame is multiplied by ${s}^{blocks}$ = **{through:.2g}**.

            He and others measured it on a net of 110 layers: half of $x$ made it clearly worse than all of it. So did
            gates and a 1 × 1 convolution in the shortcut's way. The best thing to do with $x$ was nothing.
            """,
            verdict=_verdict, s=scale.value, blocks=_blocks, through=float(scale.value) ** _blocks,
        ),
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    blocks = 24
    kit.check(
        kit.exercise("residual"),
        kit.exercise("past_the_block"),
        kit.answer(
            f"At each of {blocks} blocks, a signal can go through f or past it. How many ways lead through the net?",
            2**blocks,
            name="ways",
            slips={
                2 * blocks: "Two at the first, and for each of these two at the second: they multiply.",
                blocks**2: "Each block doubles the number.",
                blocks: "At each of them there are two.",
                2 ** (blocks + 1): "One doubling too many.",
            },
            because="One of them passes no f, and most pass about half. A residual net behaves like very many nets "
            "of medium depth (Veit and others, 2016).",
            hint="With one block 2, with two blocks 4.",
            solution=f"2^{blocks} = {2**blocks:,}",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        A residual net of 18 layers and eleven million weights looks at 400 digits, once. That is little, and the report
        says so: a linear model on the pixels is the better one here. Such nets need many pictures, or weights that were
        learnt on many: that is the next lesson. Then GoogLeNet, layer by layer.
        """,
        own_file="""
        With your own pictures, a folder with one folder per class inside: `deepglass train animals --model resnet18`.
        Pictures of more than 64 pixels are met by the large stem of the paper, smaller ones by one of 3 × 3.
        """,
        sources=[
            ("Szegedy et al. (2014), Going Deeper with Convolutions", "https://arxiv.org/abs/1409.4842"),
            ("He, Zhang, Ren and Sun (2015), Deep Residual Learning", "https://arxiv.org/abs/1512.03385"),
            ("He et al. (2016), Identity Mappings in Deep Residual Networks", "https://arxiv.org/abs/1603.05027"),
            ("Veit, Wilber and Belongie (2016), Ensembles of Shallow Networks", "https://arxiv.org/abs/1605.06431"),
            ("Yang et al. (2019), A Mean Field Theory of Batch Normalization", "https://arxiv.org/abs/1902.08129"),
        ],
        onward="A plain net cannot be very deep: it does not find a way to pass on what it has. With the sum, depth "
        "is a question of cost. Who pays it, when pictures are few?",
    )
    return


if __name__ == "__main__":
    app.run()
