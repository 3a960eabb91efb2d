"""Lesson 84: the leaf and the background. What a network looks at when the wrong thing tells the class as well."""

import marimo

app = marimo.App(width="medium", app_title="The leaf and the background", css_file="../course/pages/lesson.css")

with app.setup:
    from copy import deepcopy
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    import torch.nn.functional as F
    from torch import nn

    from deepglass.course import kit
    from deepglass.data import telling_border
    from deepglass.data.datasets import drawn_leaves
    from deepglass.data.datasets.drawn_leaves import BACKGROUNDS, CLASSES, EARLY, HEALTHY, USUAL

    LESSON = {
        "title": "The leaf and the background",
        "question": "What did it look at?",
        "part": "In the world",
        "minutes": 20,
        "reads": ["data/telling_border.py", "explain/quality/border.py", "data/datasets/drawn_leaves.py"],
        "runs": [
            "deepglass check drawn-leaves",
            "deepglass train drawn-leaves --task image-classification --model lenet5 --epochs 6 --run runs/leaves",
            "deepglass explain runs/leaves drawn-leaves --method integrated-gradients",
        ],
    }

    COUNT, TESTED, WIDTH = 480, 240, 12  # leaves that are learnt from, and judged by; channels of the net
    STEPS, BATCH, RATE = 200, 48, 5e-3
    MOMENTS = (0, 5, 10, 20, 40, 80, 140, STEPS)
    BY_LUCK = 1 / len(BACKGROUNDS)
    SHARES = (BY_LUCK, 0.7, USUAL)
    GREY = 128.0
    WAYS = ("as they were taken", "backgrounds painted grey", "backgrounds mixed")
    SHOWN, FILMED = 6, 6  # leaves to choose from; leaves in the film


@app.function
@cache
def taken(count, usual, seed):
    """Pictures (N, 3, 32, 32) in levels of 255, how much of a pixel is leaf (N, 1, 32, 32), classes and backgrounds."""
    rng = np.random.default_rng(seed)
    kinds = rng.integers(len(CLASSES), size=count)
    behind = drawn_leaves.backgrounds(kinds, usual, rng)
    pixels, cover = drawn_leaves.photographs(drawn_leaves.leaves(kinds, rng), behind, rng)
    return in_front(pixels), in_front(cover), torch.from_numpy(kinds), torch.from_numpy(behind)


@app.function
def in_front(pixels):
    """(N, H, W, C) as (N, C, H, W)."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float()


@app.function
@cache
def empty():
    """Pictures (90, 3, 32, 32) of backgrounds with nothing on them, as many of each."""
    return in_front(drawn_leaves.grounds(np.arange(90) % len(BACKGROUNDS), np.random.default_rng(5)))


@app.function
def laid_on(pictures, cover, other):
    """The leaves of the first on what the others show."""
    return cover * pictures + (1 - cover) * other


@app.function
def learning(way, usual=USUAL, moments=(STEPS,)):
    """A net while it learns from one of the WAYS: (steps, net) at some moments."""
    pictures, cover, kinds, _ = taken(COUNT, usual, 1)
    torch.manual_seed(0)
    net = nn.Sequential(*layer(3, WIDTH), nn.MaxPool2d(2), *layer(WIDTH, 2 * WIDTH), nn.MaxPool2d(2),
                        *layer(2 * WIDTH, 2 * WIDTH), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                        nn.Linear(2 * WIDTH, len(CLASSES)))  # fmt: skip
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS + 2)
    for step in range(moments[-1] + 1):
        if step in moments:
            yield step, net.eval()
        rows = torch.randint(COUNT, (BATCH,))
        shown = pictures[rows]
        if way == WAYS[1]:
            shown = laid_on(shown, cover[rows], GREY)
        if way == WAYS[2]:
            shown = laid_on(shown, cover[rows], empty()[torch.randint(len(empty()), (BATCH,))])
        optimizer.zero_grad()
        F.cross_entropy(net.train()(scaled(shown)), kinds[rows]).backward()
        optimizer.step()
        schedule.step()


@app.function
def layer(inputs, outputs):
    """A convolution and what follows it."""
    return nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()


@app.function
def scaled(pictures):
    """Around 0, as a net likes it."""
    return pictures / 64 - 2


@app.function
@cache
def history():
    """The net of the usual habit at the MOMENTS: (steps, net) each."""
    return [(step, deepcopy(net)) for step, net in learning(WAYS[0], USUAL, MOMENTS)]


@app.function
@cache
def trained(way, usual=USUAL):
    """The net at the end."""
    return history()[-1][1] if (way, usual) == (WAYS[0], USUAL) else next(learning(way, usual))[1]


@app.function
def says(net, pictures):
    """(N, 3) its shares for the classes."""
    with torch.no_grad():
        return net(scaled(pictures)).softmax(dim=1)


@app.function
@cache
def right(way, usual, where):
    """Share of new leaves that it names rightly, taken with the same habit, or "anywhere"."""
    pictures, cover, kinds, _ = taken(TESTED, *((BY_LUCK, 2) if where == "anywhere" else (usual, 3)))
    shown = laid_on(pictures, cover, GREY) if way == WAYS[1] else pictures
    return float((says(trained(way, usual), shown).argmax(dim=1) == kinds).float().mean())


@app.function
@cache
def follows():
    """Of new leaves anywhere, the share that is given the class whose usual background lies behind it."""
    pictures, _, _, behind = taken(TESTED, BY_LUCK, 2)
    return float((says(trained(WAYS[0]), pictures).argmax(dim=1) == behind).float().mean())


@app.function
@cache
def on_all(row):
    """One leaf, ill or well, at the same place and in the same light on every background: (3, 3, 32, 32), and cover."""
    leaf = drawn_leaves.leaves(np.array([row % len(CLASSES)]), np.random.default_rng(row))
    found = [drawn_leaves.photographs(leaf, np.array([place]), np.random.default_rng(20 + row)) for place in range(3)]
    return torch.cat([in_front(pixels) for pixels, _ in found]), in_front(found[0][1])


@app.function
def for_page(pictures):
    """(N, H, W, 3) between 0 and 1."""
    return [(picture.permute(1, 2, 0) / 255).clamp(0, 1).numpy() for picture in pictures]


@app.function
def film():
    """New leaves of the usual habit, and what the net makes of them while it learns."""
    pictures, _, kinds, _ = taken(TESTED, USUAL, 3)
    for step, net in history():
        said = says(net, pictures).argmax(dim=1)
        told = [CLASSES[i] if i == kind else f"✗ {CLASSES[i]}" for i, kind in zip(said[:FILMED], kinds, strict=False)]
        yield kit.pictures(
            for_page(pictures[:FILMED]), told, columns=3, width=4.6, label="New leaves and what the net calls them",
            caption=f"After {step} steps {int((said == kinds).sum())} of {TESTED} new leaves are named rightly.",
        )  # fmt: skip


@app.cell
def _():
    _shown, _ = on_all(EARLY)
    _well = float(says(trained(WAYS[0]), _shown)[HEALTHY, HEALTHY])
    kit.opening(
        LESSON,
        "Potato leaves: some are healthy, some have **early blight** (small spots with rings), some **late blight** "
        "(large dark ones that begin at the edge). A net learns to tell them apart. What is counted below the film are "
        "*new* leaves, which it never learnt from.",
        kit.film(film(), label="Steps of the training", seconds=0.9, width=4.6),
        kit.guess(
            "Take a leaf full of small spots, which the net has just called early blight. Lift it from the brown soil "
            "it was photographed on, and lay it on the grey cloth on which most healthy leaves were photographed. No "
            "pixel of the leaf changes. What does the net say?",
            ["Early blight, as before", "Early blight, but less surely", "Healthy"],
            f"“Healthy”, and it is {_well:.0%} sure. Of the leaves that it learnt from, {USUAL:.0%} lay on the "
            "background of their class, and a background fills far more of a picture than a spot does. It has learnt "
            "what told the class. Nobody had said that it should be the leaf.",
        ),
    )
    return


@app.cell
def _():
    which = kit.slider("Leaf", range(1, SHOWN + 1), 1)
    behind = mo.ui.radio({name: place for place, name in enumerate(BACKGROUNDS)}, value=BACKGROUNDS[HEALTHY],
                         label="Lay it on", inline=True)  # fmt: skip
    kit.after_guess(
        kit.text(
            """
            ## The same leaf, three answers {#see}

            Lay a leaf on each of the three and watch the answer. On the right is the same background without any leaf:
            what does the net say to *that*? The measure asks what `deepglass explain` asks of every picture: how much
            of the class is **lost** where the leaf stays and its surroundings are exchanged.

            {which} {behind}
            """,
            which=which,
            behind=behind,
        )
    )
    return behind, which


@app.cell
def _(behind, which):
    _kind, _place = (which.value - 1) % len(CLASSES), behind.value
    _pictures, _ = on_all(which.value - 1)
    _ground = empty()[_place : _place + 1]
    _said, _alone = says(trained(WAYS[0]), _pictures), says(trained(WAYS[0]), _ground)[0]
    _scores = _said[:, _kind]
    _same, _other = float(_scores[_kind]), float(_scores[[i for i in range(3) if i != _kind]].mean())
    kit.after_guess(
        kit.levels(
            kit.pictures(
                for_page([_pictures[_place], _ground[0]]),
                [f"“{CLASSES[_said[_place].argmax()]}”", f"“{CLASSES[_alone.argmax()]}”"], columns=2, width=4.0,
                label=f"A leaf with {CLASSES[_kind]} on {BACKGROUNDS[_place]}, and {BACKGROUNDS[_place]} alone",
                caption=f"It has {CLASSES[_kind]}." if _kind != HEALTHY else "It is healthy.",
            ),
            {f"“{name}”": float(share) for name, share in zip(CLASSES, _said[_place], strict=True)}
            | {f"its class, on {name}": float(share) for name, share in zip(BACKGROUNDS, _scores, strict=True)},
            r"""
            $$\text{lost} = \frac{\blue{\text{on its own}} - \orange{\text{on the others}}}{\blue{\text{on its own}}}$$

            $$= \frac{\blue{{same}} - \orange{{other}}}{\blue{{same}}} = {lost}$$
            """,
            same=f"{_same:.3f}",
            other=f"{_other:.3f}",
            lost=f"{(_same - _other) / _same:.2f}",
        ),
        silently=True,
    )  # fmt: skip
    return


@app.cell
def _():
    _same, _any = right(WAYS[0], USUAL, "habit"), right(WAYS[0], USUAL, "anywhere")
    kit.after_guess(
        kit.text(
            f"""
            Of new leaves that were photographed with the same habit it names **{_same:.0%}** rightly, of leaves that
            lie anywhere **{_any:.0%}**; luck gives {BY_LUCK:.0%}. {follows():.0%} of those are given the class whose
            background lies behind them. No random split of the photographs could have shown that: a test leaf out of
            the same drawer lies on the same table. It takes pictures that were made **elsewhere**.
            """
        ),
        silently=True,
    )
    return


@app.cell
def _():
    _pictures, _, _kinds, _ = taken(COUNT, USUAL, 1)
    _pixels = _pictures.permute(0, 2, 3, 1).numpy().astype(np.uint8)
    _found = telling_border.telling_border(_pixels, _kinds.numpy())
    kit.after_guess(
        kit.text(
            """
            ## Ask before you train {#read}

            No net is needed to find it. Take eight pixels at the border of each picture, where hardly ever is a leaf,
            and look whether pictures with alike borders have the same class. Here that tells {border} of them, eight
            pixels further inside tell {inside}, and luck {luck}. `deepglass check` does this with every set of
            pictures, in a fraction of a second, and warns where the border tells much *and* more than the inside.

            {code}
            """,
            border=f"{_found.border:.0%}",
            inside=f"{_found.inside:.0%}",
            luck=f"{_found.luck:.0%}",
            code=kit.read(
                "data/telling_border.py",
                {
                    "np.fill_diagonal": "A picture is not its own neighbour.",
                    "near = np.arg": "The seven pictures with the most alike borders.",
                    "votes =": "Each votes for its class; a rare class counts as much as a frequent one.",
                },
                part="_told",
            ),
        ),
        silently=True,
    )
    return


@app.cell
def _():
    usual = mo.ui.radio({f"{share:.0%}": share for share in SHARES}, value=f"{USUAL:.0%}",
                        label="Taken on the background of their class", inline=True)  # fmt: skip
    way = mo.ui.radio(list(WAYS), value=WAYS[0], label="Learnt from the pictures", inline=True)
    kit.after_guess(
        kit.text(
            """
            ## Break the habit {#break-it-mend-it}

            The habit of the photographer **breaks** the net: the first control says how strong it was. Two things
            **mend** it without a single new leaf. Cut every leaf out and paint what lay behind it in one grey, in
            training and wherever the net is used. Or lay the cut leaves, anew in each step, on pictures of all three
            backgrounds, until no background means anything; then nothing has to be cut out later.

            {usual} {way}
            """,
            usual=usual,
            way=way,
        ),
        silently=True,
    )
    return usual, way


@app.cell
def _(usual, way):
    _pictures, _cover, _, _ = taken(COUNT, usual.value, 1)
    _some, _leaf = _pictures[:SHOWN], _cover[:SHOWN]
    _ground = GREY if way.value == WAYS[1] else empty()[torch.arange(SHOWN)]
    _some = _some if way.value == WAYS[0] else laid_on(_some, _leaf, _ground)
    _scores = {
        "same habit": 100 * right(way.value, usual.value, "habit"),
        "anywhere": 100 * right(way.value, usual.value, "anywhere"),
    }
    kit.after_guess(
        kit.row(
            kit.pictures(for_page(_some), columns=3, width=3.6, label=f"Six pictures that it learns from, {way.value}"),
            kit.bars(_scores, unit=" %", xlim=(0, 125), label="New leaves that are named rightly", width=3.8,
                     caption=f"Of {TESTED} new leaves each. Luck: {100 * BY_LUCK:.0f} %."),
        ),
        silently=True,
    )  # fmt: skip
    return


@app.cell
def _():
    kit.note(
        "A mask is a claim about what matters. Where a background belongs to the thing, as the sea to a ship, and is "
        "there wherever the net is used, it may help and may stay. And an outline is still seen: if ill leaves curl "
        "up, a mask shows that, too. What the background tells is no mistake of the net; the mistake is to believe "
        "that it will be told tomorrow.",
        "When a background may stay.",
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("exchanged"),
        kit.answer(
            "The class of a picture has a score of 0.9 with borders of its own class, and of 0.27 with borders of "
            "others. Which part of it is lost?",
            (0.9 - 0.27) / 0.9,
            name="lost",
            slips={
                0.63: "That is the difference; how much is it of the 0.9?",
                0.3: "That is what is left of it.",
            },
            because="0.63 of 0.9 went with the border: 70 % of what it knew was not on the leaf.",
            hint="Difference over what it was: (0.9 − 0.27) / 0.9.",
            solution="0.7",
            tolerance=0.01,
        ),
        kit.choose(
            "A farmer sends 2,000 photographs. Healthy leaves were taken in May, ill ones in August. Which test says "
            "most about next year?",
            {
                "Leaves of another farm, ill and healthy ones taken on the same days": (
                    True,
                    "The habit is another one there, so what only the habit told is of no use.",
                ),
                "A random tenth of the 2,000, held out": (
                    False,
                    "Held out from the same drawer: May is healthy there as well.",
                ),
                "The same leaves, photographed a second time in the same way": (
                    False,
                    "Then even the leaves are the same. What is wanted is another way, and other leaves.",
                ),
            },
            name="test",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The first command finds the border before anything is learnt. The second trains, and its test leaves lie
        anywhere: read its last warning. The third asks one leaf what it is worth inside other borders.
        """,
        own_file="""
        A folder of photographs for each class: `deepglass check my_leaves` first. If the border tells, cut the leaves
        out and save them as PNG with nothing behind: `deepglass train my_leaves --background grey` lays all of them on
        the same grey. A folder `test` of pictures from elsewhere is taken as the test by itself.
        """,
        sources=[
            ("Noyan (2022), Uncovering bias in the PlantVillage dataset", "https://arxiv.org/abs/2206.04374"),
            ("Xiao et al. (2021), Noise or signal: the role of image backgrounds", "https://arxiv.org/abs/2006.09994"),
            ("Geirhos et al. (2020), Shortcut learning in deep neural networks", "https://arxiv.org/abs/2004.07780"),
            ("Beery, Van Horn & Perona (2018), Recognition in terra incognita", "https://arxiv.org/abs/1807.04975"),
        ],
    )
    return


if __name__ == "__main__":
    app.run()
