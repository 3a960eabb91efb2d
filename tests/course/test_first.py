"""The first screen of a lesson: there before its Python, and gone without a jump when the lesson stands behind it."""

import asyncio

import pytest

from deepglass.core import files
from deepglass.course import catalogue, first
from tests.course.exporting import small_lesson

LESSON = catalogue.lessons()[0]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_before_anything_is_prepared_the_head_is_there():
    page = first.beginning(LESSON)
    assert LESSON.title in page
    assert LESSON.question in page
    assert first.screen(LESSON)["states"] == {}


def test_what_was_prepared_is_shown_with_its_widgets():
    made = first.prepared(small_lesson)
    assert [number for number, _ in made["cells"]] == sorted(number for number, _ in made["cells"])
    assert len(made["cells"]) == first.CELLS
    files.write_json(first.place_of(LESSON.slug), made)
    page = first.beginning(LESSON)
    assert "dg-figure" in page
    assert "<marimo-" not in page
    assert "http" not in page.replace("http://www.w3.org", "").replace("https://anywidget.dev", "")


def test_only_the_first_cells_are_run():
    small_lesson.CALLS.clear()
    first.prepared(small_lesson)
    assert small_lesson.CALLS == [2]


def test_a_film_is_cut_and_says_that_more_will_come():
    fields = {"frames": [str(i) for i in range(30)], "captions": [str(i) for i in range(30)], "is_drawn": True}
    few = first.shortened({"file": "film", "state": fields})["state"]
    assert (len(few["frames"]), len(few["captions"]), few["is_drawn"]) == (first.FRAMES, first.FRAMES, False)
    assert first.shortened({"file": "film", "state": {"frames": ["1"], "is_drawn": True}})["state"]["is_drawn"]


def test_the_answer_begins_before_marimo_has_its_page():
    order = []

    async def page():
        order.append("asked")
        head = "<!DOCTYPE html><html lang='en'><head><title>x</title></head>"
        return f"{head}<body class='y'><div id='root'></div></body></html>"

    async def read():
        parts = []
        async for part in first.answer(LESSON, page).body_iterator:
            parts.append(part)
            order.append("sent")
        return parts

    parts = asyncio.run(read())
    assert order == ["sent", "asked", "sent"]
    whole = "".join(parts).lower()
    assert whole.count("<html") == whole.count("<body") == whole.count("</html>") == whole.count("<title>") == 1
    assert whole.index('id="dg-first"') < whole.index("id='root'")


def test_the_next_lessons_are_known():
    order = [lesson.slug for lesson in catalogue.lessons()]
    assert first.likely(order[3]) == order[3:5]
    assert first.likely(order[-1]) == order[-1:]


def test_without_a_lesson_it_is_the_first_that_is_not_done(monkeypatch):
    order = [lesson.slug for lesson in catalogue.lessons()]
    monkeypatch.setattr(first.progress, "load", lambda: {order[0]: {"done": "2026-01-01"}, order[1]: {"done": None}})
    assert first.likely("") == order[1:3]


def test_what_is_wanted_is_prepared_once_and_one_after_the_other(monkeypatch):
    asked = []
    monkeypatch.setenv("DEEPGLASS_AHEAD", "1")
    monkeypatch.setattr(first.subprocess, "run", lambda command, **_: asked.append(command[-1]))
    monkeypatch.setattr(first, "_asked", set())
    order = [lesson.slug for lesson in catalogue.lessons()]
    for _ in range(2):
        first.look_ahead(order[0])
        for thread in first.threading.enumerate():
            if thread.name == "first screens":
                thread.join(60)
    assert asked == order[:2]


@pytest.mark.slow
def test_it_goes_when_the_lesson_stands_behind_it(browser, tmp_path):
    files.write_json(first.place_of(LESSON.slug), first.prepared(small_lesson))
    late = """<div id="root"></div><script>setTimeout(() => {
        window.came = true;
        document.getElementById("root").innerHTML =
          '<header class="dg-opening"></header>' + '<div class="dg-widget"></div>'.repeat(9);
      }, 400)</script>"""
    (tmp_path / "page.html").write_text(first.beginning(LESSON) + late + "</body></html>")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    assert page.locator("#dg-first .dg-figure svg").count() == 1
    page.wait_for_function("() => !document.getElementById('dg-first')")
    assert page.evaluate("window.came")
    assert not page.evaluate("document.documentElement.classList.contains('dg-starting')")
    page.close()
