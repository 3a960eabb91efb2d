"""A picture file, judged by its header before it is unpacked: its format, its size, what unpacking will take.

Nine formats and no other: Pillow knows more than forty, among them some that start other programs (EPS looks for
Ghostscript) or unpack a picture to learn its size (ICO, ICNS). A JPEG of more than `WHOLE_PIXELS` is unpacked at half,
a quarter or an eighth of its size, never below twice the size that is needed: its own transform gives that for nothing.
"""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from PIL import Image, UnidentifiedImageError

from . import deep_colour

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "JPEG2000")  # as in training
DEEP_MODES = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")  # grey of more than 8 bits, "I" as some files announce it
WHOLE_PIXELS = 4_000_000  # up to here a JPEG is unpacked as in training, to the last bit
BYTES_OF_MODE = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}  # a pixel; 4 of any other
WORK_OF_FORMAT = {
    "WEBP": 12,
    "GIF": 1,
    "TIFF": 4,
    "AVIF": 16,
    "JPEG2000": 24,
}  # bytes per pixel that the decoder holds besides the picture
DEEP_BYTES = {True: 72, False: 24}  # a pixel, in colour and in grey, of values of more than 8 bits on their way
PROGRESSIVE_BYTES = 6  # a pixel of the whole picture, for the coefficients of a progressive JPEG
MOST_SCANS = 100  # of a progressive JPEG; programs write about ten
MOST_CHUNKS = 20_000  # of a PNG; a file of 100 MB in pieces of 8 KB has 12,500
MOST_READS = 5 * MOST_CHUNKS  # of any file by Pillow: some readers go byte by byte, or from mark to mark, in Python
SLOW_DECODERS = ("bmp_rle", "ppm", "ppm_plain")  # written in Python: seconds per megapixel
MOST_SLOW_PIXELS = 65_536
NOTES = (b"tEXt", b"zTXt", b"iTXt", b"iCCP")  # of a PNG: some unpack to megabytes, none changes a pixel for us
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
ORIENTATION = 0x0112  # the EXIF note that says which side is up; from 5 on the picture lies on its side


class TooMuch(ValueError):
    """The picture is one, and larger than allowed."""


@dataclass(frozen=True)
class Budget:
    """What a picture may take.

    pixels: As its header states them; bytes: unpacked, with all that the way to a network's input needs.
    """

    pixels: int
    bytes: int | None = None


@dataclass
class Opened:
    """A picture whose header was read and nothing else.

    pixels: That unpacking will make; content: of the file; is_deep: whether it has more than 8 bits per channel;
    size: height and width of the whole picture, upright.
    """

    image: Image.Image
    pixels: int
    content: bytes
    is_deep: bool
    size: tuple[int, int]


def opened(content: bytes, channels: int, budget: Budget, needed: tuple[int, int] | None = None) -> Opened:
    """Read and judge a header.

    Args:
        content: The file.
        channels: 1 for grey, 3 for colour: what it will be made into.
        budget: What it may take.
        needed: Width and height that the network sees; None unpacks every JPEG whole.

    Raises:
        ValueError: If it is not a picture, damaged, or too large.
    """
    with told():
        content = _without_notes(content)
        image = Image.open(_Patient(content), formats=_formats())
        if image.width * image.height > budget.pixels:
            raise TooMuch(f"{image.width:,} x {image.height:,} pixels, expected at most {budget.pixels:,}")
        whole = image.width * image.height
        orientation = noted_orientation(image)
        size = (image.height, image.width) if orientation < 5 else (image.width, image.height)
        if image.format in ("JPEG", "MPO") and needed is not None and whole > WHOLE_PIXELS:
            width, height = needed if orientation < 5 else needed[::-1]
            image.draft(None, (2 * width, 2 * height))
        if budget.bytes is not None:
            _require_sane_tiles(image, content)
        is_deep = image.mode in DEEP_MODES or deep_colour.is_deep(image)
        _require_bytes(image, whole, channels, orientation, is_deep, budget)
        return Opened(image, image.width * image.height, content, is_deep, size)


@cache
def _formats() -> tuple[str, ...]:
    """Those of `FORMATS` that this Pillow knows."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


def noted_orientation(image: Image.Image) -> int:
    """Which side is up, from 1 to 8; asked of the header alone, where a PNG would unpack itself to look further."""
    found = Image.Image.getexif(image).get(ORIENTATION, 1)
    return found if type(found) is int and 1 <= found <= 8 else 1


class _Patient(io.BytesIO):
    """A file that is read so often and no more: a comment of megabytes, a million marks before a JPEG's pixels."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > MOST_READS:
            raise TooMuch("its pieces are more and smaller than any program writes them: save it anew")
        return super().read(size)


@contextmanager
def told() -> Iterator[None]:
    """Whatever Pillow says of a file becomes a sentence: a hostile one can make it raise anything.

    Raises:
        TooMuch: If the picture unpacks to far more pixels than allowed.
        ValueError: If it is not a picture file, or damaged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes, judged by our own bounds, and of odd notes
            yield
    except TooMuch:
        raise
    except UnidentifiedImageError:
        formats = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        raise ValueError(f"expected a picture file ({formats}), got none in a known format") from None
    except Image.DecompressionBombError:
        raise TooMuch("unpacks to far more pixels than allowed: make it smaller") from None
    except Exception as error:
        raise ValueError(f"the picture is truncated or damaged ({str(error)[:100]})") from None


def _require_bytes(
    image: Image.Image, whole: int, channels: int, orientation: int, is_deep: bool, budget: Budget
) -> None:
    source = BYTES_OF_MODE.get(image.mode, 4)
    is_kept = image.mode == ("L" if channels == 1 else "RGB") and "transparency" not in image.info
    made = 1 if channels == 1 else 4
    each = source + WORK_OF_FORMAT.get(image.format or "", 0) + made * (not is_kept) + made * (orientation > 1)
    each += DEEP_BYTES[image.mode not in DEEP_MODES] if is_deep else 0
    needed = image.width * image.height * each
    needed += PROGRESSIVE_BYTES * whole if "progressive" in image.info else 0
    if budget.bytes is not None and needed > budget.bytes:
        size = f"{image.width:,} x {image.height:,} pixels of {image.format} {image.mode}"
        raise TooMuch(
            f"{size} take {needed / 2**20:.0f} MB to unpack, {budget.bytes / 2**20:.0f} MB are allowed: make the "
            "picture smaller, or send it as a JPEG"
        )


def _require_sane_tiles(image: Image.Image, content: bytes) -> None:
    """What is inside the file must be no larger than what the header says of the whole."""
    if "progressive" in image.info and content.count(b"\xff\xda") > MOST_SCANS:
        raise TooMuch(f"a progressive JPEG of more than {MOST_SCANS} scans: save it anew")
    if image.format == "TIFF":
        tags = image.tag_v2  # type: ignore[attr-defined]
        tile = int(tags.get(322, 1)) * int(tags.get(323, 1))  # width and length of a tile
        if tile > 4 * image.width * image.height + 1_048_576:
            raise TooMuch("a TIFF whose tiles are larger than the picture: save it anew")
    is_slow = any(tile[0] in SLOW_DECODERS for tile in image.tile)
    if is_slow and image.width * image.height > MOST_SLOW_PIXELS:
        raise TooMuch(f"a {image.format} of a rare kind (run lengths, numbers as text) is not read: save it as PNG")


def _without_notes(content: bytes) -> bytes:
    """A PNG without its texts and colour profile; anything else as it is."""
    if not content.startswith(PNG_SIGNATURE):
        return content
    kept, place, begun, chunks = [], len(PNG_SIGNATURE), 0, 0
    while place + 8 <= len(content):
        (length,) = struct.unpack_from(">I", content, place)
        name, end = content[place + 4 : place + 8], place + 12 + length
        chunks += 1
        if chunks > MOST_CHUNKS:
            raise TooMuch(f"a PNG of more than {MOST_CHUNKS:,} pieces: save it anew")
        if name in NOTES:
            kept.append(content[begun:place])
            begun = end
        if name == b"IEND":
            break
        place = end
    return b"".join([*kept, content[begun:]]) if kept else content
