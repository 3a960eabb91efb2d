"""Lesson 85: learning without labels. Two views of one picture attract each other, all others are pushed away."""

import marimo

app = marimo.App(width="medium", app_title="Learning without labels", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    from sklearn.datasets import load_digits
    from torch import nn

    from deepglass.course import kit
    from deepglass.data.augment.views import Pictures
    from deepglass.evaluate.metrics.representation import spread
    from deepglass.rivals import linear_probe
    from deepglass.training.averaging import WeightMean
    from deepglass.training.contrast import agreement, nt_xent
    from deepglass.zoo.pretext_head import PretextHead

    LESSON = {
        "title": "Learning without labels",
        "question": "What can pictures teach when nobody says what they show?",
        "part": "Without labels",
        "minutes": 20,
        "reads": ["tasks/self_supervised.py", "tasks/pretexts/simclr.py", "training/contrast.py"],
        "runs": [
            "deepglass train digits --task self-supervised --width 16 --epochs 15 --run runs/views",
            "deepglass train digits --pretrained runs/views --test-fraction 0.9 --val-fraction 0.04 --run runs/few",
        ],
    }

    LEARNT, PER_CLASS, BATCH, FEATURES, HIDDEN = 1000, 10, 128, 64, 128  # pictures without a label; labels of the probe
    CODE, STEPS, SHOWN, TAU = 16, 300, 5, 0.2
    MOMENTS = (0, 10, 30, 60, 120, 200, 300)
    TEMPERATURES = (0.1, 0.2, 0.5, 1.0)
    SLOW = 0.97  # share of its old weights that the teacher keeps at each step
    WAYS = {"views only have to agree": "agree", "others push away": "push", "a teacher and a predictor": "teacher"}


@app.function
@cache
def digits():
    """Pictures (n, 1, 8, 8) as the net takes them, their labels, and how two views of one are made."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.target))
    pixels = (data.images[order] * 255 / 16).astype(np.float32)[:, None]
    mean, std = (float(pixels.mean()),), (float(pixels.std()),)
    return torch.from_numpy((pixels - mean[0]) / std[0]), data.target[order], Pictures(["zoom", "rotate"], mean, std)


@app.function
def cost(way, said, teacher, views, code_dim):
    """(n,) what each pair of views costs; `said` holds features, codes, and of one way what is foreseen."""
    codes = said[:, FEATURES : FEATURES + code_dim]
    if way == "push":
        return nt_xent(codes, TAU)
    if way == "teacher":
        return agreement(said[:, FEATURES + code_dim :], teacher(views)[:, FEATURES : FEATURES + code_dim])
    one, other = nn.functional.normalize(codes, dim=1).chunk(2)
    return 2 - 2 * (one * other).sum(dim=1)


@app.function
def learning(way, code_dim, moments, seed=0):
    """A net that never sees a label, while it learns: it, at some steps."""
    torch.manual_seed(seed)
    stages = ((64, code_dim, True),) * (2 if way == "teacher" else 1)
    body = [nn.Flatten(), nn.Linear(64, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, FEATURES), nn.ReLU()]
    net = nn.Sequential(*body, PretextHead(FEATURES, stages))
    optimizer, teacher = torch.optim.Adam(net.parameters(), lr=3e-3), WeightMean(net, SLOW)
    pictures, _, changing = digits()
    for step in range(moments[-1] + 1):
        if step in moments:
            yield net.eval()
            net.train()
        views = changing.twice(pictures[torch.randint(LEARNT, (BATCH,))])
        loss = cost(way, net(views), teacher.model.train(), views, code_dim).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        teacher.update()


@app.function
@cache
def net(way="push", steps=STEPS):
    """The net at the end."""
    return list(learning(way, CODE, (steps,)))[-1]


@app.function
@cache
def circles(way="push"):
    """For each moment (2·SHOWN, 2) codes on the circle: first views of five new pictures, then their second ones."""
    pictures, labels, changing = digits()
    chosen = [int(np.flatnonzero(labels[LEARNT:] == kind)[0]) + LEARNT for kind in (0, 1, 4, 6, 7)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        views = changing.twice(pictures[chosen])
    found = []
    for model in learning(way, 2, MOMENTS):
        with torch.no_grad():
            codes = model(views)[:, FEATURES : FEATURES + 2]
        found.append(nn.functional.normalize(codes, dim=1).numpy())
    return views.numpy(), found


@app.function
@torch.no_grad()
def features(model):
    """(n, FEATURES) of all digits."""
    return model(digits()[0])[:, :FEATURES].numpy()


@app.function
@torch.no_grad()
def code_spread(model):
    """How far the codes of new digits are spread: 0 where all are alike."""
    return spread(model(digits()[0][LEARNT:])[:, FEATURES : FEATURES + CODE].numpy())


@app.function
def probe_accuracy(rows):
    """How often a linear map, fitted on ten labels per digit, names new digits rightly."""
    labels = digits()[1]
    few = np.concatenate([np.flatnonzero(labels[:LEARNT] == kind)[:PER_CLASS] for kind in range(10)])
    known = (rows[few], labels[few])
    probe = linear_probe.fit(known, known, 10)
    return float((probe(rows[LEARNT:]).argmax(axis=1) == labels[LEARNT:]).mean())


@app.function
def on_circle(points, caption, width=4.6):
    """Five pictures in five colours, two views of each, on the circle of all codes."""
    angle = np.linspace(0, 2 * np.pi, 90)
    return kit.scatter(
        {f"picture {i + 1}": points[[i, i + SHOWN]] for i in range(SHOWN)},
        lines={"codes of length 1": np.stack([np.cos(angle), np.sin(angle)], 1)}, xlim=(-1.3, 1.3), ylim=(-1.3, 1.3),
        size=70, aspect="equal", width=width, height=width * 0.8,
        label="Codes of two views of five pictures", caption=caption,
    )  # fmt: skip


@app.function
def cosines(points, place=0):
    """(2·SHOWN − 1,) cosines of one view with all others, that with its own other view first."""
    near = points @ points[place]
    own = (place + SHOWN) % (2 * SHOWN)
    return np.concatenate([[near[own]], np.delete(near, [place, own])])


@app.function
def film():
    """Dots on a circle: two views of a picture come together, others go apart."""
    for step, points in zip(MOMENTS, circles()[1]):
        own, others = (
            np.mean([cosines(points, i)[0] for i in range(SHOWN)]),
            np.mean([cosines(points, i)[1:].mean() for i in range(SHOWN)]),
        )
        yield on_circle(points, f"After {step} steps: cosine {own:.2f} to the own view, {others:.2f} to all others.")


@app.cell
def _():
    kit.opening(
        LESSON,
        "Each colour is one picture of a digit, each dot one **view** of it: cut out otherwise, turned a little. A net "
        "gives every view a code, a place on the circle. It is told nothing but which two dots are of one picture. "
        "Watch them find each other.",
        kit.film(film(), label="Steps of the training", seconds=0.9, width=4.6),
        kit.guess(
            "The cheapest way to make two views of every picture agree: what would a net do that has to do nothing "
            "else?",
            ["Learn what the pictures show", "Give every picture the same code", "Give every picture its own code"],
            "One code for everything agrees with itself perfectly: the loss is 0, and nothing was learnt. This is "
            "called a collapse. Something has to forbid it, and the rest of the lesson is about what.",
        ),
    )
    return


@app.cell
def _():
    moment = kit.slider("Step", MOMENTS, MOMENTS[-1])
    temperature = kit.slider("Temperature τ", TEMPERATURES, TAU)
    kit.text(
        """
        ## Which of the others is I? {#see}

        Take the first view of picture 1. Of the nine other dots one is its own other view. Their **cosines** say how
        near each is, and a softmax makes probabilities of them: the loss is how surprised it is by the right one. A
        small temperature listens to the nearest alone.

        {moment} {temperature}
        """,
        moment=moment,
        temperature=temperature,
    )
    return moment, temperature


@app.cell
def _(moment, temperature):
    _points = circles()[1][MOMENTS.index(moment.value)]
    _near = cosines(_points)
    _powers = np.exp(_near / temperature.value)
    _chance = float(_powers[0] / _powers.sum())
    kit.levels(
        on_circle(_points, "Two dots of a colour are two views of one picture.", width=4.2),
        {
            "cosine to its own view": float(_near[0]),
            "largest cosine to another": float(_near[1:].max()),
            "probability of its own": _chance,
            "loss": -float(np.log(_chance)),
        },
        r"""
        $$\ell = -\log\frac{e^{\orange{s(i,i')}/\tau}}{\sum_{j\ne i} e^{\blue{s(i,j)}/\tau}}$$

        $$\ell = -\log\frac{e^{{own}/{tau}}}{{total}}$$

        $$= -\log {chance} = {loss}$$
        """,
        own=f"{_near[0]:.2f}",
        tau=f"{temperature.value:g}",
        total=f"{_powers.sum():.2f}",
        chance=f"{_chance:.3f}",
        loss=f"{-np.log(_chance):.2f}",
    )
    return


@app.cell
def _():
    _views = circles()[0]
    _low, _high = _views.min(), _views.max()
    kit.row(
        kit.pictures(
            list(((_views - _low) / (_high - _low))[:, 0]), columns=SHOWN, colors="much", width=4.4,
            label="Two views of five digits, one below the other",
            caption="Two views of five digits. What stays the same is what they show: the net learns to see that.",
        ),
        kit.bars(
            {
                "the pixels": 100 * probe_accuracy(digits()[0].flatten(1).numpy()),
                "features, not learnt": 100 * probe_accuracy(features(net(steps=0))),
                "features, learnt": 100 * probe_accuracy(features(net())),
            },
            unit=" %", xlim=(0, 120), label="How many new digits a linear map names rightly, by ten labels per digit",
            caption="The judge: a linear map, fitted on ten labels per digit, names new digits.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## The loss, and what stands behind the features {#read}

        The code is thrown away afterwards. What is kept are the **features** before it: the code may forget whatever
        the views differ in, and the features need not. A linear map of them, a **probe**, says what they are worth.

        {loss} {head}
        """,
        loss=kit.read(
            "training/contrast.py",
            {
                "masked_fill(_itself": "A view is no candidate for its own other view.",
                "F.cross_entropy": "Which of the 2n − 1 others is the own one? Each picture is a class of its own.",
            },
            part="nt_xent",
        ),
        head=kit.read(
            "zoo/pretext_head.py",
            {
                "found = [features]": "The features come first, and are all that is kept.",
                "stage(found[-1])": "The codes are made of them, and what is foreseen is made of the codes.",
            },
            part="PretextHead.forward",
        ),
    )
    return


@app.cell
def _():
    way = mo.ui.radio(WAYS, value=next(iter(WAYS)), label="What is learnt", inline=True)
    kit.after_guess(
        kit.text(
            """
            ## One code for everything {#break-it-mend-it}

            Take the pushing away, and leave that views agree. The loss falls to nearly nothing, the dots run together:
            a **collapse**.

            **Mend it** in one of two ways. *Others push away*: that is SimCLR, what you saw. Or *a teacher and a
            predictor*, BYOL: a slow copy of the net, the running mean of its weights, says the code of one view, and a
            small net behind the code of the other has to foresee it. No other picture pushes, and here it does not
            collapse; why exactly is still argued about.

            {way}
            """,
            way=way,
        )
    )
    return (way,)


@app.cell
def _(way):
    _model = net(way.value)
    kit.after_guess(
        kit.row(
            on_circle(circles(way.value)[1][-1], f"After {STEPS} steps, in codes of two numbers.", width=4.0),
            kit.bars(
                {
                    "spread of the codes": 100 * code_spread(_model),
                    "new digits named": 100 * probe_accuracy(features(_model)),
                    "the same, not learnt": 100 * probe_accuracy(features(net(steps=0))),
                },
                unit=" %", xlim=(0, 125), label="Spread of the codes, and what a probe reads off the features",
                caption=f"In codes of {CODE} numbers. A spread of 0 is a collapse; a training watches it.",
            ),
        ),
        silently=True,
    )  # fmt: skip
    return


@app.cell
def _():
    kit.check(
        kit.exercise("nt_xent_loss"),
        kit.answer(
            "All codes have collapsed into one point. There are 256 pictures in the batch, two views of each. What is "
            "NT-Xent now, at any temperature?",
            float(np.log(511)),
            name="collapsed",
            slips={
                0: "The own view is as near as can be, and so is everybody else.",
                float(np.log(256)): "Each view has 511 others: both views of each of the 255 other pictures, and its "
                "own.",
                float(np.log2(511)): "Those are bits: the loss takes the natural logarithm.",
            },
            because="All cosines are 1, so that the softmax gives each of the 511 others the same probability.",
            hint="How probable is the right one where all 511 candidates are alike?",
            solution="−log(1/511) = log 511 = 6.236",
            tolerance=0.01,
        ),
        kit.choose(
            "All your pictures are of red cars and blue vans. The views change every colour. What will the features "
            "hardly tell?",
            {
                "Car from van": (False, "The shape stays in every view: it is what the two have in common."),
                "Red from blue": (True, "What every view changes cannot help to find the other one: it is forgotten."),
            },
            name="views",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The first command learns from all digits without their labels. Its table holds a linear probe on the learnt
        features against the same probe on the pixels, and on the network before it learnt; a line says how far the
        codes are spread. The second begins with these weights and learns from a tenth of the labels. Read its table
        with care: after so short a training without labels a simple model on the pixels is still ahead.
        """,
        own_file="""
        A folder of pictures, no subfolders needed: `deepglass train PICTURES --task self-supervised`. Then a folder
        per class with the few that somebody has labelled: `deepglass train LABELLED --pretrained runs/views`. Of a
        table, hidden cells are told from the others: `deepglass train rows.csv --task self-supervised`.
        """,
        sources=[
            ("Chen et al. (2020), SimCLR", "https://arxiv.org/abs/2002.05709"),
            ("Grill et al. (2020), BYOL", "https://arxiv.org/abs/2006.07733"),
            ("Chen & He (2021), SimSiam: why is there no collapse?", "https://arxiv.org/abs/2011.10566"),
        ],
    )
    return


if __name__ == "__main__":
    app.run()
