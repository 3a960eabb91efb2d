"""A lesson's states: what follows from which control, each computed once, first states untouched."""

import re

import pytest

from deepglass.core.errors import RunError
from deepglass.course.exporting.controls import Control, thin
from deepglass.course.exporting.session import Session
from tests.course.exporting import small_lesson


@pytest.fixture(scope="module")
def session():
    return Session(small_lesson)


def words(made):
    return " ".join(re.sub(r"<[^>]+>", " ", one.shown or "") for one in made.values()).split()


def test_it_finds_what_follows_from_which_control(session):
    assert session.groups() == [
        ("far",), ("grid",), ("guess",), ("guess", "which"), ("kind", "power"), ("power",)
    ]  # fmt: skip
    assert set(session.controls) == {
        "far",
        "grid",
        "guess",
        "kind",
        "power",
        "which",
    }  # a text field has no list of states


def test_what_a_cell_puts_into_its_place_is_shown(session):
    assert "Put in its place." in " ".join(words(session.base))
    assert "At first." not in " ".join(words(session.base))


def test_a_film_that_another_cell_draws_is_whole(session):
    states = [state for made in session.base.values() for file, state in made.widgets.values() if file == "film"]
    assert [(len(state["frames"]), state["is_drawn"]) for state in states] == [(2, True)]


def test_every_state_is_what_python_would_show(session):
    states = dict(session.states(("kind", "power")))
    assert len(states) == 6
    assert "30" in words(states[0, 1])  # the sum of squares
    assert "100" in words(states[1, 2])  # of cubes
    assert "stroke-dasharray" in next(iter(states[1, 2].values())).shown


def test_what_was_computed_for_one_group_is_not_computed_again(session):
    list(session.states(("kind", "power")))
    before = list(small_lesson.CALLS)
    list(session.states(("power",)))
    list(session.states(("kind", "power")))
    assert before == small_lesson.CALLS
    assert sorted(before)[-1] == 3


def test_a_change_of_another_cells_widget_is_noted_and_taken_back(session):
    (model,) = {model for _, made in session.states(("power",)) for one in made.values() for model in one.changed}
    changes = [one.changed[model] for _, made in session.states(("power",)) for one in made.values() if one.changed]
    assert [[[1.0]]] in [change["weights"] for change in changes]
    assert session.values["net"].widget.weights == [[[2.0]]]


def test_a_gate_opens_with_the_guess_and_brings_options_with_it(session):
    assert session.controls["which"].titles == ["early", "late"]
    covered, *opened = [words(made) for _, made in session.states(("guess",))]
    assert "Covered." in covered
    assert len(opened) == 2
    assert all("two." in one for one in opened)
    places = [place for place, _ in session.states(("guess", "which"))]
    assert (0, 1) not in places  # what is not offered yet has no state
    assert (1, 1) in places


def test_what_a_stop_holds_back_comes_with_the_guess_and_goes_again(session):
    told = [" ".join(words(made)) for _, made in session.states(("guess",))]
    again = [" ".join(words(made)) for _, made in session.states(("guess",))]
    assert told == again
    assert "Guess first." in told[0]
    assert "secret" not in told[0]
    assert "Now you may see." in told[1]
    assert "The secret is 42." in told[1]


def test_the_buttons_of_a_widget_are_states_too(session):
    assert [words(made)[-2:] for _, made in session.states(("grid",))] == [["is", "0."], ["is", "1."]]
    assert session.values["grid"].value["matrix"] == [[1, 0], [0, 1]]


def test_controls_are_where_they_were_at_the_end(session):
    list(session.states(("kind", "power")))
    assert session.values["power"].value == 2
    assert session.values["guess"].value["committed"] is False


def test_a_slider_of_many_positions_keeps_its_ends_and_its_first(session):
    far = session.controls["far"]
    assert len(far.values) == 1001
    assert len(far.kept) <= 48
    assert {0, 7, 1000} <= set(far.kept)
    assert ["Far", "is", "7", "."] in [words(made) for _, made in session.states(("far",))]


@pytest.mark.parametrize("counts", [(100, 100), (7, 6, 5), (1001,), (50, 2, 2)])
def test_groups_are_thinned_until_they_are_small(counts):
    controls = {
        str(i): Control("slider", list(range(n)), [str(one) for one in range(n)], n // 3) for i, n in enumerate(counts)
    }
    thin(controls, [tuple(controls)], 48)
    size = 1
    for control in controls.values():
        size *= len(control.kept)
        assert control.at in control.kept
        assert len(control.kept) >= 2
    assert size <= 48


def test_a_lesson_that_stops_says_which_and_why(monkeypatch):
    monkeypatch.setattr(small_lesson, "heights", lambda power: 1 / 0)
    with pytest.raises(RunError, match="lesson small_lesson stopped with ZeroDivisionError"):
        Session(small_lesson)
