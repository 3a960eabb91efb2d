"""Run folders with real content for each kind of task: small models of scikit-learn or NumPy, trained here."""

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors.numpy import save_file
from sklearn import datasets
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from deepglass.core.run_folder import RunFolder
from deepglass.data.series.scales import seasonal_scale
from deepglass.evaluate import card, label_thresholds, report
from deepglass.evaluate.metrics import classification, forecasting, labels, language, regression
from deepglass.evaluate.warnings import warnings_for

TASKS = (
    "image-classification",
    "tabular-classification",
    "text-classification",
    "multi-label-classification",
    "tabular-regression",
    "forecasting",
    "language-modelling",
)


def build_run(task: str, path: Path) -> RunFolder:
    """Train something small, judge it, and write a whole run folder."""
    folder = RunFolder(path).create()
    build = {
        "image-classification": _digits,
        "tabular-classification": _cancer,
        "text-classification": _reviews,
        "multi-label-classification": _tags,
        "tabular-regression": _diabetes,
        "forecasting": _series,
        "language-modelling": _characters,
    }
    parts = build[task]()
    metrics = {"task": task, "test": parts["test"], "val": parts["val"], "baseline": parts["baseline"]}
    metrics["warnings"] = warnings_for(metrics, parts["history"], {"train": {}})
    folder.write("config.json", {
        "deepglass": "0.1.0", "source": parts["source"], "task": task, "model": parts["model"],
        "data": {"target": "target"}, "task_options": {}, "model_options": {"hidden": 64, "dropout": 0.1},
        "train": {"epochs": 15, "optimizer": "adam", "learning_rate": 0.001, "batch_size": 200, "seed": 0},
    })  # fmt: skip
    folder.write("task.json", {"task": task, "dims": {"num_features": 64}, "state": parts["state"]})
    folder.write("guesses.json", [
        {"what": "task", "value": task, "why": "from the kind of target", "option": "--task"},
        {"what": "target", "value": "target", "why": "the last column", "option": "--target"},
    ])  # fmt: skip
    folder.write("history.json", parts["history"])
    folder.write("metrics.json", metrics)
    folder.write("mistakes.json", parts["mistakes"])
    folder.write("environment.json", {
        "deepglass": "0.1.0", "python": "3.12.3", "torch": "2.13.0", "platform": "Linux", "cpu": "two cores",
        "cores": 2, "gpu": None, "threads": 2, "precision": "float32", "device": "cpu", "parameters": 4810,
        "layers": "Sequential(\n  (0): Linear(64, 64)\n)", "seconds": {"total": 12.3, "training": 9.1}, "choices": [],
    })  # fmt: skip
    folder.write_outputs(**parts["outputs"])
    save_file({"body.weight": np.zeros((64, 64), np.float32), "body.bias": np.zeros(64, np.float32)},
              folder / "weights.safetensors")  # fmt: skip
    report.write_report(folder)
    card.write_card(folder)
    return folder


def _digits() -> dict[str, Any]:
    data = datasets.load_digits()
    parts = _classifier(data.data / 16, data.target, [str(c) for c in range(10)], "digits", "small-cnn")
    for mistake in parts["mistakes"]:
        mistake["image"] = _png(255 - data.images[mistake["id"]] * 15.9)
    return parts


def _cancer() -> dict[str, Any]:
    data = datasets.load_breast_cancer()
    names = [str(name) for name in data.target_names]
    parts = _classifier(StandardScaler().fit_transform(data.data), data.target, names, "breast-cancer", "tabm")
    for mistake in parts["mistakes"]:
        values = data.data[mistake["id"]]
        mistake["record"] = {str(k): float(v) for k, v in zip(data.feature_names[:8], values)}
    return parts


def _reviews() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    good, bad = ["warm", "funny", "brilliant", "moving"], ["dull", "noisy", "shallow", "tired"]
    plain = ["film", "story", "cast", "ending", "music", "script", "scene", "pace"]
    labels = rng.integers(0, 2, 900)
    texts = []
    for label in labels:
        words = rng.choice(plain, 6).tolist() + rng.choice(good if label else bad, 1).tolist()
        words += rng.choice(good + bad, 2).tolist()
        texts.append("A " + " ".join(rng.permutation(words)) + ".")
    counts = CountVectorizer().fit_transform(texts).toarray().astype(float)
    parts = _classifier(counts, labels, ["negative", "positive"], "reviews.csv", "bag-of-embeddings")
    for mistake in parts["mistakes"]:
        mistake["text"] = texts[mistake["id"]]
    return parts


def _classifier(X: np.ndarray, y: np.ndarray, classes: list[str], source: str, model: str) -> dict[str, Any]:
    train, val, test = _split(len(y))
    net, epochs = MLPClassifier(hidden_layer_sizes=(64,), random_state=0), []
    for epoch in range(1, 16):
        net.partial_fit(X[train], y[train], classes=np.arange(len(classes)))
        of_val = net.predict_proba(X[val])
        epochs.append({
            "epoch": epoch, "loss": float(classification.log_losses(net.predict_proba(X[train]), y[train]).mean()),
            "val_loss": float(classification.log_losses(of_val, y[val]).mean()),
            "val_accuracy": float((of_val.argmax(1) == y[val]).mean()),
            "learning_rate": 0.001 * (1 - epoch / 16), "seconds": 0.1, "examples_per_second": 9000.0,
        })  # fmt: skip
    probabilities, targets = net.predict_proba(X[test]), y[test]
    losses = classification.log_losses(probabilities, targets)
    share = np.bincount(y[train], minlength=len(classes)) / len(train)
    worst = np.argsort(-losses)[:12]
    return {
        "source": source, "model": model, "state": {"classes": classes, "columns": {"age": {"kind": "number"}}},
        "history": {"monitor": "loss", "best_epoch": 15, "epochs": epochs},
        "test": classification.evaluate(probabilities, targets, classes),
        "val": classification.evaluate(of_val, y[val], classes),
        "baseline": {"name": "most frequent class",
                     **classification.evaluate(np.tile(share, (len(test), 1)), targets, classes)},
        "outputs": {"ids": test, "predictions": probabilities, "targets": targets, "losses": losses},
        "mistakes": [{"id": int(test[i]), "target": classes[targets[i]], "loss": float(losses[i]),
                      "predicted": classes[probabilities[i].argmax()], "probability": float(probabilities[i].max())}
                     for i in worst],
    }  # fmt: skip


def _tags() -> dict[str, Any]:
    rng, names = np.random.default_rng(0), ["warm", "funny", "dull", "long"]
    truth = rng.random((900, 4)) < (0.4, 0.2, 0.3, 0.05)
    X = truth @ rng.normal(size=(4, 12)) + rng.normal(size=(900, 12))
    train, val, test = _split(len(X))
    net, epochs = MLPClassifier(hidden_layer_sizes=(32,), random_state=0), []
    for epoch in range(1, 16):
        net.partial_fit(X[train], truth[train], classes=np.arange(4))
        losses = [float(labels.log_losses(net.predict_proba(X[rows]), truth[rows]).mean()) for rows in (train, val)]
        epochs.append({"epoch": epoch, "loss": losses[0], "val_loss": losses[1]})
    of_val, of_test = net.predict_proba(X[val]), net.predict_proba(X[test])
    cuts, targets = label_thresholds.choose(of_val, truth[val]), truth[test].astype(np.uint8)
    losses, share = labels.log_losses(of_test, targets), truth[train].mean(axis=0)
    cut = label_thresholds.always_the_same(share)
    return {
        "source": "tags.csv", "model": "mlp", "state": {"classes": names, "thresholds": cuts.tolist()},
        "history": {"monitor": "loss", "best_epoch": 15, "epochs": epochs},
        "test": labels.evaluate(of_test, targets, names, cuts),
        "val": labels.evaluate(of_val, truth[val].astype(np.uint8), names, cuts),
        "baseline": {"name": "always the same labels",
                     **labels.evaluate(np.tile(share, (len(test), 1)), targets, names, np.full(4, cut))},
        "outputs": {"ids": test, "predictions": of_test, "targets": targets, "losses": losses,
                    "thresholds": np.tile(cuts, (len(test), 1))},
        "mistakes": [{"id": int(test[i]), "target": "warm", "predicted": "dull, long", "loss": float(losses[i]),
                      "record": {f"x{k}": float(value) for k, value in enumerate(X[test[i]].round(2))}}
                     for i in np.argsort(-losses)[:6]],
    }  # fmt: skip


def _diabetes() -> dict[str, Any]:
    data = datasets.load_diabetes()
    X, y = StandardScaler().fit_transform(data.data), data.target
    train, val, test = _split(len(y))
    net, epochs = MLPRegressor(hidden_layer_sizes=(32,), random_state=0, learning_rate_init=0.02), []
    for epoch in range(1, 41):
        net.partial_fit(X[train], y[train])
        losses = [float(((net.predict(X[rows]) - y[rows]) ** 2).mean()) for rows in (train, val)]
        epochs.append({"epoch": epoch, "loss": losses[0], "val_loss": losses[1], "val_rmse": losses[1] ** 0.5})
    predictions, targets = net.predict(X[test]), y[test]
    errors = (predictions - targets) ** 2
    return {
        "source": "diabetes", "model": "mlp", "state": {"unit": "progression after a year"},
        "history": {"monitor": "loss", "best_epoch": 40, "epochs": epochs},
        "test": regression.evaluate(predictions, targets),
        "val": regression.evaluate(net.predict(X[val]), y[val]),
        "baseline": {"name": "mean", **regression.evaluate(np.full(len(test), y[train].mean()), targets)},
        "outputs": {"ids": test, "predictions": predictions, "targets": targets, "losses": errors},
        "mistakes": [{"id": int(test[i]), "target": float(targets[i]), "predicted": round(float(predictions[i]), 1),
                      "loss": float(errors[i]), "record": dict(zip(data.feature_names, X[test[i]].round(2).tolist()))}
                     for i in np.argsort(-errors)[:6]],
    }  # fmt: skip


def _series() -> dict[str, Any]:
    rng, time, steps = np.random.default_rng(0), np.arange(1200), 24
    noise = np.cumsum(rng.normal(0, 0.12, (1200, 2)), axis=0)
    values = np.stack([10 + 3 * np.sin(time * 2 * np.pi / 24), 5 + np.cos(time * 2 * np.pi / 24)], axis=1) + noise
    scale = seasonal_scale(values[:900], season=24)
    begins = np.arange(900, 1200 - steps + 1)
    targets = np.stack([values[b : b + steps] for b in begins])  # (N, H, S)
    predictions = np.empty_like(targets)
    for s in range(2):
        past = np.stack([values[b - 24 : b, s] for b in range(24, 876)])
        future = np.stack([values[b : b + steps, s] for b in range(24, 876)])
        model = Ridge(1.0).fit(past, future)
        predictions[..., s] = model.predict(np.stack([values[b - 24 : b, s] for b in begins]))
    naive = np.stack([values[b - 24 : b] for b in begins])
    names = ["load", "price"]
    losses = ((predictions - targets) ** 2).mean(axis=(1, 2))

    def judged(forecasts: np.ndarray, truths: np.ndarray) -> forecasting.Judged:
        return forecasting.Judged(forecasts, truths, scale, names)

    epochs = [{"epoch": k, "loss": 1 / k + 0.1, "val_loss": 1.05 / k + 0.12} for k in range(1, 11)]
    worst = np.argsort(-losses)[:3]
    return {
        "source": "hourly.csv", "model": "dlinear", "state": {"season": 24, "series": names},
        "history": {"monitor": "loss", "best_epoch": 10, "epochs": epochs},
        "test": forecasting.evaluate(judged(predictions, targets)),
        "val": forecasting.evaluate(judged(predictions[:100], targets[:100])),
        "baseline": {"name": "seasonal naive", **forecasting.evaluate(judged(naive, targets))},
        "outputs": {"ids": begins, "predictions": predictions, "targets": targets, "losses": losses},
        "mistakes": [{"id": int(begins[i]), "loss": float(losses[i]), "target": None, "predicted": None,
                      "series": {"past": naive[i, :, 0].tolist(), "target": targets[i, :, 0].tolist(),
                                 "predicted": predictions[i, :, 0].tolist()}} for i in worst],
    }  # fmt: skip


def _characters() -> dict[str, Any]:
    text = (Path(__file__).parents[2] / "LICENSE").read_text(encoding="utf-8")
    letters = sorted(set(text))
    codes = np.array([letters.index(letter) for letter in text])
    train, test = codes[:9000], codes[9000:]
    pairs = np.full((len(letters), len(letters)), 0.1)
    np.add.at(pairs, (train[:-1], train[1:]), 1)
    of_pair = -np.log((pairs / pairs.sum(1, keepdims=True))[test[:-1], test[1:]])
    single = np.bincount(train, minlength=len(letters)) + 0.1
    of_single = -np.log((single / single.sum())[test[1:]])
    windows = [
        per_token[: len(per_token) // 32 * 32].reshape(-1, 32).mean(axis=1) for per_token in (of_pair, of_single)
    ]
    counts = np.full(len(windows[0]), 32)
    epochs = [{"epoch": 1, "loss": 2.6, "val_loss": 2.7}]
    worst = np.argsort(-windows[0])[:4]
    return {
        "source": "LICENSE", "model": "gpt", "state": {"tokens": "characters", "vocabulary": len(letters)},
        "history": {"monitor": "loss", "best_epoch": 1, "epochs": epochs},
        "test": language.evaluate(windows[0], counts), "val": language.evaluate(windows[0][:20], counts[:20]),
        "baseline": {"name": "frequency of characters", **language.evaluate(windows[1], counts)},
        "outputs": {"ids": np.arange(len(counts)), "losses": windows[0]},
        "mistakes": [{"id": int(i), "loss": float(windows[0][i]), "target": None, "predicted": None,
                      "text": text[9000 + 32 * i : 9000 + 32 * (i + 1)]} for i in worst],
    }  # fmt: skip


def _split(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    order = np.random.default_rng(0).permutation(count)
    return order[: int(0.6 * count)], order[int(0.6 * count) : int(0.7 * count)], order[int(0.7 * count) :]


def _png(pixels: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(buffer, format="PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
