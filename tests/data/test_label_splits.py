"""Splits and folds of examples with several labels: every label has its share."""

import numpy as np
import pytest

from deepglass.core.errors import OptionError
from deepglass.data.folds import folds, places
from deepglass.data.group_splits import group_folds, split_groups
from deepglass.data.label_splits import of_groups, stratified_parts
from deepglass.data.splits import split


def drawn(count=1000, shares=(0.5, 0.2, 0.05, 0.01)):
    return (np.random.default_rng(0).random((count, len(shares))) < shares).astype(np.uint8)


def test_every_split_has_its_share_of_every_label():
    labels = drawn()
    splits = split(len(labels), labels=labels)
    assert sorted(np.concatenate(list(splits.values()))) == list(range(1000))
    assert {name: len(rows) for name, rows in splits.items()} == {"train": 720, "val": 80, "test": 200}
    for name, share in (("test", 0.2), ("val", 0.08)):
        wanted = share * labels.sum(axis=0)
        assert (abs(labels[splits[name]].sum(axis=0) - wanted) <= 2).all(), name


def test_it_is_nearer_to_the_shares_than_chance():
    labels = drawn(400)
    wanted = 0.2 * labels.sum(axis=0)

    def distance(rows):
        return abs(labels[rows].sum(axis=0) - wanted).sum()

    stratified = [distance(split(400, labels=labels, seed=seed)["test"]) for seed in range(5)]
    by_chance = [distance(split(400, seed=seed)["test"]) for seed in range(5)]
    assert max(stratified) < min(by_chance)


def test_a_label_of_one_or_two_examples_stays_in_training():
    labels = np.zeros((50, 2), np.uint8)
    labels[7, 0], labels[[3, 30], 1] = 1, 1
    for seed in range(5):
        assert {3, 7, 30} <= set(split(50, labels=labels, seed=seed)["train"].tolist())


def test_the_seed_decides():
    labels = drawn(200)
    one, again, other = (split(200, labels=labels, seed=seed)["test"].tolist() for seed in (0, 0, 1))
    assert one == again != other


def test_folds_share_the_labels():
    labels = drawn(500)
    found = folds(500, 5, labels=labels)
    assert sorted(np.concatenate([fold["test"] for fold in found])) == list(range(500))
    counts = np.array([labels[fold["test"]].sum(axis=0) for fold in found])
    assert (counts.max(axis=0) - counts.min(axis=0) <= 3).all()
    with pytest.raises(OptionError, match="--folds: expected 2 to 3"):
        places(3, 4, labels=labels[:3])


def test_examples_without_any_label_are_shared_too():
    parts = stratified_parts(np.zeros((10, 3), np.uint8), (0.8, 0.2), seed=0)
    assert np.bincount(parts).tolist() == [8, 2]


def test_a_group_has_the_labels_of_its_members():
    labels = np.array([[1, 0], [0, 0], [0, 1]], np.uint8)
    assert of_groups(np.array([0, 1, 0]), labels).tolist() == [[1, 1], [0, 0]]


def test_groups_stay_together_and_share_the_labels():
    labels, groups = drawn(600), np.arange(600) // 3
    splits = split_groups(groups, labels, declared={})
    sides = [set(groups[rows].tolist()) for rows in splits.values()]
    assert not sides[0] & sides[1] | sides[0] & sides[2] | sides[1] & sides[2]
    wanted = 0.2 * labels.sum(axis=0)
    assert (abs(labels[splits["test"]].sum(axis=0) - wanted) <= 0.15 * wanted + 2).all()
    tested = np.concatenate([fold["test"] for fold in group_folds(groups, labels, 4)])
    assert sorted(tested) == list(range(600))
