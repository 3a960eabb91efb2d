"""What lesson 1 claims: the net wins on pictures and not on a table, and a moved pixel shows what each learned."""

import numpy as np
import pytest

from deepglass.lessons.exercises.nearest import nearest as answer
from deepglass.lessons.exercises.nearest import on_digits
from tests.lessons.opened import opened
from tests.lessons.tried import tried

SPLITS = range(4)


@pytest.fixture(scope="module")
def lesson():
    return opened("01_deep_learning").module


@pytest.fixture(scope="module")
def shares(lesson):
    found = {name: {kind: [] for kind in lesson.COLORS} for name in lesson.SIZES}
    for name, by_kind in found.items():
        for data in (lesson.load(name, seed) for seed in SPLITS):
            for kind, shares in by_kind.items():
                shares.append(lesson.score(lesson.teach(kind, *data[:2]), data))
    return {name: {kind: np.array(shares) for kind, shares in by_kind.items()} for name, by_kind in found.items()}


def test_on_the_table_the_line_and_the_net_are_level(shares):
    ahead = shares["table"]["net"] - shares["table"]["line"]
    assert abs(ahead.mean()) < 2 * ahead.std(ddof=1) / np.sqrt(len(ahead)) + 0.002
    assert (shares["table"]["line"] > shares["table"]["tree"]).all()


def test_on_the_pictures_the_net_is_ahead_of_both_in_every_split(shares):
    for other in ("line", "tree"):
        ahead = shares["pictures"]["net"] - shares["pictures"][other]
        assert (ahead > 0).all()
        assert ahead.mean() > 2 * ahead.std(ddof=1) / np.sqrt(len(ahead))


def test_one_column_of_the_table_knows_much_and_one_pixel_little(lesson):
    (columns, blind), (pixels, blind_pixels) = lesson.alone("table"), lesson.alone("pictures")
    assert columns.max() > 0.88 > blind + 0.2
    assert blind_pixels < pixels.max() < 0.4


def test_a_moved_pixel_breaks_all_and_copies_mend_the_net_most(lesson):
    X, y, asked, truth = lesson.load("pictures")
    moved = lesson.moved(asked, 1)
    share = {}
    for kind in lesson.COLORS:
        for copies, examples in ((False, (X, y)), (True, lesson.with_copies(X, y))):
            model = lesson.teach(kind, *examples, rounds=6 if copies else 16)
            share[kind, copies] = (lesson.says(model, moved) == truth).mean()
    assert share["net", False] < 0.85
    assert share["net", False] > share["line", False] > share["tree", False]
    assert share["net", True] > 0.95
    assert max(share["line", True], share["tree", True]) < 0.9


def test_moving_by_a_pixel_moves_by_a_pixel(lesson):
    pictures = np.arange(128.0).reshape(2, 64)
    right = lesson.moved(pictures, 1).reshape(2, 8, 8)
    np.testing.assert_array_equal(right[:, :, 1:], pictures.reshape(2, 8, 8)[:, :, :-1])
    assert (right[:, :, 0] == 0).all()
    np.testing.assert_array_equal(lesson.moved(pictures, 0), pictures)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("y[((X - x) ** 2).sum(1).argmax()]", "the farthest row"),
        ("((X - x) ** 2).sum(1).argmin()", "the number of the row"),
        ("y[abs(X - x).sum(1).argmin()]", "along the streets"),
        ("y", "one class"),
    ],
)
def test_a_wrong_neighbour_is_told_which_row_is_nearest(line, said):
    message = tried("nearest", f"def nearest(X, y, x):\n    return {line}").message
    assert "nearest row is" in message
    assert said in message


def test_the_nearest_row_reads_nearly_all_digits():
    right = on_digits(answer)
    assert float(right.split("right ")[1].split("%")[0]) > 97
