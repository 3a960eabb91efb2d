"""All that is asked of one lesson is asked in a row: it runs once, wherever two workers part the tests between them."""

import re
from pathlib import Path

import pytest

from tests import shortened

FOLDER = Path(__file__).parent
APART = ("test_in_browser.py", "test_live.py")  # have a browser that stays open from the first to the last of them


def pytest_collection_modifyitems(items):
    """Order the tests of this folder by lesson; those that run one are slow."""
    places = [i for i, item in enumerate(items) if item.path.parent == FOLDER]
    ours = sorted((items[i] for i in places), key=lambda item: (place_of(item), slug_of(item.nodeid)))
    for i, item in zip(places, ours):
        items[i] = item
        if runs_a_lesson(item) and not item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.slow("runs a lesson"))


def place_of(item) -> int:
    """0 for what runs a lesson in this process; what has a browser comes later, file by file."""
    return APART.index(item.path.name) + 1 if item.path.name in APART else 0


def runs_a_lesson(item) -> bool:
    """Whether a test is of one lesson alone, or opens the lesson that it is given."""
    return bool(re.match(r"test_\d\d_", item.path.name)) or "opened" in item.function.__code__.co_names


def slug_of(name: str) -> str:
    """The lesson that a test is about, by its file or its parameter; empty for one about all of them."""
    found = re.search(r"(?:\[|/test_)(\d\d_\w+)", name)
    return found[1] if found else ""


@pytest.fixture(scope="package", autouse=True)
def few_pictures_of_films():
    """What a film is like can be seen from two of its pictures."""
    with pytest.MonkeyPatch.context() as patch:
        shortened.draw_two_of_a_film(patch.setattr)
        yield
