"""Pictures of labels: written and read back, scaled without new classes, laid over what they are of."""

import io

import numpy as np
from PIL import Image

from deepglass.core import label_pictures

RNG = np.random.default_rng(0)


def test_a_mask_is_a_png_whose_values_are_the_classes():
    labels = RNG.integers(0, 21, (13, 17)).astype(np.uint8)
    with Image.open(io.BytesIO(label_pictures.as_png(labels))) as image:
        assert (image.mode, image.size) == ("P", (17, 13))
        assert np.array_equal(np.asarray(image), labels)
        assert np.array_equal(np.asarray(image.convert("RGB")), label_pictures.palette()[labels])
    assert np.array_equal(label_pictures.from_uri(label_pictures.as_uri(labels)), labels)


def test_the_palette_is_that_of_pascal_voc_and_no_colour_occurs_twice():
    colours = label_pictures.palette()
    assert colours[15].tolist() == [192, 128, 128]  # a person
    assert colours[20].tolist() == [0, 64, 128]  # a monitor
    assert len(np.unique(colours[:250], axis=0)) == 250


def test_scaling_invents_no_class_and_keeps_edges_where_they_are():
    labels = np.zeros((8, 8), np.uint8)
    labels[:, 4:] = 7
    large = label_pictures.scaled(labels, 16, 32)
    assert np.array_equal(large, np.repeat(np.repeat(labels, 2, 0), 4, 1))
    assert set(np.unique(label_pictures.scaled(RNG.choice([0, 9], (9, 9)).astype(np.uint8), 5, 4))) <= {0, 9}
    assert label_pictures.scaled(labels, 8, 8) is labels


def test_shares_add_up_and_the_background_stays_clear():
    labels = np.array([[0, 1], [2, 2]], np.uint8)
    assert label_pictures.shares(labels, ["ground", "a", "b"]) == {"ground": 0.25, "a": 0.25, "b": 0.5}
    over = np.asarray(label_pictures.overlay(np.full((2, 2, 1), 100, np.uint8), labels))
    assert over[0, 0].tolist() == [100, 100, 100]
    assert over[0, 1].tolist() == [114, 50, 50]
