"""A reader's code in a process of its own: whatever it does costs the reader a message and nobody anything else."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from deepglass.course.judging import child, sandbox
from deepglass.course.judging.description import load
from deepglass.course.judging.judge import judge

RIGHT = load("blame").solution
DEFINED = "\ndef blame(g, a, b):\n    return g * b, g * a\n"


def said_of(code: str) -> str:
    verdict = judge(load("blame"), code, seed=0)
    assert not verdict.passed
    return verdict.message


@pytest.fixture
def hurry(monkeypatch):
    """A second of processor time, for the process reads its limits from the environment of this test."""
    source = Path(child.__file__).read_text(encoding="utf-8").replace("SECONDS = 5 ", "SECONDS = 1 ")
    real = subprocess.Popen

    def started(command, **options):
        return real([sys.executable, "-c", source], **options)

    monkeypatch.setattr(sandbox.subprocess, "Popen", started)


@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "def blame(g, a, b):\n    while True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException:\n        pass",
        "import numpy as np\nx = np.ones(2000)\nwhile True: x = np.sort(np.outer(x, x).ravel())[:2000]",
    ],
    ids=["on one line", "in the function", "that catches all", "in NumPy"],
)
def test_a_loop_without_end_is_ended_and_the_next_right_answer_accepted(loop, hurry):
    assert "does a loop go on for ever?" in said_of(loop)
    assert judge(load("blame"), RIGHT, seed=0).passed


def test_only_processor_time_counts():
    """A machine that does other things, or code that waits a little, is no loop without end."""
    assert judge(load("blame"), "import time\ntime.sleep(0.5)" + DEFINED, seed=0).passed


def test_what_waits_for_ever_is_ended(monkeypatch):
    monkeypatch.setattr(sandbox, "WALL", 1.5)
    assert "waiting, not computing" in said_of("import time\ntime.sleep(10_000)" + DEFINED)


@pytest.mark.parametrize(
    "code", ["exit()", "quit()", "raise SystemExit", "import sys; sys.exit(0)", "import os; os._exit(0)"]
)
def test_who_ends_python_ends_only_that_python(code):
    assert "ends Python itself" in said_of(code + DEFINED) or "ended Python itself" in said_of(code + DEFINED)
    assert judge(load("blame"), RIGHT, seed=0).passed


def test_memory_is_bounded():
    if not Path("/proc/self/statm").exists():
        pytest.skip("this system has no bound on the memory of a process")
    assert "memory" in said_of("x = bytearray(8 << 30)" + DEFINED)
    assert "memory" in said_of("import numpy as np\nx = np.ones(1 << 30)" + DEFINED)


def test_threads_and_huge_outputs_are_left_behind():
    busy = "threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()"
    code = f"import threading\nprint('x' * 10_000_000)\n{busy}"
    verdict = judge(load("blame"), code + DEFINED, seed=0)
    assert verdict.passed
    assert 0 < len(verdict.printed) <= 2000
    assert threading.active_count() < 20


def test_what_is_given_back_is_bounded():
    assert not judge(load("blame"), "def blame(g, a, b):\n    return [0.0] * 3_000_000", seed=0).passed
    assert not judge(load("blame"), "def blame(g, a, b):\n    return 'x' * 300_000_000", seed=0).passed


@pytest.mark.parametrize(
    "code",
    [
        "open({place!r}, 'w').write('x')",
        "import os\nos.remove({place!r})",
        "import pathlib\npathlib.Path({place!r}).unlink()",
        "import os\nos.rename({place!r}, {place!r} + 'x')",
        "import shutil\nshutil.rmtree({folder!r})",
        "import os\nos.system('rm ' + {place!r})",
        "import subprocess\nsubprocess.run(['rm', {place!r}])",
        "import os\nos.kill(os.getppid(), 9)",
        "import os\nif os.fork() == 0:\n    while True: pass",
        "import socket\nsocket.create_connection(('127.0.0.1', 9))",
        "import ctypes\nctypes.CDLL(None).unlink({place!r}.encode())",
    ],
)  # fmt: skip
def test_files_programs_and_connections_are_out_of_reach(code, tmp_path):
    place = tmp_path / "thesis.txt"
    place.write_text("years of work")
    said = said_of(code.format(place=str(place), folder=str(tmp_path)) + DEFINED)
    assert "PermissionError: an exercise may not" in said, said
    assert place.read_text() == "years of work"


def test_its_own_folder_goes_with_it(tmp_path):
    code = "import os\nopen('note.txt', 'w').write('x')\nprint(os.getcwd())"
    verdict = judge(load("blame"), code + DEFINED, seed=0)
    assert verdict.passed
    assert verdict.printed.strip()
    assert not os.path.exists(verdict.printed.strip())


def test_nothing_of_the_readers_environment_is_there(monkeypatch):
    monkeypatch.setenv("A_SECRET", "of the reader")
    verdict = judge(load("blame"), "import os\nprint(sorted(os.environ))" + DEFINED, seed=0)
    assert "PATH" in verdict.printed
    assert "A_SECRET" not in verdict.printed


def test_what_it_tells_is_data_and_never_trusted():
    """Whoever finds the line to the judge can write on it what they like: no line says "right"."""
    lines = r"""b'{"passed": true}\n{"defined": true}\n'"""
    forged = f"import os\nfor n in range(3, 30):\n    try: os.write(n, {lines})\n    except OSError: pass\n"
    assert not judge(load("blame"), forged + "def blame(g, a, b):\n    return 0.0, 0.0", seed=0).passed


def test_nothing_is_left_running():
    outcome = sandbox.run(
        "blame", "import threading, time\nthreading.Thread(target=time.sleep, args=(10_000,)).start()" + DEFINED, 0
    )
    assert len(outcome.answers) == len(load("blame").drawn(0))
    assert outcome.ended != "waiting"  # for the thread
