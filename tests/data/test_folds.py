"""Folds are disjoint, exhaustive and keep what they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepglass.core.errors import OptionError
from deepglass.data import folds as folds_of
from deepglass.data.folds import Fold


def assert_disjoint_and_exhaustive(folds: list[Fold], count: int) -> None:
    np.testing.assert_array_equal(np.sort(np.concatenate([fold.test for fold in folds])), np.arange(count))
    for fold in folds:
        np.testing.assert_array_equal(np.sort(np.concatenate(fold)), np.arange(count))


@given(st.lists(st.integers(0, 3), min_size=6, max_size=80), st.integers(2, 6), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_stratified_folds_share_every_class_fairly(labels, folds, seed):
    targets = np.array(labels)
    parts = folds_of.stratified_folds(targets, folds, seed)
    assert_disjoint_and_exhaustive(parts, len(targets))
    for label in np.unique(targets):
        counts = [(targets[fold.test] == label).sum() for fold in parts]
        assert max(counts) - min(counts) <= 1
    sizes = [len(fold.test) for fold in parts]
    assert max(sizes) - min(sizes) <= 1


@given(st.lists(st.sampled_from("abcdefghij"), min_size=10, max_size=80), st.integers(2, 4), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_groups_never_cross(names, folds, seed):
    groups = np.array(names)
    if len(np.unique(groups)) < folds:
        with pytest.raises(OptionError, match="groups"):
            folds_of.grouped_folds(groups, folds, seed)
        return
    parts = folds_of.grouped_folds(groups, folds, seed)
    assert_disjoint_and_exhaustive(parts, len(groups))
    for fold in parts:
        assert not set(groups[fold.train]) & set(groups[fold.test])
        assert len(fold.test)


def test_groups_of_one_size_are_spread_evenly():
    parts = folds_of.grouped_folds(np.repeat(np.arange(20), 5), 4)
    assert [len(fold.test) for fold in parts] == [25, 25, 25, 25]


def test_plain_folds_depend_on_the_seed_alone():
    first, again, other = (folds_of.plain_folds(50, 5, seed)[0].test for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_impossible_numbers_of_folds_are_refused_in_words():
    with pytest.raises(OptionError, match=r"--folds: expected 2 to 3 \(there are 3 examples\), got 5"):
        folds_of.plain_folds(3, 5)
    with pytest.raises(OptionError, match="got 1"):
        folds_of.stratified_folds(np.zeros(10), 1)


def test_groups_win_over_classes_and_classes_over_nothing():
    labels, groups = np.arange(40) % 2, np.arange(40) // 8
    for parts in (folds_of.folds(40, 5, groups=groups, labels=labels), folds_of.folds(40, 5, labels=labels)):
        assert [set(part) for part in parts] == [{"train", "test"}] * 5
    grouped = folds_of.folds(40, 5, groups=groups, labels=labels)
    assert all(len(np.unique(groups[part["test"]])) == 1 for part in grouped)
