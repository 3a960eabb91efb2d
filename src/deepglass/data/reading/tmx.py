"""TMX: the translation memories of translators, as a table with a column for each language.

<tmx><header srclang="en"/><body>
    <tu><tuv xml:lang="en"><seg>A dog runs.</seg></tuv> <tuv xml:lang="de"><seg>Ein Hund läuft.</seg></tuv></tu> …

The language that was translated from comes first, then the others, the most frequent first. Codes of formatting (`bpt`,
`ept`, `ph`, `it`, `ut`) are left out with what they hold; text that is only marked (`hi`) stays.

References:
    LISA OSCAR (2005), TMX 1.4b Specification, https://www.gala-global.org/tmx-14b
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pandas as pd

from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.containers import Table
from deepglass.data.reading.opening import opened, stem
from deepglass.data.reading.xml_tree import tree_of

SUFFIX = ".tmx"
CODES = {"bpt", "ept", "ph", "it", "ut"}
ANY = "*all*"  # as a source language: none is


def read_tmx(path: Path) -> Table:
    """The units of a file, one a row; a unit of one language alone is left out.

    Raises:
        DataError: If it is broken, no TMX, or holds no unit of two languages.
    """
    with opened(path) as file:
        root = tree_of(file.read(), path)
    if _name(root) != "tmx":
        raise DataError(f"{path} begins with <{_name(root)}>: expected a translation memory, which begins with <tmx>")
    units = [dict(_variants(unit)) for unit in root.iter() if _name(unit) == "tu"]
    whole = [unit for unit in units if len(unit) > 1]
    if not whole:
        raise DataError(f"{path} holds {counted(len(units), 'unit')}, none of two languages: expected sentence pairs")
    counts = Counter(language for unit in whole for language in unit)
    first = next((_code(one.get("srclang", "")) for one in root.iter() if _name(one) == "header"), "")
    languages = sorted(counts, key=lambda language: (language != first, -counts[language], language))
    frame = pd.DataFrame({language: [unit.get(language) for unit in whole] for language in languages}, dtype=object)
    guesses = [Guess("languages", listing(languages), "as the units name them", "--text-column and --target")]
    if missing := len(units) - len(whole):
        guesses.append(Guess("left out", counted(missing, "unit"), "they have one language alone", "--target"))
    return Table(frame, stem(path), guesses=guesses)


def _variants(unit: Element) -> Iterator[tuple[str, str]]:
    """Language and text of a unit, the last of several in one language first: a dict keeps the first."""
    for variant in reversed([one for one in unit if _name(one) == "tuv"]):
        language = _code(variant.get("xml:lang") or variant.get("lang") or "")
        segment = next((one for one in variant if _name(one) == "seg"), None)
        text = "" if segment is None else " ".join("".join(_texts(segment)).split())
        if language and text:
            yield language, text


def _texts(element: Element) -> Iterator[str]:
    """The text of a segment without codes of formatting, sub-flows of these included."""
    yield element.text or ""
    for inner in element:
        if _name(inner) not in CODES:
            yield from _texts(inner)
        yield inner.tail or ""


def _name(element: Element) -> str:
    return element.tag.rpartition(":")[2].lower()


def _code(language: str) -> str:
    return language.strip().lower()
