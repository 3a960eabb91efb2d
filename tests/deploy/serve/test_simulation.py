"""The counted clock: it agrees with the theory of queues, and with the server's own batcher on the same arrivals."""

import asyncio
import threading

import numpy as np
import pytest

from deepglass.deploy.serve import batching
from deepglass.deploy.serve.simulation import arrivals, capacity, mean_latency, simulate


@pytest.mark.parametrize("rate", [30, 70, 90])
def test_the_mean_is_the_one_of_pollaczek_and_khinchine(rate):
    arrived = arrivals(rate, 100_000, seed=1)
    _, answered = simulate(arrived, 0, 0.01, max_batch=1)
    assert (answered - arrived).mean() == pytest.approx(mean_latency(rate, 0.01), rel=0.1)
    assert mean_latency(100, 0.01) == float("inf")


def test_requests_come_as_often_as_asked_and_without_regard_to_each_other():
    gaps = np.diff(arrivals(50, 100_000))
    assert gaps.mean() == pytest.approx(1 / 50, rel=0.02)
    assert gaps.std() == pytest.approx(1 / 50, rel=0.02)
    assert abs(np.corrcoef(gaps[:-1], gaps[1:])[0, 1]) < 0.02


def test_batches_are_those_of_the_servers_own_queue(monkeypatch):
    """The real Batcher, in an event loop whose clock jumps to the next event instead of waiting for it."""
    monkeypatch.setattr(batching, "QUICK_SECONDS", 0)  # it would measure the real time of a lone job
    arrived, fixed, per_row = arrivals(300, 400, seed=2), 0.008, 0.002
    _, expected = simulate(arrived, fixed, per_row, max_batch=8)
    loop = asyncio.SelectorEventLoop()
    now, look = [0.0], loop._selector.select

    def select(timeout):
        now[0] += timeout or 0
        return look(0)

    def computed(_, work, batch):
        future = loop.create_future()
        loop.call_later(fixed + per_row * len(batch), future.set_result, work(batch))
        return future

    monkeypatch.setattr(loop, "time", lambda: now[0])
    monkeypatch.setattr(loop._selector, "select", select)
    monkeypatch.setattr(loop, "run_in_executor", computed)

    async def ask(batcher, when):
        await asyncio.sleep(when)
        await batcher.compute({}, 1, "lane")
        return now[0]

    async def everybody():
        batcher = batching.Batcher(lambda parts, lane: list(parts), max_batch=8, max_wait_s=0, max_queue=10_000)
        answered = await asyncio.gather(*(ask(batcher, when) for when in arrived))
        await batcher.close()
        return answered

    assert threading.current_thread() is threading.main_thread()
    answered = loop.run_until_complete(everybody())
    loop.close()
    np.testing.assert_allclose(answered, expected, rtol=0, atol=1e-6)


def test_one_after_the_other_nobody_is_overtaken_and_the_machine_never_rests_while_somebody_waits():
    arrived = np.array([0.0, 0.1, 0.2, 5.0])
    begun, answered = simulate(arrived, 0, 1, max_batch=1)
    assert begun.tolist() == [0, 1, 2, 5]
    assert answered.tolist() == [1, 2, 3, 6]
    begun, answered = simulate(arrived, 1, 0.5, max_batch=2)
    assert begun.tolist() == [0, 1.5, 1.5, 5]
    assert answered.tolist() == [1.5, 3.5, 3.5, 6.5]


def test_a_bounded_queue_refuses_and_keeps_its_promise_to_the_others():
    arrived = arrivals(150, 3000)
    _, endless = simulate(arrived, 0, 0.01, 1)
    _, bounded = simulate(arrived, 0, 0.01, 1, max_queue=5)
    assert np.nanmax(bounded - arrived) <= 0.01 * (5 + 1) + 1e-9
    assert np.nanmax(endless - arrived) > 5
    assert 0.2 < np.isnan(bounded).mean() < 0.5
    assert not np.isnan(endless).any()


def test_capacity_is_reached_and_not_passed():
    arrived = arrivals(10_000, 5000)
    _, answered = simulate(arrived, 0.008, 0.002, 32)
    done = len(arrived) / answered.max()
    assert done == pytest.approx(capacity(0.008, 0.002, 32), rel=0.02)
