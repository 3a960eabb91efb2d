"""What widgets are given: checked where they are made, small on the wire."""

from base64 import b64decode

import numpy as np
import pytest

from deepglass.core.errors import ShapeError
from deepglass.course import kit


def test_attention_wants_a_table_for_its_tokens():
    widget = kit.attention(np.eye(2), ["a", "b"], following=[{"x": 0.2, "y": 0.7}, {}]).widget
    assert widget.tables == {"": [[1, 0], [0, 1]]}
    assert widget.following == [[["y", 0.7], ["x", 0.2]], []]
    assert kit.attention(np.ones((2, 3)) / 3, ["a", "b"], looked_at=["p", "q", "r"]).widget.columns == ["p", "q", "r"]
    with pytest.raises(ShapeError, match=r"expected a table \(3, 3\) for these tokens, got \(2, 2\)"):
        kit.attention({"head 1": np.eye(2)}, ["a", "b", "c"])
    with pytest.raises(ShapeError, match="what follows for each of 2 tokens, got 1"):
        kit.attention(np.eye(2), ["a", "b"], following=[{}])


def test_feature_maps_are_bytes_of_one_scale_per_layer():
    maps = np.array([[[0.0, -2.0]], [[4.0, 1.0]], [[0, 0]]])
    layer = kit.layers({"conv": maps}, most=2).widget.layers[0]
    values = [np.frombuffer(b64decode(one), np.int8) * layer["top"] / 127 for one in layer["bytes"]]
    assert (layer["count"], layer["height"], layer["width"], len(values)) == (3, 1, 2, 2)
    assert values == [pytest.approx([0, -2], abs=0.02), pytest.approx([4, 1], abs=0.02)]


@pytest.mark.parametrize(("shape", "size"), [((5,), (5, 1, 1)), ((4, 6), (1, 4, 6)), ((2, 4, 6), (2, 4, 6))])
def test_a_layer_is_maps_a_picture_or_units(shape, size):
    layer = kit.layers({"it": np.zeros(shape)}).widget.layers[0]
    assert (layer["count"], layer["height"], layer["width"]) == size
    with pytest.raises(ShapeError, match="expected maps"):
        kit.layers({"it": np.zeros((1, 2, 3, 4))})


def test_boxes_and_masks_fit_their_picture():
    widget = kit.boxes(np.zeros((4, 6)), [((0, 0, 2, 2), "cat", 0.75)], masks={"cat": np.eye(4, 6)}).widget
    assert widget.size == [6, 4]
    assert widget.masks[0][2] == pytest.approx(4 / 24, abs=1e-4)
    assert len(widget.positions()) == 21
    with pytest.raises(ShapeError, match="expected a picture"):
        kit.boxes(np.zeros((4, 6, 2)))
    with pytest.raises(ShapeError, match=r"expected \(x1, y1, x2, y2\)"):
        kit.boxes(np.zeros((4, 6)), truth=[((0, 0, 2), "cat")])
    with pytest.raises(ShapeError, match=r"expected a mask \(4, 6\)"):
        kit.boxes(np.zeros((4, 6)), masks={"cat": np.eye(4)})


def test_a_loop_says_its_points_and_its_examples():
    widget = kit.loop({"a triangle": [(0, 0), (1, 0), (0, 1)], "another": [(0, 0), (-1, 0), (0, 1)]}).widget
    assert widget.drawn().tolist() == [[0, 0], [1, 0], [0, 1]]
    assert [position["points"][1] for position in widget.positions()] == [[1, 0], [-1, 0]]
    widget.points = [[0, 0], [0.5, 0], [0, 0.5], [0.2, 0.2]]
    assert widget.drawn().shape == (4, 2)
