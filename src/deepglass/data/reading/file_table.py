"""A column of paths: a table that says where pictures, sounds or texts lie, and what each is.

Pictures beside classes become pictures with classes, texts become a column of text; boxes, captions, masks, sounds and
videos are recognised.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from deepglass.core.effects import acts_on, note
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Images, Layout, Table
from deepglass.data.reading.columns import CAPTION_WORDS, describe
from deepglass.data.reading.file_column import KINDS, FileColumn, Files, by_endings, find_column
from deepglass.data.reading.images import from_paths
from deepglass.data.reading.label_forms import plain_labels
from deepglass.data.reading.labels import is_beyond_classes
from deepglass.data.reading.layouts import videos
from deepglass.data.reading.layouts.sounds import of_sounds
from deepglass.data.reading.learnable import keep_classes
from deepglass.data.reading.name_groups import assign_groups
from deepglass.data.reading.roles import guess_target, has_classes
from deepglass.data.reading.table import keep_rows, require_column
from deepglass.data.reading.text import content_of

BOXES = (
    {"xmin", "ymin", "xmax", "ymax"}, {"x_min", "y_min", "x_max", "y_max"}, {"x1", "y1", "x2", "y2"},
    {"x", "y", "w", "h"}, {"x", "y", "width", "height"}, {"left", "top", "right", "bottom"}, {"bbox"}, {"box"},
)  # fmt: skip
NUMBERS = "picture numbers"  # the kind of layout of a table of paths and numbers
CAPTIONS = "captions"  # and that of a table of paths and sentences
CAPTION = "caption"  # beside kinds of files: sentences about pictures go before classes
SAID_NAMES = ("transcript", "transcription", "transcripts", "sentence", "text", "utterance", "words", "said", "spoken")


def as_files(table: Table, path: Path | None, config: DataConfig, kinds: tuple[str, ...] = tuple(KINDS)) -> Data:
    """The data that a table's column of paths points at; the table itself where it has no such column.

    Args:
        table: As it was read.
        path: Of the table's file or folder; None for frames, whose paths are relative to where the program runs.
        config: `image_column`, `target`, `group_column` and `ignore` are respected.
        kinds: Of files that are looked for; with `CAPTION` sentences beside pictures go before any other column.

    Raises:
        DataError: If files are missing, or are addresses on the web.
        OptionError: If a column that was asked for is absent.
    """
    folder = Path() if path is None else path if path.is_dir() else path.parent
    column = find_column(table, folder if path is not None else None, config)
    if column is None or (column.kind not in kinds and not config.image_column):
        return table
    place = Files(folder, KINDS[column.kind], looks_below=path is not None)
    files = place.locate(table.frame[column.name], column)
    if column.kind == "picture":
        if (caption := _caption_column(table, column, config, is_wanted=CAPTION in kinds)) is not None:
            return _with_captions(table, column, caption, files)
        return _pictures(table, column, files, place, config)
    if column.kind == "text":
        return _texts(table, column, files, config)
    return _of_sounds_or_videos(table, column, files, config)


# -- what they become -----------------------------------------------------------------------------------------------


@acts_on("image_column", "target", "max_rows")
def _pictures(table: Table, column: FileColumn, files: list[Path], place: Files, config: DataConfig) -> Data:
    if moving := videos.of_table(table, column.name, files):
        if config.layout is None:
            return moving
        note("layout")
    names = {str(name).lower() for name in table.frame}
    if any(boxes <= names for boxes in BOXES):
        return _boxes(table, column, files, config)
    labels = plain_labels(table.frame, config)
    if labels and is_beyond_classes(table.frame, labels[0]):
        return _with_labels(table, column, files, labels[0].columns, config)
    target = labels[0].columns[0] if labels else _target(table, column, config)
    if target is not None and not labels and not _has_classes(table, target):
        return _without_classes(table, column, target, files)
    if target is None and (second := _second(table, column, config)):
        return _in_pairs(table, files, place.locate(table.frame[second.name], second), second)
    kept, guesses = _labelled_rows(table, target)
    images = from_paths(table.name, [files[row] for row in kept], table.splits.get("train", kept), config)
    images.names, images.frame = [str(files[row]) for row in kept], table.frame
    _label(images, table, column, target, config)
    images.guesses = [*table.guesses, *guesses, *images.guesses]
    images.guesses += keep_classes(images, config).guesses
    assign_groups(images, config)
    return images


def _with_labels(
    table: Table, column: FileColumn, files: list[Path], labels: tuple[str, ...], config: DataConfig
) -> Images:
    """Pictures without classes, with the columns that hold their labels beside them."""
    images = from_paths(table.name, files, table.splits.get("train", np.arange(len(files))), config)
    images.names, images.frame, images.splits = [str(path) for path in files], table.frame, table.splits
    images.columns = {"image_column": column.name, "target": ",".join(labels)}
    images.guesses = [*table.guesses, Guess("image column", column.name, column.why, "--image-column"), *images.guesses]
    if config.group_column:
        _group(images, table, config)
    assign_groups(images, config)
    return images


def _target(table: Table, column: FileColumn, config: DataConfig) -> str | None:
    """The column of classes: as asked, or the likeliest of the others; None where there is none."""
    if config.target:
        if config.target in table.frame or not config.image_column:  # new pictures of a run come without it
            return require_column(table.frame, config.target, "--target")
        return None
    aside = [name for name in (column.name, config.group_column) if name in table.frame]
    rest = replace(table, frame=table.frame.drop(columns=aside))
    columns = describe(rest.frame)
    try:
        guessed = guess_target(rest, config, columns)[0]
    except DataError:  # no other column could be one, unless it holds captions
        return next((found.name for found in columns if found.mean_words >= CAPTION_WORDS), None)
    if _has_classes(table, guessed):
        return guessed
    return next((found.name for found in reversed(columns) if found.kind in ("category", "boolean")), guessed)


def _has_classes(table: Table, target: str) -> bool:
    described = next(found for found in describe(table.frame) if found.name == target)
    is_text = described.kind in ("text", "id") and described.mean_words >= CAPTION_WORDS
    return not is_text and has_classes(described, len(table.frame))


def _labelled_rows(table: Table, target: str | None) -> tuple[np.ndarray, list[Guess]]:
    """Rows with a class, and the splits of the table moved with them; all where there is no column of classes."""
    if target is None:
        return np.arange(len(table.frame)), []
    has_class = table.frame[target].notna().to_numpy()
    kept = np.flatnonzero(has_class)
    if len(kept) == len(has_class):
        return kept, []
    keep_rows(table, has_class)
    rows = listing((np.flatnonzero(~has_class) + 1).tolist())
    why = f"{target} is missing in rows {rows}"
    return kept, [Guess("rows left out", f"{(~has_class).sum():,}", why, "a class in every row")]


def _label(images: Images, table: Table, column: FileColumn, target: str | None, config: DataConfig) -> None:
    """Classes, splits and groups as the table has them; what it holds besides is said to be left out."""
    frame = table.frame
    images.columns, images.splits = {"image_column": column.name}, table.splits
    images.guesses.append(Guess("image column", column.name, column.why, "--image-column"))
    if target is not None:
        classes, labels = np.unique(frame[target].astype("str").to_numpy(dtype=str), return_inverse=True)
        images.classes, images.labels = [str(name) for name in classes], labels.astype(np.int64)
        images.columns["target"] = target
        images.guesses.append(Guess("target", target, "as asked" if config.target else "the likeliest", "--target"))
    if config.group_column:
        _group(images, table, config)
    _say_others(images, {column.name, target, config.group_column})


def _say_others(images: Images, used: set[str | None]) -> None:
    """Say which columns nothing is learnt from."""
    if others := [str(name) for name in images.frame if name not in used]:  # type: ignore[union-attr]
        why = "pictures are learnt from by themselves; there is no model of both yet"
        images.guesses.append(Guess("columns left out", listing(others), why, "a table without the column of paths"))


def _group(images: Images, table: Table, config: DataConfig) -> None:
    groups = table.frame[require_column(table.frame, str(config.group_column), "--group-column")]
    images.groups = groups.astype("str").to_numpy(dtype=str)


def _texts(table: Table, column: FileColumn, files: list[Path], config: DataConfig) -> Table:
    """The files' contents in the place of their paths."""
    guesses: list[Guess] = []
    texts = [content_of(path, config, guesses) for path in files]
    name = column.name if "text" in table.frame else "text"
    table.frame = table.frame.rename(columns={column.name: name}).assign(**{name: pd.Series(texts, dtype="str")})
    table.guesses += [Guess("text files", column.name, column.why, "the texts themselves in the column"), *guesses[:1]]
    return table


def with_numbers(layout: Layout, config: DataConfig, *, needs_numbers: bool = True) -> Images:
    """The pictures of a table of paths and numbers; `guesses` are those that the layout did not make itself.

    Args:
        layout: Of the kind `NUMBERS`.
        config: As it was read.
        needs_numbers: Whether rows without a number are left out.

    Raises:
        DataError: If pictures are broken.
    """
    assert layout.frame is not None
    assert layout.columns is not None
    table = Table(layout.frame, layout.name, dict(layout.splits))
    files, target = layout.files["images"], layout.columns["target"]
    kept, guesses = _labelled_rows(table, target if needs_numbers else None)
    images = from_paths(table.name, [files[row] for row in kept], table.splits.get("train", kept), config)
    images.names, images.frame, images.splits = [str(files[row]) for row in kept], table.frame, table.splits
    images.columns, images.guesses = layout.columns, [*guesses, *images.guesses]
    if config.group_column:
        _group(images, table, config)
    _say_others(images, {*layout.columns.values(), config.group_column})
    assign_groups(images, config)
    return images


# -- what else stands beside files ------------------------------------------------------------------------------------


def _boxes(table: Table, column: FileColumn, files: list[Path], config: DataConfig) -> Layout:
    usual = ("class", "label", "name", "category", "class_name")
    named = next((name for name in table.frame if str(name).lower() in usual), None)
    counts = _counts(table, config.target or named)
    facts = {"pictures": len(set(files)), "boxes": len(files)} | ({"classes": len(counts)} if counts else {})
    roles = {"rows": files, "images": sorted(set(files))}
    columns = {"image_column": column.name} | ({"target": config.target} if config.target else {})
    known = {"splits": table.splits, "guesses": table.guesses, "columns": columns, "frame": table.frame}
    return Layout("boxes", table.name, "pictures with boxes in a table", facts, counts, roles, **known)


def _second(table: Table, column: FileColumn, config: DataConfig) -> FileColumn | None:
    """Another column of pictures, where none was asked for: masks, or the other side of pairs."""
    others = [name for name in table.frame if name != column.name and not config.image_column]
    found = (by_endings(str(name), table.frame[name]) for name in others)
    return next((other for other in found if other and other.kind == "picture"), None)


def _in_pairs(table: Table, files: list[Path], others: list[Path], second: FileColumn) -> Layout:
    is_mask = any(word in second.name.lower() for word in ("mask", "label", "seg", "annot", "gt"))
    kind, what = ("masks", "pictures with masks") if is_mask else ("picture pairs", "pairs of pictures")
    roles = {"images": files, "masks" if is_mask else "outputs": others}
    nearest = "a column of classes beside the pictures can be learnt, named with --target"
    return Layout(kind, table.name, f"{what} in a table", {"pairs": len(files)}, {}, roles, nearest)


def _without_classes(table: Table, column: FileColumn, target: str, files: list[Path]) -> Layout:
    """Captions, or numbers to tell from pictures."""
    roles, facts = {"images": files}, {"pictures": len(set(files)), "rows": len(files)}
    if pd.api.types.is_numeric_dtype(table.frame[target]):
        what = f"pictures with numbers in the column {target!r}"
        nearest = "until then, a column of a few classes of them can be learnt, named with --target"
        found = Layout(NUMBERS, table.name, what, facts, {}, roles, nearest, table.splits, table.guesses)
        found.frame, found.columns = table.frame, {"image_column": column.name, "target": target}
        return found
    return _with_captions(table, column, target, files)


def _caption_column(table: Table, column: FileColumn, config: DataConfig, *, is_wanted: bool) -> str | None:
    """The column of captions: as asked, or the wordiest where they are wanted; None where there is none."""
    if config.text_column is not None and not config.target:
        return require_column(table.frame, config.text_column, "--text-column")
    if not is_wanted:
        return None
    others = [found for found in describe(table.frame) if found.name != column.name]
    wordiest = max(others, key=lambda found: found.mean_words, default=None)
    return wordiest.name if wordiest is not None and wordiest.mean_words >= CAPTION_WORDS else None


@acts_on("image_column", "text_column")
def _with_captions(table: Table, column: FileColumn, caption: str, files: list[Path]) -> Layout:
    """Pictures and what a column says of each; several rows may speak of one picture."""
    what = f"pictures with captions in the column {caption!r}"
    nearest = "a column of classes beside the pictures can be learnt, named with --target"
    facts = {"pictures": len(set(files)), "captions": len(files)}
    found = Layout(CAPTIONS, table.name, what, facts, {}, {"images": files}, nearest, table.splits, table.guesses)
    found.frame, found.columns = table.frame, {"image_column": column.name, "text_column": caption}
    return found


def _of_sounds_or_videos(table: Table, column: FileColumn, files: list[Path], config: DataConfig) -> Layout:
    target = _target(table, column, config)
    counts = _counts(table, target) if target is not None and _has_classes(table, target) else {}
    if column.kind == "sound":
        return _of_sounds(table, column, files, counts, config, target)
    facts = {"videos": len(files)} | ({"classes": len(counts)} if counts else {})
    nearest = f"to learn from movements, convert them, for instance with `{videos.CONVERTING}`, and name the GIFs here"
    return Layout("videos", table.name, "videos", facts, counts, {"videos": files}, nearest)


def _of_sounds(
    table: Table, column: FileColumn, files: list[Path], counts: dict[str, int], config: DataConfig, target: str | None
) -> Layout:
    """Sounds with classes, or with what is said in them where a column is called so."""
    said = None if config.target else next((name for name in table.frame if str(name).lower() in SAID_NAMES), None)
    found = of_sounds(files, table.name, {} if said else counts, is_speech=said is not None)
    found.frame, found.splits, found.guesses = table.frame, table.splits, [*table.guesses]
    found.guesses.append(Guess("sound column", column.name, column.why, "a table with one column of files"))
    target = said or target
    found.columns = {"sound_column": column.name} | ({"target": target} if target in table.frame else {})
    return found


def _counts(table: Table, target: str | None) -> dict[str, int]:
    if target not in table.frame:
        return {}
    counts = table.frame[target].astype("str").value_counts()
    return {str(name): int(count) for name, count in counts.items()}
