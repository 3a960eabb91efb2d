"""Some lessons as a reader opens them, run by marimo: together they have every piece that lessons are made of.

What each lesson shows is asked of its page in `test_in_browser.py`; every widget is tried in `tests/course`.
"""

import re

import pytest

from deepglass.course import catalogue
from tests.course import widgets_page
from tests.lessons import looks

pytestmark = pytest.mark.slow("runs lessons in a real browser")
PIECE = re.compile(r"\b(?:kit|mo|mo\.ui)\.(?!ui\b)(\w+)\(")
TRIED = set(widgets_page.SAMPLES) - {"exercise", "film"}  # elsewhere, and without a Python of their own


def few(pieces: dict[str, set[str]]) -> list[str]:
    """Lessons such that every piece is in one of them."""
    left, chosen = set().union(*pieces.values()), []
    while left:
        chosen.append(max(sorted(pieces), key=lambda slug: len(pieces[slug] & left)))
        left -= pieces[chosen[-1]]
    return chosen


def pieces_of_all() -> dict[str, set[str]]:
    """The names of the functions by which each lesson shows something."""
    read = {lesson.slug: lesson.path.read_text(encoding="utf-8") for lesson in catalogue.lessons()}
    return {slug: set(PIECE.findall(text)) - TRIED for slug, text in read.items()}


@pytest.fixture(scope="module")
def page(browser):
    """One page, from lesson to lesson: marimo's scripts are read and compiled once."""
    with looks.listened_to(browser) as page:
        yield page


@pytest.mark.parametrize("slug", few(pieces_of_all()))
def test_a_lesson_that_marimo_runs(slug, course, page):
    looks.open_anew(page, f"{course}/lessons/{slug}/", looks.DESK)
    looks.assert_it_moves(page)
    looks.wait_until_run(page)
    looks.assert_without_error(page, f"{slug}_live_1280")
    looks.open_anew(page, f"{course}/lessons/{slug}/", looks.TELEPHONE)
    looks.assert_it_fits_a_telephone(page)
    looks.assert_without_error(page, f"{slug}_live_360")


def test_every_piece_is_in_one_of_them():
    assert few({"a": {"film"}, "b": {"film", "slider"}, "c": {"table"}}) == ["b", "c"]
