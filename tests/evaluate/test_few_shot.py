"""Accuracies over episodes: drawn alike for a seed, within groups where asked, with the interval of the field."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestCentroid

from deepglass.data.class_episodes import Shape
from deepglass.evaluate.metrics import few_shot
from deepglass.tasks.rules import fine_tuning, matching, prototypes

RULES = (prototypes, matching, fine_tuning)
CLASSES = np.repeat(np.arange(8), 6)


def embeddings(noise, seed=0):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(8, 6))[CLASSES] + rng.normal(0, noise, (48, 6))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_over_600_episodes_five_classes_in_corners_are_all_right_and_noise_is_chance():
    shape = Shape(5, 1, 5)
    corners, noise = np.eye(8)[CLASSES], np.random.default_rng(0).normal(size=(48, 64))
    found = few_shot.evaluate(corners, CLASSES, prototypes.scores, shape)
    assert found["details"]["episodes"] == 600
    assert found["episode_accuracy"]["value"] == 1
    entry = few_shot.evaluate(noise, CLASSES, prototypes.scores, shape)["episode_accuracy"]
    assert entry["value"] == pytest.approx(0.2, abs=0.03)


def test_the_interval_is_that_of_the_mean_over_episodes():
    each = np.random.default_rng(0).random(600)
    found = few_shot.mean_of(each)
    half = 1.96 * each.std(ddof=1) / np.sqrt(600)
    assert found["high"] - found["value"] == pytest.approx(half)
    assert found["value"] - found["low"] == pytest.approx(half)
    assert few_shot.mean_of(np.ones(1)) == {"value": 1.0, "low": None, "high": None}


def test_episodes_repeat_with_their_seed_and_hold_no_picture_twice():
    one, again, other = (few_shot.drawn(CLASSES, Shape(4, 2, 3), 30, seed) for seed in (0, 0, 1))
    assert np.array_equal(one.support, again.support)
    assert not np.array_equal(one.support, other.support)
    for support, queries in zip(one.support, one.queries):
        assert len({*support, *queries}) == one.shape.size
        assert (CLASSES[support].reshape(4, 2) == CLASSES[queries].reshape(4, 3)[:, :2]).all()


def test_within_groups_no_episode_mixes_two():
    groups = np.where(CLASSES < 5, "first", "second")
    found = few_shot.drawn(CLASSES, Shape(3, 1, 2), 200, groups=groups)
    mixed = [len(set(groups[row])) for row in found.support]
    assert set(mixed) == {1}
    assert {groups[row[0]] for row in found.support} == {"first", "second"}
    large = few_shot.drawn(CLASSES, Shape(5, 1, 2), 50, groups=groups)
    assert {groups[row[0]] for row in large.support} == {"first"}  # the second has three classes


def test_too_few_classes_or_pictures_have_no_episodes():
    assert few_shot.drawn(np.arange(9), Shape(5, 1, 1)) is None
    assert few_shot.drawn(np.zeros(9, int), Shape(5, 1, 1)) is None
    assert (
        few_shot.evaluate(np.eye(9), np.arange(9), prototypes.scores, Shape(5, 1, 1))["episode_accuracy"]["value"]
        is None
    )


def test_prototypes_name_as_the_nearest_centroid_of_scikit_learn():
    rows, episodes = embeddings(0.6), few_shot.drawn(CLASSES, Shape(5, 3, 3), 40)
    said = few_shot.named(rows, episodes, prototypes.scores)
    known = np.repeat(np.arange(5), 3)
    for support, queries, found in zip(episodes.support, episodes.queries, said):
        theirs = NearestCentroid().fit(rows[support], known).predict(rows[queries])
        assert (theirs == found).mean() >= 14 / 15  # theirs in float64


def test_with_one_shot_prototypes_and_matching_are_one_rule():
    rows, episodes = embeddings(0.6), few_shot.drawn(CLASSES, Shape(5, 1, 3), 40)
    one, other = (few_shot.named(rows, episodes, rule.scores) for rule in (prototypes, matching))
    assert np.array_equal(one, other)


def test_matching_is_attention_over_the_known_ones_by_hand():
    rows = torch.from_numpy(embeddings(0.6)).float()
    support, queries = rows[[0, 1, 6, 12]], rows[[2, 8]]
    members = torch.tensor([[1.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    found = matching.scores(support[None], members[None], queries[None])[0].exp()
    votes = torch.exp(16 * queries @ support.T) / torch.tensor([2.0, 2, 1, 1])  # no class counts more for having two
    by_hand = torch.stack([votes[:, :2].sum(1), votes[:, 2], votes[:, 3]], 1)
    torch.testing.assert_close(found, by_hand / by_hand.sum(1, keepdim=True))


def test_fine_tuning_makes_the_known_pictures_likelier_than_their_means_do():
    rows = torch.from_numpy(embeddings(1.0)).float()
    support, members = rows[[0, 1, 6, 7, 12, 13]][None], torch.eye(3).repeat_interleave(2, 0)[None]
    truth = torch.tensor([0, 0, 1, 1, 2, 2])
    weights = {"means": prototypes.means(support, members), "fitted": fine_tuning.fitted(support, members)}
    lost = {
        name: float(torch.nn.functional.cross_entropy(
            16 * support[0] @ torch.nn.functional.normalize(rows_, dim=2)[0].T, truth
        ))
        for name, rows_ in weights.items()
    }  # fmt: skip
    assert lost["fitted"] < lost["means"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__.split(".")[-1])
def test_no_order_of_the_known_pictures_counts(rule):
    rows = torch.from_numpy(embeddings(0.6)).float()
    support, queries, members = rows[[0, 1, 6, 7]][None], rows[[2, 8]][None], torch.eye(2).repeat_interleave(2, 0)[None]
    order = torch.tensor([2, 0, 3, 1])
    one = rule.scores(support, members, queries)
    torch.testing.assert_close(one, rule.scores(support[:, order], members[:, order], queries), atol=1e-4, rtol=1e-4)


def test_errors_are_shares_of_the_times_that_a_picture_was_asked():
    rows, episodes = embeddings(1.2), few_shot.drawn(CLASSES, Shape(5, 1, 3), 300)
    shares, taken_for = few_shot.errors(rows, episodes, prototypes.scores)
    asked = np.bincount(episodes.queries.ravel(), minlength=48)
    wrong = 1 - few_shot.accuracy(rows, episodes, prototypes.scores)["value"]
    assert (shares * asked).sum() / asked.sum() == pytest.approx(wrong)
    assert all(CLASSES[taken_for[shares > 0]] != CLASSES[shares > 0])
