"""What lesson 92 claims of tables of the last page, of longer ones, of a memory, and of the best possible (T02)."""

from itertools import pairwise

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("92_what_they_do_next").module


def test_more_visits_help_the_table_of_the_last_page_no_more_and_longer_ones_do(lesson):
    few, many = lesson.NUMBERS[1], lesson.NUMBERS[-1]
    assert abs(lesson.right(1, many) - lesson.right(1, few)) < 1
    assert lesson.right(4, many) > lesson.right(4, few) + 4
    assert lesson.right(1, many) < 0.8 * lesson.best()


def test_with_many_visits_four_events_back_are_best_and_more_are_worse(lesson):
    found = [lesson.right(back, lesson.NUMBERS[-1]) for back in range(1, lesson.MOST_BACK + 1)]
    assert int(np.argmax(found)) + 1 == 4
    assert found[-1] < found[3] < lesson.best() - 2


def test_the_network_learns_from_fewer_visits_what_no_table_knows(lesson):
    curve = lesson.learnt()[1]
    assert curve[-1] > 0.95 * lesson.best()
    assert curve[-1] > max(lesson.right(back, lesson.NUMBERS[-1]) for back in range(1, lesson.MOST_BACK + 1))
    assert curve[0] < 20


def test_after_the_same_three_pages_its_memory_holds_the_department(lesson):
    """The nearest centre of a department names it, though the last three events are the same."""
    groups = lesson.memories()
    assert len(groups) == 4  # the departments that show a photo first, second or third
    centres = {name: points.mean(axis=0) for name, points in groups.items()}
    for name, points in groups.items():
        gaps = {other: np.square(points - centre).sum(axis=1) for other, centre in centres.items()}
        assert np.mean([min(gaps, key=lambda other: gaps[other][i]) == name for i in range(len(points))]) > 0.8, name


def test_the_formula_counts_what_the_table_was_made_of(lesson):
    pairs = [pair for visit in lesson.visits()[1] for pair in pairwise(visit)]
    counted = sum(pair == ("photo", "sizes") for pair in pairs) / sum(before == "photo" for before, _ in pairs)
    table = lesson.by_table(("shoes", "photo"))[lesson.EVENTS.index("sizes")]
    assert table == pytest.approx(counted, abs=0.01)


def test_the_film_names_what_both_say(lesson):
    frames = list(lesson.film())
    assert len(frames) == len(lesson.WALK) - 1
    assert "the truth shoes" in frames[3].caption
    assert "The table says shoes" not in frames[3].caption


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("np.add.at(found, (v[:-1], v[1:]), 1)", "each row still has to be divided"),
        ("found[v[0]] += 1", "For visits"),
    ],
)
def test_slips_are_told_apart(line, said):
    lines = f"    found = np.zeros((V, V))\n    for v in visits:\n        {line}\n    return found"
    assert said in tried("what_follows", f"def what_follows(visits, V):\n{lines}").message
