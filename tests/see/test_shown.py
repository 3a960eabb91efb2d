"""A panel, opened: computed once for every state of the weights, and never shown of another."""

import types

import pytest

from deepglass.core.errors import DataError
from deepglass.core.run_folder import RunFolder
from deepglass.draw.drawing import Marked
from deepglass.see import Asked, NotForThisRun, View, shown
from deepglass.see.opened import Opened


@pytest.fixture
def asked_for(monkeypatch, tmp_path):
    """What the panel was asked, each time that it computed something; the store is a folder of this test."""
    seen = []

    def show(opened, asked):
        if asked.row == 404:
            raise NotForThisRun("there is <nothing>.")
        if asked.row == 500:
            raise DataError("row 500: expected less")
        seen.append(asked)
        return View("said <b>", [Marked(f"<p>{len(seen)}</p>")], {"count": len(seen)})

    monkeypatch.setattr(shown.catalogue, "load", lambda folder, name: types.SimpleNamespace(show=show))
    monkeypatch.setattr(shown.platformdirs, "user_cache_path", lambda name: tmp_path / "cache")
    return seen


@pytest.fixture
def opened(tmp_path):
    folder = RunFolder(tmp_path / "run").create()
    folder.write("config.json", {"task": "t", "model": "m"})
    folder.write_bytes("weights.safetensors", b"one")
    return Opened(folder, lambda: None)


def test_the_second_look_computes_nothing(opened, asked_for):
    first, second = shown.show(opened, "valley"), shown.show(Opened(opened.folder, lambda: None), "valley")
    assert len(asked_for) == 1
    assert (second.html, second.facts, second.say) == (first.html, first.facts, first.say)


def test_other_weights_another_question_and_another_panel_are_computed(opened, asked_for):
    shown.show(opened, "walk")
    shown.show(opened, "walk", Asked(row=2))
    shown.show(opened, "filters")
    opened.folder.write_bytes("weights.safetensors", b"two")
    shown.show(opened, "walk")
    assert len(asked_for) == 4


def test_an_input_that_has_changed_is_computed_anew(opened, asked_for, tmp_path):
    path = tmp_path / "mine.csv"
    for content in ("a\n1\n", "a\n1\n", "a\n22\n"):
        if not path.exists() or path.read_text() != content:
            path.write_text(content)
        shown.show(opened, "walk", Asked(input=str(path)))
    assert len(asked_for) == 2


def test_what_has_no_name_is_not_kept(opened, asked_for):
    for _ in range(2):
        shown.show(opened, "walk", Asked(input={"a": 1}))
    assert len(asked_for) == 2


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"fits": true}', b'{"fits":1,"say":1,"html":1,"facts":1}'])
def test_a_store_that_is_damaged_is_written_anew(opened, asked_for, content):
    shown.show(opened, "valley")
    (place,) = (opened.folder.path.parent / "cache" / "see").glob("*.json")
    place.write_bytes(content)
    assert shown.show(opened, "valley").facts == {"count": 2}
    assert shown.show(opened, "valley").facts == {"count": 2}


def test_the_store_does_not_grow_for_ever(opened, asked_for, monkeypatch):
    monkeypatch.setattr(shown, "MOST_KEPT", 3)
    for row in range(1, 7):
        shown.show(opened, "walk", Asked(row=row))
    assert len(list((opened.folder.path.parent / "cache" / "see").glob("*.json"))) == 3


def test_a_reason_is_told_and_not_kept_and_a_mistake_is_an_error(opened, asked_for):
    found = shown.show(opened, "walk", Asked(row=404))
    assert not found.fits
    assert found.text == '<p class="dg-none">Not for this run: there is &lt;nothing&gt;.</p>'
    assert not (opened.folder.path.parent / "cache").exists()
    with pytest.raises(DataError):
        shown.show(opened, "walk", Asked(row=500))


def test_what_is_said_is_text(opened, asked_for):
    assert '<p class="dg-say">said &lt;b&gt;</p>' in shown.show(opened, "walk").text


def test_before_there_are_weights_nothing_is_kept_and_the_network_is_not_asked_for(tmp_path):
    folder = RunFolder(tmp_path / "run").create()
    folder.write("config.json", {"task": "t", "model": "m"})
    found = shown.show(Opened(folder, lambda: pytest.fail("loaded")), "valley")
    assert "no weights yet" in found.say
