"""Picture files that are not what they say: bombs, damage, formats that start other programs."""

import functools
import io
import random
import struct
import zlib

import numpy as np
from PIL import Image

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM")


def any_of(rng: random.Random) -> bytes:
    """Mostly small; now and then one that would take a gigabyte."""
    kind = rng.random()
    if kind < 0.35:
        return small(rng)
    if kind < 0.75:
        return damaged(rng)
    if kind < 0.98:
        return rng.choice(ODD)
    return bomb(rng.choice(("L", "1", "RGB")), rng.choice((2000, 6300, 20_000)))


def small(rng: random.Random) -> bytes:
    return _saved(rng.choice(FORMATS), rng.choice(("L", "RGB")), rng.choice((1, 8, 33)))


@functools.cache
def _saved(form: str, mode: str, side: int) -> bytes:
    pixels = np.random.default_rng(side).integers(0, 256, (side, side, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(file, form)
    return file.getvalue()


def damaged(rng: random.Random) -> bytes:
    """A true file with bytes changed, cut short, or continued by rubbish."""
    content = bytearray(small(rng))
    for _ in range(rng.choice((1, 3, 20))):
        content[rng.randrange(min(len(content), rng.choice((40, 10_000))))] = rng.randrange(256)
    return bytes(rng.choice((content, content[: rng.randrange(len(content))], content + rng.randbytes(50))))


def chunk(name: bytes, data: bytes) -> bytes:
    """A piece of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


@functools.cache
def bomb(mode: str, side: int) -> bytes:
    """A PNG of zeros, so many pixels a side: true to the last byte, and tiny."""
    depth, colour, row = {"1": (1, 0, (side + 7) // 8), "L": (8, 0, side), "RGB": (8, 2, 3 * side)}[mode]
    packer = zlib.compressobj(9)
    data = b"".join([packer.compress(bytes(row + 1)) for _ in range(min(side, 7000))] + [packer.flush()])
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _with_notes(count: int) -> bytes:
    """A PNG with texts that unpack to a megabyte each."""
    note = chunk(b"zTXt", b"a\0\0" + zlib.compress(b"a" * 1_000_000))
    whole = _saved("PNG", "L", 8)
    return whole[:33] + note * count + whole[33:]


def _ico(side: int) -> bytes:
    """An icon that says 1 × 1 around a PNG of another size."""
    png = bomb("L", side)
    return struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 1, 1, 0, 0, 1, 32, len(png), 22) + png


def _tiff(width: int, height: int, tile: int) -> bytes:
    """A TIFF of which one tile is larger than the picture."""
    entries = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (277, 3, 1)]
    entries += [(322, 4, tile), (323, 4, tile), (324, 4, 8), (325, 4, 16)]
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", t, k, 1, v) for t, k, v in sorted(entries))
    return b"II*\0" + struct.pack("<I", 8) + body + bytes(4)


def _gif(side: int) -> bytes:
    """A GIF whose first frame is far larger than its screen."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    return head + b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02\x02L\x01\0;"


def _webp(width: int, height: int) -> bytes:
    """A WebP whose canvas is larger than anything in it."""
    canvas = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + canvas
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _after(form: str, place: int, piece: bytes, count: int) -> bytes:
    """A true file with the same harmless piece put in at a place, again and again."""
    whole = _saved(form, "L", 8)
    return whole[:place] + piece * count + whole[place:]


CRUMBS = (  # files of a megabyte whose readers, in Python, go from piece to piece
    _after("JPEG", 2, b"\xff\xe0\0\2", 300_000),
    _after("JPEG", 2, b"\xff\xdd\0\4\0\1", 200_000),
    _after("JPEG", 2, b"\xff\xe2\0\x10ICC_PROFILE\0\1\1", 70_000),
    _after("PPM", 3, b"#" + b"x" * 1_200_000 + b"\n", 1),
    _after("PPM", 3, b"#\n", 600_000),
    _after("PPM", 3, b" " * 1_200_000, 1),
    b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0, 0, 0) + b"!\xfe\1a\0" * 240_000 + b";",
    b"\0\0\0\x0cjP  \r\n\x87\n" + struct.pack(">I4s", 8, b"free") * 150_000,
    b"II*\0\x08\0\0\0" + (struct.pack("<H", 65_535) + struct.pack("<HHII", 305, 2, 4, 8) * 65_535) + bytes(4),
)
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9000 9000\n(/tmp/owned) (w) file\nshowpage\n%%EOF\n"
ODD = (
    EPS,
    _ico(3000),
    b"icns" + struct.pack(">I", 100) + b"ic10" + struct.pack(">I", 92) + bomb("L", 3000)[:84],
    b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 30_000, 30_000, 8, 3) + bytes(12),
    b"%PDF-1.4\n",
    _with_notes(3),
    _with_notes(70),
    _tiff(8, 8, 60_000),
    _tiff(60_000, 60_000, 16),
    _gif(20_000),
    _webp(16_000, 16_000),
    b"",
    b"GIF89a",
    b"P2\n3000 3000\n255\n" + b"1 " * 1000,
    b"P3\n2 2\n65535\n1 2 3 4 5 6 7 8 9 10 11 12\n",
    b"BM" + bytes(60),
    b"\xff\xd8\xff\xe1\xff\xffExif\0\0" + bytes(200),
    b"\xff\xd8" + b"\xff\xda\0\x02" * 2000,
    b"\x89PNG\r\n\x1a\n" + bytes(30),
    b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 16, 6, 0, 0, 1)),
    _saved("PNG", "L", 8)[:33] + chunk(b"aaAa", b"") * 25_000 + _saved("PNG", "L", 8)[33:],
    *CRUMBS,
)
