"""Real data sets are read sensibly without any option: what task, target, splits and columns are found."""

from pathlib import Path

import pytest

from deepglass.data.config import DataConfig
from deepglass.data.containers import Images, Table, Text
from deepglass.data.preprocess.series import series_of
from deepglass.data.reading.columns import describe
from deepglass.data.reading.roles import guess_target, guess_task, guess_text_column
from deepglass.data.reading.series import layout_of
from deepglass.data.reading.source import read

SHARED = Path(__file__).parents[2] / "../shared/data"
CONFIG = DataConfig()
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder shared/data is not beside the checkout")

TABLES = {  # source → task, target, rows, kinds of columns
    "adult": ("tabular-classification", "column_15", 48842, {"number": 6, "category": 9}),
    "compas": ("tabular-classification", "two_year_recid", 7214, {"constant": 3, "id": 1}),
    "titanic": ("tabular-classification", "Survived", 891, {"id": 1, "text": 1}),
    "penguins/penguins.csv": ("tabular-classification", "species", 344, {"number": 5, "category": 3}),
    "penguins/penguins_raw.csv": ("tabular-classification", "Species", 344, {"date": 1, "constant": 2}),
    "telco-churn": ("tabular-classification", "Churn", 7043, {"id": 1, "boolean": 5, "number": 4}),
    "wine-quality/winequality-red.csv": ("tabular-classification", "quality", 1599, {"number": 12}),
    "wine-quality/winequality-white.csv": ("tabular-classification", "quality", 4898, {"number": 12}),
    "california-housing": ("tabular-regression", "median_house_value", 20640, {"number": 9, "category": 1}),
    "movielens-latest-small/ratings.csv": ("tabular-regression", "rating", 100836, {"number": 3, "date": 1}),
    "sst2": ("text-classification", "column_2", 9613, {"text": 1, "number": 1}),
    "chatterbot-english": ("text-classification", "category", 2393, {"text": 2}),
    "self-dialogue": ("text-classification", "topic", 1260, {"text": 1, "category": 1}),
}
SERIES = {  # source → time column, rows, rows after the gaps are filled
    "ett-h1": ("date", 17420, 17420),
    "airline-passengers": ("Month", 144, 144),
    "daily-min-temperatures": ("Date", 3650, 3652),
    "beijing-pm25": ("time", 43824, 43824),
    "nab-anomaly/realKnownCause/nyc_taxi.csv": ("timestamp", 10320, 10320),
    "nab-anomaly/realKnownCause/ambient_temperature_system_failure.csv": ("timestamp", 7267, 7888),
    "nab-anomaly/realTweets/Twitter_volume_AAPL.csv": ("timestamp", 15902, 15902),
}
IMAGES = {  # source → pictures, classes, channels, splits
    "fashion-mnist": (70000, 10, 1, {"train": 60000, "test": 10000}),
    "cifar10-images": (5000, 10, 3, {"train": 4000, "test": 1000}),
    "grocery-store": (225, 5, 3, {"train": 150, "test": 75}),
}


@pytest.mark.parametrize("source", TABLES)
def test_table(source):
    task, target, rows, kinds = TABLES[source]
    table = read(SHARED / source, CONFIG)
    assert isinstance(table, Table)
    assert len(table.frame) == rows
    assert guess_task(table, CONFIG)[0] == task
    assert guess_target(table, CONFIG)[0] == target
    found = [column.kind for column in describe(table.frame)]
    assert {kind: found.count(kind) for kind in kinds} == kinds


@pytest.mark.parametrize("source", SERIES)
def test_series(source):
    time_column, rows, regular_rows = SERIES[source]
    table = read(SHARED / source, CONFIG)
    assert len(table.frame) == rows
    assert guess_task(table, CONFIG)[0] == "forecasting"
    layout = layout_of(table, CONFIG)
    assert layout.time == time_column
    numbers = table.frame.select_dtypes("number").drop(columns=[time_column, *layout.keys], errors="ignore")
    assert len(series_of(table, time_column, numbers.astype(float), layout.keys)) == regular_rows


@pytest.mark.parametrize("source", IMAGES)
def test_images(source):
    count, classes, channels, splits = IMAGES[source]
    images = read(SHARED / source, CONFIG)
    assert isinstance(images, Images)
    assert (len(images), len(images.classes), images.channels) == (count, classes, channels)
    assert {split: len(rows) for split, rows in images.splits.items()} == splits
    assert guess_task(images, CONFIG)[0] == "image-classification"


@pytest.mark.parametrize(("source", "characters"), [("tiny-shakespeare", 1115394), ("brown-corpus", 6127074)])
def test_text(source, characters):
    text = read(SHARED / source, CONFIG)
    assert isinstance(text, Text)
    assert len(text.text) == characters
    assert guess_task(text, CONFIG)[0] == "language-modelling"


def test_adult_test_labels_lose_their_full_stop():
    table = read(SHARED / "adult", CONFIG)
    assert list(table.frame["column_15"].cat.categories) == ["<=50K", ">50K"]
    assert {split: len(rows) for split, rows in table.splits.items()} == {"train": 32561, "test": 16281}
    assert table.frame["column_15"].iloc[table.splits["test"]].value_counts()[">50K"] == 3846
    assert any("full stops removed" in str(guess) for guess in table.guesses)
    assert table.frame["column_2"].isna().sum() == 1836 + 963  # "?" in both files


def test_compas_repeated_names_are_renamed_aloud():
    table = read(SHARED / "compas", CONFIG)
    assert {"decile_score", "decile_score_2", "priors_count", "priors_count_2"} <= set(table.frame.columns)
    assert any("decile_score → decile_score_2" in str(guess) for guess in table.guesses)


def test_telco_blank_charges_are_missing_numbers():
    charges = read(SHARED / "telco-churn", CONFIG).frame["TotalCharges"]
    assert charges.dtype == float
    assert charges.isna().sum() == 11


def test_sst2_split_sizes_and_bare_quotation_marks():
    table = read(SHARED / "sst2", CONFIG)
    assert {split: len(rows) for split, rows in table.splits.items()} == {"train": 6920, "val": 872, "test": 1821}
    assert guess_text_column(table, CONFIG)[0] == "column_1"
    assert table.frame["column_2"].iloc[table.splits["test"]].sum() == 909


def test_titanic_names_keep_their_quoted_commas():
    assert read(SHARED / "titanic", CONFIG).frame["Name"][0] == "Braund, Mr. Owen Harris"


def test_several_tables_without_split_names_are_listed():
    from deepglass.core.errors import DataError

    with pytest.raises(DataError, match=r"penguins.csv, penguins_raw.csv\): name one of them"):
        read(SHARED / "penguins", CONFIG)
