"""Every kind of picture becomes bytes, every broken one an error with its name."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps, features

from deepglass.core.errors import DataError
from deepglass.data.reading.decode import decode, header, upright

RAMP = np.arange(48, dtype=np.uint8).reshape(6, 8)
COLOUR = np.stack([RAMP, RAMP[::-1], RAMP * 5], axis=-1)


def saved(path, image, **options):
    image.save(path, **options)
    return path


def test_grey_and_colour_are_exact(tmp_path):
    grey = saved(tmp_path / "a.png", Image.fromarray(RAMP))
    colour = saved(tmp_path / "b.png", Image.fromarray(COLOUR))
    np.testing.assert_array_equal(decode(grey, 1)[..., 0], RAMP)
    np.testing.assert_array_equal(decode(grey, 3), np.repeat(RAMP[..., None], 3, axis=-1))
    np.testing.assert_array_equal(decode(colour, 3), COLOUR)
    assert decode(colour, 1).shape == (6, 8, 1)


DEEP = RAMP.astype(np.uint16) * 80 + 7  # up to 3,767: twelve bits


@pytest.mark.parametrize("ending", ["png", "tif", "jp2"])
def test_sixteen_bits_keep_their_values(tmp_path, ending):
    if ending == "jp2" and not features.check("jpg_2000"):
        pytest.skip("this Pillow has no JPEG 2000")
    path = saved(tmp_path / f"a.{ending}", Image.fromarray(DEEP))
    assert header(path).depth == "deep"
    np.testing.assert_array_equal(decode(path, 1)[..., 0], DEEP)
    assert decode(path, 1).dtype == np.uint16
    np.testing.assert_array_equal(decode(path, 3), np.repeat(DEEP[..., None], 3, axis=-1))


def test_sixteen_bit_pgm_is_stretched_by_its_own_largest_value(tmp_path):
    for largest in (4095, 65_535):
        (tmp_path / "a.pgm").write_bytes(b"P5\n8 6\n%d\n" % largest + DEEP.astype(">u2").tobytes())
        expected = DEEP * (65_535 / largest)
        np.testing.assert_allclose(decode(tmp_path / "a.pgm", 1)[..., 0], expected, atol=1)


def test_whole_numbers_and_floats_of_tiff_keep_their_values(tmp_path):
    below = saved(tmp_path / "a.tif", Image.fromarray(DEEP.astype(np.int32) - 1000))
    np.testing.assert_array_equal(decode(below, 1)[..., 0], DEEP.astype(int) - 1000)
    shares = saved(tmp_path / "b.tif", Image.fromarray(DEEP.astype(np.float32) / 4095))
    np.testing.assert_array_equal(decode(shares, 1)[..., 0], DEEP.astype(np.float32) / 4095)
    assert header(shares).depth == "real"


@pytest.mark.parametrize(
    ("turn", "stored"), [(3, lambda p: p[::-1, ::-1]), (6, lambda p: np.rot90(p)), (8, lambda p: np.rot90(p, -1))]
)
def test_a_deep_picture_is_turned_upright(tmp_path, turn, stored):
    exif = Image.Exif()
    exif[0x0112] = turn
    path = saved(tmp_path / "a.png", Image.fromarray(np.ascontiguousarray(stored(DEEP))), exif=exif)
    assert header(path).size == (6, 8)
    np.testing.assert_array_equal(decode(path, 1)[..., 0], DEEP)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_both_ways_of_turning_agree(orientation):
    picture, exif = Image.fromarray(COLOUR), Image.Exif()
    exif[0x0112] = orientation
    picture.info["exif"] = exif.tobytes()
    expected = np.asarray(ImageOps.exif_transpose(picture))
    np.testing.assert_array_equal(upright(COLOUR, orientation), expected)


def test_cmyk_is_converted(tmp_path):
    path = saved(tmp_path / "a.jpg", Image.new("CMYK", (8, 6), (0, 255, 255, 0)))
    red, green, blue = decode(path, 3).mean(axis=(0, 1))
    assert red > 200
    assert max(green, blue) < 60


def test_palette_and_transparency_lie_on_white(tmp_path):
    transparent = np.dstack([COLOUR, np.zeros((6, 8), np.uint8)])
    assert (decode(saved(tmp_path / "a.png", Image.fromarray(transparent)), 3) == 255).all()
    palette = saved(tmp_path / "b.png", Image.new("RGB", (8, 6), (10, 200, 30)).convert("P", palette=1))
    assert decode(palette, 3).reshape(-1, 3).std(axis=0).max() == 0


def test_an_animation_gives_its_first_frame(tmp_path):
    frames = [Image.new("L", (8, 6), value) for value in (10, 200)]
    path = saved(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:])
    assert header(path)[2] == 2
    assert decode(path, 1).mean() == pytest.approx(10, abs=1)


def test_a_photograph_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its right side
    path = saved(tmp_path / "a.png", Image.fromarray(RAMP), exif=exif)
    assert decode(path, 1).shape == (8, 6, 1)
    assert header(path)[0] == (8, 6)
    np.testing.assert_array_equal(decode(path, 1)[..., 0], np.rot90(RAMP, -1))


def bomb(path, side=20_000):
    """A PNG whose header promises `side` x `side` pixels."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    size = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))


def broken_files(folder):
    whole = saved(folder / "whole.jpg", Image.fromarray(np.tile(COLOUR, (20, 20, 1)))).read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "text.jpg").write_text("I am not a picture\n")
    (folder / "empty.png").write_bytes(b"")
    (folder / "zeros.png").write_bytes(bytes(100))
    (folder / "noise.png").write_bytes(bytes(range(256)))
    (folder / "phone.jpg").write_bytes(b"\0\0\0\x18ftypheic" + bytes(90))
    bomb(folder / "bomb.png", 20_000)
    bomb(folder / "large.png", 10_000)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("truncated.jpg", "is truncated or damaged"),
        ("text.jpg", "is text, not a picture"),
        ("empty.png", r"is empty \(0 bytes\)"),
        ("zeros.png", "is nothing but zero bytes"),
        ("noise.png", "is no picture in a known format"),
        ("phone.jpg", r"does not read \(HEIC or the like\): convert it to JPEG"),
        ("bomb.png", "unpacks to more than 89,478,485 pixels"),
        ("large.png", r"unpacks to more than 89,478,485 pixels \(10,000 x 10,000\)"),
        ("absent.png", "does not exist"),
    ],
)
def test_broken_pictures_are_named(tmp_path, name, message):
    broken_files(tmp_path)
    with pytest.raises(DataError, match=message) as caught:
        decode(tmp_path / name, 3)
    assert name in str(caught.value)


def test_a_png_that_is_called_jpg_is_read_by_its_content(tmp_path):
    Image.fromarray(COLOUR).save(tmp_path / "a.png")
    np.testing.assert_array_equal(decode((tmp_path / "a.png").rename(tmp_path / "a.jpg"), 3), COLOUR)


@pytest.mark.parametrize("ending", ["tif", "webp", "png", "avif", "gif"])
def test_several_pages_or_frames_give_the_first(tmp_path, ending):
    if ending == "avif" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    pages = [Image.new("RGB", (16, 12), colour) for colour in ((250, 0, 0), (0, 0, 250))]
    path = saved(tmp_path / f"a.{ending}", pages[0], save_all=True, append_images=pages[1:])
    assert header(path).is_animated
    red, _, blue = decode(path, 3).mean(axis=(0, 1))
    assert red > 200 > 50 > blue


def test_documents_that_would_start_other_programs_are_no_pictures(tmp_path):
    Image.new("RGB", (8, 6)).save(tmp_path / "a.eps")
    with pytest.raises(DataError, match=r"a\.png is text, not a picture"):
        decode((tmp_path / "a.eps").rename(tmp_path / "a.png"), 3)
