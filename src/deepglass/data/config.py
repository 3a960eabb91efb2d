"""How the source is read and divided; every field is an option of `deepglass train`."""

from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True)
class DataConfig:
    """Reading and splitting."""

    target: str | None = None  # column to predict; guessed from its name or as the last column
    text_column: str | None = None  # column with running text
    time_column: str | None = None  # column with dates or times
    group_column: str | None = None  # rows of one group never cross from training to test
    group_from_name: str | None = None  # groups from names of pictures: auto, folder, a word before them, or a pattern
    split_column: str | None = None  # column that says train, val or test
    ignore: str | None = None  # columns to leave out, separated by commas
    score_by: str | None = None  # column by whose values the test is scored too; may be one of --ignore
    fair: str | None = None  # column of groups that are to be treated alike; may be one of --ignore
    classes: str | None = None  # keep only these classes, separated by commas
    val: str | None = None  # a file or folder of its own for validation
    test: str | None = None  # a file or folder of its own for the test
    val_fraction: float | None = None  # of what the test leaves: a tenth is enough to choose an epoch by
    test_fraction: float | None = None  # held out for the final score: a fifth, of a long text a twentieth
    delimiter: str | None = None  # guessed: comma, semicolon, tab, bar or blank
    header: bool | None = None  # whether the first row names the columns; guessed
    encoding: str | None = None  # guessed: UTF-8 (with or without mark), UTF-16, Latin-1
    quoting: bool | None = None  # whether quotation marks enclose cells; guessed
    skip_lines: int | None = None  # lines above the table and its header; guessed
    skip_footer: int | None = None  # rows at the end that are none, such as a total; guessed
    decimal: str | None = None  # mark before decimals: point or comma; guessed from whole columns
    thousands: str | None = None  # mark between thousands: comma, point, apostrophe, blank or none; guessed
    date_format: str | None = None  # day-first, month-first, local or %d/%m/%Y; for all dates, or COLUMN=FORM by commas
    categories: str | None = None  # columns whose cells are names and not numbers, separated by commas
    numbers: str | None = None  # columns whose cells are numbers and neither codes nor dates, separated by commas
    missing: str | None = None  # further marks of a missing value, separated by commas, such as -200
    not_missing: str | None = None  # marks that are words in these data, separated by commas, such as NA,None
    rare_classes: Literal["drop", "other"] | None = None  # of one example: leave out, or join to a class "other"
    max_rows: int | None = None  # read only so many rows: for a first look at a large file
    series_column: str | None = None  # columns, separated by commas, that name the series of a long table; guessed
    time_zone: str | None = None  # of the clock in the time column, such as Europe/Berlin; told from written offsets
    step: str | None = None  # from time to time: 15min, 1h, 1d, 1month, or rows to count them; learnt from the times
    layout: Literal["classes"] | None = None  # take the folders for classes of pictures, whatever else they look like
    image_column: str | None = None  # column with paths of pictures; guessed from their endings
    background: Literal["white", "black", "grey", "none"] | None = None  # under transparent parts of pictures; guessed

    def for_new_data(self) -> "DataConfig":
        """How data that come later are read: as those of the training, without what chose and divided their rows."""
        aside = ("target", "ignore", "score_by", "fair", "split_column", "val", "test", "max_rows")
        return replace(self, **dict.fromkeys(aside))
