"""`deepglass bandit`: a log of one's own is learnt from and judged; what cannot be known is refused by name."""

import json

import pytest
from typer.testing import CliRunner

from deepglass.cli.main import app
from deepglass.core.errors import DataError
from deepglass.data.datasets import shown_offers
from deepglass.rl.logged.bandit import judge_log


@pytest.fixture
def frame():
    return shown_offers.decisions(1000)


def run(*arguments):
    return CliRunner().invoke(app, ["bandit", *map(str, arguments)])


def test_a_file_of_ones_own_with_other_names_is_judged_like_the_frame(frame, tmp_path):
    other = frame.rename(columns={"action": "shown", "reward": "taken", "propensity": "p"})
    other.to_csv(tmp_path / "log.csv", index=False)
    done = run(tmp_path / "log.csv", "--action-column", "shown", "--reward-column", "taken", "--propensity-column", "p",
               "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    found, own = json.loads(done.stdout), judge_log(frame)
    assert found["estimates"]["doubly robust"]["value"] == pytest.approx(own.estimates["doubly robust"].value)
    assert found["effective"] == pytest.approx(own.effective)


def test_the_bundled_log_is_improved_upon():
    done = run("shown-offers")
    assert done.exit_code == 0, done.output
    found = judge_log("shown-offers")
    assert found.estimates["doubly robust"].low > found.logged.high
    assert "effective sample size" in done.output


def test_without_propensities_nothing_is_assumed_in_silence(frame):
    without = frame.drop(columns="propensity")
    with pytest.raises(DataError, match="--randomised"):
        judge_log(without)
    assert judge_log(without, propensity=None).effective > 0


def test_a_policy_of_ones_own_is_judged_and_an_action_that_was_never_done_is_named(frame):
    frame["always"] = "walk"
    found = judge_log(frame, policy="always")
    chance = shown_offers.chance(frame.age, frame.hour)[:, 2].mean()
    assert found.estimates["doubly robust"].low < chance < found.estimates["doubly robust"].high
    frame.loc[3, "always"] = "opera"
    with pytest.raises(DataError, match="'opera', which was never done"):
        judge_log(frame, policy="always")


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("propensity", 0.0, r"'propensity' is not above 0 and at most 1 in row 5 \(1 of 1,000\)"),
        ("propensity", 1.5, "at most 1 in row 5"),
        ("reward", float("nan"), "'reward' is empty in row 5"),
        ("action", None, "'action' is empty in row 5"),
    ],
)
def test_what_is_broken_is_named_by_its_row(frame, column, value, said):
    frame = frame.astype({"reward": float})
    frame.loc[4, column] = value
    with pytest.raises(DataError, match=said):
        judge_log(frame)


def test_a_log_of_one_action_or_of_few_rows_or_of_words_is_refused(frame):
    with pytest.raises(DataError, match="always 'walk'"):
        judge_log(frame[frame.action == "walk"])
    with pytest.raises(DataError, match="12 decisions"):
        judge_log(frame[:12])
    with pytest.raises(DataError, match="no column 'click'"):
        judge_log(frame, reward="click")
