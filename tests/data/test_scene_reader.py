"""Scenes: what the captions say is what is drawn, and what is drawn can be read back by rule."""

import numpy as np
import pytest

from deepglass.data import scene_reader
from deepglass.data.datasets import drawn_scenes
from deepglass.data.datasets.drawn_scenes import OPPOSITE, PAIRS, THINGS, Scene, Thing

RED, BLUE = Thing("red", "circle"), Thing("blue", "square")


@pytest.fixture(scope="module")
def layout():
    return drawn_scenes.load()


def rng():
    return np.random.default_rng(0)


def test_at_least_99_of_100_real_scenes_are_read_as_they_were_drawn(layout):
    images, rows = layout.content, np.r_[:300, layout.splits["test"]]
    right = scene_reader.agreements(images.pixels[rows], images.frame["caption"].iloc[rows])
    assert right.mean(axis=0).min() >= 0.99


def test_pairs_of_the_test_are_never_seen_together_and_every_thing_is_seen(layout):
    frame, train, test = layout.content.frame, layout.splits["train"], layout.splits["test"]

    def pairs(rows):
        return {
            frozenset({things.thing, things.other}) for things in map(drawn_scenes.parse, frame["caption"].iloc[rows])
        }

    kept_back = {frozenset(pair) for pair in drawn_scenes.held_back()}
    assert pairs(test) == kept_back
    assert not pairs(np.r_[train, layout.splits["val"]]) & kept_back
    assert {thing for pair in pairs(train) for thing in pair if thing} == set(THINGS)


def test_a_caption_is_the_scene_that_it_says():
    for first, second in PAIRS[:6]:
        for relation in OPPOSITE:
            scene = Scene(first, relation, second)
            assert drawn_scenes.parse(scene.caption) == scene
            assert scene.turned.turned == scene
    assert drawn_scenes.parse("the red circle is below the blue square.") == Scene(RED, "below", BLUE)


@pytest.mark.parametrize("caption", ["", "a dog", "a red", "a red circle beside a blue square", "a red circle left of"])
def test_what_is_no_caption_of_a_scene_is_none(caption):
    assert drawn_scenes.parse(caption) is None


def test_what_is_wrong_in_a_picture_is_told_part_by_part():
    picture = drawn_scenes.draw(Scene(RED, "left of", BLUE), rng())
    captions = [
        "a red circle left of a blue square",
        "a blue square right of a red circle",
        "a red circle right of a blue square",
        "a red square left of a blue circle",
        "a green circle left of a blue square",
        "a red circle",
    ]
    found = scene_reader.agreements([picture] * len(captions), captions)
    assert found[:, 0].tolist() == [True, True, False, False, False, False]
    assert found[2].tolist() == [False, True, True, False]
    assert found[4].tolist() == [False, False, True, False]
    assert not found[5].any()


def test_noise_blots_and_a_third_thing_are_no_scene():
    noise = rng().integers(0, 256, (16, 16, 3)).astype(np.uint8)
    assert scene_reader.read(noise) is None
    picture = drawn_scenes.draw(Scene(RED), rng())
    blot = np.full_like(picture, drawn_scenes.PAPER)
    blot[3:6, 2:13] = drawn_scenes.COLOURS["red"]
    assert scene_reader.read(blot) is None
    three = np.full_like(picture, drawn_scenes.PAPER)
    for place in (0, 5, 10):
        three[place : place + 5, place : place + 5] = drawn_scenes.COLOURS["blue"]
    three[5] = three[10] = drawn_scenes.PAPER
    assert scene_reader.read(three) is None


def test_pale_and_smeared_shapes_are_not_taken_for_things():
    picture = drawn_scenes.draw(Scene(Thing("green", "triangle")), rng()).astype(float)
    smeared = np.mean([np.roll(picture, (dy, dx), (0, 1)) for dy in range(4) for dx in range(4)], axis=0)
    assert scene_reader.read(smeared.astype(np.uint8)) != Scene(Thing("green", "triangle"))
