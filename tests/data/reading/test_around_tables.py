"""What stands around a table, and tables between blanks: titles, comments, totals, trailing delimiters, row names."""

import pandas as pd
import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Text
from deepglass.data.reading.source import read, read_known

N = 40
A = [round(1 + i * 0.37 % 8, 2) for i in range(N)]
B = [7 * i % 50 + 1 for i in range(N)]
C = [("red", "blue", "green")[i % 3] for i in range(N)]
ROWS = [f"{a},{b},{c}" for a, b, c in zip(A, B, C)]
TABLE = "a,b,c\n" + "\n".join(ROWS) + "\n"
BLANKS = [f"{a:9.2f}  {b:6d}   {a * b:11.4f}" for a, b in zip(A, B)]

FILES = {  # name → content; all hold the columns a, b, c
    "title.csv": "Sales of 2024\nby region\n\n" + TABLE,
    "wide title.csv": "Sales of 2024, first half\n" + TABLE.replace(",", ";"),
    "comments above.csv": "# made by hand\n# on a Monday\n" + TABLE,
    "comments inside.csv": TABLE.replace("\n", "\n# a remark\n", 3),
    "trailing everywhere.csv": TABLE.replace("\n", ",\n"),
    "trailing below.csv": "a,b,c\n" + "".join(f"{row},\n" for row in ROWS),
    "sep.csv": "sep=;\n" + TABLE.replace(",", ";"),
    "blank lines.csv": "\n\n" + TABLE.replace("\n", "\n\n"),
    "carriage returns.csv": TABLE.replace("\n", "\r"),
    "mixed ends.csv": TABLE.replace("\n", "\r\n", 9),
    "mark.csv": "\ufeff" + TABLE,
    "quoted.csv": "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in TABLE.split()) + "\n",
    "apostrophes.csv": "\n".join(",".join(f"'{cell}'" for cell in line.split(",")) for line in TABLE.split()) + "\n",
    "source.csv": TABLE + "\nSource: our own measurements, 2024\n",
    "remark.csv": TABLE + "Figures of last year are provisional\n",
    "of R.csv": '"a" "b" "c"\n' + "".join(f'"{i}" {a} {b} "{c}"\n' for i, (a, b, c) in enumerate(zip(A, B, C), 1)),
    "index of pandas.csv": "," + TABLE.split("\n", 1)[0] + "\n" + "".join(f"{i},{row}\n" for i, row in enumerate(ROWS)),
}


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("name", FILES)
def test_a_table_is_found_among_what_stands_around_it(tmp_path, name):
    path = written(tmp_path, name, FILES[name])
    table = read(path, DataConfig())
    for found in (table.frame, read_known(path, table.format).frame):
        assert found["a"].tolist() == A
        assert found["b"].tolist() == B
        assert found["c"].astype("str").tolist() == C
        assert set(found.columns) <= {"a", "b", "c", "row"}


def test_what_is_left_out_is_said(tmp_path):
    said = {
        name: " ".join(map(str, read(written(tmp_path, name, FILES[name]), DataConfig()).guesses)) for name in FILES
    }
    assert "above the table: 2 lines left out" in said["title.csv"]
    assert "--skip-lines" in said["title.csv"]
    assert "below the table: 1 line left out" in said["source.csv"]
    assert "apostrophes" in said["apostrophes.csv"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "\n".join(BLANKS) + "\n"),
        ("a.csv", "    a       b        c\n" + "\n".join(BLANKS) + "\n"),
        ("a.dat", "# a b c\n" + "\n".join(BLANKS) + "\n"),
        ("a.prn", "\n".join(line.replace("   ", "\t ") for line in BLANKS) + "\n"),
    ],
)
def test_numbers_between_blanks_are_a_table(tmp_path, name, content):
    table = read(written(tmp_path, name, content), DataConfig())
    assert table.frame.shape == (N, 3)
    assert table.frame.iloc[:, 0].tolist() == A
    known = read_known(written(tmp_path, "new" + name, content), table.format)
    pd.testing.assert_frame_equal(known.frame, table.frame)


def test_prose_is_no_table(tmp_path):
    text = "It was a dark night.\nRain fell, and 12 bells rang in the old tower.\nNobody came.\n" * 20
    assert isinstance(read(written(tmp_path, "a.txt", text), DataConfig()), Text)


def test_rows_of_totals_are_left_out_aloud(tmp_path):
    body = "".join(f"{c}{i},{a},{b}\n" for i, (a, b, c) in enumerate(zip(A, B, C)))
    path = written(tmp_path, "a.csv", "city,a,b\n" + body + f"Grand total,{sum(A)},{sum(B)}\n")
    table = read(path, DataConfig())
    assert len(table.frame) == N
    assert any("'Grand total'" in str(guess) and "--skip-footer" in str(guess) for guess in table.guesses)
    assert len(read(path, DataConfig(skip_footer=0)).frame) == N + 1
    years = "".join(f"{1960 + i},{a},{b}\n" for i, (a, b) in enumerate(zip(A, B)))
    assert len(read(written(tmp_path, "b.csv", "year,a,b\n" + years + "Total,9,9\n"), DataConfig()).frame) == N


def test_a_line_that_was_cut_off_is_no_footer(tmp_path):
    for end in ("4.5,3", "4.5", "4.5,3,red,1"):
        with pytest.raises(DataError, match="expected 3 as in the header"):
            read(written(tmp_path, "a.csv", TABLE + end), DataConfig())


def test_lines_above_can_be_said(tmp_path):
    path = written(tmp_path, "a.csv", "x,y,z\n" + TABLE)
    assert list(read(path, DataConfig(skip_lines=1)).frame.columns) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("country,1990,1991", ["country", "1990", "1991"]),
        ("0,1,2", ["0", "1", "2"]),
        (",a,b", ["column_1", "a", "b"]),
        ("a,a,", ["a", "a_2", "column_3"]),
    ],
)
def test_names_that_are_numbers_empty_or_repeated(tmp_path, header, names):
    body = "".join(f"{c}{i},{a},{b}\n" for i, (a, b, c) in enumerate(zip(A, B, C)))
    table = read(written(tmp_path, "a.csv", header + "\n" + body), DataConfig())
    assert list(table.frame.columns) == names
    assert len(table.frame) == N


def test_a_delimiter_that_fits_the_header_wins(tmp_path):
    body = "".join(f"{a:.2f};{b / 7:.2f};{a * b:.2f}\n".replace(".", ",") for a, b in zip(A, B))
    for header in ("width;length;weight\n", ""):
        table = read(written(tmp_path, "a.csv", header + body), DataConfig())
        assert table.frame.shape == (N, 3)
        assert table.frame.iloc[:, 0].tolist() == A


def test_one_column_of_decimal_commas(tmp_path):
    table = read(written(tmp_path, "a.csv", "x\n" + "".join(f"{a}\n".replace(".", ",") for a in A)), DataConfig())
    assert table.frame["x"].tolist() == A


def test_a_web_page_is_named(tmp_path):
    with pytest.raises(DataError, match="a web page"):
        read(written(tmp_path, "a.csv", "<!DOCTYPE html>\n<html>404</html>\n"), DataConfig())


def test_thousands_of_columns_are_read_in_seconds(tmp_path):
    names = [f"g{i}" for i in range(3000)]
    line = ",".join(str(i % 7 + 0.5) for i in range(3000))
    path = written(tmp_path, "a.csv", ",".join(names) + "\n" + (line + "\n") * 30)
    assert read(path, DataConfig()).frame.shape == (30, 3000)


@pytest.mark.parametrize("delimiter", ["^", "~", ":", "\x01"])
def test_rare_delimiters(tmp_path, delimiter):
    table = read(written(tmp_path, "a.csv", TABLE.replace(",", delimiter)), DataConfig())
    assert list(table.frame.columns) == ["a", "b", "c"]
    assert read(written(tmp_path, "b.csv", "when\n10:30\n11:40\n12:50\n"), DataConfig()).frame.shape == (3, 1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "1 1:0.5 3:2\n0 1:0.25 2:1.5\n1 2:3 3:4\n", "a LIBSVM file, with cells such as '1:0.5'"),
        ("a.arff", "@relation flowers\n@attribute a numeric\n@data\n1\n", "an ARFF file"),
        ("a.csv", "<?xml version='1.0'?><rows/>\n", "an XML document"),
    ],
)
def test_other_formats_are_named(tmp_path, name, content, message):
    with pytest.raises(DataError, match=message):
        read(written(tmp_path, name, content), DataConfig())
