"""Faults that were written before any rule was, and are not looked at while rules are made."""

from pathlib import Path

import numpy as np

from bench.faults import Fault, RunFault, run_data
from bench.faults.scripts import LANGUAGE, NUMBERS, PICTURES, SERIES, TABLE, TEXTS

HELD_OUT = (
    Fault(
        "zero_grad forgotten",
        "table",
        TABLE,
        (("        optimizer.zero_grad()\n", ""),),
        ("forgotten-zero-grad",),
        seed=11,
    ),
    Fault(
        "softmax in the model before cross entropy",
        "table",
        TABLE,
        (("return self.head(self.body(x))", "return torch.softmax(self.head(self.body(x)), dim=1)"),),
        ("double-softmax",),
        seed=12,
    ),
    Fault(
        "labels shuffled",
        "table",
        TABLE,
        (("train, val =", "y = y[torch.randperm(800)]\ntrain, val ="),),
        ("labels-unrelated", "labels-shifted"),
        seed=13,
    ),
    Fault(
        "only the head is in the optimiser",
        "table",
        TABLE,
        (("Adam(net.parameters()", "Adam(net.head.parameters()"),),
        ("not-in-optimizer",),
        seed=14,
    ),
    Fault(
        "one column is a thousand times larger",
        "table",
        TABLE,
        (("train, val =", "X[:, 5] *= 5000\ntrain, val ="),),
        ("input-scale",),
        seed=15,
    ),
    Fault(
        "the model stays in evaluation mode after the first epoch",
        "table",
        TABLE,
        (("    net.train()\n", ""), ("Dropout(0.1)", "Dropout(0.4)")),
        ("mode",),
        (("Dropout(0.1)", "Dropout(0.4)"),),
        seed=16,
    ),
    Fault(
        "the target is among the columns",
        "table",
        TABLE,
        (("train, val =", "X[:, 7] = y.float()\ntrain, val ="),),
        ("leakage",),
        seed=17,
    ),
    Fault(
        "predictions (N, 1) against targets (N,)",
        "table",
        NUMBERS,
        (("model(xb).squeeze(1)", "model(xb)"),),
        ("broadcast",),
        seed=18,
    ),
    Fault(
        "learning rate a hundred times too high",
        "table",
        NUMBERS,
        (("lr=0.05", "lr=3.0"),),
        ("learning-rate-high",),
        seed=19,
    ),
    Fault(
        "learning rate ten thousand times too low",
        "table",
        NUMBERS,
        (("lr=0.05", "lr=0.000005"),),
        ("learning-rate-low",),
        seed=20,
    ),
    Fault(
        "targets in thousands",
        "table",
        NUMBERS,
        (("y = 1.5", "y = 20000 + 5000 * (1.5"), ("torch.randn(640)", "torch.randn(640))")),
        ("target-scale",),
        seed=21,
    ),
    Fault(
        "a ReLU at the output, targets of both signs",
        "table",
        NUMBERS,
        (("nn.Linear(48, 1))", "nn.Linear(48, 1), nn.ReLU())"),),
        ("output-range",),
        seed=22,
    ),
    Fault(
        "gradients clipped to a ten thousandth",
        "table",
        NUMBERS,
        (("        opt.step()", "        nn.utils.clip_grad_norm_(model.parameters(), 1e-4)\n        opt.step()"),),
        ("clipping",),
        (("        opt.step()", "        nn.utils.clip_grad_norm_(model.parameters(), 5.0)\n        opt.step()"),),
        seed=23,
    ),
    Fault(
        "the graph is cut by detach",
        "picture",
        PICTURES,
        (("x = self.pool(torch.relu(self.bn2(", "x = x.detach()\n        x = self.pool(torch.relu(self.bn2("),),
        ("cut-graph",),
        seed=24,
    ),
    Fault(
        "pictures are flipped though left and right are classes",
        "picture",
        PICTURES,
        (
            (
                "        return x, int",
                "        if self.training and rng.random() < 0.5:\n            x = x.flip(-1)\n        return x, int",
            ),
        ),
        ("augmentation",),
        (
            (
                "        return x, int",
                "        if self.training and rng.random() < 0.5:\n            x = x.flip(-2)\n        return x, int",
            ),
        ),
        seed=25,
    ),
    Fault(
        "validation pictures are not normalised",
        "picture",
        PICTURES,
        (
            (
                "        return x, int",
                "        if not self.training:\n            x = x * 0.2 + 0.4\n        return x, int",
            ),
        ),
        ("prediction-preprocessing",),
        seed=26,
    ),
    Fault(
        "evaluated in training mode",
        "picture",
        PICTURES,
        (("    model.eval()\n", ""), ("batch_size=80", "batch_size=2")),
        ("mode",),
        (("batch_size=80", "batch_size=2"),),
        seed=27,
    ),
    Fault(
        "the first layers are frozen at random weights",
        "picture",
        PICTURES,
        (
            (
                "optimizer = torch",
                "for layer in (model.conv1, model.conv2):\n    layer.requires_grad_(False)\noptimizer = torch",
            ),
        ),
        ("frozen",),
        seed=28,
    ),
    Fault(
        "not shuffled, sorted by label",
        "picture",
        PICTURES,
        (
            ("rng.integers(0, 3, count)", "np.sort(rng.integers(0, 3, count))"),
            ("batch_size=32, shuffle=True", "batch_size=32"),
        ),
        ("not-shuffled",),
        (("batch_size=32, shuffle=True", "batch_size=32"),),
        seed=29,
    ),
    Fault(
        "dead by bias",
        "picture",
        PICTURES,
        (("        self.fc =", "        nn.init.constant_(self.bn2.bias, -30.0)\n        self.fc ="),),
        ("dead-units", "initialisation"),
        seed=30,
    ),
    Fault(
        "softmax over the batch",
        "picture",
        PICTURES,
        (
            (
                "loss = loss_fn(logits, labels)\n",
                "loss = nn.functional.nll_loss(torch.log_softmax(logits, 0), labels)\n",
            ),
        ),
        ("wrong-axis",),
        (
            (
                "loss = loss_fn(logits, labels)\n",
                "loss = nn.functional.nll_loss(torch.log_softmax(logits, 1), labels)\n",
            ),
        ),
        seed=31,
    ),
    Fault(
        "sigmoid in the model before BCE with logits",
        "text",
        TEXTS,
        (("squeeze(-1)\n\nmodel", "squeeze(-1).sigmoid()\n\nmodel"),),
        ("double-softmax",),
        seed=32,
    ),
    Fault(
        "another vocabulary for validation",
        "text",
        TEXTS,
        (
            (
                "X_train, y_train, X_val",
                "other = dict(zip(vocab, [0, 1, *random.sample(range(2, len(vocab)), len(vocab) - 2)]))\n"
                "X[512:] = torch.tensor([[other[w] for w in ws] + [0] * (14 - len(ws)) for ws, _ in data[512:]])\n"
                "X_train, y_train, X_val",
            ),
        ),
        ("prediction-preprocessing",),
        seed=33,
    ),
    Fault(
        "a GRU without batch_first",
        "text",
        TEXTS,
        (("batch_first=True", "batch_first=False"),),
        ("wrong-axis",),
        seed=34,
    ),
    Fault(
        "too few texts for a large network",
        "text",
        TEXTS,
        (
            ("X_train, y_train, X_val, y_val = X[:512], y[:512]", "X_train, y_train, X_val, y_val = X[:24], y[:24]"),
            ("width=24", "width=128"),
            ("range(8)", "range(150)"),
        ),
        ("overfitting", "little-data"),
        seed=35,
    ),
    Fault(
        "the mask is filled with -1e-12",
        "text",
        LANGUAGE,
        (('float("-inf")', "-1e-12"),),
        ("looks-ahead",),
        (('float("-inf")', "-1e9"),),
        seed=36,
    ),
    Fault(
        "targets are not moved by one",
        "text",
        LANGUAGE,
        (("source[i + 1:i + T + 1]", "source[i:i + T]"),),
        ("target-not-shifted",),
        seed=37,
    ),
    Fault(
        "gradients are forgotten before the step",
        "text",
        LANGUAGE,
        (
            (
                "    optimizer.zero_grad(set_to_none=True)\n    loss.backward()\n",
                "    loss.backward()\n    optimizer.zero_grad(set_to_none=True)\n",
            ),
        ),
        ("gradients-wiped",),
        seed=38,
    ),
    Fault(
        "the window holds the value that is asked for",
        "series",
        SERIES,
        (("targets = np.stack([values[i + LENGTH]", "targets = np.stack([values[i + LENGTH - 1]"),),
        ("leakage",),
        seed=39,
    ),
    Fault(
        "the optimiser is made anew in every step",
        "series",
        SERIES,
        (
            (
                "        opt.zero_grad()\n",
                "        opt = torch.optim.Adam(net.parameters(), lr=5e-3)\n        opt.zero_grad()\n",
            ),
        ),
        ("optimizer-reset",),
        seed=40,
    ),
    Fault(
        "series in large units",
        "series",
        SERIES,
        (('values = values.astype("float32")', 'values = (5000 + 2000 * values).astype("float32")'),),
        ("input-scale", "target-scale"),
        seed=41,
    ),
)


def _shuffled(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    frame = run_data.table(rng)
    if sick:
        frame["label"] = rng.permutation(frame["label"])
    frame.to_csv(folder / "data.csv", index=False)
    return folder / "data.csv"


def _with_leak(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    frame = run_data.table(rng)
    if sick:
        frame["status"] = np.where(frame["label"] == "yes", 3.0, 7.0) + 0.01 * rng.normal(size=len(frame))
    frame.to_csv(folder / "data.csv", index=False)
    return folder / "data.csv"


def _numbers(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    run_data.numbers(rng).to_csv(folder / "data.csv", index=False)
    return folder / "data.csv"


def _noisy(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    frame = run_data.texts(rng)
    if sick:
        wrong = rng.random(len(frame)) < 0.25
        frame.loc[wrong, "label"] = np.where(frame.loc[wrong, "label"] == "good", "bad", "good")
    frame.to_csv(folder / "data.csv", index=False)
    return folder / "data.csv"


def _rare(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    frame = run_data.table(rng, 1500)
    if sick:  # few of the rare class are left, and they overlap with the others
        rare = frame["label"] == "yes"
        frame = frame[~rare | (rng.random(len(frame)) < 0.04)]
        frame["a"] = rng.normal(size=len(frame))
    frame.to_csv(folder / "data.csv", index=False)
    return folder / "data.csv"


def _pictures(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    return run_data.pictures(rng, folder / "bars")


def _series(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    run_data.series(rng).to_csv(folder / "data.csv", index=False)
    return folder / "data.csv"


HELD_OUT_RUNS = (
    RunFault("run: labels shuffled", "table", _shuffled, ("labels-unrelated",), {"target": "label"}, seed=51),
    RunFault(
        "run: a column that gives the label away", "table", _with_leak, ("leakage",), {"target": "label"}, seed=52
    ),
    RunFault(
        "run: learning rate too high",
        "table",
        _numbers,
        ("learning-rate-high",),
        {"target": "price", "optimizer": "sgd", "learning_rate": 20.0, "epochs": 10},
        {"target": "price", "epochs": 10},
        seed=53,
    ),
    RunFault("run: a quarter of the labels is wrong", "text", _noisy, ("labels-noisy",), {"target": "label"}, seed=54),
    RunFault("run: a rare class", "table", _rare, ("imbalance",), {"target": "label"}, seed=55),
    RunFault(
        "run: pictures are flipped though left and right are classes",
        "picture",
        _pictures,
        ("augmentation",),
        {"augment": "flip", "epochs": 8},
        {"augment": "none", "epochs": 8},
        seed=56,
    ),
    RunFault(
        "run: learning rate too low",
        "series",
        _series,
        ("learning-rate-low",),
        {"target": "sales", "model": "gru", "learning_rate": 1e-8, "epochs": 8},
        {"target": "sales", "model": "gru", "epochs": 8},
        seed=57,
    ),
)
