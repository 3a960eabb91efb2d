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
        "minutes": 15,
        "reads": ["models/linear.py", "models/mlp.py"],
        "runs": [
            "deepglass train breast-cancer --model linear --epochs 30",
            "deepglass train digits --model linear --epochs 10",
            "deepglass train digits --model cnn --epochs 10",
        ],
    }

    COLORS = {"line": kit.ORANGE, "tree": kit.GREEN, "net": kit.BLUE}
    SIZES = {"table": (12, 30, 75, 180, 380), "pictures": (30, 75, 180, 450, 1198)}
    NAMES = {"table": "569 tumours, 30 measurements", "pictures": "1,797 digits, 8 × 8 pixels"}


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
def layers(kind, inputs, classes):
    """A line is one layer. A net makes new columns first: of a picture, where there is which stroke."""
    nn = glass.nn
    if kind == "line":
        return nn.Sequential(nn.Linear(inputs, classes))
    if inputs == 64:
        first = nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 24, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
        return nn.Sequential(*first, nn.Linear(24 * 4 * 4, classes))
    return nn.Sequential(nn.Linear(inputs, 128), nn.ReLU(), nn.Linear(128, classes))


@app.function
def teach(kind, X, y, rounds=16):
    """A line, a net, or a tree of questions that has learned from these examples."""
    if kind == "tree":
        from sklearn.tree import DecisionTreeClassifier

        return DecisionTreeClassifier(random_state=0).fit(X, y)
    glass.manual_seed(0)
    model = layers(kind, X.shape[1], int(y.max()) + 1)
    optimizer = glass.optim.AdamW(model.parameters(), lr=0.02 if kind == "line" else 0.01, weight_decay=0.05)
    x, truth = glass.tensor(X).float(), glass.tensor(y)
    for _ in range(max(rounds, 1500 // len(X))):  # times through all examples
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
def score(model, data):
    """What share of the unseen third a learner gets right."""
    return (says(model, data[2]) == data[3]).mean()


@app.function
def race(name, seeds):
    """With more and more examples, those shares by learner, means of some splits; and the last split's learners."""
    splits, shares, models = [load(name, seed) for seed in seeds], {kind: [] for kind in COLORS}, {}
    for count in SIZES[name]:
        for kind in COLORS:
            taught = [teach(kind, X[:count], y[:count]) for X, y, *_ in splits]
            shares[kind].append(np.mean([score(model, data) for model, data in zip(taught, splits)]))
            models[kind] = taught[-1]
        yield shares, models


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
    _learning, learned = {"table": race("table", [0, 1]), "pictures": race("pictures", [0])}, {}
    _fig, _axes = kit.figure(width=5.2, height=3.9, rows=2, columns=2, height_ratios=[1, 2.1])
    _lines = {}
    for (_above, _ax), _name in zip(_axes.T, SIZES):
        _X = load(_name)[0]
        if _name == "table":
            _above.imshow(_X[:10], cmap=kit.MORE_AND_LESS, aspect="auto", vmin=-2.5, vmax=2.5)
        else:
            _above.imshow(_X[:30].reshape(3, 10, 8, 8).swapaxes(1, 2).reshape(24, 80), cmap=kit.MUCH, aspect="auto")
        _above.set_axis_off()
        _above.set_title(NAMES[_name], fontsize=9.5)
        _ax.set(xscale="log", xlim=(10, 1900), ylim=(0.28, 1.02), xlabel="examples to learn from")
        _ax.set(xticks=[10, 100, 1000], yticks=[0.4, 0.6, 0.8, 1.0], yticklabels=["40 %", "60 %", "80 %", "100 %"])
        _lines[_name] = [_ax.plot([], [], color=color, marker=".", markersize=8)[0] for color in COLORS.values()]
    _axes[1, 1].set(yticklabels=[])
    for _kind, _height in zip(COLORS, (0.57, 0.47, 0.67)):
        _axes[1, 0].text(500, _height, _kind, color=COLORS[_kind], fontweight="bold")

    def draw(number):
        said = []
        for name, lines in _lines.items():
            learned[name] = next(_learning[name])
            for line, shares in zip(lines, learned[name][0].values()):
                line.set_data(SIZES[name][: number + 1], shares)
            now = ", ".join(f"{kind} {shares[number]:.0%}" for kind, shares in learned[name][0].items())
            said.append(f"{SIZES[name][number]:,} {'rows' if name == 'table' else 'pictures'}: {now}")
        return ". ".join(said)

    _frames = kit.frames(_fig, draw, len(SIZES["table"]))
    race_film = kit.film(_frames, label="How many examples", seconds=0.9, width=5.2, waits=True)
    mo.vstack([race_film])
    return learned, race_film


@app.cell
def _(learned, race_film):
    race_film.draw()
    races, trained = {name: shares for name, (shares, _) in learned.items()}, learned["pictures"][1]
    _X, _truth = asked = load("pictures")[2:]
    _shares = {k: [(says(model, moved(_X, by)) == _truth).mean() for by in (0, 1)] for k, model in trained.items()}
    kit.guess(
        f"The net reads {_shares['net'][0]:.0%} of the digits. Now every picture is moved by one pixel. You read them "
        "as before. And the net?",
        ["As before, or nearly", "About three in four", "Fewer than one in four"],
        f"It gets {_shares['net'][1]:.0%}. You see a shape that has moved; to a learner, other columns now hold other "
        f"numbers. The line falls from {_shares['line'][0]:.0%} to {_shares['line'][1]:.0%}, the tree from "
        f"{_shares['tree'][0]:.0%} to {_shares['tree'][1]:.0%}. Under <i>Break it, mend it</i> you can move them.",
    )
    return asked, races, trained


@app.cell
def _(races):
    _table, _pictures = ({kind: shares[-1] for kind, shares in races[name].items()} for name in SIZES)
    kit.section(
        "See",
        f"""
        All three **learn from examples**: nobody tells them what a 7 looks like. They differ in what they can say.

        - The <span class="orange">line</span> gives every column a weight, and adds up.
        - The <span class="green">tree</span> asks one column after the other: more than this? Then that one?
        - The <span class="blue">net</span> first makes *new columns* out of the old, and learns which ones. Only then
          it does what the line does. Stack more such layers, and it is called **deep**.

        On the table this gains nothing: line {_table["line"]:.1%}, net {_table["net"]:.1%}, where one case is half a
        percent. On the pictures the net is ahead, {_pictures["net"]:.1%} against {_pictures["line"]:.1%} and
        {_pictures["tree"]:.1%}. Why there? Look over their shoulders:
        """,
    )
    return


@app.cell
def _(asked, trained):
    _said = np.array([says(model, asked[0]) for model in trained.values()])
    disputed = np.flatnonzero((_said != _said[0]).any(0))[:40]
    picked = mo.ui.slider(0, len(disputed) - 1, 1, value=2, label="a digit on which they do not agree", show_value=True)
    mo.vstack([picked])
    return disputed, picked


@app.function
def looks_at(kind, model, x, said):
    """What speaks for an answer: the line's weights, the tree's questions, the evidence of the net's new columns."""
    if kind == "tree":
        path = model.tree_.feature[model.decision_path(x[None]).indices]
        return np.bincount(path[path >= 0], minlength=64).clip(0, 1).reshape(8, 8)
    last = model[-1].weight.detach().numpy()
    if kind == "line":
        return last[said].reshape(8, 8)
    columns = model[:-1](glass.tensor(x[None]).float()).detach().numpy()[0]
    centred = last[said] - last.mean(0)
    return (columns * centred).reshape(24, 4, 4).sum(0)


@app.cell
def _(asked, disputed, picked, trained):
    _x, _truth = asked[0][disputed[picked.value]], asked[1][disputed[picked.value]]
    _said = {kind: int(says(model, _x[None])[0]) for kind, model in trained.items()}
    _fig, _axes = kit.figure(width=5.2, height=1.75, columns=4)
    _axes[0].imshow(_x.reshape(8, 8), cmap=kit.MUCH, vmin=0, vmax=1)
    for _ax, (_kind, _model) in zip(_axes[1:], trained.items()):
        _map = looks_at(_kind, _model, _x, _said[_kind])
        _ax.imshow(_map, cmap=kit.MORE_AND_LESS, vmin=-np.abs(_map).max(), vmax=np.abs(_map).max())
    for _ax, _title in zip(_axes, ["the digit", *(f"{kind}: {digit}" for kind, digit in _said.items())]):
        _ax.set_title(_title, fontsize=10)
        _ax.set(xticks=[], yticks=[])
    _verdicts = ", ".join(f"{kind} {'right' if _said[kind] == _truth else 'wrong'}" for kind in _said)
    _sizes = {kind: sum(p.numel() for p in trained[kind].parameters()) for kind in ("line", "net")}
    _questions = trained["tree"].tree_.n_leaves - 1
    _asks = trained["tree"].decision_path(_x[None]).indices.size - 1
    kit.levels(
        kit.html(_fig, f"A {_truth}, and what each learner looks at: {_said}", f"It is a {_truth}: {_verdicts}."),
        kit.md(
            f"""
            | | says | has learned | looks at |
            |---|--:|--:|---|
            | <span class="orange">line</span> | {_said["line"]} | {_sizes["line"]:,} numbers | all pixels at once |
            | <span class="green">tree</span> | {_said["tree"]} | {_questions} questions | {_asks} of them |
            | <span class="blue">net</span> | {_said["net"]} | {_sizes["net"]:,} numbers | 24 kinds of strokes |
            """
        ),
        kit.md(
            r"""
            $$\orange{\text{line}} = \text{largest of } W x + b$$

            $$h = \text{pool}\,\big(\max(0, \blue{W_1} * x + b_1)\big)$$

            $$\blue{\text{net}} = \text{largest of } W_2 h + b_2$$

            $\blue{W_1} * x$ moves 24 small stencils over the picture; *pool* keeps the most of each 2 × 2 places.
            """
        ),
    )  # fmt: skip
    return


@app.function
def alone(name):
    """How many unseen cases a small tree gets right that sees one column only, and one that sees none."""
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
    _left.set(ylim=(0, 1), yticks=[0, 0.5, 1], yticklabels=["0", "50 %", "100 %"], xticks=[], xlabel="30 columns")
    _right.imshow(_pixels.reshape(8, 8), cmap=kit.MUCH, vmin=0, vmax=1)
    _right.set(xticks=[], yticks=[], xlabel="64 pixels")
    _label = f"From one column alone {_columns.max():.0%} are right at best, from one pixel alone {_pixels.max():.0%}"
    kit.row(
        kit.md(
            f"""
            ### What one column knows alone

            The best single column of the table gets **{_columns.max():.0%}** right (orange: {_blind:.0%} without
            looking). Somebody with a microscope *chose* to measure it. The meaning is in it; a line only adds up.

            The best single pixel gets **{_pixels.max():.0%}**. A pixel means nothing alone, only with others: a stroke,
            a loop. Someone has to make columns that mean something. People used to do this by hand, for years.

            **Deep learning is learning the columns, too**: for pictures, sound and language, where nobody knows what to
            measure. Where somebody does, the plain learners are hard to beat.
            """
        ),
        kit.html(_fig, _label, "Right answers from one column alone: the fuller, the more."),
    )
    return


@app.cell
def _():
    _line = kit.read(
        "models/linear.py",
        {"logits = self.numbers": "A weight for each column and class, then add up. No more."},
        part="Linear.forward",
    )
    _net = kit.read(
        "models/mlp.py",
        {
            "layers += hidden_layer": "New columns: a layer and a bend. As often as you like, and that is the deep.",
            "self.layers = nn.Sequential": "On top, the same line as before.",
        },
        part="MLP.__init__",
    )
    _words = "The line and the net for tables, as `deepglass train --model linear` and `--model mlp` run them."
    mo.vstack([kit.section("Read", _words), _line, _net])
    return


@app.cell
def _():
    _words = kit.section(
        "Break it, mend it",
        """
        Move the pictures that the learners are asked about. They have hardly seen a digit off its place.

        **Mend it** with more examples: give each of them five copies of what they learned from, one in place and one
        moved by a pixel to each side. Who can make use of it?
        """,
    )
    by = mo.ui.slider(0, 2, 1, value=1, label="move to the right by", show_value=True)
    copies = mo.ui.switch(label="learn from moved copies, too")
    mo.vstack([_words, kit.after_guess(mo.hstack([by, copies], justify="start", gap=2, wrap=True))])
    return by, copies


@app.function
def with_copies(X, y):
    """Every picture five times: in place, and moved by a pixel each way."""
    return np.concatenate([moved(X, *way) for way in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))]), np.tile(y, 5)


@app.cell
def _(copies, trained):
    _examples = with_copies(*load("pictures")[:2]) if copies.value else ()
    taught = {kind: teach(kind, *_examples, rounds=6) for kind in COLORS} if copies.value else trained
    return (taught,)


@app.cell
def _(asked, by, copies, taught):
    _X = moved(asked[0], by.value)
    _right = {kind: (says(model, _X) == asked[1]).mean() for kind, model in taught.items()}
    _fig, (_above, _below) = kit.figure(height=3.2, rows=2, height_ratios=[1, 2.4])
    _above.imshow(_X[:8].reshape(8, 8, 8).transpose(1, 0, 2).reshape(8, 64), cmap=kit.MUCH, vmin=0, vmax=1)
    _above.vlines(np.arange(7.5, 60, 8), -0.5, 7.5, color=kit.FAINT, linewidth=1)
    _above.set(xticks=[], yticks=[])
    _bars = _below.barh(list(_right), list(_right.values()), color=list(COLORS.values()), height=0.62)
    _below.invert_yaxis()
    _below.set(xlim=(0, 1.15), xticks=[0, 0.5, 1], xticklabels=["0", "50 %", "100 %"])
    _below.bar_label(_bars, [f"{share:.0%}" for share in _right.values()], padding=4)
    _moral = """
        Nothing about the digits has changed, and everything about the columns. The net falls least: it looks for a
        stroke in every place. But its last layer, a line, knows each stroke by where it used to be.
        """
    if copies.value:
        _moral = """
            The line has no room: one weight for a pixel must do for all five. The tree asks more questions. The net had
            room, and is nearly as good as ever. **More examples help those who can hold them.** Now move by 2.
            """
    _shares = ", ".join(f"{kind} {share:.0%}" for kind, share in _right.items())
    kit.after_guess(
        kit.row(kit.html(_fig, f"Share of moved digits that are read right: {_shares}"), kit.md(_moral)), silently=True
    )
    return


@app.cell
def _():
    _exercise = kit.exercise("nearest")
    _note = kit.note(
        "Surprised? Small, clean, centred digits are easy: each has a near twin among a thousand. On photographs the "
        "nearest picture is often one with the same sky. Always try the plain ones first: they cost nothing, and "
        "tell you what your network has to beat. `deepglass train` does so by itself."
    )
    _choice = kit.choose(
        "Where would you reach for a network first?",
        {
            "300 patients, 12 blood values, who falls ill": (
                False,
                "Few rows, columns that mean something: a line or a tree. A network could learn the 300 by heart.",
            ),
            "20,000 X-ray pictures, which show a fracture": (True, "Pixels mean nothing alone; the examples are many."),
            "Recordings of bird song, which bird": (True, "Sound is like pixels: what to measure must be learned."),
            "The postage of a parcel, by weight and size": (False, "The rule is known. Write it down."),
        },
        name="where",
        several=True,
    )
    mo.vstack([kit.section("Check yourself"), _exercise, _note, _choice])
    return


@app.cell
def _():
    _words = kit.section(
        "Run",
        "The line on the table, the line on the digits, and a small convolutional network on the digits. Each is "
        "judged on cases that it never saw, beside a baseline that does not look at all.",
    )
    _sources = kit.sources(
        ("LeCun, Bengio and Hinton (2015), Deep learning", "https://doi.org/10.1038/nature14539"),
        ("Grinsztajn et al. (2022), Why trees outperform networks on tables", "https://arxiv.org/abs/2207.08815"),
        ("Breiman (2001), Statistical modeling: the two cultures", "https://doi.org/10.1214/ss/1009213726"),
    )
    _next = kit.next_lesson(LESSON, "A picture became a list of 64 numbers, a layer became W. Such lists have laws.")
    mo.vstack([_words, kit.run_command(*LESSON["runs"]), _sources, _next])
    return


if __name__ == "__main__":
    app.run()
