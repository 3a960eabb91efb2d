"""Lesson 33: attention. A sentence does not fit into one vector, so the writer looks back at all that was read."""

import marimo

app = marimo.App(width="medium", app_title="Attention", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass.foundations.sequence_to_sequence import EncoderDecoder, look
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "Attention",
        "question": "Must everything pass through one vector?",
        "part": "Language",
        "minutes": 20,
        "reads": ["glass/foundations/sequence_to_sequence.py"],
        "runs": [
            "deepglass train reviews --model transformer-encoder --epochs 6 --learning-rate 0.003 --dropout 0 "
            "--run runs/reviews",
            'deepglass trace runs/reviews "the soup was not bad"',
        ],
    }

    START, LONGEST, STEPS = 10, 10, 500  # the token that writing begins with; digits practised at most; batches
    RATE, LENGTHS = 0.02, [2, 3, 4, 6, 8, 10, 12, 14]
    MOMENTS = (0, 20, 40, 60, 80, 100, 120, 150, 200, 300, 400, STEPS)
    SHOWN = np.array([[4, 7, 1, 9, 0, 2, 5, 3]])
    KEYS = {"right": (2.0, 0.0), "up": (0.0, 2.0), "left": (-2.0, 0.0)}
    VALUES = np.array([10.0, 20.0, 30.0])


@app.function
def sequences(rng, count, length):
    """Digits to read, what the writer is given, and what it has to write: the digits back to front."""
    source = rng.integers(0, 10, (count, length))
    target = source[:, ::-1].copy()
    return source, np.concatenate([np.full((count, 1), START), target[:, :-1]], 1), target


@app.function
def practice(looks_back, moments=(STEPS,), steps=STEPS):
    """Learn from batches of 64 sequences of 2 to 10 digits; yields (step, net) at the moments asked for."""
    glass.manual_seed(0)
    rng, net = np.random.default_rng(0), EncoderDecoder(START + 1, looks_back=looks_back)
    optimizer = glass.optim.Adam(net.parameters(), lr=RATE)
    for step in range(steps + 1):
        if step in moments:
            yield step, net
        if step == steps:
            return
        optimizer.param_groups[0]["lr"] = RATE * (1 - step / steps) + 1e-4
        source, given, target = map(glass.tensor, sequences(rng, 64, rng.integers(2, LONGEST + 1)))
        loss = F.cross_entropy(net(source, given)[0].flatten(0, 1), target.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


@app.function
def write(net, source):
    """What a net writes by itself, digit by digit, (n, length); and where it looked, (n, length, length) or None."""
    given, weights = np.full((len(source), 1), START), None
    with glass.no_grad():
        for _ in range(source.shape[1]):
            logits, weights = net(glass.tensor(source), glass.tensor(given))
            given = np.concatenate([given, logits.numpy()[:, -1:].argmax(2)], 1)
    return given[:, 1:], None if weights is None else weights.numpy()


@app.function
def whole_right(net, lengths, count=200):
    """For each length the share of new sequences that a net reverses without a single mistake."""
    rng, shares = np.random.default_rng(1), []
    for length in lengths:
        source, _, target = sequences(rng, count, length)
        shares.append(float((write(net, source)[0] == target).all(1).mean()))
    return np.array(shares)


@app.function
def film():
    """Where the net looks, before it has learnt anything and after more and more batches; in the end, the net."""
    target = SHOWN[0, ::-1]
    for step, net in practice(True, MOMENTS):
        written, weights = write(net, SHOWN)
        told = f"After {step} batches it writes {' '.join(map(str, written[0]))}: "
        told += f"{(written[0] == target).sum()} of {len(target)} are right."
        axes = {"xlabel": "digits that were read", "ylabel": "digit to be written", "label": "Where the net looks,"}
        picture = kit.matrix(weights[0], target, SHOWN[0], numbers=False, caption=told, **axes)
        yield picture.svg(), told
    return net


@app.cell
def _():
    kit.opening(
        LESSON,
        "A net learns to write numbers in reverse. Each **row** is one digit that it writes, each **column** one that "
        "it has read; the bluer a cell, the more it looks there at that moment. Nobody told it where to look. It was "
        "only told which digit would have been right.",
    )
    return


@app.cell
def _():
    _film = kit.film(film(), label="Batches of practice", seconds=0.6, waits=True)
    mo.output.replace(_film)
    net = _film.draw()
    mo.output.replace(_film)
    return (net,)


@app.cell
def _(net):
    *_, (_, narrow) = practice(False)
    _two, _ten = ([whole_right(one, [length])[0] for one in (narrow, net)] for length in (2, LONGEST))
    kit.guess(
        "A second net has the same reader, the same writer and the same practice, but may not look back: the reader "
        f"hands over one vector of {net.writer.hidden_size} numbers, and that is all. How many new sequences of "
        f"{LONGEST} digits does it reverse without a mistake?",
        ["Nearly as many as the first", "About half as many", "Hardly any"],
        f"Hardly any: {_ten[0]:.0%}, against {_ten[1]:.0%} for the net that looks back. With two digits it was "
        f"{_two[0]:.0%} against {_two[1]:.0%}. The vector does not get longer when the sequence does.",
    )
    return (narrow,)


@app.cell
def _(narrow, net):
    _shares = {"looks back": whole_right(net, LENGTHS), "one vector": whole_right(narrow, LENGTHS)}
    _told = f"Practised were 2 to {LONGEST} digits. Beyond that, both are on new ground."
    _axes = {"xlabel": "digits in a sequence", "ylabel": "reversed without a mistake", "ylim": (-0.03, 1.05)}
    _picture = kit.curves(_shares, LENGTHS, label="Share of new sequences", caption=_told, **_axes)
    _words = kit.text(
        r"""
        That state has a fixed number of entries, {hidden} here, whether it has to hold two digits or ten.

        {picture}

        A wider vector and more practice move the fall to the right; they do not remove it. **Attention** does
        something else. The encoder keeps what it knew at *every* place, its memory $h_1, h_2, …$, and before each token
        the decoder asks: which of these do I need now? Past {longest} digits this net falls, too, for a different
        reason: nobody ever showed it an eleventh place.
        """,
        **{"hidden": net.writer.hidden_size, "longest": LONGEST, "picture": _picture},
    )
    kit.text(
        """
        ## From one sequence to another {#see}

        A net that reads one sequence and writes another is called *sequence to sequence*. Its first form (2014) was
        simple: a recurrent **encoder** reads, and the state in which it ends is handed to a **decoder**, which writes.

        {more}
        """,
        more=kit.after_guess(_words),
    )
    return


@app.function
def one_look(angle, length):
    """A query of this direction (degrees) and length meets the keys: query, scores, scaled ones, weights, found."""
    query = length * np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    keys = np.array(list(KEYS.values()))
    found, weights = look(*map(glass.tensor, (query[None], keys, VALUES[:, None])))
    scores = keys @ query
    return query, scores, scores / np.sqrt(len(query)), weights.numpy()[0], float(found.numpy()[0, 0])


@app.cell
def _():
    angle = kit.slider("Direction of the query, degrees", list(range(0, 361, 15)), 30)
    length = kit.slider("Length of the query", [0.5, 1, 2, 3, 4], 2)
    kit.text(
        r"""
        ### Where do the weights come from?

        The decoder sends a **query**. Every place of the memory has a **key**, which says what can be found there, and
        a **value**, which is what one gets. A query that points the way a key points has a large product with it. Turn
        the query, and see who answers:

        {angle} {length}
        """,
        **{"angle": angle, "length": length},
    )
    return angle, length


@app.cell
def _(angle, length):
    _query, _scores, _scaled, _weights, _found = one_look(angle.value, length.value)
    _keys = {f"key {name}": np.array([place]) for name, place in KEYS.items()}
    _rays = np.array([end for place in KEYS.values() for end in ((0, 0), place, (0, 0))])
    _lines = {"": _rays, "query": np.array([(0, 0), _query])}
    _window = {"xlim": (-4.4, 4.4), "ylim": (-4.4, 4.4), "height": 3.5, "colors": {"query": kit.ORANGE}}
    kit.levels(
        kit.scatter(_keys, lines=_lines, label="Three keys and a query as arrows from the middle", **_window),
        [
            {"key": name, "q·k": score, "÷ √2": scaled, "weight": weight, "value": value}
            for name, score, scaled, weight, value in zip(KEYS, _scores, _scaled, _weights, VALUES)
        ],
        r"""
        $$w = \text{softmax}\!\left(\frac{\orange{q}\cdot\blue{k}}{\sqrt d}\right) = ({w[0]},\ {w[1]},\ {w[2]})$$

        $$\text{found} = \sum_j w_j\,\green{v_j} = {found}$$

        A longer query asks louder: the largest weight comes nearer to 1. A query of length 0 would take the plain mean.
        """,
        **{"w": [f"{weight:.2f}" for weight in _weights], "found": f"{_found:.1f}"},
    )
    return


@app.cell
def _():
    _file = "glass/foundations/sequence_to_sequence.py"
    _look = {
        "scores = queries @ keys": "How well does each key fit each query? One product for all pairs.",
        "scores = scores.masked_fill": "Who must not be looked at gets −∞, and so the weight 0.",
        "weights = F.softmax": "Rows of shares.",
        "return weights @ values": "A mean of the values for each query.",
    }
    _forward = {
        "state = cat(": "Without looking back: one vector for everything.",
        "found, weights = look(": "Looking back: every token that is written looks at every one that was read.",
    }
    kit.text(
        r"""
        ## The whole of it {#read}

        This is the net at the top. `look` is all of attention; what is asked, what is offered and what is given are
        three matrices $Q$, $K$ and $V$, so that all places ask at once.

        {look} {forward}
        """,
        look=kit.read(_file, _look, part="look"),
        forward=kit.read(_file, _forward, part="EncoderDecoder.forward"),
    )
    return


@app.function
def sharpness(width, is_divided, draws=400, keys=10):
    """Random queries and keys of this width: the weights of the first draw, the mean of the largest, and its slope."""
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(draws, 1, width)), rng.normal(size=(draws, keys, width))
    scale = 1.0 if is_divided else np.sqrt(width)  # `look` divides by √d: what it is to leave out is put in before
    _, weights = look(*map(glass.tensor, (q * scale, k, k)))
    weights = np.sort(weights.numpy()[:, 0], 1)[:, ::-1]  # (draws, keys), the largest first
    return weights[0], float(weights[:, 0].mean()), float((weights[:, 0] * (1 - weights[:, 0])).mean())


@app.cell
def _():
    width = kit.slider("Width d of queries and keys", [4, 16, 64, 256, 1024], 256)
    is_divided = mo.ui.switch(label="Divide by √d")
    kit.text(
        r"""
        ## Forget one square root {#break-it-mend-it}

        Leave out $\sqrt d$ and take wide queries. Each of the $d$ products in $q\cdot k$ adds a variance of 1 (if the
        entries are independent, with mean 0 and variance 1), so scores spread as $\sqrt d$. Softmax then puts nearly
        everything on one key, before anything has been learnt. **Mend it** with the switch.

        {width} {is_divided}
        """,
        **{"width": width, "is_divided": is_divided},
    )
    return is_divided, width


@app.cell
def _(is_divided, width):
    _weights, _largest, _slope = sharpness(width.value, is_divided.value)
    _told = f"Width {width.value}, {'divided by √d' if is_divided.value else 'nothing divided'}: one draw."
    _bars = {f"key {place}": weight for place, weight in enumerate(_weights, 1)}
    kit.row(
        kit.bars(_bars, label="Weights of ten random keys, the largest first", xlim=(0, 1.2), caption=_told),
        kit.text(
            r"""
            Over 400 draws the largest of ten weights is **{largest:.2f}** in the mean, and its slope $w(1-w)$ is
            **{slope:.3f}**. A softmax that is sure has no slope left: whom it overlooks at the start, it can hardly
            learn to look at.
            """,
            **{"largest": _largest, "slope": _slope},
        ),
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("attention"),
        kit.choose(
            "Sentences of a batch are filled up to one length with empty places. Nobody masks them. What goes wrong?",
            {
                "What is found depends on how many empty places follow": (
                    True,
                    "Each of them has a key and takes its share of the softmax. Masked with −∞, they take none.",
                ),
                "Nothing: empty places have the weight 0": (False, "A score of 0 is not a weight of 0: e⁰ is 1."),
                "The softmax divides by zero": (False, "It has more to divide by, not less."),
                "The first word is overlooked": (False, "Every word loses the same share, the first one too."),
            },
            name="padding",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Here the same look serves to *read*: in `transformer-encoder` every word of a review looks at every other one,
        so that "not" and "bad" can meet. Trace a sentence through it, and find the square of the sentence's length in
        the output: `matmul`, `mul` (that is the √d), `masked_fill`, `softmax`, `matmul`. These five lines are `look`.
        """,
        own_file="""
        A table with a column of texts and one of classes, or a folder of text files for each class:
        `deepglass train my-reviews.csv --model transformer-encoder`, then `deepglass trace RUN "a sentence of yours"`.
        """,
        sources=[
            ("Sutskever, Vinyals and Le (2014), Sequence to sequence learning", "https://arxiv.org/abs/1409.3215"),
            ("Bahdanau, Cho and Bengio (2014), Jointly learning to align", "https://arxiv.org/abs/1409.0473"),
            ("Luong, Pham and Manning (2015), Effective approaches", "https://arxiv.org/abs/1508.04025"),
            ("Vaswani et al. (2017), Attention is all you need", "https://arxiv.org/abs/1706.03762"),
        ],
        onward="If looking is so good, is reading word by word needed at all?",
    )
    return


if __name__ == "__main__":
    app.run()
