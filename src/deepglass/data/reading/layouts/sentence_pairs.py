"""Sentences and their translations: two text files whose lines belong together, or a table of two columns of text."""

import re
from collections import defaultdict
from pathlib import Path

import pandas as pd

from deepglass.data.containers import Layout
from deepglass.data.reading.listing import Listing
from deepglass.data.reading.opening import opened

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")  # en, deu, pt-BR
FEWEST_LINES = 10
WORDS = 1.5  # in a cell, on average
DIFFERENT = 0.5  # of the cells
NEARLY = 0.9  # as many lines in one file as in the other
NEAREST = (
    "one side alone can be learnt as a language (`deepglass train FILE`), or a column of classes beside one of them"
)


def recognise(listing: Listing) -> Layout | None:
    """Files such as train.en and train.de with equally many lines, or None; a few more in one are a mistake, which is
    told where the lines are read.
    """
    by_stem = defaultdict(dict)
    for path in listing.files:
        name = path.name.removesuffix(".gz").removesuffix(".txt")
        stem, _, language = name.rpartition(".")
        if stem and LANGUAGE.fullmatch(language) and language not in ("txt", "md", "csv", "tsv"):
            by_stem[path.parent / stem][language] = path
    pairs = {stem: files for stem, files in by_stem.items() if len(files) == 2}
    if not pairs or sum(map(len, pairs.values())) < 0.5 * len(listing.files):
        return None
    counts = {stem: [_lines(listing.folder / path) for path in files.values()] for stem, files in pairs.items()}
    if any(min(pair) < max(FEWEST_LINES, NEARLY * max(pair)) for pair in counts.values()):
        return None
    languages = sorted({language for files in pairs.values() for language in files})
    files = {code: [listing.folder / part[code] for part in pairs.values() if code in part] for code in languages}
    facts = {"pairs": sum(first for first, _ in counts.values()), "pairs of files": len(pairs)}
    what = f"sentence pairs ({' and '.join(languages)}), line by line"
    return Layout("sentence pairs", listing.folder.name, what, facts, {}, files, NEAREST)


def of_table(frame: pd.DataFrame, name: str) -> Layout | None:
    """A table whose columns are two of text, or three, as where the origin of a pair stands beside it; or None."""
    if frame.shape[1] not in (2, 3) or len(frame) < FEWEST_LINES:
        return None
    for column in frame:
        cells = frame[column].dropna()
        if not len(cells) or pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells):
            return None
        words = cells.iloc[:1000].astype("str").str.split().str.len().mean()
        if words < WORDS or cells.nunique() < DIFFERENT * len(cells):
            return None
    facts = {"pairs": len(frame)}
    what = f"sentence pairs in the columns {' and '.join(repr(str(column)) for column in frame.columns[:2])}"
    return Layout("sentence pairs", name, what, facts, nearest=NEAREST)


def _lines(path: Path) -> int:
    with opened(path) as file:
        return sum(1 for _ in file)
