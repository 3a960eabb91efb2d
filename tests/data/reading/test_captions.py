"""Pictures with captions: from a table of paths, from COCO JSON, and the bundled scenes."""

import json
from pathlib import PurePath

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images, Layout
from deepglass.data.datasets import drawn_scenes
from deepglass.data.reading import source
from deepglass.data.reading.captions import captions_of, has_captions, read_captions

COUNT = 12
SAYINGS = [f"two dogs run along beach number {i}" for i in range(COUNT)]


@pytest.fixture
def folder(tmp_path):
    """Twelve pictures without a table."""
    for i in range(COUNT):
        Image.new("RGB", (8, 8), (20 * i, 0, 0)).save(tmp_path / f"{i:02}.png")
    return tmp_path


def read(path, **options) -> Images:
    config = DataConfig(**options)
    layout = source.read(str(path), config, follow=("picture", "caption"))
    assert isinstance(layout, Layout), layout
    assert layout.kind == "captions"
    return read_captions(layout, config)


def written(folder, name="captions.csv", **columns):
    frame = pd.DataFrame({"file": [f"{i:02}.png" for i in range(COUNT)], "caption": SAYINGS} | columns)
    frame.to_csv(folder / name, index=False)
    return folder / name


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_table_beside_the_pictures_says_what_each_shows(folder, is_folder):
    path = written(folder, weather=["sun", "rain"] * 6)
    images = read(folder if is_folder else path)
    assert has_captions(images)
    assert captions_of(images) == SAYINGS
    assert images.frame["weather"].tolist() == ["sun", "rain"] * 6
    assert [PurePath(name).name for name in images.names] == [f"{i:02}.png" for i in range(COUNT)]


def test_json_lines_are_a_table_too(folder):
    lines = [json.dumps({"file_name": f"{i:02}.png", "text": saying}) for i, saying in enumerate(SAYINGS)]
    (folder / "metadata.jsonl").write_text("\n".join(lines))
    assert captions_of(read(folder)) == SAYINGS


def test_short_captions_are_taken_where_they_are_named(folder):
    path = written(folder, colour=["red", "dark red"] * 6)
    assert captions_of(read(path, text_column="colour")) == ["red", "dark red"] * 6


def test_rows_without_a_caption_are_left_out_and_named(folder):
    images = read(written(folder, caption=[*SAYINGS[:5], "", *SAYINGS[6:]]))
    assert len(images) == COUNT - 1
    assert any("row 6" in guess.why for guess in images.guesses)


def test_several_captions_of_a_picture_stay_together(folder):
    files = [f"{i // 2:02}.png" for i in range(COUNT)]
    images = read(written(folder, file=files))
    assert len(images) == COUNT
    assert len(set(images.groups)) == COUNT // 2


def test_captions_in_coco_json_are_read(folder):
    content = {
        "images": [{"id": 7 + i, "file_name": f"{i:02}.png"} for i in range(COUNT)],
        "annotations": [{"id": i, "image_id": 7 + i, "caption": saying} for i, saying in enumerate(SAYINGS)],
    }
    (folder / "captions.json").write_text(json.dumps(content))
    images = read(folder)
    assert captions_of(images) == SAYINGS
    assert images.names[3].endswith("03.png")


def test_pictures_without_captions_say_what_is_expected(folder):
    images = source.read(str(folder / "00.png"), DataConfig())
    with pytest.raises(DataError, match="file,caption"):
        captions_of(images)


def test_a_column_without_any_caption_is_refused(folder):
    path = written(folder, note=[None] * COUNT)
    with pytest.raises(DataError, match="empty in every row"):
        read(path, text_column="note")


def test_the_bundled_scenes_have_attributes_as_columns_and_can_be_cut():
    whole = read_captions(drawn_scenes.load(), DataConfig())
    some = read_captions(drawn_scenes.load(), DataConfig(max_rows=100))
    assert list(whole.frame) == ["caption", "colour", "shape", "relation", "other_colour", "other_shape"]
    assert (len(some), len(some.frame)) == (100, 100)
    assert sum(map(len, some.splits.values())) == 100
    assert np.isin(captions_of(some), captions_of(whole)).all()
