"""Every option, of every entry, for every kind of data: it changes something, or it is refused by its name.

The options are read from the settings classes, so a new one joins this walk by itself: it fails here until somebody
acts upon it and says so where that is done (`core/effects.py`).
"""

from functools import cache
from typing import Any

import pytest
from PIL import Image

import deepglass as dg
from deepglass.core import catalogue
from deepglass.core.console import console
from deepglass.core.errors import DeepglassError, OptionError
from deepglass.runs import options as option_space
from deepglass.training.parallel import processes
from deepglass.zoo import architectures
from tests import shortened
from tests.api.option_walk import (
    BESIDE,
    KINDS,
    NOPE,
    OF_OTHER_FORMS,
    Kind,
    data_of,
    frame,
    kind_of_task,
    learnt_by,
    outcome_of,
    planned,
    values_for,
)  # fmt: skip

TASKS = catalogue.entries("tasks")
FEW = 24  # examples of the kinds that can be told so: pictures and sounds, of which a step takes long
OF_MEMORY = ("max_memory", "decode_workers")
# what they change comes after the training
OF_ANSWERS = (
    "blend", "refit", "false_alarms", "score", "false_accepts", "card", "clusters", "calibration", "common",
)  # fmt: skip
SEEN_ELSEWHERE = ("device", "compile", "checkpoint_every", "pretrained")  # not in what a short training leaves


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")
    shortened.ask_few_filters(monkeypatch.setattr)


@pytest.fixture(scope="module")
def source_of(tmp_path_factory):
    """The data of a kind, made once."""

    @cache
    def make(name: str) -> Any:
        return kind_of(name).source(tmp_path_factory.mktemp("data"))

    return make


def kind_of(name: str) -> Kind:
    """A kind of data, or the small data of a task."""
    return kind_of_task(name) if name in TASKS else KINDS[name]


def walk(settings: list, kind: Kind, attempt: Any) -> list[str]:
    """What is wrong with the options: accepted without effect, or refused without their name.

    Args:
        attempt: Options beside those of the kind → what comes of it.
    """
    wrong, usual_of = [], cache(lambda beside: attempt(dict(beside)))  # most have nothing beside them
    for setting in settings:
        beside = BESIDE.get(setting.name, {})
        usual = usual_of(tuple(beside.items()))
        values = values_for(setting, kind)
        outcomes = {value: outcome_of(attempt, {**beside, setting.name: value}) for value in values}
        for value, outcome in outcomes.items():
            is_refused = isinstance(outcome, DeepglassError)
            named = (setting.option, f"{setting.name} {NOPE}")
            if value == NOPE and not (is_refused and any(words in str(outcome) for words in named)):
                wrong.append(f"{setting.option} {NOPE}: {outcome if is_refused else 'accepted'}")
        if all(not isinstance(one, DeepglassError) and one == usual for one in outcomes.values()):
            wrong.append(f"{setting.option} changes nothing and is not refused, with any of {list(outcomes)}")
    return wrong


@pytest.mark.slow("tries every option with every kind of data")
@pytest.mark.parametrize("name", [*TASKS, *OF_OTHER_FORMS])
def test_options_of_reading_act_or_are_refused(name, source_of):
    kind = kind_of(name)

    def attempt(more):
        return data_of(planned(source_of(name), {**kind.options, **more}))

    assert not walk(option_space.DATA_SETTINGS, kind, attempt)


@pytest.mark.slow("tries every option with every kind of data")
@pytest.mark.parametrize("name", TASKS)
def test_options_of_training_act_or_are_refused(name, source_of):
    kind = kind_of(name)
    settings = [setting for setting in option_space.TRAIN_SETTINGS if setting.name not in SEEN_ELSEWHERE]
    usual = kind.options | {"max_rows": FEW} if "max_rows" in kind.others else kind.options

    reading = planned(source_of(name), usual).reading

    def attempt(more):
        job = planned(source_of(name), {**usual, **more}, reading)
        processes.check(processes.join(), job.train_config, len(job.prepared.train))
        return learnt_by(job)

    assert not walk(settings, kind, attempt)


@pytest.mark.parametrize("name", TASKS)
def test_options_of_the_task_act_or_are_refused(name, source_of):
    kind = kind_of(name)

    reading = planned(source_of(name), kind.options).reading

    def attempt(more):
        job = planned(source_of(name), {**kind.options, **more}, reading)
        return data_of(job), learnt_by(job)

    settings = option_space.task_settings(kind.options["task"])
    assert not walk([setting for setting in settings if setting.name not in OF_MEMORY + OF_ANSWERS], kind, attempt)


def test_options_of_memory_change_how_pictures_are_held(tmp_path):
    folder = KINDS["folder of pictures"].source(tmp_path)
    Image.new("L", (12, 9)).save(folder / "dark" / "other.png")  # of another size: files are decoded when asked for
    options = KINDS["folder of pictures"].options
    held, on_disk = (
        planned(folder, {**options, "image_size": 8, **more}).prepared.train
        for more in ({"max_memory": 1.0}, {"max_memory": 1e-9, "decode_workers": 3})
    )
    assert type(held) is not type(on_disk)
    assert on_disk.workers == 3


@pytest.mark.parametrize("estimator", [dg.Classifier, dg.Regressor])
def test_settings_of_an_estimator_act_or_are_refused(estimator):
    """Options of reading, training, task and model, as `settings` of an estimator."""
    table = frame()
    X, y = table[["x", "z", "colour"]], table["label"] if estimator is dg.Classifier else table["value"]
    kind = Kind(lambda folder: X, {})
    entry = architectures.entry("mlp", estimator.task)
    task = option_space.task_settings(estimator.task)
    groups = (option_space.DATA_SETTINGS, option_space.TRAIN_SETTINGS, task, entry.settings)
    settings = [setting for group in groups for setting in group if setting.name not in ("device", "compile")]

    def attempt(more):
        chosen = {"epochs": 2, "batch_size": 16, "learning_rate": 0.01, "threads": 1, "hidden_dim": 8, **more}
        model = estimator(model="mlp", settings=chosen).fit(X, y)
        answers = model.predict_proba(X) if estimator is dg.Classifier else model.predict(X)
        return answers.tobytes(), model.n_iter_

    wrong = []
    for setting in settings:
        beside = BESIDE.get(setting.name, {})
        outcomes = [outcome_of(attempt, {**beside, setting.name: value}) for value in values_for(setting, kind)]
        named = [str(one) for one in outcomes if isinstance(one, DeepglassError)]
        if any(setting.name not in text and setting.option not in text for text in named):
            wrong.append(f"{setting.name} is refused without its name: {named}")
        if not named and setting.name != "threads" and all(one == attempt(beside) for one in outcomes):
            wrong.append(f"{setting.name} changes nothing")
    assert not wrong


def test_parameters_of_an_estimator_act():
    table = frame()
    X, y = table[["x", "z"]], table["label"]
    usual = dg.Classifier(model="mlp", epochs=3).fit(X, y).predict_proba(X)
    for more in (
        {"model": "linear"}, {"epochs": 4}, {"learning_rate": 0.1}, {"batch_size": 7}, {"val_fraction": 0.4},
        {"class_weight": "balanced"}, {"settings": {"dropout": 0.5}}, {"random_state": 1},
    ):  # fmt: skip
        answers = dg.Classifier(**{"model": "mlp", "epochs": 3, **more}).fit(X, y).predict_proba(X)
        assert (answers != usual).any(), more


# -- fine-tuning ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    """A run to begin with."""
    folder = tmp_path_factory.mktemp("teacher")
    console.mode = "quiet"
    kind = KINDS["table of classes"]
    return kind.source(folder), dg.train(kind.source(folder), run=folder / "run", epochs=1, **kind.options).path


@pytest.mark.parametrize("name", ["freeze", "unfreeze_every", "layer_decay", "lora", "pretrained"])
def test_options_of_fine_tuning_act_where_weights_are_trained(name, teacher):
    source, run = teacher
    options = {**KINDS["table of classes"].options, "pretrained": str(run)}
    del options["hidden_dim"]
    usual = learnt_by(planned(source, options))
    if name == "pretrained":
        assert usual != learnt_by(planned(source, KINDS["table of classes"].options))
        return
    value = {"freeze": 1, "unfreeze_every": 1, "layer_decay": 0.3, "lora": 2}[name]
    assert learnt_by(planned(source, {**options, name: value})) != usual
    spares = "changes" if name == "lora" else "spares"
    message = f"--{name.replace('_', '-')} has no effect: it {spares} weights that were trained before"
    with pytest.raises(OptionError, match=message):
        planned(source, {**KINDS["table of classes"].options, name: value})


def test_what_comes_with_the_weights_is_not_said_again(teacher):
    source, run = teacher
    options = {**KINDS["table of classes"].options, "pretrained": str(run)}
    del options["hidden_dim"]
    for more in ({"scaling": "standard"}, {"keep": "x"}):
        with pytest.raises(OptionError, match="the columns are prepared as for the weights"):
            planned(source, {**options, **more})
    with pytest.raises(OptionError, match="--freeze all leaves nothing to learn but the head"):
        planned(source, {**options, "freeze": "all", "layer_decay": 0.5})


# -- beside each other ----------------------------------------------------------------------------------------------

TOGETHER = [  # kind of data, options that do not go together, what the message says
    ("table of classes", {"optimizer": "adam", "momentum": 0.5}, "--momentum has no effect: adam does not take it"),
    ("table of classes", {"optimizer": "sgd", "momentum": 0.5}, "choose --optimizer momentum or nesterov"),
    ("table of classes", {"schedule": "one-cycle", "warmup": 0.2}, "--warmup has no effect: one-cycle rises"),
    ("table of classes", {"split_column": "part", "val_fraction": 0.3}, "the data bring a val part of their own"),
    ("table of classes", {"split_column": "part", "test_fraction": 0.3}, "the data bring a test part of their own"),
    ("table of classes", {"group_column": "label"}, "--target and --group-column both name 'label'"),
    ("table of classes", {"group_column": "person", "ignore": "person"}, "--ignore leaves out 'person', which --group"),
    ("table of classes", {"keep": "nope"}, "--keep: unknown column 'nope'; did you mean 'note'"),
    ("table of classes", {"keep": "label"}, "--keep: unknown column 'label'"),
    ("table of classes", {"classes": "yes,noo"}, r"'noo' does not occur \(did you mean 'no'\?\)"),
    ("table of classes", {"ignore": "x,colur"}, "did you mean 'colour'"),
    ("table of classes", {"num_layers": 0, "dropout": 0.5}, "--dropout has no effect: it needs a hidden layer"),
    ("table of classes", {"model": "perceptron", "label_smoothing": 0.1}, "the perceptron has a criterion of its own"),
    ("table of classes", {"model": "perceptron", "class_weights": "balanced"}, "--class-weights sampler"),
    ("arrays", {"category_dim": 4}, "--category-dim has no effect: it needs a column of categories"),
    ("texts", {"ngrams": 1, "ngram_dropout": 0.2}, "it needs n-grams of two words or more"),
    ("long text", {"vocab_size": 300}, "--vocab-size has no effect: every character of the text is a token"),
    ("series", {"target": "warmth", "targets": "rain"}, "--targets says what to forecast"),
    ("series", {"splits": "90,30,30", "test_fraction": 0.2}, "--splits gives the lengths of all parts"),
    ("series", {"covariates": "nope"}, "--covariates: unknown column 'nope'"),
    ("series", {"targets": "warmt"}, "did you mean 'warmth'"),
    ("picture arrays", {"decode_workers": 3}, "these pictures are in memory already"),
    ("folder of pictures", {"augment": "flop"}, "augment"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options", "message"), TOGETHER)
def test_options_that_cannot_act_together_say_why(name, options, message, source_of):
    usual = KINDS[name].options
    if "model" in options:
        usual = {key: value for key, value in usual.items() if key not in ("model", "hidden_dim")}
    with pytest.raises(DeepglassError, match=message):
        planned(source_of(name), {**usual, **options})


def test_what_is_as_by_default_is_never_refused(source_of):
    for name in ("table of values", "series", "long text"):
        settings = [*option_space.DATA_SETTINGS, *option_space.TRAIN_SETTINGS]
        same = {s.name: s.default for s in settings if s.default is not None}
        planned(source_of(name), {**same, **KINDS[name].options, "freeze": "none", "cuda_graphs": "off"})


# -- repeated -------------------------------------------------------------------------------------------------------


def test_a_repeated_option_that_cannot_act_is_left_out_with_a_word(tmp_path, source_of, capsys, monkeypatch):
    monkeypatch.setattr(console, "mode", "normal")
    table = source_of("table of classes")
    first = dg.train(
        table, run=tmp_path / "a", epochs=1, target="label", task="tabular-classification", model="mlp", hidden_dim=8,
        label_smoothing=0.1, optimizer="momentum", momentum=0.5, scaling="standard", delimiter=",",
    )  # fmt: skip
    capsys.readouterr()
    again = dg.train(config=first.path / "config.json", run=tmp_path / "b")
    assert "not repeated" not in capsys.readouterr().out
    assert again.config == first.config
    dg.train(config=first.path / "config.json", run=tmp_path / "c", model="linear", optimizer="adam")
    assert "not repeated: --momentum (adam does not take it)" in capsys.readouterr().out
    other = dg.train(source_of("series"), config=first.path / "config.json", run=tmp_path / "d", task="forecasting",
                     target="warmth", horizon=3, context=9)  # fmt: skip
    said = capsys.readouterr().out
    assert "not repeated: --label-smoothing (a forecast is a number" in said
    assert "not repeated: --scaling (unknown to forecasting with model dlinear)" in said
    assert other.config["train"]["label_smoothing"] == 0
    assert other.config["train"]["momentum"] == 0.5
    with pytest.raises(OptionError, match="--label-smoothing has no effect"):
        dg.train(source_of("series"), config=first.path / "config.json", task="forecasting", target="warmth",
                 label_smoothing=0.2, run=tmp_path / "e")  # fmt: skip
