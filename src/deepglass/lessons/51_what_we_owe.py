"""Lesson 51: what we owe. Who bears the mistakes of a screening, who decides that, and what a card must say."""

import marimo

app = marimo.App(width="medium", app_title="What we owe", css_file="../course/pages/lesson.css")

with app.setup:
    import tempfile
    from functools import cache

    import numpy as np
    from sklearn.datasets import load_breast_cancer

    from deepglass import glass
    from deepglass.core import catalogue
    from deepglass.course import kit
    from deepglass.data.datasets import breast_cancer, diabetes, loans
    from deepglass.data.folds import stratified_folds
    from deepglass.evaluate import thresholds
    from deepglass.evaluate.intervals import wilson
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "What we owe",
        "question": "A model is nearly always right. Who bears the rest?",
        "part": "Understanding",
        "minutes": 17,
        "reads": ["evaluate/thresholds.py", "evaluate/card.py", "evaluate/energy.py"],
        "runs": [
            "deepglass train breast-cancer --model linear --epochs 10 --score-by 'mean radius' --run runs/screening",
            "deepglass audit runs/screening --only reliability",
        ],
    }

    PEOPLE, ASKED = 10_000, 0.005  # who are screened, and the share of the guess
    SHARES = [0.3, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002]  # of the ill among them
    RATIOS = [1, 2, 5, 10, 20, 50, 100, 200, 500]  # healthy people alarmed, as bad as one ill person missed
    REPEATS = [1, 100, 10_000, 1_000_000]
    JOULES = 4186.0  # that warm a litre of water by a degree
    COLORS = {"found": kit.BLUE, "missed": kit.PINK, "false alarms": kit.ORANGE}


@app.function
@cache
def judged():
    """Chances of a tumour (569,) by a logistic regression that never saw the row, and whether it was one."""
    X, benign = load_breast_cancer(return_X_y=True)
    is_ill, said = benign == 0, np.zeros(len(X))
    for train, test in stratified_folds(is_ill.astype(int), 5):
        scaled = ((X - X[train].mean(0)) / X[train].std(0)).astype(np.float32)
        glass.manual_seed(0)
        net = nn.Linear(X.shape[1], 1)
        optimizer = glass.optim.AdamW(net.parameters(), lr=0.05, weight_decay=0.1)
        seen, target = glass.tensor(scaled[train]), glass.tensor(is_ill[train].astype(np.float32))
        for _ in range(60):
            optimizer.zero_grad()
            F.binary_cross_entropy_with_logits(net(seen)[:, 0], target).backward()
            optimizer.step()
        with glass.no_grad():
            said[test] = net(glass.tensor(scaled[test]))[:, 0].sigmoid().numpy()
    return said, is_ill


@app.function
def rates(cut=0.5):
    """The share of the ill who are found, and of the healthy who are alarmed."""
    said, is_ill = judged()
    return float((said[is_ill] > cut).mean()), float((said[~is_ill] > cut).mean())


@app.function
def screened(share, cut=0.5):
    """What happens to ten thousand people, of whom this share is ill."""
    found, alarmed = rates(cut)
    ill = share * PEOPLE
    return {"found": ill * found, "missed": ill * (1 - found), "false alarms": (PEOPLE - ill) * alarmed}


@app.function
def alarms_right(share, found, alarmed):
    """Bayes: how many of the alarms are right."""
    return share * found / (share * found + (1 - share) * alarmed)


@app.function
def least_harm(share, ratio):
    """The cut of least harm where this share is ill and one ill person missed is as bad as `ratio` healthy alarmed."""
    said, is_ill = judged()
    return thresholds.best_cut(said, is_ill, ratio * share / (1 - share) * (~is_ill).sum() / is_ill.sum())


@app.function
def people_bars(found, caption):
    """Numbers of people, as bars."""
    rounded, label = {name: round(value, 1) for name, value in found.items()}, f"Of {PEOPLE:,} people"
    return kit.bars(rounded, colors=COLORS, caption=caption, height=2.0, label=label)


@app.function
def film():
    """The same model, where fewer and fewer are ill: which of its alarms are right."""
    for share in SHARES:
        right = 100 * alarms_right(share, *rates())
        yield kit.bars(
            {"right": right, "false": 100 - right}, colors={"right": kit.BLUE, "false": kit.ORANGE}, xlim=(0, 110),
            height=1.5, label="Of 100 alarms", caption=f"Of 100 alarms, where {100 * share:g} of 100 people are ill.",
        )  # fmt: skip


@app.function
@cache
def card():
    """The facts of the card that a small training writes."""
    import deepglass as dg
    from deepglass.core.console import console
    from deepglass.core.run_folder import RunFolder
    from deepglass.evaluate.card import facts

    mode, console.mode = console.mode, "quiet"
    try:
        with tempfile.TemporaryDirectory() as folder:
            run = dg.train("breast-cancer", model="linear", epochs=5, run=f"{folder}/screening", device="cpu")
            return facts(RunFolder(run.path))
    finally:
        console.mode = mode


@app.function
def told(facts):
    """What a card says, and where it says nothing."""
    energy, data = facts["energy"] or {}, facts["data"]
    return {
        "data": data["source"],
        "licence": data["licence"] or "not stated",
        "right on the test": f"{facts['scores']['accuracy']['value']:.1%} of {data['test_examples']}",
        "columns about people": ", ".join(data["columns_about_people"]) or "none: no age, no origin",
        "groups tested": ", ".join(facts["groups_tested"]) or "none",
        "fairness, privacy": "not asked" if not (facts["fairness"] or facts["privacy"]) else "asked",
        "energy": f"{1000 * energy.get('kilowatt_hours', 0):.2g} watt-hours, an estimate",
    }


@app.cell
def _():
    _found, _alarmed = rates()
    _right = alarms_right(ASKED, _found, _alarmed)
    _said, _ill = judged()
    kit.opening(
        LESSON,
        f"A model tells tumours from harmless lumps, and is right on **{((_said > 0.5) == _ill).mean():.0%}** of "
        f"{len(_ill)} samples that it had not seen. In the hospital that they come from, {_ill.mean():.0%} are "
        "tumours. Somebody proposes to screen the whole town with it.",
        kit.film(film(), label="Fewer are ill", seconds=0.9, waits_for="guess", held=2),
        kit.guess(
            f"In the town, {1000 * ASKED:g} of 1,000 are ill. It finds {_found:.0%} of the ill, and alarms "
            f"{_alarmed:.1%} of the healthy. How many of its alarms are right?",
            ["Nearly all", "About two thirds", "About one third", "Fewer than one in twenty"],
            f"{_right:.0%}. There are {(1 - ASKED) / ASKED:.0f} healthy people for each ill one, and a small share of "
            "very many is more than a large share of few.",
        ),
    )
    return


@app.cell
def _():
    ill = kit.slider("Of 1,000 people, ill", [round(1000 * one) for one in SHARES], round(1000 * ASKED))
    _words = kit.text(
        """
        ## The same model, another town {#see}

        Nothing about the model has changed, only whom it is asked about. **Accuracy belongs to a model and a
        population.** Those who bear its mistakes are not those who ordered it: behind a false alarm is a healthy person
        who lies awake and has a biopsy, behind a missed one somebody who is sent home.

        {ill}
        """,
        ill=ill,
    )
    kit.after_guess(_words)
    return (ill,)


@app.cell
def _(ill):
    _share = ill.value / 1000
    _found, _alarmed = rates()
    _said, _ill = judged()
    _low, _high = wilson(int((_said[~_ill] > 0.5).sum()), int((~_ill).sum()))
    _shown = kit.levels(
        people_bars(screened(_share), f"On average, of {PEOPLE:,} people of whom {_share:.1%} are ill."),
        {
            "of the ill, found": f"{_found:.1%}",
            "of the healthy, alarmed": f"{_alarmed:.1%}",
            "which may as well be": f"{_low:.1%} to {_high:.1%}",
            "of the alarms, right": f"{alarms_right(_share, _found, _alarmed):.0%}",
            "which may as well be ": f"{alarms_right(_share, _found, _high):.0%} to "
            f"{alarms_right(_share, _found, _low):.0%}",
        },
        r"""
        $$P(\text{ill} \mid \text{alarm}) = \frac{\blue{p \cdot t}}{\blue{p \cdot t} + \orange{(1 - p) \cdot f}}$$

        $$= \frac{{share} \cdot {found}}{{share} \cdot {found} + {healthy} \cdot {alarmed}} = {right}$$

        This takes for granted that $t$ and $f$ stay what they were in the hospital. Nobody has tested that: lumps that
        are found by chance may look otherwise.
        """,
        share=f"{_share:g}",
        healthy=f"{1 - _share:g}",
        found=f"{_found:.3f}",
        alarmed=f"{_alarmed:.3f}",
        right=f"{alarms_right(_share, _found, _alarmed):.2f}",
    )
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    ratio = kit.slider("One ill person missed is as bad as so many healthy ones alarmed", RATIOS, 10)
    _words = kit.text(
        """
        ## You decide {#break-it-mend-it}

        A cut at one half takes both mistakes for equally bad, and that was nobody's decision: it was a default. **Mend
        it**: say what a mistake is worth, and the cut of least harm follows from the data. But the number that you set
        is not in the data. It is a judgement about other people, and it should have a name below it.

        {ratio}
        """,
        ratio=ratio,
    )
    kit.after_guess(_words, silently=True)
    return (ratio,)


@app.cell
def _(ill, ratio):
    _share = ill.value / 1000
    _cut = least_harm(_share, ratio.value)
    _ways = {"a cut at one half": 0.5, f"your cut, at {_cut:.3g}": _cut}
    _all, _kinds = {name: screened(_share, cut) for name, cut in _ways.items()}, ("missed", "false alarms")
    _shown = kit.row(
        kit.bars(
            {name: {kind: round(found[kind], 1) for kind in _kinds} for name, found in _all.items()},
            colors=COLORS, label=f"What is decided for {PEOPLE:,} people",
        ),
        kit.table(
            [
                {"": name, "found": f"{found['found']:.1f}", "harm, in false alarms":
                 f"{ratio.value * found['missed'] + found['false alarms']:,.0f}"}
                for name, found in _all.items()
            ]
            + [{"": "no screening", "found": "0.0", "harm, in false alarms":
                f"{ratio.value * _share * PEOPLE:,.0f}"}]
        ),
    )  # fmt: skip
    _words = kit.text(
        """
        {shown}

        **Not to use a model is a decision as well**, and has its row: with one missed as bad as one alarmed, in the
        town, a cut at one half does more harm than no screening at all. The table chooses your cut on the very rows
        that it counts, so it is a little too kind; `deepglass train` chooses on validation rows and reports the test.
        """,
        shown=_shown,
    )
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    kit.text(
        """
        ## The cut of least harm {#read}

        {code}
        """,
        code=kit.read(
            "evaluate/thresholds.py",
            {
                "missed = is_it.sum()": "Go down from the likeliest: who would still be missed?",
                "cost = ratio * missed": "The judgement enters here, as one number.",
            },
            part="best_cut",
        ),
    )
    return


@app.cell
def _():
    _sets = {"breast-cancer": breast_cancer, "diabetes": diabetes, "loans": loans}
    kit.text(
        """
        ### What is on its card

        Every training writes a card, for people and for programs. This is what it says of a small one, made just now:

        {card}

        A hole in it is a message. *Groups tested: none*, and there is no column by which anybody could: whether it
        serves the old as well as the young cannot be found out from these data any more. That had to be asked when they
        were gathered. A **datasheet** asks it then: who made this, why, who is in it, did they agree, what is missing?

        {licences}

        A licence says who may copy the data. It does not say that the people in them agreed to *this* use of them.
        """,
        card=kit.table(told(card())),
        licences=kit.table(
            [
                {"data": name, "what they are": catalogue.summary("data/datasets", name.replace("-", "_")),
                 "licence": module.LICENCE}
                for name, module in _sets.items()
            ]
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    repeats = kit.slider("Trained so many times", REPEATS, 100)
    kit.text(
        """
        ### What it takes

        One training is next to nothing. A search over settings repeats it, others repeat it after you, and a model that
        is asked by everybody repeats its answers. The card's figure is an estimate from time and hardware, right
        within a factor of two or three.

        {repeats}
        """,
        repeats=repeats,
    )
    return (repeats,)


@app.cell
def _(repeats):
    _one = 1000 * (card()["energy"] or {}).get("kilowatt_hours", 0.0)
    _all = repeats.value * _one
    kit.table(
        {
            "one training, in watt-hours": f"{_one:,.2f}",
            f"{repeats.value:,} of them": f"{_all:,.2f}",
            "litres of water that this brings from 20 °C to the boil": f"{_all * 3600 / (JOULES * 80):,.2f}",
        }
    )
    return


@app.cell
def _():
    kit.text(
        """
        ### Who answers?

        The same weights can help a doctor look again, or an insurer refuse. No test of the weights tells the two apart,
        so a card names the **uses that it is meant for**, and those that it is not. It does not bind anybody. What
        does is outside the model: somebody who may stop it, somebody whom the alarmed can ask, and a record of what was
        decided. Before you hand a model on, can you say who that is?
        """
    )
    return


@app.cell
def _():
    _people, _share, _t, _f = 10_000, 0.01, 0.9, 0.05
    _false, _true = _people * (1 - _share) * _f, _people * _share * _t
    kit.check(
        kit.exercise("right_alarms"),
        kit.answer(
            f"Of {_people:,} people {_share:.0%} are ill. A test finds {_t:.0%} of the ill and alarms {_f:.0%} of the "
            "healthy. How many healthy people are alarmed for each ill one who is found? (One decimal.)",
            _false / _true,
            name="alarmed",
            slips={
                _f / _t: "These are shares of two groups that differ in size.",
                _people * _f / _true: "Only the healthy can be alarmed wrongly.",
                _false / (_people * _share): "Not all of the ill are found.",
            },
            because="A rare illness makes even a good test mostly wrong when it raises an alarm.",
            hint="Count people: how many are ill and found, how many healthy and alarmed?",
            solution="9,900 · 0.05 / (100 · 0.9) = 495 / 90 = 5.5",
            tolerance=0.04,
        ),
        kit.choose(
            "Which of these can be answered by looking at the model and its data alone?",
            {
                "How many of the groups in its columns it serves worse": (True, "That is measured, with intervals."),
                "Whether the people in the data agreed to this use": (False, "Only those who gathered them know."),
                "How many false alarms one missed tumour is worth": (False, "That is a judgement, not a measurement."),
                "What it will be used for next year": (False, "The weights serve any purpose."),
            },
            name="alone",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The run's folder holds `MODEL_CARD.md`, and `model_card.json` for programs. The card names the column whose
        groups were scored apart, and the report shows how well each quarter of the samples, by their size, is served;
        the audit adds whether its probabilities mean what they say.
        """,
        own_file="""
        Any run: `deepglass train my.csv --target y --score-by column`, and open its `MODEL_CARD.md`. Of your file it
        says that nobody stated a licence, and whom the model is for it cannot know. Find out, and say it to those you
        hand the model to.
        """,
        sources=[
            ("Mitchell and others (2019), Model cards for model reporting", "https://arxiv.org/abs/1810.03993"),
            ("Gebru and others (2021), Datasheets for datasets", "https://arxiv.org/abs/1803.09010"),
            ("Elkan (2001), The foundations of cost-sensitive learning", "https://dl.acm.org/doi/10.5555/1642194.1642224"),
            ("Strubell, Ganesh and McCallum (2019), Energy and policy considerations", "https://arxiv.org/abs/1906.02243"),
            ("Raji and others (2020), Closing the AI accountability gap", "https://arxiv.org/abs/2001.00973"),
        ],
        onward="So much for a model that has learnt. What if it does not learn at all?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
