"""Lesson 64: words have an inside. Sub-words, a vector for a word that was never seen, and where letters mislead."""

import marimo

app = marimo.App(width="medium", app_title="Words have an inside", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache
    from html import escape

    import marimo as mo
    import numpy as np
    import torch

    from deepglass.course import kit
    from deepglass.data.word_vectors import WordVectors
    from deepglass.data.word_windows import WordWindows, noise_shares
    from deepglass.models.fasttext import Config, FastText, parts_of
    from deepglass.models.word2vec import negative_sampling

    LESSON = {
        "title": "Words have an inside",
        "question": "What does a word mean that was never seen?",
        "part": "Language",
        "minutes": 15,
        "reads": ["models/fasttext.py"],
        "runs": [
            "deepglass train shakespeare --task word-vectors --model fasttext --epochs 3 --run runs/fasttext",
            "deepglass near runs/fasttext kinglike",
        ],
    }

    # The text is made here: verbs in five forms among the words of their trade. One form of each is never used.
    TRADES = {
        ("cook", "boil"): ["kitchen", "spoon", "oven", "salt"], ("walk", "climb"): ["hill", "road", "river", "bridge"],
        ("paint", "sand"): ["brush", "wall", "wood", "ladder"], ("play", "record"): ["stage", "tune", "choir", "flute"],
        ("print", "mail"): ["desk", "paper", "stamp", "ink"], ("plant", "harvest"): ["barn", "field", "plough", "hay"],
    }  # fmt: skip
    ENDINGS = {"": ["we", "they"], "s": ["she", "he"], "ing": ["is", "are"], "ed": ["once", "did"], "er": ["a", "the"]}
    HOME = {
        "mother": ["cradle", "child", "lullaby", "apron"], "father": ["cradle", "child", "lullaby", "pipe"],
        "bee": ["wings", "flower", "buzzes", "pollen"], "fly": ["wings", "flower", "buzzes", "window"],
    }  # fmt: skip
    VERBS = [verb for pair in TRADES for verb in pair]
    UNSEEN = [verb + list(ENDINGS)[(i + 4) % 5] for i, verb in enumerate(VERBS)]
    SENTENCES, WINDOW, DIM, NOISE, NEGATIVES = 6000, 2, 16, 64, 5
    STEPS, BATCH, BUCKETS = 400, 256, 2000
    MOMENTS = (0, 10, 20, 30, 45, 60, 80, 110, 150, 200, 300, 400)
    FEW = [5, 20, 100, 500, 2000]  # vectors that all parts share


@app.function
@cache
def text(with_moth=False):
    """Sentences of three or four words; with moths in some of them, or none."""
    rng = np.random.default_rng(0)
    home = {**HOME, **({"moth": ["wings", "flower", "window", "lamp"]} if with_moth else {})}
    made = []
    while len(made) < SENTENCES:
        if rng.random() < 0.8:
            pair = list(TRADES)[rng.integers(len(TRADES))]
            verb, ending = pair[rng.integers(2)], list(ENDINGS)[rng.integers(5)]
            if verb + ending in UNSEEN:
                continue
            beside = rng.choice(TRADES[pair], 2, replace=False)
            sentence = [ENDINGS[ending][rng.integers(2)], verb + ending, *beside]
        else:
            word = list(home)[rng.integers(len(home))]
            sentence = [word, *rng.choice(home[word], 2, replace=False)]
        made.append([str(word) for word in rng.permutation(sentence)])
    return made


@app.function
@cache
def numbered(with_moth=False):
    """The words in order, and the text as their numbers, two zeros between sentences."""
    words = sorted({word for sentence in text(with_moth) for word in sentence})
    ids = {word: i + 1 for i, word in enumerate(words)}
    return words, np.array([ids.get(word, 0) for sentence in text(with_moth) for word in (*sentence, "", "")])


@app.function
def learning(buckets=BUCKETS, with_moth=False, moments=(STEPS,), seed=0):
    """FastText while it learns, by the game of lesson 62: (steps, net) at some moments."""
    words, ids = numbered(with_moth)
    counts = np.bincount(ids, minlength=len(words) + 1) * (np.arange(len(words) + 1) > 0)
    windows = WordWindows(torch.from_numpy(ids), WINDOW, torch.from_numpy((counts > 0).astype(np.float32)))
    chances = torch.from_numpy(noise_shares(counts)).float()
    torch.manual_seed(seed)
    net = FastText(len(words) + 1, max(map(len, words)), Config(embed_dim=DIM, buckets=buckets))
    net.learn_words(["", *words])
    optimizer = torch.optim.Adam(net.parameters(), lr=0.03)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for step in range(moments[-1] + 1):
        if step in moments:
            yield step, net
        tokens, around, _ = windows.batch(torch.randint(len(ids), (BATCH,)))
        drawn = torch.multinomial(chances, NOISE, replacement=True)
        loss = negative_sampling(net(tokens, around, drawn), around, NEGATIVES)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


@app.function
@torch.no_grad()
def vectors_of(net, with_moth=False):
    """What can be asked of the words, seen and unseen."""
    words = numbered(with_moth)[0]
    table = net(torch.arange(1, len(words) + 1)[:, None]).numpy()
    return WordVectors(words, table, lambda word: net.vector_of(word).detach().numpy())


@app.function
@cache
def trained(buckets=BUCKETS, with_moth=False, seed=0):
    """The net at the end."""
    return next(learning(buckets, with_moth, seed=seed))[1]


@app.function
def vectors(buckets=BUCKETS, with_moth=False, seed=0):
    """What can be asked at the end."""
    return vectors_of(trained(buckets, with_moth, seed), with_moth)


@app.function
def trade(word):
    """The pair of verbs to which a word belongs, as a form of them or as their company."""
    return next((pair for pair, those in TRADES.items() if word in those or word.startswith(pair)), None)


@app.function
def film():
    """How near a word that is never seen comes to some that are, while the net learns."""
    word, others = UNSEEN[VERBS.index("climb")], ["climbs", "walk", "hill", "oven", "printed", "mother"]
    for step, net in learning(moments=MOMENTS):
        asked = vectors_of(net)
        near = {other: asked.likeness(word, other) for other in others}
        yield kit.bars(
            near, xlim=(-0.75, 1.3), label=f"Cosines of {word}, which is never seen",
            caption=f"After {step} steps “{word}” is nearest to “{asked.near(word, 1)[0][0]}” of all words.",
        )  # fmt: skip


@app.cell
def _():
    _asked = vectors()
    kit.opening(
        LESSON,
        f"The word **{UNSEEN[VERBS.index('climb')]}** is nowhere in the text from which this net learns. It has a "
        "vector all the same, and the vector moves while the net reads other words. Watch where it goes.",
        kit.film(film(), label="Steps of the training", seconds=0.7),
        kit.guess(
            "The text speaks of bees and flies, of mothers and fathers. The word “moth” is not in it. Where will the "
            "net put it?",
            ["Beside bee and fly", "Beside mother", "Nowhere: it is asked in vain"],
            f"Its cosine with “mother” is {_asked.likeness('moth', 'mother'):.2f}, with “fly” "
            f"{_asked.likeness('moth', 'fly'):.2f}. All that the net has of an unseen word are its letters, and with "
            "“mother” it shares many of them. Nothing tells it that the likeness is an accident.",
        ),
    )
    return


@app.function
def boxes(word):
    """The parts of a word as boxes; those that occur in words of the text are filled: SVG."""
    known = {part for one in numbered()[0] for part in parts_of(one)}
    x, y, body = 2.0, 2.0, []
    for part in parts_of(word):
        width = 9.0 * len(part) + 8
        if x + width > 360:
            x, y = 2.0, y + 28
        body.append(
            f'<rect x="{x}" y="{y}" width="{width - 3}" height="22" rx="4" style="fill: '
            f'{"var(--c1)" if part in known else "none"}; fill-opacity: .3; stroke: var(--line)"/>'
            f'<text x="{x + (width - 3) / 2}" y="{y + 16}" text-anchor="middle" '
            f'style="fill: var(--ink); font: 13px ui-monospace, monospace">{escape(part)}</text>'
        )
        x += width
    found = [part for part in parts_of(word) if part in known]
    said = escape(f"{word}: {len(parts_of(word))} parts, known are {', '.join(found) or 'none'}", quote=True)
    return f'<svg viewBox="0 0 362 {y + 27:.0f}" role="img" aria-label="{said}">{"".join(body)}</svg>'


@app.cell
def _():
    word = mo.ui.dropdown([*UNSEEN, "walkers", "unpainted", "moth"], value=UNSEEN[VERBS.index("paint")], label="Word")
    _words = kit.text(
        """
        ## Take it apart {#see}

        **FastText** plays the game of lesson 62 with one change. It marks the ends of a word, `<` and `>`, and cuts it
        into all parts of three to six letters. Every part has a vector, and so has the whole word; the mean of them all
        is the vector of the word. What “walked” learns, its parts learn, and every other word with these parts has it.

        All words in this list are **unseen**. Filled parts occur in words that were seen.

        {word}
        """,
        word=word,
    )
    kit.after_guess(_words)
    return (word,)


@app.cell
def _(word):
    _near = vectors().near(word.value, 6)
    _parts = parts_of(word.value)
    _z = trained().words.weight.detach().numpy()[trained().places_of(word.value), 0]
    _levels = kit.levels(
        kit.row(
            mo.Html(f'<figure class="dg-figure">{boxes(word.value)}</figure>'),
            kit.bars(
                dict(_near), xlim=(0, 1.3), label=f"Cosines of the words nearest to {word.value}",
                caption=f"Nearest to “{word.value}”, which was never seen.",
            ),
        ),
        {
            "parts": len(_parts),
            "parts that occur in the text": sum(
                any(part in parts_of(one) for one in numbered()[0]) for part in _parts
            ),
            f"parts shared with “{_near[0][0]}”": len(set(_parts) & set(parts_of(_near[0][0]))),
            "cosine with it": _near[0][1],
        },
        r"""
        $$\blue{u} = \frac{1}{|G|}\sum_{g \in G}\orange{z_g}$$

        G are the parts, here {number}. Of the first of the {dim} numbers that every vector has:

        $$\blue{u_1} = \frac{\orange{{one}} + \dots + \orange{{last}}}{{number}} = {first}$$

        A word that was seen has one more vector in the sum, its own.
        """,
        number=len(_parts),
        dim=DIM,
        one=f"{_z[0]:.2f}",
        last=f"({_z[-1]:.2f})",
        first=f"{_z.mean():.3f}",
    )  # fmt: skip
    kit.after_guess(_levels, silently=True)
    return


@app.function
def right(buckets=BUCKETS, seed=0):
    """Of the forms that are never used, how many have a word of their own trade nearest."""
    asked = vectors(buckets, seed=seed)
    return sum(trade(asked.near(word, 1)[0][0]) == trade(word) for word in UNSEEN)


@app.cell
def _():
    _never, _seen = vectors(), vectors(with_moth=True)
    _words = kit.text(
        """
        ### How far letters carry

        Of {total} forms that the text never uses, {right} have a word of their own trade nearest. The net of lesson 62
        has no vector for any of them: all it could say is that it does not know the word. With “moth” the letters
        mislead. What helps is to let the net **see** the word. In the second row the text has moths in it, among wings
        and flowers. Now the word has a vector of its own besides its parts, and company to learn from.

        {bars}
        """,
        total=len(UNSEEN),
        right=right(),
        bars=kit.bars(
            {
                name: {other: asked.likeness("moth", other) for other in ("mother", "fly")}
                for name, asked in (("never seen", _never), ("seen", _seen))
            },
            xlim=(0, 1.6), label="Cosines of moth with mother and with fly",
            caption="Cosines of “moth”, with and without moths in the text.",
        ),
    )  # fmt: skip
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ## Cut, number, add {#read}

        There are more possible parts than one could have vectors for. So parts are numbered by a **hash**, a recipe
        that makes a number of any letters, and share a fixed count of vectors: the *buckets*. These lines cut every
        word above.

        {parts} {vector}

        {places}
        """,
        parts=kit.read(
            "models/fasttext.py",
            {'marked = f"<{word}>"': "“her” within “mother” is not the word “her”: that one is <her>."},
            part="parts_of",
        ),
        vector=kit.read(
            "models/fasttext.py",
            {"return self.words(places).sum": "An unseen word: the mean of its parts."},
            part="FastText.vector_of",
        ),
        places=kit.read(
            "models/fasttext.py",
            {"code % self.num_buckets": "Two parts with the same remainder share a vector."},
            part="FastText.places_of",
        ),
    )
    return


@app.cell
def _():
    buckets = kit.slider("Buckets", FEW, 5)
    kit.text(
        """
        ## Too few buckets {#break-it-mend-it}

        Take away nearly all of them. Parts that have nothing to do with each other now share a vector and pull it this
        way and that. Words that were seen still have a vector of their own to put it right; the unseen ones have not.
        **Mend it** with the slider.

        {buckets}
        """,
        buckets=buckets,
    )
    return (buckets,)


@app.function
def sharing(buckets):
    """How many different parts of the text share a bucket, in the mean."""
    parts = {part for word in numbered()[0] for part in parts_of(word)}
    return len(parts) / buckets


@app.cell
def _(buckets):
    _asked = vectors(buckets.value)
    _shown = ("walk", "paint", "print", "plant")
    _rows = [
        {"never seen": word, "nearest": ", ".join(near for near, _ in _asked.near(word, 3))}
        for word in UNSEEN if word.startswith(_shown)
    ]  # fmt: skip
    kit.row(
        kit.table(
            _rows, f"With {buckets.value} buckets; {sharing(buckets.value):.1f} parts for each of them, in the mean."
        ),
        kit.curves(
            {"right": (FEW, [right(count) for count in FEW])}, points=["right"], marks={"all": len(UNSEEN)}, log="x",
            xlabel="buckets", ylabel="unseen words", ylim=(0, len(UNSEEN) + 0.8),
            label="Unseen words whose nearest word is of their own trade",
            caption=f"Unseen words, of {len(UNSEEN)}, whose nearest word is of their own trade.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.check(
        kit.exercise("shared_parts"),
        kit.answer(
            "How many parts of 3 to 6 letters has “sea”, its ends marked?",
            len(parts_of("sea")),
            name="sea",
            slips={
                1: "The marks count as letters: <sea> has five.",
                3: "Those are the parts of three letters. There are longer ones.",
                5: "And <sea> itself, which has five letters.",
            },
            because="A part may be as long as the marked word, and no longer.",
            hint="Write <sea>. How many parts of 3 letters, of 4, of 5?",
            solution="<se, sea, ea>; <sea, sea>; <sea>: six",
            tolerance=0.1,
        ),
        kit.choose(
            "Where do parts help most?",
            {
                "In a language whose words take many forms": (
                    True, "Of twenty forms of a verb most are rare or unseen, and they share their letters."),
                "In a text where every word is frequent": (False, "There each word learns from its own company."),
                "Where words look alike by accident": (False, "There they mislead: think of the moth."),
            },
            name="where",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        FastText on the bundled plays, and what lies near “kinglike”, a word that the plays do not have. Three passes
        are few: leave `--epochs` out for as many as the command proposes.
        """,
        own_file="""
        Any text file: `deepglass train my.txt --task word-vectors --model fasttext --run runs/words`, then
        `deepglass near runs/words` with any word, also one with a typing error. `--min-n` and `--max-n` say how long
        parts are, `--buckets` how many vectors they share.
        """,
        sources=[
            ("Bojanowski, Grave, Joulin & Mikolov (2017), Enriching Word Vectors with Subword Information",
             "https://arxiv.org/abs/1607.04606"),
            ("Fowler, Noll & Vo, FNV hash", "http://www.isthe.com/chongo/tech/comp/fnv"),
        ],
        onward="Every word has one vector now, whatever stands around it. But “bank” is one thing by a river and "
        "another in a city: a vector would have to look about itself first.",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
