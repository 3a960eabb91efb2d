"""A systolic array gives NumPy's product, in as many beats as are promised, and nothing before its time (S02)."""

import numpy as np
import pytest

from deepglass.glass.foundations import systolic


@pytest.mark.parametrize("shape", [(1, 1, 1), (4, 3, 2), (2, 5, 4), (7, 2, 6), (3, 1, 3)])
def test_what_leaves_the_array_is_numpys_product(shape):
    M, K, N = shape
    rng = np.random.default_rng(sum(shape))
    X, W = rng.normal(size=(M, K)), rng.normal(size=(K, N))
    steps = list(systolic.run(X, W))
    assert len(steps) == systolic.beats(M, K, N)
    assert np.isnan(steps[-1].done).sum() == 0
    assert steps[-1].done == pytest.approx(X @ W, abs=1e-12)
    assert systolic.product(X, W) == pytest.approx(X @ W, abs=1e-12)


def test_a_sum_is_done_when_it_leaves_at_the_bottom_and_not_before():
    steps = list(systolic.run(np.ones((3, 4)), np.ones((4, 2))))
    assert [int((~np.isnan(step.done)).sum()) for step in steps] == [0, 0, 0, 1, 3, 5, 6]


def test_every_cell_works_once_for_every_row():
    M, K, N = 5, 3, 4
    steps = list(systolic.run(np.ones((M, K)), np.ones((K, N))))
    at_work = sum((~np.isnan(step.passing)).astype(int) for step in steps)
    assert (at_work == M).all()
    assert at_work.sum() / (len(steps) * K * N) == pytest.approx(systolic.busy(M, K, N))


def test_what_passes_is_the_input_one_beat_later_for_each_column():
    X = np.arange(6.0).reshape(3, 2)
    steps = list(systolic.run(X, np.ones((2, 3))))
    assert steps[2].passing[0].tolist() == [4, 2, 0]
    assert steps[2].passing[1].tolist()[:2] == [3, 1]


def test_numbers_are_read_once():
    assert systolic.reads(10, 4, 3) == (10 * 4 + 4 * 3, 2 * 10 * 4 * 3)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(2, 3\)"):
        systolic.product(np.ones((2, 3)), np.ones((2, 3)))
