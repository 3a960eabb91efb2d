"""Lesson 68: the same person? A network that has never seen somebody tells whether two pictures show the same face."""

import marimo

app = marimo.App(width="medium", app_title="The same person?", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    import torch.nn.functional as F

    from deepglass.course import kit
    from deepglass.data.datasets import drawn_faces
    from deepglass.data.examples import InMemory
    from deepglass.data.mates import WithMates
    from deepglass.evaluate.metrics import verification
    from deepglass.models.cnn import CNN, Config
    from deepglass.training.metric_learning import prototypes

    LESSON = {
        "title": "The same person?",
        "question": "How can a network know somebody whom it has never seen?",
        "part": "Pictures",
        "minutes": 20,
        "reads": ["training/metric_learning.py", "tasks/verification.py"],
        "runs": [
            "deepglass train drawn-faces --task verification --epochs 6 --run runs/faces",
            "deepglass verify runs/faces row:1 row:2",
        ],
    }

    SIDE, PICTURES = 16, drawn_faces.PICTURES
    LEARNT, CHOSEN = 40, 50  # people up to here are learnt; up to here they choose the threshold; the others are new
    STEPS, BATCH, EMBED_DIM = 120, 32, 16
    MOMENTS = (0, 5, 10, 20, 40, 80, 120)
    BINS = np.linspace(0, 2, 26)
    RATES = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)  # of strangers that may pass
    ENROLLED = (1, 10, 100)  # people who may be known


@app.function
@cache
def faces():
    """The drawn faces (600, 1, 16, 16) around 0, and who each of them is (600,)."""
    data = drawn_faces.load()
    small = torch.from_numpy(data.pixels).float().permute(0, 3, 1, 2)  # (600, 1, 32, 32)
    return F.avg_pool2d(small, drawn_faces.SIDE // SIDE) / 64 - 2, torch.from_numpy(data.labels)


@app.function
def people(begin, end):
    """Pictures (n, 1, 16, 16) and identities (n,) of some people."""
    pictures, who = faces()
    chosen = (who >= begin) & (who < end)
    return pictures[chosen], who[chosen]


@app.function
def learning(moments=(STEPS,), seed=0):
    """A network while it learns to put the pictures of one person together: (steps, net) at some moments."""
    torch.manual_seed(seed)
    net = CNN(EMBED_DIM, config=Config(width=8))
    pictures, who = people(0, LEARNT)
    examples = WithMates(InMemory(pictures, who), who)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, moments[-1])
    for step in range(moments[-1] + 1):
        if step in moments:
            yield step, net
            net.train()
        x, identities = examples.batch(torch.randint(len(who), (BATCH,)))
        loss = prototypes(F.normalize(net(x), dim=1), identities)
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
    """(n, 16) embeddings of length 1; without a network the pixels themselves, brought to length 1."""
    said = net.eval()(pictures) if net is not None else pictures.flatten(1)
    return F.normalize(said, dim=1).numpy()


@app.function
def pairs(begin, end, net):
    """All pairs of pictures of some people, by their distance."""
    pictures, who = people(begin, end)
    return verification.pairs_of(embedded(pictures, net), who.numpy())


@app.function
def auc(of):
    """How often two pictures of one person lie nearer than two of others."""
    return verification.area(*verification.roc(of)[:2])


@app.function
def spread(of):
    """How the distances of pairs are spread, of one person and of two: two curves."""
    middles = (BINS[1:] + BINS[:-1]) / 2
    shares = [np.histogram(of.distances[which], BINS)[0] / which.sum() for which in (of.same, ~of.same)]
    return {"one person": (middles, shares[0]), "two people": (middles, shares[1])}


@app.function
def taken_for_somebody(rate, number):
    """How likely a stranger passes as one of so many people, if every comparison lets one in independently."""
    return 1 - (1 - rate) ** number


@app.function
def as_picture(face):
    """A face (1, 16, 16) as a picture in [0, 1]."""
    return ((face[0] + 2) * 64 / 255).clamp(0, 1).numpy()


@app.function
def film():
    """Distances between pictures of ten new people, while the network learns from forty others."""
    for step, net in learning(MOMENTS):
        of = pairs(CHOSEN, drawn_faces.PEOPLE, net)
        yield kit.curves(
            spread(of), xlabel="distance of two pictures", ylabel="share of pairs", ylim=(0, 0.6), whole=True,
            label=f"Distances after {step} steps",
            caption=f"After {step} steps two pictures of one person are nearer than two of others in {auc(of):.1%}.",
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "A network looks at pictures of **forty** people. The curves are about **ten others**, of whom it never sees "
        "anything: how far apart are two pictures of one of them, and two of different ones? All of these people are "
        "drawn. Nobody's picture was needed.",
        kit.film(film(), label="Steps of the training", seconds=0.8, width=6.4),
    )
    return


@app.cell
def _():
    _shares = {number: taken_for_somebody(0.01, number) for number in ENROLLED}
    kit.guess(
        "A door opens for whoever is near enough to somebody it knows. Its threshold lets <b>1 %</b> of strangers pass "
        "for one given person. It knows <b>100</b> people. How likely is it that a stranger gets in?",
        ["About 1 %", "About 10 %", "More than half"],
        f"If the comparisons are independent, 1 − 0.99¹⁰⁰ = {_shares[100]:.0%}. Every person who is known is one more "
        f"chance to be mistaken: with 10 it is {_shares[10]:.1%}. That is why a rate of false accepts says nothing "
        "without the number of people that somebody is compared with.",
    )
    return


@app.cell
def _():
    _numbers = [1, 2, 5, 10, 20, 50, 100, 200]
    _picture = kit.curves(
        {f"{p:.1%} per comparison": (_numbers, [taken_for_somebody(p, n) for n in _numbers]) for p in (0.001, 0.01)},
        points={"1.0% per comparison"}, xlabel="people who are known", ylabel="a stranger gets in", ylim=(0, 1),
        whole=True, label="How likely a stranger is taken for somebody",
    )  # fmt: skip
    _words = kit.text(
        """
        A search through a city's pictures is a comparison with each of them. A rate that sounds harmless for one lock
        is a stream of wrong names there. Those who are named wrongly are real, and not spread evenly: systems of this
        kind have erred far more often on people who were rare in their training.
        """
    )
    kit.after_guess(kit.row(_picture, _words))
    return


@app.cell
def _():
    person = kit.slider("The other picture is of new person", range(1, 11), 2)
    taken = kit.slider("Which of the ten pictures", range(1, 11), 4)
    kit.text(
        r"""
        ## A place for every face {#see}

        The network $f$ gives no name. It gives sixteen numbers, and these are divided by their length: a place on a
        sphere. Two pictures are held against each other by the distance of their places. New person 1 is on the left.

        {person} {taken}
        """,
        person=person,
        taken=taken,
    )
    return person, taken


@app.cell
def _(person, taken):
    _pictures, _ = people(CHOSEN, drawn_faces.PEOPLE)
    _one, _other = _pictures[0], _pictures[(person.value - 1) * PICTURES + taken.value - 1]
    _a, _b = embedded(torch.stack([_one, _other]), trained())
    _cosine = float(_a @ _b)
    _distance = float(np.linalg.norm(_a - _b))
    _threshold = verification.threshold_for(pairs(LEARNT, CHOSEN, trained()), 0.01)
    _said = "the same" if _distance <= _threshold else "not the same"
    kit.levels(
        kit.pictures(
            [as_picture(_one), as_picture(_other)], ["new person 1", f"new person {person.value}"], columns=2,
            colors="much", width=4.4, label=f"Two faces: {_said}", caption=f"It says: {_said}.",
        ),
        {"cosine": _cosine, "distance": _distance, "threshold": _threshold},
        r"""
        $$d = \left\lVert \blue{\frac{f(a)}{\lVert f(a)\rVert}} - \orange{\frac{f(b)}{\lVert f(b)\rVert}} \right\rVert
        = \sqrt{2 - 2\cos\theta} = \sqrt{2 - 2\cdot {cosine}} = {distance}$$

        $$d \le t: \quad {distance} \le {threshold}\,?$$
        """,
        cosine=f"{_cosine:.3f}",
        distance=f"{_distance:.3f}",
        threshold=f"{_threshold:.3f}",
    )  # fmt: skip
    return


@app.cell
def _():
    rate = kit.slider("Strangers that may pass", RATES, 0.01)
    kit.text(
        """
        ### Where to draw the line

        No threshold is right: a strict one turns friends away, a loose one lets strangers in. So the wish comes first,
        *at most so many strangers*, and the threshold follows from it. It is chosen on **ten people of their own**,
        neither those who were learnt nor those who are asked in the end.

        {rate}
        """,
        rate=rate,
    )
    return (rate,)


@app.cell
def _(rate):
    _new = pairs(CHOSEN, drawn_faces.PEOPLE, trained())
    _threshold = verification.threshold_for(pairs(LEARNT, CHOSEN, trained()), rate.value)
    _false, _true = verification.accepted(_new, _threshold)
    _told = (
        f"Up to {_threshold:.2f}: of new people {_true:.1%} of the pairs of one person pass, and {_false:.1%} of the "
        "pairs of strangers."
    )
    kit.row(
        kit.curves(
            spread(_new) | {"threshold": ([_threshold, _threshold], [0, 0.6])}, xlabel="distance of two pictures",
            ylabel="share of pairs", ylim=(0, 0.6), whole=True, label="Distances of new people", caption=_told,
        ),
        kit.bars(
            {"asked for: strangers": rate.value, "new people: strangers": _false, "new people: friends": _true},
            label="Who passes", caption="Who passes.", xlim=(0, 1),
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## What pulls, what pushes {#read}

        A batch holds two pictures or more of some people. The mean of each person's *other* pictures is a prototype.
        Every picture is asked whose prototype is nearest, and the answer is judged as any classification is. Nobody
        has to be in the training to have a prototype: two pictures are enough.

        {loss}
        """,
        loss=kit.read(
            "training/metric_learning.py",
            {
                "others = (sums[place]": "The own mean without the picture itself: it must not meet itself.",
                "logits = -SHARPNESS": "Near is likely: squared distances become a softmax.",
                "asked = (counts": "Who is alone in the batch has nobody to be near to.",
            },
            part="prototypes",
        ),
    )
    return


@app.cell
def _():
    whose = mo.ui.radio(
        {"people whom it has learnt": "learnt", "new people": "new"}, value="people whom it has learnt",
        label="Judged on", inline=True,
    )  # fmt: skip
    kit.text(
        """
        ## Asked the wrong people {#break-it-mend-it}

        Judge the network on pictures of those whom it has learnt, and it looks better than it is: it may know *them* by
        heart. **Mend it**: part the people, and not the pictures. `deepglass` refuses data whose training and test
        share a person.

        {whose}
        """,
        whose=whose,
    )
    return (whose,)


@app.cell
def _(whose):
    _ends = (0, LEARNT) if whose.value == "learnt" else (CHOSEN, drawn_faces.PEOPLE)
    _errors = {}
    for _name, _net in (("pixels", None), ("network", trained())):
        _errors[_name] = verification.equal_error(*verification.roc(pairs(*_ends, _net))[:2])
    kit.bars(
        _errors, label="Equal error rate", xlim=(0, 0.5),
        caption=f"Equal error rate of the network: {_errors['network']:.1%}. As many friends are turned away as "
        "strangers are let in.",
    )  # fmt: skip
    return


@app.cell
def _():
    kit.check(
        kit.exercise("accepts"),
        kit.choose(
            "A lock was tested with pictures of the same forty people whom its network has learnt. What is known of "
            "new ones?",
            {
                "As much as of those forty": (False, "Those may be known by heart; a new face cannot be."),
                "Nothing yet: other people have to be asked": (True, "And others again choose the threshold."),
                "Only that the threshold is right": (False, "It was right for people that the network knows."),
            },
            name="whom",
        ),
        kit.answer(
            "Two embeddings of length 1 stand at a right angle. How far apart are they?",
            2**0.5,
            name="angle",
            slips={
                1.0: "Each is of length 1; draw the triangle of both.",
                2.0: "That is the squared distance.",
            },
            because="The distance is √(2 − 2·cos θ), and the cosine of a right angle is 0.",
            hint="Pythagoras, or the formula above with a cosine of 0.",
            solution="√2 ≈ 1.414",
            tolerance=0.01,
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The drawn faces at their full size, in a part for learning, one for the threshold and one for the test, beside
        **eigenfaces** or **Fisherfaces**, whichever tells people apart better. The second command holds two pictures of
        the test against each other; it takes files as well. `deepglass enrol` remembers somebody who has agreed,
        `deepglass identify` says who it is, or *unknown*.
        """,
        own_file="""
        A folder for each person, or for each thing: cups, cats, signatures. `deepglass train FOLDER --task
        verification --false-accepts 0.001`. With faces of real people, ask them first, and read in the model card what
        such a model must not be used for.
        """,
        sources=[
            ("Schroff et al. (2015), FaceNet", "https://arxiv.org/abs/1503.03832"),
            ("Snell et al. (2017), Prototypical networks", "https://arxiv.org/abs/1703.05175"),
            ("Buolamwini & Gebru (2018), Gender Shades", "https://proceedings.mlr.press/v81/buolamwini18a.html"),
        ],
    )
    return


if __name__ == "__main__":
    app.run()
