"""Lesson 50: fair to whom? A bias in the record, what accuracy hides of it, what mends it, and what cannot be had."""

import marimo

app = marimo.App(width="medium", app_title="Fair to whom?", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.data.datasets import loans
    from deepglass.data.reweighing import reweighing
    from deepglass.evaluate import fairness
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "Fair to whom?",
        "question": "A model learns from what people decided. Whom does it serve?",
        "part": "Understanding",
        "minutes": 18,
        "reads": ["evaluate/fairness.py", "data/reweighing.py"],
        "runs": [
            "deepglass train loans --task tabular-classification --model linear --epochs 10 --fair district "
            "--constraint equal-opportunity --mitigation thresholds --run runs/loans",
            "deepglass audit runs/loans --only fairness --group-column district",
        ],
    }

    BIASES, APART = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6], [0.0, 0.5, 1.0, 1.5]
    COLUMNS = ("income", "balance", "distance", "district")
    PLACES = ("north", "south")
    WAYS = {  # columns that are left out, whether rows are weighed, the constraint of thresholds by group
        "nothing": ((), False, ""),
        "leave out the district": (("district",), False, ""),
        "leave out the distance as well": (("district", "distance"), False, ""),
        "reweighing": ((), True, ""),
        "thresholds: equal opportunity": ((), False, "equal-opportunity"),
        "thresholds: equal shares": ((), False, "demographic-parity"),
    }
    RULES = {
        "one threshold": "", "equal shares": "demographic-parity", "equal opportunity": "equal-opportunity",
        "equal precision": "precision",
    }  # fmt: skip
    SHOWN = {"selection_rate": "get a loan", "true_positive_rate": "of those who would repay",
             "false_positive_rate": "of those who would not", "precision": "of the loans, repaid"}  # fmt: skip


@app.function
@cache
def people(bias, apart=0.0):
    """Four thousand to learn from and twelve thousand to judge by."""
    return loans.applicants(4000, 0, bias, apart), loans.applicants(12_000, 1, bias, apart)


@app.function
def numbers(frame, left_out=()):
    """(N, C) the columns that a model sees."""
    seen = [name for name in COLUMNS if name not in left_out]
    return np.column_stack([frame[n] == "south" if n == "district" else frame[n] for n in seen]).astype(np.float32)


@app.function
@cache
def chances(bias, left_out=(), weighed=False, apart=0.0):
    """What a logistic regression has learnt from the clerk's record: chances of approval of both sets of people."""
    train, test = people(bias, apart)
    X, new = numbers(train, left_out), numbers(test, left_out)
    approved = (train["approved"] == "yes").to_numpy()
    weights = reweighing(train["district"].to_numpy(), approved) if weighed else np.ones(len(X), np.float32)
    seen, target = glass.tensor((X - X.mean(0)) / X.std(0)), glass.tensor(approved.astype(np.float32))
    glass.manual_seed(0)
    net = nn.Linear(X.shape[1], 1)
    optimizer = glass.optim.Adam(net.parameters(), lr=0.2)
    for _ in range(40):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(net(seen)[:, 0], target, weight=glass.tensor(weights)).backward()
        optimizer.step()
    with glass.no_grad():
        said = [net(glass.tensor((part - X.mean(0)) / X.std(0)))[:, 0].sigmoid() for part in (X, new)]
    return tuple(part.numpy().astype(float) for part in said)


@app.function
def equal_precision(said, labels, groups):
    """A threshold for each group, with the precision that everybody has at one half."""
    goal, cuts = labels[said >= 0.5].mean(), np.linspace(0.1, 0.9, 161)
    at = lambda own: np.array([labels[own & (said >= cut)].mean() for cut in cuts])  # noqa: E731
    return {name: float(cuts[np.abs(at(groups == name) - goal).argmin()]) for name in PLACES}


@app.function
def counted(frame, said, by="repays"):
    """What happened in each district, by the truth or by the clerk's record."""
    return fairness.Counts.of(frame["district"].to_numpy(), (frame[by] == "yes").to_numpy(), said)


@app.function
@cache
def answers(bias, way="nothing", apart=0.0, rule=""):
    """(N,) who gets a loan among the people to judge by."""
    left_out, weighed, constraint = WAYS[way]
    (train, test), (seen, new) = people(bias, apart), chances(bias, left_out, weighed, apart)
    cuts, constraint = dict.fromkeys(PLACES, 0.5), rule or constraint
    known = seen, (train["approved"] == "yes").to_numpy(), train["district"].to_numpy()
    if constraint:
        cuts = equal_precision(*known) if constraint == "precision" else fairness.thresholds(*known, constraint)
    return new >= test["district"].map(cuts).to_numpy()


@app.function
@cache
def judged(bias, way="nothing"):
    """Right by the record and in truth, and in truth how many of those who would repay get a loan in each district."""
    test, said = people(bias)[1], answers(bias, way)
    right = {by: float((said == (test[by] == "yes").to_numpy()).mean()) for by in ("approved", "repays")}
    north, south = counted(test, said).rate("true_positive_rate")
    return {"by the record": right["approved"], "in truth": right["repays"], "north": north, "south": south}


@app.function
def film():
    """A clerk who refuses more and more, a model that learns from him, and what two kinds of numbers say of it."""
    for bias in BIASES:
        found = judged(bias)
        bars = {"right, by the record": found["by the record"], "who would repay, north": found["north"],
                "who would repay, south": found["south"]}  # fmt: skip
        told = f"The clerk refused {bias:.0%} of the southerners who would have repaid."
        yield kit.bars(
            bars, xlim=(0, 1.05), caption=told, label="Accuracy, and how many of those who would repay get a loan",
            colors=dict(zip(bars, (kit.GREY, kit.BLUE, kit.ORANGE))), height=2.2,
        )  # fmt: skip


@app.cell
def _():
    _with, _without = (judged(0.4, way) for way in ("nothing", "leave out the district"))
    _before, _after = (one["north"] - one["south"] for one in (_with, _without))
    kit.opening(
        LESSON,
        "Two districts, where people repay their loans equally often. A clerk decided who gets one. From the south he "
        "refused a part of those who would have repaid. A model learns from his **record**, and is judged by it.",
        kit.film(film(), label="The clerk refuses more", seconds=0.9),
        kit.guess(
            f"The clerk refused {0.4:.0%}. Of those who would repay, the model approves {100 * _before:.0f} points "
            "more in the north than in the south. Now delete the column that says who lives where, and learn again. "
            "What is left of the gap?",
            ["Nothing, it cannot know", "About a quarter", "About three quarters", "All of it"],
            f"{100 * _after:.0f} points, {_after / _before:.0%} of it. The distance to the harbour stayed in the "
            "table, and nearly says who lives where. A model can treat a group differently without its name.",
        ),
    )
    return


@app.cell
def _():
    bias = kit.slider("Refused, of the southerners who would repay", BIASES, 0.4)
    kit.text(
        """
        ## What one number hides {#see}

        Accuracy compares the model with the record. Whoever learns the clerk's bias agrees with the clerk, and scores
        well. So look at each group alone, and ask of those who *would repay*: how many get a loan? These people are
        made up, so that we know. In life, nobody learns whether a refused one would have repaid.

        {bias}
        """,
        bias=bias,
    )
    return (bias,)


@app.cell
def _(bias):
    _test, _said, _all = people(bias.value)[1], answers(bias.value), [judged(value) for value in BIASES]
    _lines = {"right, by the record": "by the record", "would repay, north": "north", "would repay, south": "south"}
    _gap = fairness.gaps(counted(_test, _said, "approved"))["equal_opportunity"]
    _here = judged(bias.value)
    _tp, _, _fn, _ = counted(_test, _said).cells[1]
    kit.levels(
        kit.curves(
            {name: (BIASES, [one[key] for one in _all]) for name, key in _lines.items()}
            | {"": ([bias.value] * 3, [_here[key] for key in _lines.values()])},
            points={""}, ylim=(0, 1), xlabel="refused by the clerk", label="What the model does as the bias grows",
            colors=dict(zip([*_lines, ""], (kit.GREY, kit.BLUE, kit.ORANGE, kit.INK))),
        ),
        {
            "right, by the record": _here["by the record"], "right, in truth": _here["in truth"],
            "gap in truth": _here["north"] - _here["south"], "gap by the record": _gap["value"],
            "its interval": f"{_gap['low']:.2f} to {_gap['high']:.2f}",
        },
        r"""
        Of the {n} southerners who would repay, {tp} get a loan:

        $$P(\text{loan} \mid \text{repays}) = \frac{{tp}}{{n}} = \orange{{rate}}$$

        This is the **true positive rate**. Groups with the same one have **equal opportunity**. Equal shares of loans
        are **demographic parity**; **equalised odds** also asks for the same share among those who would not repay.
        """,
        n=f"{_tp + _fn:,}",
        tp=f"{_tp:,}",
        rate=f"{_here['south']:.3f}",
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        The gap can be seen **in the record**, too: those whom the clerk approved in the south are like all who would
        repay there, only fewer. That is so because he refused blindly. Had he refused the poorer ones, the record
        would hide it: which numbers can be trusted depends on how a bias came into the data.

        ## Counts by group {#read}

        Everything that is measured here comes from four counts for each group.

        {code}
        """,
        code=kit.read(
            "evaluate/fairness.py",
            {
                "np.where(said, np.where(truth": "True and false positives, false and true negatives: 0, 1, 2, 3.",
                "np.bincount(place * 4 + cell": "One table, a row for each group.",
            },
            part="Counts.of",
        ),
    )
    return


@app.cell
def _():
    way = mo.ui.dropdown(list(WAYS), value="nothing", label="Mend it with")
    _words = kit.text(
        """
        ## Mend it {#break-it-mend-it}

        You broke it with the slider. Deleting columns helps little while any trace of the group is left, and takes away
        what else they say. **Reweighing** lets the approved southerners count for more while learning. **Thresholds**
        leave the model as it is and ask less of the south, until both districts are alike on the training rows; they
        need to know who lives where.

        {way}
        """,
        way=way,
    )
    kit.after_guess(_words)
    return (way,)


@app.cell
def _(bias, way):
    _all = {name: judged(bias.value, name) for name in WAYS}
    _here, _was = _all[way.value], _all["nothing"]
    _shown = kit.row(
        kit.bars(
            {"who would repay": {"north": _here["north"], "south": _here["south"]},
             "right": {"by the record": _here["by the record"], "in truth": _here["in truth"]}},
            xlim=(0, 1.3), label=f"Mended with {way.value}",
            colors={"north": kit.BLUE, "south": kit.ORANGE, "by the record": kit.GREY, "in truth": kit.GREEN},
        ),
        kit.table(
            [
                {"mended with": name, "gap": f"{one['north'] - one['south']:.2f}", "by the record":
                 f"{one['by the record']:.1%}", "in truth": f"{one['in truth']:.1%}"}
                for name, one in _all.items()
            ]
        ),
    )  # fmt: skip
    _best = _all["thresholds: equal opportunity"]
    _words = kit.text(
        """
        {shown}

        What does it cost? **It depends on whom you ask.** With thresholds for equal opportunity, accuracy goes from
        {record_was} to {record} by the record and from {truth_was} to {truth} in truth. Where labels are biased, the
        price of fairness can be a price of agreeing with the clerk. Now set the slider to 0: the same repair has
        nothing to mend, and what it costs is real.
        """,
        shown=_shown,
        record_was=f"{_was['by the record']:.1%}",
        record=f"{_best['by the record']:.1%}",
        truth_was=f"{_was['in truth']:.1%}",
        truth=f"{_best['in truth']:.1%}",
    )
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    rule = mo.ui.dropdown(list(RULES), value="equal precision", label="Thresholds with")
    apart = kit.slider("How much better off the north is", APART, 1.0)
    kit.text(
        """
        ### Equal in what?

        Another town, with an honest record. Here the north **is** better off, and more of it repay. Make the two
        districts equal in one row of the picture, and look at the others. No clerk is to blame for what is left.

        {rule} {apart}
        """,
        rule=rule,
        apart=apart,
    )
    return apart, rule


@app.cell
def _(apart, rule):
    _test = people(0.0, apart.value)[1]
    _counts = counted(_test, answers(0.0, apart=apart.value, rule=RULES[rule.value]))
    _rates = {name: dict(zip(PLACES, _counts.rate(name))) for name in SHOWN}
    _true = dict(zip(PLACES, _counts.rate("base_rate")))
    _terms = {
        f"{symbol}_{place}": f"{rates[place]:.3f}"
        for symbol, rates in (("p", _true), ("v", _rates["precision"]), ("t", _rates["true_positive_rate"]),
                              ("f", _rates["false_positive_rate"]))
        for place in PLACES
    }  # fmt: skip
    kit.levels(
        kit.bars(
            {title: _rates[name] for name, title in SHOWN.items()}, xlim=(0, 1.3), label=f"By {rule.value}",
            colors={"north": kit.BLUE, "south": kit.ORANGE},
        ),
        {"repay, north": _true["north"], "repay, south": _true["south"]}
        | {f"gap: {title}": abs(_rates[name]["north"] - _rates[name]["south"]) for name, title in SHOWN.items()},
        r"""
        In each group, four rates are bound to each other: with $p$ who repay, precision $v$ and true positive rate $t$,
        the false positive rate is

        $$f = \frac{p}{1 - p} \cdot \frac{1 - v}{v} \cdot t$$

        $$\blue{{f_north}} = \frac{{p_north}}{1 - {p_north}} \cdot \frac{1 - {v_north}}{{v_north}} \cdot {t_north}$$

        $$\orange{{f_south}} = \frac{{p_south}}{1 - {p_south}} \cdot \frac{1 - {v_south}}{{v_south}} \cdot {t_south}$$

        Give both groups the same $v$ and $t$ while $p$ differs, and $f$ **must** differ, as long as loans are given and
        some of them are lost.
        """,
        **_terms,
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        Chouldechova showed this in 2017, about scores that foretell who will commit another crime. Kleinberg,
        Mullainathan and Raghavan showed the same of chances: honest in each group, and on average equal among those who
        would repay, and among those who would not, is possible only if the groups repay alike or the model is perfect.
        Both sides of a quarrel about fairness can be right about their number. **Which one counts is not
        mathematics**: it depends on who bears which mistake, and somebody must decide it and say so.
        """
    )
    return


@app.cell
def _():
    _p, _v, _t = 0.25, 0.8, 0.6
    _odds = (1 - _v) / _v * _t
    kit.check(
        kit.exercise("reweigh"),
        kit.answer(
            f"Two groups share a precision of {_v:g} and a true positive rate of {_t:g}. In the north {0.5:g} repay, "
            f"in the south {_p:g}. What is the false positive rate in the south?",
            _p / (1 - _p) * _odds,
            name="bound",
            slips={
                _odds: "That is the north's: there p / (1 − p) is 1.",
                _p * _odds: "p is divided by 1 − p: false positives are counted among those who do not repay.",
            },
            because="A third of the north's, though both approve with the same precision.",
            hint="f = p / (1 − p) · (1 − v) / v · t",
            solution="0.25 / 0.75 · 0.2 / 0.8 · 0.6 = 0.05",
            tolerance=0.002,
        ),
        kit.choose(
            "A bank says: we do not store the district, so we cannot discriminate. What is true?",
            {
                "Without it, nobody can measure the gap": (True, "What is not recorded cannot be audited by group."),
                "The model cannot treat districts differently": (False, "Any column that goes with it will do."),
                "Its accuracy proves it right": (False, "By a biased record, a biased model is accurate."),
            },
            name="unaware",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The clerk's record, with thresholds by district that are chosen on training and validation rows. Its last lines
        say what was traded; the audit then measures every rate in each district, with intervals.
        """,
        own_file="""
        A table with a column of groups and a target of two classes: `deepglass train my.csv --target y --fair column`.
        It guesses the constraint and which class is the good outcome, and says so. `--ignore column` keeps the column
        from the model and still measures by it.
        """,
        sources=[
            ("Kamiran and Calders (2012), Data preprocessing techniques", "https://doi.org/10.1007/s10115-011-0463-8"),
            ("Hardt, Price and Srebro (2016), Equality of opportunity", "https://arxiv.org/abs/1610.02413"),
            ("Kleinberg, Mullainathan and Raghavan (2016), Inherent trade-offs", "https://arxiv.org/abs/1609.05807"),
            ("Chouldechova (2017), Fair prediction with disparate impact", "https://arxiv.org/abs/1703.00056"),
            ("Blum and Stangl (2020), Recovering from biased data", "https://arxiv.org/abs/1912.01094"),
        ],
        onward="A number by group is a fact. Who decides with it, and who answers for it?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
