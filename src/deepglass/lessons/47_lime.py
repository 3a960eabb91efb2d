"""Lesson 47: a line nearby. LIME, how far its neighbourhood reaches, and what it means when two explanations differ."""

import marimo

app = marimo.App(width="medium", app_title="A line nearby", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.data.datasets.reviews import load
    from deepglass.data.preprocess.text import WordVocabulary, split_words
    from deepglass.explain.methods import lime, occlusion, shapley
    from deepglass.explain.quality.sanity import rank_correlation
    from deepglass.glass.nn import functional as F
    from deepglass.zoo import architectures

    LESSON = {
        "title": "A line nearby",
        "question": "Two methods explain the same answer, and differ. Which one is wrong?",
        "part": "Understanding",
        "minutes": 16,
        "reads": ["explain/methods/lime.py", "explain/quality/agreement.py", "explain/quality/stability.py"],
        "runs": [
            "deepglass train iris --model mlp --epochs 20 --run runs/iris",
            "deepglass explain runs/iris --row 1 --method lime",
        ],
    }

    REVIEWS = (
        "the soup was not bad", "the menu was never dull", "the soup was lovely but the waiter was not rude",
    )  # fmt: skip
    LEARNT, EPOCHS = 1800, 8
    WIDTHS = [0.05, 0.1, 0.15, 0.25, 0.4, 0.6, 1.0]  # of the kernel
    NEIGHBOURS = [10, 20, 40, 80, 160, 320, 640]


@app.function
@cache
def net():
    """Probability of praise (n,) of texts, by a bag of words and pairs that has learnt bundled reviews."""
    frame = load().frame
    vocabulary = WordVocabulary.fit(frame["text"])
    tokens = vocabulary.encode(frame["text"].tolist()).astype(np.int64)
    verdicts, rng = (frame["sentiment"] == "positive").to_numpy().astype(int), np.random.default_rng(0)
    order = rng.permutation(len(tokens))[:LEARNT]
    glass.manual_seed(0)
    sizes = {"vocab_size": len(vocabulary), "num_classes": 2, "embed_dim": 16, "dropout": 0.0, "ngram_dropout": 0.0}
    made = {"task": "text-classification", "ngrams": 2, "buckets": 2048}
    model = architectures.load("bag-of-ngrams", "glass", **made, **sizes)
    optimizer = glass.optim.AdamW(model.parameters(), lr=0.02)
    for _ in range(EPOCHS):
        for rows in np.array_split(rng.permutation(order), LEARNT // 64):
            optimizer.zero_grad()
            F.cross_entropy(model(glass.tensor(tokens[rows])), glass.tensor(verdicts[rows])).backward()
            optimizer.step()
    model.eval()

    def praise(texts):
        with glass.no_grad():
            found = model(glass.tensor(vocabulary.encode(texts).astype(np.int64)))
            return F.softmax(found, 1).numpy()[:, 1].astype(float)

    return praise


@app.function
def without(words, present):
    """The words that are there."""
    return " ".join(word for word, is_there in zip(words, present) if is_there)


@app.function
@cache
def parts(text):
    """The words of a text, and the game that they play: praise where only some of them are there, (n, M) → (n,)."""
    words = split_words(text)
    return words, lambda present: net()([without(words, row) for row in present])


@app.function
@cache
def line(text, samples=1000, seed=0, width=lime.WIDTH):
    """LIME's line around a text."""
    words, game = parts(text)
    return lime.fit(game, len(words), samples, seed, width)


@app.function
def rough(text, count, seed):
    """(M,) weights of a line through so few neighbours."""
    words, game = parts(text)
    present = lime.neighbours(len(words), count, seed)
    return lime.weighted_line(present, game(present), lime.kernel(present))[1:]


@app.function
def numbered(words, values):
    """Values by word, for bars; a word may occur twice."""
    return {f"{place}. {word}": value for place, (word, value) in enumerate(zip(words, values), 1)}


@app.function
@cache
def answers(text):
    """(M,) by method what it says of each word."""
    words, game = parts(text)
    return {
        "hide one word": occlusion.drops(game, len(words)),
        "LIME": line(text).weights,
        "Shapley": shapley.exact(game, len(words)),
    }


@app.function
def film(count=14):
    """Neighbours of a review, one after the other: how near they are, and how much praise they get."""
    words, game = parts(REVIEWS[2])
    present = lime.neighbours(len(words), 2 * count, 1)
    present = np.concatenate([present[:1], present[~present.all(1)]])[:count]
    places = np.column_stack([lime.kernel(present), game(present)])
    for shown in range(1, count + 1):
        told = " ".join(word if there else "·" * len(word) for word, there in zip(words, present[shown - 1]))
        yield kit.scatter(
            {"the review": places[:1], "neighbours": places[1:shown]}, xlim=(-0.05, 1.1), ylim=(-0.05, 1.1),
            xlabel="how near it is", ylabel="praise", label="A review and its neighbours", caption=told, height=2.9,
        )  # fmt: skip


@app.cell
def _():
    _words, _game = parts(REVIEWS[0])
    _weight = line(REVIEWS[0]).weights[_words.index("bad")]
    kit.opening(
        LESSON,
        "A net reads reviews, and nobody can read the net. But ask it about many **neighbours** of a review, the same "
        "text with some words left out, and draw a straight line through its answers: one number per word.",
        kit.film(film(), label="Neighbours", seconds=0.7),
        kit.guess(
            f'"{REVIEWS[0].capitalize()}": the net says praise, with {_game(np.ones((1, len(_words)), bool))[0]:.0%}. '
            'What will the line say of the word "bad"?',
            ["It speaks against praise", "It speaks for praise", "It says nothing either way"],
            f"It speaks for praise: {_weight:+.2f}. Beside it stands “not”, and the net knows “not bad”. Without “bad” "
            "a “not” is left, and less praise. An explanation speaks of a word <i>in this text</i>.",
        ),
    )
    return


@app.cell
def _():
    review = mo.ui.dropdown(list(REVIEWS), value=REVIEWS[0], label="Review")
    width = kit.slider("Width of the neighbourhood", WIDTHS, 0.25)
    _words = kit.text(
        """
        ## A line, and how far it reaches {#see}

        Near neighbours count for more. How fast that falls is the **width**. A narrow neighbourhood hears only texts
        with one word missing, a wide one all of them alike. R² says how much of the net's answers nearby the line can
        tell: what it cannot, no sum of words can.

        {review} {width}
        """,
        review=review,
        width=width,
    )
    kit.after_guess(_words)
    return review, width


@app.cell
def _(review, width):
    _words, _ = parts(review.value)
    _line = line(review.value, width=width.value)
    _one_less = np.ones((1, len(_words)), bool)
    _one_less[0, 0] = False
    _near = float(lime.kernel(_one_less, width.value)[0])
    _shown = kit.levels(
        kit.bars(numbered(_words, _line.weights), label=f"LIME on “{review.value}”"),
        {
            "R² nearby": _line.r2,
            "a neighbour with one word less counts": _near,
            "the line at the text itself": _line.intercept + float(_line.weights.sum()),
            "the net": float(net()([review.value])[0]),
        },
        r"""
        $$\min_{w,b}\ \sum_z \green{\pi(z)}\,\Big(f(z) - b - \sum_i \blue{w_i} z_i\Big)^2$$

        $z_i$ is 1 where word $i$ is there. The nearness of a neighbour with one word less is
        $\green{\pi} = \exp\big(-(1 - \sqrt{{kept}})^2 / {width}^2\big) = {near}$.
        """,
        kept=f"{1 - 1 / len(_words):.3g}",
        width=f"{width.value:g}",
        near=f"{_near:.2g}",
    )
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ## Least squares, weighed {#read}

        The same lines explain tables, pictures and series: there a part that is left out is a column that holds a
        typical value, a square that turns grey, a stretch that stays at its mean.

        {code}
        """,
        code=kit.read(
            "explain/methods/lime.py",
            {
                "root = np.sqrt(nearness)": "A square counts π times: so each side gets its root.",
                "np.column_stack([np.ones": "A column of ones for b, then which words are there.",
            },
            part="weighted_line",
        ),
    )
    return


@app.cell
def _(review):
    _words, _ = parts(review.value)
    _found = answers(review.value)
    _names = list(_found)
    _agree = {
        f"{one} and {other}": rank_correlation(_found[one], _found[other])
        for place, one in enumerate(_names)
        for other in _names[place + 1 :]
    }
    _words_shown = kit.text(
        """
        ## When two explanations differ

        {bars}

        They agree more or less: their rank correlations are {correlations}. None of them is wrong: **each answers
        another question.** *What if one word were missing?* *Which line fits nearby?* *What does a word bring on
        average, to any part of the text, down to none?* Where a net adds up words, all answers are the same. Where
        words need each other, as "not" and "bad" do, they are not, and that is what a difference tells you.
        """,
        bars=kit.bars(
            {
                word: {name: _found[name][place] for name in _names}
                for place, word in enumerate(numbered(_words, _words))
            },
            label=f"Three answers about “{review.value}”",
        ),
        correlations=", ".join(f"{value:.2f} ({names})" for names, value in _agree.items()),
    )  # fmt: skip
    kit.after_guess(_words_shown, silently=True)
    return


@app.cell
def _():
    few = kit.slider("Neighbours that are asked", NEIGHBOURS, 20)
    _words = kit.text(
        """
        ## Ask again {#break-it-mend-it}

        Neighbours are drawn. With few of them, ask twice with another seed, and "the" changes its side. **Mend it**:
        ask for more. So an explanation that is drawn must say how far it would move if it were drawn again: LIME's
        intervals here, and the **stability** beside every answer of `deepglass explain`.

        {few}
        """,
        few=few,
    )
    kit.after_guess(_words, silently=True)
    return (few,)


@app.cell
def _(few):
    _words, _ = parts(REVIEWS[2])
    _found = [rough(REVIEWS[2], few.value, seed) for seed in range(2)]
    _mean = [
        np.mean([rank_correlation(rough(REVIEWS[2], n, 2 * s), rough(REVIEWS[2], n, 2 * s + 1)) for s in range(6)])
        for n in NEIGHBOURS
    ]
    _shown = kit.row(
        kit.bars(
            {name: {"one draw": one, "another": other} for name, one, other in zip(numbered(_words, _words), *_found)},
            label=f"Two draws of {few.value} neighbours",
        ),
        kit.curves(
            {"": (NEIGHBOURS, _mean), "here": ([few.value], [_mean[NEIGHBOURS.index(few.value)]])}, points={"here"},
            log="x", ylim=(-0.2, 1.05), xlabel="neighbours", ylabel="rank correlation of two draws",
            label="Stability by the number of neighbours", caption="Mean over six pairs of draws.",
        ),
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ### A line that is fair

        One choice of nearness makes LIME's line another method: weigh a neighbour with $s$ of $M$ parts by
        $(M-1)\\,/\\,\\big(\\binom{M}{s}\\, s\\,(M-s)\\big)$ and ask that the line be right at nothing and at
        everything, and its slopes are the **Shapley values**. This kernel SHAP is the one of the lesson before.
        """
    )
    return


@app.cell
def _():
    _scores = {"not bad": 0.9, "not": 0.2, "bad": 0.1, "": 0.5}
    kit.check(
        kit.exercise("line_nearby"),
        kit.answer(
            "A net gives “not bad” 0.9, “not” alone 0.2, “bad” alone 0.1, no words 0.5. All four count alike. What "
            "weight has “bad” in the line?",
            ((_scores["not bad"] - _scores["not"]) + (_scores["bad"] - _scores[""])) / 2,
            name="weight",
            slips={
                _scores["not bad"] - _scores["not"]: "That is what hiding it says, beside “not” alone.",
                _scores["bad"] - _scores[""]: "That is what it says alone.",
            },
            because="With all coalitions of two weighed alike, the line takes the mean of both differences.",
            hint="What does “bad” add where “not” is there, and where it is not? The line must serve both.",
            solution="((0.9 − 0.2) + (0.1 − 0.5)) / 2 = 0.15",
        ),
        kit.choose(
            "R² of a line is 0.3. What now?",
            {
                "Its weights say little about the net here": (True, "Most of what the net does nearby is not in them."),
                "The net is wrong in three of ten": (False, "R² speaks of the line and not of the net."),
                "More neighbours will raise it": (False, "They make the line surer, not less straight."),
            },
            name="r2",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        One flower, its line, its R² and its intervals; below them, how far it agrees with another method and with
        itself under other seeds.
        """,
        own_file="""
        Any run: `deepglass explain runs/mine "the soup was not bad" --method lime`, or a row of a table. Compare two
        methods with `--against kernel-shapley`.
        """,
        sources=[
            ("Ribeiro, Singh and Guestrin (2016), Why should I trust you?", "https://arxiv.org/abs/1602.04938"),
            ("Lundberg and Lee (2017), A unified approach", "https://arxiv.org/abs/1705.07874"),
            ("Alvarez-Melis and Jaakkola (2018), On the robustness of interpretability", "https://arxiv.org/abs/1806.08049"),
            ("Krishna et al. (2022), The disagreement problem", "https://arxiv.org/abs/2202.01602"),
        ],
        onward="A line tells which way an answer falls. How far must one go until it is another one?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
