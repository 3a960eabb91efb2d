"""Text classification: from a table to answers, and what happens to odd texts."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from deepglass.core.errors import DataError, OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Table, Text
from deepglass.runs.job import plan_job
from deepglass.tasks.text_classification import Config, Task
from deepglass.training.config import TrainConfig
from deepglass.training.loop import fit
from deepglass.zoo import architectures

GOOD, BAD = ("good", "great", "lovely"), ("bad", "awful", "boring")


def reviews(count: int = 120, seed: int = 0) -> Table:
    """Sentences of eight words of which one tells the class."""
    rng = np.random.default_rng(seed)
    filler = np.array(["the", "film", "was", "a", "story", "of", "people", "in", "town"])
    labels = np.arange(count) % 2
    rows = []
    for label in labels:
        words = rng.choice(filler, 8).tolist()
        words[rng.integers(8)] = str(rng.choice(GOOD if label else BAD))
        rows.append(" ".join(words))
    return Table(pd.DataFrame({"review": rows, "label": np.where(labels, "pos", "neg")}), "reviews")


def new_task(config: Config | None = None, **data) -> Task:
    return Task(DataConfig(text_column="review", target="label", **data), config, seed=0)


def build(task: Task, prepared):
    torch.manual_seed(0)
    return architectures.load("bag-of-ngrams", task=task.name, buckets=997, **prepared.dims)


def test_a_model_trained_on_the_task_knows_the_test_texts():
    task = new_task()
    prepared = task.prepare(reviews())
    model = build(task, prepared)
    task.train_config = TrainConfig(
        epochs=25, batch_size=16, learning_rate=0.02, optimizer="adamw", schedule="cosine", weight_decay=0.0, patience=0
    )
    fit(model, task, prepared.train, prepared.val, task.train_config)
    result = task.evaluate(task.outputs(model, prepared.test))
    baseline = task.baseline(prepared)
    assert result["accuracy"]["value"] > 0.95
    assert baseline["accuracy"]["value"] <= 0.6
    answers = task.answers(*read_and_run(task, model, ["a great story", "the film was awful"]))
    assert [answer["prediction"] for answer in answers] == ["pos", "neg"]
    assert answers[0]["p(pos)"] == answers[0]["probability"] > 0.5


def read_and_run(task: Task, model, inputs):
    examples, names = task.read(inputs, with_target=False)
    return task.outputs(model, examples), names


def test_vocabulary_is_learnt_from_the_training_split_alone():
    table = reviews(40)
    table.splits = {"train": np.arange(20), "val": np.arange(20, 30), "test": np.arange(30, 40)}
    table.frame.loc[35, "review"] = "unheard words"
    task = new_task()
    task.prepare(table)
    assert "unheard" not in task.vocabulary.ids


def test_declared_splits_are_kept():
    table = reviews(40)
    table.splits = {"train": np.arange(20), "val": np.arange(20, 30), "test": np.arange(30, 40)}
    prepared = new_task().prepare(table)
    assert prepared.ids["test"].tolist() == list(range(30, 40))
    assert len(prepared.train) == 20


def test_state_gives_the_same_answers_back():
    task = new_task()
    prepared = task.prepare(reviews())
    model = build(task, prepared)
    again = Task(DataConfig(), None, seed=0)
    again.load_state(json.loads(json.dumps(task.state())))
    texts = ["a great film", "a never heard word"]
    first, second = read_and_run(task, model, texts)[0], read_and_run(again, model, texts)[0]
    assert np.array_equal(first.predictions, second.predictions)
    assert first.targets is None


@pytest.mark.parametrize("inputs", ["a good film", ["a good film"], pd.DataFrame({"review": ["a good film"]})])
def test_a_text_can_be_given_in_many_forms(inputs):
    task = new_task()
    prepared = task.prepare(reviews())
    examples, names = task.read(inputs, with_target=False)
    assert len(examples) == 1
    assert names["review"] == ["a good film"]
    assert task.outputs(build(task, prepared), examples).predictions.shape == (1, 2)


def test_a_text_file_can_be_given(tmp_path):
    task = new_task()
    task.prepare(reviews())
    (tmp_path / "new.txt").write_text("a good film about people\n")
    examples, names = task.read(tmp_path / "new.txt", with_target=False)
    assert len(examples) == 1
    assert "good film" in names["review"][0]


def test_empty_and_unknown_texts_are_answered():
    task = new_task()
    prepared = task.prepare(reviews())
    outputs, _ = read_and_run(task, build(task, prepared), ["", "   ", "zzz qqq", "word " * 5000])
    assert np.isfinite(outputs.predictions).all()
    np.testing.assert_allclose(outputs.predictions.sum(axis=1), 1, rtol=1e-5)


def test_missing_texts_are_answered():
    task = new_task()
    prepared = task.prepare(reviews())
    frame = pd.DataFrame({"review": ["good", None, np.nan]})
    assert len(read_and_run(task, build(task, prepared), frame)[0].predictions) == 3


def test_rows_without_text_are_left_out_of_training_and_named():
    table = reviews(40)
    table.frame.loc[[3, 8], "review"] = [" ", None]
    prepared = new_task().prepare(table)
    left_out = [guess for guess in prepared.guesses if guess.what == "rows left out"]
    assert sum(len(rows) for rows in prepared.ids.values()) == 38
    assert "rows 4, 9" in left_out[0].why


def test_a_column_of_empty_texts_is_refused():
    table = reviews(40)
    table.frame["review"] = ""
    with pytest.raises(DataError, match="'review' of reviews is empty in every row"):
        new_task().prepare(table)


def test_an_absent_text_column_is_named():
    with pytest.raises(OptionError, match="reveiw"):
        Task(DataConfig(text_column="reveiw", target="label"), None).prepare(reviews())
    task = new_task()
    task.prepare(reviews())
    with pytest.raises((DataError, OptionError), match="review"):
        task.read(pd.DataFrame({"comment": ["good"]}), with_target=False)


def test_a_table_without_text_is_refused():
    table = Table(pd.DataFrame({"x": np.arange(20.0), "label": ["a", "b"] * 10}), "numbers")
    with pytest.raises(DataError, match="no column of running text"):
        Task(DataConfig(target="label"), None).prepare(table)


def test_one_long_text_is_refused():
    with pytest.raises(DataError, match="expected a table with a text column"):
        new_task().prepare(Text("to be or not to be", "hamlet"))


def test_unknown_classes_in_labelled_data_are_named_with_their_rows():
    task = new_task()
    task.prepare(reviews())
    frame = pd.DataFrame({"review": ["good", "bad"], "label": ["pos", "mixed"]})
    with pytest.raises(DataError, match=r"rows 2: 'mixed'; expected one of neg, pos"):
        task.read(frame, with_target=True)


def test_mixup_is_refused():
    with pytest.raises(OptionError, match="--mixup has no effect: words cannot be blended; try --word-dropout"):
        plan_job(reviews(), "text-classification", None, {"target": "label", "mixup": 0.2})


def test_word_dropout_hides_words_in_training_only():
    task = new_task(Config(word_dropout=0.9))
    prepared = task.prepare(reviews())
    assert float((prepared.train.batch(torch.arange(50))[0] == 1).float().mean()) > 0.8
    assert not (prepared.test.batch(torch.arange(10))[0] == 1).any()


def test_rare_classes_weigh_more():
    task = new_task()
    task.answer.classes, task.answer.class_counts = ["a", "b"], np.array([90, 10])
    assert task.class_weights(torch.device("cpu")) is None
    task.train_config = TrainConfig(class_weights="balanced")
    torch.testing.assert_close(task.class_weights(torch.device("cpu")), torch.tensor([100 / 180, 5.0]))


def test_mistakes_are_wrong_answers_with_their_text():
    task = new_task()
    table = reviews()
    prepared = task.prepare(table)
    outputs = task.outputs(build(task, prepared), prepared.test)
    for record in task.mistakes(outputs, prepared, table):
        assert record["target"] != record["predicted"]
        assert record["text"] == table.frame["review"].iloc[record["row"]]


def test_folds_cover_every_text_once():
    task = new_task()
    table = reviews(40)
    task.prepare(table)
    parts = task.folds(table, 4)
    assert sorted(np.concatenate([part["test"] for part in parts]).tolist()) == list(range(40))
