"""`deepglass recommend` and `run.recommend`: a user, somebody new, somebody who likes something; what is refused."""

import json

import pytest
from typer.testing import CliRunner

import deepglass as dg
from deepglass.cli.main import app
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from tests.tasks.small import recommendation as small
from tests.tasks.small import tabular_classification as other


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder, console.mode = tmp_path_factory.mktemp("films"), "quiet"
    options = {**small.OPTIONS, "epochs": 2, "threads": 1, "time_column": "day"}
    return dg.train(small.data(folder), task="recommendation", run=folder / "run", **options)


def asked(*words):
    return CliRunner().invoke(app, ["recommend", *map(str, words)])


def test_a_user_is_recommended_what_the_user_lacks_and_told_why(run):
    done = asked(run.path, "p0-3", "--count", "2", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    has = run.task.reader.users["p0-3"]
    assert (found["by"], found["has"], len(found["items"])) == ("history", len(has), 2)
    for one in found["items"]:
        assert one["item"] not in has
        assert set(one["because"]) <= set(has)
        assert 0 < one["probability"] < 1
    assert found["items"][0]["probability"] >= found["items"][1]["probability"]
    assert any(one["because"] for one in found["items"])


def test_without_an_item_that_is_named_the_recommended_one_is_less_likely(run):
    has = run.task.reader.users["p0-3"]
    first = run.recommend("p0-3")["items"][0]
    name = first["because"][0]
    without = run.recommend(likes=[item for item in has if item != name], count=12)["items"]
    beside = {one["item"]: one["probability"] for one in without}
    assert beside[first["item"]] < first["probability"]


def test_somebody_new_is_recommended_what_is_popular_and_told_so(run):
    found = run.recommend("nobody", count=3)
    assert found["by"] == "popular"
    assert [one["item"] for one in found["items"]] == run.task.reader.items[:3]
    done = asked(run.path, "nobody")
    assert "nothing is known of nobody" in done.output


def test_somebody_who_likes_something_needs_no_name(run):
    one, other_one = run.task.reader.items[:2]
    both = run.recommend(likes=[f"{one}, {other_one}"])
    assert both["by"] == "history"
    assert both == run.recommend(likes=[one, other_one])
    assert not {one, other_one} & {item["item"] for item in both["items"]}
    assert both["items"] != run.recommend(likes=[run.task.reader.items[-1]])["items"]


def test_a_table_of_users_is_answered_and_agrees(run):
    records = run.predict([{"user": "p0-3"}, {"user": "nobody"}])
    own = [record["item"] for record in records if record["user"] == "p0-3"]
    assert own == [one["item"] for one in run.recommend("p0-3")["items"]][: len(own)]
    assert {record["by"] for record in records if record["user"] == "nobody"} == {"popular"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({}, "recommend to whom"),
        ({"user": "p0-1", "count": 0}, "--count: expected 1 to"),
        ({"likes": ["itm 3"]}, "unknown item 'itm 3' among 12; did you mean 'item 3'"),
    ],
)
def test_what_does_not_fit_is_refused(run, words, said):
    with pytest.raises(OptionError, match=said):
        run.recommend(**words)


def test_runs_of_other_tasks_do_not_recommend(tmp_path):
    console.mode = "quiet"
    source = other.data(tmp_path)
    run = dg.train(source, task="tabular-classification", run=tmp_path / "run", epochs=1, **other.OPTIONS)
    with pytest.raises(OptionError, match="--task recommendation"):
        run.recommend("somebody")
