"""Words find pictures: `run.search` and `deepglass search`, in files and in the test of the training."""

import json

import numpy as np
import pytest

import deepglass as dg
from deepglass.core.errors import DataError, OptionError
from tests.commands import deepglass
from tests.tasks.contract.case import QUICK
from tests.tasks.small import image_text as small


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return small.data(tmp_path_factory.mktemp("scenes"))


@pytest.fixture(scope="module")
def run(table, tmp_path_factory):
    options = QUICK | small.OPTIONS | {"epochs": 40, "width": 8, "hidden_size": 16, "embed_dim": 16}
    return dg.train(table, run=tmp_path_factory.mktemp("runs") / "run", task="image-text", **options)


def test_words_find_pictures_that_show_what_they_say(run, tmp_path):
    rng = np.random.default_rng(1)
    pictures = np.stack([small.picture(rng, colour, "square", "above") for colour in small.COLOURS for _ in range(6)])
    right = 0
    for place, colour in enumerate(small.COLOURS):
        found = run.search(f"a {colour} square lies above", pictures, count=6)
        right += sum((one["row"] - 1) // 6 == place for one in found)
        assert [one["rank"] for one in found] == [1, 2, 3, 4, 5, 6]
        assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    assert right >= 12  # of eighteen; by chance six


def test_scores_are_cosines_of_what_predict_gives(run, table):
    picture = str(table.parent / "000.png")
    (record,) = run.predict(picture)
    vector = np.array([value for name, value in record.items() if name.startswith("vector")])
    (found,) = run.search("a red bar", picture)
    assert found["file"] == "000.png"
    assert found["score"] == pytest.approx(float(vector @ run.task.words(run.model, "a red bar")), abs=1e-5)


def test_both_ways_are_judged_above_chance(run):
    test = run.metrics["test"]
    for name in ("words_to_picture_1", "picture_to_words_1"):
        assert test[name]["low"] > test["details"]["chance"]
        assert test[name]["low"] <= test[name]["value"] <= test[name]["high"]
    assert test["words_to_picture_1"]["value"] <= test["words_to_picture_5"]["value"]
    assert run.metrics["rival"]["name"].startswith("linear words")


def test_the_test_of_the_training_is_searched_on_the_command_line(run):
    done = deepglass("search", run.path, "a green bar", "--count", "2", "--json")
    found = json.loads(done.stdout)
    assert [one["row"] for one in found["pictures"]] == [one["row"] for one in run.search("a green bar", count=2)]
    assert "row:" in deepglass("search", run.path, "a green bar").stdout


def test_words_that_no_caption_holds_are_told(run):
    with pytest.raises(DataError, match="no caption of the training has unicorn"):
        run.search("unicorn")
    with pytest.raises(DataError, match="no word in it"):
        run.search("  ")
    with pytest.raises(OptionError, match="--count: expected 1 or more"):
        run.search("a red bar", count=0)
    with pytest.raises(DataError):
        run.search("a red bar", "nowhere.png")


def test_a_run_of_another_task_knows_no_words(tmp_path):
    other = dg.train("iris", run=tmp_path / "run", model="linear", **{**QUICK, "epochs": 1})
    with pytest.raises(OptionError, match="only runs of --task image-text and --task retrieval know"):
        other.search("a setosa")
