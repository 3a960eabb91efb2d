"""Corruptions: they hit what they name, more with severity, alike for the same seed, and stay possible."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from deepglass.audit.corruptions import SEVERITIES, Changed, corruption, names_for, unchanged
from deepglass.core import catalogue
from deepglass.data.examples import InMemory
from deepglass.data.preprocess.tabular import TabularPreprocessor
from deepglass.data.preprocess.text import WordVocabulary

MEAN, STD = 90.0, 60.0


def pictures(channels=1, count=12):
    field = SimpleNamespace(preprocessor=SimpleNamespace(mean=[MEAN] * channels, std=[STD] * channels))
    bytes_ = np.random.default_rng(0).integers(0, 256, (count, channels, 12, 10))
    smooth = torch.from_numpy(bytes_.cumsum(2) // np.arange(1, 13)[:, None]).float()
    return field, ((smooth.round() - MEAN) / STD,)


def columns():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "size": rng.normal(size=300),
            "price": np.where(rng.random(300) < 0.2, np.nan, rng.normal(size=300)),
            "colour": rng.choice(["red", "blue", "green"], 300),
            "day": pd.date_range("2024-01-01", periods=300, freq="5h"),
        }
    )
    fitted = TabularPreprocessor.fit(frame, scaling="standard")
    numeric, codes = fitted.transform(frame)
    return SimpleNamespace(preprocessor=fitted), (torch.from_numpy(numeric), torch.from_numpy(codes))


def texts():
    rng = np.random.default_rng(0)
    words = ["the", "film", "plot", "was", "warm", "dull", "never", "again"]
    found = [" ".join(rng.choice(words, 20)) for _ in range(30)]
    return SimpleNamespace(vocabulary=WordVocabulary.fit(found)), found


def past():
    x = torch.linspace(0, 6, 24).sin()[None, :, None].repeat(8, 1, 2)
    return SimpleNamespace(), (x, x[..., :0], x[..., :0], x[:, 0, :0])


def tokens():
    return SimpleNamespace(), (torch.arange(200).reshape(10, 20) % 17,)


MADE = {"image": pictures, "whole_image": pictures, "columns": columns, "text": texts, "past": past, "tokens": tokens}
ALL = [(kind, name) for kind in MADE for name in names_for(kind)]


def apply(kind, name, severity, seed=0):
    field, inputs = MADE[kind]()
    return inputs, corruption(kind, name, severity, field, seed)(inputs, torch.arange(5))


def difference(kind, before, after):
    if kind == "text":
        field, _ = texts()
        before = (torch.from_numpy(field.vocabulary.encode(before)),)
        width = max(before[0].shape[1], after[0].shape[1])
        before, after = ((torch.nn.functional.pad(part[0], (0, width - part[0].shape[1])),) for part in (before, after))
        return float((before[0] != after[0]).double().mean())
    return sum(float((b.double() - a.double()).abs().sum()) for b, a in zip(before, after, strict=True))


def test_every_field_with_corruptions_is_tried_here():
    assert set(catalogue.entries("audit/corruptions")) == set(MADE)


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_a_corruption_changes_something_and_more_with_severity(kind, name):
    if (kind, name) == ("text", "capitals"):
        pytest.skip("words are read in small letters: capitals change nothing, and the audit shows just that")
    found = [difference(kind, *apply(kind, name, severity)) for severity in SEVERITIES]
    assert found[0] > 0
    assert found[-1] > found[0]


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_the_same_seed_hits_the_same_and_another_may_not(kind, name):
    _, one = apply(kind, name, 3)
    _, same = apply(kind, name, 3)
    assert all(torch.equal(a, b) for a, b in zip(one, same, strict=True))
    assert all(a.dtype == b.dtype for a, b in zip(one, apply(kind, name, 3, seed=5)[1], strict=True))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("name", names_for("image"))
def test_a_picture_stays_one(name, channels):
    field, inputs = pictures(channels)
    (x,) = corruption("image", name, 5, field, 0)(inputs, torch.arange(12))
    pixels = x * STD + MEAN
    assert x.shape == inputs[0].shape
    assert float(pixels.min()) >= -1e-3
    assert float(pixels.max()) <= 255 + 1e-3
    assert torch.allclose(pixels, pixels.round(), atol=1e-2)


def test_noise_has_the_deviation_that_is_named():
    field, _ = pictures(1, 1)
    grey = torch.full((1, 1, 200, 200), (127.5 - MEAN) / STD)
    (x,) = corruption("image", "noise", 2, field, 0)((grey,), torch.arange(1))
    assert abs(float(x.std()) * STD / 255 - 0.08) < 0.002


def test_empty_cells_are_told_as_at_prediction():
    field, inputs = columns()
    numeric, codes = corruption("columns", "missing", 5, field, 0)(inputs, torch.arange(5))
    empty = pd.DataFrame({"size": [None], "price": [None], "colour": [None], "day": [pd.NaT]}).astype({"size": float})
    as_read = field.preprocessor.transform(empty)
    is_hit = numeric[:, 0] != inputs[0][:, 0]
    assert 0.4 < float(is_hit.double().mean()) < 0.6
    assert torch.allclose(numeric[is_hit, 0], torch.tensor(as_read[0][0, 0]))
    hit = (inputs[0][:, 2] == 0) & (numeric[:, 2] == 1)
    assert torch.allclose(numeric[hit, 1], torch.tensor(as_read[0][0, 1]))
    assert int(codes[codes[:, 0] != inputs[1][:, 0]][0]) == int(as_read[1][0, 0])


def test_noise_leaves_dates_empty_cells_and_words_alone():
    field, inputs = columns()
    numeric, codes = corruption("columns", "noise", 5, field, 0)(inputs, torch.arange(5))
    assert torch.equal(codes, inputs[1])
    assert torch.equal(numeric[:, 2:], inputs[0][:, 2:])  # the mark of empty cells, and the parts of the date
    is_empty = inputs[0][:, 2] == 1
    assert torch.equal(numeric[is_empty, 1], inputs[0][is_empty, 1])


def test_a_swapped_word_is_another_one_of_its_column():
    field, inputs = columns()
    _, codes = corruption("columns", "swapped", 5, field, 0)(inputs, torch.arange(5))
    is_hit = codes != inputs[1]
    assert 0.4 < float(is_hit.double().mean()) < 0.6
    assert set(codes.unique().tolist()) == {2, 3, 4}


def test_a_sensor_that_hangs_repeats_what_it_said_last():
    _, inputs = past()
    found = corruption("past", "gaps", 5, None, 0)(inputs, torch.arange(8))[0][:, :, 0]
    steps = found[:, 1:] == found[:, :-1]
    assert 0.35 < float(steps.double().mean()) < 0.65
    assert set(found.flatten().tolist()) <= set(inputs[0][..., 0].flatten().tolist())


def test_changed_examples_are_those_of_the_rows():
    x, y = torch.arange(20.0)[:, None], torch.arange(20)
    changed = Changed(InMemory(x, y), lambda inputs, rows: (inputs[0] + 100,), torch.tensor([7, 3, 5]))
    assert len(changed) == 3
    inputs, targets = changed.to(torch.device("cpu")).batch(torch.tensor([1, 0]))
    assert targets.tolist() == [3, 7]
    assert inputs[:, 0].tolist() == [103, 107]
    assert Changed(InMemory(x, y), unchanged).batch(torch.tensor([2]))[0].tolist() == [[2.0]]
