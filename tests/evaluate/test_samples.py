"""Samples beside real rows: distances, a two-sample test, clumps, and what a judge says of them."""

import json

import numpy as np
import pytest

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import judges
from deepglass.evaluate.comparison import compare
from deepglass.evaluate.metrics import samples
from deepglass.evaluate.metrics.samples import (
    Modes,
    distance_of_shares,
    energy_scores,
    evaluate,
    find_modes,
    mode_shares,
)
from deepglass.evaluate.plots import losses
from deepglass.evaluate.warnings import warnings_for

ANGLES = 2 * np.pi * np.arange(8) / 8
PLACES = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)


def ring(count, seed=0, kept=8, deviation=0.05):
    rng = np.random.default_rng(seed)
    return PLACES[rng.integers(kept, size=count)] + rng.normal(0, deviation, (count, 2))


MODES = Modes(np.full(8, 1 / 8), PLACES, np.tile(np.eye(2) / 0.05**2, (8, 1, 1)))


def energy_by_hand(a, b):
    """2·E|X − Y| − E|X − X'| − E|Y − Y'| over pairs of different rows, in the deviations of b."""
    a, b = a / b.std(0), b / b.std(0)
    across = np.mean([np.linalg.norm(x - y) for x in a for y in b])
    within = [
        np.mean([np.linalg.norm(s[i] - s[j]) for i in range(len(s)) for j in range(len(s)) if i != j]) for s in (a, b)
    ]
    return 2 * across - sum(within)


def test_the_energy_distance_is_its_definition():
    a, b = ring(12, seed=1) + 0.5, ring(9, seed=2)
    assert evaluate(a, b)["energy_distance"]["value"] == pytest.approx(energy_by_hand(a, b))


def test_the_mean_energy_score_orders_as_the_distance_does():
    """Its part that the samples decide is half of the energy distance."""
    real, good, bad = ring(400), ring(400, seed=1), ring(400, seed=2, kept=6)
    scores = [energy_scores(each, real).mean() for each in (good, bad)]
    distances = [evaluate(each, real)["energy_distance"]["value"] for each in (good, bad)]
    assert scores[0] < scores[1]
    assert 2 * (scores[1] - scores[0]) == pytest.approx(distances[1] - distances[0], abs=0.01)


def test_samples_of_the_same_distribution_cannot_be_told_apart():
    p_values = [evaluate(ring(200, seed=2 * i + 1), ring(200, seed=2 * i))["details"]["p_value"] for i in range(20)]
    assert sum(p < 0.05 for p in p_values) <= 4  # one is expected
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.2)


def test_samples_of_another_distribution_are_told_apart():
    found = evaluate(ring(300, kept=5), ring(300, seed=1))
    assert found["details"]["p_value"] < 0.01
    assert found["energy_distance"]["value"] > found["details"]["chance"]


def test_the_interval_holds_the_distance():
    real = ring(300)
    shifted = evaluate(ring(300, seed=1) + 0.5, real)["energy_distance"]
    assert shifted["low"] < shifted["value"] < shifted["high"]
    true = evaluate(ring(4000, seed=5) + 0.5, ring(4000, seed=6))["energy_distance"]["value"]
    assert shifted["low"] < true < shifted["high"]


def test_clumps_are_found_where_there_are_some():
    modes = find_modes(ring(400))
    assert modes is not None
    assert len(modes.shares) == 8
    off = np.linalg.norm(modes.centres[:, None] - PLACES, axis=2).min(axis=1)
    assert off.max() < 0.03
    rng = np.random.default_rng(0)
    assert find_modes(rng.normal(size=(200, 3))) is None
    assert find_modes(rng.uniform(size=(200, 2))) is None
    assert find_modes(ring(20)) is None


@pytest.mark.parametrize("kept", [1, 3, 7, 8])
def test_modes_without_samples_are_not_covered(kept):
    assert mode_shares(ring(800, kept=kept), MODES)["modes_covered"] == kept / 8


def test_real_rows_are_near_a_mode_as_often_as_is_said():
    assert mode_shares(ring(4000), MODES)["near_modes"] == pytest.approx(samples.NEAR, abs=0.01)
    between = np.concatenate([ring(400), 0.5 * ring(400)])
    assert mode_shares(between, MODES)["near_modes"] == pytest.approx(samples.NEAR / 2, abs=0.02)
    assert mode_shares(between, None) == {}


def test_modes_survive_a_file_and_others_are_refused():
    state = json.loads(json.dumps(MODES.state()))
    again = Modes.from_state(state, 2)
    assert all(np.array_equal(one, other) for one, other in zip(vars(again).values(), vars(MODES).values()))
    for odd in ({"centres": [[0.0, 1.0, 2.0]] * 8}, {"shares": []}, {"shares": [float("nan")] * 8}):
        with pytest.raises(ValueError, match="mode"):
            Modes.from_state(state | odd, 2)
    with pytest.raises(ValueError, match="mode"):
        Modes.from_state(state, 3)


def test_what_cannot_be_judged_is_refused():
    with pytest.raises(ShapeError, match="one width"):
        evaluate(np.zeros((3, 2)), np.zeros((3, 1)))
    with pytest.raises(DataError, match="two rows"):
        evaluate(np.zeros((1, 2)), np.zeros((3, 2)))
    with pytest.raises(DataError, match="diverged"):
        evaluate(np.full((3, 2), np.nan), np.zeros((3, 2)))


def test_a_column_without_variation_is_no_obstacle():
    flat = ring(50) * [1, 0]
    assert evaluate(flat, flat)["energy_distance"]["value"] == 0


# -- the judge ------------------------------------------------------------------------------------------------------


def judged(made, real=None, modes=MODES):
    real = ring(800, seed=9) if real is None else real
    result = {
        "name": "one Gaussian",
        **evaluate(real.std(0) * np.random.default_rng(3).normal(size=real.shape), real, modes=modes),
    }
    return {"test": evaluate(made, real, modes=modes, columns=["x", "y"]), "baseline": result}


def test_the_sentence_counts_clumps_and_names_the_baseline():
    metrics = judged(ring(800, kept=6))
    judge = judges.judge_of_test(metrics)
    sentence = judge.lead(metrics["test"], metrics["baseline"])
    assert sentence.startswith("Its samples fall into 6 of the 8 clumps")
    assert "one Gaussian, reaches" in sentence
    assert "can be told" in judge.notes(metrics["test"])[0]
    plain = judged(ring(800), modes=None)
    assert "energy distance" in judge.lead(plain["test"], plain["baseline"])
    assert judge.lead({"kind": "samples", "count": 1, "headline": []}, {}) == ""


def test_collapse_and_stray_samples_are_warned_of():
    found = " ".join(warnings_for(judged(ring(800, kept=3))))
    assert "Collapse: 5 of the 8 clumps" in found
    assert "can be told from real rows" in found
    stray = " ".join(warnings_for(judged(np.concatenate([ring(400), 0.5 * ring(400)]))))
    assert "% of the samples lie near a clump" in stray
    assert "Collapse" not in stray
    assert not warnings_for(judged(ring(800)))


def test_the_better_of_two_generators_is_found_on_the_same_rows():
    real = ring(400)
    runs = [
        {"ids": np.arange(400), "predictions": ring(400, seed=i + 1, kept=k), "targets": real}
        for i, k in ((0, 8), (1, 5))
    ]
    assert compare(*runs, "samples", ("whole", "collapsed"))["winner"] == "whole"
    assert compare(runs[0], runs[0], "samples")["winner"] is None


def test_samples_are_drawn_over_real_rows_and_both_losses_beside_each_other():
    metrics = judged(ring(100), ring(100, seed=1))
    outputs = {"predictions": ring(100), "targets": ring(100, seed=1)}
    shown = judges.judge_of_test(metrics).answers(metrics, outputs)["figures"]
    assert [figure["caption"].partition(":")[0] for figure in shown] == ["x and y", "x", "y"]
    assert all("<svg" in figure["svg"] for figure in shown)
    assert judges.judge_of_test(metrics).answers({"test": {"kind": "samples"}}, {}) == {}
    epochs = [{"epoch": i, "loss": 2.0, "loss_generator": 0.7, "loss_discriminator": 1.3} for i in (1, 2)]
    assert "generator from 0.7" in losses(epochs)


def test_the_distance_of_shares_counts_lost_modes_and_rows_between_them():
    whole, collapsed, blurred = ring(4000), ring(4000, kept=6), ring(4000)
    blurred[:800] = 0.0
    assert distance_of_shares(whole, MODES) < 0.03
    assert distance_of_shares(collapsed, MODES) == pytest.approx(0.25, abs=0.03)
    assert distance_of_shares(blurred, MODES) == pytest.approx(0.2, abs=0.03)
    assert distance_of_shares(whole, None) == 0.0
