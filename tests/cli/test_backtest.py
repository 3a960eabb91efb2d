"""`deepglass backtest` shows the honest row and what each leak makes of it."""

import json

from typer.testing import CliRunner

from deepglass.cli.main import app
from deepglass.core.errors import OptionError


def told(*arguments):
    done = CliRunner().invoke(app, ["backtest", "random-walk", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_one_share_shows_the_leaks_that_it_has_room_for():
    rows = told()["rows"]
    assert [row["name"] for row in rows] == ["honest", "look-ahead", "no-costs"]
    assert [row["is_better"] for row in rows] == [False, True, False]


def test_leaks_may_be_let_in_together_or_not_at_all():
    assert [row["name"] for row in told("--leak", "none")["rows"]] == ["honest"]
    rows = told("--leak", "look-ahead", "--leak", "no-costs")["rows"]
    assert rows[1]["name"] == "look-ahead + no-costs"


def test_costs_are_what_makes_the_difference():
    cheap, dear = (told("--leak", "none", "--cost", cost)["rows"][0] for cost in ("0", "0.01"))
    assert cheap["per_year"] > dear["per_year"]


def test_it_says_in_a_sentence_what_was_to_be_earned():
    done = CliRunner().invoke(app, ["backtest", "random-walk", "--leak", "none"])
    assert "to be earned by forecasting" in done.output or "less than holding" in done.output


def test_an_unknown_leak_is_refused():
    done = CliRunner().invoke(app, ["backtest", "random-walk", "--leak", "insider"])
    assert isinstance(done.exception, OptionError)
