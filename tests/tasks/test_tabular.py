"""The two table tasks: what they prepare, what they say, and how they meet new and broken data."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from deepglass.core.device import device_of
from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table, Text
from deepglass.data.reading.source import read
from deepglass.tasks import Outputs, tabular_classification, tabular_regression
from deepglass.training.config import TrainConfig
from deepglass.training.loop import fit
from deepglass.zoo import architectures

COUNT = 300


def people(seed: int = 0) -> pd.DataFrame:
    """Rows in which `bought` and `spent` follow from age and city."""
    rng = np.random.default_rng(seed)
    age, city = rng.uniform(18, 80, COUNT), rng.choice(["Rome", "Oslo", "Bonn"], COUNT)
    signal = (age - 50) / 15 + 2 * (city == "Rome")
    frame = pd.DataFrame({"age": age, "city": city, "visits": rng.poisson(3, COUNT).astype(float)})
    frame.loc[::9, "visits"] = np.nan
    frame["bought"] = np.where(signal + 0.3 * rng.normal(size=COUNT) > 0.5, "yes", "no")
    frame["spent"] = 1000 + 300 * signal + 20 * rng.normal(size=COUNT)
    return frame


def classification(frame: pd.DataFrame | None = None, **options):
    frame = people().drop(columns="spent") if frame is None else frame
    return prepared(tabular_classification, frame, DataConfig(**{"target": "bought", **options}))


def regression(frame: pd.DataFrame | None = None, **options):
    frame = people().drop(columns="bought") if frame is None else frame
    return prepared(tabular_regression, frame, DataConfig(**{"target": "spent", **options}))


def prepared(module, frame, config):
    data = read(frame, config)
    task = module.Task(config, module.Config(), seed=0)
    return task, task.prepare(data), data


def trained(task, ready, model: str = "linear", **options):
    torch.manual_seed(0)
    network = architectures.load(model, **ready.dims, **task.model_defaults(model, len(ready.train)))
    defaults = {"epochs": 30, "batch_size": 32, "learning_rate": 0.05, "optimizer": "adamw", "schedule": "cosine"}
    task.train_config = TrainConfig(**{**defaults, "precision": "float32", **options})
    fit(network, task, ready.train, ready.val, task.train_config)
    return network


BOTH = pytest.mark.parametrize("make", [classification, regression])


# -- data ---------------------------------------------------------------------------------------------------------


@BOTH
def test_splits_cover_every_row_once(make):
    _, ready, _ = make()
    rows = np.concatenate([ready.ids[split] for split in ("train", "val", "test")])
    assert sorted(rows) == list(range(COUNT))
    assert [len(ready.train), len(ready.val), len(ready.test)] == [216, 24, 60]


def test_classes_are_stratified():
    _, ready, data = classification()
    share = (data.frame["bought"] == "yes").mean()
    for split in ("train", "val", "test"):
        assert abs((data.frame["bought"].iloc[ready.ids[split]] == "yes").mean() - share) < 0.03


def test_groups_do_not_cross():
    frame = people().drop(columns="spent").assign(family=np.arange(COUNT) // 5)
    _, ready, data = classification(frame, group_column="family")
    families = {split: set(data.frame["family"].iloc[rows]) for split, rows in ready.ids.items()}
    assert not families["train"] & families["test"]
    assert not families["train"] & families["val"]


def test_declared_splits_are_kept():
    frame = people().drop(columns="spent").assign(part=["test"] * 50 + ["train"] * 250)
    task, ready, _ = classification(frame, split_column="part")
    assert ready.ids["test"].tolist() == list(range(50))
    assert task.preprocessor.columns == ["age", "visits", "city"]


@BOTH
def test_preprocessing_sees_the_training_rows_alone(make):
    task, ready, data = make()
    changed = data.frame.copy()
    changed.loc[ready.ids["test"], "age"] = 1e6
    other, _, _ = make(changed)
    assert other.preprocessor.state() == task.preprocessor.state()


def test_the_target_of_a_regression_is_standardised_inside_and_returned_in_its_unit():
    task, ready, data = regression()
    inside = ready.train.tensors[-1]
    assert abs(inside.mean()) < 1e-5
    assert abs(inside.std() - 1) < 0.01
    outputs = task.outputs(trained(task, ready, epochs=1), ready.test)
    np.testing.assert_allclose(outputs.targets, data.frame["spent"].iloc[ready.ids["test"]], rtol=1e-5)


def test_rows_without_target_are_left_out_and_said():
    frame = people().drop(columns="spent")
    frame.loc[[3, 8], "bought"] = None
    _, ready, _ = classification(frame)
    assert sum(map(len, ready.ids.values())) == COUNT - 2
    assert any("rows 4, 9" in str(guess) for guess in ready.guesses)


def test_classes_can_be_chosen():
    task, ready, _ = prepared(
        tabular_classification, read("iris").frame, DataConfig(target="species", classes="setosa,virginica")
    )
    assert task.classes == ["setosa", "virginica"]
    assert sum(map(len, ready.ids.values())) == 100


def test_folds_test_every_row_once():
    task, _, data = classification()
    tested = np.concatenate([splits["test"] for splits in task.folds(data, 5)])
    assert sorted(tested) == list(range(COUNT))


# -- learning -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["tabm", "mlp", "linear", "perceptron", "svm"])
def test_every_model_learns_the_classes(model):
    task, ready, _ = classification()
    rate = {"perceptron": 1.0, "linear": 0.05, "svm": 0.05}.get(model, 0.005)
    network = trained(task, ready, model, learning_rate=rate, epochs=4 if model == "tabm" else 12)
    metrics = task.evaluate(task.outputs(network, ready.test))
    assert metrics["accuracy"]["value"] > 0.85
    assert metrics["accuracy"]["value"] > task.baseline(ready)["accuracy"]["value"] + 0.1


@pytest.mark.parametrize("model", ["tabm", "mlp", "linear"])
def test_every_model_learns_the_numbers(model):
    task, ready, _ = regression()
    network = trained(task, ready, model, learning_rate=0.05 if model == "linear" else 0.005, epochs=15)
    metrics = task.evaluate(task.outputs(network, ready.test))
    assert metrics["r2"]["value"] > 0.8
    assert task.baseline(ready)["r2"]["value"] < 0.01


@pytest.mark.parametrize("option", ["mixup", "cutmix"])
@BOTH
def test_rows_can_be_mixed(make, option):
    task, ready, _ = make()
    network = trained(task, ready, **{option: 0.5})
    batch = ready.train.to(device_of(network)).tensors
    mixed = task.loss(network.train(), batch)
    assert mixed != task.loss(network.eval(), batch)
    assert task.validate(task.outputs(network, ready.val))["loss"] < 0.6


def test_class_weights_raise_the_recall_of_the_rare_class():
    frame = people().drop(columns="spent")
    rare = frame["bought"] == "yes"
    frame = frame[~rare | (np.arange(COUNT) % 6 == 0)].sample(frac=1, random_state=0)
    recalls = {}
    for weights in ("none", "balanced"):
        task, ready, _ = classification(frame.drop(columns="age"))
        outputs = task.outputs(trained(task, ready, class_weights=weights), ready.test)
        recalls[weights] = task.evaluate(outputs)["details"]["per_class"][1]["recall"]
    assert recalls["balanced"] > recalls["none"]


# -- judging ------------------------------------------------------------------------------------------------------


def test_losses_of_rows_are_the_negative_log_of_their_probability():
    task, ready, _ = classification()
    outputs = task.outputs(trained(task, ready, "tabm", epochs=1, learning_rate=0.001), ready.test)
    given = outputs.predictions[np.arange(len(outputs.targets)), outputs.targets]
    np.testing.assert_allclose(outputs.losses, -np.log(given), rtol=1e-5)
    np.testing.assert_allclose(outputs.predictions.sum(axis=1), 1, rtol=1e-5)


@BOTH
def test_mistakes_show_the_row_of_the_table(make):
    task, ready, data = make()
    outputs = task.outputs(trained(task, ready, epochs=1), ready.test)
    mistakes = task.mistakes(outputs, ready, data, count=3)
    assert len(mistakes) == 3
    assert mistakes[0]["loss"] >= mistakes[1]["loss"] >= mistakes[2]["loss"]
    row = data.frame.iloc[mistakes[0]["id"]]
    assert mistakes[0]["record"]["city"] == row["city"]
    assert mistakes[0]["target"] == (row["bought"] if make is classification else pytest.approx(row["spent"]))
    json.dumps(mistakes)


@BOTH
def test_a_task_restored_from_its_state_predicts_the_same(make):
    task, ready, _ = make()
    network = trained(task, ready)
    restored = type(task)(task.data_config, task.config)
    restored.load_state(json.loads(json.dumps(task.state())))
    new = people(seed=1).drop(columns=["bought", "spent"])
    ours, theirs = (
        t.answers(t.outputs(network, (r := t.read(new, with_target=False))[0]), r[1]) for t in (task, restored)
    )
    assert ours == theirs
    assert len(ours) == COUNT


# -- new data -----------------------------------------------------------------------------------------------------


def test_answers_name_row_class_and_probabilities():
    task, ready, _ = classification()
    network = trained(task, ready, epochs=2)
    examples, names = task.read({"age": 33, "city": "Rome", "visits": None}, with_target=False)
    (answer,) = task.answers(task.outputs(network, examples), names)
    assert answer["row"] == 1
    assert answer["prediction"] in ("no", "yes")
    assert 0.5 <= answer["probability"] <= 1


@BOTH
def test_columns_may_be_extra_and_in_any_order_and_categories_new(make):
    task, ready, data = make()
    new = data.frame.drop(columns=task.target).iloc[:5]
    plain, _ = task.read(new, with_target=False)
    shuffled, _ = task.read(new[["visits", "city", "age"]].assign(extra="x"), with_target=False)
    for ours, theirs in zip(plain.tensors[:2], shuffled.tensors[:2], strict=True):
        assert torch.equal(ours, theirs)
    unknown, _ = task.read(new.assign(city="Atlantis"), with_target=False)
    assert unknown.tensors[1].tolist() == [[0]] * 5
    assert task.outputs(trained(task, ready, epochs=1), unknown).targets is None


@BOTH
def test_missing_columns_are_an_error_that_names_them(make):
    task, _, data = make()
    with pytest.raises(DataError, match="'city'"):
        task.read(data.frame.drop(columns="city"), with_target=False)


@BOTH
def test_a_word_among_numbers_is_named_by_row(make):
    task, _, data = make()
    new = data.frame.iloc[:4].assign(age=["20", "thirty", "40", "50"])
    with pytest.raises(DataError, match=r"column 'age'.*'thirty'.*row 2"):
        task.read(new, with_target=False)


@BOTH
def test_infinities_are_an_error(make):
    task, _, data = make()
    with pytest.raises(DataError, match="'age'"):
        task.read(data.frame.iloc[:4].assign(age=[1.0, np.inf, 3.0, 4.0]), with_target=False)


@BOTH
def test_missing_cells_are_no_error(make):
    task, ready, data = make()
    new = data.frame.iloc[:4].assign(age=np.nan, city=None, visits=np.nan)
    outputs = task.outputs(trained(task, ready, epochs=1), task.read(new, with_target=False)[0])
    assert np.isfinite(outputs.predictions).all()


@BOTH
def test_labelled_data_must_carry_the_target(make):
    task, _, data = make()
    with pytest.raises(OptionError, match=task.target):
        task.read(data.frame.drop(columns=task.target), with_target=True)


@BOTH
def test_labelled_data_must_carry_the_target_in_every_row(make):
    task, _, data = make()
    new = data.frame.copy()
    new[task.target] = new[task.target].astype(object)
    new.loc[2, task.target] = None
    with pytest.raises(DataError, match=r"row.* 3"):
        task.read(new, with_target=True)


def test_an_unknown_class_in_labelled_data_is_named():
    task, _, data = classification()
    with pytest.raises(DataError, match="maybe"):
        task.read(data.frame.iloc[:9].assign(bought=["maybe", "yes", "no"] * 3), with_target=True)


def test_evaluation_on_new_rows_equals_that_of_the_test_split():
    task, ready, data = classification()
    network = trained(task, ready)
    examples, _ = task.read(data.frame.iloc[ready.ids["test"]], with_target=True)
    ours, theirs = task.outputs(network, ready.test), task.outputs(network, examples)
    assert isinstance(theirs, Outputs)
    np.testing.assert_allclose(ours.predictions, theirs.predictions, rtol=1e-5)


def test_a_text_is_no_table():
    with pytest.raises(DataError, match="expected a table"):
        tabular_classification.Task(DataConfig(), tabular_classification.Config()).prepare(Text("To be", "hamlet"))


def test_a_constant_target_is_an_error():
    with pytest.raises(DataError, match="nothing to learn"):
        classification(people().assign(bought="yes"))


def test_a_table_of_ids_alone_has_nothing_to_learn_from():
    frame = pd.DataFrame({"customerID": [f"C{i:04}" for i in range(60)], "bought": ["yes", "no"] * 30})
    with pytest.raises(DataError, match="no column is left"):
        classification(frame)


def test_prepare_takes_the_table_it_was_given():
    assert isinstance(classification()[2], Table)
