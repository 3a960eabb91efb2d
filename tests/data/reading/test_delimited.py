"""Delimited files in every form, and what is said of broken ones."""

import gzip
import itertools

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.reading.delimited import read_delimited

ROWS = [("name", "age", "city"), ("Ann", "31", "Oslo"), ("Bob", "45", "Rome"), ("Cleo", "27", "Oslo")]


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
    return path


def read(path, **options):
    return read_delimited(path, DataConfig(**options))[0]


@pytest.mark.parametrize(
    ("delimiter", "end"), list(itertools.product([",", ";", "\t", "|", ", ", "   "], ["\n", "\r\n"]))
)
def test_delimiters(tmp_path, delimiter, end):
    frame = read(write(tmp_path / "people.csv", end.join(delimiter.join(row) for row in ROWS) + end))
    assert list(frame.columns) == ["name", "age", "city"]
    assert frame["age"].tolist() == [31, 45, 27]
    assert frame["city"].astype(str).tolist() == ["Oslo", "Rome", "Oslo"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
def test_encodings(tmp_path, encoding):
    names = "Zoë,Å\u2019s" if encoding not in ("latin-1",) else "Zoë,Ås"
    path = write(tmp_path / "a.csv", f"first,second,n\n{names},1\nPäl,b,2\n", encoding)
    frame, _, guesses, _ = read_delimited(path, DataConfig())
    assert list(frame.columns) == ["first", "second", "n"]
    assert f"{frame['first'][0]},{frame['second'][0]}" == names
    assert any(guess.what == "encoding" for guess in guesses) == (encoding != "utf-8")


def test_latin_1_beyond_the_sample_is_noticed(tmp_path):
    rows = "".join(f"{i},some words to fill the line\n" for i in range(40_000))
    path = write(tmp_path / "a.csv", b"n,words\n" + rows.encode() + "40000,caf\u00e9\n".encode("latin-1"))
    frame, _, guesses, _ = read_delimited(path, DataConfig())
    assert frame["words"].iloc[-1] == "café"
    assert "line 40002 is not UTF-8" in next(str(guess) for guess in guesses if guess.what == "encoding")


def test_gzip_is_recognised_by_content(tmp_path):
    content = gzip.compress(b"a,b\n1,x\n2,y\n", mtime=0)
    for name in ("a.csv.gz", "a.csv"):
        assert read(write(tmp_path / name, content))["a"].tolist() == [1, 2]


def test_a_file_without_header_gets_numbered_columns(tmp_path):
    frame = read(write(tmp_path / "a.csv", "1,2.5,red\n3,4.5,blue\n"))
    assert list(frame.columns) == ["column_1", "column_2", "column_3"]
    assert len(frame) == 2


@pytest.mark.parametrize(("header", "rows"), [(True, 1), (False, 2)])
def test_the_header_can_be_forced(tmp_path, header, rows):
    assert len(read(write(tmp_path / "a.csv", "a,b\nc,d\n"), header=header)) == rows


def test_columns_of_words_alone_keep_their_header(tmp_path):
    frame = read(write(tmp_path / "a.csv", "colour,size\nred,small\nblue,large\nred,small\n"))
    assert list(frame.columns) == ["colour", "size"]


def test_words_alone_whose_first_row_recurs_have_no_header(tmp_path):
    frame = read(write(tmp_path / "a.csv", "red,small\nblue,large\nred,small\n"))
    assert list(frame.columns) == ["column_1", "column_2"]
    assert len(frame) == 3


def test_quoted_cells_hold_delimiters_quotes_and_line_breaks(tmp_path):
    frame = read(write(tmp_path / "a.csv", 'n,words\n1,"a, b"\n2,"say ""hi"""\n3,"two\nlines"\n'))
    assert frame["words"].astype(str).tolist() == ["a, b", 'say "hi"', "two\nlines"]


def test_bare_quotation_marks_are_ordinary_characters(tmp_path):
    frame, _, guesses, _ = read_delimited(write(tmp_path / "a.tsv", 'a 5" pipe\t1\n" odd\t0\nfine\t1\n'), DataConfig())
    assert frame["column_1"].astype(str).tolist() == ['a 5" pipe', '" odd', "fine"]
    assert any(guess.what == "quoting" for guess in guesses)


def test_a_blank_before_a_quoted_cell(tmp_path):
    frame = read(write(tmp_path / "a.csv", 'n, words\n1, "a, b"\n2, "c"\n'))
    assert frame["words"].astype(str).tolist() == ["a, b", "c"]


def test_decimal_commas(tmp_path):
    frame = read(write(tmp_path / "a.csv", "x;y\n1,5;2\n2,25;3\n"))
    assert frame["x"].tolist() == [1.5, 2.25]


def test_commas_in_prose_are_no_delimiter(tmp_path):
    text = "text\tlabel\nyes, well, no\t1\nplain\t0\none, two\t1\n"
    assert list(read(write(tmp_path / "a.csv", text)).columns) == ["text", "label"]


def test_max_rows(tmp_path):
    path = write(tmp_path / "a.csv", "a,b\n" + "".join(f"{i},x{i % 3}\n" for i in range(100)))
    assert read(path, max_rows=7)["a"].tolist() == list(range(7))


def test_many_fractions_are_kept_in_single_precision(tmp_path, monkeypatch):
    monkeypatch.setattr("deepglass.data.reading.delimited.BIG_CELLS", 5)
    frame = read(write(tmp_path / "a.csv", "a,b\n0.5,1\n1.5,2\n2.5,3\n"))
    assert frame["a"].dtype == np.float32
    assert frame["b"].dtype == np.int64


def test_the_careful_path_reads_the_same(tmp_path):
    text = "when,x,y,flag\n" + "".join(f"2020-01-{i:02d},{i / 2},w{i % 4},{i % 2 == 0}\n" for i in range(1, 29))
    path = write(tmp_path / "a.csv", text)
    fast, careful = read(path), read(path, max_rows=28)
    assert fast["when"].dtype.kind == "M"
    pd.testing.assert_frame_equal(fast, careful, check_dtype=False, check_categorical=False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"is empty \(0 bytes\)"),
        (b" \n\n ", "nothing but blanks"),
        (b"PK\x03\x04rest", "Excel workbook or a zip archive"),
        (b"a,b\x00\x01\n", "zero bytes"),
        (b"a,b\n", r"no rows below its header.*--no-header"),
        (b"a,b\n1,2\n3,4,5\n6,7\n8\n", r"line 3: 3 cells, expected 2 as in the header \(also line 5\).*--delimiter"),
        (b'a,b\n1,"x"\n2,"open\n3,y\n4,z,w\n', r"line 3: .*quotation mark.*--no-quoting"),
        (gzip.compress(b"a,b\n1,2\n" * 500, mtime=0)[:-30], "damaged gzip file"),
    ],
)
def test_broken_files_are_named_with_what_to_do(tmp_path, content, message):
    path = write(tmp_path / "broken.csv", content)
    with pytest.raises(DataError, match=message) as caught:
        read(path)
    assert "broken.csv" in str(caught.value)


def test_a_gzip_file_damaged_beyond_the_sample(tmp_path):
    rows = "".join(f"{i * 7919 % 100003},{i * 104729 % 1299709}\n" for i in range(200_000))
    path = write(tmp_path / "a.csv.gz", gzip.compress(b"a,b\n" + rows.encode(), mtime=0)[:-1000])
    with pytest.raises(DataError, match="damaged gzip file"):
        read(path)


def test_a_missing_file_suggests_its_neighbours(tmp_path):
    write(tmp_path / "people.csv", "a\n1\n")
    with pytest.raises(DataError, match=r"poeple.csv does not exist: did you mean .*people.csv\?"):
        read_missing(tmp_path / "poeple.csv")


def read_missing(path):
    from deepglass.data.reading.source import read as read_source

    return read_source(path, DataConfig())


def test_a_wrong_encoding_names_the_line(tmp_path):
    path = write(tmp_path / "a.csv", "a,b\n1,x\n2,caf\u00e9\n")
    with pytest.raises(DataError, match=r"line 3: the bytes are not ascii text.*--encoding"):
        read(path, encoding="ascii")


def test_unknown_options_are_refused(tmp_path):
    path = write(tmp_path / "a.csv", "a,b\n1,x\n")
    with pytest.raises(OptionError, match="unknown encoding 'klingon'"):
        read(path, encoding="klingon")
    with pytest.raises(OptionError, match="expected one character or comma"):
        read(path, delimiter="##")


@pytest.mark.parametrize("spelling", ["semicolon", ";"])
def test_a_delimiter_can_be_named(tmp_path, spelling):
    assert list(read(write(tmp_path / "a.csv", "a;b\n1;2,5\n2;3,5\n"), delimiter=spelling).columns) == ["a", "b"]
