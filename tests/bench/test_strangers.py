"""The bench of strangers: sets as listed, divided without a look ahead, losses with intervals, parts that add up."""

import json
import time

import numpy as np
import pandas as pd
import pytest
from bench.strangers import __main__ as bench
from bench.strangers import contenders, forecasters, ours, scoring
from bench.strangers.pictures import pictures
from bench.strangers.series import MAKERS, series
from bench.strangers.set import Set
from bench.strangers.tables import tables
from bench.strangers.texts import texts

from tests.clock import BUDGETED, Clock

GENERATED = ("long_cycle", "shop_days", "visits", "memory")


def waves(count: int = 200) -> pd.DataFrame:
    t = np.arange(count)
    noise = np.random.default_rng(0).normal(size=count)
    return pd.DataFrame(
        {"time": pd.date_range("2024-01-01", periods=count), "value": 20 + 5 * np.sin(2 * np.pi * t / 7) + noise}
    )


WAVES = Set("waves", "series", "value", waves, horizon=4)


def blobs(count: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    kinds = rng.integers(0, 2, count)
    pictures = [rng.integers(0, 100, (8, 8), dtype=np.uint8) + np.uint8(100 * kind) for kind in kinds]
    return pd.DataFrame({"picture": pictures, "target": [f"kind {kind}" for kind in kinds]})


def test_there_are_as_many_sets_as_promised_and_no_name_occurs_twice():
    assert [len(found()) >= least for found, least in ((tables, 20), (texts, 6), (series, 10), (pictures, 5))] == [
        True
    ] * 4
    names = [one.name for found in (tables, texts, series, pictures) for one in found()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("make", [make for make, _ in MAKERS if make.__name__ in GENERATED])
def test_a_generated_series_is_the_same_each_time_and_tests_five_horizons(make):
    one = next(one for one in series() if one.make is make)
    pd.testing.assert_frame_equal(make(), make())
    train, test = one.divided(0)
    assert train["time"].is_monotonic_increasing
    assert train["time"].iloc[-1] < test["time"].iloc[0]
    assert len(test) >= 5 * one.horizon
    assert len(one.divided(1)[0]) < len(train)


@pytest.mark.parametrize("contender", forecasters.OF_SERIES)
def test_forecasters_learn_and_use_nothing_of_the_future(contender, monkeypatch):
    monkeypatch.setattr(forecasters, "MOST_PLACES", 8)
    train, test = WAVES.divided(0)
    problem = forecasters.problem_of(train, test, 4)
    candidates = forecasters.OF_SERIES[contender](problem)[:2]
    changed = test.assign(value=np.where(np.arange(len(test)) < 10, test["value"], 1e3))
    other = forecasters.problem_of(train, changed, 4)
    early = problem.places <= problem.cut + 10
    for candidate in candidates:
        np.testing.assert_allclose(candidate(problem)[early], candidate(other)[early])
    losses = forecasters.losses(lambda problem: candidates, problem, time.monotonic() + 10_000)
    assert losses.shape == problem.places.shape
    assert np.nanmean(losses) < 4.0  # the waves swing by 5 to either side


@pytest.mark.parametrize("contender", contenders.OF_PICTURES)
def test_contenders_of_pictures_tell_bright_from_dark(contender, monkeypatch):
    clock = Clock(tick=1.0).replaces(monkeypatch, "bench.strangers.contenders")
    train, test = (contenders.pixel_rows(part) for part in Set("blobs", "pictures", "target", blobs).divided(0))
    losses = contenders.losses(contenders.OF_PICTURES[contender], train, test, True, clock.now + 5)
    assert losses.shape == (len(test),)
    assert losses.mean() < 0.4


def test_intervals_of_differences_are_paired_and_blocks_widen_them():
    rng = np.random.default_rng(0)
    hard = rng.exponential(size=400)
    losses = {ours.OURS: hard + 0.1, "other": hard, "noisy": hard + rng.normal(size=400)}
    found = scoring.scores(losses, is_squared=False, block=1)
    assert found["other"]["ours loses more"] == pytest.approx([0.1, 0.1])
    low, high = found[ours.OURS]["interval"]
    assert low < found[ours.OURS]["loss"] < high
    assert "ours loses more" not in found[ours.OURS]
    together = np.repeat(rng.exponential(size=40), 10)
    widths = [np.diff(scoring.scores({"a": together}, False, block)["a"]["interval"])[0] for block in (1, 10)]
    assert widths[1] > 2 * widths[0]
    squared = scoring.scores({"a": np.array([1.0, 9.0, np.nan])}, is_squared=True, block=1)
    assert squared["a"]["loss"] == pytest.approx(5**0.5)


def record(kind: str, **losses: float | None) -> dict:
    known = {name.replace("_", " "): loss for name, loss in losses.items() if loss is not None}
    more = {name: known["deepglass"] - loss for name, loss in known.items()}
    scores = {n: {"loss": loss, "ours loses more": [more[n] - 0.05, more[n] + 0.05]} for n, loss in known.items()}
    return {"kind": kind, "seconds": 1.0, "scores": scores}


def test_ranks_count_who_failed_as_last_and_behind_means_by_more_than_chance():
    found = {
        "a": {"0": record("table", deepglass=1.0, network_alone=3.0, linear=2.0, forest=None)},
        "b": {"0": record("table", deepglass=2.2, network_alone=2.2, linear=2.0, forest=4.0)},
    }
    summary = scoring.summed_up(found)["table"]
    assert summary["mean rank"] == {"deepglass": 1.5, "network alone": 2.0, "linear": 1.5, "forest": 3.0}
    assert summary["clearly behind"] == ["b"]
    assert summary["ours against the best other"] == {"a": "-50.0 % (linear)", "b": "+10.0 % (linear)"}


def test_what_is_measured_is_kept_and_not_measured_again(tmp_path, monkeypatch):
    asked = []

    def judged(one, seed, seconds):
        asked.append((one.name, seed))
        return record("series", deepglass=1.0, network_alone=1.0, naive=2.0) | {
            "seconds": seconds,
            "load average": [0, 0],
        }

    monkeypatch.setattr(bench, "judged", judged)
    results = tmp_path / "results.json"
    bench.run([WAVES], 1, 20.0, results, again=False)
    bench.run([WAVES, Set("more", "series", "value", waves, horizon=4)], 2, 20.0, results, again=False)
    assert asked == [("waves", 0), ("more", 0), ("waves", 1), ("more", 1)]
    held = json.loads(results.read_text())
    assert sorted(held["sets"]["more"]) == ["0", "1"]
    assert held["summary"]["series"]["sets"] == 2
    bench.run([WAVES], 1, 60.0, results, again=False)  # with another time it is another measurement
    assert asked[-1] == ("waves", 0)
    assert len(asked) == 5


def test_a_default_run_is_judged_at_the_places_of_the_others(monkeypatch):
    clock = Clock(tick=0.01).replaces(monkeypatch, *BUDGETED)
    train, test = WAVES.divided(0)
    found = ours.losses(WAVES, train, test, 0, 8.0, clock.now)
    places = forecasters.problem_of(train, test, 4).places
    assert found[ours.OURS].shape == places.shape
    assert np.isfinite(found[ours.OURS]).all()
    assert float(np.mean(found[ours.OURS])) < 2.0
