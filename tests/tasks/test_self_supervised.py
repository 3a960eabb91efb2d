"""Features that are learnt without labels (L05): better than those of the same network before, and never by labels."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

import deepglass as dg
from deepglass.core.errors import OptionError
from deepglass.data.augment.views import hidden_patches
from deepglass.runs.job import plan_job
from deepglass.tasks.pretexts.masked_columns import hidden_cells
from tests.tasks.contract.case import QUICK
from tests.tasks.small import self_supervised as small

TASK = "self-supervised"
LEARNING = {"threads": 1, "precision": "float32", "device": "cpu", "width": 8}


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return dg.train("digits", run=tmp_path_factory.mktemp("runs") / "run", task=TASK, epochs=15, **LEARNING)


def value(found, part):
    return found.metrics[part]["probe_accuracy"]["value"]


@pytest.mark.slow("trains a network for a few seconds")
def test_a_probe_reads_more_off_what_was_learnt_than_off_the_untrained_network(digits):
    learnt = digits.metrics["test"]["probe_accuracy"]
    assert learnt["low"] > value(digits, "baseline")
    assert digits.metrics["test"]["spread_of_codes"]["value"] > 0.5
    assert digits.metrics["baseline"]["name"] == "the network before it learnt"


def test_no_label_changes_anything_that_is_learnt(tmp_path):
    folder = small.data(tmp_path)
    options = {**QUICK, **small.OPTIONS, "task": TASK}
    with_classes = dg.train(folder, run=tmp_path / "one", **options)
    pixels = {"x_train": [], "y_train": []}
    rng = np.random.default_rng(0)
    for kind in small.KINDS:
        for _ in range(40):
            pixels["x_train"].append(small.picture(rng, kind))
            pixels["y_train"].append(0)
    shuffled = {"x_train": np.stack(pixels["x_train"]), "y_train": np.arange(120) % 3}
    runs = []
    for name, y in (("a", shuffled["y_train"]), ("b", (shuffled["y_train"] + 1) % 3)):
        np.savez(tmp_path / f"{name}.npz", x_train=shuffled["x_train"], y_train=y)
        runs.append(dg.train(tmp_path / f"{name}.npz", run=tmp_path / name, **options))
    for one, other in zip(*(run.network.state_dict().values() for run in runs), strict=True):
        assert torch.equal(one, other)
    assert with_classes.metrics["test"]["probe_accuracy"]["value"] is not None


@pytest.mark.parametrize("method", ["simclr", "byol", "mae"])
def test_a_training_that_was_interrupted_goes_on_to_the_bit(method, tmp_path):
    """Also BYOL's teacher, which no gradient reaches, is where it was."""
    from deepglass.training.loop import fit

    folder = small.data(tmp_path)
    states = []
    for pauses in (False, True):
        own = {} if method == "mae" else {"projection_dim": 8}
        options = {**QUICK, "width": 4, "num_stages": 1, "method": method, **own, "epochs": 4}
        job = plan_job(folder, TASK, None, options)
        task, prepared = job.task, job.prepared
        from deepglass.core.run_folder import RunFolder

        place = RunFolder(tmp_path / f"{method}{pauses}").create()
        network = job.build_model()
        arguments = (task, prepared.train, prepared.val, job.train_config)
        if pauses:
            fit(network, *arguments, folder=place, is_paused=lambda progress: len(progress.history) == 2)
            job = plan_job(folder, TASK, None, options)
            network = job.build_model()
            arguments = (job.task, job.prepared.train, job.prepared.val, job.train_config)
            fit(network, *arguments, folder=place, resume=True)
        else:
            fit(network, *arguments, folder=place)
        teacher = getattr(job.task.method, "teacher", None)
        states.append([*network.state_dict().values(), *(teacher.model.state_dict().values() if teacher else ())])
    assert len(states[0]) > 4
    for one, other in zip(*states, strict=True):
        assert torch.equal(one, other)


def test_byol_teacher_is_the_running_mean_of_the_weights(tmp_path):
    job = plan_job(small.data(tmp_path), TASK, None, {**QUICK, **small.OPTIONS, "method": "byol", "teacher_decay": 0.5})
    network = job.build_model()
    hook = job.task.hooks(network)["teacher"]
    before = [weight.clone() for weight in hook.model.parameters()]
    with torch.no_grad():
        for weight in network.parameters():
            weight += 1
    hook.update()
    decay = min(0.5, 2 / 11)
    for old, mean in zip(before, hook.model.parameters(), strict=True):
        assert torch.allclose(mean, old + (1 - decay), atol=1e-5)


@pytest.mark.slow("trains twice for a few seconds")
def test_views_that_only_have_to_agree_collapse_and_the_report_says_so(tmp_path):
    options = {"task": TASK, "method": "byol", "epochs": 8, **LEARNING, "width": 16}
    collapsed = dg.train("digits", run=tmp_path / "one", predictor=False, teacher_decay=0.0, **options)
    kept = dg.train("digits", run=tmp_path / "two", **options)
    assert any("collapsed" in warning for warning in collapsed.metrics["warnings"])
    assert not any("collapsed" in warning for warning in kept.metrics["warnings"])
    spread = [run.metrics["test"]["spread_of_codes"]["value"] for run in (collapsed, kept)]
    assert spread[0] < 0.2
    assert spread[1] > 0.5


def test_another_training_begins_with_the_features(tmp_path):
    folder = small.data(tmp_path)
    run = dg.train(folder, run=tmp_path / "run", task=TASK, **{**QUICK, **small.OPTIONS})
    job = plan_job(folder, "image-classification", None, {**QUICK, "pretrained": str(run.path)})
    assert job.model == "cnn"
    begun, learnt = job.build_model().state_dict(), run.network.state_dict()
    shared = [name for name in begun if not name.startswith("head.")]
    assert len(shared) > 5
    for name in shared:
        assert torch.equal(begun[name], learnt[name])
    assert "head (head) is new" in job.beginning["head"]


def table(rows=160):
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(rows, 2))
    frame = pd.DataFrame(hidden @ rng.normal(size=(2, 5)), columns=list("abcde"))
    frame["colour"] = np.where(hidden[:, 0] > 0, "red", "blue")
    frame["side"] = np.where(hidden[:, 1] > 0, "left", "right")
    return frame


def test_columns_that_tell_of_each_other_are_learnt_and_weights_serve_few_labels(tmp_path):
    path = tmp_path / "rows.csv"
    table().round(4).to_csv(path, index=False)
    options = {**QUICK, "epochs": 8, "hidden_dim": 16, "target": "side"}
    run = dg.train(path, run=tmp_path / "run", task=TASK, **options)
    assert run.config["model"] == "mlp"
    losses = [epoch["val_loss"] for epoch in run.history]
    assert losses[-1] < 0.8 * losses[0]
    few = tmp_path / "few.csv"
    table().iloc[:60].round(4).to_csv(few, index=False)
    labelled = dg.train(few, run=tmp_path / "few", target="side", pretrained=str(run.path), **QUICK)
    assert labelled.config["model"] == "mlp"
    assert labelled.metrics["test"]["count"] > 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "masked-columns"}, "does not learn from image"),
        ({"augment": "none"}, "two views of a picture would be the same"),
        ({"temperature": 0.0}, "--temperature"),
        ({"projection_dim": 1}, "--projection-dim"),
        ({"method": "byol", "teacher_decay": 1.0}, "--teacher-decay"),
        ({"method": "mae", "mask_share": 1.0}, "--mask-share"),
        ({"method": "mae", "temperature": 0.3}, "for --method simclr"),
        ({"mask_share": 0.4}, "for --method mae or masked-columns"),
        ({"model": "linear"}, "has no features before a last layer"),
    ],
)
def test_what_cannot_be_is_refused_by_name(options, said, tmp_path):
    options = dict(options)
    with pytest.raises(OptionError, match=said):
        plan_job(small.data(tmp_path), TASK, options.pop("model", None), {**QUICK, **options})


def test_new_data_without_classes_are_judged_without_a_probe(tmp_path):
    folder = small.data(tmp_path)
    run = dg.train(folder, run=tmp_path / "run", task=TASK, **{**QUICK, **small.OPTIONS})
    outputs = run.task.outputs(run.model, plan_job(folder, TASK, None, {**QUICK, **small.OPTIONS}).prepared.test)
    found = run.task.evaluate(replace(outputs, targets=np.full(len(outputs.predictions), -1)))
    assert found["headline"] == ["spread_of_codes", "pretext_loss"]
    assert json.dumps(found)


def test_hidden_patches_are_whole_squares_and_as_many_as_asked_for():
    hidden = hidden_patches(torch.zeros(50, 3, 28, 28), 0.6)
    assert hidden.shape == (50, 1, 28, 28)
    squares = hidden.float().view(50, 7, 4, 7, 4).mean(dim=(2, 4))
    assert set(squares.unique().tolist()) == {0.0, 1.0}
    assert squares.sum(dim=(1, 2)).tolist() == [29] * 50


def test_some_cells_of_each_row_are_hidden_and_never_all():
    for share in (0.01, 0.5, 0.99):
        hidden = hidden_cells(200, 4, share, torch.device("cpu"))
        assert hidden.any(dim=1).all()
        assert not hidden.all(dim=1).any()
