"""Lesson 4: probability. One ball is a surprise, a thousand a shape; averages calm down; what a clue is worth."""

import marimo

app = marimo.App(width="medium", app_title="Probability", css_file="../course/pages/lesson.css")

with app.setup:
    from math import comb, pi

    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit

    LESSON = {
        "title": "Probability",
        "question": "What can you know about chance?",
        "part": "Before we begin",
        "minutes": 20,
        "reads": ["var", "normal"],
        "runs": ["deepglass check diabetes"],
    }

    ROWS = 8  # of pegs
    ROOM = np.linspace(-3.5, 3.5, 141)
    SPREADS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


@app.function
def falls(balls, seed=0):
    """Where balls are after each row of pegs, (balls, ROWS + 1): at every peg one half goes left, one half right."""
    glass.manual_seed(seed)
    steps = (glass.rand(balls, ROWS) < 0.5).numpy() * 1.0 - 0.5
    return np.column_stack([np.zeros(balls), steps.cumsum(1)])


@app.function
def piles():
    """The probability of each of the ROWS + 1 bins: in how many ways a ball can get there, of all ways."""
    return np.array([comb(ROWS, k) for k in range(ROWS + 1)]) / 2**ROWS


@app.function
def density(name, x):
    """How thick chance lies at x, in units of probability for each unit of x."""
    x = np.asarray(x, dtype=float)
    return {
        "normal": np.exp(-x * x / 2) / np.sqrt(2 * pi),
        "uniform": (np.abs(x) <= np.sqrt(3)) / (2 * np.sqrt(3)),
        "exponential": np.where(x >= -1, np.exp(-np.maximum(x + 1, 0)), 0),
        "Cauchy": 1 / (pi * (1 + x * x)),
    }[name]


@app.function
def draw(name, *size, seed=0):
    """Numbers from a distribution, made from the engine's uniform ones: mean 0 and variance 1, but for Cauchy's."""
    glass.manual_seed(seed)
    if name == "normal":
        return glass.randn(*size, dtype=glass.float64).numpy()
    u = glass.rand(*size, dtype=glass.float64).numpy()
    if name == "Cauchy":
        return np.tan(pi * (u - 0.5))
    return (2 * u - 1) * np.sqrt(3) if name == "uniform" else -np.log1p(-u) - 1


@app.function
def spread_of_averages(name, n, count=1000, seed=0):
    """How far averages of n numbers scatter: the standard deviation of a thousand of them."""
    return draw(name, count, n, seed=seed).mean(1).std()


@app.cell
def _():
    kit.opening(
        LESSON,
        "A ball falls through eight rows of pegs. At each it goes left or right, and nobody knows which. Watch what "
        "becomes of not knowing, when there are many of them.",
    )
    return


@app.cell
def _():
    _paths, _counts = falls(4096), [2**k for k in range(13)]
    _fig, (_above, _below) = kit.figure(height=4.4, rows=2, sharex=True, height_ratios=[1.25, 1])
    for _row in range(ROWS):
        _above.scatter(np.arange(_row + 1) - _row / 2, np.full(_row + 1, -_row), s=12, color=kit.GREY, linewidths=0)
    _ways = [_above.plot([], [], color=kit.BLUE, linewidth=1.5, alpha=0.6)[0] for _ in range(6)]
    _bins = np.arange(ROWS + 1) - ROWS / 2
    _bars = _below.bar(_bins, np.zeros(ROWS + 1), color=kit.BLUE, width=0.8, alpha=0.75)
    _below.plot(_bins, piles(), color=kit.ORANGE, marker="o", markersize=4)
    _above.set(xlim=(-4.6, 4.6), ylim=(-ROWS - 0.2, 0.8), yticks=[])
    _below.set(ylim=(0, 0.52), yticks=[0, 0.25, 0.5], yticklabels=["0", "25 %", "50 %"], xlabel="where they end")

    def change(number):
        count = _counts[number]
        ends = _paths[:count, -1]
        for way, path in zip(_ways, _paths[max(0, count - 6) : count]):
            way.set_data(path, -np.arange(ROWS + 1) + 0.3)
        for bar, place in zip(_bars, _bins):
            bar.set_height((ends == place).mean())
        balls = "1 ball" if count == 1 else f"{count:,} balls"
        return f"{balls}: mean {ends.mean().round(2) + 0:.2f}, variance {ends.var():.2f}".replace("-", "−")

    _p = piles()
    _mean, _variance = (_p * _bins).sum(), (_p * _bins**2).sum()
    kit.levels(
        kit.film(kit.frames(_fig, change, len(_counts)), label="How many balls", seconds=0.7),
        kit.md(
            f"""
            | ends at | ways, of {2**ROWS} | <span class="orange">probability</span> |
            |--:|--:|--:|
            | 0 | {comb(ROWS, 4)} | {_p[4]:.1%} |
            | 1 or −1 | {2 * comb(ROWS, 3)} | {2 * _p[3]:.1%} |
            | 2 or −2 | {2 * comb(ROWS, 2)} | {2 * _p[2]:.1%} |
            | 3 or −3 | {2 * comb(ROWS, 1)} | {2 * _p[1]:.1%} |
            | 4 or −4 | {2 * comb(ROWS, 0)} | {2 * _p[0]:.1%} |
            """
        ),
        kit.md(
            rf"""
            **Expectation**, where it balances: $\;E[x] = \sum_x x \, \orange{{p(x)}} = {_mean:g}$

            **Variance**, how far it scatters: $\;\sum_x (x - E[x])^2 \, \orange{{p(x)}} = {_variance:g}$
            """
        ),
    )
    return


@app.cell
def _():
    _four, _sixteen = (spread_of_averages("uniform", n) for n in (16, 64))
    kit.guess(
        "You average 16 measurements. The average is off by some amount, now too high, now too low. How many do you "
        "need so that it is off by <i>half</i> as much?",
        ["32: twice as many", "64: four times as many", "256: sixteen times as many"],
        f"64. We tried it a thousand times: averages of 16 scatter by {_four:.3f}, averages of 64 by {_sixteen:.3f}. "
        "Four times the work for half the error, a hundred times for a tenth: chance is paid in squares.",
    )
    return


@app.cell
def _():
    _words = kit.section(
        "See",
        """
        Nobody can say where *one* ball ends. But where **all** of them end is nearly fixed: a **distribution**, a
        probability for every outcome, which add up to 1. Numbers that can be anything have a *density* instead: the
        probability of an interval is the area above it. Here are three of the same mean 0 and variance 1, and now
        average some draws from each:
        """,
    )
    kind = mo.ui.radio(["uniform", "exponential", "normal"], value="exponential", label="Draw from", inline=True)
    many = mo.ui.slider(steps=list(SPREADS), value=4, label="and average so many", show_value=True)
    mo.vstack([_words, kit.after_guess(mo.hstack([kind, many], justify="start", gap=2, wrap=True))])
    return kind, many


@app.cell
def _(kind, many):
    _averages = draw(kind.value, 1000, many.value).mean(1)
    _fig, (_above, _below) = kit.figure(height=4.0, rows=2, sharex=True)
    _above.fill_between(ROOM, density(kind.value, ROOM), color=kit.BLUE, alpha=0.3, linewidth=0)
    _above.plot(ROOM, density(kind.value, ROOM), color=kit.BLUE)
    _bell = density("normal", ROOM * np.sqrt(many.value)) * np.sqrt(many.value)
    _below.hist(_averages, bins=np.linspace(-3.5, 3.5, 71), density=True, color=kit.GREEN, alpha=0.7)
    _below.plot(ROOM, _bell, color=kit.ORANGE)
    _above.set(ylim=(0, 1.05), yticks=[0, 0.5, 1], ylabel="one draw")
    _below.set(xlim=(-3.5, 3.5), yticks=[], ylabel=f"mean of {many.value}" if many.value > 1 else "one draw")
    _row = kit.row(
        kit.html(_fig, f"A thousand averages of {many.value} {kind.value} numbers scatter by {_averages.std():.3f}"),
        kit.md(
            rf"""
            A thousand averages of {many.value} scatter by <span class="green">{_averages.std():.3f}</span>. Promised:

            $$\frac{{\sigma}}{{\sqrt{{n}}}} = \frac{{1}}{{\sqrt{{{many.value}}}}} = {1 / np.sqrt(many.value):.3f}$$

            And see their *shape*. Whatever you begin with, lopsided or flat, as long as it has a variance and the draws
            know nothing of each other: the averages of many come to look like the <span class="orange">bell</span>, the
            **normal** distribution. This is the central limit theorem, and why the balls above did so: each adds up
            eight little coins.
            """
        ),
    )  # fmt: skip
    kit.after_guess(_row, silently=True)
    return


@app.cell
def _():
    _fig, _ax = kit.figure(height=3.0)
    _measured = {name: [spread_of_averages(name, n) for n in SPREADS] for name in ("uniform", "exponential", "normal")}
    _ax.plot(SPREADS, 1 / np.sqrt(SPREADS), color=kit.ORANGE, label="σ/√n")
    for (_name, _values), _color, _mark in zip(_measured.items(), (kit.BLUE, kit.GREEN, kit.PINK), "os^"):
        _ax.plot(SPREADS, _values, _mark, color=_color, markersize=5, label=_name)
    _ax.set(xscale="log", yscale="log", xlabel="numbers in an average", ylabel="how far they scatter")
    _ax.legend()
    _off = max(abs(v * np.sqrt(n) - 1) for values in _measured.values() for v, n in zip(values, SPREADS))
    _row = kit.row(
        kit.md(
            f"""
            ### The law holds for all three

            On paper whose both axes count in powers, one over root *n* is a straight line. No point is further from it
            than {_off:.0%}.

            A network learns from **batches**: a gradient averaged over 32 examples instead of all. It scatters like the
            gradient of a single example, divided by root 32. This is why small batches are noisy, why 128 are half as
            noisy, and why a score on 100 test rows deserves less trust than one on 10,000.
            """
        ),
        kit.html(_fig, "Scatter of averages against their size: all on the line one over root n"),
    )
    kit.after_guess(_row, silently=True)
    return


@app.function
def crowd(one_in, finds, alarms, people=1000):
    """Of so many people, how many to expect: ill and flagged, well and flagged, ill and missed, well and cleared."""
    ill = people / one_in
    return np.array([ill * finds, (people - ill) * alarms, ill * (1 - finds), (people - ill) * (1 - alarms)])


@app.function
def ill_if_flagged(one_in, finds, alarms):
    """Bayes: P(ill | flagged), from P(ill), P(flagged | ill) and P(flagged | well)."""
    prior = 1 / one_in
    return finds * prior / (finds * prior + alarms * (1 - prior))


@app.cell
def _():
    one_in = mo.ui.slider(steps=[2, 5, 10, 20, 50, 100], value=50, label="ill: one in", show_value=True)
    finds = mo.ui.slider(0.5, 1, 0.05, value=0.9, label="the test flags so many of the ill", show_value=True)
    alarms = mo.ui.slider(0.01, 0.3, 0.01, value=0.1, label="and so many of the well", show_value=True)
    _words = kit.md(
        """
        ### What a clue is worth

        A test flags 90 % of the ill. You are flagged. Is it 90 % sure that you are ill? That would answer another
        question. Look at a thousand people: those with the flag stand above the line, and only they count now.
        """
    )
    mo.vstack([_words, mo.hstack([one_in, finds, alarms], justify="start", gap=2, wrap=True)])
    return alarms, finds, one_in


@app.cell
def _(alarms, finds, one_in):
    _asked = one_in.value, finds.value, alarms.value
    _counts = crowd(*_asked).round().astype(int)
    _counts[3] = 1000 - _counts[:3].sum()
    _people = np.repeat([1.0, -0.9, 0.7, -0.48], _counts)
    _flagged, _wide = _counts[:2].sum(), 40
    _gap = -_flagged % _wide  # the others begin in a row of their own
    _cells = np.concatenate([_people[:_flagged], np.zeros(_gap), _people[_flagged:]])
    _cells = np.append(_cells, np.zeros(-len(_cells) % _wide)).reshape(-1, _wide)
    _fig, _ax = kit.figure(height=3.1)
    _ax.imshow(_cells, cmap=kit.MORE_AND_LESS, vmin=-1, vmax=1, aspect="auto")
    _ax.vlines(np.arange(0.5, _wide - 1), -0.5, len(_cells) - 0.5, color=kit.BACKGROUND, linewidth=0.8)
    _ax.hlines(np.arange(0.5, len(_cells) - 1), -0.5, _wide - 0.5, color=kit.BACKGROUND, linewidth=0.8)
    _ax.axhline((_flagged + _gap) / _wide - 0.5, color=kit.INK, linewidth=1.8)
    _ill = np.argwhere(_cells > 0)
    _ax.scatter(_ill[:, 1], _ill[:, 0], s=5, color=kit.INK, linewidths=0)
    _upper = (_flagged + _gap) / _wide
    _ax.set(xticks=[], yticks=[_upper / 2 - 0.5, (_upper + len(_cells)) / 2 - 0.5], yticklabels=["flag", "no flag"])
    _prior, _posterior = 1 / one_in.value, ill_if_flagged(*_asked)
    _told = f"{_counts[0]} ill and {_counts[1]} well people are flagged; {_counts[2]} ill ones are missed"
    kit.levels(
        kit.html(_fig, _told, "Above the line: flagged. Blue with a dot: ill. Orange: well."),
        kit.md(
            f"""
            | of 1,000 | ill | well |
            |---|--:|--:|
            | flagged | {_counts[0]} | {_counts[1]} |
            | not flagged | {_counts[2]} | {_counts[3]} |

            Of {_flagged} who are flagged, {_counts[0]} are ill: **{_posterior:.0%}**. Before the test it was
            {_prior:.0%}.
            """
        ),
        kit.md(
            rf"""
            $$P(\text{{ill}} \mid \text{{flag}}) = \frac{{P(\text{{ill and flag}})}}{{P(\text{{flag}})}}$$

            $$= \frac{{\blue{{{_prior * finds.value:.3f}}}}}{{\blue{{{_prior * finds.value:.3f}}} +
            \orange{{{(1 - _prior) * alarms.value:.3f}}}}} = {_posterior:.2f}$$
            """
        ),
    )
    return


@app.cell
def _():
    kit.md(
        r"""
        $P(A \mid B)$, "A given B", is a **conditional probability**: the share of A among those of whom B is true. It
        is not $P(B \mid A)$. What joins the two is **Bayes' rule**,

        $$P(A \mid B) = \frac{P(B \mid A)\,P(A)}{P(B)}$$

        where $P(A)$ is what you knew before the clue. Make the illness rarer, and the very same test is worth less. If
        the test flagged as many of the well as of the ill, the clue would tell nothing: $P(A \mid B) = P(A)$, the two
        are **independent**. A classifier's output is a conditional probability, of the class given the input; lesson 19
        asks what its flags are worth where one in a hundred is ill.
        """
    )
    return


@app.cell
def _():
    _words = kit.section("Read", "Where the engine's chance comes from, and how it measures scatter.")
    _bell = kit.read(
        "glass/ops/random.py",
        {"radius, angle =": "Two uniform numbers become a distance and a direction; both sides are normal."},
        part="_box_muller",
    )
    _scatter = kit.read(
        "glass/ops/reduce.py",
        {
            "free, wide =": "Divided by n − 1: the mean came from the same numbers, and lies too near to them.",
            "mean = ": "Each number's distance from the mean …",
            "y = np.square(wide - mean)": "… squared and averaged.",
        },
        part="_var",
    )
    mo.vstack([_words, _bell, _scatter])
    return


@app.cell
def _():
    _words = kit.section(
        "Break it, mend it",
        """
        Draw from the **Cauchy** distribution. It looks like a bell. But its tails are fat: now and then comes a number
        of thousands. Five people average more and more draws. Does any of them come to rest? **Mend it**: sort the
        numbers and take the one in the middle, the *median*.
        """,
    )
    tails = mo.ui.radio(["Cauchy", "normal"], value="Cauchy", label="Draw from", inline=True)
    middle = mo.ui.switch(label="take the median instead of the mean")
    mo.vstack([_words, mo.hstack([tails, middle], justify="start", gap=2, wrap=True)])
    return middle, tails


@app.function
def settling(name, takes_median, people=5, most=10_000):
    """What each of some people has found after more and more draws: how many, and (people, moments)."""
    moments = np.unique(np.geomspace(10, most, 60).astype(int))
    draws = draw(name, people, most, seed=3)
    find = np.median if takes_median else np.mean
    return moments, np.array([find(draws[:, :n], axis=1) for n in moments]).T


@app.cell
def _(middle, tails):
    _moments, _found = settling(tails.value, middle.value)
    _fig, _ax = kit.figure(height=3.2)
    for _person, _color in zip(_found, (kit.BLUE, kit.ORANGE, kit.GREEN, kit.PINK, kit.GOLD)):
        _ax.plot(_moments, _person.clip(-9, 9), color=_color, linewidth=1.5)
    _ax.set(xscale="log", ylim=(-6, 6), xlabel="draws", ylabel="median" if middle.value else "mean")
    _apart = np.ptp(_found[:, -1])
    _moral = (
        "The law σ/√n promises calm only where there is a σ. The Cauchy distribution has none: the average of a "
        "thousand draws scatters as much as a single one."
        if tails.value == "Cauchy" and not middle.value
        else "They meet. The middle does not care how far out the far ones are."
        if middle.value
        else "They meet, as one over root n says they must."
    )
    kit.row(
        kit.html(_fig, f"What five people found; after {_moments[-1]:,} draws they are {_apart:.2f} apart"),
        kit.md(
            f"""
            After {_moments[-1]:,} draws the five are **{_apart:.2f}** apart.

            {_moral}

            Data can have fat tails too: a sensor that fails, a price with a zero too many. One such row can drag a
            mean, and a squared error, wherever it likes. Lesson 9 meets losses that keep calm.
            """
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    _exercise = kit.exercise("moments")
    _sigma, _n = 2.0, 100
    _number = kit.answer(
        f"Measurements scatter with σ = {_sigma:g}. How far do averages of {_n} of them scatter?",
        _sigma / np.sqrt(_n),
        name="standard error",
        slips={_sigma / _n: "Divide by the root of n.", _sigma**2 / _n: "That is the variance: take its root."},
        hint="σ/√n",
        solution=f"{_sigma:g} / √{_n} = {_sigma / np.sqrt(_n):g}",
    )  # fmt: skip
    _spam, _other, _all_spam = 50, 10, 200
    _clue = kit.answer(
        f"Of 1,000 mails {_all_spam} are spam. The word “prize” is in {_spam} of the spam mails and in {_other} of the "
        "others. A mail holds “prize”. How probable is it that it is spam? (Two decimals.)",
        _spam / (_spam + _other),
        name="spam",
        slips={
            _spam / _all_spam: "That is how many of the spam mails hold the word: asked the other way round.",
            (_spam + _other) / 1000: "So many of all mails hold the word.",
            _all_spam / 1000: "That is what you knew before you saw the word.",
            _spam / 1000: "So many of all mails are both; divide by how many hold the word.",
        },
        hint="Take only the mails that hold the word. How many of them are spam?",
        solution=f"{_spam} / ({_spam} + {_other}) = {_spam / (_spam + _other):.3f}",
        tolerance=0.006,
    )
    mo.vstack([kit.section("Check yourself"), _exercise, _number, _clue])
    return


@app.cell
def _():
    _words = kit.section(
        "Run",
        "Before anything is learned, look at what your columns hold: from where to where they go, how many different "
        "values, what is missing. Here it is the table of diabetes patients; put your own file in its place.",
    )
    _sources = kit.sources(
        ("Bayes (1763), An essay towards solving a problem", "https://doi.org/10.1098/rstl.1763.0053"),
        ("Galton (1889), Natural Inheritance", "https://galton.org/books/natural-inheritance/"),
        ("Gigerenzer and Hoffrage (1995), Bayesian reasoning", "https://doi.org/10.1037/0033-295X.102.4.684"),
        ("Box and Muller (1958), Random normal deviates", "https://doi.org/10.1214/aoms/1177706645"),
        ("Deisenroth, Faisal and Ong (2020), Mathematics for Machine Learning", "https://mml-book.github.io/"),
    )
    _next = kit.next_lesson(LESSON, "Numbers, slopes and chance: that is all the mathematics. Now the first neuron.")
    mo.vstack([_words, kit.run_command(*LESSON["runs"]), _sources, _next])
    return


if __name__ == "__main__":
    app.run()
