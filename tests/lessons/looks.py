"""What is asked of the page of a lesson in a browser, whoever serves it.

DEEPGLASS_SCREENSHOTS=DIR keeps a picture of each whole page: 1280 wide by day and 360 wide by night.
"""

import contextlib
import os
import time
from pathlib import Path

PATIENCE = 120_000  # ms for a first picture, and again for the last cell, on a machine that does other things
LOADS = 4  # of a page whose picture does not move, before that is believed
EVERY = 200  # ms between two looks at a page: to look at each frame means to paint sixty per second
DESK = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
TELEPHONE = {"viewport": {"width": 360, "height": 900}, "color_scheme": "dark", "reduced_motion": "reduce"}
OURS = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "file:")
WHOLE_PAGE = """() => Math.max(document.body.scrollHeight, ...[...document.querySelectorAll("*")]
    .filter((e) => e.scrollHeight > e.clientHeight + 50 && getComputedStyle(e).overflowY !== "visible")
    .map((e) => e.scrollHeight))"""


@contextlib.contextmanager
def listened_to(browser):
    """One page, from lesson to lesson, that notes errors and whatever is asked of a network."""
    with contextlib.closing(browser.new_page(**DESK)) as page:
        page.noise = []
        page.on("console", lambda said: page.noise.append(f"console: {said.text}") if said.type == "error" else None)
        page.on("pageerror", lambda error: page.noise.append(f"error: {error}"))
        page.on("request", lambda asked: None if is_local(asked.url) else page.noise.append(f"outside: {asked.url}"))
        yield page


def open_anew(page, address: str, look: dict) -> None:
    """Open an address as a new visitor does, who brings nothing along but the scripts, with a screen of this kind."""
    page.noise.clear()
    if is_local(page.url):
        page.evaluate("sessionStorage.clear(); localStorage.clear()")
    page.context.clear_cookies()
    become(page, look)
    page.goto(address, wait_until="commit")


def become(page, look: dict) -> None:
    """Let the screen be of this kind."""
    page.set_viewport_size(look["viewport"])
    page.emulate_media(color_scheme=look["color_scheme"], reduced_motion=look.get("reduced_motion", "no-preference"))


def is_local(url: str) -> bool:
    """Whether nothing outside this machine is asked."""
    return url.startswith(OURS)


def first_picture(page):
    """The first widget or figure below the opening."""
    return page.locator(".dg-widget, .dg-figure").first


def assert_it_moves(page) -> None:
    """The first picture, or what stands around it, looks different at two moments of its first seconds.

    A busy machine may look for the first time when a film is over: then the page is opened again.
    """
    for _ in range(LOADS):
        first_picture(page).wait_for(timeout=PATIENCE)
        first_picture(page).scroll_into_view_if_needed()
        page.seen = picture_of(page)
        if changed_since(page, PATIENCE / 1000 / LOADS):
            return
        page.reload(wait_until="commit")
    raise AssertionError("nothing moves in the first seconds")


def wait_until_run(page) -> None:
    """Until all cells have run, and nothing is being drawn for the first time."""
    page.locator(".dg-onward").first.wait_for(state="attached", timeout=PATIENCE)
    page.wait_for_function("!document.querySelector('[aria-busy=true]')", timeout=PATIENCE, polling=EVERY)


def wait_until_still(page) -> None:
    """Until all cells have run: where rest is asked for, nothing moves by itself."""
    wait_until_run(page)
    page.seen, since = b"", time.monotonic()
    while time.monotonic() - since < PATIENCE / 1000:
        now = picture_of(page)
        if now == page.seen:
            return
        page.seen = now
        time.sleep(0.6)
    raise AssertionError("the page does not come to rest, though rest was asked for")


def assert_it_fits_a_telephone(page) -> None:
    """All of it, also what waits for a guess, is no wider, and obeys a hand."""
    first_picture(page).wait_for(timeout=PATIENCE)
    uncover(page)
    wait_until_still(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, "wider than a telephone"
    move_a_control(page)
    assert changed_since(page), "a control was moved and nothing changed"


def uncover(page) -> None:
    """Show what waits for a guess, as a reader may who does not want to guess."""
    wait_until_run(page)
    for button in page.locator(".dg-uncover").all()[:1]:
        button.click()
    page.wait_for_function(
        "[...document.querySelectorAll('.dg-gated')].every((e) => e.checkVisibility())", timeout=PATIENCE, polling=EVERY
    )


def move_a_control(page) -> None:
    """The first control that there is: a slider, a film, a plane, or else the first choice that is no guess."""
    slider = page.locator("[role=slider], input[type=range]").first
    plane = page.locator(".dg-widget svg[role=application], .dg-widget canvas[role=application]").first
    if plane.count():
        moved, keys = plane, ("n", "ArrowUp")
    elif slider.count():
        moved, keys = slider, ("Home", "ArrowRight")
    else:
        moved = page.locator("[role=radio], [role=switch], input[type=checkbox], .dg-widget button").first
        keys = ()
    moved.scroll_into_view_if_needed()
    page.seen = picture_of(page)
    for key in keys:
        moved.press(key)
    if not keys:
        moved.click()


def changed_since(page, seconds: float = PATIENCE / 1000) -> bool:
    """Whether the page looks otherwise than it was seen, now or soon."""
    since = time.monotonic()
    while time.monotonic() - since < seconds:
        if picture_of(page) != page.seen:
            return True
        time.sleep(0.3)
    return False


def picture_of(page) -> bytes:
    """What is seen below the frame of the page; quick to pack, for it is compared and not kept."""
    size = page.viewport_size
    return page.screenshot(clip={"x": 0, "y": 60, "width": size["width"], "height": size["height"] - 60})


def assert_without_error(page, name: str) -> None:
    """No cell failed, no formula is red or shows a command, nothing was said on the console; a picture is kept where a
    folder is named.
    """
    keep_picture(page, name)
    assert page.locator("[data-testid='cell-error'], .marimo-error").count() == 0
    assert page.locator(".katex-error, .katex [style*='color:#cc0000']").count() == 0
    assert [shown for shown in page.locator("math:not(.katex math)").all_text_contents() if "\\" in shown] == []
    assert page.noise == []


def keep_picture(page, name: str) -> None:
    """Of the whole page, where a folder is named for it."""
    folder = os.environ.get("DEEPGLASS_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        width = page.viewport_size["width"]
        page.set_viewport_size({"width": width, "height": min(page.evaluate(WHOLE_PAGE) + 60, 15_000)})
        time.sleep(1.5)
        page.screenshot(path=Path(folder) / f"{name}.png")
