"""All that is asked of one lesson is asked in a row: it runs once, wherever two workers part the tests between them."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
APART = "test_in_browser.py"  # has a browser that stays open from the first of its tests to the last


def pytest_collection_modifyitems(items):
    """Order the tests of this folder by lesson; those that run one are slow."""
    places = [i for i, item in enumerate(items) if item.path.parent == FOLDER]
    ours = sorted((items[i] for i in places), key=lambda item: (item.path.name == APART, slug_of(item.nodeid)))
    for i, item in zip(places, ours):
        items[i] = item
        if runs_a_lesson(item) and not item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.slow("runs a lesson"))


def runs_a_lesson(item) -> bool:
    """Whether a test is of one lesson alone, or opens the lesson that it is given."""
    return bool(re.match(r"test_\d\d_", item.path.name)) or "opened" in item.function.__code__.co_names


def slug_of(name: str) -> str:
    """The lesson that a test is about, by its file or its parameter; empty for one about all of them."""
    found = re.search(r"(?:\[|/test_)(\d\d_\w+)", name)
    return found[1] if found else ""
