"""A film is there with its first picture; the others follow, beside the lesson or when it asks for them."""

from typing import ClassVar

import pytest

from deepglass.course import kit
from deepglass.course.widgets import film as module


class Beside:
    """Stands in for marimo's thread: runs when the test says so."""

    made: ClassVar[list["Beside"]] = []

    def __init__(self, target, daemon):
        self.target, self.should_exit = target, False
        self.made.append(self)

    def start(self):
        pass


@pytest.fixture
def open_lesson(monkeypatch):
    """As in a lesson that stands open in the browser."""
    monkeypatch.setattr(module.mo, "running_in_notebook", lambda: True)
    monkeypatch.setattr(module.mo, "Thread", Beside)
    monkeypatch.setattr(Beside, "made", [])
    return Beside.made


def story(drawn, count=5):
    for number in range(count):
        drawn.append(number)
        yield f"<svg>{number}</svg>", f"picture {number}"
    return "the end"


def test_everywhere_else_all_pictures_are_drawn_at_once():
    shown = kit.film(story([])).widget
    assert len(shown.frames) == len(shown.captions) == 5
    assert shown.is_drawn


def test_in_an_open_lesson_the_others_are_drawn_beside_it(open_lesson):
    drawn: list[int] = []
    shown = kit.film(story(drawn)).widget
    assert drawn == [0]
    assert shown.captions == ["picture 0"]
    assert not shown.is_drawn
    open_lesson[0].target()
    assert shown.captions == [f"picture {number}" for number in range(5)]
    assert "<svg>4</svg>" in shown.frames[4]
    assert shown.is_drawn


def test_a_film_that_nobody_shows_any_more_is_not_drawn_to_its_end(open_lesson):
    drawn: list[int] = []
    kit.film(story(drawn))
    open_lesson[0].should_exit = True
    open_lesson[0].target()
    assert drawn == [0]


def test_the_browser_is_told_of_growing_parts(open_lesson):
    shown, told = kit.film(story([], count=9)).widget, []
    shown.observe(lambda change: told.append(len(change["new"])), "frames")
    open_lesson[0].target()
    assert told == [2, 4, 8, 9]


def test_a_film_that_waits_is_drawn_when_asked_and_tells_what_was_learned(open_lesson):
    shown = kit.film(story([]), waits=True)
    assert not open_lesson
    assert len(shown.frames) == 1
    assert shown.draw() == "the end"
    assert len(shown.frames) == 5
    assert shown.draw() == "the end"  # also when it is asked again


def test_frames_draw_one_picture_at_a_time():
    fig, _ = kit.figure(height=1)
    seen: list[int] = []

    def draw(number):
        seen.append(number)
        return f"number {number}"

    pictures = kit.frames(fig, draw, 3, "Nothing,")
    picture, caption = next(pictures)
    assert (seen, caption) == ([0], "number 0")
    assert 'aria-label="Nothing, number 0"' in picture
    assert len(list(pictures)) == 2
