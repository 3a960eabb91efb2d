"""Lesson 1: what deep learning is, and when it is not the answer. Three learners on a table and on pictures."""

import marimo

app = marimo.App(width="medium", app_title="What deep learning is", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit

    LESSON = {
        "title": "What deep learning is",
        "question": "When is a network the answer?",
        "part": "Before we begin",
        "topics": ["A01"],
        "minutes": 15,
        "reads": ["models/linear.py", "models/mlp.py"],
        "runs": [
            "deepglass train breast-cancer --model linear --epochs 30",
            "deepglass train digits --model linear --epochs 10",
            "deepglass train digits --model cnn --epochs 10",
        ],
        "words": ["machine learning", "classical ml", "decision tree", "nearest neighbour", "knn", "features"],
    }

    COLORS = {"line": kit.ORANGE, "tree": kit.GREEN, "net": kit.BLUE}
    SIZES = {"table": (10, 20, 40, 80, 150, 280, 380), "pictures": (20, 40, 80, 160, 320, 640, 1198)}
    NAMES = {"table": "569 tumours, 30 measurements", "pictures": "1,797 digits, 8 × 8 pixels"}
    AROUND = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))  # the copies that mend


@app.function
def load(name, seed=0):
    """Two thirds to learn from, a third to be asked about: X, y, X to ask, y to ask."""
    from sklearn.datasets import load_breast_cancer, load_digits

    X, y = (load_breast_cancer if name == "table" else load_digits)(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(X))
    asked, taught = order[: len(X) // 3], order[len(X) // 3 :]
    middle, spread = (X[taught].mean(0), X[taught].std(0)) if name == "table" else (0, 16)
    X = (X - middle) / spread
    return X[taught], y[taught], X[asked], y[asked]


@app.function
def teach(kind, X, y):
    """A line (one layer), a net (two layers with a bend between them) or a tree of questions."""
    if kind == "tree":
        from sklearn.tree import DecisionTreeClassifier

        return DecisionTreeClassifier(random_state=0).fit(X, y)
    glass.manual_seed(0)
    inputs, classes = X.shape[1], int(y.max()) + 1
    layers = [(inputs, classes)] if kind == "line" else [(inputs, 128), (128, classes)]
    model = glass.nn.Sequential(*(part for sizes in layers for part in (glass.nn.Linear(*sizes), glass.nn.ReLU())))[:-1]
    optimizer = glass.optim.AdamW(model.parameters(), lr=0.02 if kind == "line" else 0.005)
    x, truth = glass.tensor(X).float(), glass.tensor(y)
    for _ in range(max(25, 3000 // len(X))):  # times through all examples
        for batch in glass.randperm(len(X)).split(32):
            loss = glass.nn.functional.cross_entropy(model(x[batch]), truth[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


@app.function
def says(model, X):
    """The class that a learner names for each row."""
    return model.predict(X) if hasattr(model, "predict") else model(glass.tensor(X).float()).argmax(1).numpy()


@app.function
def race(name):
    """What share of the unseen third each learner gets right, by how many examples it learned from."""
    X, y, asked, truth = load(name)
    return {kind: [(says(teach(kind, X[:n], y[:n]), asked) == truth).mean() for n in SIZES[name]] for kind in COLORS}


@app.function
def moved(X, right, down=0):
    """Every picture moved by some pixels; what leaves the frame is gone, what enters is empty."""
    wide = np.zeros((len(X), 14, 14))
    wide[:, 3 + down : 11 + down, 3 + right : 11 + right] = X.reshape(-1, 8, 8)
    return wide[:, 3:11, 3:11].reshape(-1, 64)


@app.cell
def _():
    kit.opening(
        LESSON,
        "Three learners, two kinds of data. On the left a table of measurements, on the right handwritten digits. The "
        "three get more and more examples. The higher a curve, the more unseen cases it gets right.",
    )
    return


@app.cell
def _():
    races = {name: race(name) for name in SIZES}
    _fig, _axes = kit.figure(width=5.2, height=3.9, rows=2, columns=2, height_ratios=[1, 2.1])
    _lines = {}
    for (_above, _ax), _name in zip(_axes.T, SIZES):
        _X = load(_name)[0]
        _shown = _X[:10] if _name == "table" else _X[:30].reshape(3, 10, 8, 8).transpose(0, 2, 1, 3).reshape(24, 80)
        _above.imshow(_shown, cmap=kit.MORE_AND_LESS if _name == "table" else kit.MUCH, aspect="auto",
                      vmin=-2.5 if _name == "table" else 0, vmax=2.5 if _name == "table" else 1)  # fmt: skip
        _above.set_axis_off()
        _above.set_title(NAMES[_name], fontsize=9.5)
        _ax.set(
            xscale="log", xlim=(8, 2600), ylim=(0.28, 1.02), xlabel="examples to learn from", xticks=[10, 100, 1000]
        )
        _ax.set(yticks=[0.4, 0.6, 0.8, 1.0], yticklabels=["40 %", "60 %", "80 %", "100 %"])
        _lines[_name] = [_ax.plot([], [], color=color, marker=".", markersize=8)[0] for color in COLORS.values()]
    _axes[1, 1].set(yticklabels=[])
    for _kind, _height in zip(COLORS, (0.57, 0.47, 0.67)):
        _axes[1, 0].text(500, _height, _kind, color=COLORS[_kind], fontweight="bold")

    def draw(number):
        for name, lines in _lines.items():
            for line, scores in zip(lines, races[name].values()):
                line.set_data(SIZES[name][: number + 1], scores[: number + 1])
        table, pictures = ([f"{k} {v[number]:.0%}" for k, v in races[name].items()] for name in SIZES)
        return f"{SIZES['table'][number]} rows: {', '.join(table)}. {SIZES['pictures'][number]:,} pictures: {', '.join(pictures)}."

    kit.film(*kit.frames(_fig, draw, len(SIZES["table"])), label="How many examples", seconds=0.9, width=5.2)
    return (races,)


@app.cell
def _(trained, asked):
    _X, _truth = asked
    _before, _after = ((says(trained["net"], moved(_X, by)) == _truth).mean() for by in (0, 1))
    kit.guess(
        f"The net reads {_before:.0%} of the digits. Now every picture is moved to the right, by a single pixel. You read "
        "them as before. And the net?",
        ["As before, or nearly", "About three in four", "About every second"],
        f"It gets {_after:.0%}. You see a shape that has moved; the net sees 64 columns of a table, and all of them hold "
        "something else. The other two fare worse still. Below, under <i>Break it, mend it</i>, you can move them.",
    )
    return


@app.cell
def _(races):
    _first, _last = ({kind: scores[at] for kind, scores in races["pictures"].items()} for at in (0, -1))
    _table = {kind: scores[-1] for kind, scores in races["table"].items()}
    _cases = len(load("table")[3])
    kit.section(
        "See",
        f"""
        All three **learn from examples**: nobody tells them what a 7 looks like. They differ in what they can say.

        - The <span class="orange">line</span> gives every column a weight and adds up. One layer, {64 * 10 + 10} numbers.
        - The <span class="green">tree</span> asks one column after the other: more than this? Then that one?
        - The <span class="blue">net</span> does what the line does, twice, with a bend between. Its first layer makes
          *new columns* out of the old, and learns which ones. Stack more such layers, and it is called **deep**.

        On the table that does not help: line {_table["line"]:.1%}, net {_table["net"]:.1%}, where one case in {_cases}
        is {1 / _cases:.1%}. On the pictures the net ends ahead, {_last["net"]:.1%} against {_last["line"]:.1%} and
        {_last["tree"]:.1%}. Why there? Look over their shoulders:
        """,
    )
    return


@app.cell
def _():
    _X, _y, *asked = load("pictures")
    trained = {kind: teach(kind, _X, _y) for kind in COLORS}
    return asked, trained


@app.cell
def _(asked, trained):
    _said = np.array([says(model, asked[0]) for model in trained.values()])
    disputed = np.flatnonzero((_said != _said[0]).any(0))[:40]
    picked = mo.ui.slider(0, len(disputed) - 1, 1, value=2, label="a digit on which they do not agree", show_value=True)
    picked
    return disputed, picked


@app.function
def looks_at(kind, model, x, said):
    """The pixels that speak for an answer: the line's weights, the tree's questions, the net's loudest new column."""
    if kind == "tree":
        path = model.tree_.feature[model.decision_path(x[None]).indices]
        return np.bincount(path[path >= 0], minlength=64).clip(0, 1)
    first, last = model[0].weight.detach().numpy(), model[-1].weight.detach().numpy()
    if kind == "line":
        return first[said]
    hidden = model[1](model[0](glass.tensor(x).float())).detach().numpy()
    return first[(hidden * last[said]).argmax()]


@app.cell
def _(asked, disputed, picked, trained):
    _x, _truth = asked[0][disputed[picked.value]], asked[1][disputed[picked.value]]
    _said = {kind: int(says(model, _x[None])[0]) for kind, model in trained.items()}
    _fig, _axes = kit.figure(width=5.2, height=1.75, columns=4)
    _shown = {"the digit": (_x, kit.MUCH)}
    for _kind, _model in trained.items():
        _shown[f"{_kind}: {_said[_kind]}"] = (looks_at(_kind, _model, _x, _said[_kind]), kit.MORE_AND_LESS)
    for _ax, (_title, (_pixels, _colors)) in zip(_axes, _shown.items()):
        _most = np.abs(_pixels).max()
        _ax.imshow(_pixels.reshape(8, 8), cmap=_colors, vmin=0 if _colors is kit.MUCH else -_most, vmax=_most)
        _ax.set_title(_title, fontsize=10)
        _ax.set(xticks=[], yticks=[])
    _verdicts = " · ".join(f"{kind} {'✓' if _said[kind] == _truth else '✗'}" for kind in _said)
    _steps = int((trained["tree"].decision_path(_x[None]).indices.size) - 1)
    _sizes = {kind: sum(p.numel() for p in trained[kind].parameters()) for kind in ("line", "net")}
    kit.levels(
        kit.html(_fig, f"A {_truth}, and the pixels that each learner looks at. {_said}", f"It is a {_truth}: {_verdicts}"),
        kit.md(
            f"""
            | | says | has learned | looks at |
            |---|--:|--:|---|
            | <span class="orange">line</span> | {_said["line"]} | {_sizes["line"]:,} numbers | all pixels, once |
            | <span class="green">tree</span> | {_said["tree"]} | {trained["tree"].tree_.n_leaves - 1:,} questions | {_steps} pixels here |
            | <span class="blue">net</span> | {_said["net"]} | {_sizes["net"]:,} numbers | 128 mixtures of pixels |
            """
        ),
        kit.md(
            r"""
            line: $\;\orange{W} x + b\;$ and take the largest

            net: $\;\blue{W_2} \max(0, \blue{W_1} x + b_1) + b_2\;$ and take the largest
            """
        ),
    )  # fmt: skip
    return


@app.function
def alone(name):
    """How many unseen cases a small tree gets right that sees one column only; and always naming the most frequent class."""
    from sklearn.tree import DecisionTreeClassifier

    X, y, asked, truth = load(name)
    one = [
        DecisionTreeClassifier(max_leaf_nodes=10, random_state=0).fit(X[:, [j]], y).score(asked[:, [j]], truth)
        for j in range(X.shape[1])
    ]
    return np.array(one), (truth == np.bincount(y).argmax()).mean()


@app.cell
def _():
    (_columns, _blind), (_pixels, _blind_pixels) = alone("table"), alone("pictures")
    _fig, (_left, _right) = kit.figure(width=5.2, height=2.5, columns=2, width_ratios=[1.25, 1])
    _left.bar(range(len(_columns)), np.sort(_columns)[::-1], color=kit.BLUE, width=0.75)
    _left.axhline(_blind, color=kit.ORANGE)
    _left.set(
        ylim=(0, 1), yticks=[0, 0.5, 1], yticklabels=["0", "50 %", "100 %"], xticks=[], xlabel="30 columns, best first"
    )
    _right.imshow(_pixels.reshape(8, 8), cmap=kit.MUCH, vmin=0, vmax=1)
    _right.set(xticks=[], yticks=[], xlabel="64 pixels")
    kit.row(
        kit.md(
            f"""
            ### What one column knows alone

            The best single column of the table already gets **{_columns.max():.0%}** right (orange: {_blind:.0%} without
            looking). Somebody with a microscope *chose* to measure it. Its meaning is done; a line only has to add up.

            The best single pixel gets **{_pixels.max():.0%}**. A pixel means nothing alone, only with others: a stroke, a
            loop. Someone has to make columns that mean something. People used to do this by hand, for years. Deep
            learning is **learning them, too**: for pictures, sound and language, where nobody knows how to measure.
            """
        ),
        kit.html(_fig, f"One column alone: {_columns.max():.0%} at best; one pixel alone: {_pixels.max():.0%} at best",
                 "Share of cases right, from one column alone."),
    )  # fmt: skip
    return


@app.cell
def _():
    mo.vstack(
        [
            kit.section("Read", "The line and the net, as `deepglass train --model linear` and `--model mlp` run them."),
            kit.read("models/linear.py", {"logits = self.numbers": "A weight for each column and class: no more."}, part="Linear.forward"),
            kit.read(
                "models/mlp.py",
                {
                    "layers += hidden_layer": "New columns, from a layer and a bend. As often as you like: this is the deep in deep learning.",
                    "self.layers = nn.Sequential": "On top, the same line as before.",
                },
                part="MLP.__init__",
            ),
        ]
    )  # fmt: skip
    return


@app.cell
def _():
    _words = kit.section(
        "Break it, mend it",
        """
        Move the pictures that the learners are asked about. They have never seen a digit off its place.

        **Mend it** with more examples: give each of them five copies of what they learned from, one in place and one
        moved by a pixel to each side. Who can make use of it?
        """,
    )
    by = mo.ui.slider(0, 2, 1, value=1, label="move to the right by", show_value=True)
    copies = mo.ui.switch(label="learn from moved copies, too")
    mo.vstack([_words, mo.hstack([by, copies], justify="start", gap=2, wrap=True)])
    return by, copies


@app.function
def with_copies(X, y):
    """Every picture five times: in place, and moved by a pixel each way."""
    return np.concatenate([moved(X, *way) for way in AROUND]), np.tile(y, len(AROUND))


@app.cell
def _(copies, trained):
    taught = trained
    if copies.value:
        taught = {kind: teach(kind, *with_copies(*load("pictures")[:2])) for kind in COLORS}
    return (taught,)


@app.cell
def _(asked, by, copies, taught):
    _X = moved(asked[0], by.value)
    _right = {kind: (says(model, _X) == asked[1]).mean() for kind, model in taught.items()}
    _fig, (_above, _below) = kit.figure(height=3.2, rows=2, height_ratios=[1, 2.4])
    _above.imshow(_X[:8].reshape(8, 8, 8).transpose(1, 0, 2).reshape(8, 64), cmap=kit.MUCH, vmin=0, vmax=1)
    _above.vlines(np.arange(7.5, 60, 8), -0.5, 7.5, color=kit.FAINT, linewidth=1)
    _above.set(xticks=[], yticks=[])
    _below.barh(list(_right), list(_right.values()), color=list(COLORS.values()), height=0.62)
    _below.invert_yaxis()
    _below.set(xlim=(0, 1.15), xticks=[0, 0.5, 1], xticklabels=["0", "50 %", "100 %"])
    for _row, _share in enumerate(_right.values()):
        _below.text(_share + 0.02, _row, f"{_share:.0%}", va="center")
    _moral = (
        "The line has no room: one weight a pixel has to do for all places. The net had room to learn them all. A "
        "*convolutional* network need not even be told: it looks for the same stroke everywhere."
        if copies.value
        else "Nothing about the digits has changed, and everything about the columns. None of the three knows that pixels "
        "have neighbours: shuffle them all, and they would learn just as well. You would not."
    )
    kit.row(kit.html(_fig, "Share of moved digits that are read right: " + ", ".join(f"{k} {v:.0%}" for k, v in _right.items())), kit.md(_moral))  # fmt: skip
    return


@app.function
def check_nearest(nearest):
    """Three small tables, then real digits."""
    rows, names = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 3.0]]), np.array([7, 8, 9])
    for x, expected in (([0.5, 0.2], 7), ([3.0, -1.0], 8), ([-1.0, 2.5], 9)):
        got = nearest(rows, names, np.array(x))
        assert np.ndim(got) == 0 and got is not None, f"Give back one class, such as y[2]; got {got!r}."
        nearby = rows[np.flatnonzero(names == expected)[0]].tolist()
        assert got == expected, f"For {x} the nearest row is {nearby}, of class {expected}; got {got}."
    X, y, asked, truth = load("pictures")
    right = np.mean([nearest(X, y, x) == t for x, t in zip(asked[:200], truth[:200])])
    return f"And on 200 unseen digits your lines are right {right:.1%} of the time. They learned nothing at all."


@app.cell
def _():
    _exercise = kit.exercise(
        "nearest",
        "A learner that learns nothing: keep all examples, and answer with the class of the one nearest to "
        "<code>x</code>. <code>X</code> holds a row for each example, <code>y</code> their classes.",
        stub="""
            def nearest(X, y, x):
                # your lines here
                return None
        """,
        solution="""
            def nearest(X, y, x):
                distances = ((X - x) ** 2).sum(axis=1)
                return y[distances.argmin()]
        """,
        check=check_nearest,
        hint="X − x takes x from each row. Square, add up along each row, and find where the sum is smallest.",
        given={"np": np},
    )
    _note = kit.note(
        "Surprised? Small, clean, centred digits are easy, and each has a near twin among a thousand. On photographs the "
        "nearest picture is one with the same sky. Always try the plain ones first: they cost nothing, and tell you "
        "what your network has to beat. `deepglass train` does so by itself."
    )
    _choice = kit.choose(
        "Where would you reach for a network first?",
        {
            "300 patients, 12 blood values, who falls ill": (False, "Few rows, columns that mean something: a line, or a tree. A network would learn the 300 by heart."),
            "20,000 X-ray pictures, which show a fracture": (True, "Pixels mean nothing alone, and there are many examples."),
            "Recordings of bird song, which bird": (True, "Sound is like pixels: the columns that matter have to be learned."),
            "The postage of a parcel, by weight and size": (False, "The rule is known. Write it down; nothing needs to be learned."),
        },
        name="where",
        several=True,
    )  # fmt: skip
    mo.vstack([kit.section("Check yourself"), _exercise, _note, _choice])
    return


@app.cell
def _():
    _words = kit.section(
        "Run",
        """
        The line on the table, the line on the digits, and a small convolutional network on the digits. Each is judged
        on cases that it never saw, beside a baseline that does not look at all.
        """,
    )
    _sources = kit.sources(
        ("LeCun, Bengio and Hinton (2015), Deep learning", "https://doi.org/10.1038/nature14539"),
        ("Grinsztajn et al. (2022), Why do tree-based models still outperform deep learning on tabular data?", "https://arxiv.org/abs/2207.08815"),
        ("Breiman (2001), Statistical Modeling: The Two Cultures", "https://doi.org/10.1214/ss/1009213726"),
    )  # fmt: skip
    _next = kit.next_lesson(LESSON, "A picture became a list of 64 numbers, a layer became W. Such lists have laws.")
    mo.vstack([_words, kit.run_command(*LESSON["runs"]), _sources, _next])
    return


if __name__ == "__main__":
    app.run()
