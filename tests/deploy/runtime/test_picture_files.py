"""Pictures are judged by their header: formats, sizes, what unpacking would take; nothing large is unpacked."""

import base64
import builtins
import io
import subprocess
import time

import numpy as np
import pytest
from bench.hostile import pictures as hostile
from PIL import Image

from deepglass.data.reading import picture_formats
from deepglass.data.reading.decode import decode as decode_in_training
from deepglass.deploy.runtime import picture_files
from deepglass.deploy.runtime.errors import InputError
from deepglass.deploy.runtime.limits import Limits
from deepglass.deploy.runtime.picture_files import Budget, opened
from deepglass.deploy.runtime.pictures import Pictures, from_base64, unpacked

LIMITS = Limits()
BUDGET = Budget(40_000_000, LIMITS.max_picture_bytes)
GREY = {"name": "image", "tensor": "images", "height": 8, "width": 8, "channels": 1}


def encoder(**changes) -> Pictures:
    return Pictures(GREY | changes, BUDGET, LIMITS.max_pixels)


def saved(pixels: np.ndarray, form: str, **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


@pytest.fixture
def nothing_is_unpacked(monkeypatch):
    """Fails a test in which pixels are made."""
    monkeypatch.setattr(Image.Image, "load", lambda *_: pytest.fail("unpacked"))


def test_training_and_the_runtime_open_the_same_formats():
    assert picture_files.FORMATS == picture_formats.FORMATS


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM"])
def test_every_format_of_the_list_is_read_as_in_training(form, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (30, 24, 3), dtype=np.uint8)
    content = saved(pixels, form)
    (tmp_path / "picture").write_bytes(content)
    for channels in (1, 3):
        came = np.asarray(unpacked(opened(content, channels, BUDGET), channels)).reshape(30, 24, channels)
        np.testing.assert_array_equal(came, decode_in_training(tmp_path / "picture", channels))


@pytest.mark.parametrize("place", range(len(hostile.ODD)))
def test_odd_files_are_refused_or_small_and_start_nothing(place, monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a program was started"))
    monkeypatch.setattr(builtins, "open", lambda *_, **__: pytest.fail("a file was opened"))
    try:
        came = encoder().encode([hostile.ODD[place]])["images"].shape
    except InputError as error:
        came = error.field
    assert came in ((1, 8, 8, 1), "image")


@pytest.mark.parametrize(("content", "message"), [
    (hostile.bomb("L", 20_000), "at most 40,000,000|far more pixels"),
    (hostile.bomb("RGB", 6300), "to unpack"),
    (hostile._ico(13_000), "in a known format"),
    (hostile.EPS, "in a known format"),
    (hostile._tiff(8, 8, 60_000), "tiles"),
    (hostile._tiff(60_000, 60_000, 16), "at most 40,000,000|far more pixels"),
    (hostile._gif(20_000), "at most 40,000,000|far more pixels"),
    (hostile._webp(16_000, 16_000), "damaged|pixels"),
    (b"P2\n3000 3000\n255\n", "rare kind"),
])  # fmt: skip
@pytest.mark.usefixtures("nothing_is_unpacked")
def test_what_would_take_too_much_is_refused_by_its_header(content, message):
    with pytest.raises(InputError, match=message):
        encoder().inspect([content])


@pytest.mark.usefixtures("nothing_is_unpacked")
@pytest.mark.parametrize("place", range(len(hostile.CRUMBS)))
def test_a_file_of_a_million_crumbs_is_not_read_to_its_end(place):
    begun = time.thread_time()
    with pytest.raises(ValueError, match=r"smaller than any program writes|damaged|known format|take"):
        unpacked(opened(hostile.CRUMBS[place], 1, BUDGET), 1)
    assert time.thread_time() - begun < 3


@pytest.mark.parametrize("noted", [0, 1, 3, 6, 9, 65_535])
def test_a_note_of_which_side_is_up_that_says_nothing_is_passed_over(noted):
    notes = Image.Exif()
    notes[0x112] = noted
    pixels = np.zeros((30, 24, 3), np.uint8)
    shape = unpacked(opened(saved(pixels, "PNG", exif=notes), 3, BUDGET), 3).shape
    assert shape == ((24, 30, 3) if noted == 6 else (30, 24, 3))


def test_many_pictures_share_one_budget():
    content = hostile.bomb("L", 2000)  # 4 megapixels
    assert encoder().inspect([content] * 10).pixels == 40_000_000
    with pytest.raises(InputError, match="at most 40,000,000 a request") as caught:
        encoder().inspect([content] * 11)
    assert caught.value.row == 11


def test_notes_of_a_png_are_not_unpacked():
    plain = hostile._saved("PNG", "L", 8)
    noted = hostile._with_notes(70)
    assert picture_files._without_notes(noted) == plain
    np.testing.assert_array_equal(encoder().encode([noted])["images"], encoder().encode([plain])["images"])


def test_a_photograph_is_unpacked_at_the_size_that_is_needed():
    rows, columns = np.mgrid[0:3000, 0:4000]
    pixels = np.stack([rows % 256, columns % 256, (rows + columns) % 256], axis=-1).astype(np.uint8) // 2 + 60
    content = saved(pixels, "JPEG", quality=90)
    picture = opened(content, 3, BUDGET, (64, 64))
    assert picture.pixels == 500 * 375  # an eighth a side
    reduced = encoder(height=64, width=64, channels=3).encode([content])["images"].astype(int)
    whole = Pictures(GREY | {"height": 64, "width": 64, "channels": 3}, Budget(40_000_000)).covering(
        unpacked(opened(content, 3, BUDGET), 3)
    )
    assert np.abs(reduced[0] - whole).mean() < 2.5  # of 255
    small = saved(pixels[:400, :500], "JPEG")
    assert opened(small, 3, BUDGET, (8, 8)).pixels == 400 * 500  # whole, as in training


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "CMYK", "1", "L"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_a_picture_made_plain_in_bands_is_that_of_training(mode, turn, tmp_path, monkeypatch):
    from deepglass.deploy.runtime import pictures

    monkeypatch.setattr(pictures, "BAND_PIXELS", 64)
    noise = np.random.default_rng(1).integers(0, 256, (21, 13, 4), dtype=np.uint8)
    note = Image.Exif()
    note[0x0112] = turn
    file = io.BytesIO()
    Image.fromarray(noise).convert(mode).save(file, "TIFF" if mode == "CMYK" else "PNG", exif=note)
    (tmp_path / "picture").write_bytes(file.getvalue())
    for channels in (1, 3):
        came = np.asarray(unpacked(opened(file.getvalue(), channels, BUDGET), channels))
        expected = decode_in_training(tmp_path / "picture", channels)
        np.testing.assert_array_equal(came.reshape(expected.shape), expected)


def test_base64_is_strict_in_every_slice(monkeypatch):
    from deepglass.deploy.runtime import pictures

    content = np.random.default_rng(2).bytes(1000)
    text = base64.b64encode(content).decode()
    for size in (4, 64, 262_144):
        monkeypatch.setattr(pictures, "BASE64_CHARACTERS", size)
        assert from_base64(text) == content
        assert from_base64("data:image/png;base64," + text) == content
        for wrong in (
            text[:-1],
            text + "=",
            text[:40] + "%" + text[41:],
            text[:8] + "====" + text[8:],
            "é" * 8,
            "QQ==QQ==",
        ):
            with pytest.raises(ValueError, match="base64"):
                from_base64(wrong)


def test_a_text_among_numbers_is_refused_and_not_made_room_for():
    for wrong in (
        [["a" * 1_000_000, 1]] * 200,
        [[True]],
        [[10**400]],
        [[None]],
        [[{}]],
        [],
        [[]],
        {"a": 1},
        [[[[[1]]]]],
    ):
        with pytest.raises(InputError):
            encoder().encode([wrong])
