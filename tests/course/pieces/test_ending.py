"""How a lesson begins and ends with the kit, tables, and sliders whose states can be counted."""

import pytest

from deepglass.core.errors import OptionError
from deepglass.course import catalogue, kit

LESSON = vars(catalogue.lessons()[0])
SOURCES = [("Rosenblatt (1958), The perceptron", "https://doi.org/10.1037/h0042519")]
OWN = "A table: `deepglass train my.csv --target y`."


def test_an_ending_has_command_own_file_sources_and_the_way_on():
    shown = kit.ending(LESSON, "It *runs*.", own_file=OWN, sources=SOURCES, onward="What follows?").text
    order = [
        shown.index(mark) for mark in ('id="run"', "marimo-anywidget", 'id="your-own-file"', 'id="sources"', "dg-next")
    ]
    assert order == sorted(order)
    assert shown.count("<marimo-anywidget") == len(LESSON["runs"])
    assert "What follows?" in shown


def test_an_own_file_names_its_command():
    with pytest.raises(OptionError, match="own_file to name a command"):
        kit.ending(LESSON, "", own_file="Take your own file.", sources=SOURCES)


def test_the_head_holds_what_is_there_at_once():
    shown = kit.opening(LESSON, "Look.", kit.curves([1, 2]), kit.guess("Who?", ["a", "b"], "a")).text
    assert shown.index("dg-opening") < shown.index("dg-row") < shown.index("dg-figure")
    assert "dg-row" not in kit.opening(LESSON, "Look.").text


def test_exercises_are_one_section():
    shown = kit.check(kit.exercise("batches"), kit.answer("How many?", 3, name="n"), title="And you?").text
    assert '<h2 id="check-yourself">And you?</h2>' in shown
    assert shown.count("<marimo-anywidget") == 2


def test_a_table_is_made_of_names_and_numbers_or_of_rows():
    assert '<th scope="row">steps</th><td class="number">1,024</td>' in kit.table({"steps": 1024}).text
    rows = kit.table([{"size": "small", "loss": 0.12345}, {"size": "<large>", "loss": -2.0}], "Two sizes").text
    assert '<th scope="col" class="number">loss</th>' in rows
    assert '&lt;large&gt;</th><td class="number">−2</td>' in rows
    assert "<caption>Two sizes</caption>" in rows


def test_levels_take_names_and_numbers_and_words():
    shown = kit.levels(kit.curves([1, 2]), {"steps": 3}, r"$\green{rate}$", rate=0.5).text
    assert "dg-table" in shown
    assert r"\textcolor{#0a0c03}{0.5}" in shown


def test_a_slider_has_states_that_can_be_counted():
    slider = kit.slider("Rows", [1, 2, 4], 2)
    assert slider.value == 2
    assert slider.steps == [1, 2, 4]
    assert kit.slider("Rate", [0.1, 0.2]).value == 0.1
    with pytest.raises(OptionError, match="expected a first value among"):
        kit.slider("Rows", [1, 2, 4], 3)
