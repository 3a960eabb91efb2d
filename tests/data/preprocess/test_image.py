"""Pictures before the network: size and brightness learnt from training alone, inputs of every kind, clear errors."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.preprocess.image import ImagePreprocessor, fit_to, read_inputs, with_channels

RNG = np.random.default_rng(0)


def pictures(count: int = 40, size: tuple[int, int] = (12, 10), channels: int = 3) -> Images:
    pixels = RNG.integers(0, 256, (count, *size, channels), dtype=np.uint8)
    return Images("made", np.arange(count) % 2, ["a", "b"], channels, pixels=pixels)


def save(path, pixels: np.ndarray, **options):
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.fixture
def fitted() -> ImagePreprocessor:
    return ImagePreprocessor.fit(pictures(), np.arange(30))


def test_brightness_is_that_of_the_training_rows_alone():
    images = pictures()
    images.pixels[30:] = 255
    fitted = ImagePreprocessor.fit(images, np.arange(30))
    np.testing.assert_allclose(fitted.mean, images.pixels[:30].mean((0, 1, 2)))
    np.testing.assert_allclose(fitted.std, images.pixels[:30].std((0, 1, 2)))


def test_normalised_training_pictures_have_mean_zero_and_spread_one(fitted):
    images = pictures()
    fitted = ImagePreprocessor.fit(images, np.arange(40))
    (batch,) = fitted.transform()((torch.from_numpy(images.pixels).permute(0, 3, 1, 2),))
    assert batch.dtype == torch.float32
    torch.testing.assert_close(batch.mean((0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(batch.std((0, 2, 3)), torch.ones(3), atol=1e-3, rtol=0)


def test_blank_pictures_do_not_divide_by_zero():
    images = Images("blank", np.zeros(4, int), ["a"], 1, pixels=np.full((4, 8, 8, 1), 9, np.uint8))
    fitted = ImagePreprocessor.fit(images, np.arange(4))
    assert torch.isfinite(fitted.normalize(torch.full((4, 1, 8, 8), 9.0))).all()


def test_state_goes_through_json(fitted):
    assert ImagePreprocessor.from_state(json.loads(json.dumps(fitted.state()))) == fitted


@pytest.mark.parametrize(
    ("size", "asked", "chosen"),
    [((28, 28), None, (28, 28)), ((20, 60), None, (20, 60)), ((200, 300), None, (96, 96)), ((28, 28), 40, (40, 40))],
)
def test_small_pictures_keep_their_size(size, asked, chosen):
    fitted = ImagePreprocessor.fit(pictures(4, size), np.arange(4), asked)
    assert (fitted.height, fitted.width) == chosen
    assert fitted.pixels(pictures(3, size), np.array([0, 2])).shape == (2, *chosen, 3)


def test_files_of_many_sizes_become_squares(tmp_path):
    sizes = [(50, 70), (60, 90), (80, 40)]
    paths = [save(tmp_path / f"{i}.png", np.zeros((*s, 3), np.uint8)) for i, s in enumerate(sizes)]
    fitted = ImagePreprocessor.fit(Images("f", np.zeros(3, int), ["a"], 3, paths=paths), np.arange(3))
    assert (fitted.height, fitted.width) == (50, 50)
    assert fitted.load(paths[1]).shape == (50, 50, 3)


def test_scaling_covers_and_cuts_evenly():
    stripes = np.zeros((10, 30, 1), np.uint8)
    stripes[:, 10:20] = 200
    np.testing.assert_array_equal(fit_to(stripes, 10, 10), np.full((10, 10, 1), 200))


def test_grey_and_colour_turn_into_each_other():
    grey = np.array([[[[7]]]], np.uint8)
    np.testing.assert_array_equal(with_channels(grey, 3), [[[[7, 7, 7]]]])
    np.testing.assert_array_equal(with_channels(np.array([[[[255, 0, 0]]]], np.uint8), 1), [[[[76]]]])


# -- inputs of a prediction -----------------------------------------------------------------------------------------


def test_a_file_a_folder_and_a_list_of_them(tmp_path):
    (tmp_path / "sub").mkdir()
    first = save(tmp_path / "a.png", np.zeros((5, 5), np.uint8))
    second = save(tmp_path / "sub" / "b.jpg", np.zeros((5, 5), np.uint8))
    assert read_inputs(first, 1, DataConfig())[1] == {"file": [str(first)]}
    assert read_inputs(str(tmp_path), 1, DataConfig())[1] == {"file": [str(first), str(second)]}
    assert read_inputs([second, first], 1, DataConfig())[0].paths == [second, first]


@pytest.mark.parametrize(
    ("shape", "channels", "count"), [((5, 5), 1, 1), ((5, 6, 3), 3, 1), ((7, 5, 3), 1, 7), ((7, 5, 5, 3), 3, 7)]
)
def test_arrays(shape, channels, count):
    images, names = read_inputs(np.zeros(shape, np.uint8), channels, DataConfig())
    assert len(images) == count
    assert names == {"row": list(range(count))}


def test_a_folder_without_pictures_says_what_is_expected(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(DataError, match=r"has no pictures: expected files that end in \.jpg"):
        read_inputs(tmp_path, 1, DataConfig())


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nothing\.png does not exist"):
        read_inputs(tmp_path / "nothing.png", 1, DataConfig())


def test_a_table_is_no_picture():
    import pandas as pd

    with pytest.raises(DataError, match=r"no set of pictures|expected"):
        read_inputs(pd.DataFrame({"x": [1, 2], "y": [3, 4]}), 1, DataConfig())


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jpg", b"", "empty"),
        ("zeros.png", bytes(100), "zero bytes"),
        ("text.jpg", b"this is a text\n", "text, not a picture"),
        ("short.png", b"\x89PNG\r\n\x1a\n\0\0", "picture|truncated"),
    ],
)
def test_broken_files_are_named_and_explained(fitted, tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as error:
        fitted.load(tmp_path / name)
    assert name in str(error.value)


def test_a_truncated_picture_is_named(fitted, tmp_path):
    whole = save(tmp_path / "whole.jpg", RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8)).read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"cut\.jpg is truncated"):
        fitted.load(tmp_path / "cut.jpg")


def test_a_decompression_bomb_is_refused_by_its_header(fitted, tmp_path):
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    with pytest.raises(DataError, match=r"bomb\.png unpacks to more than"):
        fitted.load(tmp_path / "bomb.png")


def test_cmyk_sixteen_bit_palette_and_animated_pictures_are_read(fitted, tmp_path):
    colour = RNG.integers(0, 256, (20, 20, 3), dtype=np.uint8)
    Image.fromarray(colour).convert("CMYK").save(tmp_path / "cmyk.jpg")
    Image.fromarray((np.arange(400).reshape(20, 20) * 160).astype(np.uint16)).save(tmp_path / "deep.png")
    Image.fromarray(colour).convert("P").save(tmp_path / "palette.gif")
    frames = [Image.fromarray(np.full((20, 20, 3), v, np.uint8)) for v in (10, 200)]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    for name in ("cmyk.jpg", "deep.png", "palette.gif", "moving.gif"):
        assert fitted.load(tmp_path / name).shape == (12, 10, 3)
    assert fitted.load(tmp_path / "moving.gif").max() < 30  # the first frame
    assert fitted.load(tmp_path / "deep.png").std() > 20  # the upper byte, not all white
