"""Multi-label classification on columns, texts and pictures: what is the task's own, on tiny data."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from deepglass.core.errors import DataError, OptionError
from deepglass.core.seeds import seed_everything
from deepglass.data.config import DataConfig
from deepglass.data.reading.roles import guess_task
from deepglass.data.reading.source import read
from deepglass.evaluate import label_thresholds
from deepglass.rivals import Time
from deepglass.runs.job import plan_job
from deepglass.tasks.multi_label_classification import LIKE, Config, Task
from deepglass.training.config import TrainConfig
from deepglass.zoo import architectures

COUNT, NAMES = 90, ["bar", "dot", "line"]
MODELS = {"columns": "mlp", "text": "bag-of-ngrams", "image": "lenet5"}


def truths():
    return np.random.default_rng(0).random((COUNT, 3)) < (0.5, 0.4, 0.2)


def lists(sign=";"):
    return [sign.join(name for name, holds in zip(NAMES, row) if holds) for row in truths()]


def frame():
    rng = np.random.default_rng(1)
    return pd.DataFrame(truths() + rng.normal(0, 0.4, (COUNT, 3)), columns=list("xyz")).assign(tags=lists())


def notes():
    rng = np.random.default_rng(2)
    texts = [" ".join([*rng.choice(["the", "old", "page", "of", "it"], 6), *cell.split(";")]) for cell in lists()]
    return pd.DataFrame({"text": texts, "tags": lists()})


def pictures(folder):
    rng = np.random.default_rng(3)
    for i, row in enumerate(truths()):
        pixels = rng.normal(60, 20, (12, 12))
        pixels[:3], pixels[5:7, 5:7], pixels[10:] = (pixels[part] + 120 * holds for part, holds in zip(PARTS, row))
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{i}.png")
    table = pd.DataFrame(truths().astype(int), columns=NAMES).assign(file=[f"{i}.png" for i in range(COUNT)])
    table.to_csv(folder / "labels.csv", index=False)
    return folder / "labels.csv"


PARTS = (slice(None, 3), (slice(5, 7), slice(5, 7)), slice(10, None))


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    of_pictures = pictures(tmp_path_factory.mktemp("pictures"))
    return {"columns": frame(), "text": notes(), "image": of_pictures}


def prepared(source, name, **options):
    """A task with its data, and a small network."""
    task = Task(DataConfig(), Config(**options), 0)
    task.model = MODELS[name]
    data = read(source[name], DataConfig(), follow=Task.FOLLOWS_PATHS)
    ready = task.prepare(data)
    seed_everything(0)
    more = {"bag-of-ngrams": {"ngrams": 1}}.get(MODELS[name], {})
    return task, ready, architectures.load(MODELS[name], task=Task.name, **ready.dims, **more), data


@pytest.mark.parametrize("name", MODELS)
def test_it_is_guessed_and_any_input_goes_with_labels(source, name):
    task, ready, model, data = prepared(source, name)
    assert guess_task(data, DataConfig())[0] == Task.name
    assert task.inputs.name == name
    assert sorted(task.classes) == NAMES
    *inputs, targets = ready.train.batch(torch.arange(4))
    assert model(*inputs).shape == targets.shape == (4, 3)
    loss = task.loss(model.train(), ready.train.batch(torch.arange(8)))
    loss.backward()
    assert any(p.grad.abs().sum() > 0 for p in model.parameters() if p.grad is not None)


@pytest.mark.parametrize("name", MODELS)
def test_a_state_reads_and_answers_as_the_task(source, name):
    task, ready, model, _ = prepared(source, name)
    assert task.calibrate(model, ready)
    again = Task(DataConfig(), Config(), 0)
    again.load_state(json.loads(json.dumps(task.state())))
    assert (again.inputs.name, again.classes, again.cuts.tolist()) == (name, task.classes, task.cuts.tolist())
    one, other = task.outputs(model, ready.test), again.outputs(model, ready.test)
    assert np.array_equal(one.predictions, other.predictions)
    assert np.array_equal(one.extra["thresholds"], other.extra["thresholds"])


@pytest.mark.parametrize("name", MODELS)
def test_a_linear_model_per_label_stands_beside_it(source, name):
    task, ready, _, _ = prepared(source, name)
    said, outputs = task.simple_answers(ready, Time(60))
    assert said.startswith("logistic regression per label on ")
    baseline = task.baseline(ready)
    assert baseline["name"].startswith("always ")
    assert task.evaluate(outputs)["f1_micro"]["value"] > baseline["f1_micro"]["value"]


@pytest.mark.parametrize("name", MODELS)
def test_every_label_has_its_share_of_the_test(source, name):
    _, ready, _, _ = prepared(source, name)
    test = ready.test.tensors[-1].numpy()
    assert abs(test.sum(axis=0) - 0.2 * truths()[:, np.argsort(np.argsort(NAMES))].sum(axis=0)).max() <= 2


def test_thresholds_are_those_of_validation_and_go_with_the_outputs(source):
    task, ready, model, _ = prepared(source, "columns")
    before = task.outputs(model, ready.test)
    assert (before.extra["thresholds"] == label_thresholds.HALF).all()
    task.calibrate(model, ready)
    val, test = task.outputs(model, ready.val), task.outputs(model, ready.test)
    assert task.cuts.tolist() == label_thresholds.choose(val.predictions, val.targets > 0).tolist()
    assert (test.extra["thresholds"] == task.cuts).all()
    result = task.evaluate(test)
    assert [record["threshold"] for record in result["details"]["per_class"]] == task.cuts.tolist()


def test_balanced_weights_make_all_false_alarms_cost_as_much_as_all_misses(source):
    task, _, _, _ = prepared(source, "columns")
    counts, number = task.answer.counts, task.answer.num_train
    assert task.balance(torch.device("cpu")).numpy() * counts == pytest.approx(number - counts)


def test_the_sampler_draws_an_example_by_its_rarest_label(source):
    task, ready, _, _ = prepared(source, "columns")
    targets, weights = ready.train.tensors[-1].numpy() > 0, task.sample_weights(ready).numpy()
    rarity = 1 / task.answer.shares
    for row, weight in zip(targets, weights):
        assert weight == pytest.approx(rarity[row].max() if row.any() else rarity.min())


@pytest.mark.parametrize("name", ["columns", "image"])
@pytest.mark.parametrize("option", ["mixup", "cutmix"])
def test_mixed_examples_have_a_loss_of_their_own(source, name, option):
    task, ready, model, _ = prepared(source, name)
    batch, losses = ready.train.batch(torch.arange(16)), []
    for config in (TrainConfig(), TrainConfig(**{option: 1.0})):
        task.train_config = config
        torch.manual_seed(0)
        losses.append(float(task.loss(model.train(), batch).detach()))
    assert losses[0] != losses[1]


def test_words_are_not_mixed(source):
    for option in ("mixup", "cutmix"):
        with pytest.raises(OptionError, match=f"--{option} has no effect: words cannot be blended"):
            plan_job(source["text"], Task.name, None, {option: 0.5})


def test_options_of_other_inputs_are_refused_with_the_reason(source):
    with pytest.raises(OptionError, match=r"--image-size has no effect: these data are read as text"):
        plan_job(source["text"], Task.name, None, {"image_size": 8})
    with pytest.raises(OptionError, match=r"--word-dropout has no effect: these data are read as columns"):
        plan_job(source["columns"], Task.name, None, {"word_dropout": 0.3})


def test_a_model_for_other_inputs_is_refused_with_those_that_fit(source):
    with pytest.raises(OptionError, match=r"--model cnn does not read text: choose one of bag-of-ngrams, .*lstm"):
        plan_job(source["text"], Task.name, "cnn", {})
    with pytest.raises(OptionError, match=r"--model lstm does not read columns: choose one of linear, mlp, tabm"):
        plan_job(source["columns"], Task.name, "lstm", {})
    assert set(LIKE.values()) == set(Task.LEARNS_LIKE)


def test_a_table_with_many_columns_beside_its_text_is_learnt_from_as_a_table(source):
    rng = np.random.default_rng(4)
    wide = notes().assign(**{name: rng.normal(size=COUNT).round(3) for name in "abc"})
    assert Task.kind_of(read(notes(), DataConfig()), DataConfig()).name == "text"
    assert Task.kind_of(read(wide, DataConfig()), DataConfig()).name == "columns"
    assert Task.kind_of(read(wide, DataConfig()), DataConfig(text_column="text")).name == "text"


def test_answers_name_labels_from_their_threshold_on_the_likeliest_first(source):
    task, _, _, _ = prepared(source, "columns")
    task.chosen = np.array([0.2, 0.5, 0.9])
    outputs = task.outputs_of(np.array([[0.3, 0.8, 0.85], [0.1, 0.1, 0.1]], np.float32), None, task.cuts)
    records = task.answers(outputs, {"row": [1, 2]})
    assert [record["prediction"] for record in records] == ["dot;bar", ""]
    assert records[0]["p(line)"] == pytest.approx(0.85)
    assert outputs.losses is None


def test_new_labels_and_missing_columns_are_named(source):
    task, _, _, _ = prepared(source, "columns")
    odd = frame().assign(tags=["new;bar", *lists()[1:]])
    with pytest.raises(DataError, match=r"1 label that training did not know \('new'\) in row 1"):
        task.read(task.open(odd, with_target=True), with_target=True)
    with pytest.raises(DataError, match=r"'tags'"):
        task.read(task.open(frame().drop(columns="tags"), with_target=True), with_target=True)


def test_new_lists_may_be_written_otherwise(source):
    task, _, _, _ = prepared(source, "columns")
    usual, _ = task.read(task.open(frame(), with_target=True), with_target=True)
    as_lists = frame().assign(tags=[cell.split(";") if cell else [] for cell in lists()])
    others, _ = task.read(task.open(as_lists, with_target=True), with_target=True)
    assert torch.equal(usual.tensors[-1], others.tensors[-1])


def test_pictures_are_read_with_the_columns_of_their_labels(source, tmp_path):
    data = read(source["image"], DataConfig(), follow=("picture",))
    assert data.labels is None
    assert data.columns["target"] == "bar,dot,line"
    assert len(data) == COUNT
    table = pd.read_csv(source["image"])
    for name, sign in (("lists", ";"), ("plain", ",")):
        cells = pd.DataFrame({"file": table["file"], "tags": lists(sign)})
        cells.to_csv(source["image"].parent / f"{name}.csv", index=False)
        found = read(source["image"].parent / f"{name}.csv", DataConfig(), follow=("picture",))
        assert len(found) == COUNT  # those without a label, too
        assert guess_task(found, DataConfig())[0] == Task.name
    kept = [cell or "none" for cell in lists()]
    pd.DataFrame({"file": table["file"], "tags": kept}).to_csv(source["image"].parent / "full.csv", index=False)
    classes = read(source["image"].parent / "full.csv", DataConfig(not_missing="none"), follow=("picture",))
    assert len(classes.classes) == len(set(kept))  # every cell could be a class, for whoever asks for classes
