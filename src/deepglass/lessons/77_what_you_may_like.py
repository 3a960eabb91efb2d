"""Lesson 77: what you may like. A table with holes, two hidden numbers each, and a list that makes its own winners."""

import marimo

app = marimo.App(width="medium", app_title="What you may like", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.evaluate.metrics.recommendation import ndcg
    from deepglass.glass.classic import Factorisation
    from deepglass.glass.classic.factorisation import solve

    LESSON = {
        "title": "What you may like",
        "question": "How does a machine know what somebody likes, who never said why?",
        "part": "In the world",
        "minutes": 20,
        "reads": ["glass/classic/factorisation.py", "rivals/ease.py", "tasks/recommendation.py"],
        "runs": [
            "deepglass train film-ratings --task recommendation --epochs 4 --run runs/films",
            'deepglass recommend runs/films "user 7" --count 5',
        ],
    }

    PEOPLE = ("Ana", "Ben", "Chi", "Dua", "Eli", "Fay", "Gus", "Hana", "Ivo", "Jun")
    FILMS = ("Harbour", "Letter", "Garden", "Engine", "Thunder", "Circus", "Mirror", "Orbit", "Dust", "Tango", "Ice",
             "Kite")  # fmt: skip
    KNOWN, NOISE, PENALTY = 0.55, 0.25, 0.4  # share of the table that is known; of a liking; of the factorisation
    MOMENTS = (0, 1, 2, 3, 4, 6, 10, 20)  # half turns of the film
    STEPS = tuple(float(step) for step in np.arange(-4, 5) / 2)  # where a hand may put a number
    NEWCOMERS, MOST_KNOWN = 200, 8  # people whom nobody knows; likings that they tell
    SHELF, SHOWN, VISITORS, WORLDS = 20, 5, 1000, 100  # films of the bubble, of a list; who comes; beginnings
    BETTER, BEST = 3.0, 0  # how much better the best film is liked, and which it is
    SHARES = (0.0, 0.05, 0.1, 0.2, 0.5)  # of visitors who see a list by lot
    ORDERS = ("what most took", "what most took of those who saw it")  # by which a list is made
    DOUBT = 5  # showings by which a film that was hardly shown is taken down


@app.function
@cache
def truth():
    """(10, 2) what every person likes, and (12, 2) what every film has: nobody in this lesson is told."""
    generator = np.random.default_rng(4)
    return generator.normal(size=(len(PEOPLE), 2)), generator.normal(size=(len(FILMS), 2))


@app.function
@cache
def table():
    """(10, 12) how much everybody would like every film, and which cells are known."""
    people, films = truth()
    generator = np.random.default_rng(11)
    whole = people @ films.T + NOISE * generator.normal(size=(len(PEOPLE), len(FILMS)))
    return whole, generator.random(whole.shape) < KNOWN


@app.function
@cache
def factorised():
    """The two tables of numbers that the known cells lead to."""
    whole, is_known = table()
    return Factorisation(2, PENALTY, n_iter=10).fit(np.where(is_known, whole, np.nan))


@app.function
def off(made, of_known):
    """Root of the mean squared error of the known cells, or of the hidden ones."""
    whole, is_known = table()
    return float(np.sqrt(np.square(made - whole)[is_known == of_known].mean()))


@app.function
def film():
    """The table with its holes, then as the numbers fill it, turn by turn."""
    whole, is_known = table()
    first = f"What is known: {is_known.sum()} of {is_known.size} cells. Pale ones are holes."
    for step in MOMENTS:
        P, Q = factorised().history_[step]
        made = np.where(is_known, whole, 0.0) if step == 0 else P @ Q.T
        told = f"Half turn {step}: off by {off(made, True):.2f} in known cells, by {off(made, False):.2f} in the holes."
        yield kit.matrix(
            made, PEOPLE, FILMS, numbers=False, signed=True, width=5.0,
            label="How much everybody likes every film: blue is liked, orange is not", caption=told if step else first,
        )  # fmt: skip


@app.function
@cache
def bubble(by_lot, order_by=ORDERS[0]):
    """(WORLDS, SHELF) how many visitors took each film, in worlds that begin alike but for luck.

    A visitor sees the first films of an order, or, with this share, a list by lot; and takes one of the list, the best
    film with BETTER times the chance of another.
    """
    generator = np.random.default_rng(0)
    taken, seen = np.zeros((WORLDS, SHELF)), np.zeros((WORLDS, SHELF))
    appeal, worlds = np.where(np.arange(SHELF) == BEST, BETTER, 1.0), np.arange(WORLDS)[:, None]
    luck = generator.random((WORLDS, SHELF))  # who stands before whom while nobody has come
    for _ in range(VISITORS):
        is_by_lot = generator.random((WORLDS, 1)) < by_lot
        merit = taken if order_by == ORDERS[0] else taken / (seen + DOUBT)
        rank = np.where(is_by_lot, generator.random(taken.shape), -merit - 1e-6 * luck)
        listed = np.argsort(rank, axis=1)[:, :SHOWN]
        seen[worlds, listed] += 1
        chances = appeal[listed].cumsum(axis=1)
        place = (generator.random((WORLDS, 1)) * chances[:, -1:] > chances).sum(axis=1)
        taken[worlds[:, 0], listed[worlds[:, 0], place]] += 1
    return taken


@app.function
def wins(by_lot, order_by=ORDERS[0]):
    """Share of the worlds in which the best film was taken most."""
    return float((bubble(by_lot, order_by).argmax(axis=1) == BEST).mean())


@app.cell
def _():
    kit.opening(
        LESSON,
        "Ten people, twelve films. Nobody has seen all of them, so the table has holes. Watch it fill: every person "
        "and every film gets **two numbers**, and a cell is made of the two of its row and the two of its column. No "
        "film was described, and no one has said why.",
        kit.film(film(), label="Half turns of the factorisation", seconds=1.0, width=5.0),
        kit.guess(
            f"Another place: {SHELF} films, one of them liked {BETTER:.0f} times as well as any other. Whoever comes "
            f"is shown the {SHOWN} films that most have taken so far, and takes one of these. At first the list is by "
            f"luck. {VISITORS:,} people come, and the whole is begun anew {WORLDS} times. How often does the best film "
            "end on top?",
            ["Nearly always: quality wins in the end", "About once in four times", "About half of the times"],
            f"In {wins(0.0):.0%} of the beginnings: those in which luck had put it on the first list, {SHOWN} places "
            f"of {SHELF}. Elsewhere nobody ever saw it. The list shows what was taken, and what was taken is what the "
            "list had shown.",
        ),
    )
    return


@app.cell
def _():
    first = kit.slider("Your first number a₁", STEPS, 1.5)
    second = kit.slider("Your second number a₂", STEPS, -0.5)
    kit.text(
        r"""
        ## Two numbers each {#see}

        Here are the films where the factorisation has put them. Be the eleventh person: **your two numbers are a
        direction**. Films that lie along it you would like; films behind you, you would not; what lies to the side
        leaves you cold. Turn it.

        {first} {second}
        """,
        first=first,
        second=second,
    )
    return first, second


@app.cell
def _(first, second):
    _you, _films = np.array([first.value, second.value]), factorised().columns_
    _scores = _films @ _you
    _best = int(_scores.argmax())
    _is_liked, _is_other = _scores > 0, np.arange(len(FILMS)) != _best
    _order = np.argsort(-_scores, kind="stable")
    kit.levels(
        kit.scatter(
            {"liked": _films[_is_liked & _is_other], "not liked": _films[~_is_liked & _is_other],
             FILMS[_best]: _films[[_best]]},
            lines={"you": np.array([[0.0, 0.0], _you])},
            colors={"liked": kit.BLUE, "not liked": kit.ORANGE, FILMS[_best]: kit.GREEN, "you": kit.INK},
            xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), width=4.2, label="The films, and the direction that you like",
            caption=f"First on your list: {FILMS[_best]}; last: {FILMS[int(_order[-1])]}.",
        ),
        {FILMS[int(place)]: float(_scores[place]) for place in [*_order[:3], *_order[-2:]]},
        r"""
        $$\text{liking} = \orange{a_1} \blue{b_1} + \orange{a_2} \blue{b_2}$$

        For {name}, the first on your list:

        $$\orange{{a1}} \cdot \blue{{b1}} + \orange{{a2}} \cdot \blue{{b2}}$$

        $$= {score}$$

        Twice as far from the middle is twice as sure; the direction is the taste.
        """,
        name=FILMS[_best], a1=f"{_you[0]:.2f}", a2=f"({_you[1]:.2f})", b1=f"({_films[_best, 0]:.2f})",
        b2=f"({_films[_best, 1]:.2f})", score=f"{_scores[_best]:.2f}",
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## By turns {#read}

        If the numbers of all films were known, those of a person would be a small regression: find the direction that
        explains what this person said. If the people were known, the same would find a film. Neither is known; so they
        **take turns**. The people settle, the films settle, and after a few turns nobody moves.

        {solve} {ease}
        """,
        solve=kit.read(
            "glass/classic/factorisation.py",
            {
                "known = np.isfinite(row)": "Holes say nothing, and are not asked.",
                "found[u] = np.linalg.solve": "A ridge regression: the penalty keeps those near 0 who said little.",
            },
            part="solve",
        ),
        ease=kit.read(
            "rivals/ease.py",
            {
                "half = found.directions": "As many numbers as there are people; weak ones are shrunk.",
                "given = half /": "The closed form of EASE, the simple method that is hard to beat.",
            },
            part="fit",
        ),
    )
    return


@app.function
@cache
def newcomers():
    """(MOST_KNOWN + 1,) how far the rest is off, once a new person has told so many likings; mean over NEWCOMERS."""
    generator = np.random.default_rng(2)
    films = factorised().columns_
    likings = generator.normal(size=(NEWCOMERS, 2)) @ truth()[1].T
    likings += NOISE * generator.normal(size=likings.shape)
    order = generator.random(likings.shape).argsort(axis=1)
    found = []
    for count in range(MOST_KNOWN + 1):
        told = np.full(likings.shape, np.nan)
        np.put_along_axis(told, order[:, :count], np.take_along_axis(likings, order[:, :count], axis=1), axis=1)
        made = solve(told, films, PENALTY) @ films.T
        rest = order[:, MOST_KNOWN:]
        wrong = np.take_along_axis(made - likings, rest, axis=1)
        found.append(float(np.sqrt(np.square(wrong).mean())))
    return np.array(found)


@app.cell
def _():
    told = kit.slider("Likings that a new person has told", range(MOST_KNOWN + 1), 2)
    kit.text(
        """
        ## Nobody knows you yet {#cold-start}

        Of somebody new nothing is known, and zero is all that a regression on nothing can say: then the honest list is
        **what is popular**. How many answers does it take? Move on, liking by liking. The films stay where they are;
        only the two numbers of the new person are found.

        {told}
        """,
        told=told,
    )
    return (told,)


@app.cell
def _(told):
    _off = newcomers()
    _now = int(told.value)
    kit.row(
        kit.curves(
            {"off": _off, "now": ([_now], [_off[_now]])}, points={"now"}, whole=True, ylim=(0, None),
            xlabel="likings told", ylabel="error of the other films", colors={"now": kit.ORANGE},
            label=f"How far {NEWCOMERS} new people are mistaken",
            caption=f"After {_now}: off by {_off[_now]:.2f}; with nothing told by {_off[0]:.2f}.",
        ),
        kit.text(
            """
            The first answers are worth most, and after about as many as there are hidden numbers, and a few against the
            noise, there is little left to learn. With thousands of films there are more than two numbers; then it takes
            more answers.
            """
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    by_lot = kit.slider("Share of visitors who see a list by lot", SHARES, 0.0)
    order_by = mo.ui.radio(list(ORDERS), value=ORDERS[0], label="The others see", inline=True)
    kit.text(
        """
        ## The list makes its winners {#break-it-mend-it}

        Back to the place with the list of the most taken. Each row below is a world that began anew, each column a
        film; **the first column is the best film**. There are two things that can be changed. Change them one by one,
        then both, and look at the first column.

        {by_lot} {order_by}
        """,
        by_lot=by_lot,
        order_by=order_by,
    )
    return by_lot, order_by


@app.cell
def _(by_lot, order_by):
    _taken = bubble(by_lot.value, order_by.value)
    _words = kit.text(
        """
        Where no list is by lot, only what was on the first list was ever seen, and to wait does not help: more
        visitors only make it surer. **Two changes mend it, and they need each other.** Some visitors see a list by lot:
        they alone see what nobody knows. And it is counted how often a film was *shown*, not only how often it was
        taken: else the old winners, which are shown so much more often, stay on top.
        """
    )
    _never, _best = float((_taken == 0).mean()), wins(by_lot.value, order_by.value)
    kit.after_guess(
        kit.row(
            kit.matrix(
                _taken[:10] / VISITORS, numbers=False, signed=False, width=4.8, xlabel="films, the best one first",
                ylabel="worlds", label="Which share of visitors took each film, in ten worlds",
                caption=f"The best film is on top in {_best:.0%} of {WORLDS} worlds; {_never:.0%} of films are never "
                "taken.",
            ),
            kit.bars(
                {f"{share:.0%} by lot": 100 * wins(share, order_by.value) for share in SHARES}, unit=" %",
                xlim=(0, 118), width=4.0, label="In how many worlds the best film ends on top",
                caption=f"Where the others see {order_by.value}.",
            ),
            _words,
        )
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        r"""
        ## How good is a list? {#how-good}

        Hide the last film that everybody took, make the lists, and look where it stands. At **rank** 1 it counts 1,
        below less, and behind ten nothing: $\text{nDCG@10} = 1/\log_2(1 + \text{rank})$, the mean over people. Two
        traps have fooled whole years of papers. Ranked among a hundred drawn films instead of *all* of them, methods
        may change their order. And if random cells are hidden instead of the *last* ones, the machine has seen the
        future. So `deepglass` ranks everything, hides what came last, and puts *what is popular* and EASE beside its
        network.
        """
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("fold_in"),
        kit.answer(
            "What somebody took next stands at rank 3 of the list. What does it count in nDCG@10?",
            float(ndcg(np.array([[3]]))[0]),
            name="rank_three",
            slips={
                1 / 3: "That is the reciprocal rank; nDCG falls more slowly, with a logarithm.",
                float(1 / np.log2(3)): "Almost: it is the logarithm of 1 + rank, and that is 4.",
            },
            because="log₂(1 + 3) = 2, so it counts one half.",
            hint="1 / log₂(1 + rank)",
            solution="1 / log₂ 4 = 0.5",
            tolerance=0.01,
        ),
        kit.choose(
            "A new recommender is tested on what people took while the old one was showing its lists. It does worse "
            "than the old one. What follows?",
            {
                "Little: people could only take what the old lists had shown": (
                    True,
                    "The test data carry the taste of the old lists. A part of the lists by lot would tell.",
                ),
                "The old one is better": (
                    False,
                    "It is better at foretelling what was taken under its own lists, which is not the same.",
                ),
                "The new one needs more factors": (False, "Perhaps; but this test could not show that it helped."),
            },
            name="old_lists",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Four hundred people who do not exist rated 150 films that were never made; each film has two hidden numbers that
        are not in the table. The second command asks for one person: what comes next, and which of the person's own
        films speak for it.
        """,
        own_file="""
        A table with a row for everything that somebody took: a user, an item, and if you have it a time and a rating:
        `deepglass train my_orders.csv --task recommendation --user-column customer --item-column product`. The run
        keeps what every user took, so treat its folder as you treat the table. For somebody new:
        `deepglass recommend runs/my_orders --likes "this,that"`.
        """,
        sources=[
            ("Koren, Bell & Volinsky (2009), Matrix factorization techniques", "https://doi.org/10.1109/MC.2009.263"),
            ("Steck (2019), Embarrassingly shallow autoencoders", "https://arxiv.org/abs/1905.03375"),
            ("Salganik, Dodds & Watts (2006), Inequality and unpredictability in an artificial cultural market",
             "https://doi.org/10.1126/science.1121066"),
            ("Ferrari Dacrema et al. (2019), Are we really making much progress?", "https://arxiv.org/abs/1907.06902"),
            ("Krichene & Rendle (2020), On sampled metrics", "https://doi.org/10.1145/3394486.3403226"),
        ],
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
