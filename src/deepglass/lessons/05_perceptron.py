"""Lesson 5: the perceptron. A straight line decides, moves only when it is wrong, and stalls on XOR."""

import marimo

app = marimo.App(width="medium", app_title="The perceptron", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass.course import kit
    from deepglass.glass.classic import Perceptron
    from deepglass.glass.classic.perceptron import novikoff_bound

    LESSON = {
        "title": "The perceptron",
        "question": "Can a straight line decide?",
        "part": "The neuron",
        "minutes": 15,
        "reads": ["Perceptron.fit"],
        "runs": [
            "deepglass train iris --target species --model perceptron --classes setosa,versicolor",
            "deepglass train iris --target species --model perceptron --classes versicolor,virginica",
        ],
    }

    # Points [x₁, x₂, class] in a square from -1 to 1; class 1 is blue, 0 is orange.
    TWO_CLOUDS = [
        [0.03, -0.39, 1], [-0.82, -0.21, 1], [-0.17, -0.84, 1], [-0.83, 0.92, 0], [0.28, -0.49, 1], [-0.12, 0.87, 0],
        [-0.2, -0.01, 1], [0.33, -0.81, 1], [0.7, -0.8, 1], [0.33, 0.68, 0], [-0.5, 0.73, 0], [-0.55, -0.32, 1],
        [0.56, -0.34, 1], [-0.65, 0.37, 0],
    ]  # fmt: skip
    FEW = [[0.6, 0.5, 1], [-0.5, -0.35, 0], [-0.15, 0.8, 1], [0.45, -0.6, 0]]
    XOR = [[0.7, 0.7, 0], [-0.7, 0.7, 1], [-0.7, -0.7, 0], [0.7, -0.7, 1]]


@app.function
def two_hundred_sets(count=200, seed=0):
    """Mistakes and bound of a perceptron on random sets of points that some line separates."""
    rng = np.random.default_rng(seed)
    outcomes = []
    while len(outcomes) < count:
        angle, offset, margin = rng.uniform(0, 2 * np.pi), rng.uniform(-0.3, 0.3), rng.uniform(0.03, 0.3)
        w = np.array([np.cos(angle), np.sin(angle)])
        X = rng.uniform(-1, 1, size=(60, 2))
        X = X[np.abs(X @ w + offset) > margin][:24]
        y = np.where(X @ w + offset > 0, 1, -1)
        if len(set(y)) == 2:
            outcomes.append((Perceptron().fit(X, y).mistakes_, novikoff_bound(X, y, w, offset)))
    return np.array(outcomes)


@app.cell
def _():
    kit.opening(
        LESSON,
        "Look at the line. Nobody touches it. Whenever it is wrong about a point, it swings towards that point, "
        "and when it is right about all of them it rests.",
    )
    return


@app.cell
def _():
    line = kit.plane(
        TWO_CLOUDS, name="line", waits_for="guess", label="Blue and orange points and the perceptron's line"
    )
    kit.levels(
        line,
        kit.network(follows="line", inputs=["x₁", "x₂"], outputs=["ŷ"], label="One neuron: two inputs, a sum, a step"),
        kit.arithmetic("line"),
    )
    return (line,)


@app.cell
def _():
    kit.guess(
        "Drag one orange point deep into the blue side. Will the line ever rest again?",
        ["Yes, always", "No, never", "It depends on where I put it"],
        "It depends. As long as <i>some</i> straight line has all blue on one side and all orange on the other, the "
        "perceptron finds one. Put the orange point where no line can part it from the blue, and the line swings for "
        "ever. The points are yours now: drag one, and find the place where it tips.",
    )
    return


@app.cell
def _():
    kit.section(
        "See",
        """
        A neuron takes two numbers, the place of a point. It multiplies each with a
        <span class="blue">weight</span>, adds a <span class="green">bias</span>, and asks one thing: is the sum above
        zero? Blue, if yes. Orange, if no. Click a point above and its numbers fill the formula.

        Where the sum is exactly zero, the neuron is undecided. Those places form the line:
        """,
    )
    return


@app.cell
def _():
    kit.md(r"$$\hat y = \text{step}(\blue{w_1} x_1 + \blue{w_2} x_2 + \green{b})$$")
    return


@app.cell
def _():
    kit.md(
        r"""
        When it is wrong about a blue point, the point's own numbers are *added* to the weights; when it is wrong about
        an orange one, they are taken away. So the sum for that very point goes up, or down, by exactly
        $x_1^2 + x_2^2 + 1$. The line may become wrong about others by this. Does it have to end?

        ### The same thing, seen from the weights

        On the left are points. On the right is the same learning again, but a place there is a pair of weights. Now
        every point is a **wall**: on one side of it the neuron is right about this point, on the shaded side wrong.
        A mistake pushes the weights straight at a wall, towards its good side. Learning is a walk to the room where all
        good sides meet. Drag a point on the left and watch its wall turn.
        """
    )
    return


@app.cell
def _():
    walk = kit.plane(FEW, name="walk", label="Two blue and two orange points")
    kit.row(walk, kit.walls("walk"))
    return


@app.cell
def _():
    outcomes = two_hundred_sets()
    most, nearest = int(outcomes[:, 0].max()), (outcomes[:, 0] / outcomes[:, 1]).max()
    fig, ax = kit.figure(width=5.2, height=3.3)
    ax.plot([2, 3000], [2, 3000], color=kit.ORANGE, linewidth=1.6)
    ax.text(1900, 2600, "the bound", color=kit.ORANGE, ha="right", va="center")
    ax.scatter(outcomes[:, 1], outcomes[:, 0], s=16, color=kit.BLUE, alpha=0.6, linewidths=0)
    ax.set(
        xscale="log",
        yscale="log",
        xlabel="(R/γ)², the promise",
        ylabel="mistakes made",
        xlim=(2, 3000),
        ylim=(0.8, 4000),
    )
    scatter = kit.html(
        fig,
        f"{len(outcomes)} dots, mistakes against the bound; all lie below the line, the nearest at {nearest:.0%} of it",
        f"{len(outcomes)} random sets of points, each with a line between them. Most mistakes: {most}.",
    )
    kit.row(
        kit.md(
            rf"""
            ### It has to end

            Novikoff proved in 1962 that a perceptron which *can* be right about all points makes at most

            $$\left(\frac{{\orange{{R}}}}{{\blue{{\gamma}}}}\right)^2$$

            mistakes, in whatever order the points come. $\orange{{R}}$ is how long the longest point is, and
            $\blue{{\gamma}}$, the margin, how near the nearest point comes to the best line (both counted with a 1
            appended for the bias). It stands under each of the squares above: *at most*.

            **Try it:** push a blue and an orange point close together. What happens to the promise? And to the
            mistakes? On {len(outcomes)} random sets no perceptron needed more than {nearest:.0%} of what the bound
            allows: a promise, not a forecast.
            """
        ),
        scatter,
    )
    return (outcomes,)


@app.cell
def _():
    kit.section("Read", "The whole of it, from the file that our tests hold against scikit-learn.")
    return


@app.cell
def _():
    kit.read(
        "Perceptron.fit",
        {
            "if sign * (x @ w + b) <= 0": "Only now anything happens: the point is on the wrong side, or on the line.",
            "w += sign * x": "Towards a blue point, away from an orange one.",
            "b += sign": "The bias is a weight like the others, whose input is always 1.",
            "self.converged_ = self.mistakes_ == before": "It rests once all points went by without a mistake.",
        },
    )
    return


@app.cell
def _():
    z = np.linspace(-2, 2, 401)
    step_figure, (above, below) = kit.figure(height=3.2, rows=2, sharex=True)
    for half in (z < 0, z > 0):
        above.plot(z[half], np.heaviside(z[half], 0), color=kit.BLUE)
    below.plot(z[np.abs(z) > 0.02], np.gradient(np.heaviside(z, 0), z)[np.abs(z) > 0.02], color=kit.ORANGE)
    above.set(ylim=(-0.2, 1.3), yticks=[0, 1], ylabel="step")
    below.set(ylim=(-0.65, 0.85), yticks=[0], ylabel="slope", xlabel="the sum w·x + b")
    kit.row(
        kit.md(
            """
            ### Why networks do not learn with it today

            The step knows yes and no, and nothing between. Its slope is zero everywhere (and at the jump there is
            none), so it cannot say *how* wrong a sum is or in which direction to mend it. With one neuron, Rosenblatt's
            rule needs no slope. With two layers, nobody would know whom to blame. Lesson 8 bends the step into a
            curve that has a slope; lesson 11 sends the blame back through it.
            """
        ),
        kit.html(step_figure, "The step function jumps from 0 to 1; below it its slope, zero on both sides"),
    )
    return


@app.cell
def _():
    stubborn = Perceptron(max_iter=1000).fit(np.array(XOR)[:, :2], np.array(XOR)[:, 2])
    kit.section(
        "Break it, mend it",
        f"""
        Four points are enough to break it. Blue, if exactly *one* of the two inputs is positive: "either, or", XOR.
        Look at the line below: it swings and swings. After going {stubborn.n_iter_:,} times through the four points,
        our engine's perceptron has made {stubborn.mistakes_:,} mistakes and is no wiser. On the right the weights come
        back to where they were: a closed path.

        Now **mend it**: switch the input x₁·x₂ on. The neuron gets a third number, and lifted to that height the four
        points fall apart. A plane rests between them.
        """,
    )
    return


@app.cell
def _():
    broken = kit.plane(XOR, name="xor", offers_product=True, label="Four points, XOR: blue where one input is positive")
    kit.row(broken, kit.walls("xor"), kit.lift("xor"))
    return


@app.cell
def _():
    kit.note("A hidden layer is a way to find such an input by itself. That is lesson 10.")
    return


@app.cell
def _():
    kit.section("Check yourself")
    return


@app.cell
def _():
    kit.exercise("update")
    return


@app.function
def small_picture(points, label):
    """Few points in a square, for an option."""
    fig, ax = kit.figure(width=1.5, height=1.5)
    for (x, y), kind in points:
        look = {"marker": "o", "color": kit.BLUE} if kind else {"marker": "s", "color": kit.ORANGE}
        ax.scatter(x, y, s=42, linewidths=0, **look)
    ax.set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3), aspect="equal")
    ax.set_axis_off()
    return kit.picture(fig, label)


@app.cell
def _():
    around = [(np.cos(t), np.sin(t)) for t in np.linspace(0, 2 * np.pi, 9)[:-1]]
    sets = {
        "corner": [((1, 1), 1), ((-1, 1), 0), ((-1, -1), 0), ((1, -1), 0)],
        "ring": [((0, 0), 1), *((place, 0) for place in around)],
        "slope": [((-1, -0.2), 1), ((0, 0.4), 1), ((1, 1), 1), ((-1, -1), 0), ((0, -0.4), 0), ((1, 0.2), 0)],
        "in turn": [((-1, 0), 1), ((-0.33, 0), 0), ((0.33, 0), 1), ((1, 0), 0)],
    }
    because = {
        "corner": "One corner can be cut off: this is AND.",
        "ring": "Whatever line you draw, some orange lies on the side of the blue point in the middle.",
        "slope": "The line climbs with them.",
        "in turn": "Four in a row would want three changes of mind; a line makes one.",
    }
    separable = {
        title: Perceptron(max_iter=300).fit([place for place, _ in points], [kind for _, kind in points]).converged_
        for title, points in sets.items()
    }
    kit.choose(
        "Which of these four sets can a perceptron separate?",
        {
            small_picture(points, f"Set {title}: {because[title]}"): (separable[title], because[title])
            for title, points in sets.items()
        },
        name="separable",
        several=True,
    )
    return


@app.cell
def _():
    longest, margin = 2.0, 0.5
    kit.answer(
        f"The longest point has R = {longest:g}, the margin is γ = {margin:g}. At most how many mistakes?",
        (longest / margin) ** 2,
        name="bound",
        slips={
            longest / margin: "That is R/γ: it still wants its square.",
            longest * margin: "Divide by the margin: a wider one makes it easier.",
        },
        because="Twice the margin would mean a quarter of the mistakes.",
        hint="The bound is (R/γ)².",
        solution=f"({longest:g} / {margin:g})² = {(longest / margin) ** 2:g}",
    )
    return


@app.cell
def _():
    kit.section(
        "Run",
        """
        The same perceptron on real flowers, four measurements each. Setosa and versicolor can be told apart by a
        straight cut. Versicolor and virginica grow into each other: no cut is right about all of them, the line never
        rests, and the loss on the flowers it learns from never stays at 0. (About the few that are kept for validation
        it may be right by luck: look at how many those are.)
        """,
    )
    return


@app.cell
def _():
    kit.row(*(kit.run_command(command) for command in LESSON["runs"]))
    return


@app.cell
def _():
    mo.vstack(
        [
            kit.sources(
                ("Rosenblatt (1958), The Perceptron", "https://doi.org/10.1037/h0042519"),
                (
                    "Novikoff (1962), On Convergence Proofs for Perceptrons",
                    "https://apps.dtic.mil/sti/citations/AD0298258",
                ),
                ("Minsky and Papert (1969), Perceptrons", "https://mitpress.mit.edu/9780262630221/perceptrons/"),
            ),
            kit.next_lesson(LESSON, "A line that answers yes or no is a beginning. Next it answers *how much*."),
        ]
    )
    return


if __name__ == "__main__":
    app.run()
