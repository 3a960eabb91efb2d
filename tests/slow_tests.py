"""A test that takes over two seconds says why: `@pytest.mark.slow("trains five models")`.

Seconds are those of the processor, of this process and of all that it started, so that a busy machine changes nothing.
What is not marked and takes longer is listed at the end, as is a mark without a reason; `make fast-test` leaves out
what is marked. What a fixture takes is not counted there: whoever comes first would pay for all. It is part of the
table by which every run of several folders ends: which folder took how many seconds, fixtures among them.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MOST_SECONDS = 2.0  # of the processor, without a reason
SLOW_TIMEOUT = 1800  # seconds until a test that is marked slow counts as one that hangs
LOOK_SECONDS = 0.5  # of a test after which new processes are looked for; a shorter one has hardly started any
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Meter:
    """Seconds of the processor that a test takes: own ones, of processes that ended, and of those that live."""

    def __init__(self):
        self.living: list[int] = []
        self.began, self.before = 0.0, 0.0

    def begin(self) -> None:
        """A test begins."""
        self.began, self.before = time.monotonic(), self.total()

    def end(self) -> float:
        """Seconds since it began."""
        if time.monotonic() - self.began > LOOK_SECONDS:
            self.living = descendants(os.getpid())
        return max(0.0, self.total() - self.before)

    def total(self) -> float:
        """Of all that is known, with the ended children of each."""
        return sum(os.times()[:4]) + sum(seconds_of(pid) for pid in self.living)


def seconds_of(pid: int) -> float:
    """Of a process that lives, and of its children that ended; 0 where the system does not tell."""
    return sum(map(int, _fields(pid)[11:15])) / TICKS


def descendants(pid: int) -> list[int]:
    """The processes that this one started, and those that they started."""
    parents: dict[int, list[int]] = {}
    for name in os.listdir("/proc") if Path("/proc/self/stat").exists() else []:
        if name.isdigit() and (fields := _fields(int(name))):
            parents.setdefault(int(fields[1]), []).append(int(name))
    found, left = [], [pid]
    while left:
        children = parents.get(left.pop(), [])
        found += children
        left += children
    return found


def folder_of(nodeid: str) -> str:
    """Of a test: `tests/deploy` for all below it."""
    return "/".join(nodeid.partition("::")[0].split("/")[:-1][:2])


def _fields(pid: int) -> list[str]:
    """The words of /proc/PID/stat behind the name of the program."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


class SlowTests:
    """The plugin: measures where tests run, and lists where they are reported."""

    def __init__(self):
        self.meter = Meter()
        self.of_tests: Counter[str] = Counter()  # seconds by folder
        self.of_fixtures: Counter[str] = Counter()
        self.unmarked: list[tuple[float, str]] = []
        self.without_reason: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """What takes long when a machine is quiet may take long: half an hour where others keep it busy."""
        for item in items:
            if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(SLOW_TIMEOUT))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """Around the fixtures that a test asks for first."""
        return (yield from self._measured(item, "setup_seconds"))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Around the test itself, not its fixtures."""
        mark = item.get_closest_marker("slow")
        reasons = () if mark is None else (*mark.args, mark.kwargs.get("reason", ""), "no reason")
        item.user_properties.append(("slow", next((str(reason) for reason in reasons if reason), "")))
        return (yield from self._measured(item, "cpu_seconds"))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        """Around what fixtures do in the end."""
        return (yield from self._measured(item, "teardown_seconds"))

    def _measured(self, item: pytest.Item, name: str) -> Iterator[None]:
        from tests import commands

        self.meter.begin()
        before = sum(commands.beginnings)
        try:
            return (yield)
        finally:
            seconds = self.meter.end() - (sum(commands.beginnings) - before)
            item.user_properties.append((name, round(max(0.0, seconds), 3)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One report, perhaps from another process."""
        said: dict[str, Any] = dict(report.user_properties)
        name, folder = report.nodeid.partition("[")[0], folder_of(report.nodeid)
        if report.when == "call" and "slow" in said:
            self.of_tests[folder] += said["cpu_seconds"]
            if said["slow"] == "no reason":
                self.without_reason.add(name)
            elif not said["slow"] and said["cpu_seconds"] > MOST_SECONDS:
                self.unmarked.append((said["cpu_seconds"], report.nodeid))
        elif report.when in ("setup", "teardown"):
            self.of_fixtures[folder] += said.get(f"{report.when}_seconds", 0.0)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """A table and lists, and no failure."""
        both = self.of_tests + self.of_fixtures
        if len(both) > 1:
            terminalreporter.section("seconds of the processor, and how many of them in fixtures")
            for folder, seconds in [*both.most_common(), ("together", both.total())]:
                fixtures = self.of_fixtures[folder] if folder in both else self.of_fixtures.total()
                terminalreporter.line(f"{seconds:8.1f} s {fixtures:8.1f} s  {folder}")
        if self.unmarked:
            terminalreporter.section(f"over {MOST_SECONDS:g} s of the processor, and not marked slow(reason)")
            for seconds, name in sorted(self.unmarked, reverse=True):
                terminalreporter.line(f"{seconds:6.1f} s  {name}")
        if self.without_reason:
            terminalreporter.section("marked slow, and no reason is given")
            for name in sorted(self.without_reason):
                terminalreporter.line(name)
