"""Pictures with captions: a table that names picture files and says in words what each shows.

    file,caption                               folder/captions.csv beside the pictures, also JSON lines
    beach.jpg,"two dogs run along a beach"

What comes of it are pictures with their table beside them (`Images.frame`, a row per picture and caption); which of its
columns holds the captions is said in `Images.columns`. Other columns stay there, for whoever knows what they mean. A
picture of several captions is several examples, which no split parts.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from deepglass.core.effects import acts_on
from deepglass.core.errors import DataError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, numbered
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images, Layout, Table
from deepglass.data.reading.file_table import CAPTIONS
from deepglass.data.reading.images import from_paths
from deepglass.data.reading.name_groups import assign_groups
from deepglass.data.reading.table import keep_rows, require_column

__all__ = ["CAPTIONS", "captions_of", "has_captions", "read_captions"]


@acts_on("max_rows", "group_column", "group_from_name")
def read_captions(layout: Layout, config: DataConfig) -> Images:
    """The pictures of a layout of the kind `CAPTIONS`, with their table; `guesses` are those not made before.

    Args:
        layout: A table of paths and sentences, or a bundled set.
        config: As it was read.

    Raises:
        DataError: If no row has a caption, or pictures are broken.
    """
    if isinstance(layout.content, Images):
        return _first(layout.content, config.max_rows)
    layout = _of_coco(layout) if layout.frame is None else layout
    assert layout.frame is not None
    assert layout.columns is not None
    table, column = Table(layout.frame, layout.name, dict(layout.splits)), layout.columns["text_column"]
    kept, guesses = _rows_with_captions(table, column)
    files = layout.files["images"]
    rows = table.splits.get("train", np.arange(len(kept)))
    images = from_paths(table.name, [files[row] for row in kept], rows, config)
    images.names, images.frame, images.splits = [str(files[row]) for row in kept], table.frame, table.splits
    why = "as asked" if config.text_column else "its cells are sentences"
    images.columns = dict(layout.columns)
    images.guesses = [Guess("captions", column, why, "--text-column"), *guesses, *images.guesses]
    if config.group_column:
        groups = table.frame[require_column(table.frame, config.group_column, "--group-column")]
        images.groups = groups.astype("str").to_numpy(dtype=str)
    elif len(set(images.names)) < len(images.names):
        images.groups = np.array(images.names)
    assign_groups(images, config)
    return images


def has_captions(images: Images) -> bool:
    """Whether pictures have a table that says which of its columns holds captions."""
    return images.frame is not None and (images.columns or {}).get("text_column") in images.frame


def captions_of(images: Images) -> list[str]:
    """(N,) the caption of each picture.

    Raises:
        DataError: If there are none.
    """
    if not has_captions(images):
        raise DataError(
            f"{images.name} holds pictures without captions: expected a table that names a picture file and a sentence "
            "in each row, such as file,caption; name its columns with --image-column and --text-column"
        )
    assert images.frame is not None
    assert images.columns is not None
    return images.frame[images.columns["text_column"]].fillna("").astype("str").tolist()


def _rows_with_captions(table: Table, column: str) -> tuple[np.ndarray, list[Guess]]:
    """Rows with a caption; the splits of the table move with them."""
    cells = table.frame[require_column(table.frame, column, "--text-column")]
    has_caption = (cells.notna() & (cells.astype("str").str.strip() != "")).to_numpy()
    kept = np.flatnonzero(has_caption)
    if not len(kept):
        raise DataError(f"column {column!r} of {table.name} is empty in every row: expected a sentence per picture")
    if len(kept) == len(has_caption):
        return kept, []
    keep_rows(table, has_caption)
    rows = numbered("row", (np.flatnonzero(~has_caption) + 1).tolist())
    left_out = counted(int((~has_caption).sum()), "row")
    return kept, [Guess("rows left out", left_out, f"{column} is empty in {rows}", "a caption in every row")]


def _first(images: Images, most: int | None) -> Images:
    """So many of the pictures of a bundled set, evenly spread over its parts."""
    if most is None or most >= len(images):
        return images
    assert images.pixels is not None
    assert images.frame is not None
    rows = np.linspace(0, len(images) - 1, most).astype(int)
    splits = {name: np.flatnonzero(np.isin(rows, part)) for name, part in images.splits.items()}
    frame = images.frame.iloc[rows].reset_index(drop=True)
    return replace(images, pixels=images.pixels[rows], frame=frame, splits=splits, survey=None)


def _of_coco(layout: Layout) -> Layout:
    """The annotations of COCO JSON as a table.

    Raises:
        DataError: If a caption belongs to no picture that is there.
    """
    by_name: dict[str, Path] = {path.name: path for path in layout.files["images"]}
    rows = []
    for file in layout.files["annotations"]:
        content = json.loads(file.read_text(encoding="utf-8"))
        names = {item["id"]: Path(str(item["file_name"])).name for item in content["images"]}
        for item in content["annotations"]:
            name = names.get(item["image_id"])
            if name not in by_name:
                raise DataError(f"{file}: a caption of picture {item['image_id']}, which is not there: copy it there")
            rows.append({"file": name, "caption": str(item.get("caption") or "")})
    frame = pd.DataFrame(rows)
    files = {"images": [by_name[name] for name in frame["file"]]}
    return replace(layout, frame=frame, files=files, columns={"image_column": "file", "text_column": "caption"})
