"""Lesson 70: risk. What a number promises a patient, and three ways to break the promise."""

import marimo

app = marimo.App(width="medium", app_title="Risk", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    from deepglass.course import kit
    from deepglass.data.datasets import patients
    from deepglass.evaluate import decision_curve, risk_groups

    LESSON = {
        "title": "Risk",
        "question": "What does a number promise a patient?",
        "part": "In the world",
        "minutes": 20,
        "reads": ["evaluate/decision_curve.py", "evaluate/operating_points.py", "evaluate/risk_groups.py"],
        "runs": [
            "deepglass train patients --card medical --epochs 10 --run runs/patients",
            "deepglass report runs/patients",
        ],
    }

    PEOPLE, LEARNT, SEED = 6000, 3000, 7
    LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)  # risks that the film tells
    PARTS = 10  # of the patients, from the lowest risk to the highest
    STRETCHES = (0.3, 0.5, 1.0, 2.0, 3.0)  # by which the log-odds are multiplied
    THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5)  # risks from which on is acted
    CUT = 0.2  # at which groups are compared


@app.function
@cache
def ward():
    """Generated patients; the first half is learnt from. Nobody knows their true risk but the lesson."""
    return patients.patients(PEOPLE, SEED)


@app.function
@cache
def risks(knows_empty=True):
    """What a logistic regression tells the unseen half (3000,), with or without a column of empty markers."""
    frame = ward()
    marker = frame["marker"].fillna(frame["marker"][:LEARNT].mean())
    columns = [frame["age"], frame["pressure"], frame["cholesterol"], marker, frame["sex"] == "woman"]
    columns += [frame["smoker"] == "yes"] + ([frame["marker"].isna()] if knows_empty else [])
    rows = np.stack(columns, axis=1).astype(float)
    rows = (rows - rows[:LEARNT].mean(axis=0)) / rows[:LEARNT].std(axis=0)
    happened = (frame["event"] == "yes").to_numpy()
    model = LogisticRegression(C=1e6, max_iter=1000).fit(rows[:LEARNT], happened[:LEARNT])
    return model.predict_proba(rows[LEARNT:])[:, 1]


@app.function
@cache
def happened():
    """To whom of the unseen half it happened (3000,)."""
    return (ward()["event"] == "yes").to_numpy()[LEARNT:]


@app.function
def stretched(stretch):
    """The same risks with their log-odds multiplied: the order of the patients stays."""
    told = risks()
    return 1 / (1 + (1 / told - 1) ** stretch)


@app.function
def area(told):
    """The chance that of a patient who fell ill and one who did not, the first was told more."""
    return float(roc_auc_score(happened(), told))


@app.function
def worth(told, threshold):
    """Net benefit of acting from this risk on, by the library."""
    return float(decision_curve.net_benefit(told, happened(), np.array([threshold]))[0])


@app.function
def by_parts(told):
    """Mean told and share that happened, from the tenth of the patients who are told least to the one told most."""
    parts = np.array_split(np.argsort(told, kind="stable"), PARTS)
    return [float(told[rows].mean()) for rows in parts], [float(happened()[rows].mean()) for rows in parts]


@app.function
def nearest(told, level):
    """The hundred unseen patients who were told nearly this, and whether it happened to each."""
    rows = np.sort(np.argsort(np.abs(told - level), kind="stable")[:100])
    return happened()[rows]


@app.function
def film():
    """A hundred patients who were told about the same, and those of them whom it happened to."""
    for level in LEVELS:
        ill = nearest(risks(), level)
        squares = np.where(np.sort(ill)[::-1], 1.0, 0.12).reshape(10, 10)
        yield kit.pictures(
            [np.kron(squares, np.pad(np.ones((7, 7)), (1, 0)))], colors="much", width=2.6,
            label=f"{int(ill.sum())} of a hundred squares are dark",
            caption=f"A hundred who were told about {100 * level:.0f} %. It happened to {int(ill.sum())}.",
        )  # fmt: skip


@app.cell
def _():
    _honest, _loud = worth(risks(), 0.1), worth(stretched(3.0), 0.1)
    _all = float(decision_curve.treat_all(happened(), np.array([0.1]))[0])
    kit.opening(
        LESSON,
        "Each square is a patient, and all of a page were told nearly the same number. A dark one fell ill within ten "
        "years. That is what a risk is: not what will happen to *you*, but how many of a hundred who were told what "
        "you were told. The patients are generated, so that this lesson knows what nobody in a clinic does.",
        kit.film(film(), label="Risks that are told", seconds=1.0, width=3.2),
        kit.guess(
            "A louder model takes the same patients and multiplies all log-odds by three: 30 % becomes 7 %, 70 % "
            "becomes 93 %. Everybody keeps the place in the order, so its AUC is the same to the last digit. A doctor "
            "treats whoever is told 10 % or more. What is the louder model worth to that doctor?",
            [
                "As much: the order decides",
                "Less, but more than no model",
                "Less than treating everybody without a model",
            ],
            f"Less than treating everybody. Per hundred patients the first model is worth {100 * _honest:.1f} found "
            f"cases, to treat everybody {100 * _all:.1f}, and the louder model {100 * _loud:.1f}. Who is truly at 25 % "
            "is told 4 %, and is sent home.",
        ),
    )
    return


@app.cell
def _():
    stretch = kit.slider("Log-odds times", STRETCHES, 3.0)
    threshold = kit.slider("Acted from a risk of t", THRESHOLDS, 0.1)
    kit.after_guess(
        kit.text(
            """
            ## Three promises {#see}

            **It ranks.** Those who fall ill are told more than those who do not: the AUC. **It counts.** Of those who
            are told 20 %, twenty in a hundred fall ill: calibration, the diagonal below. **It helps.** Whoever acts on
            it does better than without it: net benefit. The first promise says nothing about the other two. Move the
            first slider and watch which number never moves.

            {stretch} {threshold}
            """,
            stretch=stretch,
            threshold=threshold,
        )
    )
    return stretch, threshold


@app.cell
def _(stretch, threshold):
    _told, _t = stretched(stretch.value), threshold.value
    _acts = _told >= _t
    _found, _alarms = int((_acts & happened()).sum()), int((_acts & ~happened()).sum())
    _all = float(decision_curve.treat_all(happened(), np.array([_t]))[0])
    kit.after_guess(
        kit.levels(
            kit.curves(
                {"patients, a tenth per dot": by_parts(_told), "as promised": ([0, 1], [0, 1])},
                points={"patients, a tenth per dot"}, dashed={"as promised"}, xlabel="told", ylabel="happened",
                xlim=(-0.04, 1), ylim=(-0.04, 1), label="What was told, and to how many it happened",
            ),
            {
                "AUC": area(_told),
                "told, on average": float(_told.mean()),
                "happened": float(happened().mean()),
                "treated": int(_acts.sum()),
                "net benefit × 100": 100 * worth(_told, _t),
                "everybody × 100": 100 * _all,
                "nobody": 0,
            },
            r"""
            Who treats from {from_here} on takes {price} alarms in vain for one case that is found.

            $$\text{net benefit} = \frac{\blue{\text{right}}}{N} - \frac{\orange{\text{in vain}}}{N}\cdot\frac{t}{1-t}$$

            $$= \frac{\blue{{found}}}{{n}} - \frac{\orange{{alarms}}}{{n}}\cdot{rate} = {worth}$$
            """,
            from_here=f"{100 * _t:.0f} %",
            price=f"{(1 - _t) / _t:.0f}",
            found=str(_found),
            alarms=str(_alarms),
            n=str(len(_told)),
            rate=f"{_t / (1 - _t):.3f}",
            worth=f"{worth(_told, _t):.4f}",
        ),
        silently=True,
    )  # fmt: skip
    return


@app.cell
def _():
    _at = decision_curve.THRESHOLDS[:60]
    _curve = decision_curve.curve(risks(), happened())
    _picture = kit.curves(
        {
            "by the model": (_at, decision_curve.net_benefit(risks(), happened(), _at)),
            "by the louder one": (_at, decision_curve.net_benefit(stretched(3.0), happened(), _at)),
            "everybody": (_at, decision_curve.treat_all(happened(), _at)),
        },
        marks={"nobody": 0.0}, dashed={"everybody"}, xlabel="acted from a risk of", ylabel="net benefit",
        ylim=(-0.06, 0.18), label="Worth of four rules, whatever a false alarm costs",
    )  # fmt: skip
    kit.after_guess(
        kit.row(
            _picture,
            kit.text(
                """
                ### Everybody's price at once

                Nobody can say for you what a false alarm costs: a blood test, a biopsy, a year of worry. A **decision
                curve** need not know. It draws the net benefit for every threshold, and you look where you stand.

                {where} Low thresholds belong to cheap treatments, and there it is hard to beat treating everybody.
                """,
                where=decision_curve.in_words(_curve, "an event"),
            ),
        ),
        silently=True,
    )
    return


@app.cell
def _():
    kit.text(
        """
        ## The rule in two lines {#read}

        These lines made every number above, and they draw the curve in the report of every run with two classes.

        {gains} {all}
        """,
        gains=kit.read(
            "evaluate/decision_curve.py",
            {
                "acts = chances": "Who is treated, at each threshold.",
                "price = (": "What a false alarm costs, in found cases: the threshold says it.",
                "return np.where": "A found case is worth 1, an alarm in vain costs its price, the others are left.",
            },
            part="_gains",
        ),
        all=kit.read(
            "evaluate/decision_curve.py",
            {"return net_benefit(np.ones": "To treat everybody is a model, too: it tells everyone 100 %."},
            part="treat_all",
        ),
    )
    return


@app.function
def groups(knows_empty, column):
    """Rows of the table: a group, what it was told, what happened."""
    frame, told = ward()[LEARNT:], risks(knows_empty)
    if column == "marker":
        names = np.where(frame["marker"].isna(), "marker empty", "marker measured")
    else:
        names = frame["sex"].to_numpy(str)
    return risk_groups.rows(names, told, happened(), CUT)


@app.cell
def _():
    column = mo.ui.radio(
        {"with and without a marker": "marker", "women and men": "sex"}, value="with and without a marker",
        label="Compare", inline=True,
    )  # fmt: skip
    empty = mo.ui.radio(
        {"fill in the mean": False, "fill it in, and say that it was empty": True}, value="fill in the mean",
        label="An empty marker:", inline=True,
    )  # fmt: skip
    kit.text(
        """
        ## The blood that nobody drew {#break-it-mend-it}

        The marker is missing in a third of the patients. Not by chance: it was measured where a doctor was worried. Who
        has none was well enough to be sent home without a needle, and *that is news*. Fill the empty cells with the
        mean, and the news is gone: those patients are promised more than happens to them, the others less. Over all
        patients together nothing can be seen, for one error makes up for the other.

        **Mend it**: give the model one more column that says where the marker was empty.

        {empty} {column}
        """,
        empty=empty,
        column=column,
    )
    return column, empty


@app.cell
def _(column, empty):
    _rows = groups(empty.value, column.value)
    _told, _all = risks(empty.value), happened()
    kit.table(
        [
            {
                "": row["group"],
                "told, %": 100 * row["risk"],
                "happened, %": "{:.1f} ({:.1f} to {:.1f})".format(
                    *(100 * row["share"][end] for end in ("value", "low", "high"))
                ),
                "promised": row["promises"] or "right",
            }
            for row in _rows
        ],
        caption=f"All together: told {100 * _told.mean():.1f} %, happened {100 * _all.mean():.1f} %. "
        "In brackets the 95 % interval.",
    )
    return


@app.cell
def _():
    kit.note(
        "The column works as long as doctors order the marker as they did. Put the model into every ward's computer, "
        "let it ask for the marker in everybody, and an empty cell no longer says that nobody was worried. "
        "A model that is used changes the data that it was learnt from.",
        "It mends here, and not for ever.",
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("net_benefit"),
        kit.answer(
            "A screening finds a cancer that can be healed if found. Its doctors would take 19 alarms in vain for one "
            "case that is found. From which risk on should they act, in per cent?",
            5,
            name="threshold",
            slips={
                19: "That is the price; the threshold is t with (1 − t) / t = 19.",
                95: "That is 19 in 20: who waits for it takes next to no alarm in vain.",
                5.26: "1/19 is the odds t / (1 − t); the risk is 1/20.",
                0.05: "In per cent, please.",
            },
            because="At 5 %, one in twenty of those who are treated is a case: 19 in vain for each.",
            hint="t / (1 − t) is what an alarm in vain costs, in found cases: here 1/19.",
            solution="t = 1 / (1 + 19) = 5 %",
            tolerance=0.01,
        ),
        kit.choose(
            "A paper reports an AUC of 0.92 for a new score. A patient is told 20 % by it. Of a hundred such patients, "
            "how many will fall ill?",
            {
                "The AUC does not say": (True, "It speaks of the order alone. Ask for the calibration, and where."),
                "About 20": (False, "Only if the score is calibrated, and on patients like these."),
                "About 92": (False, "0.92 is how often a case is ranked above another patient."),
            },
            name="auc",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The same patients with the usual network of tables. Accuracy hardly says anything here, for four in five stay
        well. The report draws the decision curve, and the sensitivity at a wanted specificity. `--card medical` writes
        into `MODEL_CARD.md` what a doctor and a regulator ask first: that it is no medical device, risks by group and
        by empty cell, and what the test would be had a column never been measured.
        """,
        own_file="""
        A table with a column of two classes: `deepglass train my.csv --target outcome --card medical`. Columns such as
        age and sex are found by their names; any other is named with `--score-by`. Rows of one patient belong together:
        `--group-column patient`.
        """,
        sources=[
            ("Vickers & Elkin (2006), Decision curve analysis", "https://doi.org/10.1177/0272989X06295361"),
            ("Van Calster et al. (2019), Calibration: the Achilles heel", "https://doi.org/10.1186/s12916-019-1466-7"),
            ("Agniel, Kohane & Weber (2018), Biases in health records", "https://doi.org/10.1136/bmj.k1479"),
        ],
        onward="A risk is read from what was measured. The next lesson reads the letters that a body is written in.",
    )
    return


if __name__ == "__main__":
    app.run()
