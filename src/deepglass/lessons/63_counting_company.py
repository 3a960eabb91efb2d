"""Lesson 63: counting company. A table of who stands beside whom, what it hides, PPMI, and GloVe."""

import marimo

app = marimo.App(width="medium", app_title="Counting company", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch

    from deepglass.course import kit
    from deepglass.data.config import DataConfig
    from deepglass.data.datasets.shakespeare import load
    from deepglass.data.fields import words as fields
    from deepglass.data.preprocess.cooccurrence import count_pairs
    from deepglass.data.word_vectors import WordVectors, unit
    from deepglass.models.glove import EXPONENT, Config, GloVe, weighted_least_squares
    from deepglass.rivals.ppmi_svd import ppmi, ppmi_svd

    LESSON = {
        "title": "Counting company",
        "question": "If company is all, why not count it?",
        "part": "Language",
        "minutes": 18,
        "reads": ["models/glove.py", "data/preprocess/cooccurrence.py"],
        "runs": [
            "deepglass train shakespeare --task word-vectors --model glove --epochs 3 --run runs/glove",
            "deepglass near runs/glove king",
        ],
    }

    WINDOW, LEAST, DIM, COUNT_MAX = 5, 40, 20, 100.0  # words on either side; occurrences of a word that is counted
    STEPS, BATCH, DRAWN = 300, 4096, 250
    MOMENTS = (0, 10, 20, 30, 45, 60, 80, 100, 140, 200, 300)
    SHARES = [2, 5, 20, 50, 100]  # percent of the text
    KINDS = {
        "family": ["father", "mother", "son", "daughter", "brother", "wife", "husband"],
        "body": ["hand", "hands", "eyes", "eye", "face", "head", "heart", "tongue", "ears"],
        "titles": ["king", "queen", "duke", "prince", "lord"],
        "names": ["richard", "henry", "edward", "warwick", "york"],
        "talk": ["speak", "hear", "say", "tell"],
        "time": ["day", "night", "time"],
    }
    PROBES = ["margaret", "she", "and", "the", "henry", "richard"]
    TABLES = ["counts as they are", "their logarithms", "beside chance (PPMI)"]


@app.function
@cache
def plays():
    """The words of the plays that are frequent, and the plays as their numbers."""
    field = fields.Field(fields.Options(min_count=LEAST, window=WINDOW), DataConfig(), 0)
    ids = field.fit(load()).examples["train"].ids.numpy()
    return field.vocabulary.words, ids


@app.function
@cache
def counted(percent=100):
    """The words, and how often each stands near each other: (V, V), sparse."""
    words, ids = plays()
    pairs = count_pairs(ids[: len(ids) * percent // 100], WINDOW, len(words) + 2)
    return words, pairs[2:, 2:]  # 0 and 1 are no words


@app.function
def rows(table, percent=100):
    """What stands in the row of every word: (V, V)."""
    pairs = counted(percent)[1]
    if table == TABLES[1]:
        return np.log1p(pairs.toarray())
    return (ppmi(pairs) if table == TABLES[2] else pairs).toarray()


@app.function
def asked(table):
    """Rows (V, C) as vectors that can be asked."""
    return WordVectors(counted()[0], table)


@app.function
def learning(moments=(STEPS,), seed=0):
    """GloVe while it learns from the counts: (steps, net) at some moments."""
    pairs = counted()[1].tocoo()
    one, other = (torch.from_numpy(part.astype(np.int64))[:, None] + 1 for part in (pairs.row, pairs.col))
    counts = torch.from_numpy(pairs.data.astype(np.float32))[:, None]
    torch.manual_seed(seed)
    net = GloVe(pairs.shape[0] + 1, Config(embed_dim=DIM))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for step in range(moments[-1] + 1):
        if step in moments:
            yield step, net
        some = torch.randint(len(counts), (BATCH,))
        loss = weighted_least_squares(net(one[some], other[some]), counts[some], COUNT_MAX)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


@app.function
@cache
def glove(seed=0):
    """The net at the end."""
    return next(learning(seed=seed))[1]


@app.function
def vectors_of(net):
    """(V, C): of each word its own vector plus that of it as company, as its authors take them."""
    return (net.words.weight + net.contexts.weight)[1:].detach().numpy()


@app.function
def film():
    """Pairs of words: the logarithm of how often they meet, and the score of the net, while it learns."""
    pairs = counted()[1].tocoo()
    rng = np.random.default_rng(0)
    often, seldom = (rng.choice(np.flatnonzero(kind), DRAWN) for kind in (pairs.data >= 5, pairs.data < 5))
    line = np.log([pairs.data.min(), pairs.data.max()])
    for step, net in learning(MOMENTS):
        groups, errors = {}, {}
        for name, some in (("met often", often), ("met seldom", seldom)):
            ends = [torch.from_numpy(part[some].astype(np.int64))[:, None] + 1 for part in (pairs.row, pairs.col)]
            truth, score = np.log(pairs.data[some]), net(*ends).detach().numpy()[:, 0]
            groups[name], errors[name] = np.stack([truth, score], 1), np.abs(score - truth).mean()
        told = f"After {step} steps a score is {errors['met often']:.2f} off where two words met often, and "
        yield kit.scatter(
            groups, lines={"right": np.stack([line, line], 1)}, size=12, xlim=(-2.2, 8), ylim=(-2.2, 8),
            xlabel="log x, of the count", ylabel="score", label="Pairs of words, their counts and their scores",
            caption=f"{told}{errors['met seldom']:.2f} where seldom.",
        )  # fmt: skip


@app.cell
def _():
    _nearest = asked(rows(TABLES[0])).near("queen", 3)
    kit.opening(
        LESSON,
        "Every dot is a pair of words from Shakespeare's plays. To the right are pairs that often stand near each "
        "other; how high a dot is, the net decides. It is told the counts, and nothing else. Watch where the dots go.",
        kit.film(film(), label="Steps of the training", seconds=0.7),
        kit.guess(
            f"Leave the net away for a moment. {len(counted()[0])} words of the plays, and for each one its row of "
            "counts: how often it stands near each of the others. Take the rows as vectors. Which of these three has "
            "the row nearest to that of “queen”?",
            ["“king”", "“margaret”, who is one", f"“{_nearest[0][0]}”"],
            f"The nearest of all is “{_nearest[0][0]}”, with a cosine of {_nearest[0][1]:.2f}; then come "
            f"“{_nearest[1][0]}” and “{_nearest[2][0]}”. Every row is full of “the” and “and”, so any two rows look "
            "alike. What a row counts most tells least.",
        ),
    )
    return


@app.function
def probed(one="king", other="queen"):
    """For some words: how often each stands near either, its share of their company, and the ratio of the shares."""
    words, pairs = counted()
    found = []
    for probe in PROBES:
        meets = [pairs[words.index(word), words.index(probe)] for word in (one, other)]
        shares = [met / pairs[words.index(word)].sum() for met, word in zip(meets, (one, other))]
        found.append({"near": probe, one: meets[0], other: meets[1], "ratio of shares": shares[0] / shares[1]})
    return found


@app.cell
def _():
    _words = kit.text(
        """
        ## It is the ratio that tells {#see}

        {table}

        A pair at distance d counts 1/d. “The” is much of everybody's company, and its shares are alike: it says little
        of the difference between king and queen. “Margaret” and “Henry” do. So ask not how often two words meet, but
        how many times **more often than by chance**. The logarithm of that is their **pointwise mutual information**
        (PMI). Only what is above 0 is kept (PPMI): a pair that never met has no logarithm. And how frequent a word is
        as company goes in to the power of ¾, so that rare ones do not look as telling as they would.

        {bars}
        """,
        table=kit.table(probed(), "How often each stands near king and near queen."),
        bars=kit.bars(
            dict(asked(rows(TABLES[2])).near("queen", 6)), xlim=(0, 0.55),
            label="Cosines of the rows nearest to queen, beside chance",
            caption="Nearest to “queen”, beside chance. Kings' wives in the plays are called Queen Margaret and Queen "
            "Elizabeth.",
        ),
    )  # fmt: skip
    kit.after_guess(_words)
    return


@app.function
def of_one_kind(table):
    """Of the words whose kind anybody can tell, the share of which the nearest among them is of the same kind."""
    words = counted()[0]
    sorted_ = [(word, kind) for kind, those in KINDS.items() for word in those]
    vectors = unit(table[[words.index(word) for word, _ in sorted_]])
    nearest = (vectors @ vectors.T - 2 * np.eye(len(sorted_))).argmax(axis=1)
    return float(np.mean([sorted_[i][1] == sorted_[j][1] for i, j in enumerate(nearest)]))


@app.function
def chance():
    """The same, if the nearest were any of the others."""
    sizes = [len(those) for those in KINDS.values()]
    return sum(size * (size - 1) for size in sizes) / sum(sizes) / (sum(sizes) - 1)


@app.cell
def _():
    one = mo.ui.dropdown(["king", "queen", "father", "hand", "day"], value="king", label="Word")
    other = mo.ui.dropdown(["richard", "margaret", "mother", "the", "night"], value="richard", label="Beside it")
    _words = kit.text(
        """
        ### A score for every count

        A row has as many numbers as there are words: {count} here, and fifty thousand in a large text. **GloVe** wants
        {dim} of them to be enough. A score of two vectors and two numbers, one for how frequent each word is by itself,
        shall be the logarithm of the count. Pairs that met seldom are counted badly, so they weigh less: that is why
        the orange squares of the film may lie farther from the line. Nor is every other count reached: look at “queen”
        and “margaret”.

        {one} {other}
        """,
        count=len(counted()[0]),
        dim=DIM,
        one=one,
        other=other,
    )
    kit.after_guess(_words, silently=True)
    return one, other


@app.function
def scored(one, other):
    """Of a pair: its count, w·c, both biases, the weight of the pair, and what it costs."""
    words, pairs = counted()
    i, j, net = words.index(one), words.index(other), glove()
    count = float(pairs[i, j])
    with torch.no_grad():
        product = float(net.words.weight[i + 1] @ net.contexts.weight[j + 1])
        biases = float(net.word_bias.weight[i + 1]), float(net.context_bias.weight[j + 1])
    weight = min(1.0, count / COUNT_MAX) ** EXPONENT
    off = product + sum(biases) - np.log(count) if count else 0.0
    return {"count": count, "product": product, "biases": biases, "weight": weight, "cost": weight * off**2}


@app.cell
def _(one, other):
    _pair = scored(one.value, other.value)
    _score = _pair["product"] + sum(_pair["biases"])
    _met = _pair["count"] > 0
    _levels = kit.levels(
        kit.bars(
            dict(asked(vectors_of(glove())).near(one.value, 7)), xlim=(0, 1.25),
            label=f"Cosines of the words nearest to {one.value}", caption=f"Nearest to “{one.value}”, by GloVe.",
        ),
        {
            "count x, near ones more": _pair["count"],
            "log x": float(np.log(_pair["count"])) if _met else "none: they never met",
            "w·c": _pair["product"], "b + b̃": sum(_pair["biases"]), "score": _score, "weight f(x)": _pair["weight"],
        },
        r"""
        $$L = f(x)\,(\blue{w}\cdot\orange{c} + b + \tilde b - \log x)^2$$

        $$L = {weight}\cdot({score} - {truth})^2 = {cost}$$

        $$f(x) = \min\left(1, \frac{x}{{most}}\right)^{3/4}$$

        Pairs that never met are not in the sum.
        """,
        weight=f"{_pair['weight']:.3f}", score=f"{_score:.2f}",
        truth=f"{np.log(_pair['count']):.2f}".replace("-", "−") if _met else "?",
        cost=f"{_pair['cost']:.3f}", most=f"{COUNT_MAX:.0f}",
    )  # fmt: skip
    kit.after_guess(_levels, silently=True)
    return


@app.cell
def _():
    _learnt = [of_one_kind(vectors_of(glove(seed))) for seed in range(3)]
    _number = sum(map(len, KINDS.values()))
    _words = kit.text(
        """
        ### Or at one stroke

        The table beside chance can also be *cut down* to {dim} numbers per word, by the decomposition that finds
        principal components (SVD): no rate to choose, and no number of steps. Which is better? Here are {number} words
        whose kind anybody can tell: family, parts of the body, titles. For how many is the nearest of the same kind?

        {bars}

        On this text counting and cutting is the one to beat, and `deepglass` puts it beside a training of word vectors
        unless the table is too large. The game of the last lesson has its place where no table fits in memory. The two
        are closer than they look: the game also ends, if its vectors are long enough, at the mutual information less
        log k (Levy and Goldberg, below).
        """,
        dim=DIM,
        number=_number,
        bars=kit.bars(
            {
                "cut (PPMI and SVD)": 100 * of_one_kind(ppmi_svd(counted()[1], DIM)),
                **{f"GloVe, seed {seed}": 100 * share for seed, share in enumerate(_learnt)},
                "by chance": 100 * chance(),
            },
            unit=" %", xlim=(0, 105), label="Words whose nearest is of the same kind",
            caption=f"Words whose nearest is of the same kind, of {_number}: one word is {100 / _number:.0f} %.",
        ),
    )  # fmt: skip
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ## Count once, then learn {#read}

        The text is read a single time. Then the learning sees pairs and their counts, and no sentence any more.

        {count} {loss}
        """,
        count=kit.read(
            "data/preprocess/cooccurrence.py",
            {
                "left, right = ids[:-distance]": "All pairs at this distance at once: the text beside itself, shifted.",
                "weights = np.full(": "Nearer ones count more: 1/d.",
            },
            part="count_pairs",
        ),
        loss=kit.read(
            "models/glove.py",
            {
                "weights = (counts / most)": "Seldom: little weight. Above the most: no more than 1.",
                "return (weights * (scores": "Least squares, weighted.",
            },
            part="weighted_least_squares",
        ),
    )
    return


@app.cell
def _():
    percent = kit.slider("Percent of the text that is counted", SHARES, 2)
    which = mo.ui.radio(TABLES, value=TABLES[2], label="In the rows", inline=True)
    _words = kit.text(
        """
        Count {share} percent of the plays, and few words have met often enough for a row to mean anything: it holds
        what chance has put there. **Mend it** with the slider. Then look at what the rows hold. Which of the three is
        best with how much text?

        {percent} {which}
        """,
        share=SHARES[0],
        percent=percent,
        which=which,
    )
    kit.text("## Too little company {#break-it-mend-it}\n\n{more}", more=kit.after_guess(_words))
    return percent, which


@app.cell
def _(percent, which):
    _table = rows(which.value, percent.value)
    _share = of_one_kind(_table)
    _words = kit.row(
        kit.bars(
            dict(asked(_table).near("speak", 6)), xlim=(0, 1.25), label="Cosines of the rows nearest to speak",
            caption=f"Nearest to “speak”. Of words of known kind, {_share:.0%} have one of theirs nearest.",
        ),
        kit.curves(
            {name: (SHARES, [of_one_kind(rows(name, share)) for share in SHARES]) for name in TABLES},
            marks={"chance": chance()}, log="x", xlabel="percent of the text", ylabel="nearest is of its kind",
            ylim=(0, 1), label="Share of words whose nearest is of the same kind",
        ),
    )  # fmt: skip
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    kit.check(
        kit.exercise("positive_information"),
        kit.answer(
            "Two words meet 20 times. By chance, as frequent as they are, they would meet 5 times. What is their "
            "pointwise mutual information, with the natural logarithm?",
            float(np.log(4)), name="information", tolerance=0.01, solution="log(20 / 5) = log 4 = 1.39",
            slips={
                4: "That is the ratio; take its logarithm.", 2: "That is the logarithm to the base of 2.",
                15: "Not the difference: the logarithm of the ratio.",
            },
            because="0 would be chance; below 0, they avoid each other.",
            hint="How many times more often than by chance? And the logarithm of that?",
        ),
        kit.choose(
            "In GloVe, what are the two numbers b and b̃ good for?",
            {
                "They take up how frequent each word is, so that vectors need not": (
                    True, "What is left for w·c is how much more often two words meet than that."),
                "They keep the logarithm off 0": (False, "Pairs that never met are left out of the sum."),
                "They make rare pairs weigh less": (False, "That is the weight f(x)."),
            },
            name="biases",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        GloVe on the bundled plays, and what lies near a word; three passes over the counted pairs are few, leave
        `--epochs` out for as many as the command proposes. The report holds it against PPMI and SVD.
        """,
        own_file="""
        Any text file: `deepglass train my.txt --task word-vectors --model glove --run runs/words`. `--window` says how
        far company reaches, `--count-max` from which count on pairs weigh no more, `--min-count` which words are too
        rare to say anything of.
        """,
        sources=[
            ("Church & Hanks (1990), Word Association Norms, Mutual Information, and Lexicography",
             "https://aclanthology.org/J90-1003"),
            ("Pennington, Socher & Manning (2014), GloVe: Global Vectors for Word Representation",
             "https://aclanthology.org/D14-1162"),
            ("Levy & Goldberg (2014), Neural Word Embedding as Implicit Matrix Factorization",
             "https://papers.nips.cc/paper/5477-neural-word-embedding-as-implicit-matrix-factorization"),
            ("Levy, Goldberg & Dagan (2015), Improving Distributional Similarity with Lessons Learned",
             "https://aclanthology.org/Q15-1016"),
        ],
        onward="A word that was never counted has no row and no vector. But can one not see what it is made of?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
