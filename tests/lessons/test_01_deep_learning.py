"""What lesson 1 claims: the net wins on pictures and not on a table, and a moved pixel shows what each learned."""

import numpy as np
import pytest

from tests.lessons.opened import opened

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


def test_a_wrong_neighbour_is_told_which_row_is_nearest(lesson):
    with pytest.raises(AssertionError, match="nearest row is"):
        lesson.check_nearest(lambda X, y, x: y[((X - x) ** 2).sum(1).argmax()])
    with pytest.raises(AssertionError, match="Give back one class"):
        lesson.check_nearest(lambda X, y, x: y)
