"""The border of a picture: a network that looks at the background is told from one that looks at the thing."""

from types import SimpleNamespace

import numpy as np
import pytest

from deepglass.explain import Explanation
from deepglass.explain.page import border_lines
from deepglass.explain.quality import border

GRID = 4
OWNER = np.arange(GRID * GRID).reshape(GRID, GRID).repeat(3, axis=0).repeat(3, axis=1)


def asked(weights):
    """A network that adds up the squares that are there."""
    game = lambda present: present @ weights  # noqa: E731
    ends = tuple(game(np.array([[False] * 16, [True] * 16])))
    return border.of(SimpleNamespace(parts=SimpleNamespace(owner=[OWNER[None]]), game=game, ends=ends))


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
    assert said[1].startswith("warning: the border alone tells")
    measured["tells"] = False
    assert len(border_lines(Explanation("lime", "LIME", "squares", quality={"border": measured}))) == 1
