"""The list of tests that take long and do not say why."""

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from tests.slow_tests import Meter, SlowTests


def busy(seconds: float) -> None:
    """Compute for so many seconds of the processor."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_waiting_counts_nothing_and_computing_counts():
    meter = Meter()
    meter.begin()
    time.sleep(0.2)
    assert meter.end() < 0.15
    meter.begin()
    busy(0.3)
    assert meter.end() >= 0.25  # the system counts in hundredths


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="only Linux tells of processes that live")
def test_what_a_process_computes_counts_while_it_lives():
    code = "import time\nwhile time.process_time() < 0.6: pass\nprint(flush=True)\ninput()"
    meter = Meter()
    meter.begin()
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert meter.end() >= 0.5
        meter.begin()
        time.sleep(0.01)
        assert meter.end() < 0.3  # what it computed before is not of this test
        process.kill()


def listed(*reports: tuple[str, str, float, str]) -> list[str]:
    """What is written of reports: name, phase, seconds, reason."""
    plugin, lines = SlowTests(), []
    for name, when, seconds, reason in reports:
        key = "cpu_seconds" if when == "call" else f"{when}_seconds"
        said = [(key, seconds), *([("slow", reason)] if when == "call" else [])]
        plugin.pytest_runtest_logreport(SimpleNamespace(nodeid=name, when=when, user_properties=said))
    plugin.pytest_terminal_summary(SimpleNamespace(section=lines.append, line=lines.append))
    return lines


def test_only_what_is_long_and_unmarked_or_marked_without_a_reason_is_listed():
    assert listed(("a", "call", 1.9, ""), ("b", "call", 60.0, "trains"), ("c", "teardown", 9.0, "")) == []
    lines = listed(("a[x]", "call", 2.1, ""), ("b", "call", 7.0, ""), ("c[1]", "call", 9.0, "no reason"))
    assert [line.split()[-1] for line in lines if "over" not in line and "marked" not in line] == ["b", "a[x]", "c"]


def test_a_run_of_several_folders_ends_in_a_table_of_them():
    lines = listed(
        ("tests/zoo/test_a.py::a", "setup", 1.0, ""), ("tests/zoo/deep/test_a.py::a", "call", 2.0, ""),
        ("tests/api/test_b.py::b[x/y]", "setup", 4.0, ""), ("tests/test_c.py::c", "call", 0.5, ""),
    )  # fmt: skip
    assert [line.split() for line in lines[1:]] == [
        ["4.0", "s", "4.0", "s", "tests/api"],
        ["3.0", "s", "1.0", "s", "tests/zoo"],
        ["0.5", "s", "0.0", "s", "tests"],
        ["7.5", "s", "5.0", "s", "together"],
    ]
