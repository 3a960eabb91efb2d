"""Lesson 9: loss functions. What squared error, cross-entropy and hinge punish, and what each of them lets pass."""

import marimo

app = marimo.App(width="medium", app_title="Loss functions", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "Loss functions",
        "question": "What should a mistake cost?",
        "part": "The neuron",
        "minutes": 15,
        "reads": ["mse_loss", "binary_cross_entropy_with_logits", "margin_ranking_loss"],
        "runs": [
            "deepglass train diabetes --model linear --epochs 30",
            "deepglass train breast-cancer --model linear --epochs 30",
        ],
    }

    # Each takes scores and sides (1 or −1), and gives one cost for each point.
    LOSSES = {
        "squared error": lambda score, side: F.mse_loss(score, side, reduction="none"),
        "cross-entropy": lambda score, side: F.binary_cross_entropy_with_logits(
            score, (side + 1) / 2, reduction="none"
        ),
        "hinge": lambda score, side: F.margin_ranking_loss(score, score * 0, side, margin=1.0, reduction="none"),
    }
    WRONG = 13  # pictures of the film on the way to the wrong side
    COLORS = {"squared error": kit.PINK, "cross-entropy": kit.GREEN, "hinge": kit.GOLD}

    # Points [x₁, x₂, class] in a square from -1 to 1; class 1 is blue, 0 is orange.
    NEAR = [
        [-0.55, 0.05, 0], [-0.3, -0.45, 0], [-0.62, -0.5, 0], [-0.2, -0.1, 0], [-0.8, -0.15, 0], [-0.4, -0.8, 0],
        [-0.45, -0.25, 0], [-0.32, 0.28, 0], [0.05, 0.3, 1], [0.2, -0.12, 1], [-0.08, 0.62, 1], [0.3, 0.2, 1],
        [0.12, -0.5, 1],
    ]  # fmt: skip
    FAR = [[0.9, 0.55, 1], [0.8, 0.9, 1], [0.95, 0.8, 1], [0.7, 0.72, 1], [0.86, 0.72, 1], [0.95, 0.95, 1]]


@app.function
def cost(title, margins):
    """Cost and its slope at some margins, from the engine."""
    margin = glass.tensor(np.asarray(margins, dtype=float)).requires_grad_()
    costs = LOSSES[title](margin, glass.ones_like(margin).detach())
    costs.sum().backward()
    return costs.detach().numpy(), margin.grad.numpy()


@app.function
def fit(title, points, penalty=0.0, steps=250):
    """The line w₁x₁ + w₂x₂ + b = 0 that makes a loss small: weights, bias, and how many points it gets wrong."""
    points = np.asarray(points, dtype=float)
    X, side = glass.tensor(points[:, :2]), glass.tensor(2 * points[:, 2] - 1)
    w, b = (glass.zeros(n, dtype=glass.float64).requires_grad_() for n in (2, 1))
    optimizer = glass.optim.Adam([w, b], lr=0.1)
    calmer = glass.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        loss = LOSSES[title](X @ w + b, side).mean() + penalty / 2 * (w * w).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        calmer.step()
    w, b = w.detach().numpy(), b.item()
    return w, b, int((np.sign(points[:, :2] @ w + b) != np.sign(points[:, 2] - 0.5)).sum())


@app.function
def descend(title, start, steps=200):
    """One blue example whose score begins at `start`: its probability at every step, and the first slope.

    "squared error" is here the square of 1 - p, the distance between probability and truth.
    """
    score, shares, slopes = glass.tensor([float(start)]).requires_grad_(), [], []
    for _ in range(steps):
        p = glass.sigmoid(score)
        loss = (1 - p) ** 2 if title == "squared error" else -glass.log(p)
        loss.sum().backward()
        shares.append(p.item())
        slopes.append(score.grad.item())
        score.data -= score.grad
        score.grad = None
    return shares, slopes[0]


@app.function
def curves(ax):
    """The three costs over the margin, to be drawn."""
    lines = [ax.plot([], [], color=color, label=title)[0] for title, color in COLORS.items()]
    ax.set(xlim=(-3, 3.6), ylim=(-0.25, 6), yticks=[0, 2, 4, 6], ylabel="cost")
    ax.legend(loc="center", bbox_to_anchor=(0.62, 0.78), frameon=False, fontsize=8.5)
    return lines


@app.function
def film_of_a_point():
    """One point wanders over the line to far on the wrong side; then, once the guess is made, far to the right one."""
    fig, (above, below) = kit.figure(height=3.6, rows=2, sharex=True, height_ratios=[4, 1])
    lines = curves(above)
    dots = [above.scatter([0], [0], s=40, color=color, zorder=3) for color in COLORS.values()]
    below.axvspan(-3, 0, color=kit.ORANGE, alpha=0.2, linewidth=0)
    below.axvspan(0, 3.6, color=kit.BLUE, alpha=0.2, linewidth=0)
    below.axvline(0, color=kit.INK, linewidth=1.5)
    point = below.scatter([0], [0], s=60, color=kit.BLUE, zorder=3)
    below.set(yticks=[], ylim=(-1, 1), xlabel="margin: how far on the right side")
    margins = np.concatenate([np.linspace(1, -2.6, WRONG), np.linspace(1, 3.4, 9)])  # first the wrong side

    def draw(number):
        margin = margins[number]
        for line, title in zip(lines, COLORS):
            seen = np.linspace(-3, 1 if number < WRONG else margin, 67)
            line.set_data(seen, cost(title, seen)[0])
        costs = [cost(title, [margin])[0][0] for title in LOSSES]
        for dot, height in zip(dots, costs):
            dot.set_offsets([[margin, height]])
        point.set_offsets([[margin, 0]])
        told = " · ".join(f"{title} {height:.2f}" for title, height in zip(LOSSES, costs))
        return f"margin {margin:.1f}: {told}"

    return kit.frames(fig, draw, len(margins))


@app.cell
def _():
    kit.opening(
        LESSON,
        "A blue point wanders from its own side over the line, deep into the wrong one. Three losses say what that "
        "costs. They agree about hardly anything.",
    )
    return


@app.cell
def _():
    _rows = "\n".join(
        f"| {margin:g} | " + " | ".join(f"{cost(title, [margin])[0][0]:.2f}" for title in LOSSES) + " |"
        for margin in (1, 0.5, 0, -1, -3)
    )
    kit.levels(
        kit.film(film_of_a_point(), label="The point's way", seconds=0.35, waits_for="guess", held=WRONG),
        kit.md(
            f"| margin | squared error | cross-entropy | hinge |\n|--:|--:|--:|--:|\n{_rows}\n\n"
            "The **margin** is the score, counted positive on the point's own side."
        ),
        kit.md(r"$\pink{(1 - m)^2}$ , $\;\green{\ln(1 + e^{-m})}$ , $\;\gold{\max(0,\, 1 - m)}$"),
    )
    return


@app.cell
def _():
    kit.guess(
        "A line parts blue from orange well. Now six more blue points appear, far away on the blue side: all of them "
        "right already. Which loss moves its line because of them?",
        ["Squared error", "Cross-entropy", "Hinge", "None: they are right already"],
        "Squared error. It wants every score to be <i>exactly</i> 1, so a point that is very right costs as much as "
        "a wrong one, and the line leans over to please it. The other two hardly notice. The film goes on to the "
        "right now, and the three lines are below.",
    )
    return


@app.cell
def _():
    ground = kit.plane(
        NEAR + FAR,
        rule="logistic",
        name="ground",
        label="Two groups of points, six blue ones far away",
        presets={"with the far ones": NEAR + FAR, "without them": NEAR},
    )
    kit.section(
        "See",
        """
        The far points sit in the upper right corner. Beside the square are the three lines, fitted anew whenever you
        drag a point. Pull the far ones nearer, one by one, and watch who leans. Then drag one blue point among the
        orange: who is moved most by *one* that is wrong?
        """,
    )
    return (ground,)


@app.cell
def _(ground):
    _points = np.array(ground.value["points"])
    _fig, _ax = kit.figure(width=4.3, height=3.9)
    for _kind, _color, _mark in ((1, kit.BLUE, "o"), (0, kit.ORANGE, "s")):
        _ax.scatter(*_points[_points[:, 2] == _kind, :2].T, s=30, color=_color, marker=_mark, linewidths=0)
    _told, _x = [], np.array([-1.2, 1.2])
    for _title, _color in COLORS.items():
        _w, _b, _wrong = fit(_title, _points, penalty=0.01)
        _told.append(f"{_title}: {_wrong} wrong")
        _ax.plot(_x, -(_b + _w[0] * _x) / (_w[1] or 1e-9), color=_color, linewidth=2.2, label=_told[-1])
    _ax.set(xlim=(-1.05, 1.05), ylim=(-1.05, 1.05), xticks=[], yticks=[])
    _ax.legend(loc="lower right", frameon=False, fontsize=8, handlelength=0.9, borderaxespad=0)
    kit.after_guess(kit.row(ground, kit.html(_fig, f"Three lines among {len(_points)} points. {', '.join(_told)}")))
    return


@app.cell
def _():
    _flat = cost("hinge", [1.5])[1][0]
    _small = cost("cross-entropy", [5.0])[1][0]
    _text = kit.md(
        rf"""
        **Hinge** is content at a margin of 1. From there on its slope is {abs(_flat):g}: the point no longer pulls at
        all. The line is held by the few that are nearer, its *support vectors*: this is a support vector machine.

        **Cross-entropy** is never quite content, but nearly: at a margin of 5 its slope is {abs(_small):.4f}. On the
        wrong side the slope comes near to 1 and stays there, however far.

        What pulls at the weights is this slope *times the point's own numbers x*. So one wild point, far out on the
        wrong side, still pulls the harder the farther out it lies: twice as far, twice as hard. With the squared error
        the slope grows as well: twice as far, about *four* times as hard.
        """
    )
    kit.after_guess(_text, silently=True)
    return


@app.cell
def _():
    _words = kit.md(
        """
        ### Where squared error is at home

        Nobody is *too right* about a price. To predict a number, the distance itself is the mistake, and its square
        says: twice as far is four times as bad. So one wild value has much to say. Move it, and watch the best guess.
        """
    )
    wild = mo.ui.slider(0, 12, 0.5, value=10, label="the fifth value", show_value=True)
    mo.vstack([_words, wild])
    return (wild,)


@app.cell
def _(wild):
    _values = np.array([1.0, 2.0, 2.5, 3.5, wild.value])
    _guesses = np.linspace(0, 12, 121)
    _target = glass.tensor(_values)
    _fig, _ax = kit.figure(width=4.3, height=2.6)
    _best = {}
    for _title, _loss, _color in (("squared", F.mse_loss, kit.PINK), ("absolute", F.l1_loss, kit.GREY)):
        _costs = np.array([_loss(glass.full((5,), float(g), dtype=glass.float64), _target).item() for g in _guesses])
        _best[_title] = _guesses[_costs.argmin()]
        _ax.plot(_guesses, _costs, color=_color, label=_title)
        _ax.scatter([_best[_title]], [_costs.min()], color=_color, s=44, zorder=3)
    _ax.scatter(_values, np.full(5, -1.5), color=kit.BLUE, s=32, marker="|", linewidths=2.5)
    _ax.set(xlim=(-0.3, 12.3), ylim=(-3, 30), xlabel="guess", ylabel="mean cost")
    _ax.legend(loc="upper center", frameon=False, fontsize=8.5)
    kit.row(
        kit.html(_fig, f"Squared error is least at {_best['squared']:.1f}, absolute error at {_best['absolute']:.1f}"),
        kit.md(
            rf"""
            The squared error is least at **{_best["squared"]:.1f}**, the mean of the five. The absolute error is
            least at **{_best["absolute"]:.1f}**, their median, which a single value cannot drag along.

            $$\text{{MSE}} = \frac{{1}}{{n}} \sum_i (\hat y_i - \blue{{y_i}})^2$$

            Its slope is $2(\hat y - y)/n$: the further off, the harder it pulls.
            """
        ),
    )
    return


@app.cell
def _():
    _shares = (0.9, 0.5, 0.1, 0.01, 0.001)
    _costs = {p: F.nll_loss(glass.tensor([[np.log(p)]]), glass.tensor([0])).item() for p in _shares}
    _logits, _truth = glass.tensor([[2.0, 1.0, -1.0]]).requires_grad_(), glass.tensor([1])
    F.cross_entropy(_logits, _truth).backward()
    _said, _pull = F.softmax(_logits.detach(), dim=1).numpy()[0], _logits.grad.numpy()[0]
    _asked = [f"| {p:g} | {value:.2f} |" for p, value in _costs.items()]
    _head = ["| class | said | true | slope |", "|---|--:|--:|--:|"]
    _rows = zip(("cat", "dog", "fox"), _said, (0, 1, 0), _pull)
    _pulled = [f"| {name} | {said:.2f} | {true} | {slope:+.2f} |" for name, said, true, slope in _rows]
    kit.row(
        kit.md(
            r"""
            ### Cross-entropy: the price of surprise

            It takes the probability that the model gave to what then happened, and asks for $-\ln p$. Sure and right is
            free. Unsure is cheap. **Sure and wrong is ruinous.** With many classes it is the same, after softmax.

            And its slope, as the last sums feel it, is as simple as can be: *what you said, minus what was true*.
            """
        ),
        kit.md("\n".join(["| probability of the truth | cost |", "|--:|--:|", *_asked, "", *_head, *_pulled])),
    )
    return


@app.cell
def _():
    _mse = {"return d * d": "The distance, squared; its slope is twice the distance, with opposite signs for the two."}
    _bce = {"log_yes, log_no = ": "Not ln of σ(x): for a score of −1000 σ is 0, and ln 0 is no number to go on with."}
    _hinge = {"clamp_min(mul": "With input2 = 0 and margin = 1 this is max(0, 1 − y·score), the hinge."}
    _words = kit.section("Read", "All three, from the file that PyTorch's own samples judge.")
    _losses = "glass/nn/functional/loss.py"
    _code = [
        kit.read(_losses, notes, part=name) for name, notes in (("_squared_error", _mse), ("_bce_with_logits", _bce))
    ]
    _code.append(kit.read("margin_ranking_loss", _hinge))
    mo.vstack([_words, *_code])
    return


@app.cell
def _():
    _words = kit.section(
        "Break it, mend it",
        """
        Squared error on a *probability* looks harmless. Start a neuron sure and wrong: the truth is blue, its score is
        far below zero. The square of 1 − p has almost no slope there: the sigmoid is flat, and the flatness multiplies
        the blame. The worst mistake learns least. **Mend it** with the switch.
        """,
    )
    start = mo.ui.slider(-10, 0, 1, value=-8, label="score at the start", show_value=True)
    mended = mo.ui.switch(label="cross-entropy instead")
    mo.vstack([_words, mo.hstack([start, mended], justify="start", gap=2, wrap=True)])
    return mended, start


@app.cell
def _(mended, start):
    _title = "cross-entropy" if mended.value else "squared error"
    _shares, _first = descend(_title, start.value)
    _fig, _ax = kit.figure(height=2.5)
    _ax.plot(_shares, color=COLORS[_title], linewidth=2.4)
    _ax.set(ylim=(-0.05, 1.05), yticks=[0, 0.5, 1], xlabel="steps", ylabel="probability of the truth")
    _squared, _entropy = r"{(1-p)^2} = -2(1-p)\cdot p(1-p)", r"{(-\ln p)} = p - 1"
    kit.row(
        kit.html(_fig, f"{_title}: from {_shares[0]:.4f} to {_shares[-1]:.4f} in {len(_shares)} steps"),
        kit.md(
            rf"""
            | {_title} | |
            |---|--:|
            | probability at the start | {_shares[0]:.5f} |
            | slope at the start | {_first:.5f} |
            | probability after {len(_shares)} steps | **{_shares[-1]:.5f}** |

            $$\frac{{\partial}}{{\partial s}}{_entropy if mended.value else _squared}$$
            """
        ),
    )
    return


@app.cell
def _():
    _exercise = kit.exercise("hinge")
    mo.vstack([kit.section("Check yourself"), _exercise])
    return


@app.cell
def _():
    _p = 0.25
    _right = F.nll_loss(glass.tensor([[np.log(_p)]]), glass.tensor([0])).item()
    _pulls = {title: abs(float(cost(title, [1.5])[1][0])) for title in LOSSES}
    _number = kit.answer(
        f"Four classes, each given the same probability, {_p:g}. What does cross-entropy ask, whatever the truth is?",
        _right,
        name="surprise",
        slips={
            1 - _p: "That is 1 − p: how far off, not how surprised. It is −ln p.",
            -_right: "The sign: ln of something below 1 is negative, and the cost is −ln p.",
            -np.log2(_p): "That is in bits, with the logarithm to base 2; here it is the natural one.",
        },
        because="An untrained classifier of K classes starts near ln K: a good first check of your own.",
        hint="−ln 0.25 = ln 4.",
        solution=f"−ln {_p:g} = {_right:.4f}",
        tolerance=0.005,
    )
    _options = {title: (pull > 0, f"Its slope there has size {pull:.2f}.") for title, pull in _pulls.items()}
    _question = "A point is right, with a margin of 1.5. Which losses still move the line because of it?"
    mo.vstack([_number, kit.choose(_question, _options, name="pulls", several=True)], gap=1.5)
    return


@app.cell
def _():
    _words = kit.section(
        "Run",
        "You seldom choose the loss by hand: the kind of target does. The first target is a number, so the loss is "
        "squared error; the second is one of two classes, so it is cross-entropy. Each stands beside that of guessing.",
    )
    mo.vstack([_words, kit.row(*(kit.run_command(command) for command in LESSON["runs"]))])
    return


@app.cell
def _():
    _sources = kit.sources(
        ("Stigler (1981), Gauss and the Invention of Least Squares", "https://doi.org/10.1214/aos/1176345451"),
        (
            "Good (1952), Rational Decisions (the logarithm as a score)",
            "https://doi.org/10.1111/j.2517-6161.1952.tb00104.x",
        ),
        ("Cortes and Vapnik (1995), Support-Vector Networks", "https://doi.org/10.1007/BF00994018"),
    )
    _onward = kit.next_lesson(LESSON, "One neuron can now be told what is wrong. Next: many of them, in layers.")
    mo.vstack([_sources, _onward])
    return


if __name__ == "__main__":
    app.run()
