"""The pieces that lessons are made of."""

import re

import numpy as np
import pytest

from deepglass import glass
from deepglass.core.errors import OptionError
from deepglass.course import home, kit
from deepglass.course.widgets import command
from deepglass.draw import style as drawn
from deepglass.evaluate import svg


def test_figures_wear_the_pages_colours_and_can_be_heard():
    fig, ax = kit.figure()
    ax.plot([1, 10, 100], [1, 2, 3], color=kit.ORANGE)
    ax.set_xscale("log")
    page = kit.html(fig, 'Three points, "rising"', "A caption").text
    assert "var(--c2)" in page
    assert "#0a0c" not in page
    assert 'aria-label="Three points, &quot;rising&quot;"' in page
    assert ">100</text>" in page
    assert "mathdefault" not in page


def test_there_is_one_palette():
    """What a lesson's page, a run's report and a formula call the first colour is the first colour."""
    css = (home.PAGES / "lesson.css").read_text()
    report = (home.PAGES.parents[1] / "evaluate" / "templates" / "report.css").read_text()
    colors = lambda text: re.findall(r"--c[1-6]: (#\w+)", text)[:12]  # noqa: E731
    assert colors(css) == colors(report)
    for i, color in enumerate(svg.SERIES):
        parts = ", ".join(str(int(color[k : k + 2], 16)) for k in (1, 3, 5))
        assert f'[style*="rgb({parts})"], [mathcolor="{color}"] {{ color: var(--c{i + 1})' in css


def test_formulas_wear_them_too():
    assert rf"\textcolor{{{drawn.BLUE}}}{{w}}" in kit.md(r"$\blue{w}$").text


@pytest.mark.parametrize(("value", "text"), [(0.01, "0.01"), (1, "1"), (1000, "1,000"), (1e6, "10⁶"), (1e-7, "10⁻⁷")])
def test_ticks_of_logarithmic_axes_are_text(value, text):
    assert drawn.power_of_ten(value) == text


def test_source_is_shown_as_it_stands_with_its_line_numbers():
    page = kit.read("Perceptron.fit", {"w += sign * x": "towards it"}).text
    lines = (home.PAGES.parents[1] / "glass/classic/perceptron.py").read_text().splitlines()
    number = next(i for i, line in enumerate(lines, 1) if "w += sign * x" in line)
    assert f'<div class="line marked"><i>{number}</i>' in page
    assert "towards it" in page
    assert "Raises" not in page


@pytest.mark.parametrize(
    ("topic", "notes", "message"),
    [
        ("Perceptron.fit", {"no such line": "?"}, "expected one line with 'no such line', found 0"),
        ("Perceptron.fit", {"self": "?"}, "found "),
        ("Perceptron.nothing", {}, "no 'nothing' in glass/classic/perceptron.py"),
    ],
)
def test_when_the_source_moves_the_lesson_must_follow(topic, notes, message):
    with pytest.raises(OptionError, match=message):
        kit.read(topic, notes)


def test_a_part_of_any_file_can_be_read():
    assert "novikoff_bound" in kit.read("glass/classic/perceptron.py", part="novikoff_bound").text


def test_the_browser_asks_and_python_answers():
    exercise = kit.exercise("blame").widget
    exercise.code, exercise.asked = "def blame(g, a, b):\n    print('here')\n    return g * b, g * a", 1
    assert exercise.verdict["passed"]
    assert exercise.verdict["printed"] == "here\n" * len(exercise.description.drawn(0))
    exercise.code, exercise.asked = "def blame(g, a, b):\n    return b, a", 2
    assert not exercise.verdict["passed"]
    assert exercise.verdict["asked"] == 2


def test_an_exercise_that_is_not_there_is_not_made():
    with pytest.raises(OptionError, match="blame"):
        kit.exercise("blam")


def test_what_waits_for_a_guess_is_on_the_page_and_covered():
    page = kit.after_guess(kit.md("the answer")).text
    assert "the answer" in page.split('class="dg-gated"')[1]
    assert "dg-uncover" in page.split('class="dg-gated"')[0]
    css = (home.PAGES / "lesson.css").read_text()
    assert ":root:not(.dg-guessed) .dg-gated { display: none; }" in css
    assert "@media print" in css


def test_the_graph_is_the_engines():
    w = glass.tensor([2.0], requires_grad=True)
    nodes = kit.nodes_of(((w * 3.0) ** 2).sum(), {"w": w})
    assert nodes[0]["title"] == "w"
    assert nodes[0]["gradient"] == "36"
    assert nodes[-1]["value"] == "36"


def test_a_pad_is_an_image():
    image = np.eye(8)
    assert np.allclose(kit.pad(8, {"line": image}).widget.image(), image)
    assert kit.pad(28).widget.image().shape == (28, 28)


def test_commands_are_recorded_with_their_real_output_and_forgotten_when_the_code_changes(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    commands = ("deepglass --version",)
    assert command.kept(commands) == {}
    record = kit.run_command(*commands, record=True).widget.record
    assert record["code"] == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\s*", record["text"])
    assert command.kept(commands) == record
    assert command.place_of(commands) != command.place_of(("deepglass --help",))
    failed = kit.run_command("deepglass nonsense", record=True).widget.record
    assert failed["code"] == 2
    assert command.kept(("deepglass nonsense",)) == {}
