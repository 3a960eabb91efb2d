"""Every lesson in a real browser: there in time, alive, under the hand, silent, and looked at from two widths.

DEEPGLASS_SCREENSHOTS=DIR keeps a picture of each whole page: 1280 wide by day and 360 wide by night.
"""

import contextlib
import os
import time
from pathlib import Path

import pytest

from deepglass.course import catalogue

pytestmark = pytest.mark.slow("opens every lesson in a real browser")
PATIENCE = 120_000  # ms for a first picture, and again for the last cell, on a machine that does other things
WHOLE_PAGE = """() => Math.max(document.body.scrollHeight, ...[...document.querySelectorAll("*")]
    .filter((e) => e.scrollHeight > e.clientHeight + 50 && getComputedStyle(e).overflowY !== "visible")
    .map((e) => e.scrollHeight))"""


DESK = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
TELEPHONE = {"viewport": {"width": 360, "height": 900}, "color_scheme": "dark", "reduced_motion": "reduce"}


@pytest.mark.parametrize("slug", [lesson.slug for lesson in catalogue.lessons()])
def test_lesson_in_a_browser(slug, course, browser):
    noise: list[str] = []
    address = f"{course}/lessons/{slug}/"
    with contextlib.closing(opened_page(browser, noise, DESK)) as wide:
        wide.goto(address, wait_until="commit")
        first_picture(wide).wait_for(timeout=PATIENCE)
        assert moves(wide), "nothing moves in the first seconds"
        wait_until_run(wide)
        assert_without_error(wide, f"{slug}_1280")
    with contextlib.closing(opened_page(browser, noise, TELEPHONE)) as narrow:
        narrow.goto(address, wait_until="commit")
        first_picture(narrow).wait_for(timeout=PATIENCE)
        wait_until_still(narrow)
        uncover(narrow)
        assert narrow.evaluate("document.documentElement.scrollWidth") <= 360, "wider than a telephone"
        move_a_control(narrow)
        assert changed_since(narrow), "a control was moved and nothing changed"
        assert_without_error(narrow, f"{slug}_360")
    assert noise == []


def assert_without_error(page, name: str) -> None:
    """No cell failed and no formula is red; a picture is kept where a folder is named for it."""
    keep_picture(page, name)
    assert page.locator("[data-testid='cell-error'], .marimo-error").count() == 0
    assert page.locator(".katex-error, .katex [style*='color:#cc0000']").count() == 0


def opened_page(browser, noise: list[str], look: dict):
    """An empty page that notes whatever goes wrong on it; of a context of its own, for pages of one that is shared
    live on after they are closed.
    """
    page = browser.new_page(**look)
    page.on("console", lambda message: noise.append(f"console: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: noise.append(f"error: {error}"))
    page.on("request", lambda request: None if is_local(request.url) else noise.append(f"outside: {request.url}"))
    return page


def is_local(url: str) -> bool:
    return url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))


def first_picture(page):
    """The first widget or figure below the opening."""
    return page.locator(".dg-widget, .dg-figure").first


def moves(page) -> bool:
    """Whether the first picture, or what stands around it, looks different at two moments of its first seconds."""
    first_picture(page).scroll_into_view_if_needed()
    seen = set()
    since = time.monotonic()
    while time.monotonic() - since < PATIENCE / 1000:
        seen.add(page.screenshot(clip={"x": 0, "y": 60, "width": 1280, "height": 840}))
        if len(seen) > 1:
            return True
        time.sleep(0.4)
    return False


def wait_until_run(page) -> None:
    """Until all cells have run, and nothing is being drawn for the first time."""
    page.locator(".dg-onward").first.wait_for(state="attached", timeout=PATIENCE)
    page.wait_for_function("!document.querySelector('[aria-busy=true]')", timeout=PATIENCE)


def wait_until_still(page) -> None:
    """Until all cells have run: where rest is asked for, nothing moves by itself."""
    page.seen, since = b"", time.monotonic()
    while time.monotonic() - since < PATIENCE / 1000:
        now = page.screenshot()
        if now == page.seen and page.locator(".dg-onward").count() and not page.locator("[aria-busy=true]").count():
            return
        page.seen = now
        time.sleep(0.6)
    raise AssertionError("the page does not come to rest, though rest was asked for")


def uncover(page) -> None:
    """Show what waits for a guess, as a reader may who does not want to guess."""
    for button in page.locator(".dg-uncover").all()[:1]:
        button.click()
        wait_until_still(page)
    assert page.locator(".dg-gated").count() == page.locator(".dg-gated:visible").count()


def move_a_control(page) -> None:
    """The first control that there is: a slider, a film, a plane, or else the first choice that is no guess."""
    slider = page.locator("[role=slider], input[type=range]").first
    plane = page.locator(".dg-widget svg[role=application], .dg-widget canvas[role=application]").first
    if plane.count():
        plane.scroll_into_view_if_needed()
        page.seen = page.screenshot()
        plane.press("n")
        plane.press("ArrowUp")
    elif slider.count():
        slider.scroll_into_view_if_needed()
        page.seen = page.screenshot()
        slider.press("Home")
        slider.press("ArrowRight")
    else:
        control = page.locator("[role=radio], [role=switch], input[type=checkbox], .dg-widget button").first
        control.scroll_into_view_if_needed()
        page.seen = page.screenshot()
        control.click()


def changed_since(page) -> bool:
    """Whether the page looks otherwise than before, within some seconds."""
    since = time.monotonic()
    while time.monotonic() - since < PATIENCE / 1000:
        if page.screenshot() != page.seen:
            return True
        time.sleep(0.3)
    return False


def keep_picture(page, name: str) -> None:
    """Of the whole page, where a folder is named for it."""
    folder = os.environ.get("DEEPGLASS_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.set_viewport_size(
            {"width": page.viewport_size["width"], "height": min(page.evaluate(WHOLE_PAGE) + 60, 15_000)}
        )
        time.sleep(1.5)
        page.screenshot(path=Path(folder) / f"{name}.png")
