"""Ranks and lists of recommendations, against scikit-learn's nDCG and by hand."""

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from deepglass.evaluate.metrics import recommendation as metrics


def made(users=30, items=40, held=1, seed=0):
    generator = np.random.default_rng(seed)
    scores = generator.normal(size=(users, items))
    return scores, np.stack([generator.permutation(items)[:held] for _ in range(users)])


@pytest.mark.parametrize("held", [1, 5, 12])
def test_ndcg_is_scikit_learns(held):
    scores, places = made(held=held)
    truth = np.zeros(scores.shape)
    np.put_along_axis(truth, places, 1.0, axis=1)
    ours = metrics.ndcg(metrics.ranks_of(scores, places))
    assert ours.mean() == pytest.approx(ndcg_score(truth, scores, k=10))


def test_a_hit_is_what_the_list_of_ten_holds():
    scores, places = made(held=3)
    lists = metrics.first_of(scores)
    by_hand = [bool(set(places[i]) & set(lists[i])) for i in range(len(scores))]
    assert metrics.hits(metrics.ranks_of(scores, places)).tolist() == by_hand


def test_equal_scores_stand_as_the_catalogue_does():
    scores = np.zeros((2, 5))
    assert metrics.ranks_of(scores, np.array([[0], [4]])).tolist() == [[1], [5]]
    assert metrics.first_of(scores, 3).tolist() == [[0, 1, 2]] * 2


def test_an_item_that_the_catalogue_lacks_comes_behind_all():
    scores, _ = made(users=3)
    assert (metrics.ranks_of(scores, np.full((3, 1), -1)) == 41).all()


def test_coverage_counts_what_anybody_is_shown():
    lists = np.array([[0, 1], [1, 2], [-1, -1]])
    found = metrics.evaluate(np.array([[1], [2], [30]]), lists, 40)
    assert found["catalogue_coverage"]["value"] == pytest.approx(3 / 40)
    assert found["details"]["popular_share"] == 1.0
    assert found["mrr"]["value"] == pytest.approx((1 + 1 / 2 + 1 / 30) / 3)


def test_a_single_narrow_list_is_warned_of():
    from deepglass.evaluate.judges.recommendation import Judge

    ranks, lists = np.tile([[3]], (200, 1)), np.tile(np.arange(10), (200, 1))
    said = [check(metrics.evaluate(ranks, lists, 1000), {}) for check in Judge.checks]
    assert "10% of items that most took" in said[0]
    assert said[1] is None
