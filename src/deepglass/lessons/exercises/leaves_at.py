"""Lesson 74: when a result leaves a systolic array."""

from deepglass.course.judging.description import Description


def leaves_at(row, column, inputs):
    """row + column + inputs, where rows and columns are counted from 0 and beats from 1"""
    return row + column + inputs


def cases(rng):
    """The first, one to the right, one below, then drawn ones."""
    yield 0, 0, 1
    yield 0, 0, 4
    yield 0, 2, 4
    yield 2, 0, 4
    for _ in range(4):
        row, column, inputs = (int(n) for n in rng.integers(1, 200, 3))
        yield row, column, inputs


def tell(row, column, inputs):
    """All of it."""
    return f"For row {row}, column {column} and {inputs} inputs"


EXERCISE = Description(
    name="leaves_at",
    task="In the film, at which beat does the entry at <code>row</code> and <code>column</code> of the product "
    "(counted from 0) leave the grid at the bottom? <code>inputs</code> is the number of rows of cells. The first "
    "number enters the first cell at beat 1.",
    stub="""
        def leaves_at(row, column, inputs):
            # your line here
            return 1
    """,
    solution="""
        def leaves_at(row, column, inputs):
            return row + column + inputs
    """,
    hint="The entry (0, 0) is complete in the last row of cells, at beat <code>inputs</code>. What comes one row "
    "later in the batch, or one column further right, leaves one beat later.",
    answer=leaves_at,
    cases=cases,
    tell=tell,
    gives="one whole number",
    praise="The last entry, at row M − 1 and column N − 1, gives the beats of the whole product: M + K + N − 2.",
    slips=(
        (lambda row, column, inputs: row + column + inputs - 1, "Beats are counted from 1."),
        (lambda row, column, inputs: row + inputs, "Each column further right is one beat later."),
        (lambda row, column, inputs: column + inputs, "Each row of the batch enters one beat later."),
        (lambda row, column, inputs: row * column + inputs, "One beat for each row and one for each column: a sum."),
    ),
    right=(
        "def leaves_at(row, column, inputs):\n    beat = inputs\n    for _ in range(row + column):\n        beat += 1\n"
        "    return beat",
        "leaves_at = lambda row, column, inputs: sum([row, column, inputs])",
        "def leaves_at(row, column, inputs):\n    return np.add(np.add(row, column), inputs)",
    ),
    wrong=(
        "def leaves_at(row, column, inputs):\n    return row + column + inputs + 1",
        "def leaves_at(row, column, inputs):\n    return max(row, column) + inputs",
        "def leaves_at(row, column, inputs):\n    return inputs",
        "def leaves_at(row, column, inputs):\n    return row * column + inputs",
    ),
)
