"""Scores of masks: those of scikit-learn on random cases, edges by brute force, and what the judge says."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, jaccard_score

from deepglass.evaluate.judges.segmentation import Judge
from deepglass.evaluate.metrics.segmentation import confusion, count, edge_counts, evaluate, scored, tolerance

IGNORED, OUTSIDE = 255, 254


def case(seed, N=4, H=9, W=11, K=4):
    """Random masks with ignored pixels and one class that is nowhere now and then."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, K - seed % 2, (N, H, W)).astype(np.uint8)
    answer = np.where(rng.random((N, H, W)) < 0.6, truth, rng.integers(0, K, (N, H, W))).astype(np.uint8)
    truth[rng.random((N, H, W)) < 0.1] = IGNORED
    truth[:, :, W - seed % 3 :] = OUTSIDE
    return answer, truth, [f"c{k}" for k in range(K)]


@pytest.mark.parametrize("seed", range(6))
def test_they_are_those_of_scikit_learn(seed):
    answer, truth, classes = case(seed)
    result, judged = evaluate(answer, truth, classes), truth < len(classes)
    a, t = answer[judged], truth[judged]
    assert result["pixel_accuracy"]["value"] == pytest.approx(accuracy_score(t, a))
    assert result["mean_iou"]["value"] == pytest.approx(jaccard_score(t, a, average="macro"))
    assert result["mean_dice"]["value"] == pytest.approx(f1_score(t, a, average="macro"))
    labels, of_each = range(len(classes)), result["details"]["per_class"]
    ious = jaccard_score(t, a, average=None, labels=labels, zero_division=0)
    assert [row["iou"] or 0 for row in of_each] == pytest.approx(list(ious))
    assert [row["dice"] or 0 for row in of_each] == pytest.approx(
        list(f1_score(t, a, average=None, labels=labels, zero_division=0))
    )
    assert np.array_equal(confusion(answer, truth, len(classes)), confusion_matrix(t, a, labels=labels))
    for row in of_each:
        assert row["iou"] is None or row["iou_low"] - 1e-9 <= row["iou"] <= row["iou_high"] + 1e-9


def slow_edges(answer, truth, label, K):
    """The boundary F score of one class by looking at every pair of pixels."""
    H, W = truth.shape
    judged = truth < K

    def edge(mask):
        found = []
        for y in range(H):
            for x in range(W):
                if not judged[y, x] or mask[y, x] != label:
                    continue
                around = [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
                if any(0 <= v < H and 0 <= u < W and judged[v, u] and mask[v, u] != label for v, u in around):
                    found.append((y, x))
        return found

    said, true = edge(answer), edge(truth)

    def near(some, others):
        return sum(any(np.hypot(y - v, x - u) <= tolerance(H, W) for v, u in others) for y, x in some)

    return [near(said, true), len(said), near(true, said), len(true)]


@pytest.mark.parametrize("seed", range(4))
def test_edges_are_those_of_every_pair_of_pixels(seed):
    answer, truth, classes = case(seed, N=1, H=14, W=13)
    truth[truth == OUTSIDE] = IGNORED
    counts = edge_counts(answer[0], truth[0], len(classes))
    for label in range(len(classes)):
        assert counts[label].tolist() == slow_edges(answer[0], truth[0], label, len(classes))


def test_an_edge_may_lie_beside_the_true_one_by_a_share_of_the_diagonal():
    truth = np.zeros((1, 300, 400), np.uint8)
    truth[:, :, 200:] = 1
    assert tolerance(300, 400) == 4
    for shift, expected in ((4, 1.0), (5, 0.0)):
        answer = np.roll(truth, shift, axis=2)
        answer[:, :, :shift] = 0
        result = evaluate(answer, truth, ["left", "right"])
        assert result["boundary_f1"]["value"] == expected
        assert result["mean_iou"]["value"] > 0.95


def test_everything_right_and_everything_wrong():
    _, truth, classes = case(2)
    right = np.where(truth < 4, truth, 0)
    best, worst = evaluate(right, truth, classes), evaluate((right + 1) % 4, truth, classes)
    for name in ("mean_iou", "mean_dice", "pixel_accuracy", "boundary_f1"):
        assert best[name]["value"] == 1
    assert worst["mean_iou"]["value"] == worst["pixel_accuracy"]["value"] == 0


def test_pixels_that_nobody_labelled_count_nowhere():
    answer, truth, classes = case(2)
    changed = np.where(truth >= 4, (answer + 1) % 4, answer)
    one, other = evaluate(answer, truth, classes), evaluate(changed, truth, classes)
    assert one["mean_iou"] == other["mean_iou"]
    assert one["details"]["confusion"] == other["details"]["confusion"]
    assert 0 < one["details"]["ignored"] < 0.3


def test_a_single_picture_tells_no_spread_and_classes_that_are_nowhere_count_not():
    truth = np.zeros((1, 4, 4), np.uint8)
    truth[0, :2] = 1
    result = evaluate(truth, truth, ["a", "b", "never"])
    assert result["mean_iou"] == {"value": 1.0, "low": None, "high": None}
    assert result["details"]["per_class"][2]["iou"] is None


def test_pictures_are_drawn_together_for_both_runs():
    answer, truth, _ = case(4, N=30)
    better = np.where(np.random.default_rng(0).random(truth.shape) < 0.5, np.where(truth < 4, truth, 0), answer)
    arrays = [{"predictions": each.astype(np.uint8), "targets": truth} for each in (better, answer)]
    tests = Judge().paired_tests(*arrays, seed=0)
    assert [test["measure"] for test in tests] == ["mean_iou", "pixel_accuracy"]
    assert all(test["p_value"] < 0.01 and test["difference"]["low"] > 0 for test in tests)
    same = Judge().paired_tests(arrays[0], arrays[0], seed=0)
    assert all(test["p_value"] == 1 and test["difference"]["value"] == 0 for test in same)


def test_the_judge_warns_of_what_misleads():
    truth = np.zeros((3, 10, 10), np.uint8)
    truth[:, 0, :5] = 1
    test = evaluate(np.zeros_like(truth), truth, ["ground", "thread", "never"])
    said = " ".join(filter(None, (check(test, {}) for check in Judge.checks)))
    assert "Hardly found in the test: 'thread' (IoU 0.0 %)" in said
    assert "95 % of the pixels are 'ground'" in said
    assert "Only 3 test pictures" in said
    assert "No pixel of 'never'" in said
    assert "covered worst is 'thread'" in Judge().notes(test)[0]


def test_the_judge_shows_each_class_and_what_is_taken_for_what():
    answer, truth, classes = case(2)
    test = evaluate(answer, truth, classes)
    each, mixed = Judge().answers({"test": test}, {})["tables"]
    assert {row[0] for row in each["rows"]} == set(classes)
    assert all(len(row) == len(each["columns"]) for row in each["rows"])
    assert mixed["rows"]
    assert Judge().answers({"test": {"kind": "segmentation"}}, {}) == {}


def test_counts_add_up():
    answer, truth, classes = case(3)
    counts = count(answer, truth, len(classes))
    assert counts.true.sum() == counts.said.sum() == (truth < len(classes)).sum()
    twice = scored(counts, np.full((1, len(truth)), 2.0))
    assert twice.mean_iou == pytest.approx(scored(counts).mean_iou)
