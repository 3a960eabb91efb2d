"""Lesson 67: groups that nobody has named. Centres and points by turns, where that works and where it cannot."""

import marimo

app = marimo.App(width="medium", app_title="Groups that nobody has named", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    from sklearn.datasets import load_digits, make_circles, make_moons

    from deepglass.course import kit
    from deepglass.evaluate import number_of_clusters
    from deepglass.evaluate.metrics.clusters import adjusted_rand, table_of
    from deepglass.glass.classic import KMeans
    from deepglass.glass.classic.k_means import means, nearest, squared_distances
    from deepglass.models.autoencoder import Autoencoder, Config

    LESSON = {
        "title": "Groups that nobody has named",
        "question": "How are groups found in data that nobody has labelled?",
        "part": "Without labels",
        "minutes": 20,
        "reads": ["glass/classic/k_means.py", "tasks/clustering.py"],
        "runs": ["deepglass train digits --task clustering --clusters 10 --epochs 30 --run runs/groups"],
    }

    POINTS = ("heaps", "moons", "rings", "one cloud")
    BEGIN = {"heaps": [0, 1, 2], "moons": [0, 1], "rings": [0, 1]}  # which points are the first centres
    HALF_STEPS, MOST_K, SEEDS = 8, 6, 40
    CODE, STEPS, BATCH, HIDDEN, LEARNT = 8, 500, 64, 128, 1300  # of the net for digits, and pictures that it learns


@app.function
@cache
def points(name):
    """Points (n, 2) to choose among, and which group each was drawn from."""
    rng = np.random.default_rng(3)
    if name == "heaps":
        middles, groups = np.array([[-2.0, -1.2], [2.0, -1.0], [0.2, 2.0]]), np.arange(90) % 3
        order = np.argsort(groups, kind="stable")  # the first three points lie in one heap
        return (middles[groups] + 0.55 * rng.normal(size=(90, 2)))[order], groups[order]
    if name == "moons":
        found, groups = make_moons(120, noise=0.06, random_state=0)
        return 1.7 * (found - found.mean(0)), groups
    if name == "rings":
        found, groups = make_circles(120, factor=0.35, noise=0.05, random_state=0)
        return 2.6 * found, groups
    if name == "six heaps":
        middles = np.array([[-3, -2.6], [-2.6, 2.4], [0, -0.2], [2.9, 2.8], [2.8, 0.8], [2.2, -2.8]])
        return np.repeat(middles, 30, axis=0) + 0.38 * rng.normal(size=(180, 2)), np.repeat(np.arange(6), 30)
    return 1.3 * rng.normal(size=(120, 2)), np.zeros(120, int)


@app.function
def walk(rows, centres):
    """(what was done, labels, centres, sum of squares) after every half step, until nobody changes sides."""
    labels, before = nearest(rows, centres), None
    while not np.array_equal(labels, before):
        yield "every point goes to its nearest centre", labels, centres, np.square(rows - centres[labels]).sum()
        centres = means(rows, labels, centres)
        yield "every centre moves to the mean of its points", labels, centres, np.square(rows - centres[labels]).sum()
        before, labels = labels, nearest(rows, centres)


@app.function
def stage(rows, labels, centres, label, caption, width=3.9):
    """Points in the colours and markers of their cluster, and the centres."""
    parts = {str(place + 1): rows[labels == place] for place in range(len(centres))}
    return kit.scatter(
        {**parts, "centres": centres}, colors={"centres": kit.INK}, xlim=(-4, 4), ylim=(-4, 4), width=width,
        height=3.4, label=label, caption=caption,
    )  # fmt: skip


@app.function
def agrees(labels, groups):
    """The adjusted Rand index: 1 is the same partition, 0 what chance gives."""
    return float(adjusted_rand(table_of(np.asarray(labels), np.asarray(groups))))


@app.function
def film():
    """K-means on three heaps, from three centres in one of them."""
    rows = points("heaps")[0]
    for number, (what, labels, centres, total) in enumerate(walk(rows, rows[BEGIN["heaps"]])):
        told = f"Half step {number + 1}: {what}. Squared distances add up to {total:.0f}."
        yield stage(rows, labels, centres, "Three heaps of points, and three centres", told)


@app.cell
def _():
    kit.opening(
        LESSON,
        "Nobody has said which point belongs to which group. Three centres begin among the points, all three in one "
        "heap. Then two things happen **by turns**: every point joins its nearest centre, and every centre moves to "
        "the mean of its points.",
        kit.film(film(), label="Half steps of k-means", seconds=0.9, width=3.9),
    )
    return


@app.cell
def _():
    _rows, _groups = points("moons")
    _found = KMeans(2).fit(_rows)
    kit.guess(
        "Now points that lie on <b>two crescents</b>, each curled around the tip of the other, with a gap between "
        "them that everybody sees. K-means is asked for two groups. What does it do?",
        ["It finds the two crescents", "It cuts straight through both", "It never comes to rest"],
        "It cuts through both. A point joins the nearer of two centres, so the border is the straight line in the "
        "middle between them, whatever the points look like. Pairs of points that it treats as the crescents do, "
        f"beyond chance, make an index of {agrees(_found.labels_, _groups):.2f}; 1 would be both crescents.",
    )
    return


@app.cell
def _():
    _rows, _groups = points("moons")
    _found = KMeans(2).fit(_rows)
    _words = kit.text(
        """
        K-means has one idea of a group: **round, and about as wide as the others**. That is no fault of its steps,
        which do what they should. It is what the sum of squared distances asks for. Where groups look otherwise, one
        has to ask for something else, or describe the points by other numbers.
        """
    )
    kit.after_guess(
        kit.row(stage(_rows, _found.labels_, _found.cluster_centers_, "Two crescents, cut", "The best of ten."), _words)
    )
    return


@app.cell
def _():
    which = mo.ui.radio([*BEGIN], value="heaps", label="Points", inline=True)
    half = kit.slider("Half steps", range(1, HALF_STEPS + 1), 3)
    kit.text(
        """
        ## By turns {#see}

        Go through it by hand. An odd half step gives every point to its nearest centre, an even one moves the centres.
        Watch the sum: **it never grows**. A point that changes sides does so because the other centre is nearer; and
        no place has a smaller sum of squared distances from some points than their mean. There are only so many ways
        to divide points among centres, and none comes twice, so it must come to rest.

        {which} {half}
        """,
        which=which, half=half,
    )  # fmt: skip
    return half, which


@app.cell
def _(half, which):
    _rows, _groups = points(which.value)
    _steps = list(walk(_rows, _rows[BEGIN[which.value]]))
    _at = min(half.value, len(_steps)) - 1
    _what, _labels, _centres, _total = _steps[_at]
    _mine = _rows[_labels == 0]
    _rests = " It rests." if _at == len(_steps) - 1 else ""
    _said, _label = f"{_what.capitalize()}.{_rests}", f"The {which.value} after {_at + 1} half steps"
    kit.levels(
        stage(_rows, _labels, _centres, _label, _said),
        {
            "half steps": _at + 1,
            "squared distances, summed": float(_total),
            "at the first half step": float(_steps[0][3]),
            "points of centre 1": len(_mine),
            "as the groups were drawn (1 is all)": agrees(_labels, _groups),
        },
        r"""
        $$z_i = \arg\min_j |x_i - \orange{c_j}|^2, \qquad \orange{c_j} = \frac{1}{n_j}\sum_{z_i = j} x_i$$

        $$\blue{J} = \sum_i |x_i - \orange{c_{z_i}}|^2 = {total}$$

        Centre 1 has {count} points; their mean is ({x}, {y}).
        """,
        total=f"{_total:.1f}", count=len(_mine), x=f"{_mine[:, 0].mean():.2f}", y=f"{_mine[:, 1].mean():.2f}",
    )  # fmt: skip
    return


@app.cell
def _():
    kit.text(
        """
        ## Two lines that take turns {#read}

        This is Lloyd's loop, and the two steps that it calls. It stops when no point has changed sides.

        {lloyd} {means}
        """,
        lloyd=kit.read(
            "glass/classic/k_means.py",
            {"centres, before, steps = means": "The centres move …",
             "            labels = nearest(X, centres)": "… and the points choose again."},
            part="KMeans.lloyd",
        ),
        means=kit.read(
            "glass/classic/k_means.py",
            {"mine.mean(0)": "No place is nearer to all of them, in squares.",
             "X[away.argmax()], 0.0": "A centre without points begins anew where it is needed most."},
            part="means",
        ),
    )  # fmt: skip
    return


@app.function
@cache
def ended(seed, careful):
    """K-means on the six heaps from one beginning: drawn points, or points drawn far from each other."""
    rows = points("six heaps")[0]
    drawn = np.random.default_rng(seed).choice(len(rows), 6, replace=False)
    return KMeans(6, None if careful else rows[drawn], n_init=1, seed=seed).fit(rows)


@app.function
@cache
def ends(careful):
    """(SEEDS,) the sums in which it ends."""
    return np.array([ended(seed, careful).inertia_ for seed in range(SEEDS)])


@app.cell
def _():
    start = mo.ui.radio(
        {"points drawn at random": False, "k-means++": True}, value="points drawn at random", label="First centres",
        inline=True,
    )  # fmt: skip
    seed = kit.slider("Beginning", range(8), 2)
    kit.text(
        """
        ## At rest in the wrong place {#break-it-mend-it}

        The sum never grows, and that is also the trouble. Six heaps, six centres; two centres begin in one heap, and
        another heap has none. Nothing pulls a centre across: on the way the sum would have to grow. So it **rests**,
        with a heap cut in two and two heaps in one.

        **Mend it** before the first step. *k-means++* draws the first centres one after the other, each point with a
        chance that grows as its *squared* distance from those that are drawn already. And it begins several times and
        keeps the best.

        {start} {seed}
        """,
        start=start, seed=seed,
    )  # fmt: skip
    return seed, start


@app.cell
def _(seed, start):
    _found = ended(seed.value, start.value)
    _best, _rows = ends(True).min(), points("six heaps")[0]
    _told = f"It rests at a sum of {_found.inertia_:.0f}; the best of all beginnings is {_best:.0f}."
    _missed = [int((ends(careful) > 1.1 * _best).sum()) for careful in (False, True)]
    kit.row(
        stage(_rows, _found.labels_, _found.cluster_centers_, "Six heaps and six centres at rest", _told),
        kit.bars(
            dict(zip(("at random", "k-means++"), _missed)), label="How many beginnings end badly", xlim=(0, SEEDS),
            caption=f"Of {SEEDS} beginnings, so many end above the best sum by a tenth or more.",
        ),
    )  # fmt: skip
    return


@app.function
@cache
def tried(name):
    """The silhouette of every number of clusters, and how much the folds differ."""
    return number_of_clusters.tried(points(name)[0])


@app.cell
def _():
    choice = mo.ui.radio(POINTS, value="heaps", label="Points", inline=True)
    k = kit.slider("Clusters k", range(2, MOST_K + 1), 3)
    kit.text(
        r"""
        ## How many? {#how-many}

        The sum $J$ cannot tell: with more centres it is always smaller, and with one per point it is 0. The
        **silhouette** of a point compares $a$, how far the others of its cluster are, with $b$, how far those of the
        next one are: $(b - a)/\max(a, b)$. Near 1 it is at home, at 0 between two. `deepglass` finds the centres with
        four fifths of the points, takes the silhouette of the last fifth, and does so five times: the band is how much
        these five differ.

        {choice} {k}
        """,
        choice=choice, k=k,
    )  # fmt: skip
    return choice, k


@app.cell
def _(choice, k):
    _rows, _tried = points(choice.value)[0], tried(choice.value)
    _found, _best, _also = KMeans(k.value).fit(_rows), number_of_clusters.best(_tried), number_of_clusters.level(_tried)
    _ks, _means, _off = ([one[name] for one in _tried] for name in ("k", "silhouette", "spread"))
    _said = f"Level with it are {', '.join(map(str, _also))}: the points do not say." if _also else "No other is level."
    kit.row(
        stage(_rows, _found.labels_, _found.cluster_centers_, f"The {choice.value} in {k.value} clusters",
              f"Squared distances add up to {_found.inertia_:.0f}."),
        kit.curves(
            {"silhouette": (_ks, _means), "a spread above": (_ks, list(np.add(_means, _off))),
             "a spread below": (_ks, list(np.subtract(_means, _off)))},
            colors=dict.fromkeys(("a spread above", "a spread below"), kit.GREY), points={"silhouette"},
            xlabel="clusters k", ylim=(0, 1), ylabel="silhouette of points left out", whole=True,
            label="Which number of clusters is best",
            caption=f"Highest at {_best}. {_said}",
        ),
    )  # fmt: skip
    return


@app.function
@cache
def digits():
    """The bundled digits (1797, 64) in [0, 1] in a shuffled order, and what they are, which only judges."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(len(data.data))
    return (data.data[order] / 16).astype(np.float32), data.target[order]


@app.function
@cache
def net():
    """An autoencoder of the digits, as in lesson 58."""
    torch.manual_seed(0)
    model = Autoencoder(64, config=Config(code_dim=CODE, hidden_dim=HIDDEN))
    rows = torch.from_numpy(digits()[0][:LEARNT])
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(STEPS):
        x = rows[torch.randint(LEARNT, (BATCH,))]
        optimizer.zero_grad()
        (model(x)[:, CODE:] - x).square().mean().backward()
        optimizer.step()
    return model.eval()


@app.function
@cache
def grouped(of):
    """Centres (10, D) of the learnt digits, by their "codes" or their "pixels", and the cluster of the unseen ones."""
    rows = digits()[0] if of == "pixels" else net().encode(torch.from_numpy(digits()[0])).detach().numpy()
    found = KMeans(10).fit(rows[:LEARNT])
    return found.cluster_centers_, squared_distances(rows[LEARNT:], found.cluster_centers_).argmin(1)


@app.cell
def _():
    of = mo.ui.radio({"64 pixels": "pixels", f"codes of {CODE} numbers": "codes"}, value=f"codes of {CODE} numbers",
                     label="Groups among the", inline=True)  # fmt: skip
    kit.text(
        """
        ## Ten groups of digits {#digits}

        1,300 digits without labels, and an autoencoder that has learnt to squeeze each through eight numbers. K-means
        looks for ten groups of codes. A centre is a code, too, and the decoder can **draw** it. The labels of unseen
        digits then say what was found; they have taught nobody.

        {of}
        """,
        of=of,
    )  # fmt: skip
    return (of,)


@app.cell
def _(of):
    _centres, _labels = grouped(of.value)
    _truth = digits()[1][LEARNT:]
    with torch.no_grad():
        _made = _centres if of.value == "pixels" else net().decode(torch.from_numpy(_centres).float()).numpy()
    _counts = np.stack([np.bincount(_truth[_labels == place], minlength=10) for place in range(10)])
    _names = [f"{row.argmax()}: {row.max() / max(row.sum(), 1):.0%}" for row in _counts]
    _index = {part: agrees(grouped(part)[1], _truth) for part in ("pixels", "codes")}
    kit.row(
        kit.pictures(
            list(np.clip(_made, 0, 1).reshape(-1, 8, 8)), _names, columns=5, colors="much", width=4.6,
            label="The centres of ten groups, with the most frequent digit of each and its share",
            caption="Above each centre the digit that is most frequent among its unseen members.",
        ),
        kit.text(
            """
            Some digits get a group, some share one, some are written in two ways and get two. The **adjusted Rand
            index** counts pairs that groups and labels treat alike, beyond chance: {codes} for the codes, {pixels} for
            the plain pixels. A net is no guarantee: its code keeps what is needed to *draw* a digit, slant and width
            included, and not only what tells digits apart. That is why `deepglass` puts both in one table.
            """,
            codes=f"{_index['codes']:.2f}", pixels=f"{_index['pixels']:.2f}",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.check(
        kit.exercise("new_centres"),
        kit.answer(
            "Four points on a line, at 1, 2, 9 and 12. Two centres begin at 1 and at 2. Where is the right one when "
            "k-means has come to rest?",
            10.5,
            name="rests",
            slips={
                23 / 3: "That is after one move. Now the point at 2 is nearer to the other centre.",
                9: "A centre is the mean of its points.",
            },
            because="First 2, 9 and 12 share a centre at 7.67; then 2 changes sides, and it rests at 1.5 and 10.5.",
            hint="Give every point to its nearest centre, move the centres to the means, and once more.",
            solution="(9 + 12) / 2 = 10.5",
            tolerance=0.01,
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        The same digits from the command line. The table holds the groups of codes against k-means on the inputs, on
        the same unseen digits, and says whether one is ahead by more than chance. The report has a map of the codes and
        what is in every cluster.
        """,
        own_file="""
        A table or a folder of pictures, without any target: `deepglass train my.csv --task clustering`. Leave
        `--clusters` out and the silhouette chooses; a warning says where it cannot. A column that shall only judge is
        named with `--target`. With `--neighbours 10` codes also learn who is near whom: groups that are no round heaps
        are found. `deepglass predict RUN new.csv` gives every row its cluster and how far the centre is.
        """,
        sources=[
            ("Lloyd (1982), Least squares quantization in PCM", "https://doi.org/10.1109/TIT.1982.1056489"),
            ("Arthur & Vassilvitskii (2007), k-means++", "https://dl.acm.org/doi/10.5555/1283383.1283494"),
            ("Rousseeuw (1987), Silhouettes", "https://doi.org/10.1016/0377-0427(87)90125-7"),
        ],
    )
    return


if __name__ == "__main__":
    app.run()
