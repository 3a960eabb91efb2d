"""Two files whose lines belong together become a table with a column per language, and nothing is shifted."""

import gzip

import pytest

from deepglass.core.errors import DataError
from deepglass.data.containers import Layout
from deepglass.data.reading.sentence_files import LONGEST_LINE, lines_of, read_pairs

PROVES = {"test_files_of_every_part_are_one_table_that_knows_its_parts": ("data/reading/sentence_files.py",)}


def written(folder, name, content):
    path = folder / name
    content = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


def layout(**files):
    return Layout("sentence pairs", "talks", "sentence pairs", {}, files=files)


def test_lines_end_where_a_line_ends_and_nowhere_else(tmp_path):
    """Characters such as U+2028 and form feeds end a line for `str.splitlines`, and would shift all that follow."""
    path = written(tmp_path, "train.en", "one\u2028still one\r\ntwo\x0cstill two\n\nfour\x85still four\n")
    assert lines_of(path) == ["one\u2028still one", "two\x0cstill two", "", "four\x85still four"]


@pytest.mark.parametrize("name", ["train.de", "train.de.gz"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_packed_files_and_other_encodings_are_read(tmp_path, name, encoding):
    assert lines_of(written(tmp_path, name, "Grüße\nHündin".encode(encoding))) == ["Grüße", "Hündin"]


def test_a_line_that_is_no_sentence_is_named(tmp_path):
    with pytest.raises(DataError, match=r"train\.en, line 2: 100,001 characters, expected a sentence"):
        lines_of(written(tmp_path, "train.en", "one\n" + "x" * (LONGEST_LINE + 1)))


def test_files_of_every_part_are_one_table_that_knows_its_parts(tmp_path):
    english = [written(tmp_path, f"{part}.en", f"{part} one\n{part} two\n") for part in ("train", "val", "test")]
    german = [written(tmp_path, f"{part}.de", f"{part} eins\n{part} zwei\n") for part in ("train", "val", "test")]
    table = read_pairs(layout(en=english, de=german))
    assert [*table.frame.columns] == ["en", "de"]
    assert table.frame.iloc[3].tolist() == ["val two", "val zwei"]
    assert {name: rows.tolist() for name, rows in table.splits.items()} == {
        "train": [0, 1], "val": [2, 3], "test": [4, 5]
    }  # fmt: skip


def test_one_pair_of_files_declares_no_parts(tmp_path):
    table = read_pairs(layout(en=[written(tmp_path, "train.en", "a\nb")], de=[written(tmp_path, "train.de", "c\nd")]))
    assert table.splits == {}


def test_what_does_not_belong_together_is_refused(tmp_path):
    one, other = written(tmp_path, "train.en", "a\nb\n"), written(tmp_path, "train.de", "c\n")
    with pytest.raises(DataError, match=r"train\.en has 2 lines and train\.de 1: expected as many"):
        read_pairs(layout(en=[one], de=[other]))
    with pytest.raises(DataError, match="a file of en lacks its counterpart in de"):
        read_pairs(layout(en=[one, one], de=[other]))
    for files in ({}, {"en": [one]}, {"en": [one], "de": [other], "fr": [other]}):
        with pytest.raises(DataError, match="expected two languages"):
            read_pairs(layout(**files))
