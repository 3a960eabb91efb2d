"""Lesson 19: judging a classifier. One threshold, four counts, and every score that is made of them."""

import marimo

app = marimo.App(width="medium", app_title="Judging a classifier", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.evaluate import curves
    from deepglass.evaluate.metrics import classification
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "Judging a classifier",
        "question": "What can 99 % right be worth?",
        "part": "Judging",
        "minutes": 18,
        "reads": ["evaluate/curves.py"],
        "runs": ["deepglass train breast-cancer --model linear --class-weights balanced"],
    }

    WELL, ILL = 96, 24
    THRESHOLDS = np.arange(10.25, 1, -0.5)  # between the readings, from strict to lenient
    CHOSEN = 5.75  # the wall that the numbers of the page speak of


@app.function
def readings(well=WELL, ill=ILL, gap=2.4, spread=1.4, seed=3):
    """A blood test: readings from 0 to 10, rounded to halves, and who is ill; the ill read higher by `gap`."""
    rng = np.random.default_rng(seed)
    raw = np.concatenate([rng.normal(4, spread, well), rng.normal(4 + gap, spread, ill)])
    return np.clip(np.round(raw * 2) / 2, 0, 10), np.arange(well + ill) >= well


@app.function
def counted(is_ill, is_flagged):
    """The confusion matrix, rows the truth and columns the answer, well first; and its scores for the ill."""
    matrix = classification.confusion_matrix(is_ill.astype(int), is_flagged.astype(int), 2)
    tally = classification.Tally.of(matrix)
    scores = {"precision": classification.precision, "recall": classification.recall, "F1": classification.f1}
    of_the_ill = {name: float(score(tally)[1]) for name, score in scores.items()}
    return matrix, {"accuracy": float(classification.accuracy(tally)), **of_the_ill}


@app.function
def table(head, *rows):
    """A Markdown table; all columns but the first stand right."""
    lines = [head, [":--", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


@app.cell
def _():
    kit.opening(
        LESSON,
        "Every dot is a person: <span class='blue'>ill ones</span> stand above the line, <span class='orange'>well "
        "ones</span> hang below it. A blood test puts them from left to right. Whoever is right of the wall is called "
        "ill. Watch the wall come down from strict to lenient, and what it costs.",
    )
    return


@app.function
def stacked(scores):
    """How high each dot stands among those of the same reading: 1, 2, 3, …"""
    return np.array([(scores[:i] == score).sum() + 1 for i, score in enumerate(scores)])


@app.function
def people_and_wall(people):
    """The first picture's upper room; gives back what moves: the side of the wall, the wall, four corner texts."""
    scores, is_ill = readings()
    people.scatter(scores[is_ill], stacked(scores[is_ill]), s=20, color=kit.BLUE, linewidths=0)
    people.scatter(scores[~is_ill], -stacked(scores[~is_ill]), s=17, marker="s", color=kit.ORANGE, linewidths=0)
    people.axhline(0, color=kit.INK, linewidth=0.8)
    side = people.bar(5, 34, width=12, bottom=-22, align="edge", color=kit.BLUE, alpha=0.1)[0]
    (wall,) = people.plot([5, 5], [-22, 12], color=kit.INK, linewidth=1.8)
    places = ((-0.3, 10, "left"), (10.3, 10, "right"), (-0.3, -19.5, "left"), (10.3, -19.5, "right"))
    corners = [people.text(x, y, "", ha=ha, va="center", fontsize=10) for x, y, ha in places]
    people.set(xlim=(-0.5, 10.5), ylim=(-22, 12), yticks=[], xticks=[0, 5, 10], xlabel="reading of the test")
    people.grid(False)
    return side, wall, corners


@app.function
def stage():
    """People, ROC curve and bars; and the function that moves the wall and says where it stands."""
    scores, is_ill = readings()
    fpr, tpr, _ = curves.roc_curve(curves.Ladder.of(scores, is_ill))
    fig, rooms = kit.figure(height=4.5, rows=2, columns=2, height_ratios=[1.55, 1], width_ratios=[1, 1.25])
    for ax in rooms[0]:
        ax.remove()
    side, wall, corners = people_and_wall(fig.add_subplot(rooms[0, 0].get_gridspec()[0, :]))
    roc, bars = rooms[1]
    roc.plot(fpr, tpr, color=kit.FAINT, linewidth=2)
    (walked,) = roc.plot([], [], color=kit.GREEN, linewidth=2.4)
    (dot,) = roc.plot([0], [0], "o", color=kit.GREEN, markersize=7)
    roc.set(xlim=(-0.04, 1.04), ylim=(-0.04, 1.06), xticks=[0, 1], yticks=[0, 1], xlabel="false alarms", ylabel="found")
    shown = bars.barh(
        ["accuracy", "precision", "recall", "F1"], [1] * 4, color=[kit.GREY, kit.PINK, kit.GREEN, kit.GOLD], height=0.62
    )
    values = [bars.text(1.3, y, "", ha="right", va="center") for y in range(4)]
    bars.set(xlim=(0, 1.3), xticks=[0, 1], ylim=(3.5, -0.5))
    bars.grid(False)

    def move(threshold):
        ((cleared, alarms), (missed, found)), told = counted(is_ill, scores >= threshold)
        told_of = {"missed": missed, "found": found, "cleared": cleared, "false alarms": alarms}
        for corner, (name, count) in zip(corners, told_of.items()):
            corner.set_text(f"{name} {count}")
        side.set_x(threshold)
        wall.set_xdata([threshold, threshold])
        passed = int(((fpr <= alarms / WELL + 1e-9) & (tpr <= found / ILL + 1e-9)).sum())
        walked.set_data(fpr[:passed], tpr[:passed])
        dot.set_data([alarms / WELL], [found / ILL])
        for bar, value, score in zip(shown, values, told.values()):
            bar.set_width(score)
            value.set_text(f"{score:.0%}")
        return f"wall at {threshold:g}: {found} of {ILL} ill found, {alarms} of {WELL} well people alarmed"

    return fig, move


@app.cell
def _():
    _fig, _move = stage()
    _frames = kit.frames(_fig, lambda at: _move(THRESHOLDS[at]), len(THRESHOLDS), "Dots left and right of a wall;")
    _scores, _is_ill = readings()
    (_tn, _fp), (_fn, _tp) = counted(_is_ill, _scores >= CHOSEN)[0]
    _counts = table(
        [f"wall at {CHOSEN}", "called well", "called ill"],
        ["<span class='blue'>is ill</span>", f"missed **{_fn}**", f"found **{_tp}**"],
        ["<span class='orange'>is well</span>", f"cleared **{_tn}**", f"alarmed **{_fp}**"],
    )
    _picture = kit.levels(
        kit.film(_frames, label="The wall, from strict to lenient", seconds=0.55),
        kit.md(
            _counts + "\n\nFour corners, four counts: the **confusion matrix**. At one wall nothing else is counted."
        ),
        kit.md(
            rf"""
            $$\green{{\text{{recall}}}} = \frac{{\text{{found}}}}{{\text{{all ill}}}} =
            \frac{{{_tp}}}{{{_tp + _fn}}} = {_tp / (_tp + _fn):.2f}$$

            $$\pink{{\text{{precision}}}} = \frac{{\text{{found}}}}{{\text{{all flagged}}}} =
            \frac{{{_tp}}}{{{_tp + _fp}}} = {_tp / (_tp + _fp):.2f}$$
            """
        ),
    )
    _guess = kit.guess(
        "Now 1,000 people, of whom 10 are ill. A model is right about 99 in 100 of them. How many of the ten ill has "
        "it found, <i>at the least</i>?",
        ["All ten", "Nine", "Five", "None"],
        "None. The laziest model of all says “well” to everybody: it is right 990 times in 1,000, that is 99 %, and it "
        "has not looked at anyone. Further down you train one that does exactly this.",
    )
    mo.vstack([_picture, _guess])
    return


@app.cell
def _():
    _scores, _is_ill = readings()
    _strict, _lenient = (counted(_is_ill, _scores >= threshold)[1] for threshold in (7.75, 3.75))
    _tally = classification.Tally.of(counted(_is_ill, _scores >= CHOSEN)[0])
    _f1 = classification.f1(_tally)
    gap = mo.ui.slider(-1, 4, 0.25, value=1.5, label="the ill read higher by", show_value=True)
    kit.section(
        "See",
        f"""
        There are two ways to be wrong, and the wall trades one for the other. Far to the right it is **strict**:
        whoever it flags is likely ill ({_strict["precision"]:.0%} precision), but it finds few
        ({_strict["recall"]:.0%} recall). Far to the left it is **lenient**: it finds nearly all
        ({_lenient["recall"]:.0%}), among many false alarms ({_lenient["precision"]:.0%}). Go through the picture by
        hand and look for the wall that *you* would want, once as a doctor, once as a spam filter.

        - <span class="green">Recall</span> asks the ill: *were we found?* Also called sensitivity, or true-positive
        rate.
        - <span class="pink">Precision</span> asks those who were flagged: *are we ill?*
        - <span class="gold">F1</span> is low as soon as one of the two is low: their harmonic mean,
          2 · found / (all ill + all flagged).
        - **Accuracy** asks everybody. It hardly cares about a small group.

        The well ones are a class too, and so are ten digits. With the wall at {CHOSEN}, F1 is {_f1[1]:.2f} for the ill
        and {_f1[0]:.2f} for the well. One number for all is a mean: **macro** {classification.macro(_f1, _tally):.2f},
        every class counts the same; **weighted** {classification.weighted(_f1, _tally):.2f}, every class counts by its
        size; **micro** {classification.accuracy(_tally):.2f}, all answers in one pot, which is accuracy again.

        ### A score without a wall

        Where the wall stands is your choice, not the model's merit. What is the *model* worth? Let every ill person
        meet every well one: a square below for each such pair. It is **blue where the ill one reads higher**, pale
        where the two are equal. The edge of the blue is the curve that you saw grow above, the **ROC curve**; the share
        of blue is the area below it, the **AUC**. Push the groups together and apart:
        """,
    )
    return (gap,)


@app.function
def drawn_pairs(scores, is_ill):
    """The groups, below them their pairs with the ROC curve on top; and the pairs (ill, well): 1, ½ if equal, or 0."""
    ill, well = np.sort(scores[is_ill])[::-1], np.sort(scores[~is_ill])[::-1]  # the highest first
    grid = (np.sign(ill[:, None] - well[None, :]) + 1) / 2
    fpr, tpr, _ = curves.roc_curve(curves.Ladder.of(scores, is_ill))
    fig, (above, below) = kit.figure(height=4.2, rows=2, height_ratios=[1, 3.6])
    for kind, up, marker, color in ((is_ill, 0.8, "o", kit.BLUE), (~is_ill, -0.8, "s", kit.ORANGE)):
        above.scatter(scores[kind], up * stacked(scores[kind]), s=14, marker=marker, color=color, linewidths=0)
    above.set(xlim=(0, 10.2), ylim=(-7, 7), yticks=[], xticks=[0, 5, 10])
    above.grid(False)
    below.imshow(grid, origin="lower", extent=(0, 1, 0, 1), cmap=kit.MUCH, vmin=0, vmax=1.5, aspect="auto")
    for count, line in zip(grid.shape, (below.axhline, below.axvline)):
        for at in np.arange(1, count) / count:
            line(at, color=kit.FAINT, linewidth=0.6)
    below.plot(fpr, tpr, color=kit.GREEN, linewidth=2.6)
    below.plot([0, 1], [0, 1], color=kit.GREY, linestyle=(0, (4, 3)), linewidth=1.2)
    below.set(xlim=(0, 1), ylim=(0, 1.01), xticks=[0, 1], yticks=[0, 1])
    below.set(xlabel="share of the well ones alarmed", ylabel="share of the ill ones found")
    below.grid(False)
    return fig, grid


@app.cell
def _(gap):
    _scores, _is_ill = readings(well=20, ill=12, gap=gap.value, spread=1.0, seed=8)
    _fig, _grid = drawn_pairs(_scores, _is_ill)
    _area = curves.roc_auc(curves.Ladder.of(_scores, _is_ill))
    _won, _tied = int((_grid == 1).sum()), int((_grid == 0.5).sum())
    _counts = table(
        ["12 ill meet 20 well", "pairs"],
        ["the ill one reads higher", _won],
        ["equal", _tied],
        ["the well one reads higher", 240 - _won - _tied],
    )
    kit.levels(
        kit.html(_fig, f"{_won} of 240 pairs in order, {_tied} equal; the area under the ROC curve is {_area:.3f}"),
        mo.vstack([gap, kit.md(_counts + "\n\nThe dashed diagonal is a coin: ½.")]),
        kit.md(
            rf"""
            $$\green{{\text{{AUC}}}} = P(\blue{{\text{{ill}}}} > \orange{{\text{{well}}}}) +
            \tfrac12 P(\text{{equal}})$$

            $$ = \frac{{{_won} + \tfrac12 \cdot {_tied}}}{{12 \cdot 20}} = {_area:.3f}$$
            """
        ),
    )
    return


@app.cell
def _():
    _notes = {
        "fpr = np.append": "The alarms, as a share of all well ones: to the right …",
        "tpr = np.append": "… and the ill found, as a share of all ill: up.",
    }
    _words = "Count from the top down, equal scores together: that makes ties right. scikit-learn agrees, in our tests."
    mo.Html(kit.section("Read", _words).text + kit.read("evaluate/curves.py", _notes, part="roc_curve").text)
    return


@app.function
def people(one_in, count, seed):
    """Two measurements of `count` people, of whom one in `one_in` is ill: X (count, 2) and who is ill."""
    rng = np.random.default_rng(seed)
    is_ill = np.arange(count) < count // one_in
    return rng.normal(np.where(is_ill[:, None], [0.75, 0.65], [-0.25, -0.2]), 0.8), is_ill


@app.function
def judged(one_in, weight, steps=300):
    """Logistic regression on 1,000 people, an ill one counting like `weight` well ones; judged on 10,000 others."""
    X, is_ill = people(one_in, 1000, seed=0)
    x, y, pull = glass.tensor(X), glass.tensor(is_ill.astype(float)), glass.tensor(float(weight)).double()
    w, b = glass.zeros(2).double().requires_grad_(), glass.zeros(1).double().requires_grad_()
    optimizer = glass.optim.Adam([w, b], lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(x @ w + b, y, pos_weight=pull).backward()
        optimizer.step()
    line, (X, is_ill) = (w.detach().numpy(), b.item()), people(one_in, 10_000, seed=1)
    z = X @ line[0] + line[1]
    matrix, scores = counted(is_ill, z > 0)
    return line, matrix, scores | {"AUC": curves.roc_auc(curves.Ladder.of(z, is_ill))}


@app.cell
def _():
    _, _matrix, _scores = judged(100, 1)
    _words = kit.md(
        f"""
        Below, a logistic regression was trained on 1,000 people of whom one in a hundred is ill, and judged on 10,000
        others. It is {_scores["accuracy"]:.1%} right, and it finds {_matrix[1, 1]} of {_matrix[1].sum()} ill:
        **broken** by imbalance. Make the ill less rare with the first control, and it wakes up.

        Or **mend it** where they stay rare: in the loss, let each ill person count like several well ones.
        Accuracy falls. It should: it was praising the wrong thing.
        """,
    )
    one_in = mo.ui.slider(steps=[2, 5, 10, 20, 50, 100], value=100, label="ill: one in", show_value=True)
    weight = mo.ui.slider(steps=[1, 3, 10, 30, 99], value=1, label="each counts like", show_value=True)
    _heading = kit.section("Break it, mend it")
    _controls = mo.hstack([one_in, weight], justify="start", gap=2, wrap=True)
    mo.vstack([_heading, kit.after_guess(mo.vstack([_words, _controls]))])
    return one_in, weight


@app.cell
def _(one_in, weight):
    _X, _is_ill = people(one_in.value, 1000, seed=0)
    (_w, _b), _matrix, _scores = judged(one_in.value, weight.value)
    _fig, _ax = kit.figure(height=3.4)
    _ax.scatter(*_X[~_is_ill][:500].T, s=7, marker="s", color=kit.ORANGE, alpha=0.35, linewidths=0)
    _ax.scatter(*_X[_is_ill].T, s=22 if one_in.value > 5 else 9, color=kit.BLUE, linewidths=0)
    _x = np.array([-3.2, 3.4])
    _line = -(_w[0] * _x + _b) / _w[1]
    _ax.plot(_x, _line, color=kit.INK, linewidth=1.8)
    _ax.fill_between(_x, _line, 9, color=kit.BLUE, alpha=0.12, linewidth=0)
    _ax.set(xlim=(-3.2, 3.4), ylim=(-3, 3.4), xticks=[], yticks=[], xlabel="one measurement", ylabel="another")
    (_tn, _fp), (_fn, _tp) = _matrix
    _rows = table(
        ["10,000 new people", "this model", "“well” to all"],
        ["accuracy", f"{_scores['accuracy']:.1%}", f"{(_tn + _fp) / 10_000:.1%}"],
        ["<span class='green'>recall</span>", f"**{_scores['recall']:.0%}**", "0%"],
        ["<span class='pink'>precision</span>", f"{_scores['precision']:.0%}", "none"],
        ["<span class='gold'>F1</span>", f"{_scores['F1']:.2f}", "0.00"],
        ["AUC", f"{_scores['AUC']:.2f}", "0.50"],
    )
    _alarms = f", with {_fp / _tp:.1f} false alarms for each" if _tp else ""
    _told = f"It finds {_tp:,} of {_tp + _fn:,} ill{_alarms}. Watch the AUC while you change the weight: it hardly "
    _why = "moves. The model knew who reads higher; only its wall stood in a wrong place."
    _row = kit.row(
        kit.html(
            _fig,
            f"Few ill people among many; the line has {_scores['recall']:.0%} of the ill on its side",
            "Those above the line are called ill. At most 500 of the well ones are drawn.",
        ),
        kit.md(f"{_rows}\n\n{_told}{_why}"),
    )
    kit.after_guess(_row, silently=True)
    return


@app.function
def at_the_wall(times):
    """The scores at one wall with every well person there `times` over."""
    scores, is_ill = readings()
    rows = np.concatenate([np.repeat(np.flatnonzero(~is_ill), times), np.flatnonzero(is_ill)])
    matrix, told = counted(is_ill[rows], scores[rows] >= CHOSEN)
    area = curves.roc_auc(curves.Ladder.of(scores[rows], is_ill[rows]))
    return told | {"false-alarm rate": matrix[0, 1] / matrix[0].sum(), "AUC": area}


@app.cell
def _():
    _exercise = kit.exercise("judge")
    _verdicts = {}
    _before, _after = at_the_wall(1), at_the_wall(10)
    for _name, _now in _after.items():
        _moves = bool(abs(_before[_name] - _now) > 1e-9)
        _stays = f"It stays at {_now:.2f}: it asks within one group, or pairs one of each."
        _verdicts[_name] = (_moves, f"It goes from {_before[_name]:.2f} to {_now:.2f}." if _moves else _stays)
    _rarer = kit.choose(
        "To the first picture's test, with the same wall, come ten times as many well people, of the same kind. Which "
        "numbers change?",
        _verdicts,
        name="rarer",
        several=True,
    )
    _precision = 100 * 99 / (99 + 999)
    _flagged = kit.answer(
        "One person in 1,000 is ill. A test finds 99 % of the ill, and alarms 1 % of the well. You are flagged. How "
        "probable is it that you are ill? (One decimal.)",
        _precision,
        name="flagged",
        slips={
            99: "That is recall: of the ill, how many are flagged. You are asked the other way round.",
            50: "Count people: of 100,000, how many ill ones are flagged, and how many well ones?",
        },
        because="Ten well people are flagged for every ill one: there are so many more of them. It is Bayes' rule, "
        "lesson 4.",
        hint="Think of 100,000 people: 100 are ill, 99,900 are well.",
        solution=f"99 ill and 999 well are flagged: 99 / (99 + 999) = {_precision:.1f} %.",
        unit="%",
        tolerance=0.06,
    )
    mo.vstack([kit.section("Check yourself"), _exercise, _rarer, _flagged])
    return


@app.cell
def _():
    _words = kit.section(
        "Run",
        """
        569 tumours, thirty measurements each. The table that you get compares with the laziest model (the rightmost
        column), and every score has an interval: on so few rows it is wide. The report in the run's folder holds
        the confusion matrix and the curves. Here the rarer class counts more; without the last option it does not.
        """,
    )
    _sources = kit.sources(
        ("Fawcett (2006), An introduction to ROC analysis", "https://doi.org/10.1016/j.patrec.2005.10.010"),
        ("Hanley and McNeil (1982), The meaning of the area", "https://doi.org/10.1148/radiology.143.1.7063747"),
        ("Saito and Rehmsmeier (2015), Imbalanced data", "https://doi.org/10.1371/journal.pone.0118432"),
    )
    _next = kit.next_lesson(LESSON, "You know what to count. Next: on whom, so that it is true tomorrow.")
    mo.vstack([_words, kit.row(*(kit.run_command(command) for command in LESSON["runs"])), _sources, _next])
    return


if __name__ == "__main__":
    app.run()
