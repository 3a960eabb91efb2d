"""Seasons in noise and trend, and none where there is none."""

import numpy as np
import pytest

from deepglass.data.preprocess.season import seasons_of


def wave(kind: str, season: int, count: int, rng: np.random.Generator) -> np.ndarray:
    turns = np.arange(count) / season + rng.random()
    if kind == "sine":
        return np.sqrt(2) * np.sin(2 * np.pi * turns)
    if kind == "sawtooth":
        return np.sqrt(3) * (2 * (turns % 1) - 1)
    sizes, phases = rng.normal(size=5) / np.arange(1, 6), rng.uniform(0, 6.28, 5)
    mixed = sum(size * np.sin(2 * np.pi * k * turns + phase) for k, (size, phase) in enumerate(zip(sizes, phases), 1))
    return mixed / np.std(mixed)


def noise(count: int, memory: float, rng: np.random.Generator) -> np.ndarray:
    values = rng.normal(size=count)
    for i in range(1, count):
        values[i] += memory * values[i - 1]
    return values / values.std()


@pytest.mark.parametrize("memory", [0.0, 0.7])
@pytest.mark.parametrize("kind", ["sine", "sawtooth", "mixed"])
def test_unusual_and_long_seasons_are_found_in_noise_and_trend(kind, memory):
    rng, found = np.random.default_rng(7), []
    for _ in range(20):
        season, level, slope = int(rng.integers(30, 401)), rng.uniform(0.2, 0.9), rng.uniform(-5, 5)
        count = int(season * rng.uniform(3.5, 7))
        values = wave(kind, season, count, rng) + level * noise(count, memory, rng) + slope * np.arange(count) / count
        found.append(abs((seasons_of(values) or [1])[0] - season) <= max(1, 0.03 * season))
    assert np.mean(found) >= 0.95


@pytest.mark.parametrize("kind", ["random walk", "drift", "noise", "trend", "memory", "price"])
def test_chance_and_trend_have_no_season(kind):
    rng, found = np.random.default_rng(0), []
    for _ in range(25):
        count = int(rng.integers(60, 1500))
        steps = rng.normal(size=count)
        values = {
            "random walk": np.cumsum(steps), "drift": np.cumsum(steps + 0.1), "noise": steps,
            "trend": 10 * np.arange(count) / count + steps, "memory": noise(count, 0.9, rng),
            "price": np.exp(np.cumsum(0.02 * steps)),
        }[kind]  # fmt: skip
        found.append(bool(seasons_of(values)))
    assert np.mean(found) <= 0.08


def test_two_seasons_at_once():
    time = np.arange(24 * 7 * 12)
    rng = np.random.default_rng(0)
    values = np.sin(2 * np.pi * time / 24) + 0.8 * np.sin(2 * np.pi * time / 100) + 0.4 * rng.normal(size=len(time))
    assert sorted(seasons_of(values)) == [24, 100]


def test_what_repeats_roughly_has_a_rough_season():
    """Like sunspots: a cycle of eleven steps whose phase drifts."""
    rng = np.random.default_rng(0)
    phase = np.cumsum(2 * np.pi / 11 + 0.12 * rng.normal(size=300))
    assert seasons_of(np.sin(phase) + 0.1 * rng.normal(size=300))[0] in (10, 11, 12)


@pytest.mark.parametrize(
    ("season", "proposed"), [(12, [12]), (24, [24, 168]), (7, [7, 365]), (365, [7, 365]), (4, [4])]
)
def test_a_season_that_the_step_proposes(season, proposed):
    rng = np.random.default_rng(0)
    count = 8 * season if season > 50 else 20 * season
    values = np.sin(2 * np.pi * np.arange(count) / season) + 0.02 * np.arange(count) + 0.4 * rng.normal(size=count)
    assert seasons_of(values, proposed)[0] == season


def test_without_noise_and_with_gaps():
    values = np.sin(2 * np.pi * np.arange(300) / 9)
    assert seasons_of(values)[0] == 9
    values[50:60] = np.nan
    assert seasons_of(values)[0] == 9


@pytest.mark.parametrize("values", [np.zeros(100), np.arange(100.0), np.full(100, np.nan), np.array([1.0, 2.0])])
def test_what_does_not_move_has_no_season(values):
    assert seasons_of(values) == []
