"""What a reader types and guesses, in a real browser: judged, kept over a reload, and shown again."""

import re
import time

import pytest

pytestmark = pytest.mark.slow("a lesson in a real browser")
PATIENCE = 120_000  # ms, on a machine that does other things
RIGHT = "def blame(arrives, a, b):\n    return [arrives * b, arrives * a]"


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


def opened(page, course):
    """The lesson, once its exercise is there."""
    page.goto(f"{course}/lessons/11_backpropagation/")
    editor = page.get_by_label("Your code for blame")
    editor.wait_for(timeout=PATIENCE)
    return editor, editor.locator("xpath=ancestor::*[contains(@class, 'dg-card')]")


def wait_for_words(editor, words):
    """Until the editor shows them, whichever element stands in its place by then."""
    from playwright.sync_api import expect

    expect(editor).to_have_value(re.compile(words), timeout=PATIENCE)


def checked(card, editor, code):
    """What the test says of a piece of code."""
    editor.fill(code)
    card.get_by_role("button", name="Check").click()
    card.locator(".dg-verdict.good, .dg-verdict.bad").wait_for(timeout=2 * PATIENCE)
    return card.locator(".dg-verdict").inner_text()


def test_what_is_typed_and_guessed_is_judged_and_stays(page, course):
    """One page, opened three times: marimo and the lesson's Python begin anew each time, which is most of the work."""
    editor, card = opened(page, course)
    make_the_guess(page)
    assert "np, math, torch" in card.inner_text()
    assert "does a loop go on for ever?" in checked(card, editor, "while True: pass")
    assert "ends Python" in checked(card, editor, "exit()\n" + RIGHT)
    assert "is a factor too" in checked(card, editor, "def blame(g, a, b):\n    print('mine')\n    return b, a")
    assert "mine" in card.locator(".dg-printed").inner_text()
    assert checked(card, editor, RIGHT).startswith("Right.")

    editor, card = opened(page, course)
    wait_for_words(editor, "arrives")
    assert editor.input_value() == RIGHT
    card.get_by_text("Solved before.").wait_for(timeout=PATIENCE)
    page.get_by_text("It is b₃").first.wait_for(timeout=PATIENCE)
    page.locator(".dg-gated:visible").first.wait_for(timeout=PATIENCE)
    assert page.get_by_role("button", name="That is my guess").count() == 0
    type_half(page, editor)

    editor, _ = opened(page, course)
    wait_for_words(editor, "half")


def make_the_guess(page):
    """What waited for it is covered before, and uncovered then."""
    assert page.locator(".dg-gated:visible").count() == 0
    words = page.locator(".dg-film .dg-facts").first.inner_text()
    assert words.startswith(("Forward", "Two sums", "The answer", "Loss"))
    page.get_by_label("w₁", exact=True).first.check()
    page.get_by_role("button", name="That is my guess").click()
    page.locator(".dg-gated:visible").first.wait_for(timeout=PATIENCE)


def type_half(page, editor):
    """An answer that is not checked is kept when the reader pauses."""
    editor.fill("def blame(g, a, b):\n    return half")
    end = time.monotonic() + PATIENCE / 1000
    while "return half" not in page.evaluate("async () => (await fetch('/api/progress')).text()"):
        assert time.monotonic() < end, "it is kept when the reader pauses"
        time.sleep(0.2)
