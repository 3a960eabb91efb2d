"""Groups are never parted, and every class has its share of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepglass.core.errors import OptionError
from deepglass.data.group_splits import group_folds, split_groups, units
from deepglass.data.splits import split

GROUPS = np.repeat(np.arange(24), 20)
LABELS = GROUPS % 2


def assert_whole(groups, splits):
    sides = [set(groups[rows]) for rows in splits.values()]
    assert sum(map(len, sides)) == len(set.union(*sides))
    everything = np.concatenate(list(splits.values()))
    np.testing.assert_array_equal(np.sort(everything), np.arange(len(groups)))


def test_every_class_has_its_share_of_the_groups():
    splits = split_groups(GROUPS, LABELS, declared={})
    assert_whole(GROUPS, splits)
    assert [len(splits[name]) for name in ("train", "val", "test")] == [340, 40, 100]
    assert sorted(np.unique(GROUPS[splits["test"]]) % 2) in ([0, 0, 0, 1, 1], [0, 0, 1, 1, 1])


@given(st.lists(st.integers(0, 9), min_size=30, max_size=90), st.integers(0, 9))
@settings(max_examples=50, deadline=None)
def test_no_group_is_parted(names, seed):
    groups = np.array(names)
    labels = groups % 3
    if len(np.unique(groups)) < 6 or min(len(np.unique(groups[labels == label])) for label in np.unique(labels)) < 2:
        return
    assert_whole(groups, split_groups(groups, labels, declared={}, seed=seed, val_fraction=0.3))


def test_pictures_that_are_alone_are_split_as_without_groups():
    labels = np.arange(100) % 4
    alone = split_groups(np.arange(100), labels, declared={}, seed=3)
    plain = split(100, labels=labels, seed=3)
    for name in plain:
        np.testing.assert_array_equal(alone[name], plain[name])


def test_a_declared_test_is_kept_and_validation_is_drawn_by_group():
    declared = {"test": np.arange(400, 480), "train": np.arange(400)}
    splits = split_groups(GROUPS, LABELS, declared=declared, val_fraction=0.2)
    np.testing.assert_array_equal(splits["test"], declared["test"])
    assert not set(GROUPS[splits["train"]]) & set(GROUPS[splits["val"]])


def test_folds_part_no_group_and_test_every_picture_once():
    folds = group_folds(GROUPS, LABELS, 4)
    tested = np.concatenate([fold["test"] for fold in folds])
    np.testing.assert_array_equal(np.sort(tested), np.arange(480))
    for fold in folds:
        assert not set(GROUPS[fold["train"]]) & set(GROUPS[fold["test"]])
        assert set(LABELS[fold["test"]]) == {0, 1}


def test_too_few_groups_are_refused():
    with pytest.raises(OptionError, match=r"--folds: expected 2 to 3 \(there are 3 groups\), got 5"):
        group_folds(np.arange(30) % 3, np.arange(30) % 3, 5)
    with pytest.raises(OptionError, match="2 groups leave none for test"):
        split_groups(np.arange(20) % 2, np.arange(20) % 2, declared={})


def test_a_unit_has_the_class_that_most_of_it_has():
    member_of, classes = units(np.array(["a", "a", "a", "b"]), np.array([1, 1, 0, 0]))
    assert member_of.tolist() == [0, 0, 0, 1]
    assert classes.tolist() == [1, 0]
