"""Standard input is read in every form, named in messages, and leaves nothing behind."""

import gzip
import io
import json
import sys

import pytest

from deepglass.cli._standard_input import ending_of, named_file
from deepglass.core.errors import DataError


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"a,b\n1,2\n", ".csv"),
        (b"PAR1....", ".parquet"),
        (b"\x89PNG....", ".png"),
        (b'{"a": 1}\n{"a": 2}\n', ".jsonl"),
        (b'\xef\xbb\xbf [{"a": 1}]', ".json"),
        (gzip.compress(b'{"a": 1}\n', mtime=0), ".jsonl"),
        (b"BMI,age\n20,30\n", ".csv"),
        (b"[Chorus] la la", ".csv"),
        (b"{braces} in prose", ".csv"),
        (b"[" * 5000, ".json"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0)[:-9], ".csv"),
    ],
)
def test_the_form_is_told_from_the_content(content, ending):
    assert ending_of(content, ".csv") == ending
    if ending == ".csv":
        assert ending_of(content, ".txt") == ".txt"


@pytest.fixture
def typed_in(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def type_in(content: bytes):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        return tmp_path

    return type_in


def test_nothing_is_left_behind(typed_in):
    folder = typed_in(json.dumps([{"a": 1}]).encode())
    with named_file("-") as path:
        assert path.endswith(".json")
        assert list(folder.iterdir())
    assert not list(folder.iterdir())


def test_messages_speak_of_standard_input(typed_in):
    folder = typed_in(b"a,b\n")
    with pytest.raises(DataError, match=r"^standard input has no rows"), named_file("-") as path:
        raise DataError(f"{path} has no rows")
    assert not list(folder.iterdir())


def test_an_empty_standard_input_is_named(typed_in):
    typed_in(b" \n")
    with pytest.raises(DataError, match="standard input is empty"), named_file("-"):
        pass


def test_a_name_is_itself():
    with named_file("a.csv") as path:
        assert path == "a.csv"
