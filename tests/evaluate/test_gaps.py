"""Scores of filled gaps, by hand; what cannot be judged; what the judge makes of them."""

import numpy as np
import pytest

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate.judges import judge_of
from deepglass.evaluate.metrics import gaps


def made(texts=60, seed=0):
    rng = np.random.default_rng(seed)
    asked = rng.integers(0, 4, texts)
    right = rng.binomial(asked, 0.4)
    return rng.gamma(2, 1, texts), asked, right, right + rng.binomial(asked - right, 0.3)


def test_gaps_count_not_texts():
    losses, asked, right, among = made()
    found = gaps.evaluate(losses, asked, right, among)
    nats = np.repeat(losses, asked)  # a text that asks three times counts three times
    assert found["gap_loss"]["value"] == pytest.approx(nats.mean())
    assert found["gap_perplexity"]["value"] == pytest.approx(np.exp(nats.mean()))
    assert found["gap_accuracy"]["value"] == pytest.approx(right.sum() / asked.sum())
    assert found["gap_among_five"]["value"] == pytest.approx(among.sum() / asked.sum())
    assert found["details"]["gaps"] == asked.sum()
    for name in ("gap_accuracy", "gap_among_five", "gap_perplexity", "gap_loss"):
        assert found[name]["low"] < found[name]["value"] < found[name]["high"]


def test_an_interval_holds_the_truth_as_often_as_it_says():
    inside = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        asked = np.full(80, 2)
        right = rng.binomial(asked, 0.3)
        found = gaps.evaluate(np.ones(80), asked, right, right, seed=seed)["gap_accuracy"]
        inside += found["low"] <= 0.3 <= found["high"]
    assert inside >= 51


def test_what_cannot_be_judged_is_said():
    losses, asked, right, among = made()
    with pytest.raises(DataError, match="nothing to judge"):
        gaps.evaluate(losses, asked * 0, right * 0, among * 0)
    with pytest.raises(DataError, match="diverged"):
        gaps.evaluate(losses * np.nan, asked, right, among)
    with pytest.raises(ShapeError, match="one shape"):
        gaps.evaluate(losses, asked[1:], right, among)


def test_the_judge_shows_gaps_and_compares_losses():
    losses, asked, right, among = made()
    judge, test = judge_of("gaps"), gaps.evaluate(losses, asked, right, among)
    test["details"]["filled"] = [{"text": "the ____ was warm", "covered": "soup", "said": "soup 61 %, film 8 %"}]
    table = judge.answers({"test": test}, {})["tables"][0]
    assert table["rows"] == [["the ____ was warm", "soup", "soup 61 %, film 8 %"]]
    assert "It fills" in judge.lead(test, {})
    better = judge.paired_tests({"losses": losses - 1}, {"losses": losses}, 0)[0]
    assert better["measure"] == "gap_loss"
    assert better["a"] < better["b"]
    assert judge.answers({"test": gaps.evaluate(losses, asked, right, among)}, {}) == {}
