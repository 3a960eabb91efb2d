"""Lesson 76: one example is enough. A network that has learnt how to compare names signs that it has seen once."""

import marimo

app = marimo.App(width="medium", app_title="One example is enough", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    import torch.nn.functional as F

    from deepglass.course import kit
    from deepglass.data.class_episodes import InEpisodes, Shape, members_of
    from deepglass.data.datasets import drawn_characters
    from deepglass.data.examples import InMemory
    from deepglass.evaluate.metrics import few_shot
    from deepglass.models.layout_cnn import Config, LayoutCNN
    from deepglass.tasks.rules import matching, prototypes

    LESSON = {
        "title": "One example is enough",
        "question": "How can a network know a sign again that it has seen once?",
        "part": "Without labels",
        "minutes": 20,
        "reads": ["tasks/rules/prototypes.py", "data/class_episodes.py", "tasks/few_shot.py"],
        "runs": [
            "deepglass train drawn-characters --task few-shot --epochs 1 --episodes 40 --run runs/signs",
            "deepglass enrol runs/signs hook row:1",
            "deepglass enrol runs/signs cross row:13",
            "deepglass identify runs/signs row:2 row:14",
        ],
    }

    SIDE, TIMES = 14, drawn_characters.TIMES
    LEARNT = 50  # signs of the training; the other 25 are new
    SHOWN = 5  # of the new ones, in the plane
    SEEN = 5  # pictures of each of these around its first
    STEPS, TRAINING, EMBED_DIM = 120, Shape(10, 1, 3), 16
    MOMENTS = (0, 5, 10, 20, 40, 80, 120)
    EPISODES = 200
    SHOTS, WAYS = (1, 2, 3, 5, 8), (2, 5, 10, 15, 25)
    RULES = {"nearest mean": prototypes, "votes of all": matching}
    NAMES = ("A", "B", "C", "D", "E")
    HURRIED = 0.11  # how far the places of a sign are off that is written on a moving train; usually a fourth of it


@app.function
@cache
def signs():
    """The drawn characters (900, 1, 14, 14), 0 paper to 1 ink, and which each of them is (900,)."""
    data = drawn_characters.load()
    return as_input(data.pixels), torch.from_numpy(data.labels)


@app.function
def as_input(pixels):
    """Bytes (n, 28, 28, 1), dark on light, as the network takes them."""
    ink = (drawn_characters.PAPER - torch.from_numpy(np.asarray(pixels)).float().permute(0, 3, 1, 2)).clamp(min=0)
    return F.avg_pool2d(ink / drawn_characters.PAPER, drawn_characters.SIDE // SIDE)


@app.function
def learning(moments=(STEPS,), seed=0):
    """A network in episodes of ten signs, one known picture of each: (steps, net) at some moments."""
    torch.manual_seed(seed)
    net = LayoutCNN(EMBED_DIM, 1, (SIDE, SIDE), Config(width=12))
    pictures, which = signs()
    is_learnt = which < LEARNT
    examples = InEpisodes(InMemory(pictures[is_learnt], which[is_learnt]), which[is_learnt], TRAINING, 1)
    truth = torch.arange(TRAINING.ways).repeat_interleave(TRAINING.queries)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, moments[-1])
    for step in range(moments[-1] + 1):
        if step in moments:
            yield step, net
            net.train()
        x, _ = examples.batch(torch.zeros(1))
        places = F.normalize(net(x), dim=1).view(TRAINING.ways, TRAINING.each, EMBED_DIM)
        known, asked = (part.flatten(0, 1)[None] for part in places.split((TRAINING.shots, TRAINING.queries), dim=1))
        loss = F.cross_entropy(prototypes.scores(known, members_of(TRAINING)[None], asked)[0], truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


@app.function
@cache
def trained():
    """The network at the end."""
    return next(learning())[1].eval()


@app.function
@torch.no_grad()
def embedded(pictures, net=None):
    """(n, D) embeddings of length 1; without a network the pixels themselves."""
    said = net.eval()(pictures) if net is not None else pictures.flatten(1)
    return F.normalize(said, dim=1).numpy()


@app.function
def new_signs():
    """Pictures and numbers of the signs that the network never sees."""
    pictures, which = signs()
    return pictures[which >= LEARNT], which[which >= LEARNT].numpy()


@app.function
def accuracy(net, ways=5, shots=1, rule=prototypes, whose="new"):
    """How often the pictures of new signs get their own name, over episodes; or of those that it has learnt."""
    pictures, which = signs()
    chosen = which >= LEARNT if whose == "new" else which < LEARNT
    episodes = few_shot.drawn(which[chosen].numpy(), Shape(ways, shots, 4), EPISODES)
    return few_shot.accuracy(embedded(pictures[chosen], net), episodes, rule.scores)["value"]


@app.function
def flat(rows, before=None):
    """(n, 2) of embeddings along the two directions in which they differ most, turned to lie as the picture before."""
    rows = rows - rows.mean(axis=0)
    plane = rows @ np.linalg.svd(rows, full_matrices=False)[2][:2].T
    if before is None:
        return plane
    left, _, right = np.linalg.svd(plane.T @ before)
    return plane @ left @ right


@app.function
def in_the_plane(places, label, caption, **looks):
    """Five new signs (5·n, 2): of each a first picture, large, and lines from it to the others."""
    groups = {name: places[i * SEEN : (i + 1) * SEEN] for i, name in enumerate(NAMES)}
    there_and_back = [np.stack([of[k // 2] if k % 2 else of[0] for k in range(2 * SEEN)]) for of in groups.values()]
    threads = np.concatenate([np.concatenate([one, [[np.nan, np.nan]]]) for one in there_and_back])[:-1]
    return kit.scatter(
        groups, lines={"threads": threads}, xlim=(-1.1, 1.1), ylim=(-1.1, 1.1), label=label, caption=caption, size=40,
        colors={"threads": kit.GREY}, **looks,
    )  # fmt: skip


@app.function
def film():
    """Five new signs in the plane, while the network learns from fifty others."""
    pictures, which = new_signs()
    chosen = np.concatenate([np.flatnonzero(which == LEARNT + i)[:SEEN] for i in range(SHOWN)])
    before = None
    for step, net in learning(MOMENTS):
        before = flat(embedded(pictures[torch.from_numpy(chosen)], net), before)
        yield in_the_plane(
            before, f"Five new signs after {step} steps",
            f"After {step} steps on other signs. Each thread leads to the one picture that is known.", width=5.2,
            height=4.2,
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "Five signs of an alphabet that nobody writes. The network **never learns from them**: it practises on fifty "
        "others, ten at a time, with one picture of each. A dot is a picture of one of the five, in the plane of the "
        "network's numbers.",
        kit.film(film(), label="Steps of practice on other signs", seconds=0.9, width=5.2),
    )
    return


@app.cell
def _():
    kit.guess(
        "One picture of each new sign is known. Two rules can name the others: the <b>nearest mean</b> of the known "
        "pictures of a sign, or the <b>votes of all</b> known pictures, the near ones counting more. Which is right "
        "more often?",
        ["The nearest mean", "The votes", "Neither"],
        f"Both name {accuracy(trained()):.1%} rightly, picture for picture: one picture is its own mean, and its sign "
        "has no other voter. The rules part when more pictures are known.",
    )
    return


@app.cell
def _():
    _found = {
        name: (list(SHOTS), [accuracy(trained(), shots=shots, rule=rule) for shots in SHOTS])
        for name, rule in RULES.items()
    }
    _found["pixels, nearest mean"] = (list(SHOTS), [accuracy(None, shots=shots) for shots in SHOTS])
    _picture = kit.curves(
        _found, xlabel="known pictures of each sign", ylabel="named rightly", ylim=(0, 1), whole=True,
        dashed={"pixels, nearest mean"}, label="New signs named rightly, of five",
    )  # fmt: skip
    _words = kit.text(
        """
        Without a network, by their pixels, **{pixels}** of the pictures get the right name from one example: a stroke
        beside another has no pixel in common with it. With the network it is **{network}**, of signs that it meets for
        the first time. Chance is 20 %.
        """,
        pixels=f"{accuracy(None):.0%}",
        network=f"{accuracy(trained()):.0%}",
    )
    kit.after_guess(kit.row(_picture, _words))
    return


@app.cell
def _():
    _pictures, _which = new_signs()
    paper = kit.pad(
        SIDE,
        {f"sign {name}": _pictures[np.flatnonzero(_which == LEARNT + i)[7], 0].numpy() for i, name in enumerate(NAMES)},
        label="Write a sign",
    )
    which_one = kit.slider("The known picture of each sign is number", range(1, SEEN + 1), 1)
    kit.text(
        r"""
        ## Write one {#see}

        Above the bars are the five known pictures. Write one of them, or take a picture that the network has not been
        shown. It is put among them by its distance from each.

        {paper} {which_one}
        """,
        paper=paper,
        which_one=which_one,
    )
    return paper, which_one


@app.cell
def _(paper, which_one):
    _pictures, _which = new_signs()
    _rows = [np.flatnonzero(_which == LEARNT + i)[which_one.value - 1] for i in range(SHOWN)]
    _known = _pictures[torch.from_numpy(np.array(_rows))]
    _places = embedded(_known, trained())
    _drawn = embedded(torch.from_numpy(paper.image())[None, None], trained())[0]
    _squared = ((_places - _drawn) ** 2).sum(axis=1)
    _shares = np.exp(-8 * _squared) / np.exp(-8 * _squared).sum()
    _best = int(_shares.argmax())
    kit.levels(
        mo.vstack(
            [
                kit.pictures(
                    [picture[0].numpy() for picture in _known], [f"sign {name}" for name in NAMES], columns=5,
                    colors="much", width=4.6, label="The five known pictures",
                ),
                kit.bars(
                    {f"sign {name}": float(share) for name, share in zip(NAMES, _shares)}, xlim=(0, 1),
                    label="Which sign it is", caption=f"It says: sign {NAMES[_best]}.",
                ),
            ]
        ),
        {f"d² to {name}": float(value) for name, value in zip(NAMES, _squared)},
        r"""
        $$d_k^2 = \left\lVert \blue{f(x)} - \orange{c_k} \right\rVert^2$$

        $$p(k \mid x) = \frac{e^{-8\,d_k^2}}{\sum_j e^{-8\,d_j^2}}$$

        $$p({name} \mid x) = \frac{e^{-8 \cdot {squared}}}{{total}} = {share}$$
        """,
        name=NAMES[_best],
        squared=f"{_squared[_best]:.3f}",
        total=f"{np.exp(-8 * _squared).sum():.4f}",
        share=f"{_shares[_best]:.3f}",
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        r"""
        ## Practise the test {#read}

        A classifier of fifty signs has fifty outputs and none for the fifty-first. Here the outputs are a **place**,
        and a sign is where its known pictures lie: $\orange{c_k}$ is their mean, its *prototype*. Nothing is learnt
        when a sign is new. What was learnt before is *where to put pictures* so that one is enough.

        So the practice looks like the test. An **episode** draws ten signs, one known picture of each and three to be
        named; what it gets wrong moves the network. The next one draws ten others.

        {scores} {drawn}
        """,
        scores=kit.read(
            "tasks/rules/prototypes.py",
            {
                "away = queries": "From every picture to the mean of every sign …",
                "return -SCALE": "… and near is likely, as in the formula above.",
            },
            part="scores",
        ),
        drawn=kit.read(
            "data/class_episodes.py",
            {
                "drawn = torch.randperm": "Which signs: others every time.",
                "picked = torch.randperm": "Which pictures of each.",
            },
            part="InEpisodes.drawn",
        ),
    )
    return


@app.cell
def _():
    hurry = mo.ui.radio(
        {"written with care": 0.0, "written on a moving train": HURRIED}, value="written on a moving train",
        label="The known pictures of the first sign were", inline=True,
    )  # fmt: skip
    shots = kit.slider("Known pictures of each sign", SHOTS, 1)
    kit.text(
        """
        ## One bad example {#break-it-mend-it}

        One example is enough, if it is a good one. Take five other signs. The known pictures of the first were written
        in a hurry, and a single one *is* the sign: its prototype lies where no careful one will ever be. **Mend it**:
        give more pictures. Their mistakes differ, and a mean cancels what differs.

        {hurry} {shots}
        """,
        hurry=hurry,
        shots=shots,
    )
    return hurry, shots


@app.function
@cache
def with_bad_examples(tremble, shots, rounds=40):
    """How often pictures of a sign whose known ones are badly written, and of four others, are named rightly."""
    rng = np.random.default_rng(1)
    characters = [drawn_characters.character(rng) for _ in range(SHOWN)]  # other ones still
    right = np.zeros(SHOWN)
    for _ in range(rounds):
        known = [
            drawn_characters.written(sign, rng, max(drawn_characters.TREMBLE, tremble if place == 0 else 0.0))
            for place, sign in enumerate(characters)
            for _ in range(shots)
        ]
        asked = [drawn_characters.written(sign, rng) for sign in characters for _ in range(4)]
        rows = embedded(as_input(np.stack(known + asked)), trained())
        support, queries = (torch.from_numpy(part)[None] for part in np.split(rows, [len(known)]))
        said = prototypes.scores(support, members_of(Shape(SHOWN, shots, 4))[None], queries)[0].argmax(dim=1)
        is_right = said == torch.arange(SHOWN).repeat_interleave(4)
        right += is_right.view(SHOWN, 4).float().mean(dim=1).numpy() / rounds
    return float(right[0]), float(right[1:].mean())


@app.cell
def _(hurry, shots):
    _own, _others = with_bad_examples(hurry.value, shots.value)
    _mended = with_bad_examples(hurry.value, SHOTS[-1])[0]
    kit.bars(
        {"the first sign": _own, "the other four": _others}, xlim=(0, 1), label="Named rightly",
        caption=f"With {shots.value} known of each, the first sign is named rightly in {_own:.0%}; with {SHOTS[-1]} in "
        f"{_mended:.0%}.",
    )  # fmt: skip
    return


@app.cell
def _():
    _rows = {
        f"{shots} known": (list(WAYS), [accuracy(trained(), ways=ways, shots=shots) for ways in WAYS])
        for shots in (1, 5)
    }
    _rows["chance"] = (list(WAYS), [1 / ways for ways in WAYS])
    _one, _many = _rows["1 known"][1][0], _rows["1 known"][1][-1]
    _picture = kit.curves(
        _rows, xlabel="signs to choose from", ylabel="named rightly", ylim=(0, 1), whole=True, dashed={"chance"},
        label="New signs named rightly, by how many there are to choose from",
    )  # fmt: skip
    _words = kit.text(
        """
        **Enough for what?** Of two signs one example tells {one}, of twenty-five {many}. Every further sign is one more
        that may lie nearer by accident. A figure without its number of *ways* and *shots* says nothing.
        """,
        one=f"{_one:.0%}",
        many=f"{_many:.0%}",
    )
    kit.row(_picture, _words)
    return


@app.cell
def _():
    kit.check(
        kit.exercise("nearest_prototype"),
        kit.choose(
            "A network was practised on fifty signs and tested with new pictures of <b>the same fifty</b>. What does "
            "that say about signs that it has never met?",
            {
                "As much as a test of new signs": (False, "These fifty may have places of their own by heart."),
                "Little: new signs have to be asked": (True, "The signs are parted, and not only their pictures."),
                "It says how well one example works": (False, "It had many examples of each of these."),
            },
            name="parted",
        ),
        kit.answer(
            "By chance, how often is a picture named rightly in an episode of 20 ways and 5 shots?",
            0.05,
            name="chance",
            slips={0.2: "That is one of 5: the shots are known pictures, the ways are the names.",
                   0.01: "Known pictures are no names: there are 20 of these."},
            because="Whoever guesses has 20 names to choose from, however many pictures of each are known.",
            hint="How many names are there?",
            solution="1 / 20 = 0.05",
            tolerance=0.001,
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The drawn characters at their full size: practice, and 600 episodes of signs that it has not met, beside
        **pixels** that learnt nothing. Then two new signs get a name by one picture each, and two other pictures of
        them are named. `--learner matching` lets all known pictures vote, `--learner fine-tuning` fits a last layer.
        """,
        own_file="""
        A folder for each kind of thing: signs, screws, leaves, stamps; fifteen kinds or more, for those of the test are
        none of the training. `deepglass train FOLDER --task few-shot`, then `deepglass enrol RUN NAME PICTURES` for
        each new kind, and `deepglass identify RUN PICTURES`. For signs, `--turned` makes four of one, `--mirrored`
        eight of four, and `--augment elastic` bends each picture as another hand would have drawn it.
        """,
        sources=[
            ("Snell, Swersky & Zemel (2017), Prototypical networks", "https://arxiv.org/abs/1703.05175"),
            ("Vinyals et al. (2016), Matching networks", "https://arxiv.org/abs/1606.04080"),
            ("Lake, Salakhutdinov & Tenenbaum (2015), Omniglot", "https://doi.org/10.1126/science.aab3050"),
        ],
    )
    return


if __name__ == "__main__":
    app.run()
