"""What `deepglass check` says of pictures with boxes."""

from deepglass.data.check import inspect
from deepglass.data.config import DataConfig
from deepglass.data.reading.source import read
from tests.data.reading.made_boxes import pictures, voc, voc_file, voc_object


def findings_of(folder):
    return inspect(read(str(folder), DataConfig()), DataConfig())


def test_sizes_and_rare_classes(tmp_path):
    voc(tmp_path)
    found = findings_of(tmp_path)
    assert found.task == "object-detection"
    assert found.images["found"]["boxes in a picture"] == "0 to 3, median 2"
    assert found.images["found"]["longer side of a box, of its picture"].startswith("7.5 % to 70.0 %")
    assert any("fewer than 30 boxes of cell (4), plate (2)" in warning for warning in found.warnings)


def test_odd_boxes_crowds_and_small_things(tmp_path):
    voc(tmp_path)
    pictures(tmp_path / "JPEGImages", ["big"], (640, 480))
    voc_file(tmp_path, "big", voc_object("cell", (1, 1, 8, 8)) * 101 + voc_object("cell", (9, 9, 1, 1)), (640, 480))
    warnings = " ".join(findings_of(tmp_path).warnings)
    assert "1 box empty or inverted (big.xml): left out" in warnings
    assert "of the boxes are smaller than a fortieth of their picture" in warnings
    assert "1 picture with more than 100 boxes" in warnings


def test_what_cannot_be_read_is_a_warning_and_no_error(tmp_path):
    voc(tmp_path)
    for i in range(20):
        pictures(tmp_path / "JPEGImages", [f"more{i}"])
        voc_file(tmp_path, f"more{i}", voc_object("cell", (1, 1, 9, 9)))
    (tmp_path / "Annotations" / "b.xml").write_text("<annotation><object>")
    assert any("b.xml is not valid XML" in warning for warning in findings_of(tmp_path).warnings)
