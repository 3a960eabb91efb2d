"""Lesson 31: text generation. Counting what follows, a small network beside it, and how one draws from either."""

import marimo

app = marimo.App(width="medium", app_title="Text generation", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.data.datasets.shakespeare import load
    from deepglass.data.preprocess.text import Characters
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F
    from deepglass.rivals import Time
    from deepglass.rivals.ngrams import NGrams

    LESSON = {
        "title": "Text generation",
        "question": "Which letter comes next?",
        "part": "Language",
        "minutes": 15,
        "reads": ["rivals/ngrams.py", "core/sampling.py"],
        "runs": [
            "deepglass train shakespeare --model gru --hidden-size 64 --context 64 --epochs 1 --run runs/plays",
            'deepglass generate runs/plays --prompt "ROMEO:" --temperature 0.6 --top-k 10',
        ],
    }

    LEARNT, HELD_OUT = slice(0, 100_000), slice(100_000, 110_000)  # characters of the plays
    ORDERS, ORDER, PROMPT = 6, 5, "ROMEO:\n"
    SEEN, BATCHES, EVERY = 6, 800, 80  # letters that the network sees; batches of 256; between two looks


@app.function
@cache
def counted():
    """Characters of the plays, their numbers, those of a part that was held out, and counts of up to six in a row."""
    text = load().text
    characters = Characters.fit(text[LEARNT])
    ids, new = (characters.encode(text[part]).astype(np.int64) for part in (LEARNT, HELD_OUT))
    return characters, ids, new, NGrams(ids, len(characters), Time(60), most=ORDERS)


@app.function
def shares_after(text, order=ORDER):
    """The probability (V,) of each character to come after a text, from counts of `order` characters in a row."""
    characters, _, _, ngrams = counted()
    past = characters.encode(text[-ORDERS:]).astype(np.int64)
    tokens = np.zeros((len(characters), len(past)), np.int64)
    tokens[:, -1] = np.arange(len(characters))
    return ngrams.shares(np.broadcast_to(past, tokens.shape), tokens, order)[:, -1]


@app.function
def sharpened(shares, temperature, top_k):
    """softmax(log p / temperature) among the `top_k` likeliest; temperature 0 leaves the likeliest alone."""
    if temperature == 0:
        return np.eye(len(shares))[shares.argmax()]
    logits = np.log(np.maximum(shares, 1e-300)) / temperature
    logits[logits < np.sort(logits)[-min(top_k, len(logits))]] = -np.inf
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


@app.function
def write(order=ORDER, temperature=1.0, top_k=1000, length=140, seed=0, prompt=PROMPT):
    """Continue a prompt: ask, draw, append, ask again."""
    rng, text, characters = np.random.default_rng(seed), prompt, counted()[0]
    for _ in range(length):
        shares = sharpened(shares_after(text, order), temperature, top_k)
        text += characters.decode([rng.choice(len(shares), p=shares)])
    return text


@app.function
def likeliest(shares, count=8):
    """The likeliest characters and their shares."""
    characters, names = counted()[0], {" ": "␣", "\n": "↵"}
    best = np.argsort(-shares)[:count]
    return {names.get(c, c): float(shares[i]) for i in best for c in [characters.decode([i])]}


@app.function
def perplexity(order, ids):
    """e to the mean surprise: among how many equally likely characters one would have to choose."""
    return float(np.exp(counted()[3].losses(ids[None, :-1], ids[None, 1:], order).mean()))


@app.function
def film():
    """A text as it is written, and what could have come next."""
    text = write(temperature=0.8, length=30)
    for end in range(len(PROMPT), len(text)):
        told = text[len(PROMPT) : end].replace("\n", " ↵ ")
        window = {"xlim": (0, 1.25), "label": "What may come next", "caption": f"ROMEO: {told}▏"}
        shares = shares_after(text[:end])
        yield kit.bars({f"{place}. {c}": p for place, (c, p) in enumerate(likeliest(shares, 6).items(), 1)}, **window)


@app.cell
def _():
    _greedy = write(temperature=0)
    kit.opening(
        LESSON,
        f"Somebody counted, in {LEARNT.stop:,} characters of Shakespeare, what followed every four characters. Now a "
        "letter is drawn by these shares, appended, and the counts are asked again.",
        kit.film(film(), label="Characters written", seconds=0.5),
        kit.guess(
            "Never draw: always take the likeliest character. What will be written?",
            ["The best text there can be", "The same words again and again", "Letters without sense"],
            f"It turns in a circle: “{_greedy[len(PROMPT) :][:90]}…”. The same four characters are always followed by "
            "the same fifth. The likeliest step, taken again and again, does not make a typical text.",
        ),
    )
    return


@app.cell
def _():
    order = kit.slider("Characters in a row", list(range(1, ORDERS + 1)), 2)
    kit.text(
        """
        ## Look further back {#see}

        An *n-gram* model looks at the last n − 1 characters. With one in a row it knows how often each letter occurs,
        with two what follows each letter. Look further back, and words appear; but the further back, the more rarely
        has what is there been seen before. Then the counts of shorter stretches help out.

        {order}
        """,
        order=order,
    )
    return (order,)


@app.cell
def _(order):
    _characters, _, _new, _ = counted()
    _prompt, _p = "ROMEO:\nWhat sh", shares_after("ROMEO:\nWhat sh", order.value)
    _next = float(_p[_characters.encode("a")[0]])
    kit.levels(
        kit.bars(likeliest(_p), label="What may follow “What sh”", xlim=(0, 1.25)),
        {
            "looks back at": order.value - 1,
            "share of “a”, as in “shall”": _next,
            "surprise at “a”, in nats": float(-np.log(_next)),
            "perplexity on a new scene": perplexity(order.value, _new),
        },
        r"""
        $$\text{perplexity} = e^{\,\text{mean of } -\ln \blue{p}} = {value}$$

        As unsure as if at every place {value} characters were equally likely. Knowing nothing, it is {most}.
        """,
        value=f"{perplexity(order.value, _new):.2f}",
        most=len(_characters),
    )
    return


@app.cell
def _(order):
    _characters, _ids, _new, _ = counted()
    _orders = np.arange(1, ORDERS + 1)
    _curves = {"read before": [perplexity(n, _ids[:10_000]) for n in _orders], "a new scene": []}
    _curves["a new scene"] = [perplexity(n, _new) for n in _orders]
    kit.row(
        kit.curves(
            {name: np.array(values) for name, values in _curves.items()},
            _orders,
            xlabel="characters in a row",
            ylabel="perplexity",
            label="Perplexity of n-grams",
            log="y",
            caption="What was read before gets ever easier, a new scene soon does not: counts learn by heart.",
        ),
        kit.md(f"With {order.value} in a row it writes:\n\n```text\n{write(order.value, length=110)}\n```"),
    )
    return


@app.function
@cache
def network():
    """A small network that sees six letters: perplexity on the new scene at every look."""
    characters, ids, new, _ = counted()
    glass.manual_seed(0)
    rng, size = np.random.default_rng(0), len(characters)
    net = nn.Sequential(
        nn.Embedding(size, 12), nn.Flatten(), nn.Linear(12 * SEEN, 128), nn.Tanh(), nn.Linear(128, size)
    )
    optimizer, looks = glass.optim.AdamW(net.parameters(), lr=0.01), []
    windows, asked = (np.lib.stride_tricks.sliding_window_view(part, SEEN + 1) for part in (ids, new))
    for step in range(BATCHES + 1):
        if step % EVERY == 0:
            with glass.no_grad():
                logits = net(glass.tensor(asked[:, :-1].copy()))
            looks.append(float(np.exp(F.cross_entropy(logits, glass.tensor(asked[:, -1].copy())).item())))
        optimizer.param_groups[0]["lr"] = 0.01 * (1 - step / BATCHES) + 1e-4
        rows = windows[rng.integers(0, len(windows), 256)]
        optimizer.zero_grad()
        F.cross_entropy(net(glass.tensor(rows[:, :-1].copy())), glass.tensor(rows[:, -1].copy())).backward()
        optimizer.step()
    return np.array(looks)


@app.cell
def _():
    _looks, _new = network(), counted()[2]
    _levels = {f"{n} in a row": perplexity(n, _new) for n in (2, 3, 5)}
    kit.text(
        """
        ### A network beside it

        Counts know "What sh" and "what sh" as two different things. A network gives every letter a vector, and what it
        learns about one stretch serves all that are alike. Here is a small one, with {seen} letters in view and a few
        seconds of practice: it ends at {end:.2f}, where counts of two have {two:.2f} and counts of five {five:.2f}. It
        takes more text, more letters in view and more practice to pass the best counts; the command below says each
        time whether it has.

        {picture}
        """,
        seen=SEEN,
        end=_looks[-1],
        two=perplexity(2, _new),
        five=perplexity(5, _new),
        picture=kit.curves(
            {"network": _looks[1:]},
            np.arange(1, len(_looks)) * EVERY,
            marks=_levels,
            xlabel="batches of 256",
            ylabel="perplexity, new scene",
            label="A small network learns",
        ),
    )
    return


@app.cell
def _():
    kit.text(
        """
        ## Ask and draw {#read}

        First the counts: what is known of long stretches, mixed with what is known of shorter ones. Then how the
        library draws, from counts or from a network of a billion weights alike.

        {shares} {sampling}
        """,
        shares=kit.read(
            "rivals/ngrams.py",
            {
                "shares = np.full(tokens.shape, 1 / V)": "Knowing nothing: all characters alike.",
                "shares = self._interpolated(": "Longer and longer stretches correct what the shorter ones said.",
            },
            part="NGrams.shares",
        ),
        sampling=kit.read(
            "core/sampling.py",
            {
                "logits = (logits - logits.max()) / how.temperature": "Below 1, the likely gets likelier.",
                "logits[logits < np.partition(": "Top-k: all others are out.",
            },
            part="shares",
        ),
    )
    return


@app.cell
def _():
    temperature = kit.slider("Temperature", [0.2, 0.5, 0.8, 1.0, 1.5, 2.5], 2.5)
    top_k = kit.slider("Top-k", [1, 2, 5, 20, 60], 60)
    kit.text(
        """
        ## Too hot, too cold {#break-it-mend-it}

        A high **temperature** flattens the shares until rare letters come nearly as often as common ones, and one odd
        letter leads to the next. Mend it in two ways: cool it down, or let it stay hot and draw only among the **top
        k**.

        {temperature} {top_k}
        """,
        temperature=temperature,
        top_k=top_k,
    )
    return temperature, top_k


@app.cell
def _(temperature, top_k):
    _shares = sharpened(shares_after(PROMPT + "What sh"), temperature.value, top_k.value)
    _picture = kit.bars(likeliest(_shares), label="Shares after “What sh”", xlim=(0, 1.25))
    _text = write(temperature=temperature.value, top_k=top_k.value, length=160)
    kit.after_guess(kit.row(_picture, kit.md(f"It writes:\n\n```text\n{_text}\n```")))
    return


@app.cell
def _():
    _p = np.array([0.5, 0.25, 0.125])
    _right = float(np.exp(-np.log(_p).mean()))
    kit.check(
        kit.exercise("next_shares"),
        kit.answer(
            "A model gave the three letters that came the probabilities 1/2, 1/4 and 1/8. What is its perplexity?",
            _right,
            name="perplexity",
            slips={
                float((1 / _p).mean()): "The mean is taken of the logarithms, not of 1/p.",
                float(1 / _p.mean()): "That is 1 over the mean probability: take the mean of −ln p, then e to it.",
                float(-np.log(_p).mean()): "That is the mean surprise in nats: e to the power of it is missing.",
            },
            because="On average as unsure as between four letters that are equally likely.",
            hint="The third root of 2 · 4 · 8.",
            solution=f"e^((ln 2 + ln 4 + ln 8) / 3) = {_right:g}",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        A recurrent network reads all of the plays once, and is asked about the last part; beside it stand the best
        n-grams on the same characters, which once through is not enough to beat. Then it writes.
        """,
        own_file="""
        Any text file of some tens of thousands of characters: `deepglass train book.txt`, then
        `deepglass generate RUN --prompt "Once"`. The report says whether the network beats the n-grams.
        """,
        sources=[
            ("Shannon (1948), A mathematical theory of communication",
             "https://doi.org/10.1002/j.1538-7305.1948.tb01338.x"),
            ("Kneser and Ney (1995), Improved backing-off", "https://doi.org/10.1109/ICASSP.1995.479394"),
            ("Bengio et al. (2003), A neural probabilistic language model",
             "https://www.jmlr.org/papers/v3/bengio03a.html"),
            ("Fan, Lewis and Dauphin (2018), Hierarchical neural story generation (top-k)",
             "https://arxiv.org/abs/1805.04833"),
        ],
        onward="Here a letter was drawn each time. Is a letter the right thing to draw?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
