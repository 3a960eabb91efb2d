"""What tests lean on: clocks of our own, an event loop whose time is simulated, what is made once for all workers."""

import asyncio
import subprocess
import sys
import threading
import time
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import commands, once, shortened, simulated
from tests.clock import Clock, loops
from tests.lessons.conftest import slug_of

ROOT = Path(__file__).resolve().parents[1]


def test_a_clock_goes_on_by_ticks_sleep_and_work_alone(monkeypatch):
    clock = Clock(tick=0.5).replaces(monkeypatch, "tests.slow_tests")
    began = clock.now
    time.sleep(0.01)
    assert clock.monotonic() == clock.perf_counter() - 0.5 == began + 0.5
    clock.sleep(100)
    assert clock.now == began + 101
    working = Clock(counts_work=True)
    began = working.now
    time.sleep(0.3)
    assert working.now - began < 0.2
    sum(range(2_000_000))
    assert working.now > began


def test_work_is_told_in_turns_of_a_loop():
    began = time.thread_time()
    sum(i * i for i in range(4_000_000))
    assert 1.5 < loops(time.thread_time() - began) < 12


def test_simulated_time_passes_where_nothing_is_left_to_do_and_not_while_threads_work():
    async def scene():
        loop, real = asyncio.get_running_loop(), time.monotonic()
        await asyncio.sleep(3600)
        assert 3600 <= loop.time() < 3601
        late = asyncio.create_task(asyncio.sleep(1000))
        await asyncio.to_thread(time.sleep, 0.05)
        assert loop.time() < 3601
        assert not late.done()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 10)
        assert time.monotonic() - real < 1800
        return "done"

    assert simulated.run(scene()) == "done"


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """As without pytest-xdist."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)


def factory_of(place):
    """Makes folders as pytest does."""
    copies = count()
    return SimpleNamespace(getbasetemp=lambda: place, mktemp=lambda name: place / f"{name}{next(copies)}")


def test_what_is_made_once_is_copied_for_each_and_made_again_where_it_failed(tmp_path):
    made, factory = [], factory_of(tmp_path)

    def make(folder):
        made.append(folder)
        (folder / "file").write_text("whole")
        if len(made) == 1:
            raise ValueError("the first time")

    with pytest.raises(ValueError, match="the first time"):
        once.once(factory, "thing", make)
    first, second = once.once(factory, "thing", make), once.once(factory, "thing", make)
    (first / "file").write_text("changed")
    assert (second / "file").read_text() == "whole"
    assert len(made) == 2


def test_two_that_ask_at_the_same_time_wait_for_one_that_makes(tmp_path):
    made, factory = [], factory_of(tmp_path)

    def make(folder):
        made.append(folder)
        time.sleep(0.1)
        (folder / "file").touch()

    threads = [threading.Thread(target=once.once, args=(factory, "thing", make)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len(list(tmp_path.glob("once[0-9]/thing/file"))) == 4


def test_a_command_is_killed_some_time_after_a_file_appears(tmp_path):
    code = "import pathlib, sys, time\npathlib.Path(sys.argv[1]).touch()\ntime.sleep(1000)"
    (tmp_path / "sleeper.py").write_text(code)
    done = commands.run("sleeper", [str(tmp_path / "there")], cwd=tmp_path, killed=(tmp_path / "there", 0.01))
    assert done.returncode == -9
    (tmp_path / "quick.py").write_text("print('done')")
    done = commands.run("quick", [], cwd=tmp_path, killed=(tmp_path / "absent", 0.0))
    assert (done.returncode, done.stdout) == (0, "done\n")


def test_tests_are_told_by_their_lesson():
    assert slug_of("tests/lessons/test_05_perceptron.py::test_a") == "05_perceptron"
    assert slug_of("tests/lessons/test_every_lesson.py::test_a[11_backpropagation]") == "11_backpropagation"
    assert slug_of("tests/lessons/test_guesses.py::test_all") == ""


def test_what_every_test_imports_is_light():
    names = "clock, once, shortened, simulated, slow_tests"
    code = f"import sys; from tests import {names}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("name", "drawn"),
    [("evaluate/test_report.py", True), ("tasks/test_text.py", False), ("tasks/contract/test_judging.py", True),
     ("deploy/serve/test_page.py", False), ("test_readme.py", True), ("lessons/test_every_lesson.py", True)],
)  # fmt: skip
def test_pictures_are_drawn_where_tests_are_about_them(name, drawn):
    assert shortened.is_drawn(ROOT / "tests" / name) is drawn
