"""Words that read as missing: a class called None is one, a country called NA is one, and both can be said."""

import numpy as np
import pandas as pd
import pytest

from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.data.reading.source import read, read_known


def csv(tmp_path, header, rows):
    path = tmp_path / "a.csv"
    path.write_text(header + "\n" + "\n".join(rows) + "\n")
    return path


def answers(tmp_path, **options):
    """Ages, and answers of which None is the most frequent."""
    rows = [f"{20 + i % 7},{['None', 'Late', 'None', 'Broken'][i % 4]}" for i in range(80)]
    return read(csv(tmp_path, "age,complaint", rows), DataConfig(**options))


def test_a_class_that_is_called_none_is_kept_and_it_is_said(tmp_path):
    table = answers(tmp_path)
    assert (table.frame["complaint"] == "None").sum() == 40
    assert any("words: None (40 cells" in str(guess) and "--missing None" in str(guess) for guess in table.guesses)
    assert answers(tmp_path, missing="None").frame["complaint"].isna().sum() == 40


def test_later_tables_keep_it_too(tmp_path):
    format = answers(tmp_path).format
    frame = pd.DataFrame({"age": ["NA", "30"], "complaint": ["None", "NA"]})
    found = read_known(frame, format).frame
    assert found["complaint"].tolist()[0] == "None"
    assert found.isna().to_numpy().tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize("mark", ["NA", "null", "nan", "-", "?", "N/A"])
def test_any_mark_may_be_a_class(tmp_path, mark):
    rows = [f"{i},{['yes', 'no', mark][i % 3]}" for i in range(60)]
    assert (read(csv(tmp_path, "x,label", rows), DataConfig()).frame["label"] == mark).sum() == 20


def test_a_few_marks_are_gaps(tmp_path):
    rows = [f"{i},{'None' if i == 7 else ['Late', 'Broken'][i % 2]}" for i in range(80)]
    table = read(csv(tmp_path, "age,complaint", rows), DataConfig())
    assert table.frame["complaint"].isna().sum() == 1
    kept = read(csv(tmp_path, "age,complaint", rows), DataConfig(not_missing="None"))
    assert (kept.frame["complaint"] == "None").sum() == 1


def test_a_mark_that_stands_among_numbers_is_a_gap_everywhere(tmp_path):
    rows = [f"{'NA' if i % 9 == 0 else i},{['yes', 'no', 'NA'][i % 3]}" for i in range(60)]
    assert read(csv(tmp_path, "x,label", rows), DataConfig()).frame["label"].isna().sum() == 20


def test_codes_of_countries(tmp_path):
    rows = [f"{['EU', 'AS', 'NA', 'SA', 'AF'][i % 5]},{i},{'yes' if i % 2 else 'no'}" for i in range(60)]
    table = read(csv(tmp_path, "zone,visits,bought", rows), DataConfig())
    assert (table.frame["zone"] == "NA").sum() == 12
    words = [row.replace("EU", "Europe") for row in rows]
    assert read(csv(tmp_path, "zone,visits,bought", words), DataConfig()).frame["zone"].isna().sum() == 12


def test_a_habit_of_the_file_is_no_word(tmp_path):
    rows = [",".join(["?" if (i + j) % 5 == 0 else "abc"[i % 3] for j in range(4)]) for i in range(60)]
    assert read(csv(tmp_path, "p,q,r,label", rows), DataConfig()).frame["label"].isna().sum() > 5


def test_in_texts_only_empty_cells_are_missing(tmp_path):
    texts = [f"a fine day number {i} at the sea" for i in range(40)] + ["NA", "None", "", "null"]
    rows = [f"{text},{'good' if i % 2 else 'bad'}" for i, text in enumerate(texts)]
    frame = read(csv(tmp_path, "review,label", rows), DataConfig()).frame
    assert frame["review"].isna().sum() == 1
    assert frame["review"].tolist()[40:42] == ["NA", "None"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"not_missing": "Late"}, "'Late' is a word anyway; the marks of missing cells are"),
        ({"missing": "None", "not_missing": "None"}, "--missing and --not-missing both name 'None'"),
    ],
)
def test_options_that_cannot_be_meant(tmp_path, options, message):
    with pytest.raises(OptionError, match=message):
        answers(tmp_path, **options)


def test_sentinels_count_in_later_tables(tmp_path):
    rows = [f"{-999 if i % 9 == 0 else i},{i % 2}" for i in range(60)]
    table = read(csv(tmp_path, "x,y", rows), DataConfig(missing="-999"))
    later = read_known(pd.DataFrame({"x": [-999, 5, -999.0], "y": [0, 1, 1]}), table.format)
    assert np.isnan(later.frame["x"]).tolist() == [True, False, True]
