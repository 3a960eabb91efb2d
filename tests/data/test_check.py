"""What `deepglass check` finds."""

import json

import numpy as np
import pandas as pd
from PIL import Image

from deepglass.data.check import inspect
from deepglass.data.config import DataConfig
from deepglass.data.reading.source import read

N = 400
rng = np.random.default_rng(0)
CONFIG = DataConfig()


def look(source, **options):
    config = DataConfig(**options)
    findings = inspect(read(source, config), config)
    json.dumps(findings.as_dict())  # plain data
    return findings


def frame(**more):
    y = rng.integers(0, 2, N)
    return pd.DataFrame({"a": rng.normal(size=N), "b": rng.choice(["u", "v"], N), **more, "label": y})


def test_a_plain_table():
    findings = look(frame())
    assert (findings.kind, findings.task, findings.target) == ("table", "tabular-classification", "label")
    assert findings.size == {"rows": N, "columns": 3}
    assert sum(findings.classes.values()) == N
    assert findings.leakage == []
    assert findings.duplicates == 0


def test_leakage_suspects():
    table = frame()
    table["copy"] = table["label"].map({0: "no", 1: "yes"})
    table["noisy"] = table["label"] * 3 + rng.normal(0, 0.3, N)
    table["honest"] = table["label"] + rng.normal(0, 1, N)
    findings = look(table[["a", "b", "copy", "noisy", "honest", "label"]])
    assert {suspect["column"] for suspect in findings.leakage} == {"copy", "noisy"}
    [said] = [warning for warning in findings.warnings if "the target almost alone" in warning]
    assert said.startswith(("copy and noisy: each predicts", "copy, noisy: each predicts"))
    [said] = [warning for warning in look(table[["a", "copy", "label"]]).warnings if "almost alone" in warning]
    assert said.startswith("copy predicts the target almost alone")
    assert said.endswith("pass --ignore copy")


def test_a_sentinel_that_columns_share_is_told_as_such_and_once():
    table = frame()
    honest = {name: rng.normal(50, 10, N).round(3) for name in ("x", "y", "z")}
    gone = table["label"].to_numpy() == 1
    cells = {name: np.where(gone, -999.0, values) for name, values in honest.items()}
    findings = look(table[["a", "label"]].assign(**cells))
    assert [suspect["sentinel"] for suspect in findings.leakage] == [-999.0] * 3
    [said] = [warning for warning in findings.warnings if "target away" in warning]
    assert said.startswith("x, y and z: -999 stands for") or said.startswith("x, y, z: -999 stands for")
    assert "--missing -999" in said
    assert all(suspect["sentinel"] is None for suspect in look(table.assign(copy=table["label"] * 2.0)).leakage)


def test_a_telling_column_of_a_small_table_is_not_accused():
    assert look("iris").leakage == []  # the width of the petals alone is right for 96 of 100 flowers


def test_leakage_of_a_number():
    price = rng.normal(100, 10, N)
    table = pd.DataFrame({"a": rng.normal(size=N), "with_tax": price * 1.19, "price": price})
    assert [suspect["column"] for suspect in look(table).leakage] == ["with_tax"]


def test_constants_ids_gaps_and_repetitions():
    table = frame(same=1, id=range(N), sparse=[1.5, None, None, None] * (N // 4))
    table = pd.concat([table, table.iloc[:3]], ignore_index=True)
    findings = look(table)
    assert findings.duplicates == 3
    warnings = "\n".join(findings.warnings)
    assert "same: the same in every row" in warnings
    assert "sparse: more than half" in warnings


def test_rows_that_cross_from_training_to_test():
    table = frame()
    table["part"] = ["train"] * 300 + ["test"] * 100
    table.loc[300:304, ["a", "b", "label"]] = table.loc[:4, ["a", "b", "label"]].to_numpy()
    findings = look(table, split_column="part")
    assert findings.crossing == 5
    assert any("the test score will flatter" in warning for warning in findings.warnings)


def test_rare_classes():
    table = frame()
    table["label"] = ["rare"] * 5 + ["usual"] * (N - 5)
    assert any("rare: under 5%" in warning for warning in look(table).warnings)


def test_a_series_with_a_gap():
    times = pd.Series(pd.date_range("2020-01-01", periods=N)).drop([10]).reset_index(drop=True)
    findings = look(pd.DataFrame({"date": times, "v": rng.normal(size=N - 1)}))
    assert findings.series["step"] == "1 day"
    assert findings.series["absent_steps"] == 1
    assert findings.series["in_order"]


def test_pictures(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(3):
            Image.new("L", (8, 6), number * 9 if name == "cat" else 0).save(tmp_path / "pets" / name / f"{number}.png")
    findings = look(tmp_path / "pets")
    assert findings.images["sizes"] == {"6x8": 6}
    assert findings.classes == {"cat": 3, "dog": 3}
    assert findings.duplicates == 3


def test_a_text(tmp_path):
    (tmp_path / "book.txt").write_text("to be or not to be\n")
    assert look(tmp_path / "book.txt").size == {"characters": 19, "different_characters": 8, "words": 6, "lines": 2}


def test_lengths_of_texts():
    texts = [" ".join(["word"] * (3 + i % 5)) + f" {i}" for i in range(N)]
    findings = look(pd.DataFrame({"text": texts, "label": [0, 1] * (N // 2)}))
    assert findings.task == "text-classification"
    assert (findings.lengths["shortest"], findings.lengths["longest"]) == (4, 8)


def test_what_cannot_be_learnt_is_a_warning_not_an_end(tmp_path):
    Image.new("L", (8, 6)).save(tmp_path / "a.png")
    findings = look(tmp_path)
    assert findings.task is None
    assert "pictures without classes" in findings.warnings[0]
