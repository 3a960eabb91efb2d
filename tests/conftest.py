"""What several folders of tests share: a running course and a real browser, made when first asked for."""

import gc
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from shutil import which

import pytest

from tests import shortened
from tests.once import once
from tests.slow_tests import SlowTests

if "PYTEST_XDIST_WORKER" not in os.environ:  # what programs keep for the next time, for one session and all workers
    CACHE = tempfile.TemporaryDirectory(prefix="deepglass-tests-")
    os.environ["XDG_CACHE_HOME"] = CACHE.name
MAIN = sys.modules["__main__"]
PATIENCE = 120_000  # ms that a page may take for anything, on a machine that does other things
os.environ["DEEPGLASS_AHEAD"] = "0"  # no lesson is prepared beside the tests
os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # a second thread that has nothing to do sleeps, and does not spin
YOUNG = 20_000  # objects, 700 by default: whoever imports all of PyTorch makes many that stay
ROOT = Path(__file__).resolve().parents[1]
COURSE = """
from deepglass.cli.main import main
from tests import shortened
shortened.draw_two_of_a_film()
main()
"""  # as `python -m deepglass` does it
CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")


def pytest_configure(config):
    """Name the tests that take long and do not say why."""
    config.pluginmanager.register(SlowTests(), "slow-tests")
    gc.set_threshold(YOUNG)


def pytest_collection_finish():
    """What was imported stays: nobody looks through it again for what could be thrown away."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def short_trainings_and_exports():
    """What is beside the point of most tests is made short."""
    with pytest.MonkeyPatch.context() as patch:
        shortened.grow_few_trees(patch.setattr)
        shortened.read_operators_once(patch.setattr)
        shortened.find_copies_once(patch.setattr)
        shortened.find_modes_once(patch.setattr)
        yield


@pytest.fixture(autouse=True)
def main_module():
    """A lesson that ran in this process leaves an empty main module behind: no process could be spawned from it."""
    sys.modules["__main__"] = MAIN


@pytest.fixture(scope="module", autouse=True)
def undrawn_pictures(request):
    """Pictures are drawn where tests are about them."""
    with pytest.MonkeyPatch.context() as patch:
        if not shortened.is_drawn(request.path):
            shortened.draw_nothing(patch.setattr)
        yield


@pytest.fixture(scope="session")
def counted_models(tmp_path_factory):
    """What `deepglass models` counts when it is first called, and keeps: by one worker for all, for it takes long."""
    from deepglass.zoo import architectures, summary_cache

    models = architectures.all_models()
    once(tmp_path_factory, "counted-models", lambda _: summary_cache.summaries(models, None, lambda number: None))


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """The address of a course that runs in a process of its own, with progress in a folder of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("course")
    environment = {**os.environ, "DEEPGLASS_PROGRESS": str(folder / "progress.json"), "XDG_CACHE_HOME": str(folder)}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-c", COURSE, "see", "--no-browser", "--port", str(port)]
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL) as server:
        for _ in range(1000):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert server.poll() is None, "the course ended by itself"
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture(scope="module")  # Playwright keeps an event loop running, which other modules' tests may not share
def browser():
    """Headless Chromium."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install Debian's package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        new_page, new_context = chromium.new_page, chromium.new_context

        def patient_page(**options):
            page = new_page(**options)
            page.set_default_timeout(PATIENCE)
            return page

        def patient_context(**options):
            context = new_context(**options)
            context.set_default_timeout(PATIENCE)
            return context

        chromium.new_page, chromium.new_context = patient_page, patient_context
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def console_as_it_begins(monkeypatch):
    """There is one console for a program, and a command may silence it: the next test is another program."""
    from deepglass.core.console import console

    monkeypatch.setattr(console, "mode", "normal")
    monkeypatch.setattr(console, "narrates_on_stderr", False)
