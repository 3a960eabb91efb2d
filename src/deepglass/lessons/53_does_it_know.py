"""Lesson 53: can it know that it does not know? Temperature, sets that hold the truth, strangers, and drift."""

import marimo

app = marimo.App(width="medium", app_title="Does it know?", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    from sklearn.datasets import load_diabetes, load_digits

    from deepglass import glass
    from deepglass.course import kit
    from deepglass.evaluate import calibration, conformal, unfamiliar
    from deepglass.evaluate.temperature import fit_temperature, tempered
    from deepglass.glass import nn
    from deepglass.glass.nn import functional as F

    LESSON = {
        "title": "Does it know?",
        "question": "Can a network know that it does not know?",
        "part": "Understanding",
        "minutes": 18,
        "reads": ["core/conformal.py", "evaluate/temperature.py", "evaluate/unfamiliar.py"],
        "runs": [
            "deepglass train iris --target species --model mlp --epochs 20 --run runs/iris",
            "deepglass predict runs/iris iris --coverage 0.9",
            "deepglass audit runs/iris --only reliability",
        ],
    }

    KNOWN = 8  # it learns 0 to 7, and never sees an 8 or a 9
    NOISE, LEARNT, CALIBRATED = 0.35, 450, 450
    TEMPERATURES = [0.5, 0.7, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0]
    COVERAGES = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]
    NOISES = [0.2, NOISE, 0.5, 0.7, 1.0]
    SETS_SHOWN, FEWEST = 10, 10


@app.function
@cache
def digits(noise=NOISE):
    """Noisy pictures (N, 64) of the known digits and their classes (N,); those of 8 and 9; the same noise each time."""
    bunch, rng = load_digits(), np.random.default_rng(1)
    order = rng.permutation(len(bunch.target))
    x = (bunch.data[order] / 16 + noise * rng.normal(size=bunch.data.shape)).astype(np.float32)
    y = bunch.target[order]
    return x[y < KNOWN], y[y < KNOWN], x[y >= KNOWN]


@app.function
@cache
def net():
    """A net that has learnt some hundred noisy digits by heart: (hidden layer, logits) of pictures."""
    x, y, _ = digits()
    glass.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, KNOWN))
    optimizer, rng = glass.optim.Adam(model.parameters(), lr=0.005), np.random.default_rng(0)
    for _ in range(40):
        for rows in np.array_split(rng.permutation(LEARNT), LEARNT // 50):
            optimizer.zero_grad()
            F.cross_entropy(model(glass.tensor(x[rows])), glass.tensor(y[rows])).backward()
            optimizer.step()

    def looked(pictures):
        with glass.no_grad():
            hidden = model[:2](glass.tensor(pictures))
            return hidden.numpy().astype(float), model[2](hidden).numpy().astype(float)

    return looked


@app.function
def shares(pictures):
    """(N, 8) what it answers."""
    return tempered(np.exp((z := net()(pictures)[1]) - z.max(1, keepdims=True)), 1.0)


@app.function
@cache
def parts(noise=NOISE):
    """Shares and classes of the calibration part, then of the test."""
    x, y, _ = digits(noise)
    calibrate, test = slice(LEARNT, LEARNT + CALIBRATED), slice(LEARNT + CALIBRATED, None)
    return shares(x[calibrate]), y[calibrate], shares(x[test]), y[test]


@app.function
@cache
def held(coverage, noise=NOISE, is_calibrated_anew=True):
    """Of sets that may be empty the share that holds the truth, the classes in them, and the limit of their scores."""
    old, new = parts(), parts(noise)
    probs, targets = (new if is_calibrated_anew else old)[:2]
    limit = conformal.quantile(conformal.true_scores(probs, targets), coverage)
    sets = conformal.class_sets(new[2], limit, allows_none=True)
    return float(sets[np.arange(len(sets)), new[3]].mean()), float(sets.sum(1).mean()), limit


@app.function
@cache
def interval(coverage=0.9):
    """Half the width of intervals around a line through the diabetes data, and the share of new patients inside."""
    data, rng = load_diabetes(), np.random.default_rng(0)
    order = rng.permutation(len(data.target))
    X, y = np.column_stack([np.ones(len(order)), data.data[order]]), data.target[order]
    line = np.linalg.lstsq(X[:150], y[:150], rcond=None)[0]
    limit = conformal.quantile(conformal.value_scores(X[150:300] @ line, y[150:300]), coverage)
    return limit, float((np.abs(X[300:] @ line - y[300:]) <= limit).mean()), len(y) - 300


@app.function
@cache
def strangeness():
    """By score: how often an 8 or a 9 looks stranger than a digit that it knows (AUROC)."""
    x, y, strange = digits()
    (hidden, _), (known, known_z), (odd, odd_z) = (net()(p) for p in (x[:LEARNT], x[LEARNT:], strange))
    far = unfamiliar.Mahalanobis.fit(hidden, y[:LEARNT])
    return {
        "largest share": unfamiliar.auroc(unfamiliar.confidence(known_z), unfamiliar.confidence(odd_z)),
        "energy": unfamiliar.auroc(unfamiliar.energy(known_z), unfamiliar.energy(odd_z)),
        "distance in the hidden layer": unfamiliar.auroc(far(known), far(odd)),
    }


@app.function
def film(count=8):
    """Digits that it has never seen, and what it says of them."""
    strange = digits()[2]
    said = shares(strange)
    for end in range(1, count + 1):
        told = [f"“{row.argmax()}”, {row.max():.0%}" for row in said[:end]]
        pictures = [*strange[:end].reshape(-1, 8, 8), *np.zeros((count - end, 8, 8))]
        yield kit.pictures(
            np.clip(pictures, 0, 1), titles=[*told, *[" "] * (count - end)], columns=4,
            label="Eights and nines, and what the net says", caption=f"{end} of {len(strange)}",
        )  # fmt: skip


@app.cell
def _():
    _strange = shares(digits()[2]).max(1)
    kit.opening(
        LESSON,
        "This net has learnt to read **0 to 7**. Now it is shown eights and nines. It has no word for them, and it "
        "cannot be silent: a softmax has to give away all of its shares.",
        kit.film(film(), label="Pictures", seconds=0.8),
        kit.guess(
            f"Of {len(_strange)} eights and nines, of how many is it more than 90 % sure?",
            ["Hardly any", "One in ten", "Two in five", "Nearly all"],
            f"{(_strange > 0.9).mean():.0%} of them. A share of 0.9 says: <i>of the eight digits that I know</i> it is "
            "this one. It does not say: I know this picture.",
        ),
    )
    return


@app.cell
def _():
    temperature = kit.slider("Temperature", TEMPERATURES, 2.0)
    _words = kit.text(
        """
        ## As sure as it is right {#see}

        Begin with digits that it knows, and that it has not learnt from. When it says 90 %, is it right in 90 of 100
        cases? Below the dashed line it is too sure. One number mends much of that: divide the logits by a
        **temperature**. No answer changes, only how sure it is.

        {temperature}
        """,
        temperature=temperature,
    )
    kit.after_guess(_words)
    return (temperature,)


@app.cell
def _(temperature):
    _val, _val_y, _test, _test_y = parts()
    _fitted = fit_temperature(_val, _val_y)
    _found = {}
    for _name, _t in (("as it answers", 1.0), ("tempered", temperature.value)):
        _bins = calibration.reliability(tempered(_test, _t), _test_y, num_bins=10)
        _drawn = [b for b in _bins if b["count"] >= FEWEST]
        _found[_name] = ([b["confidence"] for b in _drawn], [b["accuracy"] for b in _drawn], _bins)
    _own = np.arange(len(_test_y)), _test_y
    _shown = kit.levels(
        kit.curves(
            {"right as often": ([0, 1], [0, 1])} | {name: found[:2] for name, found in _found.items()},
            dashed={"right as often"}, xlim=(0, 1.3), ylim=(0, 1.05), xlabel="how sure it is",
            ylabel="how often it is right", label=f"Reliability at temperature {temperature.value:g}",
            caption=f"Ten bins; those of fewer than {FEWEST} pictures are left out.",
            colors={"right as often": kit.GREY, "as it answers": kit.ORANGE, "tempered": kit.BLUE},
        ),
        {
            "calibration error as it answers": calibration.expected_error(_found["as it answers"][2]),
            "tempered": calibration.expected_error(_found["tempered"][2]),
            "right answers": float((_test.argmax(1) == _test_y).mean()),
            "mean surprise, −ln of the true share": float(-np.log(tempered(_test, temperature.value)[_own]).mean()),
            "temperature that suits the calibration part best": _fitted,
        },
        r"""
        $$p_k' = \frac{p_k^{1/\blue{{t}}}}{\sum_j p_j^{1/\blue{{t}}}}$$

        $$T^* = \arg\min_T -\textstyle\sum_i \ln p'_{i,y_i} = {fitted}$$
        """,
        t=f"{temperature.value:g}",
        fitted=f"{_fitted:.2f}",
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    coverage = kit.slider("Hold the truth in", COVERAGES, 0.9)
    _words = kit.text(
        """
        ## A set instead of an answer

        Calibrated shares are an average. A **conformal set** is a promise: put so many classes into the answer that it
        holds the truth in 90 of 100 cases. How many is that? Score digits that were not learnt from by how badly the
        truth fits; the score that 90 % of them stay below is the limit. Whether the net is good or bad plays no part
        in the promise. A bad net pays with large sets.

        {coverage}
        """,
        coverage=coverage,
    )
    kit.after_guess(_words, silently=True)
    return (coverage,)


@app.cell
def _(coverage):
    _share, _size, _limit = held(coverage.value)
    _test, _test_y = parts()[2:]
    _low, _high = np.transpose([conformal.band(CALIBRATED, c, len(_test_y)) for c in COVERAGES])
    _x = digits()[0][LEARNT + CALIBRATED :]
    _unsure = np.argsort(_test.max(1))[:: len(_test) // SETS_SHOWN][:SETS_SHOWN]
    _sets = conformal.class_sets(_test[_unsure], _limit)
    _order = np.argsort(-_test[_unsure], axis=1)
    _named = [" ".join(str(k) for k in order if own[k]) for own, order in zip(_sets, _order)]
    _at = COVERAGES.index(coverage.value)
    _shown = kit.levels(
        kit.row(
            kit.pictures(
                np.clip(_x[_unsure].reshape(-1, 8, 8), 0, 1), titles=[f"{{{name}}}" for name in _named], columns=5,
                label=f"Ten digits and their sets at {coverage.value:g}", caption="From the least to the most sure.",
            ),
            kit.curves(
                {"held": (COVERAGES, [held(c)[0] for c in COVERAGES]), "now": ([coverage.value], [_share])},
                bands={"held": (_low, _high)}, points={"now"}, xlim=(0.45, 1.08), ylim=(0.4, 1.02), xlabel="asked for",
                ylabel="held the truth", label="Coverage, and the exact band around it",
                caption="The band: where it falls in 95 of 100 draws of calibration and test.",
            ),
        ),
        {
            "asked for": coverage.value,
            f"held by {len(_test_y)} new digits": _share,
            "the exact band": f"{_low[_at]:.3f} to {_high[_at]:.3f}",
            "classes in a set": _size,
            "limit of the scores": _limit,
        },
        r"""
        $$\lceil ({n} + 1) \cdot \blue{{coverage}} \rceil = {place}$$

        $$q = s_{({place})} = {limit}$$

        $$\text{set} = \{k : s(x, k) \le q\}$$
        """,
        coverage=f"{coverage.value:g}",
        place=conformal.rank(CALIBRATED, coverage.value),
        n=CALIBRATED,
        limit=f"{_limit:.3g}",
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    _limit, _inside, _count = interval()
    _low, _high = conformal.band(150, 0.9, _count)
    kit.text(
        """
        ## Two lines of code {#read}

        The promise hangs on one sorted list, and on one assumption: new examples come from where those of the
        calibration came from. Numbers are the same: for a line through the bundled diabetes data the score is how far
        it is off, so the interval is the answer ± {limit}. It holds {inside} of {count} new patients, and the band
        of 90 % reaches from {low} to {high}.

        {code}
        """,
        code=kit.read(
            "core/conformal.py",
            {
                "place = rank(": "One more than n: the new example could stand anywhere among the old ones.",
                "inf": "With too few examples only the set of everything is a promise.",
            },
            part="quantile",
        ),
        limit=f"{_limit:.0f}",
        inside=f"{_inside:.1%}",
        count=_count,
        low=f"{_low:.1%}",
        high=f"{_high:.1%}",
    )
    return


@app.cell
def _():
    _found = strangeness()
    _empty = conformal.class_sets(shares(digits()[2]), held(0.9)[2])
    kit.text(
        """
        ## Strangers

        Back to the eights and nines. Their sets hold {size} digits on average, and **never** the truth: there is no 8
        to put in. A set chooses among what the net knows. Whether it *knows the picture* is another question, with
        scores of its own. Each is judged by how often a stranger has the higher one; 0.5 is a coin.

        {bars}

        No score is best for all strangers: try it on yours. And a score knows nothing of a stranger that looks like an
        old friend.
        """,
        size=f"{_empty.sum(1).mean():.1f}",
        bars=kit.bars(_found, xlim=(0, 1.15), label="AUROC of 8 and 9 against new pictures of 0 to 7"),
    )
    return


@app.cell
def _():
    noise = kit.slider("Noise where it is used", NOISES, 0.7)
    anew = mo.ui.switch(value=False, label="Calibrate again, on pictures with this noise")
    _words = kit.text(
        """
        ## Break it, mend it

        The camera gets old, and pictures noisier than those of the calibration. The limit is still the old one, the
        sets are hardly larger than before, **and the promise is broken**. Nothing in an answer says so. This is
        **drift**: a test of many new pictures against the old ones can raise the alarm, but how much of the promise
        is left only new labels can tell. **Mend it**: take some hundred pictures of today with their labels, and
        calibrate again. The promise holds, and the larger sets say what the noise has cost.

        {noise} {anew}
        """,
        noise=noise,
        anew=anew,
    )
    kit.after_guess(_words, silently=True)
    return anew, noise


@app.cell
def _(anew, noise):
    _share, _size, _ = held(0.9, noise.value, anew.value)
    _low, _high = conformal.band(CALIBRATED, 0.9, len(parts()[3]))
    _told = "inside" if _low <= _share <= _high else "outside"
    _shown = kit.row(
        kit.curves(
            {
                "old limit": (NOISES, [held(0.9, n, False)[0] for n in NOISES]),
                "calibrated again": (NOISES, [held(0.9, n, True)[0] for n in NOISES]),
                "here": ([noise.value], [_share]),
            },
            marks={"asked": 0.9}, points={"here"}, xlim=(0.15, 1.5), ylim=(0.2, 1.02), xlabel="noise",
            ylabel="held the truth", label="Coverage by the noise of new pictures",
            caption=f"{_share:.1%}: {_told} the band of {_low:.1%} to {_high:.1%}",
        ),
        kit.bars(
            {
                name: held(0.9, noise.value, is_anew)[1]
                for name, is_anew in (("old limit", False), ("calibrated again", True))
            },
            label=f"Classes in a set at noise {noise.value:g}", caption="Classes in a set, on average.",
        ),
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    kit.check(
        kit.exercise("conformal_limit"),
        kit.answer(
            "How many calibration examples does a coverage of 99 % need at the least, so that a set is not simply "
            "everything?",
            conformal.fewest(0.99),
            name="fewest",
            slips={100: "Nearly: with n examples the place is ⌈(n + 1) · 0.99⌉, and it must be n at most."},
            because="⌈(n + 1) · 0.99⌉ ≤ n holds from n = 99 on: then the limit is the largest score of all.",
            hint="The place (n + 1) · 0.99, rounded up, must not be beyond the last of n scores.",
            solution="99",
        ),
        kit.choose(
            "Sets were calibrated for 90 %. What is promised?",
            {
                "Of all new cases like those of the calibration, about 90 % are held": (
                    True,
                    "Of all of them together.",
                ),
                "Of each class 90 % are held": (False, "A rare class may have far less, where others have more."),
                "This set holds the truth with 90 %": (False, "A sure and an unsure answer have the same promise."),
                "90 % are held, whatever is asked tomorrow": (False, "Only while tomorrow is like the calibration."),
            },
            name="promise",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        Each flower with a set of species; then calibration with its interval, the coverage and its exact band by
        species, how well strange inputs are told apart, and which columns have drifted.
        """,
        own_file="""
        Any run that answers with a class or a number, and the newest data with their labels: `deepglass audit runs/mine
        today.csv --only reliability`. A bundle and a server answer so too: `POST /predict?coverage=0.9`.
        """,
        sources=[
            ("Guo et al. (2017), On calibration of modern neural networks", "https://arxiv.org/abs/1706.04599"),
            ("Vovk, Gammerman and Shafer (2005), Algorithmic learning in a random world", "https://doi.org/10.1007/b106715"),
            ("Romano, Sesia and Candès (2020), Classification with valid and adaptive coverage",
             "https://arxiv.org/abs/2006.02544"),
            ("Lee et al. (2018), A simple unified framework for detecting out-of-distribution samples",
             "https://arxiv.org/abs/1807.03888"),
        ],
        onward="An answer, its reasons and its limits. What if every answer decides what is asked next?",
    )  # fmt: skip
    return


if __name__ == "__main__":
    app.run()
