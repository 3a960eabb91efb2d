"""New tables are read as the training table was: a cell means the same wherever it comes from, or it is an error."""

import datetime
import decimal
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.reading.source import read, read_known
from deepglass.data.reading.table_format import TableFormat

HEADER = "sold;price;code;colour;good"
LINES = [
    "31/01/2023;1.234,50;00501;red;yes",
    "01/12/2022;12,00;10001;blue;no",
    "15/06/2023;7.000,25;01234;NA;yes",
    ";;02134;red;no",
] * 10
NEW = ["07/01/2023;2.000,00;501;green", "2023-02-08;3;10001;"]
EXPECTED = {
    "sold": ["2023-01-07", "2023-02-08"],
    "price": [2000.0, 3.0],
    "code": ["00501", "10001"],
    "colour": ["green", ""],
}


@pytest.fixture
def trained(tmp_path) -> TableFormat:
    path = tmp_path / "train.csv"
    path.write_text(HEADER + "\n" + "\n".join(LINES) + "\n")
    format = read(path, DataConfig()).format
    state = json.loads(json.dumps(format.state()))
    assert TableFormat.from_state(state) == format
    return TableFormat.from_state(state).used_by(["sold", "price", "code", "colour"], "good")


def same(frame: pd.DataFrame) -> None:
    assert frame["sold"].dt.strftime("%Y-%m-%d").tolist() == EXPECTED["sold"]
    assert frame["price"].tolist() == EXPECTED["price"]
    assert frame["code"].astype("str").tolist() == EXPECTED["code"]
    assert ["" if pd.isna(cell) else cell for cell in frame["colour"]] == EXPECTED["colour"]


def new_file(tmp_path, lines, header="sold;price;code;colour", name="new.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes("\n".join([*([header] if header else []), *lines, ""]).encode(encoding))
    return path


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace(";", "\t"),
        lambda text: text.replace(";", "|"),
        lambda text: "\ufeff" + text,
        lambda text: "A title\n\n" + text,
        lambda text: text.replace("\n", ";more\n").replace("colour;more", "colour;extra"),
        lambda text: "\n".join(";".join(line.split(";")[::-1]) for line in text.strip().split("\n")) + "\n",
        lambda text: "".join(";".join(f'"{c}"' for c in line.split(";")) + "\n" for line in text.strip().split("\n")),
    ],
    ids=["same", "tabs", "bars", "mark", "title", "extra", "reversed", "quoted"],
)
def test_files_with_the_same_names(tmp_path, trained, change):
    path = tmp_path / "new.csv"
    path.write_text(change("\n".join(["sold;price;code;colour", *NEW]) + "\n"))
    same(read_known(path, trained).frame)


def test_another_delimiter_is_said(tmp_path, trained):
    table = read_known(
        new_file(tmp_path, [line.replace(";", "\t") for line in NEW], "sold\tprice\tcode\tcolour"), trained
    )
    assert "delimiter: tab (semicolon in training)" in " ".join(map(str, table.guesses))
    assert "such as 501, read as 00501" in " ".join(map(str, table.guesses))


def records():
    return [dict(zip(HEADER.split(";"), line.split(";"))) for line in NEW]


TYPED = [
    {"sold": pd.Timestamp("2023-01-07"), "price": 2000.0, "code": 501, "colour": "green"},
    {"sold": datetime.date(2023, 2, 8), "price": 3, "code": 10001, "colour": None},
]


@pytest.mark.parametrize(
    "frame",
    [
        lambda: pd.DataFrame(records()),
        lambda: pd.DataFrame(records()).astype("string"),
        lambda: pd.DataFrame(records()).astype("category"),
        lambda: pd.DataFrame(records(), dtype=object).replace("", pd.NA),
        lambda: pd.DataFrame(records()).convert_dtypes(dtype_backend="pyarrow"),
        lambda: pd.DataFrame(TYPED),
        lambda: pd.DataFrame(TYPED).astype({"price": "Float64", "code": "Int64"}),
        lambda: pd.DataFrame(TYPED).assign(price=[decimal.Decimal("2000.00"), decimal.Decimal(3)]),
        lambda: pd.DataFrame(TYPED).assign(code=[501.0, 10001.0], colour=["green", float("nan")]),
        lambda: pd.DataFrame(TYPED).assign(price=pd.Series([2000, 3], dtype=pd.ArrowDtype(pa.decimal128(10, 2)))),
        lambda: pd.DataFrame(TYPED).assign(sold=pd.to_datetime(["2023-01-07", "2023-02-08"]).to_period("D")),
        lambda: pd.DataFrame(TYPED).assign(sold=pd.to_datetime(["2023-01-07", "2023-02-08"], utc=True)),
        lambda: pd.DataFrame(TYPED).assign(price=["2.000,00", 3]),
        lambda: pd.DataFrame(TYPED, index=[7, 3]),
        records,
        lambda: TYPED,
    ],
)
def test_frames_and_records_of_every_type(trained, frame):
    given = frame()
    same(read_known(given, trained).frame)


def test_json_and_parquet(tmp_path, trained):
    frame = pd.DataFrame(TYPED).assign(sold=["07/01/2023", "2023-02-08"])
    frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
    frame.to_json(tmp_path / "a.json", orient="records")
    frame.to_parquet(tmp_path / "a.parquet")
    for name in ("a.jsonl", "a.json", "a.parquet"):
        same(read_known(tmp_path / name, trained).frame)


def test_a_number_beside_words_in_one_column_is_that_number(trained):
    """1.234 as a number is not 1234, whatever mark the file has between thousands."""
    frame = read_known([{"price": 1.234, "code": 1}, {"price": "1.234", "code": 2}], trained).frame
    assert frame["price"].tolist() == [1.234, 1234]


WRONG = {
    "another order of day and month": (
        "12/31/2023;1;00501;red",
        r"column 'sold'.*31/01/2020 \(day first\).*'12/31/2023'",
    ),
    "another decimal mark": ("31/01/2023;1.5;00501;red", r"column 'price'.*like 1.234,5.*'1.5' in line 2 of"),
    "a word for a number": ("31/01/2023;cheap;00501;red", "column 'price'.*'cheap' in line 2"),
    "a word for a date": ("soon;1;00501;red", "column 'sold'.*'soon'"),
    "a currency": ("31/01/2023;$5;00501;red", r"column 'price'.*'\$5'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_cells_of_another_form_are_refused_everywhere(tmp_path, trained, case):
    line, message = WRONG[case]
    with pytest.raises(DataError, match=message):
        read_known(new_file(tmp_path, [line]), trained)
    with pytest.raises(DataError, match=message.replace(" in line 2", " in row 1").replace(" of", " of")):
        read_known(pd.DataFrame([dict(zip(HEADER.split(";"), line.split(";")))]), trained)


def test_types_that_do_not_fit_are_refused(trained):
    good = pd.DataFrame(TYPED)
    with pytest.raises(DataError, match="column 'price' holds truth values: expected numbers"):
        read_known(good.assign(price=[True, False]), trained)
    with pytest.raises(DataError, match="column 'price' holds dates: expected numbers"):
        read_known(good.assign(price=pd.to_datetime(["2020-01-01", "2020-01-02"])), trained)
    with pytest.raises(DataError, match="column 'sold': expected a date"):
        read_known(good.assign(sold=[5, 6]), trained)
    with pytest.raises(DataError, match="infinity in rows"):
        read_known(good.assign(price=[np.inf, -np.inf]), trained)


def test_a_file_without_the_header_is_refused(tmp_path, trained):
    with pytest.raises(
        DataError, match="has no header of the training data: expected a first line with names such as sold"
    ):
        read_known(new_file(tmp_path, NEW, header=""), trained)


def test_columns_that_are_not_needed_may_hold_anything(tmp_path, trained):
    needed = trained.used_by(["price"], "good")
    path = new_file(tmp_path, ["soon;1;x;y"])
    assert read_known(path, needed).frame["price"].tolist() == [1]
    with pytest.raises(DataError, match="column 'sold'"):
        read_known(path, trained)


@pytest.fixture
def headerless(tmp_path) -> TableFormat:
    path = tmp_path / "train.csv"
    path.write_text("".join(f"{i + 0.5},{'hi' if i % 3 else 'lo'},{i}\n" for i in range(30)))
    return read(path, DataConfig()).format.used_by(["column_1", "column_3"], "column_2")


@pytest.mark.parametrize(
    ("lines", "header", "says"),
    [
        (["7.5,hi,4"], "", ""),
        (["7.5,4"], "", "without column_2, which is to be predicted"),
        (["7.5;4"], "", "semicolon (comma in training)"),
        (["4,7.5"], "column_3,column_1", ""),
        (["7.5,,4"], "", ""),
        (["7.5,hi,4,"], "", ""),
    ],
)
def test_without_a_header_columns_are_found_by_their_places(tmp_path, headerless, lines, header, says):
    table = read_known(new_file(tmp_path, lines, header), headerless)
    assert table.frame[["column_1", "column_3"]].to_numpy().tolist() == [[7.5, 4]]
    assert says in " ".join(map(str, table.guesses))


@pytest.mark.parametrize("line", ["7.5", "1,2,3,4"])
def test_another_number_of_columns_is_refused(tmp_path, headerless, line):
    with pytest.raises(DataError, match="no header: expected 3 as in training, or 2 without column_2"):
        read_known(new_file(tmp_path, [line], ""), headerless)


def test_companions_are_read_in_the_form_of_the_training_file(tmp_path):
    train = new_file(tmp_path, LINES, HEADER, "train.csv")
    test = new_file(tmp_path, ["01/02/2023;1.500,00;501;red;no"], HEADER, "test.csv")
    table = read(train, DataConfig(test=str(test)))
    row = table.frame.iloc[-1]
    assert (row["sold"].month, row["price"], row["code"]) == (2, 1500, "00501")
    bad = new_file(tmp_path, ["01/02/2023;1500.5;501;red;no"], HEADER, "test.csv")
    with pytest.raises(DataError, match=r"column 'price'.*'1500.5' in line 2 of .*test.csv"):
        read(train, DataConfig(test=str(bad)))


def test_year_month_and_day_are_put_together_as_in_training(tmp_path):
    rows = [f"2020,{1 + i // 28},{1 + i % 28},{i}" for i in range(80)]
    path = new_file(tmp_path, rows, "year,month,day,x", "train.csv")
    table = read(path, DataConfig())
    assert table.format.time_parts == ("year", "month", "day")
    again = read_known(new_file(tmp_path, ["2021,1,1,5"], "year,month,day,x"), table.format)
    assert list(again.frame.columns) == ["time", "x"]
    assert str(again.frame["time"][0])[:10] == "2021-01-01"


def test_a_column_of_plain_numbers_may_have_thousands_later(tmp_path):
    path = new_file(tmp_path, [f"1.{i:03},5;{i};{i},25" for i in range(100, 140)], "big;count;rate", "train.csv")
    format = read(path, DataConfig()).format
    later = read_known(new_file(tmp_path, ["2.000,5;12.345;1.234,5"], "big;count;rate"), format).frame
    assert later.iloc[0].tolist() == [2000.5, 12345, 1234.5]


def test_the_local_clock_of_typed_times_can_be_asked_for():
    stamps = pd.DataFrame(
        {"t": pd.date_range("2024-01-01 23:00", periods=4, freq="D", tz="Europe/Berlin"), "x": range(4)}
    )
    table = read(stamps, DataConfig(date_format="t=local"))
    assert set(table.frame["t"].dt.hour) == {23}
    assert set(read_known(stamps, table.format).frame["t"].dt.hour) == {23}
    words = stamps.assign(t=stamps["t"].astype(str))
    assert set(read_known(words, table.format).frame["t"].dt.hour) == {23}


def test_columns_that_options_left_out_are_not_read(tmp_path):
    path = new_file(tmp_path, [f"{i},a,train" for i in range(20)], "x,name,part", "train.csv")
    format = read(path, DataConfig(ignore="name", split_column="part")).format
    assert format.left_out == ("name", "part")
    assert list(read_known(path, format).frame.columns) == ["x"]


def test_a_date_beside_a_clock_is_one_time(tmp_path):
    from deepglass.deploy.reading import of_table
    from deepglass.deploy.runtime.columns import Columns

    rows = [f"{1 + i // 24:02}/03/2020;{i % 24:02}:30;{i}" for i in range(120)]
    table = read(new_file(tmp_path, rows, "Date;Time of day;x", "train.csv"), DataConfig())
    assert table.format.time_parts == ("Date", "Time of day")
    assert list(table.frame.columns) == ["time", "x"]
    assert str(table.frame["time"][25]) == "2020-03-02 01:30:00"
    later = read_known(new_file(tmp_path, ["2;04/05/2021;09:45", "3;;"], "x;Date;Time of day"), table.format)
    assert str(later.frame["time"][0]) == "2021-05-04 09:45:00"
    assert later.frame["time"].isna().tolist() == [False, True]
    reading = of_table(table.format.used_by(["time", "x"]))
    columns = Columns([{"name": "time", "kind": "date", "tensor": "time"}], reading)
    records = [{"Date": "04/05/2021", "Time of day": "09:45"}, {"Date": "", "Time of day": ""}]
    days = columns.encode(records)["time"][:, 0]
    assert days[0] == pytest.approx(
        (np.datetime64("2021-05-04T09:45") - np.datetime64("1970-01-01")) / np.timedelta64(1, "D")
    )
    assert np.isnan(days[1])


def test_a_folder_of_splits_is_read_whole(tmp_path):
    (tmp_path / "d").mkdir()
    for split, count in (("train", 9), ("test", 4)):
        rows = "".join(f"{i},{'ab'[i % 2]}\n" for i in range(count))
        (tmp_path / "d" / f"{split}.csv").write_text("x,y\n" + rows)
    format = read(tmp_path / "d", DataConfig()).format
    assert read_known(tmp_path / "d", format).frame["x"].tolist() == [*range(9), *range(4)]
