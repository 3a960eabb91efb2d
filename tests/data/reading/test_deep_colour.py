"""Colour with 16 bits a channel: every bit, in every form in which such files come."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deepglass.core.errors import DataError
from deepglass.data.reading import deep_colour
from deepglass.data.reading.decode import decode, header
from deepglass.deploy.runtime import deep_colour as of_runtime
from deepglass.deploy.runtime.pictures import decode as decode_in_runtime

VALUES = np.random.default_rng(0).integers(0, 4096, (6, 8, 4)).astype(np.uint16)
COLOUR = VALUES[..., :3]


def png(path, values, kind):
    """A PNG of 16 bits; kind 2 is colour, 4 grey with alpha, 6 colour with alpha."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    return path


def tiff(path, values, big_endian, compression):
    """A TIFF of 16-bit colour; compression 1 is none, 8 is deflate."""
    order, (height, width, channels) = ">" if big_endian else "<", values.shape
    data = values.astype(order + "u2").tobytes()
    data = zlib.compress(data) if compression == 8 else data
    tags = [(256, 4, width), (257, 4, height), (258, 3, None), (259, 3, compression), (262, 3, 2), (273, 4, None),
            (277, 3, channels), (278, 4, height), (279, 4, len(data)), (284, 3, 1)]  # fmt: skip
    start = 8 + 2 + 12 * len(tags) + 4
    entries = b""
    for tag, kind, value in tags:
        count = channels if tag == 258 else 1
        value = {258: start, 273: start + 2 * channels}.get(tag, value)
        packed = struct.pack(order + "HH", value, 0) if kind == 3 and count == 1 else struct.pack(order + "I", value)
        entries += struct.pack(order + "HHI", tag, kind, count) + packed
    head = (b"MM" if big_endian else b"II") + struct.pack(order + "HI", 42, 8) + struct.pack(order + "H", len(tags))
    path.write_bytes(head + entries + struct.pack(order + "I", 0) + struct.pack(order + "3H", 16, 16, 16) + data)
    return path


def files(folder):
    yield png(folder / "colour.png", COLOUR, 2)
    for big_endian in (False, True):
        for compression in (1, 8):
            yield tiff(folder / f"{big_endian}{compression}.tif", COLOUR, big_endian, compression)
    (folder / "colour.ppm").write_bytes(b"P6\n# a note\n8 6\n65535\n" + COLOUR.astype(">u2").tobytes())
    yield folder / "colour.ppm"


def test_every_bit_is_kept(tmp_path):
    for path in files(tmp_path):
        assert header(path).depth == "deep", path.name
        came = decode(path, 3)
        np.testing.assert_array_equal(came, COLOUR, err_msg=path.name)
        np.testing.assert_array_equal(decode_in_runtime(path.read_bytes(), 3, 1000), came, err_msg=path.name)


def test_alpha_lies_on_the_ground(tmp_path):
    path = png(tmp_path / "a.png", VALUES, 6)
    alpha = VALUES[..., 3:] / 65_535
    for ground, white in (("white", 65_535), ("black", 0)):
        expected = COLOUR * alpha + white * (1 - alpha)
        np.testing.assert_allclose(decode(path, 3, ground), expected, atol=1)
    np.testing.assert_array_equal(decode(path, 3, "none"), COLOUR)


def test_grey_with_alpha_keeps_both_bytes(tmp_path):
    path = png(tmp_path / "a.png", VALUES[..., :2], 4)
    np.testing.assert_array_equal(decode(path, 3, "none")[..., 0], VALUES[..., 0])


def test_a_ppm_is_stretched_by_its_own_largest_value(tmp_path):
    (tmp_path / "a.ppm").write_bytes(b"P6 8 6 4095\n" + COLOUR.astype(">u2").tobytes())
    np.testing.assert_allclose(decode(tmp_path / "a.ppm", 3), COLOUR * (65_535 / 4095), atol=0.5)


def test_a_truncated_ppm_is_named(tmp_path):
    (tmp_path / "half.ppm").write_bytes(b"P6 8 6 65535\n" + COLOUR.astype(">u2").tobytes()[:100])
    with pytest.raises(DataError, match=r"half\.ppm is truncated"):
        decode(tmp_path / "half.ppm", 3)


def test_eight_bits_are_not_deep(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert not deep_colour.is_deep(image)


def test_the_runtime_holds_the_same_file():
    assert Path(str(of_runtime.__file__)).read_text() == Path(str(deep_colour.__file__)).read_text()
