"""Black and white are decided once, for every kind of pixels, and hold for whatever comes later."""

import json

import numpy as np
import pytest

from deepglass.core.errors import DataError, OptionError
from deepglass.data.preprocess.pixel_scale import BYTES, PixelScale, few_levels, fit_scale, parse_range

RNG = np.random.default_rng(0)


def whole(low, high, dtype=np.uint16, count=40, size=12):
    return [RNG.integers(low, high + 1, (size, size, 1)).astype(dtype) for _ in range(count)]


def real(low, high, count=40):
    return [RNG.uniform(low, high, (12, 12, 1)).astype(np.float32) for _ in range(count)]


@pytest.mark.parametrize(
    ("pictures", "expected"),
    [
        (whole(0, 1000), (0, 1023)),
        (whole(1030, 1200), (0, 4095)),
        (whole(0, 16_000), (0, 16_383)),
        (whole(0, 60_000), (0, 65_535)),
        (whole(0, 200), (0, 255)),
        (whole(0, 4000, np.int64), (0, 4095)),
        (whole(0, 16, np.int32), (0, 16)),
        (whole(0, 100_000, np.int32), (0, (1 << 24) - 1)),
        (real(0, 1), (0, 1)),
        (real(0, 255), (0, 255)),
        ([np.round(picture) for picture in real(0, 4000)], (0, 4095)),
        (real(-1, 1), (-1, 1)),
    ],
)
def test_the_scale_holds_all_training_pictures(pictures, expected):
    scale, (guess,) = fit_scale(pictures)
    assert (scale.real if pictures[0].dtype.kind == "f" else scale.deep) == pytest.approx(expected, rel=1e-3)
    assert guess.option == "--pixel-range"


@pytest.mark.parametrize("dtype", [np.float32, np.int16])
def test_negative_values_have_a_scale_of_their_own(dtype):
    pictures = [RNG.normal(0, 300, (12, 12, 1)).astype(dtype) for _ in range(40)]
    scale, _ = fit_scale(pictures)
    low, high = scale.real or scale.deep
    assert low < -800 < 800 < high
    brightness = scale.apply(pictures[0])
    assert brightness.dtype == np.float32
    assert 0 <= brightness.min() < brightness.max() <= 255


def test_the_brighter_stays_the_brighter():
    """Picture by picture, 200 would stay 200 and 300 become 1."""
    scale, _ = fit_scale(whole(100, 900))
    dim, bright = (float(scale.apply(np.full((4, 4, 1), level, np.uint16)).mean()) for level in (200, 300))
    assert bright - dim == pytest.approx(100 * 255 / 1023, rel=1e-4)


def test_fine_steps_remain():
    scale, _ = fit_scale(whole(1030, 1200))
    assert scale.keeps_depth
    assert len(np.unique(scale.apply(np.arange(1030, 1201, dtype=np.uint16)))) == 171


@pytest.mark.parametrize("form", ["shares", "whole numbers", "floats"])
def test_bytes_in_another_type_become_bytes_again(form):
    pixels = RNG.integers(0, 256, (20, 12, 12, 1), dtype=np.uint8)
    arrays = {
        "shares": (pixels / 255).astype(np.float32),
        "whole numbers": pixels.astype(np.int64),
        "floats": pixels * 1.0,
    }
    scale, _ = fit_scale(list(arrays[form]))
    assert not scale.keeps_depth
    np.testing.assert_array_equal(scale.apply(arrays[form]), pixels)


def test_a_hot_pixel_does_not_stretch_the_scale_and_is_clipped():
    pictures = whole(0, 4000, count=120, size=16)
    pictures[3][5, 5] = 65_535
    scale, (guess,) = fit_scale(pictures)
    assert scale.deep == (0, 4095)
    assert "clipped" in guess.why
    assert scale.apply(pictures[3]).max() == 255
    assert scale.remarks() == ["1 picture with values beyond the scale of the training: they are clipped"]
    assert scale.remarks() == []


def test_each_kind_in_a_mixed_folder_has_its_own_scale():
    scale, _ = fit_scale([*whole(0, 4000), *whole(0, 255, np.uint8)])
    assert scale.apply(np.array([4095], np.uint16)) == scale.apply(np.array([255], np.uint8)) == 255
    assert scale.apply(np.array([7], np.uint8)).dtype == np.float32


def test_bytes_alone_need_no_scale():
    scale, guesses = fit_scale(whole(0, 255, np.uint8))
    assert (scale, guesses) == (PixelScale(), [])
    pixels = RNG.integers(0, 256, (3, 4, 4, 1), dtype=np.uint8)
    assert scale.apply(pixels) is pixels
    assert scale.apply(np.array([True, False])).tolist() == [255, 0]


def test_deep_pictures_for_a_run_that_was_trained_on_bytes():
    scale = PixelScale()
    np.testing.assert_array_equal(scale.apply(np.array([0, 255, 256, 65_535], np.uint16)), [0, 0, 1, 255])
    assert scale.apply(np.array([[0.0, 0.5, 1.0]])).tolist() == [[0, 128, 255]]
    assert scale.apply(np.array([0, 200])).tolist() == [0, 200]
    first, second = scale.remarks()
    assert "65,535 is read as white" in first
    assert "fewer than 32 levels" in first
    assert "floating point" in second
    for wrong in (np.array([0, 300]), np.array([-0.5, 1.0])):
        with pytest.raises(DataError, match="expected 0 to 255, as in training; scale them"):
            scale.apply(wrong)


def test_an_asked_range_is_taken_and_no_guess():
    scale, guesses = fit_scale(whole(0, 4000), "0,65535")
    assert (scale.deep, guesses) == ((0, 65_535), [])
    with pytest.raises(OptionError, match="all pictures have bytes"):
        fit_scale(whole(0, 9, np.uint8), "0,9")
    for wrong in ("9", "9,1", "a,b"):
        with pytest.raises(OptionError, match="--pixel-range: expected the values of black and white"):
            parse_range(wrong)


def test_what_is_no_number_is_refused():
    for value in (np.nan, np.inf):
        with pytest.raises(DataError, match="NaN or infinite"):
            fit_scale([np.array([0.5, value])])
        with pytest.raises(DataError, match="NaN or infinite"):
            PixelScale(real=(0, 1), keeps_depth=True).apply(np.array([0.5, value]))
    with pytest.raises(DataError, match="pixels of type complex128"):
        fit_scale([np.array([1j])])


def test_few_levels_are_told():
    steps = [(picture // 400) * 400 for picture in whole(0, 4000)]
    scale, _ = fit_scale(steps)
    assert "only 11 different values" in str(few_levels(steps, scale))
    assert few_levels(whole(0, 4000), fit_scale(whole(0, 4000))[0]) is None
    assert few_levels(whole(0, 9, np.uint8), PixelScale()) is None


def test_state_goes_through_json_and_older_runs_have_bytes():
    for scale in (PixelScale(), PixelScale((0, 4095), (-1, 1), True)):
        assert PixelScale.from_state(json.loads(json.dumps(scale.state()))) == scale
    assert PixelScale.from_state(None) == PixelScale()
    assert PixelScale().range_of(np.zeros(1, np.uint8)) == BYTES
