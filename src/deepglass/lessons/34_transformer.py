"""Lesson 34: the Transformer. A block taken apart, and who tells it which word came first."""

import marimo

app = marimo.App(width="medium", app_title="The Transformer", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "The Transformer",
        "question": "Who tells it which word came first?",
        "part": "Language",
        "minutes": 20,
        "reads": ["glass/nn/transformer.py"],
        "runs": [
            "deepglass train reviews --model bag-of-ngrams --ngrams 1 --no-blend --epochs 6",
            "deepglass train reviews --model transformer-encoder --epochs 6 --learning-rate 0.003 --dropout 0",
        ],
    }

    C, T, LETTERS = 16, 6, "abkmoqsu"  # width of the stream, letters in a word, letters there are
    STEPS, EVERY, RATE = 120, 5, 0.01
    POSITIONS, HEARING = ["none", "waves", "learnt"], ["everybody", "only those before"]
    WORDS = ["dog", "bites", "man"]
    ORDERS = {"dog bites man": [0, 1, 2], "man bites dog": [2, 1, 0], "bites man dog": [1, 2, 0]}


@app.function
def letters(rng, count):
    """Words of six letters with one a and one b, (count, T) numbers, and whether a comes first, (count,)."""
    words, places = rng.integers(2, len(LETTERS), (count, T)), np.argsort(rng.random((count, T)), 1)
    for letter in (0, 1):
        words[np.arange(count), places[:, letter]] = letter
    return words, (places[:, 0] < places[:, 1]).astype(int)


@app.function
def waves(length, width):
    """Positions as sines and cosines, (length, width): numbers 2i and 2i + 1 of place t turn at 10000^(−2i/width)."""
    angles = np.arange(length)[:, None] * 10_000.0 ** (-np.arange(0, width, 2) / width)  # (length, width / 2)
    return np.stack([np.sin(angles), np.cos(angles)], 2).reshape(length, width).astype(np.float32)


@app.function
def new_net(seed=0):
    """One Transformer block between a table of letters and two answers."""
    glass.manual_seed(seed)
    block = nn.TransformerEncoderLayer(C, 2, 4 * C, dropout=0.0, batch_first=True, norm_first=True)
    tables = {"letters": nn.Embedding(len(LETTERS), C), "places": nn.Embedding(T, C)}
    return nn.ModuleDict({**tables, "block": block, "head": nn.Linear(C, 2)})


@app.function
def answer(net, words, positions="none", hearing="everybody"):
    """Logits (B, 2): letters, perhaps their positions, the block, the mean over the word, two answers."""
    x = net["letters"](glass.tensor(words))  # (B, T, C)
    if positions != "none":
        x = x + (net["places"].weight if positions == "learnt" else glass.tensor(waves(T, C)))
    is_later = glass.tensor(np.triu(np.ones((T, T), bool), 1))
    x = net["block"](x, None if hearing == "everybody" else is_later)
    return net["head"](x.mean(1))


@app.function
def practice(positions, hearing="everybody", steps=STEPS):
    """Learn from batches of 64 words: right answers on 400 new ones, a look every five batches, and the net."""
    net, rng, asked = new_net(), np.random.default_rng(0), letters(np.random.default_rng(9), 400)
    optimizer, right = glass.optim.Adam(net.parameters(), lr=RATE), []
    for step in range(steps + 1):
        if step % EVERY == 0:
            with glass.no_grad():
                logits = answer(net, asked[0], positions, hearing).numpy()
            right.append(float((logits.argmax(1) == asked[1]).mean()))
        words, is_first = letters(rng, 64)
        optimizer.zero_grad()
        F.cross_entropy(answer(net, words, positions, hearing), glass.tensor(is_first)).backward()
        optimizer.step()
    return np.array(right), net


@app.function
def race(learnt):
    """The film: right answers of the nets so far."""
    looks = np.arange(STEPS // EVERY + 1)
    window = {"xlim": (0, STEPS), "ylim": (0.3, 1.05), "xlabel": "batches", "ylabel": "right answers on new words"}
    for look in looks[1:]:
        shown = {name: (looks[: look + 1] * EVERY, right[: look + 1]) for name, right in learnt.items()}
        told = ", ".join(f"{name} {right[look]:.0%}" for name, right in learnt.items())
        yield kit.curves(shown, marks={"a coin": 0.5}, caption=f"After {look * EVERY} batches: {told}.", **window)


@app.cell
def _():
    (_without, _), (_with, net) = practice("none"), practice("waves")
    _example = "".join(LETTERS[i] for i in letters(np.random.default_rng(4), 1)[0][0])
    kit.opening(
        LESSON,
        f'Two Transformers look at words such as "{_example}" and learn to say whether **a** comes before **b**. They '
        "differ in one line: only one of them adds to each letter a vector that says where it stands.",
        kit.film(
            race({"with positions": _with, "without": _without}),
            label="Batches",
            seconds=0.6,
            waits_for="guess",
            held=2,
        ),
        kit.guess(
            "The film stops early. How often will the one without positions be right in the end?",
            ["As often as the other, only later", "Somewhat less often", "As often as a coin"],
            f"As a coin: {_without[-1]:.0%}, and no practice changes it. The other is right in {_with[-1]:.0%} of the "
            "cases. To a Transformer without positions, a word is a bag of letters.",
        ),
    )
    return (net,)


@app.cell
def _():
    order = mo.ui.radio(list(ORDERS), value="man bites dog", label="Order", inline=True)
    with_waves = mo.ui.switch(label="Add positions")
    kit.text(
        """
        ## One block and three words {#see}

        Here is one block with random weights, and three words. Its attention asks of every pair how well they fit, and
        takes a mean of what is heard. Change the order, and see which numbers change. Then switch positions on.

        {order} {switch}
        """,
        order=order,
        switch=with_waves,
    )
    return order, with_waves


@app.function
def through_block(order, with_waves):
    """Words in this order through a block with random weights: who hears whom (3, 3), and what comes out (3, C)."""
    net = new_net(seed=3)
    x = net["letters"](glass.tensor(np.array(order)[None]))  # the first three vectors of the table are our words
    x = x + glass.tensor(waves(len(order), C)) if with_waves else x
    with glass.no_grad():
        h = net["block"].norm1(x)
        _, weights = net["block"].self_attn(h, h, h)
        return weights.numpy()[0], net["block"](x).numpy()[0]


@app.cell
def _(order, with_waves):
    _order = ORDERS[order.value]
    _weights, _out = through_block(_order, with_waves.value)
    _, _before = through_block([0, 1, 2], with_waves.value)
    _names = [WORDS[i] for i in _order]
    _apart = np.abs(_out - _before[_order]).max()
    _levels = kit.levels(
        kit.matrix(_weights, _names, _names, xlabel="is heard", ylabel="hears", label="Attention", width=3.6),
        [{"word": name, **{f"number {i + 1}": float(row[i]) for i in range(3)}} for name, row in zip(_names, _out)]
        + [{"word": "mean", **{f"number {i + 1}": float(_out.mean(0)[i]) for i in range(3)}}],
        r"""
        $$\text{block}(\orange{P}x) = \orange{P}\;\text{block}(x)$$

        $\orange{P}$ puts the words into another order. Compared with "dog bites man", no number of any word differs by
        more than **{apart}**. {verdict}
        """,
        apart="0.000001" if _apart < 1e-6 else f"{_apart:.2f}",
        verdict="With positions the equation no longer holds: who bit whom can be known."
        if with_waves.value
        else "Neither a product of two vectors nor a mean asks where its parts stood.",
    )
    kit.after_guess(_levels)
    return


@app.cell
def _():
    _table = waves(64, 32)
    _fits = {f"place {place}": (np.arange(64) - place, _table @ _table[place]) for place in (10, 30, 50)}
    _axes = {"xlabel": "places further on", "ylabel": "product with the other place"}
    kit.text(
        r"""
        ### A clock with many hands

        The Transformer of 2017 adds a vector of sines and cosines: its first two numbers turn fast, the next ones more
        slowly, like the hands of a clock. Two places that are equally far apart have the **same product** wherever they
        stand: the three curves lie on each other. "Two places before me" is the same question everywhere. Most models
        since then learn a vector for each place, or turn queries and keys by such angles instead of adding anything.

        {picture} {fits}
        """,
        picture=kit.matrix(waves(24, 16).T, label="Positions", xlabel="place", ylabel="number of the vector"),
        fits=kit.curves(_fits, label="Products of positions", **_axes),
    )
    return


@app.cell
def _(net):
    _x = net["letters"](glass.tensor(letters(np.random.default_rng(4), 1)[0])) + glass.tensor(waves(T, C))
    _block, _length = net["block"], lambda x: float(np.linalg.norm(x.detach().numpy(), axis=-1).mean())
    _h = _block.norm1(_x)
    _heard = _block.self_attn(_h, _h, _h)[0]
    _thought = _block._feedforward(_block.norm2(_x + _heard))
    _stations = {
        "what comes in": _length(_x),
        "attention adds": _length(_heard),
        "the small network adds": _length(_thought),
        "what goes out": _length(_x + _heard + _thought),
    }
    kit.text(
        """
        ## A block adds twice {#read}

        Lesson 33 looked back from one sequence at another. Here every letter looks at its own word. What was found is
        **added** to the letter's vector; then a small network looks at each letter by itself, and its answer is added,
        too. Nothing is ever replaced: a stream of vectors runs from the first block to the last, and blocks write into
        it. Where the norm stands inside the branch, as here, a gradient runs back along the stream and no layer shrinks
        it.

        {code} {bars}
        """,
        code=kit.row(
            kit.read("glass/nn/transformer.py", part="_TransformerLayer._add"),
            kit.read(
                "glass/nn/transformer.py",
                {
                    "x = self._add(src, attend": "Letters hear each other.",
                    "return self._add(x, lambda x": "Then each thinks for itself.",
                },
                part="TransformerEncoderLayer.forward",
            ),
        ),
        bars=kit.bars(_stations, label="Mean length of the vectors in the net that has learnt", width=5),
    )
    return


@app.cell
def _():
    positions = mo.ui.radio(POSITIONS, value="none", label="Positions", inline=True)
    hearing = mo.ui.radio(HEARING, value="everybody", label="A letter hears", inline=True)
    kit.text(
        """
        ## Three ways to mend it {#break-it-mend-it}

        No positions, and everybody hears everybody. There are three ways to let the net know the order, and one of
        them adds nothing at all. Find it.

        {positions} {hearing}
        """,
        positions=positions,
        hearing=hearing,
    )
    return hearing, positions


@app.cell
def _(hearing, positions):
    _right, _ = practice(positions.value, hearing.value)
    _told = f"Positions: {positions.value}; a letter hears {hearing.value}: {_right[-1]:.0%} right in the end."
    _window = {"ylim": (0.3, 1.05), "xlabel": "batches", "ylabel": "right answers on new words"}
    _shown = kit.row(
        kit.curves(_right, np.arange(len(_right)) * EVERY, marks={"a coin": 0.5}, caption=_told, **_window),
        kit.text(
            """
            If a letter hears only itself and those before it, as in a GPT, the first hears one and the last hears all:
            places differ although nobody names them. Such models have been trained without any positions, and they
            learn (Haviv et al. 2022). It is not *attention* that is blind to order, but attention **in which all hear
            all**.
            """
        ),
    )
    kit.after_guess(_shown)
    return


@app.cell
def _():
    _width, _inner = 64, 4 * 64
    _count = 4 * (_width**2 + _width) + 2 * _width * _inner + _inner + _width + 4 * _width
    kit.check(
        kit.exercise("waves"),
        kit.answer(
            f"How many numbers does a block of width {_width} learn, with a small network {_inner} wide inside?",
            _count,
            name="count",
            slips={
                3 * (_width**2 + _width) + 2 * _width * _inner + _inner + 5 * _width: "Attention has four matrices.",
                _count - 4 * _width: "Two norms learn a scale and an offset for each number: 4 · 64.",
                4 * _width**2 + 2 * _width * _inner: "Those are the matrices; offsets and norms are missing.",
                4 * (_width**2 + _width): "That is the attention alone.",
            },
            because="A third of it is attention. However many heads there are, the count is the same.",
            hint="Four matrices with offsets in attention, two in the small network, and two norms.",
            solution=f"4·(64² + 64) + (64·256 + 256) + (256·64 + 64) + 2·(2·64) = {_count:,}",
            tolerance=0.5,
        ),
        kit.choose(
            "No positions, everybody hears everybody, the mean is judged. Which questions can it learn to answer?",
            {
                "Does the word hold an a?": (True, "A bag knows what is in it."),
                "Are there more a's than b's?": (True, "A mean keeps shares."),
                "Is the last letter an a?": (False, "In a bag nothing is last."),
                "Is it the same read backwards?": (False, "aab and aba are the same bag."),
            },
            name="bag",
            several=True,
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Reviews in which "not", "never" and "but" turn the verdict round. First a model that averages words and cannot
        know their order; then a Transformer of two blocks that knows the places.
        """,
        own_file="""
        A CSV with a column of texts and one of classes:
        `deepglass train my.csv --target COLUMN --model transformer-encoder`. Below a few thousand texts train the
        default model too, without `--model`: `deepglass compare RUN RUN` says which of the two is better.
        """,
        sources=[
            ("Vaswani et al. (2017), Attention is all you need", "https://arxiv.org/abs/1706.03762"),
            ("Xiong et al. (2020), On layer normalization in the Transformer", "https://arxiv.org/abs/2002.04745"),
            ("Haviv et al. (2022), Language models without positional encodings", "https://arxiv.org/abs/2203.16634"),
            ("Su et al. (2021), Rotary position embedding", "https://arxiv.org/abs/2104.09864"),
        ],
        onward="One half of the Transformer reads, the other writes.",
    )
    return


if __name__ == "__main__":
    app.run()
