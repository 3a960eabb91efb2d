"""What is said of answers with several labels: warnings that are true, the sentence, the table, the paired test."""

import numpy as np
import pytest

from deepglass.evaluate.comparison import compare
from deepglass.evaluate.judges import judge_of
from deepglass.evaluate.metrics import labels
from deepglass.evaluate.warnings import warnings_for

NAMES = ["sea", "sky", "rock"]


def drawn(count=400, noise=0.15, shares=(0.5, 0.3, 0.2), seed=0):
    rng = np.random.default_rng(seed)
    truth = (rng.random((count, 3)) < shares).astype(int)
    return np.clip(0.2 + 0.6 * truth + rng.normal(0, noise, truth.shape), 0.01, 0.99), truth


def judged(chances, truth, cuts=(0.5, 0.5, 0.5)):
    return labels.evaluate(chances, truth, NAMES, np.array(cuts))


def warned(result, **train):
    return warnings_for({"test": result}, None, {"train": train})


def test_a_good_answer_is_not_warned_of():
    rng = np.random.default_rng(1)
    chances = rng.uniform(0.02, 0.98, (2000, 3))
    assert warned(judged(chances, (rng.random((2000, 3)) < chances).astype(int))) == []


def test_a_label_that_is_never_found_is_named():
    chances, truth = drawn()
    chances[:, 1] = 0.3
    found = warned(judged(chances, truth))
    assert f"Never found in the test: 'sky' ({truth[:, 1].sum()}); try --class-weights balanced." in found
    assert any("collect more examples" in text for text in warned(judged(chances, truth), class_weights="balanced"))


def test_a_label_without_a_test_example_is_named():
    chances, truth = drawn(shares=(0.5, 0.3, 0.0))
    assert any(text.startswith("No test example has 'rock'") for text in warned(judged(chances, truth)))


def test_answers_that_are_often_empty_are_said():
    chances, truth = drawn(shares=(0.9, 0.9, 0.9))
    (said,) = [text for text in warned(judged(chances, truth, (0.95, 0.95, 0.95))) if "names no label" in text]
    assert "of which 0 % have none" in said


def test_probabilities_that_are_too_high_are_said_with_the_reason():
    rng = np.random.default_rng(2)
    chances = rng.uniform(0.3, 0.9, (800, 3))
    truth = (rng.random((800, 3)) < chances - 0.25).astype(int)
    (said,) = [text for text in warned(judged(chances, truth), class_weights="balanced") if "too high" in text]
    assert said.endswith("--class-weights raises those of rare labels.")
    assert any("too high" in text and "--class-weights" not in text for text in warned(judged(chances, truth)))


def test_perfection_and_few_examples_are_warned_of():
    truth = drawn(60)[1]
    found = warned(judged(truth * 0.98 + 0.01, truth))
    assert any(text.startswith("Only 60 test examples") for text in found)
    truth = drawn(200)[1]
    assert any("the answer leaks" in text for text in warned(judged(truth * 0.98 + 0.01, truth)))


def test_the_notes_say_in_plain_words_what_the_score_is_made_of():
    result = judged(*drawn())
    (note,) = judge_of("labels").notes(result)
    recall, whole = (100 * result[name]["value"] for name in ("recall_micro", "subset_accuracy"))
    assert note.startswith(f"It finds {recall:.1f} % of the labels that are true; ")
    assert note.endswith(f"for {whole:.1f} %.")
    assert judge_of("labels").notes({"kind": "labels"}) == []


def test_every_label_is_a_row_and_of_many_the_worst_are_shown():
    chances, truth = drawn()
    (table,) = judge_of("labels").answers({"test": judged(chances, truth, (0.5, 0.25, 0.5))}, {})["tables"]
    assert [row[0] for row in table["rows"]] == NAMES
    assert table["rows"][1][3] == "25.0 %"
    assert all(len(row) == len(table["columns"]) for row in table["rows"])
    rng = np.random.default_rng(3)
    many = labels.evaluate(
        rng.random((50, 60)), rng.integers(0, 2, (50, 60)), [f"l{i}" for i in range(60)], np.full(60, 0.5)
    )
    (table,) = judge_of("labels").answers({"test": many}, {})["tables"]
    assert len(table["rows"]) == 40
    assert "the 40 labels with the lowest F1; 20 more are in metrics.json" in table["note"]


def run(noise, cuts, seed=0):
    chances, truth = drawn(noise=noise)
    return {"ids": np.arange(400), "predictions": chances, "targets": truth, "thresholds": np.tile(cuts, (400, 1))}


def test_the_better_of_two_is_told_by_f1_with_thresholds_of_its_own():
    good, bad = run(0.1, (0.5, 0.5, 0.5)), run(0.6, (0.5, 0.5, 0.5))
    result = compare(good, bad, "labels", ("good", "bad"))
    assert result["winner"] == "good"
    assert [test["measure"] for test in result["tests"]] == ["f1_micro", "f1_macro", "log_loss"]
    first = result["tests"][0]
    expected = judged(good["predictions"], good["targets"])["f1_micro"]["value"]
    assert first["a"] == pytest.approx(expected)
    odd = compare(good, run(0.1, (0.99, 0.99, 0.99)), "labels", ("cut well", "cut badly"))
    assert odd["winner"] == "cut well"


def test_runs_without_thresholds_are_told_apart_by_their_losses():
    sides = [
        {name: part for name, part in run(noise, (0.5,) * 3).items() if name != "thresholds"} for noise in (0.1, 0.6)
    ]
    assert [test["measure"] for test in compare(*sides, "labels")["tests"]] == ["log_loss"]
