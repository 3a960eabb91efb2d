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
EVERY = 200  # ms between two looks at a page: to look at each frame means to paint sixty per second
WHOLE_PAGE = """() => Math.max(document.body.scrollHeight, ...[...document.querySelectorAll("*")]
    .filter((e) => e.scrollHeight > e.clientHeight + 50 && getComputedStyle(e).overflowY !== "visible")
    .map((e) => e.scrollHeight))"""


DESK = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
TELEPHONE = {"viewport": {"width": 360, "height": 900}, "color_scheme": "dark", "reduced_motion": "reduce"}


@pytest.fixture(scope="module")
def page(browser):
    """One page, from lesson to lesson: marimo's scripts are read and compiled once, which is half of the work."""
    with contextlib.closing(browser.new_page(**DESK)) as page:
        page.noise = []
        page.on("console", lambda said: page.noise.append(f"console: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda error: page.noise.append(f"error: {error}"))
        page.on("request", lambda asked: None if is_local(asked.url) else page.noise.append(f"outside: {asked.url}"))
        yield page


@pytest.mark.parametrize("slug", [lesson.slug for lesson in catalogue.lessons()])
def test_lesson_in_a_browser(slug, course, page):
    page.noise.clear()
    address = f"{course}/lessons/{slug}/"
    open_anew(page, address, DESK)
    first_picture(page).wait_for(timeout=PATIENCE)
    assert moves(page), "nothing moves in the first seconds"
    wait_until_run(page)
    assert_without_error(page, f"{slug}_1280")
    open_anew(page, address, TELEPHONE)
    first_picture(page).wait_for(timeout=PATIENCE)
    wait_until_still(page)
    uncover(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, "wider than a telephone"
    move_a_control(page)
    assert changed_since(page), "a control was moved and nothing changed"
    assert_without_error(page, f"{slug}_360")
    assert page.noise == []


def assert_without_error(page, name: str) -> None:
    """No cell failed and no formula is red; a picture is kept where a folder is named for it."""
    keep_picture(page, name)
    assert page.locator("[data-testid='cell-error'], .marimo-error").count() == 0
    assert page.locator(".katex-error, .katex [style*='color:#cc0000']").count() == 0


def open_anew(page, address: str, look: dict) -> None:
    """Open an address as a new visitor does, who brings nothing along but the scripts, with a screen of this kind."""
    if is_local(page.url):
        page.evaluate("sessionStorage.clear(); localStorage.clear()")
    page.context.clear_cookies()
    page.set_viewport_size(look["viewport"])
    page.emulate_media(color_scheme=look["color_scheme"], reduced_motion=look.get("reduced_motion", "no-preference"))
    page.goto(address, wait_until="commit")


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
    page.wait_for_function("!document.querySelector('[aria-busy=true]')", timeout=PATIENCE, polling=EVERY)


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
