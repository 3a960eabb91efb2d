"""Every lesson in a real browser, from two widths: its page as it is exported, and its formulas as marimo draws them.

The page holds what the lesson's cells show, with the widgets and the styles of the running course; what marimo does
with these pieces is looked at in a few lessons, which `test_live.py` opens.
"""

import html
import re

import pytest

from deepglass.course import catalogue, front_end
from tests.lessons import looks, opened

pytestmark = pytest.mark.slow("opens every lesson in a real browser")
SLUGS = [lesson.slug for lesson in catalogue.lessons()]
FORMULA = re.compile(r"<marimo-tex(?=[\s>])[^>]*>(.*?)</marimo-tex>", re.DOTALL)
FRONT_END = "http://front.end"
FAULTS = """async ({ address, formulas }) => {
    const katex = Object.values(await import(address)).find((one) => one?.renderToString);
    return formulas.filter(([tex, displayMode]) => {
        try {
            katex.renderToString(tex, { displayMode, throwOnError: true, strict: "ignore" });
        } catch {
            return true;
        }
    });
}"""


@pytest.fixture(scope="module")
def page(browser):
    """One page, from lesson to lesson."""
    with looks.listened_to(browser) as page:
        yield page


@pytest.fixture(scope="module")
def front(browser):
    """A page that has nothing but the scripts of marimo's front end at hand."""
    page = browser.new_page()
    page.route(f"{FRONT_END}/**", lambda route: route.fulfill(**answer_to(route.request.url)))
    page.goto(f"{FRONT_END}/")
    yield page
    page.close()


def answer_to(url: str) -> dict:
    """What the front end's folder has at this address; an empty page at its root."""
    name = url.removeprefix(f"{FRONT_END}/")
    return {"path": front_end.FOLDER / name} if name else {"body": "", "content_type": "text/html"}


@pytest.mark.parametrize("slug", SLUGS)
def test_lesson_in_a_browser(slug, page, tmp_path_factory):
    folder = opened.page_of(slug, tmp_path_factory)
    looks.open_anew(page, opened.place_in(folder, slug).as_uri(), looks.DESK)
    looks.assert_it_moves(page)
    looks.wait_until_run(page)
    looks.assert_without_error(page, f"{slug}_1280")
    looks.open_anew(page, opened.place_in(folder, slug).as_uri(), looks.TELEPHONE)
    looks.assert_it_fits_a_telephone(page)
    looks.assert_without_error(page, f"{slug}_360")


@pytest.mark.parametrize("slug", SLUGS)
def test_marimo_can_draw_its_formulas(slug, front, tmp_path_factory):
    shown = opened.page_of(slug, tmp_path_factory) / "as_marimo_has_it.html"
    formulas = [html.unescape(tex) for tex in FORMULA.findall(shown.read_text(encoding="utf-8"))]
    told = [(re.sub(r"^\|\|[(\[]|\|\|[)\]]$", "", tex.strip()), tex.strip().startswith("||[")) for tex in formulas]
    assert faults(front, told) == []


def test_a_formula_that_marimo_cannot_draw_is_found(front):
    assert faults(front, [(r"\frac{1}{2}", True), (r"\frac{1}{2", False), (r"\nosuch", False)]) == [
        [r"\frac{1}{2", False],
        [r"\nosuch", False],
    ]


def faults(front, formulas: list[tuple[str, bool]]) -> list:
    """Those that KaTeX cannot read, of formulas and whether they have a line of their own."""
    (script,) = [one for one in front_end.FOLDER.glob("assets/katex-*.js") if b"renderToString" in one.read_bytes()]
    return front.evaluate(FAULTS, {"address": f"{FRONT_END}/assets/{script.name}", "formulas": formulas})
