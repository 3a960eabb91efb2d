"""`--card medical` of pictures: risks by brightness and contrast, and the twins that MedMNIST's ultrasound holds."""

import json

import numpy as np
import pytest
from PIL import Image

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.data.datasets import scans
from deepglass.data.picture_survey import survey
from deepglass.data.reading import source
from deepglass.tasks import _medical_pictures
from tests.shared_data import shared

QUICK = {"model": "linear", "epochs": 4, "blend": False, "learning_rate": 0.01, "device": "cpu", "threads": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Scans in a folder per class."""
    place = tmp_path_factory.mktemp("scans")
    images = scans.load()
    for name in images.classes:
        (place / name).mkdir()
    for number, (pixels, label) in enumerate(zip(images.pixels[:300, ..., 0], images.labels[:300], strict=True)):
        Image.fromarray(pixels).save(place / images.classes[label] / f"{number:03}.png")
    return place


@pytest.fixture(scope="module")
def run(folder, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "mode", "quiet")
        return dg.train(str(folder), card="medical", run=str(tmp_path_factory.mktemp("runs") / "r"), **QUICK)


def read(run, name):
    return json.loads((run.path / name).read_text(encoding="utf-8"))


def test_the_card_of_pictures_says_that_it_is_no_medical_device_and_how_thirds_fare(run):
    card = (run.path / "MODEL_CARD.md").read_text(encoding="utf-8")
    for words in (
        "**Not a medical device.**", "- Risk of: `ill`", "Discrimination: ROC AUC", "Calibration: probabilities are",
        "| brightness | Pictures |", "| darkest third", "| contrast | Pictures |", "| third with most contrast",
    ):  # fmt: skip
        assert words in card
    assert "Empty cells" not in card
    area = read(run, "metrics.json")["test"]["roc_auc"]
    assert area["low"] < area["value"] < area["high"]
    assert f"ROC AUC {area['value']:.4f} ({area['low']:.4f} to {area['high']:.4f})" in card


def test_thirds_are_of_the_test_pictures_from_the_lowest_on(run):
    risk, test = read(run, "metrics.json")["risk"], read(run, "metrics.json")["test"]
    assert risk["class"] == "ill"
    for name, words in _medical_pictures.THIRDS.items():
        rows = risk["groups"][name]
        assert [row["group"] for row in rows] == list(words)
        assert sum(row["count"] for row in rows) == test["count"]
        assert max(row["count"] for row in rows) - min(row["count"] for row in rows) <= 1
    assert read(run, "model_card.json")["medical"] == risk


def test_brightness_and_contrast_are_mean_and_deviation_of_each_picture(run, folder):
    images, rows = source.read(str(folder), DataConfig()), np.array([7, 2, 250])
    pixels = np.stack([np.asarray(Image.open(folder / images.names[row])) for row in rows]).astype(float)
    found = _medical_pictures.looks(run.task.inputs, images, rows)
    assert found["brightness"] == pytest.approx(pixels.mean(axis=(1, 2)), rel=1e-5)
    assert found["contrast"] == pytest.approx(pixels.std(axis=(1, 2)), rel=1e-5)


def test_equal_values_are_in_one_third():
    words = ("low", "middle", "high")
    assert _medical_pictures.thirds(np.array([1.0, 2, 3, 4, 5, 6]), words).tolist() == [
        "low", "low", "middle", "middle", "high", "high",
    ]  # fmt: skip
    assert set(_medical_pictures.thirds(np.full(7, 3.0), words)) == {"low"}


def test_pictures_of_three_classes_have_no_risk(tmp_path, monkeypatch):
    monkeypatch.setattr(console, "mode", "quiet")
    with pytest.raises(OptionError, match="--card has no effect: it describes the risk of one of two classes, and"):
        dg.train("digits", card="medical", epochs=1, run=str(tmp_path / "r"))
    assert not (tmp_path / "r").exists()


def test_the_picture_that_is_ill_in_training_and_well_in_the_test_is_found():
    images = source.read(str(shared("breastmnist", "breastmnist.npz")), DataConfig())
    assert {name: len(rows) for name, rows in images.splits.items()} == {"train": 546, "val": 78, "test": 156}
    leaked, tested = images.splits["train"][115], images.splits["test"][76]
    assert np.array_equal(images.pixels[leaked], images.pixels[tested])
    assert [images.classes[images.labels[row]] for row in (leaked, tested)] == ["0", "1"]
    seen = survey(images)
    crossing = seen.copies.crossing(images.splits["train"], images.splits["test"])
    assert [tested, leaked] in crossing.tolist()
    assert seen.conflicts >= 1
    said = " ".join(seen.sentences(images))
    assert "are near copies of training pictures: the test score will flatter" in said
    assert "carry different classes: one of each may be wrong" in said
