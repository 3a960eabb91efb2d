"""What every lesson promises: its header, its pieces, its exercises and its commands. The folder is the list."""

import ast
import re
import shlex
import sys

import pytest

from deepglass.api import read
from deepglass.core.catalogue import CHECKOUT
from deepglass.course import catalogue, serve
from deepglass.course.exporting.page import plain
from deepglass.course.widgets.answer import Answer
from deepglass.course.widgets.choice import Choice
from deepglass.course.widgets.command import Command
from deepglass.course.widgets.exercise import Exercise
from tests import shortened
from tests.clock import loops
from tests.lessons.opened import opened, page_of, place_in
from tests.lessons.tried import tried

LESSONS = catalogue.lessons()
MAY_IMPORT = {"deepglass", "marimo", "numpy", "pandas", "scipy", "sklearn", "torch", *sys.stdlib_module_names}
every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)


def test_lessons_are_numbered_once_and_told_apart():
    assert len({lesson.number for lesson in LESSONS}) == len(LESSONS)
    assert len({lesson.title for lesson in LESSONS}) == len(LESSONS)


@every_lesson
def test_the_header_says_what_the_course_must_know(lesson):
    assert lesson.part in catalogue.PARTS
    assert lesson.question.endswith("?")
    assert 10 <= lesson.minutes <= 20
    assert lesson.topics
    assert lesson.reads
    assert lesson.runs
    for topic in lesson.reads:
        assert read.read(topic.partition(".")[0] if "/" not in topic else topic)["pieces"]


@every_lesson
def test_it_has_a_thumbnail_in_the_pages_colours_and_a_test_of_its_own(lesson):
    assert len(lesson.picture) < 4000
    assert 'viewBox="0 0 160 100"' in lesson.picture
    assert "aria-label=" in lesson.picture
    assert not re.search(r"#[0-9a-f]{3,6}|<script|<text|href|url\(", lesson.picture, re.IGNORECASE)
    assert (CHECKOUT / lesson.test).is_file()


@every_lesson
def test_it_imports_the_library_and_is_a_script(lesson):
    tree = ast.parse(lesson.path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert {name.partition(".")[0] for name in names} <= MAY_IMPORT
    assert ast.unparse(tree.body[-1]) == "if __name__ == '__main__':\n    app.run()"
    assert len(lesson.path.read_text(encoding="utf-8").splitlines()) <= 450


@every_lesson
def test_it_runs_and_soon(lesson):
    run = opened(lesson.slug)
    assert loops(run.seconds) < 240  # 80 on a quiet machine, where they take four seconds
    assert {key: value for key, value in vars(lesson).items() if key != "slug"} == run.module.LESSON


@every_lesson
def test_it_has_the_anatomy_of_a_lesson(lesson):
    run = opened(lesson.slug)
    for name in ("see", "read", "break-it-mend-it", "check-yourself", "run", "sources"):
        assert f'<h2 id="{name}"' in run.html, f"no section {name}"
    assert "dg-opening" in run.html
    assert "dg-code" in run.html
    assert "dg-onward" in run.html
    guesses = [widget for widget in run.widgets if isinstance(widget, Choice) and widget.kind == "guess"]
    assert guesses
    assert all(guess.reveal for guess in guesses)
    assert 2 <= len(checks(run)) <= 4
    assert any(isinstance(widget, Exercise) for widget in run.widgets)


@every_lesson
def test_it_becomes_a_plain_page(lesson, tmp_path_factory):
    """The page itself too, which a browser opens later, is written while the lesson is in memory."""
    assert place_in(page_of(lesson.slug, tmp_path_factory), lesson.slug).is_file()
    page = plain(opened(lesson.slug).html)
    assert "<marimo-" not in page
    assert page.count("<svg") >= 1
    assert len(page) > 20_000


@every_lesson
def test_pictures_can_be_heard(lesson):
    for tag in re.findall(r"<svg[^>]*>", opened(lesson.slug).html):
        assert re.search(r'aria-label="[^"]{8,}"|aria-hidden="true"', tag), tag


@every_lesson
def test_solutions_pass_and_stubs_fail_helpfully(lesson):
    for exercise in (widget for widget in opened(lesson.slug).widgets if isinstance(widget, Exercise)):
        assert tried(exercise.name, exercise.solution).passed
        verdict = tried(exercise.name, exercise.stub)
        assert not verdict.passed
        assert len(verdict.message) > 25
        assert exercise.hint
        assert exercise.given == ["np", "math", "torch"]


@every_lesson
def test_formulas_are_formulas(lesson):
    """A dollar, or an f-string's brace, that is left within a formula is shown as a red error."""
    for tex in re.findall(r"<marimo-tex[^>]*>(.*?)</marimo-tex>", opened(lesson.slug).html, re.DOTALL):
        assert "$" not in tex, tex
        assert "{_" not in tex, tex
        assert tex.count("{") == tex.count("}"), tex


@every_lesson
def test_questions_have_an_answer(lesson):
    run = opened(lesson.slug)
    names = [widget.name for widget in checks(run)]
    assert all(names)
    assert len(set(names)) == len(names)
    for widget in checks(run):
        if isinstance(widget, Choice):
            assert widget.right
            assert len(widget.right) < len(widget.options)
            assert all(widget.because)
        elif isinstance(widget, Answer):
            assert widget.hint or widget.solution
            assert all(abs(slip - widget.right) > widget.tolerance for slip, _ in widget.slips)


@every_lesson
def test_the_commands_it_shows_are_the_commands_it_names(lesson):
    shown = [
        command for widget in opened(lesson.slug).widgets if isinstance(widget, Command) for command in widget.commands
    ]
    assert sorted(shown) == sorted(lesson.runs)


@pytest.mark.slow("trains what the lesson proposes")
@every_lesson
def test_its_commands_run(lesson, tmp_path, monkeypatch, capsys):
    from deepglass.cli.main import app

    for shorten in (shortened.be_brief, shortened.read_few_digits, shortened.make_bundled_once):
        shorten(monkeypatch.setattr)
    monkeypatch.setattr(serve, "serve", lambda address, *rest: print(address))  # it would stay
    monkeypatch.chdir(tmp_path)
    for command in lesson.runs:
        words = shlex.split(command.replace("--self-test 200", "--self-test 20"))
        assert words[0] == "deepglass"
        shorter = ["--steps", "500"] if "--steps" in words else ["--epochs", "1"]
        brief = shorter if words[1] == "train" and "--folds" not in words else []
        app([*words[1:], *brief], standalone_mode=False)
    assert capsys.readouterr().out


def checks(run):
    """Its exercises, of all three kinds."""
    return [
        widget
        for widget in run.widgets
        if isinstance(widget, Exercise | Answer) or (isinstance(widget, Choice) and widget.kind == "choose")
    ]
