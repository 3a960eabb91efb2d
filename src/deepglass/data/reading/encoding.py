"""Which characters the bytes of a text file mean.

A byte-order mark decides (Unicode 15, section 23.8). Without one, bytes that form valid UTF-8 are UTF-8: other
encodings do not look like it by chance. What remains is Latin-1, or Windows-1252 where bytes 0x80-0x9F occur, which
are control characters in Latin-1.
"""

import codecs
from pathlib import Path

from deepglass.core.effects import acts_on
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.data.config import DataConfig
from deepglass.data.reading.opening import opened

SAMPLE_BYTES = 1 << 20  # enough to see the form of a file, and read in a millisecond
FEWEST_LINES = 20  # of a sample; tables may have tens of thousands of columns
LONGEST_SAMPLE = 1 << 25
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
CONTAINERS = {  # what people save under the name of a text file
    b"PK\x03\x04": "an Excel workbook or a zip archive: save the sheet as CSV, or unpack the archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save the sheet as CSV",
    b"%PDF": "a PDF: save its table as CSV",
    b"\x89HDF": "an HDF5 file: write its table as Parquet or CSV",
    b"SQLite": "an SQLite database: write the table as CSV",
    b"<!doctype": "a web page: download the file itself",
    b"<html": "a web page: download the file itself",
    b"<?xml": "an XML document: write its table as CSV",
    b"@relation": "an ARFF file of Weka: save it as CSV",
}


def sample(path: Path) -> tuple[bytes, bool]:
    """The first mebibyte of a file, unpacked, or more where lines are very long; and whether the file goes on.

    Raises:
        DataError: If the file holds nothing but blanks, or cannot be unpacked.
    """
    with opened(path) as file:
        content = file.read(SAMPLE_BYTES)
        while (
            content.count(b"\n") < FEWEST_LINES and len(content) < LONGEST_SAMPLE and (more := file.read(SAMPLE_BYTES))
        ):
            content += more
        is_cut = bool(file.read(1))
    if not content.strip():
        raise DataError(f"{path} holds nothing but blanks: expected data; copy or download the file again")
    return content, is_cut


@acts_on("encoding")
def guess_encoding(
    content: bytes, path: Path, config: DataConfig, *, is_cut: bool = False, preferred: str | None = None
) -> tuple[str, list[Guess]]:
    """The name of the encoding and, where it is not plain UTF-8, the guess that says so.

    Args:
        content: The beginning of the file, or all of it.
        is_cut: Whether it is only the beginning, which may end inside a character.
        preferred: An encoding that is taken before Latin-1 where the bytes are not UTF-8.

    Raises:
        OptionError: If the encoding that was asked for is unknown.
        DataError: If the bytes are not text.
    """
    if config.encoding:
        return _known(config.encoding), []
    for magic, what in CONTAINERS.items():
        if content[: len(magic)].lower() == magic.lower():
            raise DataError(f"{path} is not a text file but {what}")
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            return encoding, [Guess("encoding", encoding, "a byte-order mark", "--encoding")]
    if content[:4096].count(0) > len(content[:4096]) // 4:  # every other byte of Western text in UTF-16 is zero
        encoding = "utf-16-be" if content[0] == 0 else "utf-16-le"
        return encoding, [Guess("encoding", encoding, "every other byte is zero", "--encoding")]
    if 0 in content[:4096]:
        raise DataError(f"{path} is not a text file (it holds zero bytes): expected text in UTF-8, UTF-16 or Latin-1")
    if _first_error(content) >= len(content) - (3 if is_cut else 0):
        return "utf-8", []
    if preferred and not preferred.startswith("utf") and _is_text_in(content, preferred):
        return preferred, []
    return not_utf8(content)


def not_utf8(content: bytes) -> tuple[str, list[Guess]]:
    """The single-byte encoding of text that turned out not to be UTF-8, and the guess that says so."""
    encoding = "cp1252" if any(byte in content for byte in range(0x80, 0xA0)) else "latin-1"
    line = content[: _first_error(content)].count(b"\n") + 1
    return encoding, [Guess("encoding", encoding, f"line {line} is not UTF-8", "--encoding")]


def decode(content: bytes, encoding: str, path: Path) -> str:
    """Bytes as text.

    Raises:
        DataError: If a byte does not fit the encoding; names the line.
    """
    try:
        return content.decode(encoding)
    except UnicodeError as error:
        line = content[: getattr(error, "start", 0)].count(b"\n") + 1
        raise DataError(
            f"{path}, line {line}: the bytes are not {encoding} text; name the right encoding with --encoding, "
            "for instance --encoding latin-1, or leave the option out to have it guessed"
        ) from None


def _is_text_in(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeError:
        return False
    return True


def _first_error(content: bytes) -> int:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return len(content)


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise OptionError(f"--encoding: unknown encoding {encoding!r}; try utf-8, utf-16 or latin-1") from None
