"""Lesson 62: a word is known by its company. Skip-gram with negative sampling, a map of words, and analogies."""

import marimo

app = marimo.App(width="medium", app_title="Known by its company", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache
    from itertools import permutations

    import marimo as mo
    import numpy as np
    import torch

    from deepglass.course import kit
    from deepglass.data.word_vectors import WordVectors, unit
    from deepglass.data.word_windows import WordWindows, noise_shares
    from deepglass.models.word2vec import Config, Word2Vec, negative_sampling

    LESSON = {
        "title": "Known by its company",
        "question": "Can a machine know what a word means that nobody explains?",
        "part": "Language",
        "minutes": 18,
        "reads": ["models/word2vec.py", "data/word_windows.py"],
        "runs": [
            "deepglass train shakespeare --task word-vectors --model word2vec --epochs 3 --run runs/word2vec",
            "deepglass near runs/word2vec king",
        ],
    }

    # The text is made here: who is spoken of, and among which words, of which some are drawn for every sentence.
    HE, SHE = ["he", "his", "him", "beard"], ["she", "her", "hers", "gown"]
    CALLING = {
        ("king", "queen"): ["throne", "crown", "rules"], ("prince", "princess"): ["heir", "pony", "palace"],
        ("man", "woman"): ["works", "field", "mends"], ("boy", "girl"): ["plays", "school", "kite"],
        ("uncle", "aunt"): ["visits", "letter", "sunday"],
    }  # fmt: skip
    WILD, TAME = ["forest", "hunts", "cave", "prowls"], ["meadow", "grazes", "stable", "grass"]
    ANIMALS = {"wolf": WILD, "fox": WILD, "bear": WILD, "glorp": WILD, "sheep": TAME, "cow": TAME, "goat": TAME}
    OWN = {"wolf": "howls", "fox": "sly", "bear": "honey", "sheep": "wool", "cow": "milk", "goat": "horns"}
    ANYBODY = ["today", "again", "here", "often"]
    OPPOSITES = {
        ("hot", "cold"): ["tea", "soup", "bath", "oven"], ("open", "shut"): ["door", "gate", "window", "lid"],
        ("loud", "quiet"): ["street", "bell", "voice", "drum"], ("rich", "poor"): ["town", "merchant", "soil", "land"],
    }  # fmt: skip
    SENTENCES, WINDOW, DIM, NOISE = 6000, 2, 16, 64
    STEPS, BATCH, NEGATIVES = 500, 128, 5
    MOMENTS = (0, 15, 30, 45, 60, 80, 100, 130, 160, 200, 250, 300, 400, 500)
    ON_MAP = [*(word for pair in CALLING for word in pair), *ANIMALS]
    WAYS = ("given words left out", "nothing left out", "nearest to c")
    KINDS = {"he and she": list(CALLING), "opposites": list(OPPOSITES)}


@app.function
@cache
def text(seed=0):
    """Sentences of four words; the little ones between them are left out."""
    rng = np.random.default_rng(seed)
    made = []
    for _ in range(SENTENCES):
        kind = rng.random()
        if kind < 0.55:
            pair = list(CALLING)[rng.integers(len(CALLING))]
            side = rng.integers(2)
            sentence = [pair[side], (HE, SHE)[side][rng.integers(4)], CALLING[pair][rng.integers(3)]]
        elif kind < 0.8:
            word = list(ANIMALS)[rng.integers(len(ANIMALS))]
            sentence = [word, *rng.choice(ANIMALS[word], 2, replace=False)]
            if word in OWN and rng.random() < 0.3:
                sentence[2] = OWN[word]
        else:
            pair = list(OPPOSITES)[rng.integers(len(OPPOSITES))]
            sentence = [pair[rng.integers(2)], *rng.choice(OPPOSITES[pair], 2, replace=False)]
        made.append([str(word) for word in rng.permutation([*sentence, rng.choice(ANYBODY)])])
    return made


@app.function
@cache
def numbered():
    """The words in order, and the text as their numbers, two zeros between sentences."""
    words = sorted({word for sentence in text() for word in sentence})
    ids = {word: i + 1 for i, word in enumerate(words)}
    return words, np.array([ids.get(word, 0) for sentence in text() for word in (*sentence, "", "")])


@app.function
def learning(negatives=NEGATIVES, moments=(STEPS,), seed=0):
    """Skip-gram while it learns: (steps, net) at some moments."""
    words, ids = numbered()
    counts = np.bincount(ids, minlength=len(words) + 1) * (np.arange(len(words) + 1) > 0)
    windows = WordWindows(torch.from_numpy(ids), WINDOW, torch.from_numpy((counts > 0).astype(np.float32)))
    chances = torch.from_numpy(noise_shares(counts)).float()
    torch.manual_seed(seed)
    net = Word2Vec(len(words) + 1, Config(embed_dim=DIM))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.03)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for step in range(moments[-1] + 1):
        if step in moments:
            yield step, net
        tokens, around, _ = windows.batch(torch.randint(len(ids), (2 * BATCH,)))
        drawn = torch.multinomial(chances, NOISE, replacement=True)
        loss = negative_sampling(net(tokens, around, drawn), around, negatives)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


@app.function
@cache
def learnt(negatives=NEGATIVES, seed=0):
    """Both tables at the end, (V, C) each: vectors of the words, and of the words as company."""
    net = next(learning(negatives, seed=seed))[1]
    return tuple(table.weight[1:].detach().numpy() for table in (net.words, net.contexts))


@app.function
def vectors(negatives=NEGATIVES, seed=0):
    """What can be asked of the words."""
    return WordVectors(numbered()[0], learnt(negatives, seed)[0])


@app.function
def apart(places, height=0.095, width=0.42):
    """Heights of the names beside these places (n, 2): as low as may be, none upon another."""
    heights = {}
    for i in np.argsort(places[:, 1], kind="stable"):
        below = [heights[j] + height for j in heights if abs(places[i, 0] - places[j, 0]) < width]
        heights[i] = max([places[i, 1], *below])
    return [heights[i] for i in range(len(places))]


@app.function
def film():
    """The map of the words while they are learnt, always seen from the same side."""
    places_of = [numbered()[0].index(word) for word in ON_MAP]
    final = unit(learnt()[0][places_of])
    sides = np.linalg.svd(final - final.mean(axis=0))[2][:2]  # the two directions in which they differ most
    colors = {**dict.fromkeys(ANIMALS, kit.GREEN), "glorp": kit.PINK}
    colors |= {word: color for pair in CALLING for word, color in zip(pair, (kit.BLUE, kit.ORANGE))}
    for step, net in learning(moments=MOMENTS):
        table = net.words.weight[1:].detach().numpy()
        places = (unit(table[places_of]) - final.mean(axis=0)) @ sides.T
        fig, ax = kit.figure(4.3, 3.3)
        for word, (x, y), height in zip(ON_MAP, places, apart(places)):
            ax.plot(x, y, "o", color=colors[word], markersize=4)
            ax.plot([x, x + 0.05], [y, height], color=kit.FAINT, linewidth=0.8)
            weight = "bold" if word == "glorp" else "normal"
            ax.text(x + 0.06, height, word, color=colors[word], fontsize=9.5, va="center", weight=weight)
        ax.set(xlim=(-0.95, 1.15), ylim=(-0.85, 0.95), xticks=[], yticks=[])
        near = WordVectors(numbered()[0], table).near("glorp", 3)
        told = f"After {step} steps glorp is nearest to {', '.join(word for word, _ in near)}."
        yield kit.picture(fig, f"A map of words. {told}"), told


@app.cell
def _():
    kit.opening(
        LESSON,
        "Nobody has told the machine what a **glorp** is, or a wolf, or a king. It reads "
        f"{SENTENCES:,} short sentences and gives every word a place of its own, at first by chance. Watch who ends up "
        "beside whom.",
        kit.film(film(), label="Steps of the training", seconds=0.7, width=4.3),
        kit.guess(
            "“Hot” and “cold” are in the same text: hot tea, cold soup, a cold bath. They mean the opposite of each "
            "other. Where will their vectors lie?",
            ["Pointing in opposite directions", "At a right angle: unlike", "Almost in the same place"],
            f"Their cosine is {vectors().likeness('hot', 'cold'):.2f}, where 1 is the same direction and −1 the "
            "opposite one. What can be hot can be cold: both keep the same company, and company is all that is seen.",
        ),
    )
    return


@app.cell
def _():
    asked = mo.ui.dropdown(["glorp", "king", "aunt", "cow", "hot", "tea", "throne"], value="glorp", label="Word")
    beside = mo.ui.dropdown(["forest", "grass", "he", "gown", "crown", "soup"], value="forest", label="Beside it")
    _words = kit.text(
        r"""
        ## Is this pair from the text? {#see}

        {sentences}

        “You shall know a word by the company it keeps”, wrote the linguist J. R. Firth in 1957. **Skip-gram** makes a
        game of it. One word is held up, and another is shown: does the second stand
        beside the first in the text, or was it drawn by chance? Every word has two vectors: $\blue{u}$ for being held
        up, $\orange{v}$ for standing beside. Their product is the score, σ makes a probability of it. Words that win
        with the same company get the same $\blue{u}$, though they may never meet.

        {asked} {beside}
        """,
        sentences=kit.note("; ".join(" ".join(sentence) for sentence in text()[:7]) + " …", "The text begins:"),
        asked=asked,
        beside=beside,
    )
    kit.after_guess(_words)
    return asked, beside


@app.function
def pair(word, other):
    """How often two words meet in a sentence, the score of the pair, and the mean of log σ(−score) over the noise."""
    words, ids = numbered()
    u, v = learnt()
    scores = v @ u[words.index(word)]
    shares = noise_shares(np.bincount(ids, minlength=len(words) + 1) * (np.arange(len(words) + 1) > 0))[1:]
    meet = sum(word in sentence and other in sentence for sentence in text())
    return meet, float(scores[words.index(other)]), float(shares @ -np.logaddexp(0, scores))


@app.cell
def _(asked, beside):
    _meet, _score, _noise = pair(asked.value, beside.value)
    _likely = 1 / (1 + np.exp(-_score))
    _levels = kit.levels(
        kit.bars(
            dict(vectors().near(asked.value, 8)), label=f"Cosines of the words nearest to {asked.value}",
            caption=f"The words nearest to {asked.value}, by the cosine of their vectors u.", xlim=(0, 1.25),
        ),
        {
            "sentences with both": _meet, "score u·v": _score, "σ(u·v)": _likely,
            "mean of log σ(−u·v′), of words by chance": _noise,
        },
        r"""
        $$L = -\log\sigma(\blue{u}\cdot\orange{v}) - \frac{k}{n}\sum_{i}\log\sigma(-\blue{u}\cdot\orange{v'_i})$$

        $$L = {own} + {times}\cdot{others} = {loss}$$

        $\orange{v}$ is the word beside it, $\orange{v'_i}$ are n words by chance. This is what one such pair costs at
        the end of the training.
        """,
        own=f"{np.logaddexp(0, -_score):.2f}", times=NEGATIVES, others=f"{-_noise:.2f}",
        loss=f"{np.logaddexp(0, -_score) - NEGATIVES * _noise:.2f}",
    )  # fmt: skip
    kit.after_guess(_levels, silently=True)
    return


@app.function
def analogies(kind, way=WAYS[0], seed=0):
    """a is to b as c is to …: (question, expected, found) for all pairs of a kind, in one of three WAYS."""
    asked, found = vectors(seed=seed), []
    for (a, b), (c, d) in permutations(KINDS[kind], 2):
        for one, other, third, wanted in ((a, b, c, d), (b, a, d, c)):
            if way == WAYS[2]:
                got = next(word for word, _ in asked.near(third, 3) if word not in (one, other))
            elif way == WAYS[1]:
                of = lambda word: asked.units[asked.place(word)]  # noqa: E731
                got = asked.words[int((asked.units @ (of(third) - of(one) + of(other))).argmax())]
            else:
                got = asked.near(f"{third} - {one} + {other}", 1)[0][0]
            found.append((f"{one} is to {other} as {third} to", wanted, got))
    return found


@app.function
def right(kind, way=WAYS[0], seed=0):
    """Share of analogies that come out right."""
    found = analogies(kind, way, seed)
    return sum(wanted == got for _, wanted, got in found) / len(found)


@app.cell
def _():
    kind = mo.ui.radio(list(KINDS), value="he and she", label="Analogies", inline=True)
    _words = kit.text(
        """
        ### King − man + woman

        The difference of “woman” and “man” is a difference of company: “she” for “he”, “gown” for “beard”. Add it to
        “king”, and the nearest word should be the queen. As a rule, one leaves out the three words of the question when
        one looks for the nearest. Choose the opposites, and see what that rule hides.

        {kind}
        """,
        kind=kind,
    )
    kit.after_guess(_words, silently=True)
    return (kind,)


@app.cell
def _(kind):
    _rows = [
        {"question": question, "given words left out": usual, "nothing left out": plain}
        for (question, _, usual), (_, _, plain) in zip(analogies(kind.value), analogies(kind.value, WAYS[1]))
    ]
    _told = {
        "he and she": "These are right for the right reason: also with nothing left out, and less often if only c is "
        "looked at.",
        "opposites": "These look right and are not. “Cold” and “hot” keep the same company, so their difference is "
        "next to nothing: the sum is c itself. Leave c out, and what lies nearest to it is its opposite, whatever a "
        "and b were.",
    }
    _words = kit.row(
        kit.table(_rows[:4], "a is to b as c is to …"),
        kit.bars(
            {way: 100 * right(kind.value, way) for way in WAYS}, unit=" %", xlim=(0, 135),
            label=f"Analogies that come out right, {kind.value}", caption=_told[kind.value],
        ),
    )  # fmt: skip
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        In real text words differ in more than one thing at a time. Many analogies fail, and of those that come out
        right, many would not if the given words were left in (Linzen 2016, below).

        ## Two tables, and a game {#read}

        The whole model is two tables; the loss is the game. These lines made every picture above.

        {forward} {loss}
        """,
        forward=kit.read(
            "models/word2vec.py",
            {
                "hidden = self.words(tokens).sum": "u of the word; of several words their mean, which is CBOW.",
                "scores = (self.contexts(candidates)": "u·v for the words that do stand beside it …",
                "return torch.cat([scores, hidden": "… and for those by chance, the same for all pairs of a batch.",
            },
            part="Word2Vec.forward",
        ),
        loss=kit.read(
            "models/word2vec.py",
            {
                "attracted = (F.logsigmoid(true)": "Pairs of the text draw together.",
                "repelled = (F.logsigmoid(-noise)": "Words by chance push apart.",
            },
            part="negative_sampling",
        ),
    )
    return


@app.cell
def _():
    against = kit.slider("Words by chance k", [0, 1, 5, 15], 0)
    kit.text(
        """
        ## Nobody to tell apart {#break-it-mend-it}

        Leave the words by chance away: **k = 0**. Every pair of the text still draws together, and nothing pushes
        apart. The loss falls to nearly nothing, for there is an easy way to win: let all vectors point the same way,
        and say yes to every pair. **Mend it** with the slider.

        {against}
        """,
        against=against,
    )
    return (against,)


@app.function
def spread(negatives):
    """Mean cosine of words that have nothing in common but that anybody may stand beside them."""
    asked = vectors(negatives)
    strangers = [(a, b) for a in ("king", "boy", "aunt") for b in ("wolf", "cow", "tea", "door")]
    return float(np.mean([asked.likeness(*pair) for pair in strangers]))


@app.cell
def _(against):
    _some = ["king", "queen", "boy", "wolf", "cow", "tea", "door"]
    _asked = vectors(against.value)
    _table = np.array([[_asked.likeness(a, b) for b in _some] for a in _some])
    kit.row(
        kit.matrix(
            _table, _some, _some, label=f"Cosines with k = {against.value}",
            caption=f"With k = {against.value}, words that have nothing to do with each other have a cosine of "
            f"{spread(against.value):.2f} in the mean.",
        ),
        kit.text(
            """
            The words by chance are drawn with their frequency to the power of ¾: rare ones a little more often than
            they occur. How many of them count beside one pair is k. A small text wants more of them than a large one;
            `--negatives` sets it.
            """
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.check(
        kit.exercise("pair_loss"),
        kit.answer(
            "Two words have the vectors (3, 4) and (4, 3). What is their cosine?",
            24 / 25,
            name="cosine", because="To a cosine lengths do not count, only directions do.", tolerance=0.005,
            slips={24: "That is their product; divide by both lengths.", 4.8: "Each has length 5: divide by both."},
            hint="The product of the vectors, over the product of their lengths.",
            solution="(3·4 + 4·3) / (5·5) = 24 / 25 = 0.96",
        ),
        kit.choose(
            "A shop wants reviews that mean the same to lie near each other, and takes word vectors. Which trouble "
            "does this lesson foretell?",
            {
                "“Good” and “bad” may lie near each other": (
                    True, "They stand in the same sentences. Company tells what is spoken of, not what is said of it."),
                "Words that never meet cannot be near": (False, "They can: it is enough to meet the same words."),
                "Rare words get the longest vectors": (False, "And if they did, a cosine would not see it."),
            },
            name="good-and-bad",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The bundled plays, and what lies near a word. Three passes over 200,000 words are few, so the command begins
        where counting ends, the subject of the next lesson; `--word-start random` begins with nothing, as above, and
        needs many more passes. The report holds the net against vectors that are only counted.
        """,
        own_file="""
        Any text file: `deepglass train my.txt --task word-vectors --run runs/words`, then
        `deepglass near runs/words "king - man + woman"`, with words of your text. A million words are little, ten
        million are better. `deepglass evaluate runs/words pairs.tsv` asks whether people agree, if you have pairs that
        they have rated.
        """,
        sources=[
            ("Mikolov et al. (2013), Distributed Representations of Words and Phrases",
             "https://arxiv.org/abs/1310.4546"),
            ("Mikolov, Yih & Zweig (2013), Linguistic Regularities in Continuous Space Word Representations",
             "https://aclanthology.org/N13-1090"),
            ("Linzen (2016), Issues in evaluating semantic spaces using word analogies",
             "https://aclanthology.org/W16-2503"),
        ],
        onward="All this came from a game, one pair at a time. Could one count the pairs instead, once and for all?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
