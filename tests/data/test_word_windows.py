"""How often words are left out, and how far apart those lie that are held out as pairs."""

import numpy as np
import pytest
import torch

from deepglass.data.word_windows import NONE, WordWindows, keep_probability, pairs_to_tell_apart


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


@pytest.mark.parametrize("window", [1, 2, 5])
def test_pairs_that_are_held_out_lie_as_far_apart_as_those_of_training(window):
    ids = np.arange(1, 20_001)  # each word once: what lies between two of them tells how far apart they stand
    everything = np.ones(len(ids) + 1)
    torch.manual_seed(0)
    windows = WordWindows(torch.from_numpy(ids), window, torch.from_numpy(everything).float())
    words, others, _ = windows.batch(torch.arange(len(ids)))
    trained = shares((others - words)[others != NONE].numpy(), window)
    words, others = pairs_to_tell_apart(ids, window, everything, everything, len(ids), seed=0)
    held_out = shares(others[:, 0] - words, window)
    assert held_out == pytest.approx(trained, abs=0.015)
    reached = np.arange(window, 0, -1)
    assert held_out[window:] + held_out[:window][::-1] == pytest.approx(reached / reached.sum(), abs=0.015)


def shares(distances, window):
    """(2w,) how often each distance occurs, from −w to w without 0."""
    every = [d for d in range(-window, window + 1) if d]
    return np.array([(distances == d).mean() for d in every])
