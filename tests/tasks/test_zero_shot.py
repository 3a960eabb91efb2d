"""Zero-shot learning: classes are left out wholly, three ways hold pictures against descriptions, new ones are told."""

import csv
import io
import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import deepglass as dg
from deepglass.core.errors import DataError, OptionError
from deepglass.data.datasets import drawn_creatures
from deepglass.data.fields.described import CHOOSING, LEARNT, UNSEEN
from deepglass.runs.job import plan_job
from deepglass.tasks.compatibilities import attributes, contrastive, ranking
from tests.commands import deepglass
from tests.tasks.contract.case import QUICK
from tests.tasks.small import zero_shot as small

TASK = "zero-shot"
UNSEEN_KINDS = "flat white thin,steep dark wide"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small.data(tmp_path_factory.mktemp("bars"))


@pytest.fixture(scope="module")
def run(folder, tmp_path_factory):
    options = QUICK | small.OPTIONS | {"epochs": 12, "width": 8, "unseen": UNSEEN_KINDS}
    return dg.train(folder, run=tmp_path_factory.mktemp("runs") / "run", task=TASK, **options)


def job(source, **options):
    return plan_job(source, TASK, None, {**QUICK, **small.OPTIONS, **options})


def pictures_of(folder, kind):
    return [str(path) for path in sorted((folder / kind).glob("*.png"))]


def test_no_picture_of_an_unseen_class_is_in_training_and_those_to_choose_by_are_in_validation(folder):
    found = job(folder, unseen=UNSEEN_KINDS)
    labels, answer = found.data.labels, found.task.answer
    role_of = {part: answer.roles[labels[rows]] for part, rows in found.prepared.ids.items()}
    assert set(role_of["train"]) == {LEARNT}
    assert set(role_of["val"]) == {LEARNT, CHOOSING}
    assert set(role_of["test"]) == {LEARNT, UNSEEN}
    assert (role_of["test"] == UNSEEN).sum() == 18  # all nine of both
    assert sum(map(len, role_of.values())) == 99 - (role_of["val"] == CHOOSING).sum() + 9
    assert [answer.classes[place] for place in np.flatnonzero(answer.roles == UNSEEN)] == UNSEEN_KINDS.split(",")


def test_classes_are_drawn_so_that_every_word_is_learnt_from_others(folder):
    for seed in range(6):
        answer = plan_job(folder, TASK, None, {**QUICK, **small.OPTIONS, "unseen": "3", "seed": seed}).task.answer
        learnt = [kind for kind, role in zip(answer.classes, answer.roles) if role == LEARNT]
        for column in ("direction", "shade", "width"):
            everywhere = {cells[column] for cells in answer.described.values()}
            assert {answer.described[kind][column] for kind in learnt} == everywhere


def test_unseen_classes_are_named_above_chance_and_far_above_the_same_class_always(run):
    entry = run.metrics["test"]["unseen_accuracy"]
    assert entry["low"] > run.metrics["test"]["details"]["chance"] == 0.5
    assert run.metrics["baseline"]["unseen_accuracy"]["value"] == 0.5
    assert run.metrics["baseline"]["harmonic_mean"]["value"] == 0
    assert run.metrics["rival"]["name"].startswith("linear attributes")
    report = (run.path / "report.html").read_text()
    assert "of 2 classes that it had never seen" in report
    assert "Class by class" in report


def test_a_class_that_comes_later_is_told_in_a_line_and_named(run, folder, tmp_path):
    table = tmp_path / "new.csv"
    table.write_text("class,direction,shade,width\nsnow,flat,white,thin\nnight,steep,dark,wide\n")
    for kind, name in zip(UNSEEN_KINDS.split(","), ("snow", "night")):
        found = run.predict(pictures_of(folder, kind), descriptions=table)
        assert set(found[0]) == {"file", "prediction", "probability", "p(snow)", "p(night)"}
        assert np.mean([one["prediction"] == name for one in found]) > 0.6
    picture = pictures_of(folder, "flat white thin")[0]
    done = deepglass("predict", run.path, picture, "--descriptions", table)
    (row,) = csv.DictReader(io.StringIO(done.stdout))
    assert row["prediction"] == run.predict(picture, descriptions=table)[0]["prediction"]
    assert run.predict(picture)[0].keys() >= {f"p({kind})" for kind in UNSEEN_KINDS.split(",")}  # nothing has changed


def test_descriptions_that_come_later_are_checked(run, folder):
    picture = pictures_of(folder, "flat white thin")[0]
    wide = {"direction": "flat", "shade": "white", "width": "wide"}
    with pytest.raises(DataError, match="'purple', which no class of the training is"):
        run.predict(picture, descriptions={"a": wide, "b": wide | {"shade": "purple"}})
    with pytest.raises(DataError, match="described alike"):
        run.predict(picture, descriptions={"a": wide, "b": wide})
    with pytest.raises(DataError, match="of 1 class: expected two"):
        run.predict(picture, descriptions={"a": wide})


def test_a_run_of_another_task_reads_no_descriptions(tmp_path):
    other = dg.train("iris", run=tmp_path / "run", model="linear", **{**QUICK, "epochs": 1})
    with pytest.raises(OptionError, match="only runs of --task zero-shot"):
        other.predict("iris", descriptions={"a": {"legs": 1.0}, "b": {"legs": 2.0}})


@pytest.mark.parametrize("compatibility", ["attributes", "ranking", "contrastive"])
def test_every_way_learns_to_say_what_fits(folder, compatibility, tmp_path):
    options = QUICK | small.OPTIONS | {"compatibility": compatibility, "epochs": 5}
    found = dg.train(folder, run=tmp_path / "run", task=TASK, **options)
    assert found.history[-1]["loss"] < 0.8 * found.history[0]["loss"]


def test_attributes_are_independent_bernoulli_variables():
    said, codes = torch.randn(5, 4), torch.tensor([[1.0, 0, 0, 1], [0, 1, 1, 0]])
    by_hand = torch.distributions.Bernoulli(logits=said[:, None]).log_prob(codes).sum(dim=2)
    assert torch.allclose(attributes.scores(said, codes), by_hand, atol=1e-6)
    classes = torch.tensor([0, 1, 1, 0, 1])
    own = by_hand.gather(1, classes[:, None]).mean()
    assert torch.allclose(attributes.loss(said, codes, classes), -own, atol=1e-6)


def test_the_ranking_loss_is_that_of_pytorch_for_several_classes_without_its_mean_over_them():
    said, codes, classes = torch.randn(6, 4), torch.randn(3, 4), torch.tensor([0, 1, 2, 0, 1, 2])
    cosines = F.cosine_similarity(said[:, None], codes, dim=2)
    judged = F.multi_margin_loss(cosines, classes, margin=ranking.MARGIN) * len(codes)
    assert torch.allclose(ranking.loss(said, codes, classes), judged, atol=1e-6)
    assert torch.allclose(contrastive.scores(said, codes), contrastive.SCALE * cosines, atol=1e-5)


def test_a_larger_calibration_says_more_unseen_classes(folder, run):
    outputs = {}
    for taken in (0.0, 4.0):
        again = dg.load(run.path)
        again.task.calibration = taken
        outputs[taken] = again.evaluate(folder)
    assert outputs[4.0]["unseen_of_all"]["value"] >= outputs[0.0]["unseen_of_all"]["value"]
    assert outputs[4.0]["seen_of_all"]["value"] <= outputs[0.0]["seen_of_all"]["value"]
    assert outputs[4.0] != outputs[0.0]


def test_an_asked_calibration_is_the_one_of_the_run(folder, tmp_path):
    options = QUICK | small.OPTIONS | {"calibration": 2.5, "epochs": 1}
    found = dg.train(folder, run=tmp_path / "run", task=TASK, **options)
    assert json.loads((found.path / "task.json").read_text())["state"]["calibration"] == 2.5
    assert found.metrics["test"]["details"]["calibration"] == 2.5


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"unseen": "unicorn"}, "--unseen: no class unicorn"),
        ({"unseen": "10"}, "fewer than 2 to learn from"),
        ({"unseen": "0"}, "--unseen: expected 1 class or more"),
        ({"choosing": 9}, "--choosing: expected 0 to 7"),
        ({"descriptions": "none.csv"}, "--descriptions none.csv"),
        ({"unseen": ",".join(" ".join(kind) for kind in small.KINDS if "white" in kind)}, "'white', which no class"),
    ],
)
def test_options_that_leave_nothing_to_learn_from_are_refused(folder, options, said):
    with pytest.raises((OptionError, DataError), match=said):
        job(folder, **options)


def test_a_class_without_a_description_and_no_descriptions_at_all(folder, tmp_path):
    lines = (folder / "descriptions.csv").read_text().splitlines()
    (tmp_path / "few.csv").write_text("\n".join(lines[:-1]))
    with pytest.raises(DataError, match=r"no description of 1 class .*steep white thin.* add a row"):
        job(folder, descriptions=str(tmp_path / "few.csv"))
    with pytest.raises(OptionError, match=r"--descriptions is missing.*descriptions\.csv beside the pictures"):
        job("digits")


def test_creatures_bring_their_descriptions_and_no_value_belongs_to_one_kind():
    creatures = drawn_creatures.load()
    told = creatures.descriptions
    assert list(told["class"]) == creatures.classes
    for one, other in (("colour", "coat"), ("colour", "body"), ("coat", "body")):
        assert told.groupby([one, other]).size().unstack(fill_value=0).min().min() >= 2
    answer = job("drawn-creatures", unseen=None, choosing=None, width=4).task.answer
    assert np.bincount(answer.roles).tolist() == [22, 4, 6]
