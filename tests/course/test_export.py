"""The exported course: opened from a disk, without a network, with pictures in place and widgets alive."""

import json

import pytest

from deepglass.core.errors import OptionError
from deepglass.course import catalogue, export


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "course"
    with pytest.MonkeyPatch.context() as patch:
        few = tuple(lesson for lesson in catalogue.lessons() if lesson.slug == "05_perceptron")
        patch.setattr(catalogue, "lessons", lambda: few)
        export.export(folder, runs_commands=False)
    return folder


@pytest.mark.slow("a lesson runs and becomes pages")
def test_it_opens_from_a_disk_without_a_network(site, browser):
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page, noise = context.new_page(), []
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("request", lambda request: noise.append(request.url) if request.url[:4] == "http" else None)
    page.goto((site / "index.html").as_uri())
    page.get_by_role("link", name="The perceptron").click()
    page.locator(".dg-plane canvas").first.wait_for()
    assert page.locator(".dg-figure svg").count() >= 2
    assert page.locator("math").count() >= 3
    assert page.locator("marimo-ui-element, marimo-tex").count() == 0
    page.get_by_text("the line rests").first.wait_for(timeout=120_000)  # the widgets are alive
    page.get_by_label("No, never").check()
    page.get_by_role("button", name="That is my guess").click()
    assert page.get_by_text("It depends. As long as").is_visible()
    page.get_by_role("button", name="Mark as done").click()
    page.get_by_role("link", name="Deepglass").click()
    page.locator("li.done").wait_for()
    assert noise == []
    context.close()


@pytest.mark.slow("a lesson runs and becomes pages")
def test_everything_lies_beside_it(site):
    notebook = json.loads((site / "notebooks" / "05_perceptron.ipynb").read_text())
    assert notebook["nbformat"] == 4
    assert "jupyter.dress()" in notebook["cells"][0]["source"]
    assert any("kit.plane(" in "".join(cell["source"]) for cell in notebook["cells"])
    assert (site / "source" / "05_perceptron.py").is_file()
    for page in site.rglob("*.html"):
        assert "cdn" not in page.read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 2_000_000


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(OptionError, match="expected a new or empty folder"):
        export.export(tmp_path)
    assert (tmp_path / "thesis.docx").read_text() == "years of work"


def test_controls_that_need_python_are_shown_as_they_stand():
    import marimo as mo

    shown = export.plain(mo.ui.slider(1, 9, value=4, label="depth").text)
    assert 'type="range" disabled min="1" max="9"' in shown
    assert "depth" in shown
    assert "marimo" not in shown
    assert "<b>tanh</b>" in export.plain(mo.ui.dropdown(["relu", "tanh"], value="tanh").text)


def test_a_slider_with_steps_shows_its_value_and_not_the_number_of_the_step():
    import marimo as mo

    shown = export.plain(mo.ui.slider(steps=[10, 100, 1000], value=100, label="questions").text)
    assert "<b>100</b>" in shown
    assert "<b>0.25</b>" in export.plain(mo.ui.slider(0, 1, 0.25, value=0.25).text)
    assert "<b>on</b>" in export.plain(mo.ui.switch(value=True).text)
    assert "<b>off</b>" in export.plain(mo.ui.switch(value=False).text)
