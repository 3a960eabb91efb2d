"""What pixels look like: numbers near zero are pale and not lost, one picture is as wide as was asked."""

import re

import numpy as np

from deepglass.draw.matrix import matrix
from deepglass.draw.pictures import pictures
from deepglass.draw.pixels import colored


def test_of_signed_numbers_only_zero_is_as_the_page():
    shades = colored(np.array([[-1.0, -0.1, 0.0, 0.1, 1.0]]), "signed", 1.0)[0]
    strength, is_blue = shades[:, 3], shades[:, 2] > shades[:, 0]
    assert np.allclose(strength, [1, 0.1, 0, 0.1, 1], atol=0.02)
    assert is_blue[3:].all()
    assert not is_blue[:2].any()


def test_one_picture_is_as_wide_as_was_asked():
    assert widths(pictures([np.eye(4)], width=2.0)) == [144.0]
    assert widths(pictures([np.eye(4)] * 2, width=2.0)) == [68.0, 68.0]


def test_names_of_rows_have_room_beside_a_matrix():
    (left,) = re.findall(r'<image x="([\d.]+)"', matrix(np.eye(2), ["queen", "king"]).svg())
    assert float(left) > 5 * 7 + 5  # five letters of 11 points, none wider than 7, and a gap


def widths(shown):
    """Of the pictures in an SVG, in points."""
    return [float(found) for found in re.findall(r'<image [^>]*?width="([\d.]+)"', shown.svg())]
