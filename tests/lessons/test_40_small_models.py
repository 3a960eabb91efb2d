"""What lesson 40 claims about small models (P05)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.test_guesses import words_of
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("40_small_models").module


def test_a_quarter_of_the_bytes_reads_as_many_digits_and_two_bits_do_not(lesson):
    whole = lesson.accuracy(lesson.trained())
    assert whole > 0.96
    net, size = lesson.in_bits(lesson.trained(), 8, by_row=True)
    assert abs(lesson.accuracy(net) - whole) < 0.01
    assert size < 0.3 * 4 * sum(array.size for array in lesson.trained() if array.ndim == 2)
    assert lesson.accuracy(lesson.in_bits(lesson.trained(), 4, by_row=True)[0]) > whole - 0.02
    assert lesson.accuracy(lesson.in_bits(lesson.trained(), 2, by_row=True)[0]) < whole - 0.1


def test_fewer_bits_are_fewer_bytes(lesson):
    sizes = [lesson.in_bits(lesson.trained(), bits)[1] for bits in lesson.BITS]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 64 * 128 + 128 * 10 + 8


def test_what_is_cut_by_size_is_missed_less_than_what_is_cut_by_lot(lesson):
    weights = lesson.trained()
    for share in (0.3, 0.5, 0.6):
        assert lesson.accuracy(lesson.cut(weights, share)[0]) > lesson.accuracy(lesson.by_lot(share)) + 0.02
    assert lesson.cut(weights, 0.9)[1] < 0.4 * lesson.cut(weights, 0)[1]


def test_the_best_range_cuts_a_little_and_a_wild_picture_sets_one_that_is_far_too_wide(lesson):
    ranges = np.linspace(0.6, 28, 90)
    errors = [lesson.range_error(high) for high in ranges]
    best = ranges[int(np.argmin(errors))]
    largest = lesson.units(lesson.trained(), lesson.digits()[2]).max()
    assert 0.3 * largest < best < largest
    assert lesson.seen_on(1) < lesson.seen_on(256)
    assert lesson.seen_on(256, wild=True) > 3 * lesson.seen_on(256)
    assert lesson.range_error(lesson.seen_on(256, wild=True)) > 3 * lesson.range_error(best)
    assert lesson.range_error(0.6) > 3 * lesson.range_error(best)


def test_a_planted_weight_ruins_one_grid_for_all_and_not_a_grid_for_each(lesson):
    whole, net = lesson.accuracy(lesson.trained()), lesson.planted(20)
    assert all(np.abs(X[:, lesson.DEAD]).max() == 0 for X in (lesson.digits()[0], lesson.digits()[2]))
    assert lesson.accuracy(net) == whole
    assert lesson.accuracy(lesson.in_bits(net, 6)[0]) < whole - 0.2
    assert lesson.accuracy(lesson.in_bits(net, 6, by_row=True)[0]) > whole - 0.02


def test_errors_of_both_signs_cancel_in_a_sum(lesson):
    weights = lesson.trained()
    X = lesson.digits()[2]
    rounded = lesson.in_bits(weights, 4, by_row=True)[0]
    gaps = (X @ (rounded[0] - weights[0]).T).ravel()
    same_sign = (X @ np.abs(rounded[0] - weights[0]).T).ravel()
    assert np.abs(gaps).mean() < 0.4 * same_sign.mean()


def test_what_answers_the_guess_is_covered():
    seen, covered = words_of("40_small_models")
    for words in ("digits read right", "Two ways to be small"):
        assert words in covered
        assert words not in seen


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("on_grid", "def on_grid(w, bits):\n    s = np.abs(w).max() / 2 ** (bits - 1)\n    return s * np.round(w / s)",
         "one less"),
        ("leave_out", "def leave_out(w, n):\n    k = w.flatten()\n    k[np.argsort(k)[:n]] = 0\n"
         "    return k.reshape(w.shape)", "large weight"),
    ],
)  # fmt: skip
def test_slips_are_told(name, code, said):
    assert said in tried(name, code).message
