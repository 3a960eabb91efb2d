"""How often words are left out."""

import numpy as np
import pytest

from deepglass.data.word_windows import keep_probability


def test_frequent_words_are_thinned_out_as_in_their_program():
    counts = np.array([0, 9_000, 900, 90, 9, 1])
    share = counts[1] / counts.sum()
    kept = keep_probability(counts, 1e-3)
    assert kept[0] == 0
    assert kept[1] == pytest.approx(np.sqrt(1e-3 / share) + 1e-3 / share)
    assert kept[4] == kept[5] == 1
    assert (np.diff(kept[1:]) >= 0).all()


def test_of_few_words_none_is_thinned_out_for_all_are_frequent():
    assert (keep_probability(np.array([0, 100, 100, 100]), 1e-4)[1:] == 1).all()


def test_a_threshold_of_zero_keeps_all():
    assert (keep_probability(np.array([0, 10**6, 1]), 0.0)[1:] == 1).all()
