"""Words that training has not learnt: one rule, `--unknown`, in predict as in the server."""

import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("houses")
    rows = [f"{i % 7},{('gas', 'oil')[i % 2]},{('cheap', 'dear')[i % 2]}" for i in range(120)]
    (folder / "houses.csv").write_text("\n".join(["rooms,heating,price", *rows, "3,peat,cheap"]))
    mode, console.mode = console.mode, "quiet"
    try:
        return dg.train(str(folder / "houses.csv"), target="price", model="linear", epochs=1, run=folder / "run")
    finally:
        console.mode = mode


ROWS = [{"rooms": 3, "heating": "gas"}, {"rooms": 3, "heating": "pellets"}, {"rooms": 3, "heating": None}]


def test_they_are_answered_and_said_once(run, capsys):
    assert len(run.predict([*ROWS, {"rooms": 1, "heating": "wood"}])) == 4
    said = capsys.readouterr()
    (line,) = [line for line in (said.out + said.err).splitlines() if "counted as unknown" in line]
    assert line.strip().startswith("heating: 2 words counted as unknown ('pellets'")
    assert "'wood'" in line
    assert "--unknown refuse" in line


def test_they_are_refused_where_that_is_wanted(run):
    with pytest.raises(DataError, match="heating, row 2;"):
        run.predict(ROWS, unknown="refuse")
    assert len(run.predict([ROWS[0], ROWS[2]], unknown="refuse")) == 2  # an empty cell is no unknown word
    with pytest.raises(OptionError, match="--unknown"):
        run.predict(ROWS, unknown="perhaps")


def test_nothing_is_said_where_all_are_known(run, capsys):
    run.predict([ROWS[0]])
    assert "not learnt" not in "".join(capsys.readouterr())
