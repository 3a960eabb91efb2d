"""The exported course: opened from a disk, without a network, with pictures in place and widgets alive."""

import json

import pytest

from deepglass.core.errors import OptionError, RunError
from deepglass.course import catalogue, export

BROKEN: set[str] = set()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site") / "course"
    with pytest.MonkeyPatch.context() as patch:
        few = tuple(lesson for lesson in catalogue.lessons() if lesson.slug == "05_perceptron")
        patch.setattr(catalogue, "lessons", lambda: few)
        export.export(folder, runs_commands=False, processes=1)
    return folder


@pytest.mark.slow
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
    page.get_by_text("the line rests").first.wait_for(timeout=20_000)  # the widgets are alive
    page.get_by_label("No, never").check()
    page.get_by_role("button", name="That is my guess").click()
    assert page.get_by_text("It depends. As long as").is_visible()
    page.get_by_role("button", name="Mark as done").click()
    page.get_by_role("link", name="Deepglass").click()
    page.locator("li.done").wait_for()
    assert noise == []
    context.close()


@pytest.mark.slow
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


@pytest.fixture
def written(monkeypatch):
    """Lessons that were written, without running them; a lesson in `BROKEN` stops."""
    done = []

    def write(lesson, folder, *options):
        if lesson.slug in BROKEN:
            raise RunError(f"lesson {lesson.slug} stopped")
        done.append(lesson.slug)
        (folder / "lessons" / lesson.slug).mkdir(parents=True)
        (folder / "lessons" / lesson.slug / "index.html").write_text("a page")

    few = catalogue.lessons()[:3]
    monkeypatch.setattr(catalogue, "lessons", lambda: few)
    monkeypatch.setattr(export, "write", write)
    return done


def test_an_export_that_was_interrupted_goes_on_where_it_stopped(written, tmp_path, capsys, monkeypatch):
    slugs = [lesson.slug for lesson in catalogue.lessons()]
    monkeypatch.setattr("tests.course.test_export.BROKEN", {slugs[1]})
    with pytest.raises(RunError, match="stopped"):
        export.export(tmp_path / "site", processes=1)
    assert (tmp_path / "site" / "index.html").is_file()  # the home page comes first
    monkeypatch.setattr("tests.course.test_export.BROKEN", set())
    export.export(tmp_path / "site", processes=1)
    assert written == slugs
    assert "1 of 3 lessons are there from before" in capsys.readouterr().out
    export.export(tmp_path / "site", processes=1)
    assert written == slugs
    export.export(tmp_path / "site", notebooks=False, processes=1)  # made of something else: all anew
    assert written == 2 * slugs


def test_a_page_that_was_lost_is_written_again(written, tmp_path):
    export.export(tmp_path / "site", processes=1)
    slug = catalogue.lessons()[0].slug
    (tmp_path / "site" / "lessons" / slug / "index.html").unlink()
    (tmp_path / "site" / "lessons" / slug).rmdir()
    export.export(tmp_path / "site", processes=1)
    assert written[3:] == [slug]


def test_an_export_of_an_earlier_version_is_replaced(written, tmp_path):
    (tmp_path / "lessons" / "99_gone").mkdir(parents=True)
    (tmp_path / ".deepglass-course").write_text("made by deepglass course export\n")
    export.export(tmp_path, processes=1)
    assert not (tmp_path / "lessons" / "99_gone").exists()
