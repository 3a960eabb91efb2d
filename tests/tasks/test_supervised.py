"""Any input goes with any answer: tasks are made here of two fields each, and asked what every task is asked."""

import json
import math

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch import nn

from deepglass.core import catalogue
from deepglass.core.errors import DataError, OptionError
from deepglass.core.seeds import seed_everything
from deepglass.data.config import DataConfig
from deepglass.data.fields import InputField
from deepglass.data.reading.source import read
from deepglass.rivals import Time
from deepglass.tasks._classification import ClassificationTask
from deepglass.tasks._regression import RegressionTask
from deepglass.training.config import TrainConfig
from deepglass.zoo import architectures
from tests.data.fields.test_contract import sample

FIELDS = {name: catalogue.load("data/fields", name).Field for name in catalogue.entries("data/fields")}
OF_THEIR_OWN = {"audio", "nodes"}  # sounds of any length, and graphs, whose batches are whole: asked with their tasks
INPUTS = [  # but for those whose answer lies in them
    name for name, kind in FIELDS.items() if name not in OF_THEIR_OWN
    and issubclass(kind, InputField) and not {"ANSWER", "IS_ITS_ANSWER"} & vars(sample(name)).keys()
]  # fmt: skip
MODELS = {"columns": "mlp", "text": "bag-of-ngrams", "image": "lenet5", "series": "of whole series"}
ORDER = ("series", "image", "text", "columns")  # the first that accepts the data is taken
PAIRS = [(name, answering) for name in INPUTS for answering in (ClassificationTask, RegressionTask)]
EACH_PAIR = pytest.mark.parametrize(("name", "answering"), PAIRS, ids=[f"{n}-{a.ANSWER.name}" for n, a in PAIRS])


def task_of(inputs, answering, *others):
    class Task(answering):
        name = "tried-here"
        default_model = MODELS[inputs]
        INPUTS = tuple(FIELDS[kind] for kind in (inputs, *others))

    return Task(DataConfig(), None, 0)


class OfWholeSeries(nn.Module):
    """What was there on the way is read at the end; the zoo has no model of whole series."""

    def __init__(self, length, in_channels, num_outputs):
        super().__init__()
        self.gru, self.head = nn.GRU(in_channels, 8, batch_first=True), nn.Linear(8, num_outputs)

    def forward(self, values):  # (B, T, channels)
        return self.head(self.gru(values)[0][:, -1])


def network(name, dims):
    return OfWholeSeries(**dims) if name == "series" else architectures.load(MODELS[name], **dims)


def prepared(name, answering, *others):
    task, data = task_of(name, answering, *others), sample(name).data()
    ready = task.prepare(data)
    seed_everything(0)
    return task, ready, network(name, ready.dims), data


def two_steps(task, ready, model):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for batch in torch.arange(len(ready.train)).split(16)[:2]:
        loss = task.loss(model.train(), ready.train.batch(batch))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


@EACH_PAIR
def test_a_network_learns_and_is_judged(name, answering):
    task, ready, model, data = prepared(name, answering)
    assert all(map(math.isfinite, two_steps(task, ready, model)))
    assert all(part.grad is not None for part in model.parameters())
    outputs = task.outputs(model, ready.test)
    result, baseline = task.evaluate(outputs), task.baseline(ready)
    for score in result["headline"]:
        assert result[score].keys() == baseline[score].keys()
    assert task.monitor in task.validate(outputs)
    mistakes = task.mistakes(outputs, ready, data)
    assert all({"target", "predicted", "loss"} <= record.keys() for record in mistakes)
    json.dumps(mistakes)


@EACH_PAIR
def test_a_task_that_was_read_back_answers_alike(name, answering):
    task, _, model, _ = prepared(name, answering)
    again = task_of(name, answering)
    again.load_state(json.loads(json.dumps(task.state())))
    assert again.dims == task.dims
    ours, theirs = (
        one.answers(one.outputs(model, examples), names)
        for one in (task, again)
        for examples, names in [one.read(one.open(sample(name).data()), with_target=False)]
    )
    assert ours == theirs
    assert len(ours) == 48


@EACH_PAIR
def test_labelled_data_are_judged_as_the_test_split_was(name, answering):
    task, ready, model, _ = prepared(name, answering)
    whole, _ = task.read(task.open(sample(name).data(), with_target=True), with_target=True)
    ours, theirs = task.outputs(model, ready.test), task.outputs(model, whole)
    rows = ready.ids["test"]
    np.testing.assert_allclose(ours.predictions, theirs.predictions[rows], rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(ours.targets, theirs.targets[rows])


@pytest.mark.parametrize("name", [name for name in INPUTS if name != "text"])  # words cannot be mixed
@pytest.mark.parametrize("answering", [ClassificationTask, RegressionTask])
def test_mixed_examples_cost_something_else_and_only_in_training(name, answering):
    task, ready, model, _ = prepared(name, answering)
    batch = ready.train.batch(torch.arange(16))
    task.train_config = TrainConfig(mixup=1.0)
    torch.manual_seed(1)
    assert task.loss(model.train(), batch) != task.loss(model.eval(), batch)


@EACH_PAIR
def test_simple_models_are_fitted_beside_it_where_there_are_some(name, answering):
    task, ready, _, data = prepared(name, answering)
    for rival in task.rivals(ready, data, Time(20)):
        held_out = len(ready.val)
        assert len(rival.held_out) == held_out
        assert np.isfinite(rival.held_out).all()


@EACH_PAIR
def test_the_wrong_answers_are_no_inputs(name, answering):
    task, ready, _, _ = prepared(name, answering)
    if name == "columns":
        assert task.target not in task.preprocessor.columns
    assert len(ready.train.tensors) == len(task.extremes()) + 1


@pytest.mark.parametrize("name", INPUTS)
def test_a_task_of_several_inputs_takes_the_kind_that_the_data_hold(name):
    order = sorted(INPUTS, key=ORDER.index)
    task = task_of(*order[:1], ClassificationTask, *order[1:])
    task.prepare(sample(name).data())
    assert task.inputs.name == name
    again = task_of(*order[:1], ClassificationTask, *order[1:])
    again.load_state(json.loads(json.dumps(task.state())))
    assert again.inputs.name == name
    assert again.dims == task.dims


def dots(folder, count=40):
    """A table of pictures and how many dots each shows, more numbers than there could be classes."""
    rng, rows = np.random.default_rng(0), []
    for i in range(count):
        pixels = np.zeros((12, 12), np.uint8)
        pixels.ravel()[rng.permutation(144)[:i]] = 255
        Image.fromarray(pixels).save(folder / f"{i}.png")
        rows.append((f"{i}.png", i + 0.5, f"p{i // 2}"))
    path = folder / "dots.csv"
    pd.DataFrame(rows, columns=["picture", "dots", "person"]).to_csv(path, index=False)
    return path


def test_a_table_of_paths_and_numbers_is_learnt_judged_and_predicted(tmp_path):
    task = task_of("image", RegressionTask)
    layout = read(dots(tmp_path), DataConfig(), follow=("picture",))
    ready = task.prepare(layout)
    assert task.target == "dots"
    (guess,) = (guess for guess in ready.guesses if guess.what == "target")
    assert (guess.value, guess.option) == ("dots", "--target")
    model = architectures.load("lenet5", **ready.dims)
    np.testing.assert_allclose(task.outputs(model, ready.test).targets, ready.ids["test"] + 0.5, rtol=1e-5)
    again = task_of("image", RegressionTask)
    again.load_state(json.loads(json.dumps(task.state())))
    labelled = again.open(tmp_path / "dots.csv", with_target=True)
    assert len(again.read(labelled, with_target=True)[0]) == 40
    assert np.array_equal(again.fingerprints(labelled), task.fingerprints(layout))
    for inputs in (tmp_path / "dots.csv", tmp_path / "3.png", [tmp_path / "4.png", tmp_path / "5.png"]):
        examples, names = again.read(again.open(inputs), with_target=False)
        assert len(again.answers(again.outputs(model, examples), names)) == len(names["file"])


def test_people_do_not_cross_the_split_of_pictures_with_numbers(tmp_path):
    task = task_of("image", RegressionTask)
    task.data_config = task.inputs.data_config = DataConfig(group_column="person")
    ready = task.prepare(read(dots(tmp_path), task.data_config, follow=("picture",)))
    people = [{row // 2 for row in rows.tolist()} for rows in ready.ids.values()]
    assert sum(map(len, people)) == len(set.union(*people)) == 20


def test_pictures_in_folders_that_are_named_by_words_are_no_numbers():
    task, data = task_of("image", RegressionTask), sample("image").data()
    data.classes = ["cat", "dog"]
    with pytest.raises(DataError, match="expected a number, got 'cat'"):
        task.prepare(data)


def test_an_answer_that_lies_in_the_picture_is_augmented_with_it():
    class Brightest(FIELDS["number"]):
        """Stands for an answer with a place: mirrored to its negative."""

        name = "place"
        follows = ("flip",)

        def augment(self, batch, names):
            images, targets = batch
            return images.flip(3), -targets

    class Task(RegressionTask):
        name = "tried-here"
        default_model = "lenet5"
        INPUTS = (FIELDS["image"],)
        ANSWER = Brightest

    task = Task(DataConfig(), None, 0)
    ready = task.prepare(sample("image").data())
    assert task.inputs.augmentations == ["flip"]
    images, targets = ready.train.batch(torch.arange(4))
    task.disable_augmentation(ready)
    plain, same = ready.train.batch(torch.arange(4))
    assert torch.equal(images, plain.flip(3))
    assert torch.equal(targets, -same)


def test_a_series_is_classified_by_its_course():
    """Of sensors of two kinds one swings faster; each series is an example, whatever its length and order."""
    task, ready, model, data = prepared("series", ClassificationTask)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(60):
        optimizer.zero_grad()
        task.loss(model.train(), ready.train.batch(torch.arange(len(ready.train)))).backward()
        optimizer.step()
    assert task.validate(task.outputs(model, ready.test))["accuracy"] > 0.8
    data.frame = data.frame.sample(frac=1, random_state=0).reset_index(drop=True)
    shuffled, names = task.read(task.open(data), with_target=False)
    plain, _ = task.read(task.open(sample("series").data()), with_target=False)
    order = np.argsort(names["sensor"])
    assert torch.equal(shuffled.batch(torch.from_numpy(order))[0], plain.batch(torch.arange(48))[0])


def test_an_answer_that_changes_within_a_series_is_none_of_the_whole():
    data = sample("series").data()
    data.target = "damp"
    with pytest.raises(OptionError, match="'damp' changes within a series"):
        task_of("series", RegressionTask).prepare(data)


def test_options_of_inputs_that_the_data_do_not_hold_have_no_effect():
    task = task_of("image", ClassificationTask, "text", "columns")
    data = sample("columns").data()
    task.prepare(data)
    unused = {one.name for one in task.unused_options({"augment": "flip", "scaling": "standard"}, data, "mlp")}
    assert unused == {"augment"}


def test_a_task_learns_like_another_with_its_models(monkeypatch):
    assert {model.name for model in architectures.all_models("tabular-regression")} >= {"tabm", "mlp"}
    monkeypatch.setattr(architectures, "_like", lambda task: ("image-classification",))
    assert architectures.entry("cnn", "counting").file == "cnn"
