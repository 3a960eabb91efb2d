"""What lesson 39 claims about serving (P03, P04, P06). The queue itself: tests/deploy/serve/test_simulation.py."""

import numpy as np
import pytest

from deepglass.deploy.serve.drift import ENOUGH, SHIFTED
from deepglass.deploy.serve.self_test import percentile
from deepglass.deploy.serve.simulation import capacity, mean_latency
from tests.lessons.opened import opened
from tests.lessons.test_guesses import words_of
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("39_serving").module


def test_at_nine_tenths_busy_an_answer_takes_more_than_five_times_the_work(lesson):
    assert 1000 * mean_latency(90, lesson.ALONE_MS / 1000) == pytest.approx(55)
    assert lesson.latencies(90).mean() == pytest.approx(55, rel=0.1)
    assert lesson.latencies(90).min() == pytest.approx(lesson.ALONE_MS)
    assert lesson.FIXED_MS + lesson.ROW_MS == lesson.ALONE_MS


def test_the_tail_is_far_from_the_mean(lesson):
    times = lesson.latencies(90).tolist()
    assert percentile(times, 50) < np.mean(times) < percentile(times, 95) < percentile(times, 99)


def test_batches_answer_what_one_by_one_cannot_and_cost_a_lone_request_nothing(lesson):
    assert capacity(0.008, 0.002, 1) == pytest.approx(100)
    assert capacity(0.008, 0.002, 32) > 4 * capacity(0.008, 0.002, 1)
    assert percentile(lesson.latencies(200, 32, 4000).tolist(), 95) < 100
    assert percentile(lesson.latencies(200, 1, 4000).tolist(), 95) > 5000
    assert percentile(lesson.latencies(10, 32, 4000).tolist(), 50) == pytest.approx(lesson.ALONE_MS)


def test_a_queue_without_an_end_grows_and_one_with_an_end_keeps_its_answers_soon(lesson):
    endless, bounded = lesson.latencies(150, 1, 1500), lesson.latencies(150, 1, 1500, 8)
    assert endless[-1] > 3000
    assert np.nanmax(bounded) <= lesson.ALONE_MS * 9 + 1e-6
    assert 0.2 < np.isnan(bounded).mean() < 0.45
    assert not np.isnan(lesson.latencies(90, 1, 1500)).any()


def test_ten_services_meet_a_slow_one_ten_times_as_often():
    rng = np.random.default_rng(0)
    assert (rng.random((20_000, 10)) > 0.99).any(axis=1).mean() == pytest.approx(1 - 0.99**10, abs=0.01)


def test_the_drift_watch_says_nothing_of_inputs_as_in_training_and_raises_the_alarm_sooner_the_farther_they_move(
    lesson,
):
    still, some, far = (lesson.watched(shift)[ENOUGH:] for shift in (0, 1, 3))
    assert still.max() < SHIFTED
    assert far.argmax() > 0
    first = {name: int(np.argmax(seen > SHIFTED)) + ENOUGH for name, seen in {"far": far}.items()}["far"]
    assert 200 < first < 260
    assert lesson.watched(3)[-1] > lesson.watched(1)[-1] > lesson.watched(0)[-1]
    assert not (some > SHIFTED).any() or int(np.argmax(some > SHIFTED)) + ENOUGH > first


def test_what_answers_the_guess_is_covered():
    seen, covered = words_of("39_serving")
    for words in ("mean, ms", "Together instead of one by one"):
        assert words in covered
        assert words not in seen


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("tail", "def tail(t, s):\n    return float(np.percentile(t, s))", "Between two times"),
        ("in_line", "def in_line(a, s):\n    return [s] * len(a)", "waits, too"),
    ],
)
def test_slips_are_told(name, code, said):
    assert said in tried(name, code).message
