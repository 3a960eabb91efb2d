"""Memory for what is on its way: so many bytes, a queue for the rest, and nobody who holds it by being slow."""

import asyncio

from deepglass.deploy.runtime import room
from deepglass.deploy.runtime.room import Room
from tests import simulated


def test_who_does_not_fit_waits_until_another_has_gone():
    async def scene():
        shared, order = Room(100), []

        async def ask(name: str, size: int, seconds: float):
            with shared.share() as share:
                await share.grow(size)
                share.settle()
                order.append(name)
                await asyncio.sleep(seconds)
                assert shared.taken <= 100

        await asyncio.gather(ask("a", 80, 0.05), ask("b", 60, 0), ask("c", 30, 0))
        assert order[0] == "a"
        assert {*order} == {"a", "b", "c"}
        assert shared.taken == 0
        assert not shared.shares

    simulated.run(scene())


def test_the_oldest_may_have_more_than_there_is():
    async def scene():
        shared = Room(10)
        with shared.share() as share:
            await share.grow(1000)
            assert shared.taken == 1000
            share.shrink_to(4)
            assert shared.taken == 4
        assert shared.taken == 0

    simulated.run(scene())


def test_where_all_want_more_the_oldest_ends_first_and_nobody_is_sent_away():
    async def scene():
        shared, order, most = Room(100), [], []

        async def ask(name: str):
            with shared.share() as share:
                share.evict = lambda: order.append(f"{name} evicted")
                await share.grow(50)
                await asyncio.sleep(0.01)  # now two hold a half each
                await share.grow(50)
                most.append(shared.taken)
                share.settle()
                order.append(name)

        await asyncio.gather(ask("first"), ask("second"), ask("third"))
        assert order == ["first", "second", "third"]
        assert max(most) <= 150

    simulated.run(scene())


def test_who_sends_slowly_makes_way_and_who_sends_fast_does_not(monkeypatch):
    monkeypatch.setattr(room, "time", simulated.clock())
    monkeypatch.setattr(room, "PACE_SECONDS", 0.05)
    monkeypatch.setattr(room, "LOOK_SECONDS", 0.02)

    async def scene():
        shared, evicted = Room(1000, least_pace=1000), []

        async def send(name: str, part: int, pause: float):
            with shared.share() as share:
                task = asyncio.current_task()
                share.evict = lambda: (evicted.append(name), task.cancel())
                for _ in range(20):
                    await share.grow(part)
                    await asyncio.sleep(pause)

        async def come_late():
            await asyncio.sleep(0.12)
            with shared.share() as share:
                await share.grow(990)

        await asyncio.gather(send("fast", 20, 0.01), send("slow", 15, 0.05), come_late(), return_exceptions=True)
        assert evicted == ["slow"]

    simulated.run(scene())
