"""Few-shot learning: classes are parted, episodes rehearse the test, three rules learn, and new classes get a name."""

import json

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.core.errors import DataError, OptionError
from deepglass.data.containers import Images
from deepglass.data.datasets import drawn_characters
from deepglass.runs.job import plan_job
from tests.commands import deepglass
from tests.tasks.contract.case import QUICK
from tests.tasks.small import few_shot as small

TASK = "few-shot"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small.data(tmp_path_factory.mktemp("characters"))


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    options = QUICK | small.OPTIONS | {"epochs": 6, "batch_size": 2}
    return dg.train(folder, run=tmp_path_factory.mktemp("runs") / "run", task=TASK, **options)


@pytest.fixture
def run(trained):
    trained.folder.remove("people.json")
    return dg.load(trained.path)


def job(source, **options):
    return plan_job(source, TASK, None, {**QUICK, **small.OPTIONS, **options})


def of(folder, sign, *places):
    return [str(folder / f"sign {sign}" / f"{place:02}.png") for place in places]


def test_no_class_is_in_two_parts_and_each_has_enough_for_an_episode(folder):
    found = job(folder)
    parts = [set(found.data.labels[found.prepared.ids[part]].tolist()) for part in ("train", "val", "test")]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 12
    assert min(map(len, parts)) >= 3


def test_ways_are_fewer_where_there_are_fewer_classes_and_that_is_said(folder):
    found = job(folder, ways=None)
    assert found.task.ways == 4
    assert ("ways", "4") in [(guess.what, guess.value) for guess in found.guesses]
    with pytest.raises(DataError, match=r"2 of the classes for val .* expected 3; .* lower --ways or --shots"):
        job(folder, val_fraction=0.2)
    with pytest.raises(DataError, match=r"have 9 pictures or more.*--training-ways or --shots"):
        job(folder, shots=8)


@pytest.mark.parametrize(
    ("option", "value"),
    [("ways", 1), ("shots", 0), ("queries", 0), ("training_ways", 1), ("episodes", 0), ("embed_dim", 1),
     ("learner", "knn")],
)  # fmt: skip
def test_options_out_of_their_range_are_refused(folder, option, value):
    with pytest.raises(OptionError, match=option.replace("_", "-")):
        job(folder, **{option: value})


@pytest.mark.parametrize(
    "learner",
    ["prototypes", "matching", pytest.param("fine-tuning", marks=pytest.mark.slow("fits a layer in every episode"))],
)
def test_every_rule_learns_characters(folder, learner, tmp_path):
    options = QUICK | small.OPTIONS | {"learner": learner, "epochs": 5, "batch_size": 1}
    found = dg.train(folder, run=tmp_path / "run", task=TASK, **options)
    assert found.history[-1]["loss"] < found.history[0]["loss"]
    assert found.metrics["test"]["episode_accuracy"]["value"] > 0.4  # chance is 1 / 3


@pytest.mark.parametrize(
    ("views", "times"), [(("turned",), 4), (("mirrored",), 2), (("turned", "mirrored"), 8)], ids=str
)
def test_classes_turned_are_four_times_as_many_and_mirrored_twice(folder, views, times):
    found = job(folder, **dict.fromkeys(views, True), learner="fine-tuning", training_ways=6)
    examples = found.task.training_examples(found.prepared.train)
    labels = torch.cat([examples.batch(torch.zeros(1))[-1][:, 0] for _ in range(40)])
    trained = found.task.answer.num_trained
    assert (times - 1) * trained <= labels.max() < times * trained
    found.task.hooks(found.build_model())
    assert len(found.task.centres.centres) == times * trained


def test_the_test_is_600_episodes_beside_pixels(trained):
    metrics = trained.metrics
    assert metrics["test"]["details"]["episodes"] == 600
    entry = metrics["test"]["episode_accuracy"]
    assert entry["low"] < entry["value"] < entry["high"] or entry["value"] == 1
    assert metrics["baseline"]["name"] == "nearest pixels"
    assert metrics["rival"]["name"].startswith("nearest of")


def test_too_few_classes_or_pictures_are_told_what_is_missing():
    images = drawn_characters.load()
    few = Images("few", images.labels[:60], images.classes[:5], 1, pixels=images.pixels[:60])
    with pytest.raises(DataError, match=r"5 identities .*expected 6 or more"):
        job(few)
    alone = Images("alone", np.arange(8), images.classes[:8], 1, pixels=images.pixels[:8])
    with pytest.raises(DataError, match="two pictures"):
        job(alone)


def test_a_new_class_is_enrolled_by_one_picture_and_named_with_its_share(run, folder):
    for sign in (0, 1, 2):
        assert run.enrol(f"sign {sign}", of(folder, sign, 0))["warnings"] == []
    found = run.identify(of(folder, 0, 0) + of(folder, 1, 3))
    assert found[0]["name"] == "sign 0"
    assert found[0]["distance"] == pytest.approx(0, abs=1e-3)
    for one in found:
        assert "threshold" not in one
        assert one["share"] == one["nearest"][0]["share"]
        assert sum(near["share"] for near in one["nearest"]) == pytest.approx(1, abs=1e-5)  # of three there are three


def test_shares_are_the_softmax_of_squared_distances_to_the_means(run, folder):
    run.enrol("one", of(folder, 0, 0, 1, 2))
    run.enrol("other", of(folder, 1, 0))
    (found,) = run.identify(of(folder, 2, 0))
    squared = np.array([near["distance"] ** 2 for near in found["nearest"]])
    shares = np.exp(-8 * squared) / np.exp(-8 * squared).sum()
    assert [near["share"] for near in found["nearest"]] == pytest.approx(shares.tolist(), abs=1e-4)


def test_pictures_of_the_test_are_enrolled_by_their_row_on_the_command_line(run):
    for name, row in (("first", "row:1"), ("second", f"row:{small.TIMES + 1}")):
        assert deepglass("enrol", run.path, name, row).returncode == 0
    done = deepglass("identify", run.path, "row:1", "--json")
    assert json.loads(done.stdout)["pictures"][0]["name"] == "first"
    assert "whether it is any of them" in deepglass("identify", run.path, "row:2").stdout


def test_two_pictures_are_not_compared_for_that_is_another_task(run, folder):
    with pytest.raises(OptionError, match="only runs of --task verification"):
        run.verify(*of(folder, 0, 0, 1))


def test_other_classes_are_judged_later(trained):
    images = drawn_characters.load()
    few = Images("few", images.labels[:48], images.classes[:4], 1, pixels=images.pixels[:48])
    assert trained.evaluate(few)["details"]["num_classes"] == 4
