"""The kit's pictures: one call each, readable with the ears, named directly, the same limits through a film."""

import re

import numpy as np
import pytest

from deepglass import glass
from deepglass.core.errors import OptionError, ShapeError
from deepglass.course import kit
from deepglass.draw.drawing import moved_apart
from deepglass.draw.valley import lowest_place, rings

EVERY = {
    "curves": lambda: kit.curves({"train": [3, 2, 1], "test": [3, 2.5, 2.8]}, xlabel="epoch", marks={"floor": 0.5}),
    "scatter": lambda: kit.scatter({"a": np.eye(2), "b": np.ones((3, 2))}, lines={"edge": [(0, 1), (1, 0)]}),
    "valley": lambda: kit.valley(lambda p: (p**2).sum(1), xlim=(-2, 2), ylim=(-1, 1), paths={"walk": [(1, 1), (0, 0)]}),
    "bars": lambda: kit.bars({"age": 0.3, "income": -0.2}),
    "matrix": lambda: kit.matrix(np.eye(2), ["cat", "dog"], ["cat", "dog"], xlabel="told", ylabel="true"),
    "pictures": lambda: kit.pictures(np.zeros((3, 4, 4)), ["one", "two", "three"]),
}
every_picture = pytest.mark.parametrize("name", EVERY)


@every_picture
def test_it_is_a_figure_in_the_pages_colours_with_words_from_its_data(name):
    shown = EVERY[name]()
    assert re.search(r'<figure class="dg-figure".*<svg role="img" aria-label="[^"]{20,}"', shown.text)
    assert not re.search(r"#(000000|ffffff|0a0[bc]\d\d)\b", shown.svg())
    assert shown.words.endswith(".")


@every_picture
def test_a_film_is_made_of_it(name):
    film = kit.film((EVERY[name]() for _ in range(2)), label="Steps").widget
    assert len(film.frames) == 2
    assert film.is_drawn


def test_what_it_shows_is_named_on_it():
    assert {"train", "test", "floor"} <= texts(EVERY["curves"]())
    assert {"● a", "■ b", "edge"} <= texts(EVERY["scatter"]())
    assert "walk" in texts(EVERY["valley"]())
    assert {"age", "0.3", "income", "−0.2"} <= texts(EVERY["bars"]())
    assert {"cat", "dog", "told", "true", "1"} <= texts(EVERY["matrix"]())
    assert {"one", "two", "three"} <= texts(EVERY["pictures"]())


def test_alternative_texts_follow_the_data():
    assert "test begins at 3, is lowest 2.5 at epoch = 1, ends at 2.8" in EVERY["curves"]().words
    assert "after 1 step is at (0, 0), height 0" in EVERY["valley"]().words
    assert kit.scatter(np.array([[0, 0], [1, 1], [2, 2.1]])).words.count("rise together") == 1
    assert kit.bars({"a": {"x": 1, "y": 2}}).words == "a: 2 bars, from the largest: y 2, x 1."


def test_all_pictures_of_a_film_have_the_same_limits():
    film = kit.film([kit.curves([0, 1, 2][: n + 1], caption=str(n)) for n in range(3)]).widget
    ticks = [set(re.findall(r">([\d.−]+)</text>", frame)) for frame in film.frames]
    assert ticks[0] == ticks[1] == ticks[2]
    assert "2.0" in ticks[0]
    assert film.captions == ["0", "1", "2"]


def test_pairs_still_make_a_film_and_its_generator_still_returns():
    def coming():
        yield "<svg></svg>", "first"
        yield "<svg></svg>", "second"
        return "learnt"

    film = kit.film(coming(), waits=True).widget
    assert len(film.frames) == 1
    assert film.draw() == "learnt"
    assert film.captions == ["first", "second"]


def test_tensors_of_the_engine_are_numbers():
    losses = glass.tensor([3.0, 2.0], requires_grad=True) * 2
    assert "falls from 6 to 4" in kit.curves(losses).words


def test_names_beside_the_axes_do_not_touch():
    moved = moved_apart([0.5, 0.5, 0.51, 0.0], [0.1] * 4)
    assert np.diff(sorted(moved)).min() >= 0.0999
    assert moved[3] == 0.0


def test_the_lowest_place_lies_between_the_points_of_the_grid():
    x, y = np.linspace(-1, 1, 9), np.linspace(-2, 2, 9)
    heights = (x[None] - 0.31) ** 2 + 3 * (y[:, None] + 0.77) ** 2
    assert lowest_place(x, y, heights) == pytest.approx([0.31, -0.77])
    assert lowest_place(x, y, np.add.outer(y, x)) is None
    assert len(rings(np.ones((3, 3)), 5)) == 1


def test_a_valley_without_an_inner_lowest_place_claims_none():
    assert "Lowest" not in kit.valley(lambda p: p[:, 0], xlim=(0, 1), ylim=(0, 1)).words


@pytest.mark.parametrize(("shape", "names"), [((2, 3), ["only one"]), ((0, 3), []), ((3,), [])])
def test_a_matrix_says_what_does_not_fit(shape, names):
    with pytest.raises(ShapeError, match="a name for each row and column"):
        kit.matrix(np.zeros(shape), names)


def test_numbers_stand_in_small_tables_only_and_can_be_asked_for():
    assert "0.25" in texts(kit.matrix(np.full((2, 2), 0.25)))
    assert texts(kit.matrix(np.full((20, 20), 0.25))) == set()
    assert "0.25" in texts(kit.matrix(np.full((2, 20), 0.25), numbers=True, width=8))


@pytest.mark.parametrize(("images", "titles"), [([], []), (np.zeros((2, 3, 3)), ["one"])])
def test_pictures_want_titles_for_all_or_none(images, titles):
    with pytest.raises(OptionError, match="expected pictures and a title for each"):
        kit.pictures(images, titles)


def test_pictures_of_three_channels_and_of_signed_numbers():
    assert "3 × 5 pixels" in kit.pictures(np.zeros((1, 3, 5, 3))).words
    assert "orange is below zero" in kit.pictures(np.array([[[-1.0, 1.0]]])).words


def texts(shown):
    """Every line of text on a picture."""
    return set(re.findall(r">([^<>]+)</text>", shown.svg()))
