"""Lesson 86: never seen, yet known. Who knows what striped and blue look like knows a striped blue disc."""

import marimo

app = marimo.App(width="medium", app_title="Never seen, yet known", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch

    from deepglass.course import kit
    from deepglass.data.datasets import drawn_creatures as creatures
    from deepglass.data.descriptions import Coding, read_descriptions
    from deepglass.evaluate.metrics import zero_shot
    from deepglass.models.cnn import CNN, Config
    from deepglass.tasks.compatibilities import attributes

    LESSON = {
        "title": "Never seen, yet known",
        "question": "How can a network name a creature that nobody has ever shown it?",
        "part": "Without labels",
        "minutes": 20,
        "reads": ["tasks/compatibilities/attributes.py", "tasks/compatibilities/contrastive.py", "tasks/zero_shot.py"],
        "runs": ["deepglass train drawn-creatures --task zero-shot --epochs 6 --run runs/creatures"],
    }

    NEVER, KEPT = 6, 6  # kinds that it is never shown; pictures of every other kind that are kept for the test
    STEPS, BATCH = 240, 48
    MOMENTS = (0, 10, 20, 40, 80, 160, 240)
    SEEN = 6  # new pictures of a kind that is described
    TAKEN = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 13.0, 16.0)
    NAMES = [f"{name} {value}" for name, values in creatures.ATTRIBUTES.items() for value in sorted(values)]


@app.function
@cache
def menagerie():
    """The creatures: pictures (768, 3, 20, 20), the kind of each, the names of the kinds, which are never shown."""
    data = creatures.load()
    never = np.random.default_rng(0).permutation(len(data.classes))[:NEVER]
    return as_input(data.pixels), torch.from_numpy(data.labels), data.classes, np.sort(never)


@app.function
def as_input(pixels):
    """Bytes (n, 20, 20, 3) as the network takes them."""
    return torch.from_numpy(np.asarray(pixels)).float().permute(0, 3, 1, 2) / 128 - 1


@app.function
@cache
def descriptions():
    """(32, 11) 1 where a kind has an attribute, in the order of NAMES."""
    data = creatures.load()
    told = read_descriptions(data.descriptions)
    return torch.from_numpy(Coding.fit(told, data.classes).encode(told, data.classes))


@app.function
def coded(kind):
    """(1, 11) the description of any kind, also of one that does not live."""
    return torch.tensor([[float(name in chosen(kind)) for name in NAMES]])


@app.function
def chosen(kind):
    """The names of its attributes."""
    return [f"{name} {value}" for name, value in zip(creatures.ATTRIBUTES, kind)]


@app.function
def parts():
    """Which pictures it learns from, and which are new: others of the same kinds, and all of those never shown."""
    _, which, _, never = menagerie()
    is_never = torch.isin(which, torch.from_numpy(never))
    is_kept = torch.arange(len(which)) % creatures.TIMES >= creatures.TIMES - KEPT
    return ~is_never & ~is_kept, is_never | is_kept


@app.function
def learning(moments=(STEPS,)):
    """A network that learns what each attribute looks like: (steps, net) at some moments."""
    torch.manual_seed(0)
    pictures, which, _, _ = menagerie()
    x, kinds = pictures[parts()[0]], which[parts()[0]]
    net = CNN(len(NAMES), 3, Config(width=8))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, moments[-1])
    for step in range(moments[-1] + 1):
        if step in moments:
            yield step, net.eval()
            net.train()
        rows = torch.randint(len(x), (BATCH,))
        loss = attributes.loss(net(x[rows]), descriptions(), kinds[rows])
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
def says(pictures, net=None):
    """(n, 11) the log-odds of every attribute."""
    net = net or trained()
    with torch.no_grad():
        return net.eval()(pictures)


@app.function
@cache
def answers():
    """Of the new pictures the log-likelihood of every kind (n, 32), the true kind (n,), and which kinds it has seen."""
    pictures, which, classes, never = menagerie()
    is_new = parts()[1]
    is_seen = ~np.isin(np.arange(len(classes)), never)
    return attributes.scores(says(pictures[is_new]), descriptions()).numpy(), which[is_new].numpy(), is_seen


@app.function
def reached(taken=0.0):
    """The accuracies, where so much is taken from every kind that it has seen."""
    scores, truth, is_seen = answers()
    found = zero_shot.accuracies(scores - taken * is_seen, truth, is_seen)
    return found | {"mean": zero_shot.harmonic_mean(found["seen_of_all"], found["unseen_of_all"])}


@app.function
def a_stranger():
    """A picture (1, 3, 20, 20) of a kind that is never shown, and its kind."""
    pictures, which, classes, never = menagerie()
    place = int(np.flatnonzero(which.numpy() == never[-2])[1])
    return pictures[place : place + 1], tuple(classes[never[-2]].split())


@app.function
def shown(pictures):
    """As a page draws them: (n, H, W, 3) from 0 to 1."""
    return ((pictures + 1) / 2).clamp(0, 1).permute(0, 2, 3, 1).numpy()


@app.function
def as_bars(odds, kind, caption, **looks):
    """How likely each attribute is; those that it has are blue."""
    has = chosen(kind)
    values = {name.partition(" ")[2]: float(share) for name, share in zip(NAMES, odds.sigmoid())}
    colors = {name.partition(" ")[2]: kit.BLUE if name in has else kit.FAINT for name in NAMES}
    return kit.bars(values, xlim=(0, 1), label="How likely each attribute is", caption=caption, colors=colors, **looks)


@app.function
def film():
    """What it says of the stranger, while it learns from others."""
    picture, kind = a_stranger()
    for step, net in learning(MOMENTS):
        yield as_bars(
            says(picture, net)[0], kind,
            f"After {step} steps on other kinds. Blue is what this one has.", width=4.2, height=3.6,
        )  # fmt: skip


@app.cell
def _():
    _picture, _kind = a_stranger()
    kit.opening(
        LESSON,
        f"Nobody has shown it a **{' '.join(_kind)}**, and nobody will. It learns from 26 other kinds of "
        "creatures, and not their names: what *red* looks like, what *striped*, what a *cross*. The bars are what it "
        "says of the stranger.",
        kit.row(
            kit.pictures(shown(_picture), [" ".join(_kind)], label="The stranger", width=3.4),
            kit.film(film(), label="Steps on other kinds", seconds=0.9, width=4.2),
        ),
    )
    return


@app.cell
def _():
    _found = reached()
    kit.guess(
        f"Six kinds are never shown. If the answer must be one of these six, it names {_found['unseen']:.0%} of their "
        "pictures rightly. Now any of all 32 kinds may be the answer. How many of the same pictures does it still name "
        "rightly?",
        ["Nearly as many", "About half as many", "Less than a quarter as many"],
        f"{_found['unseen_of_all']:.0%} of them, and new pictures of kinds that it has seen: "
        f"{_found['seen_of_all']:.0%}. What goes together in the training, it expects together, and a kind that it has "
        "seen is the likelier answer.",
    )
    return


@app.cell
def _():
    _found = reached()
    kit.after_guess(
        kit.row(
            kit.bars(
                {
                    "unseen, of these 6": _found["unseen"],
                    "unseen, of all 32": _found["unseen_of_all"],
                    "seen, of all 32": _found["seen_of_all"],
                },
                xlim=(0, 1),
                label="New pictures named rightly",
            ),
            kit.text(
                """
                Among themselves it tells the strangers apart: it reads their descriptions. Among all it leans towards
                what it knows. Both are true of one network, so a figure for "zero-shot" says little without the
                question that was asked. Chance is {chance} of six, {of_all} of all.
                """,
                chance=f"{1 / NEVER:.0%}",
                of_all=f"{1 / 32:.0%}",
            ),
        )
    )
    return


@app.cell
def _():
    colour, coat, body = (
        mo.ui.dropdown(list(values), value=value, label=name)
        for (name, values), value in zip(creatures.ATTRIBUTES.items(), ("yellow", "striped", "triangle"))
    )
    kit.text(
        """
        ## Describe one {#see}

        Choose what a creature looks like. Of the 48 kinds that you can describe, 16 live nowhere: no picture of them is
        in the data at all. Six of yours are drawn, your line is added to the table, and every picture is named.

        {colour} {coat} {body}
        """,
        colour=colour,
        coat=coat,
        body=body,
    )
    return body, coat, colour


@app.function
@cache
def met(kind):
    """Six new pictures of a kind (6, 3, 20, 20), their log-odds (6, 11), and the names that they get (6)."""
    rng = np.random.default_rng(7)
    pictures = as_input(np.stack([creatures.drawn(kind, rng) for _ in range(SEEN)]))
    odds, (_, _, classes, never) = says(pictures), menagerie()
    known = [place for place, name in enumerate(classes) if place in never and name != " ".join(kind)]
    names = [" ".join(kind), *(classes[place] for place in known)]
    scores = attributes.scores(odds, torch.cat([coded(kind), descriptions()[known]]))
    return pictures, odds, [names[place] for place in scores.argmax(dim=1)]


@app.cell
def _(body, coat, colour):
    _kind = (colour.value, coat.value, body.value)
    _pictures, _odds, _names = met(_kind)
    _right = sum(name == " ".join(_kind) for name in _names)
    _shares = _odds[0].sigmoid()
    _terms = {
        name: float(share if name in chosen(_kind) else 1 - share) for name, share in zip(NAMES, _shares)
    }  # of the first picture
    _three = [_terms[name] for name in chosen(_kind)]
    _others = float(np.prod([value for name, value in _terms.items() if name not in chosen(_kind)]))
    kit.levels(
        mo.vstack(
            [
                kit.pictures(
                    shown(_pictures), ["yours" if name == " ".join(_kind) else name for name in _names], columns=3,
                    width=4.6, label=f"Six creatures that you described as {' '.join(_kind)}",
                ),
                as_bars(
                    _odds[0], _kind,
                    f"Of the first picture. {_right} of the 6 are named yours, beside the kinds never shown.",
                ),
            ]
        ),
        {
            **{f"p({name})": f"{_terms[name]:.3f}" for name in chosen(_kind)},
            "p(none of the other eight)": f"{_others:.3f}",
        },
        r"""
        $$p(d \mid x) = \prod_a \blue{p_a}^{d_a}\,(1 - \blue{p_a})^{1 - d_a}$$

        $$= {one} \cdot {two} \cdot {three} \cdot {others} = {all}$$
        """,
        one=f"{_three[0]:.2f}",
        two=f"{_three[1]:.2f}",
        three=f"{_three[2]:.2f}",
        others=f"{_others:.2f}",
        all=f"{float(np.prod(list(_terms.values()))):.2f}",
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        r"""
        ## A zebra is a striped horse {#read}

        A classifier has an output for each class and none for the next one. Here the outputs are **attributes**:
        $\blue{p_a}$ is learnt from every kind that has it, *striped* from red squares and from blue crosses. A class
        is a row of ones and zeros in a table, $d_a$, and it is as likely as its whole row. Add a row, and there is a
        class.

        Two other ways ask less of the table. Both let the network say *any* numbers, as many as the table has, and
        compare them with a row by their cosine: by a **margin** (DeViSE), or by picking the right row of all
        (**contrastive**, as CLIP does with captions of pictures).

        {ways} {contrastive}
        """,
        ways=kit.read(
            "tasks/compatibilities/attributes.py",
            {"F.logsigmoid(said) @ codes.T": "The formula above, in logarithms: what it has, and what it has not."},
            part="scores",
        ),
        contrastive=kit.read(
            "tasks/compatibilities/contrastive.py",
            {"F.cross_entropy(": "Of all rows of the table, pick this picture's own."},
            part="loss",
        ),
    )
    return


@app.cell
def _():
    taken = kit.slider("Taken from the log-likelihood of every kind that it has seen", TAKEN, 0.0)
    kit.text(
        """
        ## It says what it knows {#break-it-mend-it}

        Asked among all 32 kinds, it hardly ever says one that it was never shown. The mend is plain: take a constant
        from every kind that it has seen (*calibrated stacking*). Too little, and strangers stay unknown. Too much, and
        old friends become strangers. The **harmonic mean** of the two is near the smaller one, so neither can hide.

        {taken}
        """,
        taken=taken,
    )
    return (taken,)


@app.cell
def _(taken):
    _all = [reached(value) for value in TAKEN]
    _now = reached(taken.value)
    _best = max(TAKEN, key=lambda value: reached(value)["mean"])
    kit.row(
        kit.curves(
            {
                "seen": (list(TAKEN), [one["seen_of_all"] for one in _all]),
                "never seen": (list(TAKEN), [one["unseen_of_all"] for one in _all]),
                "harmonic mean": (list(TAKEN), [one["mean"] for one in _all]),
            },
            xlabel="taken from kinds that it has seen", ylabel="named rightly, of all 32", ylim=(0, 1),
            label="Accuracies among all kinds by what is taken from those that it has seen",
        ),
        kit.bars(
            {"seen": _now["seen_of_all"], "never seen": _now["unseen_of_all"], "harmonic mean": _now["mean"]},
            xlim=(0, 1), label="Named rightly of all 32",
            caption=f"With {taken.value:g} taken. Of these, {_best:g} gives the largest harmonic mean, "
            f"{reached(_best)['mean']:.0%}.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.note(
        "Here the constant is read off the very pictures that it is judged by, to show what it does. The command keeps "
        "a few further kinds out of the training and chooses by these.",
        "Who chooses?",
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("likeliest_description"),
        kit.choose(
            "You add a row to the table: a creature that is <b>purple</b>. No kind of the training is purple. What can "
            "the network do with that word?",
            {
                "Recognise it, as it does striped": (False, "Striped it has seen, in other kinds. Purple it has not."),
                "Nothing: there is no output for it": (True, "It can put words together anew, and learns no new word."),
                "Guess that it is between red and blue": (
                    False, "The table says only that purple is another word; nothing says that it lies between.",
                ),
            },
            name="purple",
        ),
        kit.answer(
            "Of new pictures of seen classes 80 % are named rightly among all, of unseen ones 40 %. What is the "
            "harmonic mean, as a share?",
            0.5333,
            name="harmonic",
            slips={0.6: "That is the usual mean, in which a good half hides a bad one."},
            because="2 · 0.8 · 0.4 / (0.8 + 0.4) = 0.533, nearer to the smaller one.",
            hint="2·s·u / (s + u)",
            solution="0.64 / 1.2 = 0.533",
            tolerance=0.004,
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The same creatures: six kinds are left out of the training wholly, four more to choose by. The report has both
        questions, among the unseen and among all, and the harmonic mean. `--compatibility attributes` is this lesson's
        way, `ranking` and `contrastive` are the others; `--unseen` names the kinds that are left out.
        """,
        own_file="""
        A folder for each class, and a table `descriptions.csv` beside them: a row for each class, its name first, then
        what can be *seen*: `class,colour,legs,coat`. `deepglass train FOLDER --task zero-shot`. Then a class that
        nobody has photographed is a line in another table: `deepglass predict RUN PICTURES --descriptions NEW.csv`.
        """,
        sources=[
            ("Lampert, Nickisch & Harmeling (2009), Between-class attribute transfer",
             "https://doi.org/10.1109/CVPR.2009.5206594"),
            ("Frome et al. (2013), DeViSE",
             "https://papers.nips.cc/paper/2013/hash/7cce53cf90577442771720a370c3c723-Abstract.html"),
            ("Chao et al. (2016), Generalized zero-shot learning", "https://arxiv.org/abs/1605.04253"),
            ("Xian et al. (2018), A comprehensive evaluation", "https://arxiv.org/abs/1707.00600"),
            ("Radford et al. (2021), CLIP", "https://arxiv.org/abs/2103.00020"),
        ],
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
