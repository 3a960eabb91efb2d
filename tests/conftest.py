"""What several folders of tests share: a running course and a real browser, made when first asked for."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from shutil import which

import pytest

CACHE = tempfile.TemporaryDirectory(prefix="deepglass-tests-")  # what programs keep for the next time, for one session
os.environ["XDG_CACHE_HOME"] = CACHE.name
os.environ["DEEPGLASS_AHEAD"] = "0"  # no lesson is prepared beside the tests
CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """The address of a course that runs in a process of its own, with progress in a folder of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("course")
    environment = {**os.environ, "DEEPGLASS_PROGRESS": str(folder / "progress.json"), "XDG_CACHE_HOME": str(folder)}
    command = [sys.executable, "-m", "deepglass", "see", "--no-browser", "--port", str(port)]
    with subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL) as server:
        for _ in range(300):
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
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def console_as_it_begins(monkeypatch):
    """There is one console for a program, and a command may silence it: the next test is another program."""
    from deepglass.core.console import console

    monkeypatch.setattr(console, "mode", "normal")
    monkeypatch.setattr(console, "narrates_on_stderr", False)
