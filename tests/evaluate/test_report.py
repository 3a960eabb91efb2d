"""The report: whole for each task, self-contained, clean in a real browser, and unbroken where files are missing."""

import re
import shutil
from itertools import pairwise

import pytest

from deepglass.core.run_folder import RunFolder
from deepglass.evaluate import report
from tests.evaluate.run_folders import TASKS

SECTIONS = {
    "image-classification": {"scores", "learning", "answers", "mistakes", "data", "model", "environment", "repeat"},
    "language-modelling": {"scores", "learning", "mistakes", "data", "model", "environment", "repeat"},
}


def page(folder: RunFolder) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("task", TASKS)
def test_a_report_holds_every_section_and_asks_for_nothing_outside(finished_run, task):
    html = page(finished_run(task))
    expected = SECTIONS.get(task, SECTIONS["image-classification"])
    assert set(re.findall(r'<section id="(\w+)"', html)) == expected
    assert not re.search(r"https?://", html)
    assert "<script" not in html


def test_a_report_shows_what_the_run_knows(finished_run):
    folder = finished_run("image-classification")
    html, metrics = page(folder), folder.read("metrics.json")
    assert f"{100 * metrics['test']['accuracy']['value']:.1f} %" in html
    assert "most frequent class" in html
    assert html.count("data:image/png;base64,") == len(folder.read("mistakes.json"))
    for guess in folder.read("guesses.json"):
        assert guess["option"] in html
    assert "deepglass train --config image-classification" in html
    assert "body" in html
    assert "weight 64×64" in html


def test_the_same_run_gives_the_same_page(finished_run):
    folder = finished_run("tabular-regression")
    before = page(folder)
    report.write_report(folder)
    assert page(folder) == before


@pytest.mark.parametrize("missing", [
    "guesses.json", "history.json", "metrics.json", "outputs.npz", "mistakes.json", "environment.json", "task.json",
    "weights.safetensors",
])  # fmt: skip
def test_a_missing_file_leaves_out_its_part_only(finished_run, tmp_path, missing):
    copy = RunFolder(shutil.copytree(finished_run("tabular-classification").path, tmp_path / "copy"))
    (copy / missing).unlink()
    report.write_report(copy)
    assert "Repeat and go on" in page(copy)


def test_an_empty_run_still_has_a_page(tmp_path):
    folder = RunFolder(tmp_path / "new").create()
    folder.write("config.json", {"source": "x.csv", "task": "forecasting", "model": "dlinear"})
    report.write_report(folder)
    assert "dlinear" in page(folder)


def test_names_from_the_data_stay_text(finished_run, tmp_path):
    copy = RunFolder(shutil.copytree(finished_run("text-classification").path, tmp_path / "copy"))
    evil = "<img src=x onerror=alert(1)>"
    copy.write("mistakes.json", [
        {"id": 1, "target": evil, "predicted": "$x_", "probability": 0.9, "loss": 3, "text": evil},
        {"id": 2, "target": "a", "predicted": "b", "probability": 0.9, "loss": 3, "image": "http://elsewhere/x.png"},
    ])  # fmt: skip
    report.write_report(copy)
    assert "<img" not in page(copy)
    assert "&lt;img src=x" in page(copy)


def test_ids_of_two_drawings_do_not_meet(finished_run):
    ids = re.findall(r'\bid="([^"]+)"', page(finished_run("image-classification")))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("task", TASKS)
def test_a_browser_opens_the_report_without_complaint(browser, finished_run, task):
    tab = browser.new_page(viewport={"width": 360, "height": 800}, color_scheme="dark")
    complaints, requests = [], []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto((finished_run(task) / "report.html").resolve().as_uri())
    assert complaints == []
    assert [url for url in requests if not url.startswith("data:")] == [tab.url]
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360  # a telephone never scrolls sideways
    assert tab.locator("img:not([alt])").count() == 0
    assert tab.locator("svg:not([aria-label])").count() == 0
    assert tab.locator("th:not([scope])").count() == 0
    levels = tab.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    tab.close()


def test_text_can_be_read_by_day_and_by_night(browser, finished_run):
    luminance = """style => {
        const [r, g, b] = style.match(/[\\d.]+/g).map(v => v / 255)
            .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b; }"""
    for scheme in ("light", "dark"):
        tab = browser.new_page(color_scheme=scheme)
        tab.goto((finished_run("image-classification") / "report.html").resolve().as_uri())
        for selector, ground in {".note": "section", ".meaning": ".tile", ".said": ".mistake", "nav a": "body"}.items():
            color = tab.locator(selector).first.evaluate("e => getComputedStyle(e).color")
            behind = tab.locator(ground).first.evaluate("e => getComputedStyle(e).backgroundColor")
            light, dark = sorted((tab.evaluate(luminance, color), tab.evaluate(luminance, behind)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{selector} by {scheme}"  # WCAG 2.2, level AA
        tab.close()
