"""Texts: one long text, folders of classes, several files."""

import gzip

import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table, Text
from deepglass.data.reading.source import read

CONFIG = DataConfig()
PROSE = "It was the best of times, it was the worst of times.\nAll this, and more.\n"


def fill(folder, classes=("good", "bad"), count=2):
    for name in classes:
        (folder / name).mkdir(parents=True)
        for number in range(count):
            (folder / name / f"{number}.txt").write_text(f"a {name} film, number {number}")
    return folder


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_one_long_text(tmp_path, encoding):
    (tmp_path / "book.txt").write_bytes((PROSE + "caf\u00e9 au lait\n").encode(encoding))
    text = read(tmp_path / "book.txt", CONFIG)
    assert isinstance(text, Text)
    assert text.text == PROSE + "café au lait\n"


def test_a_gzipped_text(tmp_path):
    (tmp_path / "book.txt.gz").write_bytes(gzip.compress(PROSE.encode(), mtime=0))
    assert read(tmp_path / "book.txt.gz", CONFIG).text == PROSE


def test_a_text_file_of_tabs_is_a_table(tmp_path):
    (tmp_path / "pairs.txt").write_text("Go.\tVa !\nRun!\tCours !\nGo.\tMarche.\n")
    assert isinstance(read(tmp_path / "pairs.txt", CONFIG), Table)


def test_a_folder_a_class(tmp_path):
    table = read(fill(tmp_path / "films"), CONFIG)
    assert table.frame["label"].tolist() == ["bad", "bad", "good", "good"]
    assert table.frame["text"][0] == "a bad film, number 0"
    assert (table.target, table.task) == ("label", "text-classification")


def test_splits_above_the_classes(tmp_path):
    for split in ("train", "test"):
        fill(tmp_path / split)
    table = read(tmp_path, CONFIG)
    assert {split: rows.tolist() for split, rows in table.splits.items()} == {
        "train": [0, 1, 2, 3],
        "test": [4, 5, 6, 7],
    }


def test_unknown_classes_of_a_test_folder(tmp_path):
    fill(tmp_path / "train")
    fill(tmp_path / "test", classes=("good", "odd"))
    with pytest.raises(DataError, match=r"test has 1 class that train does not have \(odd\): expected bad, good"):
        read(tmp_path, CONFIG)


def test_texts_named_after_splits(tmp_path):
    for split in ("train", "val", "test"):
        (tmp_path / f"{split}.txt").write_text(f"this is {split}")
    text = read(tmp_path, CONFIG)
    assert text.splits == {split: f"this is {split}" for split in ("train", "val", "test")}
    assert text.text == "this is train"


def test_several_texts_are_one_in_the_order_of_their_names(tmp_path):
    for name in ("b", "a", "README"):
        (tmp_path / f"{name}.txt").write_text(name * 3)
    text = read(tmp_path, CONFIG)
    assert text.text == "aaa\nbbb"
    assert "2 files in a row" in str(text.guesses[0])


@pytest.mark.parametrize(("content", "message"), [(b"", "is empty"), (b" \n ", "nothing but blanks")])
def test_empty_texts_are_named(tmp_path, content, message):
    folder = fill(tmp_path / "films")
    (folder / "good" / "0.txt").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read(folder, CONFIG)
