from pathlib import Path
from xml.etree import ElementTree

import pytest

from deepglass.core.errors import OptionError
from deepglass.core.roofline import Roofs
from deepglass.evaluate import roofline
from deepglass.zoo.layer_roofline import LayerRoofline, under

ROOFS = Roofs("a machine", 2, {"float32": 1e11, "bfloat16": 4e11}, {"copy": 1e10, "triad": 9e9}, {"forward": 1e-6})


@pytest.fixture
def placement() -> LayerRoofline:
    layers = [
        under(ROOFS, "float32", "conv", "Conv2d", (4e9, 4e7, 2), 0.08),
        under(ROOFS, "float32", "attention", "Attention", (1e8, 4e7, 2), 0.02),
        under(ROOFS, "float32", "norm", "LayerNorm", (0, 4e7, 2), 0.01),
    ]
    whole = under(ROOFS, "float32", "", "net", (4.1e9, 12e7, 6), 0.11)
    return LayerRoofline("net", "1×8×8 pixels", 64, "float32", layers, whole)


def words_of(path: Path) -> str:
    return " ".join(ElementTree.parse(path).getroot().itertext())


def test_the_picture_shows_roofs_and_layers(tmp_path, placement):
    roofline.write(tmp_path / "roofline.svg", ROOFS, placement)
    words = words_of(tmp_path / "roofline.svg")
    for expected in ("memory  10 GB/s", "bfloat16  400 GFLOP/s", "conv", "attention", "the whole step", "a machine"):
        assert expected in words
    assert "compute: 73% of the time" in words
    assert "norm" not in words  # without arithmetic there is no place for it
    assert "mathdefault" not in words


def test_without_a_model_the_roofs_stand_alone(tmp_path):
    roofline.write(tmp_path / "roofline.svg", ROOFS)
    assert "the whole step" not in words_of(tmp_path / "roofline.svg")


def test_a_png_is_written_too(tmp_path, placement):
    roofline.write(tmp_path / "roofline.png", ROOFS, placement)
    assert (tmp_path / "roofline.png").read_bytes().startswith(b"\x89PNG")


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(OptionError, match=r"\.svg or \.png, got roofline\.jpg"):
        roofline.write(tmp_path / "roofline.jpg", ROOFS)
    assert not list(tmp_path.iterdir())


def test_names_do_not_stand_upon_each_other():
    def at(intensity, measured):
        return under(ROOFS, "float32", f"{measured}", "", (intensity * 1e6, 1e6, 1), intensity * 1e6 / measured)

    kept = roofline.apart([at(10, 1e9), at(11, 1.1e9), at(10, 2e9), at(100, 1e9)])
    assert [round(dot.measured / 1e9, 1) for dot in kept] == [1.0, 2.0, 1.0]
