"""The home page and the frame in a real browser: search, progress, keyboard, sleep."""

import threading
import time

import pytest
import uvicorn

from deepglass.course import app, catalogue, serve

pytestmark = pytest.mark.slow("the course in a real browser")


@pytest.fixture(scope="module")
def page(browser):
    """One page for all: a new one would read and compile the scripts of marimo again."""
    page = browser.new_page()
    yield page
    page.close()


def test_search_narrows_and_enter_opens(course, page):
    page.goto(course)
    cards = page.locator("[data-slug]:visible")
    assert cards.count() == len(catalogue.lessons())
    page.keyboard.press("/")
    page.keyboard.type("novikoff")
    assert cards.count() == 1
    page.get_by_label("Search").fill("no such word")
    assert page.get_by_text("No lesson speaks of that yet").is_visible()
    page.get_by_label("Search").fill("xor")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lessons/05_perceptron/**")


def test_what_is_done_is_remembered(course, page):
    page.goto(f"{course}/lessons/05_perceptron/")
    page.get_by_role("button", name="Mark as done").click()
    page.get_by_role("button", name="Done ✓").wait_for()
    page.goto(course)
    page.locator("li.done[data-slug='05_perceptron']").wait_for()


def test_an_exercise_is_judged_in_the_page_and_counted(course, page):
    page.goto(f"{course}/lessons/05_perceptron/")
    page.locator(".dg-editor").first.wait_for(timeout=120_000)
    check = page.get_by_role("button", name="Check", exact=True).first
    check.click()
    page.get_by_text("For the point").first.wait_for()
    page.get_by_text("Solution").first.click()
    page.get_by_role("button", name="Put it into the field").first.click()
    check.click()
    page.get_by_text("This is all there is to learning").first.wait_for()
    solved = "async () => (await (await fetch('/api/progress')).json())['05_perceptron'].solved"
    end = time.monotonic() + 120
    while "update" not in page.evaluate(solved):
        assert time.monotonic() < end, "what is solved is noted"
        time.sleep(0.2)


def test_a_closed_lesson_goes_to_sleep(browser, tmp_path, monkeypatch):
    monkeypatch.setenv("DEEPGLASS_PROGRESS", str(tmp_path / "progress.json"))
    listening = serve.listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app.build(sleeps_after=1), log_level="warning"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    page = browser.new_page()
    page.goto(f"http://127.0.0.1:{listening.getsockname()[1]}/lessons/05_perceptron/")
    page.locator(".dg-plane").first.wait_for(timeout=120_000)
    assert len(kernels()) == 1
    page.close()
    end = time.monotonic() + 200
    while kernels() and time.monotonic() < end:
        time.sleep(0.2)
    assert not kernels()
    server.should_exit = True
    thread.join(120)


def kernels() -> list[str]:
    """Threads that run a lesson's Python."""
    return [thread.name for thread in threading.enumerate() if "kernel" in thread.name]
