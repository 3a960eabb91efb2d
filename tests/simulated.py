"""An event loop whose time passes where nothing is left to do: whoever sleeps sleeps, and nobody waits.

    run(scene())

A stop of this process, or a machine that does other things, takes none of that time. Work in threads is waited for.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any


class SimulatedLoop(asyncio.SelectorEventLoop):
    """A loop with a clock of its own.

    Args:
        grace: Real seconds in which something may still come before time passes: 0 where nothing comes from outside,
            a little where sockets of the system are between two ends.
    """

    def __init__(self, grace: float = 0.0):
        self.passed, self.jobs = 0.0, 0
        super().__init__(_Selector(self, grace))

    def time(self) -> float:
        """Seconds, of which none has passed while there was something to do."""
        return self.passed

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        """As any loop does; time stands still until it is done."""
        future = super().run_in_executor(executor, func, *args)
        self.jobs += 1
        future.add_done_callback(self._done)
        return future

    def _done(self, _: object) -> None:
        self.jobs -= 1


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: SimulatedLoop, grace: float):
        super().__init__()
        self.loop, self.grace = loop, grace

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= 0:
            return super().select(timeout)
        if self.loop.jobs:
            return super().select(None)
        found = super().select(self.grace)
        if not found:
            self.loop.passed += timeout
        return found


def run(scene: Coroutine[Any, Any, Any], grace: float = 0.0) -> Any:
    """Run a coroutine in such a loop; returns what it gives."""
    with asyncio.Runner(loop_factory=lambda: SimulatedLoop(grace)) as runner:
        return runner.run(scene)


def clock() -> SimpleNamespace:
    """Stands in for the module `time` in code that runs in such a loop."""
    return SimpleNamespace(monotonic=lambda: asyncio.get_running_loop().time())
