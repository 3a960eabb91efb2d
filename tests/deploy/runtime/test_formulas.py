"""Cells of a CSV: no spreadsheet computes them, and numbers stay numbers."""

import csv
import io

import pytest

from deepglass.cli.predict import as_csv
from deepglass.deploy.runtime import __main__ as command
from deepglass.deploy.runtime.formulas import harmless

FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1+1",
    '=HYPERLINK("x")',
    "-",
    "+",
]
PLAIN = [
    "-5",
    "+3.2e4",
    "-0.5",
    ".5",
    "1e-5",
    "inf",
    "-inf",
    "a=b",
    "",
    "yes",
    "2020-01-01",
    "x-1",
    -5,
    0.25,
    None,
    True,
]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_becomes_text(cell):
    assert harmless(cell) == "'" + cell


@pytest.mark.parametrize("cell", PLAIN)
def test_everything_else_stays(cell):
    assert harmless(cell) is cell


def test_predictions_are_written_without_formulas_unless_asked():
    records = [{"row": 1, "prediction": "=A1", "p(=A1)": -0.5}, {"row": 2, "prediction": "-1", "note": "+x"}]
    head, first, second = csv.reader(io.StringIO(as_csv(records)))
    assert head == ["row", "prediction", "p(=A1)", "note"]
    assert first == ["1", "'=A1", "-0.5", ""]
    assert second == ["2", "-1", "", "'+x"]
    assert "'=A1" not in as_csv(records, keeps_formulas=True)


def test_the_bundles_own_command_writes_them_so_too(capsys):
    answers = [{"label": "=A1", "probabilities": {"=A1": 0.75, "b": 0.25}}, {"label": "b", "likeliest": {"@x": 1.0}}]
    command.write_csv(answers)
    assert capsys.readouterr().out.splitlines() == [
        "label,probabilities =A1,probabilities b,likeliest @x", "'=A1,0.75,0.25,", "b,,,1.0",
    ]  # fmt: skip
    command.write_csv(answers, keeps_formulas=True)
    assert capsys.readouterr().out.splitlines()[1].startswith("=A1,")
