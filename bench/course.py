"""How soon the course is there: its home page, the first picture of each lesson, and whether open lessons slow others.

    python -m bench.course                        # all lessons, five rounds
    python -m bench.course --only 1 18 --rounds 3
    python -m bench.course --show                 # the table of what was measured so far

A round starts the server as a user does, and headless Chromium with nothing kept from before. The first lesson is the
cold one: server and browser have seen nothing. Then come the home page and all lessons, each in a tab that stands open
already, so that the browser's own start is not counted; a lesson is waited for to its last cell before the next begins.
The seconds are from navigation until the picture is visible; the CPU seconds are the server's in the same time. Last,
one lesson and one of its sliders, with no other lesson open and with four that stand idle, and four opened at once.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from bench.made_with import made_with
from deepglass.core import files
from deepglass.course import catalogue, serve

RESULTS = Path(__file__).parent / "results" / "course.json"
PICTURE = ".dg-widget:not(.dg-card), .dg-figure"  # cards are questions
FIGURES = (
    "[...document.querySelectorAll('.dg-figure svg')].filter((f) => !f.closest('.dg-film')).map((f) => f.ariaLabel)"
)
MOVED, OTHERS = 18, (2, 8, 12, 16)  # the lesson whose slider is moved; those that stand open beside it
PATIENCE = 120_000  # ms


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    numbers = [lesson.number for lesson in catalogue.lessons()]
    parser.add_argument("--only", nargs="*", type=int, default=numbers, choices=numbers)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true")
    asked = parser.parse_args()
    if not asked.show:
        measured: dict[str, list[float]] = defaultdict(list)
        for number in range(asked.rounds):
            for name, value in one_round(
                asked.only[number % len(asked.only) :] + asked.only[: number % len(asked.only)]
            ):
                measured[name].append(value)
                print(f"round {number + 1}: {name} {value:.2f}", file=sys.stderr, flush=True)
        kept = {"environment": made_with() | {"chromium": chromium_version()}, "measured": measured}
        files.write_json(asked.json, kept)
    print(table(json.loads(asked.json.read_text())["measured"]))


def one_round(numbers: list[int]) -> Iterator[tuple[str, float]]:
    """All measurements once, by name; seconds unless the name says otherwise."""
    with sync_playwright() as playwright, course() as (address, server, seconds):
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield "server", seconds
        page = empty(browser)
        yield "cold", opened(page, address, numbers[0])
        finished(page).close()
        page, start = empty(browser), time.perf_counter()
        page.goto(address, wait_until="load")
        yield "home", time.perf_counter() - start
        page.close()
        context = browser.new_context()  # one reader, who keeps scripts from lesson to lesson
        for number in numbers:
            page, before = empty(context), cpu(server)
            yield f"picture {number}", opened(page, address, number)
            yield f"cpu {number}", cpu(server) - before
            finished(page).close()
        yield from beside(browser, address, server)
        browser.close()


def beside(browser: Browser, address: str, server: psutil.Process) -> Iterator[tuple[str, float]]:
    """One lesson and its slider, alone and beside four open ones; and four that are opened at once."""
    yield from alone(browser, address, "0")
    context = browser.new_context()
    pages = [empty(context) for _ in OTHERS]
    start = time.perf_counter()
    for page, number in zip(pages, OTHERS):
        page.goto(f"{address}/lessons/{slug(number)}/", wait_until="commit")
    for page in pages:
        page.locator(PICTURE).first.wait_for(timeout=PATIENCE)
    yield "four at once", time.perf_counter() - start
    for page in pages:
        finished(page)
    before, start = cpu(server), time.perf_counter()
    time.sleep(5)
    yield "idle cpu percent", 100 * (cpu(server) - before) / (time.perf_counter() - start)
    yield from alone(browser, address, "4")
    context.close()


def alone(browser: Browser, address: str, others: str) -> Iterator[tuple[str, float]]:
    page = empty(browser)
    yield f"picture beside {others}", opened(page, address, MOVED)
    yield f"slider beside {others}", statistics.median(reaction(finished(page), key) for key in ("Left", "Right") * 3)
    page.close()


def opened(page: Page, address: str, number: int) -> float:
    """Seconds until the first picture of a lesson can be seen."""
    start = time.perf_counter()
    page.goto(f"{address}/lessons/{slug(number)}/", wait_until="commit")
    page.locator(PICTURE).first.wait_for(timeout=PATIENCE)
    return time.perf_counter() - start


def finished(page: Page) -> Page:
    """The page when its last cell has run and its films are drawn."""
    page.locator(".dg-onward").first.wait_for(timeout=PATIENCE, state="attached")
    end = time.monotonic() + PATIENCE / 1000
    while page.locator(".dg-film[aria-busy=true]").count():
        if time.monotonic() > end:
            raise SystemExit(f"{page.url}: a film has not been drawn to its end")
        time.sleep(0.05)
    return page


def reaction(page: Page, key: str) -> float:
    """Seconds from an arrow key on the first slider until a figure has changed."""
    before, start = page.evaluate(FIGURES), time.perf_counter()
    page.locator("[role=slider]").first.press(f"Arrow{key}")
    page.wait_for_function(f"(before) => JSON.stringify({FIGURES}) !== JSON.stringify(before)", arg=before)
    return time.perf_counter() - start


def empty(of: Any) -> Page:
    """A tab that has come to rest."""
    page = of.new_page(viewport={"width": 1280, "height": 900}) if isinstance(of, Browser) else of.new_page()
    time.sleep(1.5)
    return page


@contextlib.contextmanager
def course() -> Iterator[tuple[str, psutil.Process, float]]:
    """A server of its own with nothing kept from before: address, process, seconds until it answered."""
    with serve.listen("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        own = {**os.environ, "DEEPGLASS_PROGRESS": f"{folder}/progress.json", "XDG_CACHE_HOME": folder}
        words = [sys.executable, "-m", "deepglass", "see", "--no-browser", "--port", str(port)]
        start, address = time.perf_counter(), f"http://127.0.0.1:{port}"
        with subprocess.Popen(words, env=own, cwd=folder, stdout=subprocess.DEVNULL) as process:
            while not answers(address):
                time.sleep(0.02)
            yield address, psutil.Process(process.pid), time.perf_counter() - start
            process.terminate()


def answers(address: str) -> bool:
    try:
        return urllib.request.urlopen(address).status == 200
    except OSError:
        return False


def cpu(server: psutil.Process) -> float:
    return sum(server.cpu_times()[:2])


def slug(number: int) -> str:
    return next(lesson.slug for lesson in catalogue.lessons() if lesson.number == number)


def chromium() -> str:
    return which("chromium") or which("chromium-browser") or which("google-chrome") or sys.exit("no Chromium here")


def chromium_version() -> str:
    return subprocess.run([chromium(), "--version"], capture_output=True, text=True).stdout.strip()


def table(measured: dict[str, list[float]]) -> str:
    """Markdown: median and range of each measurement."""
    lines = ["| what | n | median | range |", "|---|--:|--:|---|"]
    for name, values in measured.items():
        lines.append(
            f"| {name} | {len(values)} | {statistics.median(values):.2f} | {min(values):.2f}–{max(values):.2f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
