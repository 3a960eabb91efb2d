"""Logistic regression on small pictures: it is scikit-learn's, learns from still pictures, and keeps to its time."""

from html import escape

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

import deepglass as dg
from deepglass.core.console import console
from deepglass.data.examples import InMemory
from deepglass.rivals import Time, pixels


def pictures(count: int, classes: int, size: int = 20, seed: int = 0) -> InMemory:
    generator = torch.Generator().manual_seed(seed)
    targets = torch.arange(count) % classes
    images = torch.randn(count, 2, size, size, generator=generator) + targets.view(-1, 1, 1, 1).float()
    return InMemory(images, targets)


@pytest.mark.parametrize("classes", [2, 3])
def test_it_answers_as_scikit_learn_on_the_same_patches(classes, monkeypatch):
    monkeypatch.setattr(pixels, "STRENGTHS", (0.03,))
    train, val = pictures(90, classes), pictures(40, classes, seed=1)
    found = pixels.fit(train, val, classes, Time(60))
    X, y = pixels.patches_of(train.tensors[0]).numpy(), train.tensors[1].numpy()
    scaled = (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-6)
    theirs = LogisticRegression(C=0.03, max_iter=pixels.STEPS).fit(scaled, y).predict_proba(scaled)
    np.testing.assert_allclose(found(train.tensors[0]).softmax(dim=1).numpy(), theirs, atol=1e-4)


def test_a_class_without_training_pictures_is_as_good_as_impossible():
    found = pixels.fit(pictures(60, 2), pictures(20, 2, seed=1), 3, Time(60))
    shares = found(pictures(10, 2, seed=2).tensors[0]).softmax(dim=1)
    assert shares.shape == (10, 3)
    assert float(shares[:, 2].max()) < 1e-6


def test_small_pictures_keep_their_size_and_without_time_there_is_none():
    assert pixels.patches_of(torch.zeros(4, 3, 8, 30)).shape == (4, 3 * 8 * 16)
    assert pixels.fit(pictures(30, 2), pictures(10, 2), 2, Time(-1)) is None


@pytest.mark.parametrize("size", [1, 7, 16, 28, 33, 64, 100])
def test_the_grid_is_that_of_an_adaptive_mean(size):
    images = torch.randn(2, 3, size, 2 * size, generator=torch.Generator().manual_seed(size))
    grid = (min(pixels.SIDE, size), min(pixels.SIDE, 2 * size))
    expected = torch.nn.functional.adaptive_avg_pool2d(images, grid).flatten(1)
    torch.testing.assert_close(pixels.patches_of(images), expected, atol=1e-5, rtol=1e-5)


def test_a_rival_says_of_held_out_pictures_what_it_knew_before_and_learns_from_them_in_the_end():
    train, val = pictures(60, 3), pictures(30, 3, seed=1)
    found = pixels.rival(train, val, 3, Time(60))
    alone = pixels.fit(train, val, 3, Time(60))(val.tensors[0]).softmax(dim=1).numpy()
    np.testing.assert_allclose(found.held_out, alone, atol=1e-5)
    both = found.part(val.tensors[0]).softmax(dim=1).numpy()
    assert np.abs(both - alone).max() > 1e-3


def test_of_many_pictures_none_is_fitted_before_the_training(monkeypatch):
    monkeypatch.setattr(pixels, "MOST_PICTURES", 80)
    assert pixels.rival(pictures(60, 3), pictures(30, 3, seed=1), 3, Time(60)) is None


def few_of_many_classes(count: int, classes: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Pictures that lie still, each class with a pattern of its own."""
    patterns = np.random.default_rng(0).integers(0, 200, (classes, 16, 16))
    labels = np.arange(count) % classes
    noise = np.random.default_rng(count).integers(0, 55, (count, 16, 16))
    return (patterns[labels] + noise).astype(np.uint8), np.array([f"person {label:02}" for label in labels])


@pytest.mark.slow("fits simple models on many classes")
def test_few_pictures_of_many_classes_are_answered_by_both_and_as_one(tmp_path):
    mode, console.mode = console.mode, "quiet"
    source, asked = few_of_many_classes(120), few_of_many_classes(24)[0]
    options = {"task": "image-classification", "epochs": 1, "device": "cpu"}
    try:
        run = dg.train(source, run=tmp_path / "run", **options)
        alone = dg.train(source, run=tmp_path / "alone", blend=False, **options)
        path = run.export(tmp_path / "model.onnx")  # fails where the file would answer differently
    finally:
        console.mode = mode
    assert run.metrics["blend"]["weights"][pixels.NAME] > 0.5
    assert run.metrics["test"]["log_loss"]["value"] < 0.5 * alone.metrics["test"]["log_loss"]["value"]
    assert "blend" not in alone.metrics
    assert path.exists()
    again = dg.load(tmp_path / "run").predict(asked)
    assert again == run.predict(asked)
    assert [answer["prediction"] for answer in again] == sorted({f"person {i:02}" for i in range(12)}) * 2


def test_reports_of_pictures_and_series_name_a_simple_model(tmp_path):
    mode, console.mode = console.mode, "quiet"
    try:
        shown = dg.train("digits", max_rows=300, run=tmp_path / "digits", epochs=1, model="mlp", device="cpu")
        series = dg.train("co2", run=tmp_path / "co2", epochs=1, horizon=4, context=24, device="cpu")
    finally:
        console.mode = mode
    assert shown.metrics["rival"]["name"] == "logistic regression on pixels"
    assert shown.metrics["rival"]["accuracy"]["value"] > 0.6
    assert series.metrics["rival"]["name"] in ("ridge regression", "autoregression", "exponential smoothing")
    assert "blend" not in series.metrics
    for run in (shown, series):
        assert escape(run.metrics["rival"]["verdict"]) in (run.path / "report.html").read_text(encoding="utf-8")
