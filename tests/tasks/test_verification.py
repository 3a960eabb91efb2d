"""Verification: identities are parted and never pictures of one; a threshold comes from people of neither part."""

import shutil

import numpy as np
import pytest
import torch

import deepglass as dg
from deepglass.core.errors import DataError, OptionError
from deepglass.data.containers import Images
from deepglass.data.datasets import drawn_faces
from deepglass.evaluate.metrics import verification
from deepglass.models.layout_cnn import Config, LayoutCNN
from deepglass.runs.job import plan_job
from deepglass.tasks import verification as task_file
from tests.shared_data import shared
from tests.tasks.contract.case import QUICK
from tests.tasks.small import verification as small

TASK = "verification"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return small.data(tmp_path_factory.mktemp("owners"))


@pytest.fixture(scope="module")
def run(folder, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "run"
    return dg.train(folder, run=path, task=TASK, **QUICK | {"epochs": 8} | small.OPTIONS)


def job(source, **options):
    return plan_job(source, TASK, None, {**QUICK, **small.OPTIONS, **options})


def identities(job, part):
    return set(job.data.labels[job.prepared.ids[part]].tolist())


def test_no_identity_is_in_two_parts_and_each_part_has_two(folder):
    found = job(folder)
    parts = [identities(found, part) for part in ("train", "val", "test")]
    assert sum(map(len, parts)) == len(set.union(*parts)) == small.OWNERS
    assert min(map(len, parts)) >= 2


def test_folders_of_other_people_are_the_test(folder, tmp_path):
    for owner in range(9):
        part = "test" if owner < 3 else "train"
        shutil.copytree(folder / f"owner {owner}", tmp_path / "parted" / part / f"owner {owner}")
    found = job(tmp_path / "parted")
    assert identities(found, "test") == {0, 1, 2}
    assert len(identities(found, "val")) >= 2
    shutil.copytree(folder / "owner 5", tmp_path / "parted" / "test" / "owner 5")
    with pytest.raises(DataError):
        job(tmp_path / "parted")


def test_declared_parts_that_share_somebody_are_refused_by_name():
    images = drawn_faces.load()
    images.splits = {"train": np.arange(0, 300), "test": np.arange(295, 600)}
    with pytest.raises(DataError, match=r"1 identity in both train and test \(person 30\)"):
        job(images)


def test_too_few_identities_are_told_what_else_to_do():
    images = drawn_faces.load()
    few = Images("few", images.labels[:40], images.classes[:4], 1, pixels=images.pixels[:40])
    with pytest.raises(DataError, match=r"4 identities .*expected 6 or more.*image-classification"):
        job(few)
    alone = Images("alone", np.arange(8), images.classes[:8], 1, pixels=images.pixels[:8])
    with pytest.raises(DataError, match=r"0 identities of 8 with two pictures"):
        job(alone)


@pytest.mark.parametrize(
    ("option", "value"), [("false_accepts", 0.0), ("false_accepts", 1.5), ("embed_dim", 1), ("loss", "contrastive")]
)
def test_options_out_of_their_range_are_refused(folder, option, value):
    with pytest.raises(OptionError, match=option.replace("_", "-")):
        job(folder, **{option: value})


@pytest.mark.parametrize("loss", ["prototypes", "triplet", "arcface"])
def test_every_loss_learns_bars(folder, loss, tmp_path):
    options = QUICK | small.OPTIONS | {"loss": loss, "epochs": 6}
    found = dg.train(folder, run=tmp_path / "run", task=TASK, **options)
    assert found.history[-1]["loss"] < found.history[0]["loss"]
    assert found.metrics["val"]["verification_auc"]["value"] > 0.6


def test_embeddings_are_of_length_one_and_an_export_says_them_too(run, folder):
    rows = run.predict([str(folder / "owner 0" / "00.png"), str(folder / "owner 1" / "00.png")])
    vectors = np.array([[row[f"vector_{place + 1}"] for place in range(4)] for row in rows])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_the_threshold_is_that_of_validation_at_the_rate_that_was_asked(run, folder):
    prepared = job(folder).prepared
    outputs = run.task.outputs(run.model, prepared.val)
    pairs = verification.pairs_of(outputs.predictions, outputs.targets)
    assert run.task.threshold == pytest.approx(verification.threshold_for(pairs, 0.01), rel=1e-5)
    assert verification.accepted(pairs, run.task.threshold)[0] <= 0.01
    assert run.metrics["test"]["details"]["threshold"] == run.task.threshold


def test_the_rival_is_of_linear_faces_at_its_own_threshold_from_the_same_people(run):
    rival = run.metrics["rival"]
    assert rival["name"].startswith(("eigenfaces", "Fisherfaces"))
    assert rival["details"]["threshold"] == run.task.threshold
    assert 0 < rival["true_accepts"]["value"] <= 1


def test_the_card_says_what_it_must_not_be_used_for(run):
    card = (run.path / "MODEL_CARD.md").read_text(encoding="utf-8")
    for word in ("must not be used for", "surveillance", "agreed", "darker skin"):
        assert word in card


def test_new_identities_are_judged_and_named(run, tmp_path):
    images = drawn_faces.load()
    few = Images("few", images.labels[:40], images.classes[:4], 1, pixels=images.pixels[:40])
    found = run.evaluate(few)
    assert found["details"]["identities"] == 4
    assert found["details"]["genuine_pairs"] == 4 * 45


def test_folders_of_real_people_are_read_with_other_people_in_each_part(tmp_path):
    found = job(shared("att-faces"), image_size=16)
    parts = {part: len(identities(found, part)) for part in ("train", "val", "test")}
    assert parts == {"train": 26, "val": 6, "test": 8}


def test_half_of_the_usual_embedding_is_linear_and_is_filled_where_there_are_enough_identities(
    run, folder, monkeypatch
):
    linear, prepared = run.model.linear, job(folder).prepared
    assert len(linear.weights) == 2
    assert linear.weights.any(dim=1).all()  # as the folder of the run has it
    kept = linear.weights.clone()
    linear.clear()
    with monkeypatch.context() as with_more:
        with_more.setattr(task_file, "FEWEST_LINEAR", small.OWNERS)
        run.task.calibrate(run.model, prepared)
    assert not linear.weights.any()
    run.task.calibrate(run.model, prepared)
    torch.testing.assert_close(linear.weights, kept)
    images, _ = prepared.val.batch(torch.arange(5))
    with torch.no_grad():
        deep, flat = run.model.answer(images).split(2, dim=1)
    torch.testing.assert_close(deep.norm(dim=1), flat.norm(dim=1))


def test_both_sides_of_a_picture_are_asked_where_training_mirrors_pictures(folder):
    assert job(folder, augment="flip").model_options["both_sides"]
    assert not job(folder, augment="nudge").model_options["both_sides"]
    network, images = LayoutCNN(4, image_size=(12, 12), config=Config(both_sides=True)).eval(), torch.rand(3, 1, 12, 12)
    torch.testing.assert_close(network(images), (network.answer(images) + network.answer(images.flip(3))) / 2)
    torch.testing.assert_close(network(images), network(images.flip(3)))
    network.train()
    assert not torch.equal(network(images), network(images.flip(3)))


def test_the_linear_part_is_silent_while_the_network_learns():
    from deepglass.models.layout_cnn import LinearPart

    part, flat = LinearPart(6, 2), np.random.default_rng(0).normal(size=(3, 6)).astype(np.float32)
    part.weights.copy_(torch.ones(2, 6))
    assert not part.train()(torch.from_numpy(flat)).any()
    np.testing.assert_allclose(part.eval()(torch.from_numpy(flat)).norm(dim=1), 1, rtol=1e-5)


def test_pictures_of_one_shape_are_not_cut(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (36, 120, 80, 1)).astype(np.uint8)
    tall = Images("tall", np.repeat(np.arange(9), 4), [f"p{i}" for i in range(9)], 1, pixels=pixels)
    fitted = job(tall).task.inputs.preprocessor
    assert (fitted.height, fitted.width) == (112, 75)
    asked = job(tall, image_size=40).task.inputs.preprocessor
    assert (asked.height, asked.width) == (40, 40)
