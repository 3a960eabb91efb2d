"""Every widget in a browser: it comes alive without a kernel, and every place where the keyboard stops has a name."""

import numpy as np
import pytest

from deepglass import glass
from deepglass.core import catalogue
from deepglass.course.widgets.widget import WIDGETS
from deepglass.glass.foundations import inverse_kinematics
from tests.course import widgets_page

NAMELESS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((e) => !(e.getAttribute("aria-label") || e.labels?.length || e.textContent.trim() || e.title))
    .map((e) => e.outerHTML.slice(0, 160))"""
UNSPOKEN = """() => [...document.querySelectorAll("[tabindex='0']")]
    .filter((e) => !e.getAttribute("aria-label") || !e.getAttribute("role")).map((e) => e.outerHTML.slice(0, 160))"""


@pytest.fixture(scope="module")
def page(browser, tmp_path_factory):
    context = browser.new_context(offline=True, viewport={"width": 390, "height": 900}, reduced_motion="reduce")
    page, page.noise = context.new_page(), []
    page.on("console", lambda message: page.noise.append(message.text))
    page.on("pageerror", lambda error: page.noise.append(str(error)))
    page.goto(widgets_page.write(tmp_path_factory.mktemp("widgets")).as_uri())
    page.wait_for_function("() => [...document.querySelectorAll('.dg-host')].every((e) => e.children.length)")
    yield page
    context.close()


def test_every_kind_of_widget_is_tried():
    for name in catalogue.entries("course/widgets"):
        catalogue.load("course/widgets", name)
    assert {kind.file for kind in WIDGETS} == set(widgets_page.SAMPLES)


@pytest.mark.slow
def test_all_are_alive_and_silent_on_a_telephone(page):
    assert page.noise == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.slow
def test_every_stop_of_the_keyboard_has_a_name(page):
    assert page.evaluate(NAMELESS) == []
    assert page.evaluate(UNSPOKEN) == []


@pytest.mark.slow
def test_a_network_tells_the_number_of_each_part(page):
    parts = page.locator("#network [tabindex='0']").evaluate_all("all => all.map((e) => e.getAttribute('aria-label'))")
    assert len(parts) == 11
    assert "x₁ → h₁: weight 1 · value 1 → adds 1" in parts
    assert "ŷ = 6 · bias 0" in parts


@pytest.mark.slow
def test_an_arm_says_what_its_network_says_and_its_goal_is_moved_by_keyboard_and_by_hand(page):
    net, picture = inverse_kinematics.network(seed=1), page.locator("#arm svg")

    def told(x, y):
        goal = glass.tensor([[x, y]])
        one, two = np.degrees(net(goal).detach().numpy()[0])
        off = 100 * inverse_kinematics.misses(net, goal.numpy())[0]
        missed = "" if off <= 5 else ", missed"
        off = f"{off:.1f}".removesuffix(".0")
        where = f"Goal at ({round(x, 2):g}, {round(y, 2):g}) m"
        said = f"{where}|learnt: shoulder {one:.0f}°, elbow {two:.0f}°, {off} cm off{missed}"
        return said.replace("-", "−").replace("−0°", "0°")

    def words():
        return "|".join(page.locator("#arm .dg-facts li").all_inner_texts()).replace("−0°", "0°")

    assert words() == told(0.4, 0.2)
    picture.press("ArrowUp")
    assert words() == told(0.4, 0.24)
    box = picture.bounding_box()
    picture.click(position={"x": box["width"] / 2 + box["width"] * 0.25, "y": box["height"] / 2})
    assert words().startswith(("Goal at (0.58, ", "Goal at (0.59, "))
    picture.click(position={"x": box["width"] - 3, "y": 3})
    assert "out of reach" in words()


@pytest.mark.slow
def test_attention_is_gone_through_by_keyboard(page):
    words = page.locator("#attention .dg-facts")
    assert words.inner_text() == "“the” looks at “the” 1."
    page.get_by_label("The token that looks").press("ArrowRight")
    assert words.inner_text() == "“␣cat” looks at “the” 0.5, “␣cat” 0.5."
    page.locator("#attention select").select_option("head 2")
    assert words.inner_text() == "“␣cat” looks at “␣cat” 1."
    assert page.locator("#attention li").first.inner_text().split() == ["cat", "0.5"]
    assert "%22at%22%3A1" in page.url


@pytest.mark.slow
def test_feature_maps_are_gone_through_by_keyboard(page):
    page.get_by_label("Layer", exact=True).press("ArrowRight")
    page.locator("#layers button[aria-label^='Map 3']").press("Enter")
    words = page.locator("#layers .dg-facts").last.inner_text()
    assert words == "Map 3: strongest 1 in the lower right, 100 % not zero"
    assert "convolution. Map 3" in page.locator("#layers canvas[role=img]").get_attribute("aria-label")


@pytest.mark.slow
def test_boxes_come_with_a_lower_confidence_and_say_what_they_cover(page):
    assert page.locator("#boxes li").all_inner_texts() == ["cat, confidence 0.9, overlap 0.88"]
    page.get_by_label("Least confidence that is shown").press("Home")
    assert page.locator("#boxes li").all_inner_texts()[1] == "dog, confidence 0.4, overlap 0"
    assert "A cat. 2 of 2 boxes shown; 1 of them" in page.locator("#boxes svg").get_attribute("aria-label")


@pytest.mark.slow
def test_a_loop_is_bent_by_keyboard_and_by_hand(page):
    picture = page.locator("#loop svg")
    before = page.locator("#loop .dg-road").get_attribute("d")
    picture.press("n")
    picture.press("ArrowRight")
    words = page.locator("#loop .dg-facts")
    assert words.inner_text().endswith("Point 2 is at 0.55, −0.5.")
    assert page.locator("#loop .dg-road").get_attribute("d") != before
    picture.press("a")
    assert words.inner_text().startswith("5 points")
    picture.press("Delete")
    picture.press("Delete")
    assert words.inner_text().startswith("4 points")  # fewer are no track
    box = picture.bounding_box()
    x, y = (box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"])  # the first point
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 0.1 * box["width"], y)
    page.mouse.up()
    assert "Point 1 is at −0.3, −0.5." in words.inner_text()
    assert "ring=" in page.url
    page.get_by_role("button", name="a square").click()
    assert page.locator("#loop .dg-road").get_attribute("d") == before
