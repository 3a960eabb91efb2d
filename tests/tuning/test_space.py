"""Dimensions: values at places, places of values, and how they are typed."""

import numpy as np
import pytest

from deepglass.core.errors import OptionError
from deepglass.runs.options import TRAIN_SETTINGS
from deepglass.tuning.space import Dimension, Space, parse
from deepglass.tuning.usual_space import searchable, usual_space
from deepglass.zoo import architectures

SETTINGS = searchable(TRAIN_SETTINGS, architectures.entry("mlp", "tabular-classification").settings)

KINDS = [
    Dimension("a", 0.0, 0.6),
    Dimension("a", 1e-4, 1e-1, is_log=True),
    Dimension("a", 1.0, 4.0, is_whole=True),
    Dimension("a", 16.0, 512.0, is_whole=True, is_log=True),
    Dimension("a", choices=(32, 64, 128)),
    Dimension("a", choices=(True, False)),
]


@pytest.mark.parametrize("one", KINDS, ids=str)
def test_every_value_lies_at_a_place_that_gives_it_back(one):
    for place in np.linspace(0, 1, 23):
        value = one.value(place)
        again = one.value(one.place(value))
        assert again == value if one.size else again == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize("one", KINDS, ids=str)
def test_both_ends_are_tried(one):
    ends = (one.choices[0], one.choices[-1]) if one.choices else (one.low, one.high)
    assert (one.value(0.0), one.value(1.0)) == pytest.approx(ends)
    assert (one.value(-1), one.value(2)) == pytest.approx(ends)


def test_whole_numbers_are_equally_likely():
    drawn = [Dimension("a", 1, 4, is_whole=True).value(u) for u in np.random.default_rng(0).random(4000)]
    assert set(drawn) == {1, 2, 3, 4}
    assert min(np.bincount(drawn)[1:]) > 800


def test_what_lies_outside_has_no_place():
    assert KINDS[0].place(0.7) is None
    assert KINDS[4].place(100) is None
    assert Space((KINDS[0],)).point({"a": 2.0}) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("learning-rate=1e-4..0.1", Dimension("learning_rate", 1e-4, 0.1, is_log=True)),
        ("--dropout=0..0.5", Dimension("dropout", 0.0, 0.5)),
        ("hidden_dim=32..512", Dimension("hidden_dim", 32, 512, is_whole=True, is_log=True)),
        ("num-layers=1..3", Dimension("num_layers", 1, 3, is_whole=True)),
        ("hidden-dim=64|128|256", Dimension("hidden_dim", choices=(64, 128, 256))),
        ("activation=relu,gelu", Dimension("activation", choices=("relu", "gelu"))),
        ("label-smoothing=0|0.1", Dimension("label_smoothing", choices=(0.0, 0.1))),
    ],
)
def test_dimensions_are_read_as_they_are_typed(text, expected):
    assert parse(text, SETTINGS) == expected


def test_a_setting_with_choices_is_searched_whole():
    assert parse("schedule", SETTINGS).choices == (
        "constant", "step", "exponential", "cosine", "one-cycle", "plateau",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lerning-rate=1..2", "learning_rate"),
        ("dropout=0.5..0.1", "the smaller one first"),
        ("dropout=0.5", "two values or more"),
        ("dropout", "two values or more"),
        ("activation=relu|tahn", "expected 'relu'"),
        ("activation=relu..gelu", "expected two numbers"),
        ("hidden-dim=a..b", "expected int"),
        ("epochs=1..5", "epochs"),
        ("seed=1..5", "seed"),
    ],
)
def test_what_cannot_be_searched_is_refused_with_what_can(text, message):
    with pytest.raises(OptionError, match=message):
        parse(text, SETTINGS)


@pytest.mark.parametrize("entry", architectures.all_models(), ids=lambda entry: entry.name)
def test_every_model_has_a_usual_space_around_its_usual_settings(entry):
    train = {"learning_rate": 1e-3, "batch_size": 64, "weight_decay": 0.01}
    model = {setting.name: setting.default for setting in entry.settings}
    space = usual_space(train, model, {"batch_size": 32})
    names = [one.name for one in space.dimensions]
    assert {"learning_rate", "weight_decay"} <= set(names)
    assert "batch_size" not in names
    for one in space.dimensions:
        assert one.place((train | model)[one.name]) is not None, one


def test_a_space_survives_json():
    space = Space(tuple(KINDS))
    assert Space.from_record(space.record()) == space
