"""Lesson 37: sentiment. A bag of words, a bag of pairs, and a network that reads reviews with "not" and "but"."""

import marimo

app = marimo.App(width="medium", app_title="Sentiment", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.data.datasets.reviews import load
    from deepglass.data.preprocess.text import WordVocabulary, split_words
    from deepglass.glass.nn import functional as F
    from deepglass.zoo import architectures

    LESSON = {
        "title": "Sentiment",
        "question": "Is it enough to know the words?",
        "part": "Language",
        "minutes": 15,
        "reads": ["BagOfNgrams"],
        "runs": [
            "deepglass train reviews --model bag-of-ngrams --ngrams 1 --no-blend --epochs 8",
            "deepglass train reviews --model gru --dropout 0 --learning-rate 0.005 --epochs 10",
        ],
    }

    KINDS = {  # of models: name, settings, rate, epochs
        "words": ("bag-of-ngrams", {"ngrams": 1, "buckets": 1, "ngram_dropout": 0.0}, 0.02, 6),
        "words and pairs": ("bag-of-ngrams", {"ngrams": 2, "buckets": 2048, "ngram_dropout": 0.0}, 0.02, 8),
        "a GRU that reads": ("gru", {"hidden_size": 24}, 0.02, 6),
    }
    LEARNT = 1800  # reviews; the others are asked about
    PRAISE = "the waiter was rude but the soup was lovely"
    COMPLAINT = "the soup was lovely but the waiter was rude"
    TURNED_TWICE = [  # praise, and a complaint
        "the soup was never lovely but the waiter was not rude", "the soup was not rude but the waiter was not lovely",
    ]  # fmt: skip


@app.function
@cache
def reviews():
    """Words as numbers (2400, 13), verdicts (1 praise, 0 complaint), the vocabulary, and a shuffled order."""
    frame = load().frame
    vocabulary = WordVocabulary.fit(frame["text"])
    tokens = vocabulary.encode(frame["text"].tolist()).astype(np.int64)
    return tokens, (frame["sentiment"] == "positive").to_numpy().astype(int), vocabulary, shuffled(len(tokens))


@app.function
def shuffled(count):
    """A fixed order."""
    return np.random.default_rng(0).permutation(count)


@app.function
@cache
def learn(kind):
    """A model of this kind, after it has seen 1,800 reviews a few times; and how often it is right about the others."""
    (tokens, verdicts, vocabulary, order), (name, settings, rate, epochs) = reviews(), KINDS[kind]
    glass.manual_seed(0)
    sizes = {"vocab_size": len(vocabulary), "num_classes": 2, "embed_dim": 16, "dropout": 0.0}
    net = architectures.load(name, "glass", task="text-classification", **sizes, **settings)
    optimizer, rng = glass.optim.AdamW(net.parameters(), lr=rate), np.random.default_rng(0)
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(order[:LEARNT]), LEARNT // 64):
            optimizer.zero_grad()
            F.cross_entropy(net(glass.tensor(tokens[rows])), glass.tensor(verdicts[rows])).backward()
            optimizer.step()
    with glass.no_grad():
        answers = net.eval()(glass.tensor(tokens[order[LEARNT:]])).numpy().argmax(1)
    return net, float((answers == verdicts[order[LEARNT:]]).mean())


@app.function
def praise(kind, text):
    """The share that a model gives to praise."""
    (net, _), tokens = learn(kind), reviews()[2].encode([text]).astype(np.int64)
    with glass.no_grad():
        return float(F.softmax(net(glass.tensor(tokens)), 1).numpy()[0, 1])


@app.function
def scores(words):
    """What the bag of words thinks of each word by itself: (w₁ − w₀)·e, and its offset b₁ − b₀."""
    net, vocabulary = learn("words")[0], reviews()[2]
    weight, bias = net.head.weight.detach().numpy(), net.head.bias.detach().numpy()
    vectors = net.words.weight.detach().numpy()[[vocabulary.ids.get(word, 1) for word in words]]
    return vectors @ (weight[1] - weight[0]), float(bias[1] - bias[0])


@app.function
def film():
    """A review, word by word, with what each word says."""
    words = PRAISE.split()
    found, _ = scores(words)
    for read in range(1, len(words) + 1):
        bars = {f"{i}. {word}": score if i <= read else 0.0 for i, (word, score) in enumerate(zip(words, found), 1)}
        told = f"{' '.join(words[:read])}: the mean of {read} is {found[:read].mean():+.2f}."
        yield kit.bars(bars, label="What each word says", caption=told.replace("-", "−"), xlim=(-9, 9))


@app.cell
def _():
    _shares = [praise("words", text) for text in (PRAISE, COMPLAINT)]
    kit.opening(
        LESSON,
        f"A network has learnt {LEARNT:,} short reviews of a restaurant. Every word got one number, above zero where "
        "it sounds like praise, below where it sounds like a complaint. The verdict is the **mean** of them.",
        kit.film(film(), label="Words read", seconds=0.7),
        kit.guess(
            f'"{PRAISE.capitalize()}": praise, for what follows "but" counts. The network gives praise '
            f'{_shares[0]:.0%}. And to "{COMPLAINT}"?',
            ["Less", "More", "The same"],
            f"The same: {_shares[1]:.0%}. The same words make the same mean, in whatever order they come. It is called "
            "a <i>bag of words</i>.",
        ),
    )
    return


@app.cell
def _():
    _words = sorted(reviews()[2].words, key=lambda word: -abs(scores([word])[0][0]))[:12]
    _found, _ = scores(_words)
    own = mo.ui.text("the soup was not bad", label="Your review", full_width=True)
    kit.text(
        r"""
        ## Every word gets one number {#see}

        The network has a vector $e$ for every word, takes their mean and puts a linear layer behind it. But a linear
        layer of a mean is a mean of linear layers: from each vector only one number is left, $w\cdot e$. Here are
        twelve words that say most.

        {bars} {try_it}
        """,
        bars=kit.bars(dict(zip(_words, _found)), sort=True, label="Words that say most"),
        try_it=kit.text(
            """
            Try it: which words are for it, which against? It knows {known} words; all others share one vector.

            {own}
            """,
            known=len(reviews()[2].words),
            own=own,
        ),
    )
    return (own,)


@app.cell
def _(own):
    _words = split_words(own.value) or ["the"]
    _found, _offset = scores(_words)
    _share = praise("words", " ".join(_words))
    kit.levels(
        kit.bars(
            {f"{i}. {word}": score for i, (word, score) in enumerate(zip(_words, _found), 1)}, label="Your review"
        ),
        {
            "mean of the words": float(_found.mean()),
            "offset": _offset,
            "together": float(_found.mean()) + _offset,
            "praise": f"{_share:.0%}",
        },
        r"""
        $$\sigma\Big(\frac{1}{n}\sum_i \blue{w\cdot e_i} + \green{b}\Big) =
        \sigma(\blue{mean} + \green{offset}) = {share}$$

        "Not" has one number, whatever follows it. That number cannot be right for "not good" and for "not bad".
        """,
        mean=f"{_found.mean():.2f}",
        offset=f"{_offset:.2f}",
        share=f"{_share:.2f}",
    )
    return


@app.cell
def _():
    kit.text(
        """
        ## Mean, then a line {#read}

        The whole network, with the pairs of words that come next: a pair gets a vector of its own, found by a *hash* of
        its two numbers, and joins the mean like a word.

        {code}
        """,
        code=kit.read(
            "models/bag_of_ngrams.py",
            {
                "total = self.words(tokens).sum(dim=1)": "The vectors of all words, added.",
                "for n, buckets in self.hashes(tokens)": "With pairs, “not bad” is a thing of its own.",
                "mean = total / count.clamp(min=1)": "The mean of all that was found.",
            },
            part="BagOfNgrams.forward",
        ),
    )
    return


@app.cell
def _():
    kind = mo.ui.radio(list(KINDS), value="words", label="Model", inline=True)
    said = mo.ui.dropdown(
        [
            "the soup was not bad",
            "the soup was not good",
            COMPLAINT,
            PRAISE,
            "the menu was great and the wine was poor",
        ],
        value="the soup was not bad",
        label="Review",
    )
    kit.text(
        """
        ## Not bad, but {#break-it-mend-it}

        Break the bag with "not". Mend it with pairs of words. Then break the pairs: a "not" on both sides of a "but" is
        too much for them. Mend that with a network that reads from left to right and remembers.

        {kind} {said}
        """,
        kind=kind,
        said=said,
    )
    return kind, said


@app.cell
def _(kind, said):
    _right = {name: learn(name)[1] * 100 for name in KINDS}
    _share = praise(kind.value, said.value)
    kit.row(
        kit.bars(
            {"praise": 100 * _share, "complaint": 100 * (1 - _share)},
            unit=" %",
            xlim=(0, 125),
            label=f"{kind.value} on “{said.value}”",
            caption=f"{kind.value} on “{said.value}”",
        ),
        kit.after_guess(
            kit.bars(
                _right,
                unit=" %",
                xlim=(0, 125),
                label="Right about new reviews",
                caption=f"Right about {len(reviews()[0]) - LEARNT} reviews that none of them has seen; a coin: 50 %.",
            )
        ),
    )
    return


@app.cell
def _():
    kit.text(
        """
        These reviews are made to be hard for a bag: about half of them turn a word round. In real ones most of the
        verdict is in the words, and a bag of pairs is hard to beat with a few thousand of them. Not every review has a
        verdict: with "great" and "poor" joined by "and" nobody knows it, and every network gives one.
        """
    )
    return


@app.cell
def _():
    _known = len(reviews()[2].words)
    kit.check(
        kit.exercise("averaged"),
        kit.answer(
            f"These reviews use {_known} different words and marks. How many pairs of neighbours can there be?",
            _known**2,
            name="pairs",
            slips={
                _known * (_known - 1): "A word may follow itself.",
                _known * (_known - 1) / 2: "“Not bad” and “bad not” are two pairs.",
                2 * _known: "Every word can be followed by every word.",
            },
            because="With 20,000 words it would be 400 million. That is why pairs share vectors by a hash.",
            hint="The first may be any word, and so may the second.",
            solution=f"{_known} · {_known} = {_known**2:,}",
            tolerance=0.5,
        ),
        kit.choose(
            "Which two reviews can the bag of words and pairs not tell apart, whatever it learns?",
            {
                "“a b c a” and “a c b a”": (False, "The pairs differ: ab, bc, ca and ac, cb, ba."),
                "“a b a c a” and “a c a b a”": (True, "Both hold a three times, b, c, and the pairs ab, ba, ac, ca."),
                "“not bad” and “bad, not”": (False, "One holds the pair not bad, the other does not."),
            },
            name="alike",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Both models on the same reviews. The table of the first also shows TF-IDF, a bag of words and pairs without a
        network, on the same rows: it is better, for single words are not enough. The second reads them in order, and is
        right about nearly all.
        """,
        own_file="""
        A CSV with a column of texts and one of verdicts: `deepglass train my-reviews.csv --target COLUMN`. Without
        `--model` it takes words and pairs, mixed with TF-IDF where held-out texts ask for it.
        """,
        sources=[
            ("Pang, Lee and Vaithyanathan (2002), Thumbs up?", "https://arxiv.org/abs/cs/0205070"),
            ("Wang and Manning (2012), Baselines and bigrams", "https://aclanthology.org/P12-2018/"),
            (
                "Joulin et al. (2016), Bag of tricks for efficient text classification",
                "https://arxiv.org/abs/1607.01759",
            ),
        ],
        onward="Reading is one half of language. The lessons before this one write it.",
    )
    return


if __name__ == "__main__":
    app.run()
