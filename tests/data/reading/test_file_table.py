"""A column of paths stands for the files that it names."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from deepglass.api.train import train
from deepglass.core.errors import DataError, OptionError
from deepglass.data.check import inspect
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images, Layout, Table
from deepglass.data.preprocess.image import read_inputs
from deepglass.data.reading.file_column import KINDS
from deepglass.data.reading.roles import guess_task
from deepglass.data.reading.source import read

CONFIG = DataConfig()
COUNT = 24


def pictures(folder, form="{i:03}.png", size=(8, 6)):
    """Dark and light pictures in turns."""
    rng = np.random.default_rng(0)
    for i in range(COUNT):
        path = folder / form.format(i=i)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(200 * (i % 2), 200 * (i % 2) + 50, size[::-1], dtype=np.uint8)).save(path)


def table(path, rows, sep=","):
    frame = pd.DataFrame(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_json(path, orient="records", lines=True) if path.suffix == ".jsonl" else frame.to_csv(
        path, index=False, sep=sep
    )
    return path


def rows(form="{i:03}.png", **more):
    return {"file": [form.format(i=i) for i in range(COUNT)], "label": ["dark", "light"] * (COUNT // 2), **more}


def follow(source, config=CONFIG):
    return read(source, config, follow=tuple(KINDS))


@pytest.mark.parametrize("name", ["photos.csv", "photos.tsv", "photos.jsonl"])
def test_pictures_and_their_classes(tmp_path, name):
    pictures(tmp_path)
    images = follow(table(tmp_path / name, rows(), "\t" if name.endswith("tsv") else ","))
    assert isinstance(images, Images)
    assert images.classes == ["dark", "light"]
    assert images.labels.tolist() == [0, 1] * (COUNT // 2)
    assert [int(p.mean() > 100) for p in images.pixels] == images.labels.tolist()
    guessed = {guess.what: str(guess) for guess in images.guesses}
    assert "image column: file (cells end like .png; change with --image-column)" in guessed["image column"]
    assert "target" in guessed


@pytest.mark.parametrize(
    ("files", "cells"),
    [
        ("{i:03}.png", "{i:03}.png"),
        ("images/{i:03}.png", "images/{i:03}.png"),
        ("images/{i:03}.png", "{i:03}.png"),
        ("images/{i:03}.png", "./images/{i:03}.png"),
        ("images/p{i:03}.png", "p{i:03}"),
        ("images/{i:05}.png", "{i}"),
        ("images/{i:03}.png", "images\\{i:03}.png"),
    ],
)
def test_files_are_found_where_the_table_is(tmp_path, files, cells, monkeypatch):
    pictures(tmp_path / "data", files)
    images = follow(table(tmp_path / "data" / "labels.csv", rows(cells)))
    assert isinstance(images, Images)
    assert [int(p.mean() > 100) for p in images.pixels] == images.labels.tolist()
    monkeypatch.chdir(tmp_path)
    assert isinstance(follow("data"), Images)  # the folder holds one table


def test_missing_files_are_named(tmp_path):
    pictures(tmp_path)
    for i in (3, 5):
        (tmp_path / f"{i:03}.png").unlink()
    with pytest.raises(DataError, match=r"column 'file': 2 files of 24 cannot be found below .* \(003.png, 005.png\)"):
        follow(table(tmp_path / "photos.csv", rows()))


def test_other_columns_are_left_out_and_said(tmp_path):
    pictures(tmp_path)
    images = follow(
        table(tmp_path / "photos.csv", rows(age=range(COUNT), site=["x", "y"] * 12)), DataConfig(target="label")
    )
    left_out = next(guess for guess in images.guesses if guess.what == "columns left out")
    assert left_out.value == "age, site"
    assert "no model of both yet" in left_out.why


def test_groups_splits_and_classes_of_the_table(tmp_path):
    pictures(tmp_path)
    parts = ["train"] * 12 + ["val"] * 4 + ["test"] * 8
    path = table(tmp_path / "photos.csv", rows(patient=[f"p{i // 4}" for i in range(COUNT)], part=parts))
    images = follow(path, DataConfig(group_column="patient", split_column="part", target="label"))
    assert images.groups.tolist()[:5] == ["p0"] * 4 + ["p1"]
    assert {split: len(part) for split, part in images.splits.items()} == {"train": 12, "val": 4, "test": 8}
    with pytest.raises(OptionError, match="unknown column 'site'"):
        follow(path, DataConfig(group_column="site"))
    assert not [guess for guess in images.guesses if guess.what == "columns left out"]


def test_rows_without_a_class_are_left_out_and_said(tmp_path):
    pictures(tmp_path)
    content = rows()
    content["label"][4] = None
    images = follow(table(tmp_path / "photos.csv", content))
    assert len(images) == COUNT - 1
    assert any(guess.what == "rows left out" and "rows 5" in guess.why for guess in images.guesses)


def test_the_column_can_be_named(tmp_path):
    pictures(tmp_path)
    content = rows(second=[f"{i:03}.png" for i in reversed(range(COUNT))])
    path = table(tmp_path / "photos.csv", content)
    first, second = (read(path, DataConfig(image_column=name, target="label")) for name in ("file", "second"))
    np.testing.assert_array_equal(first.pixels, second.pixels[::-1])
    with pytest.raises(OptionError, match="--image-column: unknown column 'foto'"):
        read(path, DataConfig(image_column="foto"))


def test_addresses_are_not_downloaded(tmp_path):
    path = table(tmp_path / "photos.csv", rows("https://example.org/{i}.jpg"))
    with pytest.raises(DataError, match=r"holds addresses such as 'https://example.org/0.jpg': nothing is downloaded"):
        follow(path)


def test_a_run_reads_a_later_table_by_the_same_columns(tmp_path):
    pictures(tmp_path / "data")
    path = table(tmp_path / "data" / "photos.csv", rows(age=range(COUNT)))
    options = {"target": "label", "epochs": 1, "width": 8, "device": "cpu", "val_fraction": 0.2}
    run = train(str(path), run=tmp_path / "run", **options)
    new = table(tmp_path / "data" / "new.csv", {"id": range(6), "file": [f"{i:03}.png" for i in range(6)]})
    answers = run.predict(str(new))
    assert [answer["file"].rpartition("/")[2] for answer in answers] == [f"{i:03}.png" for i in range(6)]
    assert len(run.predict(str(tmp_path / "data" / "000.png"))) == 1
    assert run.evaluate(str(path))["count"] == COUNT


def test_paths_of_texts_are_read(tmp_path):
    for i in range(COUNT):
        (tmp_path / f"{i}.txt").write_text(f"a {'good' if i % 2 else 'bad'} film that I saw {i} times")
    found = follow(table(tmp_path / "reviews.csv", rows("{i}.txt")))
    assert isinstance(found, Table)
    assert found.frame["text"][1] == "a good film that I saw 1 times"
    assert guess_task(found, CONFIG)[0] == "text-classification"


def test_sounds_captions_and_numbers_are_told_apart(tmp_path):
    pictures(tmp_path)
    for i in range(COUNT):
        (tmp_path / f"{i}.wav").write_bytes(b"RIFF")
    captions = [f"a picture of thing number {i}" for i in range(COUNT)]
    cases = [
        ("sounds", rows("{i}.wav")),
        ("captions", {"file": rows()["file"], "caption": captions}),
        ("picture numbers", {"file": rows()["file"], "weight": np.linspace(0.5, 9, COUNT)}),
    ]
    for kind, content in cases:
        layout = follow(table(tmp_path / "a.csv", content))
        assert isinstance(layout, Layout)
        assert layout.kind == kind
    assert "the column 'weight'" in layout.what


@pytest.mark.parametrize(("name", "kind"), [("mask_path", "masks"), ("after", "picture pairs")])
def test_two_columns_of_pictures_are_pairs(tmp_path, name, kind):
    pictures(tmp_path)
    files = rows()["file"]
    layout = follow(table(tmp_path / "a.csv", {"image": files, name: files[::-1]}))
    assert isinstance(layout, Layout)
    assert (layout.kind, layout.facts) == (kind, {"pairs": COUNT})
    images = follow(table(tmp_path / "b.csv", {"image": files, name: files[::-1], "label": rows()["label"]}))
    assert images.classes == ["dark", "light"]


def test_pictures_without_classes(tmp_path):
    pictures(tmp_path)
    path = table(tmp_path / "photos.csv", {"file": rows()["file"], "other": ["same"] * COUNT})
    images = follow(path)
    assert images.labels is None
    assert len(read_inputs(path, 1, CONFIG)[0]) == COUNT
    assert "without classes" in inspect(images, CONFIG).warnings[0]


def test_a_column_of_paths_is_a_column_like_any_where_nobody_follows(tmp_path):
    pictures(tmp_path)
    path = table(tmp_path / "photos.csv", rows(age=np.arange(COUNT) * 1.5))
    assert isinstance(read(path, CONFIG), Table)
    options = {"target": "label", "epochs": 1, "device": "cpu", "val_fraction": 0.2}
    run = train(str(path), task="tabular-classification", run=tmp_path / "run", **options)
    assert run.predict(str(path))[0]["prediction"] in ("dark", "light")


def test_a_table_of_notes_beside_folders_of_classes(tmp_path):
    for name in ("cat", "dog"):
        pictures(tmp_path / name)
    table(tmp_path / "notes.csv", {"who": ["Ada", "Bob", "Cy"], "what": ["took", "sorted", "checked"]})
    assert follow(tmp_path).classes == ["cat", "dog"]


def test_plain_tables_beside_pictures_stay_tables(tmp_path):
    pictures(tmp_path)
    frame = {"price": np.arange(30.0), "rooms": np.arange(30) % 5, "city": ["a", "b", "c"] * 10}
    assert isinstance(follow(table(tmp_path / "houses.csv", frame)), Table)
