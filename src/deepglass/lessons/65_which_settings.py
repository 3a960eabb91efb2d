"""Lesson 65: which settings? By hand, on a grid, by chance, by a model of the search; and why the winner is doubted."""

import marimo

app = marimo.App(width="medium", app_title="Which settings?", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    from scipy.stats import norm
    from sklearn.datasets import load_digits

    from deepglass.course import kit
    from deepglass.glass.foundations.lucky_winner import winners
    from deepglass.glass.foundations.many_rates import errors_by_rate
    from deepglass.tuning.gaussian_process import Kernel
    from deepglass.tuning.replay import Trainings, epochs_given
    from deepglass.tuning.samplers import grid, random
    from deepglass.tuning.space import Dimension, Space

    LESSON = {
        "title": "Which settings?",
        "question": "Where should one look next, when every look costs a training?",
        "part": "Judging",
        "minutes": 18,
        "reads": ["tuning/samplers/random.py", "tuning/gaussian_process.py", "tuning/samplers/gaussian.py"],
        "runs": ["deepglass tune iris --trials 8 --epochs 3 --model linear"],
    }

    RATE, WIDTHS = Dimension("learning_rate", 0.01, 10.0, is_log=True), (2, 4, 8, 16, 32)
    PLACES = np.linspace(0, 1, 13)  # of the learning rate, a quarter of a power of ten apart
    RATES = [RATE.value(place) for place in PLACES]
    LEARNT, JUDGED, EPOCHS = 200, 500, 9  # digits that are learnt and those that judge
    KNOWN, ASKED = (0, 12, 4), (5, 6, 8, 2)  # of `PLACES`: trained at first, and asked about in the guess
    KERNEL = Kernel(np.array([0.25]), signal=0.35, noise=0.02)
    TWO = Space((RATE, Dimension("another")))
    TRIALS, EXAMPLES = (1, 3, 10, 30, 100, 300, 1000), 100


@app.function
@cache
def learnt():
    """Validation errors of small nets on digits (widths, epochs, rates)."""
    bunch, order = load_digits(), np.random.default_rng(1).permutation(1797)
    X, y, end = (bunch.data[order] / 16).astype(np.float32), bunch.target[order], LEARNT + JUDGED
    parts = (X[:LEARNT], y[:LEARNT]), (X[LEARNT:end], y[LEARNT:end])
    return np.array([errors_by_rate(RATES, width, *parts, EPOCHS) for width in WIDTHS])


@app.function
def widest():
    """The trainings of the widest net, by learning rate."""
    return Trainings(PLACES[:, None], learnt()[-1, -1], KERNEL, usual=0.5)


@app.function
def believed(known, caption="", yours=()):
    """The mean, a band of two deviations, and the trainings; the reader's in a colour of its own."""
    fine, errors = np.linspace(0, 1, 121), widest().costs
    mean, deviation = widest().believed(known, fine[:, None])
    lines = {"mean": (10 ** (3 * fine - 2), mean), "trained": ([RATES[i] for i in known], errors[known])}
    lines |= {"yours": ([RATES[i] for i in yours], errors[yours])} if yours else {}
    return kit.curves(
        lines, points=("trained", "yours"), log="x", xlim=(0.008, 12.5), ylim=(-0.2, 1.4),
        bands={"mean": (mean - 1.96 * deviation, mean + 1.96 * deviation)},
        xlabel="learning rate", ylabel="validation error", label="The error that is believed, by learning rate",
        colors={"trained": kit.INK, "yours": kit.ORANGE}, caption=caption,
    )  # fmt: skip


@app.function
def film(steps=4):
    """One training after the other, and what is believed of those that were not made."""
    whole, errors = widest().gone_on(KNOWN, steps), widest().costs
    for count, new in enumerate(whole, start=1):
        told = f"Training {count}: rate {RATES[new]:.2g}, {errors[new]:.0%} wrong."
        yield believed(whole[:count], f"{told} The best so far: {errors[whole[:count]].min():.0%}.")


@app.cell
def _():
    _gains = {RATES[i]: float(widest().improvement(KNOWN)[i]) for i in ASKED}
    _best = max(_gains, key=_gains.__getitem__)
    _told = ", ".join(f"{gain:.3f} at {rate:.2g}" for rate, gain in _gains.items())
    _where = "close beside the best one", "a little away from it", "amid the gap on the right", "in the left gap"
    kit.opening(
        LESSON,
        f"A net with {WIDTHS[-1]} hidden units learns {LEARNT} handwritten digits. Which learning rate suits it? Each "
        "dot is a training. The <span class='blue'>band</span> is what a model that knows only the dots believes of "
        "all the others: at each rate it is 95 % sure that the error lies inside.",
        kit.film(film(), label="Trainings", seconds=1.4, waits_for="guess", held=len(KNOWN)),
        kit.guess(
            "Three trainings are made, one more is paid for. If it beats the best so far, the difference is the gain; "
            "if not, there is none. Where does the model expect the largest gain, on average?",
            [f"At {RATES[i]:.2g}, {where}" for i, where in zip(ASKED, _where)],
            f"At {_best:.2g}. It expects {_told}. Close to the best dot little is new; far from it the error is more "
            "likely to be bad. Most is to be had between what is good and what is unknown. The film goes on.",
        ),
    )
    return


@app.cell
def _():
    rate = kit.slider("Learning rate", RATES, RATES[4])
    width = kit.slider("Hidden units", WIDTHS, 8)
    _words = kit.text(
        """
        ## Two knobs, by hand {#see}

        So everybody begins. Turn one knob until the error stops falling, then the other. Then turn the first one again:
        is it still at its best?

        {rate} {width}
        """, rate=rate, width=width)  # fmt: skip
    kit.after_guess(_words)
    return rate, width


@app.cell
def _(rate, width):
    _all, _j, _i = learnt()[:, -1], RATES.index(rate.value), WIDTHS.index(width.value)
    _w, _r = np.unravel_index(_all.argmin(), _all.shape)
    _cliff = RATES[_r + int((_all[_w, _r:] > 0.8).argmax())]
    _lines = {f"{one} units": (RATES, errors) for one, errors in zip(WIDTHS, _all)}
    _picture = kit.curves(
        _lines | {"here": ([rate.value], [_all[_i, _j]])}, points=("here",), log="x", xlabel="learning rate",
        ylabel="validation error", ylim=(0, 1), label="Error of nets by learning rate and width",
        dashed=[name for name in _lines if name != f"{width.value} units"], colors={"here": kit.INK},
        caption="The solid line is the chosen width.",
    )  # fmt: skip
    _words = kit.text(
        """
        Here: **{here:.1%}** wrong. With {width} units the best rate is {best:.2g}. The best of all is {lowest:.1%}, at
        {r:.2g} with {w} units, and not far from there, at {cliff:.2g}, nothing is learnt any more.

        **Grid search** turns every knob through every value. It does not mind that one knob depends on another, but
        each further knob multiplies the bill: {rates} rates and {widths} widths are {size} trainings, and six settings
        with only three values each are {six}.
        """,
        here=_all[_i, _j], width=width.value, best=RATES[int(_all[_i].argmin())], lowest=_all.min(), r=RATES[_r],
        w=WIDTHS[_w], cliff=_cliff, rates=len(RATES), widths=len(WIDTHS), size=_all.size, six=3**6)  # fmt: skip
    kit.after_guess(kit.row(_picture, _words), silently=True)
    return


@app.function
def thrown(seed):
    """Nine points of random search (9, 2)."""
    return np.array([random.Search(TWO, seed).propose(number, []) for number in range(9)])


@app.function
def cost(points, both=False):
    """Error (n,) at points of the square: by the rate alone, or with a second setting that is best in the middle."""
    return np.interp(points[:, 0], PLACES, widest().costs) + both * 2 * (points[:, 1] - 0.5) ** 2


@app.function
@cache
def wins(both, seeds=300):
    """The share of throws whose best is better than that of the grid of nine."""
    to_beat = cost(np.array(grid.Search(TWO).points), both).min()
    return float(np.mean([cost(thrown(seed), both).min() < to_beat for seed in range(seeds)]))


@app.function
def throws(count=4):
    """Grid and random points, thrown anew: in the square, then by what they tell of the learning rate."""
    for step in range(2 * count):
        seed, is_fallen = 1 + step // 2, step % 2 == 1
        sets = {"grid": np.array(grid.Search(TWO).points), "random": thrown(seed)}
        best = ", ".join(f"{name} {cost(points).min():.1%}" for name, points in sets.items())
        told = f"By the rate alone. Best of nine: {best}." if is_fallen else f"Throw {seed}: nine points each."
        heights = {name: cost(points) if is_fallen else points[:, 1] for name, points in sets.items()}
        yield kit.scatter(
            {name: np.column_stack([10 ** (3 * x[:, 0] - 2), heights[name]]) for name, x in sets.items()},
            lines={"error": np.column_stack([RATES, widest().costs])} if is_fallen else {}, log="x",
            xlim=(0.008, 12.5), ylim=(0, 1), label="Nine points each", caption=told, xlabel="learning rate", size=44,
            ylabel="error" if is_fallen else "the other setting", colors={"random": kit.BLUE, "grid": kit.ORANGE},
        )  # fmt: skip


@app.cell
def _():
    _words = kit.text(
        """
        A second setting changes nothing, but who knows that beforehand? The grid pays for nine trainings and learns
        what **three** rates do. **Random** points try nine rates: of 300 throws {share:.0%} beat the grid.

        Were the second setting as important, and best in the middle, where the grid happens to look, only {both:.0%}
        would. Often a few of many settings matter, and nobody knows which.
        """, share=wins(False), both=wins(True))  # fmt: skip
    _draw = {"self.drawn(number).random": "A place from 0 to 1 per setting, which a rate takes by its logarithm."}
    _shown = kit.text(
        """
        ### Nine trainings that are three

        {film} {told}

        {code}
        """,
        film=kit.film(throws(), label="Throws", seconds=1.6), told=_words,
        code=kit.read("tuning/samplers/random.py", _draw, part="Search"))  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    own = kit.slider("Your training, at learning rate", RATES, RATES[8])
    steps = kit.slider("Trainings that the model asks for after it", range(5), 0)
    _words = kit.text(
        """
        ## A model of the search

        Neither grid nor chance learns from what it has seen. A **Gaussian process** does: nearby settings have similar
        errors, and far from all that was tried, little is known. It trains next where the **expected improvement** is
        largest: this is **Bayesian optimisation**. Spend one training of your own, then let it ask for more.

        {own} {steps}
        """, own=own, steps=steps)  # fmt: skip
    kit.after_guess(_words, silently=True)
    return own, steps


@app.cell
def _(own, steps):
    _i, _all, _errors = RATES.index(own.value), widest(), widest().costs
    _before, _known = list(KNOWN), _all.gone_on(dict.fromkeys([*KNOWN, _i]), steps.value)
    _mean, _deviation = (float(part[_i]) for part in _all.believed(_before, _all.points))
    _gap, _expected, _gain = _errors[_before].min() - _mean, _all.improvement(_known), _all.improvement(_before)[_i]
    _z, _next = _gap / _deviation, RATES[_all.gone_on(_known, 1)[-1]]
    _below = kit.curves(
        {"": (RATES, _expected)}, log="x", xlim=(0.008, 12.5), ylim=(0, max(0.02, 1.1 * _expected.max())), height=1.6,
        xlabel="learning rate", ylabel="improvement", colors={"": kit.GREEN}, label="Expected improvement by rate",
        caption=f"What one more training is expected to gain; the next is due at {_next:.2g}.",
    )  # fmt: skip
    _numbers = {
        "trainings": len(_known), "here, before: mean μ": _mean, "deviation σ": _deviation,
        "expected improvement": float(_gain), "what came here": float(_errors[_i]),
        "best of the first three": float(_errors[_before].min()), "best now": float(_errors[_known].min()),
        f"best of all {len(RATES)}": float(_errors.min()),
    }  # fmt: skip
    _formula = r"""
    $$\green{E} = (\text{best} - \blue{\mu})\,\Phi(z) + \blue{\sigma}\,\varphi(z)$$

    $$z = \frac{\text{best} - \blue{\mu}}{\blue{\sigma}} = {z}$$

    $$\green{E} = {gap} \cdot {Phi} + {deviation} \cdot {phi} = {gain}$$

    The first term pays for a low mean, the second for not knowing. Φ and φ: of a normal distribution the share below z,
    and its height there.
    """
    _levels = kit.levels(
        mo.vstack([believed(_known, yours=[_i]), _below]), _numbers, _formula, z=f"{_z:.2f}", gap=f"{_gap:.3f}",
        Phi=f"{norm.cdf(_z):.3f}", deviation=f"{_deviation:.3f}", phi=f"{norm.pdf(_z):.3f}", gain=f"{_gain:.3f}"
    )  # fmt: skip
    kit.after_guess(_levels, silently=True)
    return


@app.cell
def _():
    _believed = {
        "mean = across @ self.weights": "Known values, each weighed by how near it is.",
        "self.kernel.signal**2 - explained": "What was unknown, less what the known points explain.",
    }
    _process = kit.read("tuning/gaussian_process.py", _believed, part="GaussianProcess.predict")
    _terms = {"norm.cdf(z) + deviation": "Known to be good, and not known yet."}
    _gain = kit.read("tuning/samplers/gaussian.py", _terms, part="expected_improvement")
    _ends, _curves = learnt()[:, -1], learnt().transpose(0, 2, 1)
    _epochs = epochs_given(_curves.reshape(-1, EPOCHS)).reshape(_ends.shape)
    _best = np.argsort(_ends.ravel())[: (_epochs == EPOCHS).sum()]
    _picture = kit.matrix(
        _epochs, WIDTHS, [f"{one:.2g}" for one in RATES], label="Epochs that each net was given", numbers=True,
        xlabel="learning rate", ylabel="hidden units", caption="Epochs that each net was given.", width=5.6,
    )  # fmt: skip
    _words = kit.text(
        """
        ## Two terms {#read}

        {process}

        {gain}

        Here the kernel is fixed. The command fits its lengths to what was seen: a setting that hardly matters gets a
        long one, and trying other values of it promises nothing. What no such model knows is that an error lies between
        0 and 1: the command feeds it ranks, so that one dreadful training does not spoil the picture.

        ### Many begin, few go on

        Most bad settings are known as bad after one epoch. **Successive halving** lets all {n} nets learn for one; the
        best third goes on to three, and the best third of those to nine. That costs {spent} epochs instead of {full},
        and finds a net with {found:.1%} wrong. Trained to the end, the best of all {n} has {best:.1%}.

        {picture}

        The price: of the {few} that would have been best in the end, {kept} were kept. **Who starts slowly is lost.**
        """,
        process=_process, gain=_gain, picture=_picture, n=_epochs.size, spent=int(_epochs.sum()),
        full=EPOCHS * _epochs.size, found=_ends[_epochs == EPOCHS].min(), best=_ends.min(), few=len(_best),
        kept=int((_epochs.ravel()[_best] == EPOCHS).sum()))  # fmt: skip
    kit.after_guess(_words, silently=True)
    return


@app.cell
def _():
    coins = winners(TRIALS, EXAMPLES)
    trials = kit.slider("Trials", TRIALS, 100)
    tested = mo.ui.switch(label="look at the test set, once, with the winner alone")
    kit.text(
        """
        ## The winner of many: break it, mend it {#break-it-mend-it}

        Now every model **tosses a coin**, whatever its settings are; {n} validation examples judge it. Try more: the
        best one gets better and better, and there is nothing to be found. **Mend it** with the switch.

        {trials} {tested}
        """, n=EXAMPLES, trials=trials, tested=tested)  # fmt: skip
    return coins, tested, trials


@app.cell
def _(coins, tested, trials):
    _k, (_best, _test, _ahead) = TRIALS.index(trials.value), (part.mean(0) for part in coins)
    _lines = {"best on validation": (TRIALS, _best), "here": ([trials.value], [_best[_k]])}
    _picture = kit.curves(
        _lines | ({"the same, on the test": (TRIALS, _test)} if tested.value else {}), points=("here",), log="x",
        dashed=("the same, on the test",), xlabel="trials", ylabel="share right", ylim=(0.4, 0.75),
        label="Winners among coins", caption=f"Means of {len(coins.test)} searches.",
        colors={"best on validation": kit.PINK, "here": kit.INK, "the same, on the test": kit.GREEN},
    )  # fmt: skip
    _words = kit.text(
        """
        The best of {trials} is **{best:.1%}** right on the validation set{test}.

        A winner must be ahead by **more than noise**. `deepglass tune` keeps the usual settings unless the winner is
        ahead of them by more than one standard error. A single coin passes that in {one:.0%} of searches, the best of
        {trials} in {many:.0%}: against many trials it is not enough. So the test is asked about the winner, in the end
        and **once**. Asked about every trial, it is one more validation set.
        """,
        trials=trials.value, best=_best[_k], one=_ahead[0], many=_ahead[_k],
        test=f", and **{_test[_k]:.1%}** on the test" if tested.value else "")  # fmt: skip
    kit.row(_picture, _words)
    return


@app.cell
def _():
    _needed = np.log(0.05) / np.log(0.95)
    _number = kit.answer(
        "One place in twenty is good enough. How many random trials until one of them is there, with 95 % probability?",
        np.ceil(_needed), name="sixty", tolerance=0.01,
        slips={20: f"So many have one hit on average; but {0.95**20:.0%} of searches with 20 trials find none."},
        because="However many settings there are: this makes random search hard to beat.",
        hint="All of n trials miss with probability 0.95 to the power of n.",
        solution=f"ln 0.05 / ln 0.95 = {_needed:.1f}, so {np.ceil(_needed):.0f}",
    )  # fmt: skip
    _scores = {
        "The validation score of the best of 200 trials": (False, "It was chosen for being high."),
        "The test score of that one trial, looked at once": (True, "The test had no part in the choice."),
        "The best test score among the ten best trials": (False, "Now the test has chosen, too."),
    }
    _honest = kit.choose("Which score says how good the chosen model is?", _scores, name="honest-winner")
    kit.check(kit.exercise("expected_gain"), kit.exercise("log_point"), _number, _honest)
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The usual settings are trial 0, to have something to beat. See who goes on after one epoch, by how much the
        winner leads, and what the test says: on 30 flowers, hardly anything. Five trials are random before the model is
        asked; `--sampler grid` and `--sampler random` are the other ways of this page.
        """,
        own_file="""
        `deepglass tune my.csv --target price --budget 10m` searches what suits the model, `--search
        learning-rate=1e-4..0.1` what you name. The page of the study shows which setting mattered.
        """,
        sources=[
            ("Bergstra and Bengio (2012), Random search", "https://www.jmlr.org/papers/v13/bergstra12a.html"),
            ("Jones, Schonlau and Welch (1998), Expensive functions", "https://doi.org/10.1023/A:1008306431147"),
            ("Snoek and others (2012), Practical Bayesian optimization", "https://arxiv.org/abs/1206.2944"),
            ("Jamieson and Talwalkar (2016), Best arm identification", "https://arxiv.org/abs/1502.07943"),
            ("Cawley and Talbot (2010), Over-fitting in model selection", "https://jmlr.org/papers/v11/cawley10a.html"),
        ],
        onward="Where to look next? Between what is good and what is unknown. And then do not believe the winner.",
    )
    return


if __name__ == "__main__":
    app.run()
