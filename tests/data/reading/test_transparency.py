"""The ground under transparent pictures: one for a folder, on which nothing gets lost."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from deepglass.data.config import DataConfig
from deepglass.data.reading.decode import decode
from deepglass.data.reading.source import read
from deepglass.data.reading.transparency import choose_background


def icon(colour, shape="disc", mode="RGBA"):
    """A drawing of one colour; all else is transparent, and of that colour too."""
    alpha = Image.new("L", (24, 24), 0)
    draw = ImageDraw.Draw(alpha)
    (draw.ellipse if shape == "disc" else draw.rectangle)((5, 6, 17, 18), fill=255)
    picture = Image.new("RGB", (24, 24), (colour,) * 3)
    picture.putalpha(alpha)
    return picture.convert(mode) if mode != "RGBA" else picture


def fill(folder, colours, **options):
    for shape in ("disc", "square"):
        (folder / shape).mkdir(parents=True)
        for i, colour in enumerate(colours):
            icon(colour, shape, **options).save(folder / shape / f"{i}.png")
    return folder


@pytest.mark.parametrize(
    ("colours", "ground"),
    [
        ([0] * 6, "white"),
        ([255] * 6, "black"),
        ([0, 255] * 3, "grey"),
        ([120] * 6, "white"),
        ([255] * 5 + [200], "black"),
    ],
)
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_drawings_stay_visible(tmp_path, colours, ground, mode):
    images = read(fill(tmp_path / "icons", colours, mode=mode), DataConfig())
    assert images.background == ground
    assert images.pixels.reshape(len(images), -1).std(axis=1).min() > 10
    assert any(guess.what == "transparency" and ground in guess.value for guess in images.guesses)


def test_pictures_whose_alpha_is_zero_show_their_colours(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (12, 24, 24, 4), dtype=np.uint8)
    noise[..., 3] = 0
    for i, pixels in enumerate(noise):
        (tmp_path / "ab"[i % 2]).mkdir(exist_ok=True)
        Image.fromarray(pixels).save(tmp_path / "ab"[i % 2] / f"{i:02}.png")
    images = read(tmp_path, DataConfig())
    assert images.background == "none"
    np.testing.assert_array_equal(images.pixels[0], noise[0, ..., :3])
    assert "left out" in str(images.guesses)


def test_transparency_of_a_palette_and_of_a_colour_key(tmp_path):
    palette = icon(255).convert("P")
    palette.info["transparency"] = palette.getpixel((0, 0))
    palette.save(tmp_path / "a.png", transparency=palette.getpixel((0, 0)))
    key = Image.new("RGB", (8, 8), (9, 9, 9))
    key.save(tmp_path / "b.png", transparency=(9, 9, 9))
    assert decode(tmp_path / "b.png", 3, "white").min() == 255
    assert decode(tmp_path / "b.png", 3, "black").max() == 0
    assert decode(tmp_path / "b.png", 3, "none").max() == 9
    assert decode(tmp_path / "a.png", 3, "black")[0, 0].max() == 0


def test_opaque_pictures_leave_nothing_to_decide():
    opaque = Image.new("RGBA", (8, 8), (1, 2, 3, 255))
    assert choose_background([lambda: opaque] * 3) == ("white", "")
    assert choose_background([]) == ("white", "")


def test_the_training_pictures_decide(tmp_path):
    fill(tmp_path / "train", [255] * 6)
    fill(tmp_path / "test", [0] * 6)
    assert read(tmp_path, DataConfig()).background == "black"


def test_what_is_asked_for_is_taken(tmp_path):
    images = read(fill(tmp_path / "icons", [255] * 6), DataConfig(background="grey"))
    assert images.background == "grey"
    assert not any(guess.what == "transparency" for guess in images.guesses)
    assert images.pixels[0][0, 0].tolist() == [128] * 3
