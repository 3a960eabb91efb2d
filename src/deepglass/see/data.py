"""Data, seen before anything is learnt: what `check` found, every column with its values, the first examples."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from deepglass.core import data_uri, wording
from deepglass.core.errors import DeepglassError
from deepglass.data.check import inspect
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout, Table, Text
from deepglass.data.findings import Findings
from deepglass.data.reading.file_column import KINDS
from deepglass.data.reading.source import read
from deepglass.draw.in_words import said

MOST_COLUMNS, MOST_ROWS, MOST_PICTURES, MOST_LETTERS, MOST_CELL = 60, 8, 12, 700, 80
BINS, MOST_WORDS = 14, 5
SIDE = 96  # pixels of a picture on the page


@dataclass(frozen=True)
class DataSeen:
    """What is shown of data.

    Attributes:
        kind: table, images, text, or that of a layout.
        task: That is guessed; None where none fits.
        size: Rows and columns, pictures, or characters.
        target: That is guessed.
        targets: Columns that may be learnt.
        guesses: What was guessed.
        warnings: What to look at.
        html: Columns and first examples.
    """

    kind: str
    task: str | None
    size: dict[str, int]
    target: str | None
    targets: list[str]
    guesses: list[str]
    warnings: list[str]
    html: str
    classes: dict[str, int] = field(default_factory=dict)


def look(source: str) -> DataSeen:
    """Read data as `deepglass check` does, and show them.

    Raises:
        DataError: If they are missing, broken or of no known form.
    """
    config = DataConfig()
    data = read(source, config, follow=tuple(KINDS))
    found = inspect(data, config)
    body = "".join(section(title, html) for title, html in sections(data, found) if html)
    names = [str(column["name"]) for column in found.columns if column["kind"] not in ("id", "constant")]
    return DataSeen(
        found.kind, found.task, found.size, found.target, names, found.guesses, found.warnings, body, found.classes
    )


def sections(data: Data, found: Findings) -> Iterator[tuple[str, str]]:
    """Titles and HTML."""
    if isinstance(data, Table):
        yield "Columns", columns(data, found)
        yield "First rows", first_rows(data)
    elif isinstance(data, Images):
        yield "Pictures", first_pictures(data)
    elif isinstance(data, Text):
        more = " …" if len(data.text) > MOST_LETTERS else ""
        yield "Its beginning", f"<blockquote>{escape(data.text[:MOST_LETTERS])}{more}</blockquote>"
    elif isinstance(data, Layout):
        yield "Pictures", pictures_of(data.files.get("images", [])[:MOST_PICTURES])
    if found.classes:
        yield "Classes", shares(found.classes, sum(found.classes.values()))


def section(title: str, html: str) -> str:
    """A heading and what is below it."""
    return f"<section><h2>{title}</h2>{html}</section>"


# -- tables ---------------------------------------------------------------------------------------------------------


def columns(table: Table, found: Findings) -> str:
    """A card for every column: its kind, what is missing, and how its values are spread."""
    shown = found.columns[:MOST_COLUMNS]
    cards = "".join(
        card(column, table.frame.iloc[:, i], column["name"] == found.target) for i, column in enumerate(shown)
    )
    left = len(found.columns) - len(shown)
    more = f"<p>and {left:,} columns more</p>" if left else ""
    return f'<div class="dg-cards">{cards}</div>{more}'


def card(column: dict[str, Any], values: Any, is_target: bool) -> str:
    """A column of a table."""
    facts = [str(column["kind"]), f"{column['distinct']:,} different"]
    facts += [f"{column['missing']:,} missing"] * bool(column["missing"])
    mark = " <b>target</b>" * is_target
    name = escape(str(column["name"]))
    return f"<article><h3>{name}{mark}</h3><p>{' · '.join(facts)}</p>{spread(column, values)}</article>"


def spread(column: dict[str, Any], values: Any) -> str:
    """How the values of a column are spread."""
    if column["kind"] == "number":
        return histogram(str(column["name"]), values.dropna().to_numpy(dtype=float))
    if column["kind"] in ("category", "boolean"):
        counts = values.dropna().astype(str).value_counts()
        return shares(dict(counts.head(MOST_WORDS)), len(values), len(counts) - MOST_WORDS)
    if column["kind"] == "date":
        whole = values.dropna()
        return f"<p>{escape(str(whole.min()))} to {escape(str(whole.max()))}</p>" if len(whole) else ""
    cell = next((str(value) for value in values.dropna().head(1)), "")
    return f"<p class='soft'>{escape(shortened(cell))}</p>" if cell else ""


def histogram(name: str, values: np.ndarray) -> str:
    """Bars of how many values lie where."""
    values = values[np.isfinite(values)]
    if not len(values):
        return ""
    counts, ends = np.histogram(values, BINS)
    top = max(1, int(counts.max()))
    bars = "".join(
        f'<rect x="{i * 10 + 1}" y="{40 - 38 * count / top:.1f}" width="8" height="{38 * count / top:.1f}"/>'
        for i, count in enumerate(counts)
    )
    low, high, middle = said(float(ends[0])), said(float(ends[-1])), said(float(np.median(values)))
    words = f"{name}: from {low} to {high}, median {middle}; most values between "
    most = int(counts.argmax())
    words += f"{said(float(ends[most]))} and {said(float(ends[most + 1]))}"
    box = f'viewBox="0 0 {BINS * 10} 40" preserveAspectRatio="none"'
    picture = f'<svg role="img" aria-label="{escape(words, quote=True)}" {box}>{bars}</svg>'
    return f'{picture}<p class="ends"><span>{low}</span><span>{high}</span></p>'


def shares(counts: dict[Any, int], total: int, others: int = 0) -> str:
    """Words with their shares."""
    lines = "".join(
        f"<dt>{escape(shortened(str(word)))}</dt><dd>{count:,} ({count / max(1, total):.0%})</dd>"
        for word, count in list(counts.items())[:40]
    )
    more = f"<p class='soft'>and {others:,} others</p>" if others > 0 else ""
    return f"<dl>{lines}</dl>{more}"


def first_rows(table: Table) -> str:
    """The first rows as they were read."""
    frame = table.frame.iloc[:MOST_ROWS, :MOST_COLUMNS]
    head = "".join(f'<th scope="col">{escape(shortened(str(name)))}</th>' for name in frame.columns)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(shortened(cell_of(value)))}</td>" for value in row) + "</tr>"
        for row in frame.itertuples(index=False)
    )
    table_ = f'<table class="dg-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="wide" tabindex="0" role="region" aria-label="First rows">{table_}</div>'


def cell_of(value: Any) -> str:
    """A cell; nothing where it is missing."""
    return "" if value is None or value != value or str(value) in ("NaT", "<NA>") else str(value)


def shortened(text: str) -> str:
    """So many letters."""
    return wording.shortened(text, MOST_CELL)


# -- pictures -------------------------------------------------------------------------------------------------------


def first_pictures(images: Images) -> str:
    """Some pictures, spread over the classes as they lie, with their class."""
    places = np.unique(np.linspace(0, len(images) - 1, min(MOST_PICTURES, len(images))).astype(int))
    labels = images.labels
    names = [images.classes[int(labels[i])] if labels is not None else "" for i in places]
    if images.pixels is not None:
        return figures([of_array(images.pixels[i]) for i in places], names)
    return pictures_of([(images.paths or [])[i] for i in places], names)


def pictures_of(paths: list[Any], names: list[str] | None = None) -> str:
    """Pictures of files; those that cannot be read are left out."""
    from PIL import Image

    found, kept = [], []
    for path, name in zip(paths, names or [path.name for path in paths], strict=True):
        try:
            with Image.open(path) as image:
                image.thumbnail((SIDE, SIDE))
                found.append(data_uri.of_image(image.convert("RGB")))
                kept.append(name)
        except (OSError, ValueError, DeepglassError, Image.DecompressionBombError):
            continue
    return figures(found, kept)


def of_array(pixels: np.ndarray) -> str:
    """(H, W, C) values of any range → the address of a picture."""
    from PIL import Image

    x = np.asarray(pixels, dtype=float)
    low, high = float(x.min()), float(x.max())
    bytes_ = ((x - low) / (high - low or 1.0) * 255).astype(np.uint8)
    return data_uri.of_image(Image.fromarray(bytes_[..., 0] if bytes_.shape[-1] == 1 else bytes_[..., :3]))


def figures(sources: list[str], names: list[str]) -> str:
    """Pictures with their names."""
    cards = "".join(
        f'<figure><img src="{source}" alt="{escape(f"example: {name}" if name else "an example", quote=True)}">'
        f"<figcaption>{escape(name)}</figcaption></figure>"
        for source, name in zip(sources, names, strict=True)
    )
    return f'<div class="dg-pictures">{cards}</div>' if cards else ""
