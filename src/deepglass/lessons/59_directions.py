"""Lesson 59: the directions that matter. A direction that is pulled by all points, and where it comes to rest."""

import marimo

app = marimo.App(width="medium", app_title="The directions that matter", css_file="../course/pages/lesson.css")

with app.setup:
    from functools import cache

    import marimo as mo
    import numpy as np
    import torch
    from scipy.linalg import subspace_angles
    from sklearn.datasets import load_digits, load_wine

    from deepglass.course import kit
    from deepglass.glass.classic import PCA
    from deepglass.glass.classic.pca import turned
    from deepglass.models.autoencoder import Autoencoder, Config

    LESSON = {
        "title": "The directions that matter",
        "question": "Along which line do points differ most, and who finds it?",
        "part": "Without labels",
        "minutes": 20,
        "reads": ["glass/classic/pca.py", "models/autoencoder.py"],
        "runs": [
            "deepglass train wine --task embedding --model linear-autoencoder --epochs 100 --run runs/wine",
            "deepglass embed runs/wine --map",
        ],
    }

    BEGIN = np.deg2rad(118)  # the angle of the first direction of the film
    ANGLES = tuple(range(0, 180, 10))
    UNITS = {"metres": 1.0, "decimetres": 10.0, "centimetres": 100.0, "millimetres": 1000.0}
    MOMENTS = (0, 25, 50, 100, 150, 200, 300, 400, 600, 800)
    NAMED = 260  # digits on the map


@app.function
@cache
def cloud():
    """Points (120, 2) around 0 that rise together."""
    rng = np.random.default_rng(4)
    long, short = rng.normal(0, 1.5, 120), rng.normal(0, 0.75, 120)
    turn = np.deg2rad(33)
    points = np.outer(long, [np.cos(turn), np.sin(turn)]) + np.outer(short, [-np.sin(turn), np.cos(turn)])
    return points - points.mean(0)


@app.function
def at(degrees):
    """The direction of an angle."""
    return np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))])


@app.function
def shares(points, w):
    """Per point in the mean: its squared distance from the middle, what of it lies along w, what beside it."""
    along = points @ w
    return (
        float((points**2).sum(1).mean()),
        float((along**2).mean()),
        float(((points - np.outer(along, w)) ** 2).sum(1).mean()),
    )


@app.function
def stage(ax, points, w, falls=False):
    """Points, a direction through their middle, and where each point falls upon it."""
    if falls:
        feet = np.outer(points @ w, w)
        for point, foot in zip(points, feet):
            ax.plot(*np.stack([point, foot]).T, color=kit.FAINT, linewidth=0.8)
        ax.scatter(*feet.T, s=16, color=kit.ORANGE, edgecolors=kit.BACKGROUND, linewidths=0.5, zorder=4)
    ax.scatter(*points.T, s=13, color=kit.BLUE, linewidths=0, zorder=3)
    ax.plot(*np.outer([-4.2, 4.2], w).T, color=kit.GREY if falls else kit.ORANGE, linewidth=1.4)
    ax.annotate("", 1.8 * w, (0, 0), arrowprops={"arrowstyle": "-|>", "color": kit.INK, "lw": 1.8})
    ax.set(xlim=(-4, 4), ylim=(-4, 4), xticks=[], yticks=[], aspect="equal")
    ax.grid(visible=False)


@app.function
def film():
    """A direction from its first angle on, pulled by all points, step by step."""
    w = np.array([np.cos(BEGIN), np.sin(BEGIN)])
    for step in range(9):
        _, along, beside = shares(cloud(), w)
        told = f"Step {step}: {along:.2f} of the spread lies along it, {beside:.2f} beside it."
        fig, ax = kit.figure(3.7, 3.7)
        stage(ax, cloud(), w)
        yield kit.picture(fig, f"Points and a direction that turns. {told}"), told
        w = turned(cloud(), w)


@app.function
@cache
def wine():
    """Two columns of 178 bundled wines in units of their own: a share of alcohol, and proline, in hundreds of mg."""
    data = load_wine()
    columns = [data.feature_names.index(name) for name in ("alcohol", "proline")]
    return data.data[:, columns] * [1.0, 0.01]


@app.function
def leans(unit, is_scaled):
    """How much of the first direction is the first column, from 0 to 1, where that column comes in another unit."""
    rows = wine() * [UNITS[unit] / 10, 1.0]
    rows = rows / rows.std(0) if is_scaled else rows
    return float(PCA(1).fit(rows).components_[0, 0] ** 2)


@app.function
@cache
def flat_net():
    """A net without bends, five numbers to two to five, while it learns; at each moment its angle to the plane."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, 5)) * [3, 2.5, 1, 0.7, 0.3] @ np.linalg.qr(rng.normal(size=(5, 5)))[0]
    rows -= rows.mean(0)
    plane, x = PCA(2).fit(rows).components_.T, torch.from_numpy(rows)
    torch.manual_seed(1)
    net = Autoencoder(5, config=Config(code_dim=2, num_layers=0)).double()
    optimizer = torch.optim.Adam(net.parameters(), lr=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, MOMENTS[-1])
    found = {}
    for step in range(MOMENTS[-1] + 1):
        if step in MOMENTS:
            found[step] = float(subspace_angles(net.decoder[0].weight.detach().numpy(), plane).max())
        optimizer.zero_grad()
        (net(x)[:, 2:] - x).square().mean().backward()
        optimizer.step()
        schedule.step()
    return found, net.decoder[0].weight.detach().numpy(), plane


@app.function
@cache
def map_of_digits():
    """All bundled digits in the first two of their 64 directions, what they are, and the share that these show."""
    data = load_digits()
    found = PCA(2, tol=1e-7).fit(data.data)
    return (
        found.transform(data.data),
        data.target,
        float(found.explained_variance_.sum() / data.data.var(0, ddof=1).sum()),
    )


@app.cell
def _():
    kit.opening(
        LESSON,
        "An arrow is pulled by every blue point, and the farther a point lies along the arrow, the harder it pulls. "
        "After each step the arrow is made as long as before. Watch where it comes to rest.",
        kit.film(film(), label="Steps of the arrow", seconds=0.8, width=3.7),
        kit.guess(
            "A table has two columns: the length of a fish in metres, and its weight in kilograms. Along which "
            "direction do the fish differ most? Now somebody writes the lengths in <b>millimetres</b>. Same fish. "
            "What does the direction do?",
            ["It stays: the fish are the same", "It turns a little", "It turns until it is nothing but length"],
            "It turns to the length, and hardly anything else. A spread is measured in squares of a unit: a column "
            "with numbers a thousand times larger has a spread a million times larger. “Differ most” is a question "
            "about numbers, and whoever chooses the units chooses the answer.",
        ),
    )
    return


@app.cell
def _():
    angle = kit.slider("Angle of the direction, in degrees", ANGLES, 110)
    kit.text(
        """
        ## Along, and beside {#see}

        Turn the direction by hand. Every point falls upon the line at a right angle; the orange dot is all that is kept
        of it: **one number**, how far along. What lies beside the line is lost.

        {angle}
        """,
        angle=angle,
    )
    return (angle,)


@app.cell
def _(angle):
    _w = at(angle.value)
    _all, _along, _beside = shares(cloud(), _w)
    _fig, _ax = kit.figure(3.7, 3.7)
    stage(_ax, cloud(), _w, falls=True)
    _told = f"{_along / _all:.0%} of the spread lies along the line."
    kit.levels(
        kit.html(_fig, f"Points fall upon a line at {angle.value} degrees. {_told}", _told),
        {
            "direction w": f"({_w[0]:.2f}, {_w[1]:.2f})",
            "spread of the points": _all,
            "kept, along the line": _along,
            "lost, beside it": _beside,
            "kept and lost together": _along + _beside,
        },
        r"""
        $$|x|^2 = \blue{(x\cdot w)^2} + \orange{|x - (x\cdot w)\,w|^2}$$

        and in the mean over all points

        $${all} = \blue{{along}} + \orange{{beside}}$$

        Pythagoras, for every point. The whole does not change when the line turns: **to keep most is to lose least.**
        """,
        all=f"{_all:.2f}",
        along=f"{_along:.2f}",
        beside=f"{_beside:.2f}",
    )
    return


@app.cell
def _():
    kit.text(
        """
        ## Found by being pulled {#read}

        One step of the film is one line: every row pulls the direction along itself, by as much as it lies along it
        already. That is the **power iteration**. What lies along the strongest direction grows fastest, and after some
        steps hardly anything else is left. Then this direction is taken out of all rows, and the next one is found in
        what remains. These are the **principal components**.

        {step} {fit}
        """,
        step=kit.read(
            "glass/classic/pca.py",
            {
                "rows.T @ (rows @ w)": "All rows pull: Σ (x·w) x.",
                "(pulled @ other) * other": "Not back towards a direction that was found before.",
            },
            part="turned",
        ),
        fit=kit.read(
            "glass/classic/pca.py",
            {
                "self.mean_, left": "Directions are seen from the middle of the rows.",
                "left = left - np.outer": "What lies along the direction is taken out of every row.",
            },
            part="PCA.fit",
        ),
    )
    return


@app.cell
def _():
    _found, _, _ = flat_net()
    kit.row(
        kit.text(
            """
            ### And by a net that knows nothing of it

            Take the autoencoder of the last lesson, and take its bends out: five numbers, two, five. Nobody tells it of
            directions. It only wants to lose little, and it ends on the very same plane: the largest angle between the
            plane of its decoder and that of the first two components goes to {angle} degrees.

            The **plane** is the same, not the axes. Two numbers of its code are some mixture of the two components,
            turned and stretched: any mixture can be undone by the decoder, so nothing in the loss prefers one.
            """,
            angle=f"{np.rad2deg(list(_found.values())[-1]):.4f}",
        ),
        kit.curves(
            {"angle": (list(_found), [float(np.rad2deg(one)) for one in _found.values()])}, xlabel="steps",
            ylabel="degrees", log="y", label="The largest angle between the net's plane and that of the components",
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    unit = mo.ui.dropdown(list(UNITS), value="millimetres", label="The first column comes in")
    scaled = mo.ui.checkbox(False, label="divide every column by its deviation")
    _words = kit.text(
        """
        Take two columns of the bundled wines, and pretend that the first is a length. With every change of its unit its
        numbers grow tenfold; the wines stay what they are. The bars show of what the first direction is made.
        **Mend it**: divide every column by its own deviation, so that all units fall away. `deepglass` does so by
        itself.

        {unit} {scaled}
        """,
        unit=unit,
        scaled=scaled,
    )
    kit.text("## Whoever chooses the unit {#break-it-mend-it}\n\n{more}", more=kit.after_guess(_words))
    return scaled, unit


@app.cell
def _(scaled, unit):
    _first = 100 * leans(unit.value, scaled.value)
    _shown = kit.bars(
        {"first column": _first, "second column": 100 - _first}, unit=" %", xlim=(0, 125),
        label="Of what the first direction is made",
        caption="Squares of the two numbers of the first direction; together they are 100 %.",
    )  # fmt: skip
    kit.after_guess(_shown, silently=True)
    return


@app.cell
def _():
    _points, _labels, _share = map_of_digits()
    _fig, _ax = kit.figure(4.6, 4.2)
    _colours = (kit.BLUE, kit.ORANGE, kit.GREEN, kit.PINK, kit.GOLD, kit.INK, kit.GREY)
    for (_x, _y), _label in zip(_points[:NAMED], _labels[:NAMED]):
        _ax.text(_x, _y, str(_label), color=_colours[_label % len(_colours)], fontsize=8, ha="center", va="center")
    _ax.set(xlim=(-34, 34), ylim=(-32, 34), xlabel="first direction", ylabel="second direction")
    _told = f"{NAMED} of 1,797 digits, each drawn as what it is; the page shows {_share:.0%} of how they differ."
    kit.row(
        kit.html(_fig, f"A map of handwritten digits. {_told}", _told),
        kit.text(
            """
            ### A map of all digits

            A picture of 64 pixels is a point in a space of 64 directions. Here it is seen from the side from which the
            points are spread most. No label was used, and yet equal digits gather. Where different ones lie on top of
            each other, the page may be too flat: some are far apart in a direction that it does not show. Lesson 58
            drew such a page with bends.
            """
        ),
    )
    return


@app.cell
def _():
    kit.check(
        kit.exercise("power_step"),
        kit.answer(
            "Along the three directions of a table the rows have the variances 6, 3 and 1. Which share of the spread "
            "do the first two keep?",
            0.9,
            name="share of two",
            slips={
                0.6: "That is the first one alone.",
                9.0: "The variance that is kept; which share of all is it?",
                0.3: "That is what the second adds.",
                0.1: "That is what is lost.",
            },
            because="The directions stand at right angles, so their variances simply add up.",
            hint="Kept: 6 + 3. In all: 6 + 3 + 1.",
            solution="(6 + 3) / 10 = 0.9",
            tolerance=0.002,
        ),
        kit.choose(
            "A linear autoencoder has learnt, and its two codes are not the first two components. What happened?",
            {
                "Nothing wrong: the plane is the same, its axes may be any": (
                    True,
                    "The decoder undoes every mixture. Compare planes, by their angles, and not axes.",
                ),
                "It has not finished learning": (False, "Perhaps, but a finished one has other axes, too."),
                "It found something better than components": (
                    False,
                    "No linear code of two numbers loses less on what it has learnt.",
                ),
            },
            name="mixture",
        ),
    )
    return


@app.cell
def _():
    kit.ending(
        LESSON,
        """
        A net without bends on thirteen columns of the bundled wines, beside principal components of as many numbers:
        the longer it learns, the closer the two come on the rows that it has learnt. Then every wine's code and a map.
        The grower colours the map; nothing was learnt from it.
        """,
        own_file="""
        Any table with a header: `deepglass train my.csv --task embedding --model linear-autoencoder --code-dim 2`.
        Leave `--model` out for one that bends. `deepglass embed RUN --output codes.csv` writes the codes.
        """,
        sources=[
            ("Pearson (1901), On lines and planes of closest fit", "https://doi.org/10.1080/14786440109462720"),
            ("Hotelling (1933), Principal components", "https://doi.org/10.1037/h0071325"),
            ("Baldi & Hornik (1989), Neural networks and PCA", "https://doi.org/10.1016/0893-6080(89)90014-2"),
        ],
        onward="A code keeps what is common to most. What does it do with what is not like the others?",
    )
    return


if __name__ == "__main__":
    app.run()
