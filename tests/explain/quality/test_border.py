"""The border of a picture: a network that looks at the background is told from one that looks at the thing."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from deepglass.explain import Explanation
from deepglass.explain.page import border_lines
from deepglass.explain.quality import border

GRID = 4
CLASSES = SimpleNamespace(score_names=["rust", "blight"], scores_are_odds=True)
OWNER = np.arange(GRID * GRID).reshape(GRID, GRID).repeat(3, axis=0).repeat(3, axis=1)


def asked(weights):
    """A network that adds up the squares that are there."""
    game = lambda present: present @ weights  # noqa: E731
    ends = tuple(game(np.array([[False] * 16, [True] * 16])))
    return border.of(
        SimpleNamespace(parts=SimpleNamespace(owner=[OWNER[None]]), game=game, ends=ends, rows=[], task=CLASSES)
    )


@pytest.fixture(autouse=True)
def owner_is_numpy(monkeypatch):
    class Array(np.ndarray):
        def numpy(self):
            return np.asarray(self)

    monkeypatch.setitem(globals(), "OWNER", OWNER.view(Array))


def test_the_ring_is_the_squares_at_an_edge():
    ring = border.of_grid(np.asarray(OWNER)).reshape(GRID, GRID)
    assert ring.sum() == 12
    assert not ring[1:3, 1:3].any()


def test_a_network_of_the_background_is_told_from_one_of_the_thing():
    at_border, inside = np.zeros(16), np.zeros(16)
    at_border[0], inside[5] = 0.9, 0.9
    assert asked(at_border) == {"border": 0.9, "inside": 0.0, "share": 1.0, "tells": True}
    assert asked(inside) == {"border": 0.0, "inside": 0.9, "share": 0.0, "tells": False}


def test_where_the_picture_says_hardly_anything_the_border_is_not_accused():
    little = np.zeros(16)
    little[0] = 0.1
    assert asked(little)["tells"] is False


def test_the_warning_is_said_where_it_tells():
    measured = {"border": 0.8, "inside": 0.4, "share": 0.8, "tells": True}
    said = border_lines(Explanation("lime", "LIME", "squares", "blight", quality={"border": measured}))
    assert said[0] == "blight: 0.80 with the border of the picture alone, 0.40 without it"
    assert said[1].startswith("warning: the border tells")
    measured["tells"] = False
    assert len(border_lines(Explanation("lime", "LIME", "squares", quality={"border": measured}))) == 1


class Rows:
    """Pictures (N, 1, 12, 12), half of them bright in the middle, half of them bright at the border, or both."""

    def __init__(self, border_is_class):
        self.classes = torch.arange(20) % 2
        generator = torch.Generator().manual_seed(0)
        self.pictures = 0.01 * torch.rand(20, 1, 12, 12, generator=generator)
        self.pictures[self.classes == 1, :, 4:8, 4:8] += 1
        self.pictures[(self.classes if border_is_class else torch.arange(20) // 2 % 2) == 1, :, 0] += 1

    def __len__(self):
        return len(self.pictures)

    def inputs(self, rows):
        return (self.pictures[rows],)


def swapped(place_of_evidence, border_is_class, row=1):
    """What is measured of a network that looks at one pixel."""
    rows = Rows(border_is_class)

    def scores_of(inputs):
        yes = inputs[0][:, 0][:, place_of_evidence[0], place_of_evidence[1]].clamp(0.05, 0.95).numpy()
        return np.stack([1 - yes, yes], axis=1)

    subject = SimpleNamespace(
        rows=rows, row=row, place=int(rows.classes[row]), task=CLASSES, scores_of=scores_of,
        parts=SimpleNamespace(inputs=rows.inputs([row])),
    )  # fmt: skip
    subject.score_of = lambda inputs: scores_of(inputs)[:, subject.place]
    return border.exchanged(subject, torch.from_numpy(border.of_grid(np.asarray(OWNER))[np.asarray(OWNER)]))


def test_exchanged_borders_tell_what_the_network_looks_at():
    of_border, of_middle = swapped((0, 5), True), swapped((5, 5), True)
    assert of_border["loses"] > 0.9
    assert of_border["brings"] > 0.9
    assert of_border["same"] > 0.9
    assert of_middle == pytest.approx({"same": 0.95, "other": 0.95, "brings": 0.05, "loses": 0.0}, abs=0.01)


def test_without_pictures_of_both_kinds_nothing_is_exchanged(monkeypatch):
    monkeypatch.setattr(Rows, "__len__", lambda rows: 2 * border.FEWEST)
    assert swapped((0, 5), True) == {}


def test_what_was_exchanged_is_said():
    measured = {"border": 0.1, "inside": 0.4, "share": 0.0, "tells": True, "same": 0.9, "other": 0.2, "brings": 0.7}
    said = border_lines(Explanation("lime", "LIME", "squares", "blight", quality={"border": measured}))
    assert "0.90 with borders of other pictures of its class, 0.20 with those of other classes" in said[0]
    assert "0.70 inside this border" in said[0]
    assert said[1].startswith("warning: ")
