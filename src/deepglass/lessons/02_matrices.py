"""Lesson 2: vectors, matrices, tensors. Where two arrows land, the whole plane follows; flat planes never come back."""

import marimo

app = marimo.App(width="medium", app_title="Vectors, matrices, tensors", css_file="../course/pages/lesson.css")

with app.setup:
    import marimo as mo
    import numpy as np

    from deepglass import glass
    from deepglass.course import kit

    LESSON = {
        "title": "Vectors, matrices, tensors",
        "question": "What does a matrix do to space?",
        "part": "Before we begin",
        "minutes": 20,
        "reads": ["matmul"],
        "runs": ["deepglass train iris --model linear --epochs 10"],
    }

    MOVES = {
        "lean": [[1, 1], [0, 1]],
        "turn": [[0, -1], [1, 0]],
        "mirror": [[-1, 0], [0, 1]],
        "stretch": [[2, 0], [0, 0.5]],
        "flatten": [[1, 2], [0.5, 1]],
    }
    NORMS = {"1: along the streets": 1, "2: as the crow flies": 2, "∞: the longer of both": float("inf")}


@app.function
def product(A, B):
    """Every row of A meets every column of B: multiply number by number, add up."""
    return np.array([[sum(a * b for a, b in zip(row, column)) for column in np.transpose(B)] for row in A])


@app.function
def eliminate(A, B):
    """Gauss and Jordan: turn A into ones on a diagonal, do the same to B. Both after it, and A's columns with a one."""
    both, basis, size = np.column_stack([A, B]).astype(float), [], np.shape(A)[1]
    for column in range(size):
        row = len(basis)
        largest = row + np.abs(both[row:, column]).argmax() if row < len(both) else row
        if row == len(both) or abs(both[largest, column]) < 1e-12:
            continue  # nothing new: this column is made of those before
        both[[row, largest]] = both[[largest, row]]
        both[row] /= both[row, column]
        for other in set(range(len(both))) - {row}:
            both[other] -= both[other, column] * both[row]
        basis.append(column)
    return both[:, :size], both[:, size:], basis


@app.function
def inverse(A):
    """The matrix that moves everything back; raises ValueError for one that flattened it."""
    _, back, basis = eliminate(A, np.eye(len(A)))
    if len(basis) < len(A):
        raise ValueError(f"inverse: expected {len(A)} columns that are independent, got {len(basis)}: it is flat")
    return back


@app.function
def through(memory, shape, strides, offset=0):
    """A tensor is a way to walk through memory: so many numbers on for the next row, so many for the next column."""
    places = np.array(offset)
    for count, step in zip(shape, strides):
        places = places[..., None] + step * np.arange(count)
    return np.asarray(memory)[places], places


@app.function
def tex(matrix, colors=("blue", "orange")):
    """A matrix in TeX, its columns in the colours of the picture."""
    rows = (" & ".join(f"\\{color}{{{number:.3g}}}" for color, number in zip(colors, row)) for row in matrix)
    return r"\begin{pmatrix}" + r" \\ ".join(rows) + r"\end{pmatrix}"


@app.cell
def _():
    kit.opening(
        LESSON,
        "Two arrows move, and the whole plane goes with them. Take hold of the <span class='blue'>blue</span> or the "
        "<span class='orange'>orange</span> one.",
    )
    return


@app.cell
def _():
    plane = kit.grid(
        [[1, -0.5], [0.75, 1.25]], MOVES, name="plane", label="A grid that a matrix moves, and its columns"
    )
    return (plane,)


@app.cell
def _(plane):
    _A = np.array(plane.value["matrix"])
    _area = _A[0, 0] * _A[1, 1] - _A[0, 1] * _A[1, 0]
    _rank = len(eliminate(_A, np.eye(2))[2])
    _back = f"${tex(inverse(_A), ('grey', 'grey'))}$" if _rank == 2 else "**nothing** does"
    _sum = rf"2 {tex(_A[:, :1])} + {tex(_A[:, 1:], ('orange',))}"
    kit.levels(
        plane,
        kit.md(
            f"""
            | | |
            |---|--:|
            | <span class="blue">first column</span>: where (1, 0) lands | ({_A[0, 0]:g}, {_A[1, 0]:g}) |
            | <span class="orange">second column</span>: where (0, 1) lands | ({_A[0, 1]:g}, {_A[1, 1]:g}) |
            | determinant: golden area, negative if mirrored | {_area:.3g} |
            | directions that are left (rank) | {_rank} |

            What brings it back (inverse): {_back}
            """
        ),
        kit.md(
            rf"""
            $${tex(_A)} {tex([[2], [1]], ("grey",))} = {tex(_A @ [[2], [1]], ("grey",))}$$

            $$= {_sum}$$

            The point (2, 1): two of the blue, one of the orange.
            """
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    kit.guess(
        "Drag both arrows onto one line. The plane falls flat. Which matrix brings it back?",
        ["The one that does the opposite", "One with very large numbers", "None"],
        "None. Many points now lie on top of each other, and nothing can know which was where: what is flat has "
        "lost a direction. Almost flat is another matter, and worse than it looks: see <i>Break it, mend it</i>.",
    )
    return


@app.cell
def _():
    kit.section(
        "See",
        r"""
        A **vector** is a list of numbers, or an arrow: so far to the right, so far up. A **matrix** is a table of
        numbers, or a movement of space that keeps lines straight (or squeezes them to a point), what is parallel
        parallel, and the middle in place. Its columns say where the first and the second arrow land, and that is all
        one must know: every other point is so many of the one and so many of the other. The points that you reach in
        this way are their **span**; two arrows that reach all of the plane, with none to spare, are a **basis**.

        A layer of a network is this, with more columns, and one thing besides: $y = \blue{W} x + \green{b}$. The
        $\green{b}$ then shifts everything, the middle too, so the whole of it is called *affine*, not linear.

        ### One after the other

        Lean and then turn is one movement, so it is one matrix: the **product**. It reads from right to left, and order
        counts.
        """,
    )
    return


@app.function
def draw_moved(ax, A):
    """Some lines of the grid and an F after a movement."""
    for k in range(-2, 3):
        for line in ([[k, k], [-2, 2]], [[-2, 2], [k, k]]):
            ax.plot(*(A @ line), color=kit.GREY, linewidth=0.8)
    ax.plot(*(A @ [[0.6, 0.6, 1.4, np.nan, 0.6, 1.2], [0.2, 1.8, 1.8, np.nan, 1, 1]]), color=kit.GOLD, linewidth=3.5)
    for column, color in zip(A.T, (kit.BLUE, kit.ORANGE)):
        ax.quiver(0, 0, *column, color=color, angles="xy", scale_units="xy", scale=1, width=0.022, zorder=3)
    ax.set(xlim=(-3.1, 3.1), ylim=(-3.1, 3.1), aspect="equal", xticks=[], yticks=[])


@app.cell
def _():
    _lean, _turn = (np.array(MOVES[name], dtype=float) for name in ("lean", "turn"))
    _fig, _axes = kit.figure(width=5.2, height=2.8, columns=2)
    for _ax, _A, _title in zip(_axes, (_turn @ _lean, _lean @ _turn), ("lean, then turn", "turn, then lean")):
        draw_moved(_ax, _A)
        _ax.set_title(_title)
    kit.row(
        kit.html(_fig, "Lean then turn, and turn then lean: the F ends in different places"),
        kit.md(
            rf"""
            $$\text{{turn}} \cdot \text{{lean}} = {tex(_turn @ _lean)}$$

            $$\text{{lean}} \cdot \text{{turn}} = {tex(_lean @ _turn)}$$

            Each number is a row of the left with a column of the right: multiply pairs, add up. Such a sum is called
            **dot product**: for two arrows of given lengths it is largest where they point the same way, and zero
            where they stand at right angles.
            Swap rows and columns and you have the **transpose**, $A^\top$.
            """
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    length = mo.ui.radio(list(NORMS), value="2: as the crow flies", label="The norm")
    _words = kit.md("### How long is a vector?\n\nThere is more than one answer. All arrows below have the length 1.")
    mo.vstack([_words, length])
    return (length,)


@app.cell
def _(length):
    _angles = np.linspace(0, 2 * np.pi, 25)[:-1]
    _ways = np.stack([np.cos(_angles), np.sin(_angles)], 1)
    _round = glass.linalg.vector_norm(glass.tensor(_ways), NORMS[length.value], dim=1, keepdim=True).numpy()
    _fig, _ax = kit.figure(width=3.0, height=3.0)
    for _x, _y in _ways / _round:
        _ax.plot([0, _x], [0, _y], color=kit.BLUE, linewidth=1.2)
    _ax.plot(*np.vstack([_ways / _round, (_ways / _round)[:1]]).T, color=kit.ORANGE)
    _ax.set(xlim=(-1.15, 1.15), ylim=(-1.15, 1.15), aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    _three = [glass.linalg.vector_norm(glass.tensor([3.0, -4.0]), p).item() for p in NORMS.values()]
    kit.row(
        kit.html(_fig, f"All arrows of length 1 by the norm {length.value}"),
        kit.md(
            rf"""
            $$\|x\|_p = \left(|x_1|^p + |x_2|^p\right)^{{1/p}}$$

            and for ∞ what this comes to as $p$ grows: the longer of both.

            The arrow (3, −4) is {_three[0]:g} long by the streets, {_three[1]:g} for the crow, {_three[2]:g} by the
            longer of both. Each norm is zero only for the zero vector, twice as long for twice the arrow, and no
            detour is shorter than the way: $\|x + y\| \le \|x\| + \|y\|$. This is all that a length must do.

            In lesson 17 the square of the second keeps weights small.
            """
        ),
    )  # fmt: skip
    return


@app.cell
def _():
    VIEWS = {
        "x": lambda x: x,
        "x.T": lambda x: x.T,
        "x[:, 1:3]": lambda x: x[:, 1:3],
        "x[::2]": lambda x: x[::2],
        "x.reshape(2, 6)": lambda x: x.reshape(2, 6),
        "x[1].expand(3, 4)": lambda x: x[1].expand(3, 4),
    }
    look = mo.ui.dropdown(list(VIEWS), value="x.T", label="Look at it as")
    _words = kit.md(
        """
        ### Tensors: more than rows and columns

        A colour photograph has rows, columns and colours; a batch of them has one direction more. Such a block of
        numbers is a **tensor**. Yet memory is one long row. What makes a block of it is how one *walks*: the
        **strides**. Transposing moves no number at all.
        """
    )
    mo.vstack([_words, look])
    return VIEWS, look


@app.cell
def _(VIEWS, look):
    _x = glass.arange(12).reshape(3, 4)
    _view = VIEWS[look.value](_x)
    _start = int(_view[0, 0].item())
    _seen, _places = through(np.arange(12), _view.shape, _view.stride(), _start)
    _fig, (_above, _below) = kit.figure(width=5.2, height=2.9, rows=2, height_ratios=[1, 3.2])
    _above.imshow(np.isin(np.arange(12), _places)[None] * 0.65, cmap=kit.MUCH, vmin=0, vmax=1, aspect="auto")
    _below.imshow(_places, cmap=kit.MUCH, vmin=0, vmax=16)
    for _ax, _table in ((_above, np.arange(12)[None]), (_below, _seen)):
        for (_row, _column), _number in np.ndenumerate(_table):
            _ax.text(_column, _row, str(_number), ha="center", va="center")
        _ax.set(xticks=[], yticks=[])
    _above.set_ylabel("memory")
    _strides = tuple(_view.stride())
    kit.row(
        kit.html(_fig, f"Twelve numbers in memory, and {look.value}: {_seen.tolist()}"),
        kit.md(
            f"""
            | `{look.value}` | |
            |---|--:|
            | shape | {tuple(_view.shape)} |
            | strides | {_strides} |
            | starts at | {_start} |

            One row down is {_strides[0]} on in memory, one column to the right {_strides[1]}. A stride of 0 shows the
            same numbers again: so a bias is added to each row of a batch, *broadcast*, without a copy.
            """
        ),
    )
    return


@app.cell
def _():
    _words = kit.section(
        "Read", "The product in the engine. Most of the work of most networks is done in its last line."
    )
    _code = kit.read(
        "matmul",
        {
            "check_product(": "As many columns on the left as rows on the right, or it is refused.",
            'vjp_a(g):  # ∂A': "For lesson 11: blame comes back through the transposed matrix.",
            "return a @ b, vjp_a, vjp_b": "The product: NumPy's, or we would wait for a minute.",
        },
    )  # fmt: skip
    mo.vstack([_words, _code])
    return


@app.cell
def _():
    _words = kit.section(
        "Break it, mend it",
        """
        Almost flat is not flat, so there is an inverse. Somebody tells you where five points have landed, each measured
        with an error of a hundredth, and you send them back. Where are they? **Mend it**: turn the arrows apart.
        """,
    )
    angle = mo.ui.slider(0, 90, 1, value=2, label="angle between the two columns, in degrees", show_value=True)
    mo.vstack([_words, angle])
    return (angle,)


@app.function
def sent_back(degrees, noise=0.01, seed=0):
    """Five points, moved by a matrix with this angle between its columns, measured with an error, and moved back."""
    rng, turn = np.random.default_rng(seed), np.deg2rad(degrees)
    A = np.array([[1, np.cos(turn)], [0, np.sin(turn)]])
    points = np.array([[-0.6, 0.6, 0.0, -0.6, 0.6], [0.6, 0.6, 0.0, -0.6, -0.6]])
    measured = A @ points + noise * rng.standard_normal(points.shape)
    return A, points, measured, inverse(A) @ measured


@app.cell
def _(angle):
    if angle.value == 0:
        try:
            inverse([[1, 1], [0, 0]])
        except ValueError as _error:
            _shown = kit.note(f"`{_error}`", "Refused.")
    else:
        _A, _points, _measured, _back = sent_back(angle.value)
        _fig, _axes = kit.figure(width=5.2, height=2.7, columns=2)
        for _ax, _there, _title in zip(_axes, (_measured, _back), ("where they landed", "sent back")):
            _ax.scatter(*_points, s=70, facecolors="none", edgecolors=kit.GREY)
            _ax.scatter(*_there, s=26, color=kit.PINK, zorder=3)
            _ax.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), aspect="equal", xticks=[], yticks=[], title=_title)
        for _column, _color in zip(_A.T, (kit.BLUE, kit.ORANGE)):
            _axes[0].quiver(0, 0, *_column, color=_color, angles="xy", scale_units="xy", scale=1, width=0.02)
        _worst = np.linalg.norm(_back - _points, axis=0).max()
        _numbers = kit.md(
            rf"""
            $$A^{{-1}} = {tex(inverse(_A), ("blue", "blue"))}$$

            Errors of about 0.01 went in, and an error of **{_worst:.2f}** came out. The inverse of something nearly
            flat holds large numbers, and they can enlarge whatever is wrong with the data.
            """
        )
        _shown = kit.row(kit.html(_fig, f"Five points sent back; the worst is off by {_worst:.2f}"), _numbers)
    mo.vstack([_shown])
    return


@app.cell
def _():
    _exercise = kit.exercise("product")
    _layer = np.ones((5, 20))
    _number = kit.answer(
        "A batch of 32 rows with 20 numbers each, X, goes through a layer W with 5 rows and 20 columns: X·Wᵀ. How many "
        "numbers come out?",
        (np.ones((32, 20)) @ _layer.T).size,
        name="shape",
        slips={32 * 20: "That many went in.", 5 * 20: "That many weights does the layer hold."},
        hint="(32 × 20) times (20 × 5): the two in the middle meet, and are gone.",
        solution="32 rows of 5: 160",
    )
    mo.vstack([kit.section("Check yourself"), _exercise, _number])
    return


@app.cell
def _():
    _words = kit.section(
        "Run",
        "The smallest network there is: four measurements of a flower, one matrix of three rows and four columns, and "
        "three biases: fifteen numbers. Look at how many flowers get their name, and at the interval beside it: thirty "
        "flowers cannot tell it more exactly.",
    )
    _sources = kit.sources(
        ("Strang (2023), Introduction to Linear Algebra", "https://math.mit.edu/~gs/linearalgebra/"),
        ("Sanderson (2016), Essence of linear algebra", "https://www.3blue1brown.com/topics/linear-algebra"),
        ("Harris et al. (2020), Array programming with NumPy", "https://doi.org/10.1038/s41586-020-2649-2"),
    )
    _next = kit.next_lesson(LESSON, "You can move a plane. Now: which way must a number move, so that an error falls?")
    mo.vstack([_words, kit.run_command(*LESSON["runs"]), _sources, _next])
    return


if __name__ == "__main__":
    app.run()
