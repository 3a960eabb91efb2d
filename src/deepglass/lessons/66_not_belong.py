"""Lesson 66: what does not belong. A net that has seen threes alone says of an eight that something is wrong."""

import marimo

app = marimo.App(width="medium", app_title="What does not belong", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    from sklearn.datasets import load_digits

    from deepglass.course import kit
    from deepglass.evaluate.anomaly_score import threshold_of
    from deepglass.evaluate.unfamiliar import auroc
    from deepglass.models.autoencoder import Autoencoder, Config

    LESSON = {
        "title": "What does not belong",
        "question": "How is a fault found that nobody has ever seen?",
        "part": "Without labels",
        "minutes": 20,
        "reads": ["tasks/anomaly_detection.py", "models/autoencoder.py"],
        "runs": [
            "deepglass train digits --task anomaly-detection --normal 3 --false-alarms 0.05 --epochs 30 --run runs/odd",
            "deepglass report runs/odd",
        ],
    }

    SIDE, LEARNT, CHOOSING, KEPT_BACK, SHOWN = 8, 90, 47, 60, 5  # pixels; threes; eights that may slip in; each shown
    CODE, STEPS, BATCH, HIDDEN = 8, 300, 32, 64
    MOMENTS = (0, 20, 40, 80, 140, 200, 300)
    SIZES, SLIPPED, RATES = (2, 8), (0, 10, 30), (0.05, 0.1, 0.2, 0.3)
    FIRST_LOOK, THROWN = 40, 1.5  # steps before the training is looked through; pictures thrown out per eight in it
    FAULTS, FOUND, FALSE = 0.01, 0.9, 0.05  # of all pieces; of the faulty; of the good
    RIGHT, WRONG = 10_000 * FAULTS * FOUND, 10_000 * (1 - FAULTS) * FALSE  # alarms at 10,000 pieces


@app.function
@cache
def digits():
    """Threes that are learnt, threes that set the threshold, unseen threes; eights that may slip in, unseen eights."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.data))
    rows, labels = (data.data[order] / 16).astype(np.float32), data.target[order]
    threes, eights = np.split(rows[labels == 3], [LEARNT, LEARNT + CHOOSING]), rows[labels == 8]
    return (*threes, eights[:KEPT_BACK], eights[KEPT_BACK:])


@app.function
def learning(rows, code_dim=CODE, moments=(STEPS,), seed=0):
    """An autoencoder while it learns to make these rows (n, 64) again: (step, net) at some moments."""
    torch.manual_seed(seed)
    net, rows = Autoencoder(SIDE**2, config=Config(code_dim=code_dim, hidden_dim=HIDDEN)), torch.from_numpy(rows)
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, moments[-1])
    for step in range(moments[-1] + 1):
        if step in moments:
            yield step, net
        x = rows[torch.randint(len(rows), (BATCH,))]
        optimizer.zero_grad()
        (net(x)[:, code_dim:] - x).square().mean().backward()
        optimizer.step()
        schedule.step()


@app.function
@torch.no_grad()
def made(net, rows):
    """(n, 64) what a net makes of rows."""
    return net(torch.from_numpy(rows))[:, -(SIDE**2) :].numpy()


@app.function
def errors(net, rows):
    """(n,) mean squared error per pixel: the score."""
    return ((made(net, rows) - rows) ** 2).mean(axis=1)


@app.function
@cache
def net(code_dim=CODE, slipped=0, thrown_out=False):
    """The net at the end. So many eights have slipped in among its threes; or most unusual pictures were thrown out."""
    rows = np.concatenate([digits()[0], digits()[3][:slipped]])
    return next(learning(rows[kept(slipped)] if thrown_out else rows, code_dim))[1].eval()


@app.function
@cache
def kept(slipped):
    """Positions of the pictures that stay: a net that has hardly begun makes the rare ones worst, and they go."""
    rows = np.concatenate([digits()[0], digits()[3][:slipped]])
    first = next(learning(rows, moments=(FIRST_LOOK,)))[1]
    return np.sort(np.argsort(errors(first, rows))[: len(rows) - int(THROWN * slipped)])


@app.function
def told_apart(model):
    """How often an unseen eight has a higher error than an unseen three."""
    return auroc(errors(model, digits()[2]), errors(model, digits()[4]))


@app.function
def shown():
    """(2·SHOWN, 64) unseen threes, then unseen eights."""
    return np.concatenate([digits()[2][:SHOWN], digits()[4][:SHOWN]])


@app.function
def as_pictures(rows):
    """Rows (n, 64) as pictures in [0, 1]."""
    return list(np.clip(rows, 0, 1).reshape(-1, SIDE, SIDE))


@app.function
def film():
    """Threes and eights, and what a net that learns threes alone makes of them."""
    for step, model in learning(digits()[0], moments=MOMENTS):
        three, eight = errors(model, digits()[2]).mean(), errors(model, digits()[4]).mean()
        told = f"After {step} steps an unseen three is missed by {three:.3f} per pixel, an eight by {eight:.3f}."
        yield kit.pictures(
            as_pictures(shown()) + as_pictures(made(model, shown())), columns=2 * SHOWN, colors="much", width=6.4,
            label="Above five threes and five eights, below what comes back of them", caption=told,
        )  # fmt: skip


@app.cell
def _():
    kit.opening(
        LESSON,
        "Faults are rare, and the next one looks like none before. So nothing is learnt about faults. This net learns "
        "one thing, to pass **threes** through a bottleneck and make them again, as in lesson 58. The eights on the "
        "right it never learns. Watch the lower row: what comes back of them is missed by more.",
        kit.film(film(), label="Steps of the training", seconds=0.8, width=6.4),
        kit.guess(
            f"A detector finds {FOUND:.0%} of the faulty pieces, and raises a false alarm at {FALSE:.0%} of the good "
            "ones. One piece in a hundred is faulty. An alarm sounds. How likely is the piece faulty?",
            ["About nine in ten", "About one in two", "About one in six"],
            f"Of 10,000 pieces 100 are faulty, and {RIGHT:.0f} of them raise an alarm. So do {WRONG:.0f} of the 9,900 "
            f"good ones. Of {RIGHT + WRONG:.0f} alarms {RIGHT:.0f} are right: {RIGHT / (RIGHT + WRONG):.0%}. What is "
            "rare stays rare among the alarms, unless false alarms are rarer still.",
        ),
    )
    return


@app.cell
def _():
    kit.after_guess(
        kit.row(
            kit.bars(
                {"faulty, alarm": RIGHT, "faulty, silent": 10_000 * FAULTS - RIGHT, "good, alarm": WRONG},
                label="Of 10,000 pieces, one in a hundred faulty",
                caption="The silent good ones, 9,405 of them, would not fit on the page.",
            ),
            kit.text(
                """
                That is why a detector is judged twice. **How it ranks**: the ROC AUC is the probability that a faulty
                piece scores above a good one, however rare it is. **What its alarms are worth**: precision, and the
                rate of false alarms. The first belongs to the score, the second to the threshold.
                """
            ),
        )
    )
    return


@app.cell
def _():
    which = kit.slider("Picture", range(1, 2 * SHOWN + 1), SHOWN + 1)
    size = kit.slider("Numbers of the code K", SIZES, CODE)
    kit.text(
        r"""
        ## Made again, but as a three {#see}

        A net that has only met threes has learnt to make threes, and whatever else comes it makes worse. The **score**
        of a picture is what is missed of it. Pictures 1 to 5 are threes, 6 to 10 eights.

        {which} {size}
        """,
        which=which,
        size=size,
    )
    return size, which


@app.cell
def _(size, which):
    _given = shown()[which.value - 1][None]
    _made = made(net(size.value), _given)
    _missed = float(((_made - _given) ** 2).sum())
    _cut = threshold_of(errors(net(size.value), digits()[1]), RATES[0])
    kit.levels(
        kit.pictures(
            [*as_pictures(_given), *as_pictures(_made), *as_pictures(np.abs(_made - _given))],
            ["given", "made", "missed"], columns=3, colors="much", width=4.6,
            label="A picture, what the net makes of it, and where they differ",
        ),
        {
            "squared differences, summed": _missed,
            "pixels": SIDE**2,
            "threshold at 5 % false alarms": _cut,
            "score / threshold": _missed / SIDE**2 / _cut,
        },
        r"""
        $$s(x) = \frac{1}{64}\sum_{i=1}^{64}(\orange{\hat x_i} - x_i)^2$$

        $$s(x) = \frac{{missed}}{64} = {score}$$

        $$\frac{s(x)}{\blue{t}} = \frac{{score}}{{cut}} = {ratio} \quad {verdict}$$
        """,
        missed=f"{_missed:.3f}",
        score=f"{_missed / SIDE**2:.4f}",
        cut=f"{_cut:.4f}",
        ratio=f"{_missed / SIDE**2 / _cut:.2f}",
        verdict=r"> 1:\ \text{alarm}" if _missed / SIDE**2 > _cut else r"\le 1:\ \text{no alarm}",
    )  # fmt: skip
    return


@app.cell
def _():
    rate = kit.slider("False alarms that are allowed", RATES, RATES[0])
    kit.text(
        """
        ## Where an alarm begins {#threshold}

        How much is too much? Threes that the net has **not learnt** say so: 47 of them were kept aside. Order their
        scores and cut so high that at most the allowed share lies above. No eight is needed, and the test is not
        touched: a threshold that is tuned on the test tends to look better there than anywhere else.

        {rate}
        """,
        rate=rate,
    )
    return (rate,)


@app.cell
def _(rate):
    _scores = [errors(net(), part) for part in (digits()[1], digits()[2], digits()[4])]
    _cut = threshold_of(_scores[0], rate.value)
    _names = ("threes that cut", "unseen threes", "unseen eights")
    _points = {
        name: np.stack([np.sort(found), (np.arange(len(found)) + 1) / len(found)], 1)
        for name, found in zip(_names, _scores)
    }
    kit.row(
        kit.scatter(
            _points, lines={"threshold": [(_cut, 0), (_cut, 1)]}, xlabel="score: missed per pixel",
            ylabel="share of its kind up to here", size=14, width=5.0, label="Scores of threes and of eights, in order",
            caption=f"To the right of {_cut:.4f} is an alarm.",
        ),
        kit.bars(
            {
                "allowed": 100 * rate.value,
                "unseen threes": 100 * float((_scores[1] > _cut).mean()),
                "unseen eights": 100 * float((_scores[2] > _cut).mean()),
            },
            unit=" %", xlim=(0, 125), label="Alarms",
            caption="How often an alarm sounds. Among few threes, chance may make it more than was allowed.",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## The score and its threshold {#read}

        `deepglass` measures every number in units of how it is usually missed, and adds how far the code is from usual
        codes. Here plain errors are enough. The threshold is the same line as above.

        {forward} {threshold}
        """,
        forward=kit.read(
            "evaluate/anomaly_score.py",
            {
                "away = code - self.mean": "An odd code is suspicious too, even if the picture is made well.",
                "off.square() / self.usual": "A number that is always missed a lot may be missed a lot.",
                "/ self.threshold": "So that 1 is where an alarm begins, whatever the data.",
            },
            part="AnomalyScore.forward",
        ),
        threshold=kit.read(
            "evaluate/anomaly_score.py",
            {
                "conformal.quantile": "Of n scores the one of rank (n + 1)(1 − rate), rounded up.",
                "float(scores.max())": "Too few scores for so small a rate: the highest of them has to do.",
            },
            part="threshold_of",
        ),
    )
    return


@app.cell
def _():
    slipped = kit.slider("Eights among the 90 threes", SLIPPED, SLIPPED[-1])
    cure = mo.ui.radio(
        {"all are learnt": False, "the worst made are thrown out": True}, value="all are learnt", label="Training",
        inline=True,
    )  # fmt: skip
    kit.text(
        """
        ## What is learnt is normal {#break-it-mend-it}

        Nobody has sorted the training by hand, and some eights have slipped in. The net makes them again like
        everything else that it is shown: **what is in the training is normal**. Move the slider.

        **Mend it**: what is rare is learnt late. Look at the training after 40 steps, throw out what is made worst,
        half as many again as there are eights, and begin anew. Some threes go with them, and some eights stay. (How
        many there are is known here; with your own data it is a guess.)

        {slipped} {cure}
        """,
        slipped=slipped,
        cure=cure,
    )
    return cure, slipped


@app.cell
def _(cure, slipped):
    _mended = cure.value and slipped.value > 0
    _model = net(CODE, slipped.value, _mended)
    _left = int((kept(slipped.value) >= LEARNT).sum()) if _mended else slipped.value
    _total = len(kept(slipped.value)) if _mended else LEARNT + slipped.value
    kit.row(
        kit.pictures(
            as_pictures(shown()[SHOWN:]) + as_pictures(made(_model, shown()[SHOWN:])), columns=SHOWN, colors="much",
            width=4.0, label="Above unseen eights, below what comes back",
            caption=f"{_total} pictures were learnt, {_left} of them eights.",
        ),
        kit.bars(
            {"clean training": told_apart(net()), "this training": told_apart(_model), "a coin": 0.5}, xlim=(0, 1.25),
            label="How often an eight scores above a three",
            caption="How often an unseen eight scores above an unseen three (ROC AUC).",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.check(
        kit.exercise("alarm_threshold"),
        kit.answer(
            "50 good pieces were kept aside to set a threshold. What is the smallest rate of false alarms that it can "
            "promise, in per cent?",
            100 / 51,
            name="promise",
            slips={
                2: "With the highest of 50 as the threshold, the next piece is one more: it is the highest of 51 as "
                "often as each of the others.",
                0: "The next good piece may well score above all 50.",
            },
            because="The next piece is the highest of the 51 with probability 1/51, and no threshold above the highest "
            "can be told from another.",
            hint="The threshold can be no higher than the highest of them. How often is a further piece above all 50?",
            solution="1 / (50 + 1) = 1.96 %",
            tolerance=0.02,
        ),
        kit.choose(
            "Another detector ranks as well; its threshold was chosen so that F1 on the test is best. What follows?",
            {
                "Its precision and recall on that test say too much": (True, "New pieces have not tuned it."),
                "Its ROC AUC says too much": (False, "No threshold enters the ROC AUC."),
            },
            name="tuned",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        All ten digits now: threes are normal, the other nine are to be found. The table holds the net against an
        isolation forest, which cuts the rows at random and finds what is alone early. Below it stands which rate of
        false alarms was promised and which was kept; a warning says where chance does not explain the difference.
        """,
        own_file="""
        A table: `deepglass train parts.csv --task anomaly-detection --target state --normal good`. What is labelled
        otherwise is kept out of training and only judges. Without any labels leave `--target` out: the report then
        shows the most unusual rows and in which column each is most unusual. `deepglass predict RUN new.csv` gives a
        score and a verdict for every row.
        """,
        sources=[
            ("Hawkins et al. (2002), Replicator neural networks", "https://doi.org/10.1007/3-540-46145-0_17"),
            ("Ruff et al. (2021), A unifying review of anomaly detection", "https://arxiv.org/abs/2009.11732"),
            ("Liu et al. (2008), Isolation forest", "https://doi.org/10.1109/ICDM.2008.17"),
        ],
    )
    return


if __name__ == "__main__":
    app.run()
