"""Faults that came with the rules."""

from pathlib import Path

import numpy as np

from bench.faults import Fault, RunFault, run_data
from bench.faults.scripts import LANGUAGE, NUMBERS, PICTURES, SERIES, TABLE, TEXTS

SHOWN = (
    Fault(
        "zero_grad shown",
        "text",
        TEXTS,
        (("        optimizer.zero_grad()\n", ""),),
        ("forgotten-zero-grad",),
        seed=61,
    ),
    Fault("no step", "table", TABLE, (("        optimizer.step()\n", ""),), ("no-step",), seed=62),
    Fault(
        "a head that was replaced after the optimiser was made",
        "table",
        TABLE,
        (("criterion = nn", "net.head = nn.Linear(32, 3)\ncriterion = nn"),),
        ("not-in-optimizer",),
        (("optimizer = torch", "net.head = nn.Linear(32, 3)\noptimizer = torch"),),
        seed=63,
    ),
    Fault(
        "layers in a plain list",
        "table",
        TABLE,
        (
            (
                "self.body = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 32), nn.ReLU())",
                "self.body = [nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 32), nn.ReLU()]",
            ),
            (
                "return self.head(self.body(x))",
                "for layer in self.body:\n            x = layer(x)\n        return self.head(x)",
            ),
        ),
        ("not-in-optimizer",),
        seed=64,
    ),
    Fault(
        "gradient goes up",
        "table",
        TABLE,
        (("loss.backward()", "(-loss).backward()"),),
        ("wrong-sign",),
        seed=65,
    ),
    Fault(
        "nll_loss on probabilities",
        "table",
        TABLE,
        (("criterion(net(x), target)", "nn.functional.nll_loss(net(x).softmax(dim=1), target)"),),
        ("loss-input",),
        (("criterion(net(x), target)", "nn.functional.nll_loss(net(x).log_softmax(dim=1), target)"),),
        seed=66,
    ),
    Fault(
        "labels moved by one row",
        "table",
        TABLE,
        (("train, val =", "y = y.roll(1)\ntrain, val ="),),
        ("labels-shifted",),
        seed=67,
    ),
    Fault(
        "a fifth of the labels is wrong",
        "table",
        TABLE,
        (
            (
                "train, val =",
                "bad = torch.rand(800) < 0.2\n"
                "y[bad] = (y[bad] + torch.randint(1, 3, (int(bad.sum()),))) % 3\ntrain, val =",
            ),
        ),
        ("labels-noisy",),
        seed=68,
    ),
    Fault(
        "all first weights are equal",
        "table",
        TABLE,
        (("optimizer = torch", "for p in net.parameters():\n    nn.init.constant_(p, 0.05)\noptimizer = torch"),),
        ("initialisation",),
        seed=69,
    ),
    Fault(
        "judged on the training examples",
        "table",
        TABLE,
        (("TensorDataset(X[600:], y[600:])", "TensorDataset(X[200:600], y[200:600])"),),
        ("duplicates",),
        seed=70,
    ),
    Fault("dropout of 0.95", "table", TABLE, (("Dropout(0.1)", "Dropout(0.97)"),), ("dropout",), seed=71),
    Fault(
        "weight decay of 2",
        "table",
        TABLE,
        (
            (
                "torch.optim.Adam(net.parameters(), lr=5e-3)",
                "torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=100.0)",
            ),
        ),
        ("weight-decay",),
        (
            (
                "torch.optim.Adam(net.parameters(), lr=5e-3)",
                "torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=0.1)",
            ),
        ),
        seed=72,
    ),
    Fault(
        "a schedule counted in steps and meant in epochs",
        "table",
        NUMBERS,
        (
            ("for epoch in", "sched = torch.optim.lr_scheduler.StepLR(opt, 2, 0.2)\nfor epoch in"),
            ("        opt.step()\n", "        opt.step()\n        sched.step()\n"),
        ),
        ("schedule", "learning-rate-low"),
        (
            ("for epoch in", "sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 240)\nfor epoch in"),
            ("        opt.step()\n", "        opt.step()\n        sched.step()\n"),
        ),
        seed=73,
    ),
    Fault(
        "a sum in the place of the mean",
        "table",
        NUMBERS,
        (("loss = F.mse_loss(pred, yb)\n", 'loss = F.mse_loss(pred, yb, reduction="sum")\n'),),
        ("reduction",),
        seed=74,
    ),
    Fault(
        "NaN among the inputs",
        "table",
        NUMBERS,
        (("Xt, yt", "X[7, 2] = float('nan')\nXt, yt"),),
        ("not-finite-data",),
        seed=75,
    ),
    Fault(
        "sigmoid at the output, targets far beyond",
        "table",
        NUMBERS,
        (("nn.Linear(48, 1))", "nn.Linear(48, 1), nn.Sigmoid())"),),
        ("output-range",),
        seed=76,
    ),
    Fault(
        "own loss that is stretched",
        "table",
        NUMBERS,
        (("loss = F.mse_loss(pred, yb)\n", "loss = ((model(xb) - yb) ** 2).mean()\n"),),
        ("broadcast",),
        (("loss = F.mse_loss(pred, yb)\n", "loss = ((pred - yb) ** 2).mean()\n"),),
        seed=77,
    ),
    Fault(
        "ten sigmoid layers",
        "table",
        NUMBERS,
        (
            (
                "nn.Tanh(), nn.Linear(48, 48), nn.Tanh()",
                "nn.Sigmoid(), *[m for _ in range(9) for m in (nn.Linear(48, 48), nn.Sigmoid())]",
            ),
        ),
        ("vanishing-gradients",),
        seed=78,
    ),
    Fault(
        "always the first batch",
        "picture",
        PICTURES,
        (
            ("DataLoader(train_set, batch_size=32, shuffle=True)", "DataLoader(train_set, batch_size=32)"),
            (
                "    for images, labels in train_loader:\n",
                "    for _ in range(15):\n        images, labels = next(iter(train_loader))\n",
            ),
        ),
        ("same-batch",),
        (
            (
                "    for images, labels in train_loader:\n",
                "    for _ in range(15):\n        images, labels = next(iter(train_loader))\n",
            ),
        ),
        seed=79,
    ),
    Fault(
        "batches of two with batch norm",
        "picture",
        PICTURES,
        (("batch_size=32, shuffle", "batch_size=2, shuffle"), ("range(8)", "range(2)")),
        ("batch-norm",),
        seed=80,
    ),
    Fault(
        "batch norm that forgets nothing",
        "picture",
        PICTURES,
        (("BatchNorm2d(8)", "BatchNorm2d(8, momentum=1e-4)"), ("BatchNorm2d(16)", "BatchNorm2d(16, momentum=1e-4)")),
        ("batch-norm",),
        seed=81,
    ),
    Fault(
        "pictures upside down at validation range 0 to 255",
        "picture",
        PICTURES,
        (
            (
                "        return x, int",
                "        if not self.training:\n            x = x * 51 + 102\n        return x, int",
            ),
        ),
        ("prediction-preprocessing",),
        seed=82,
    ),
    Fault(
        "one class in fifty",
        "picture",
        PICTURES,
        (
            (
                "self.labels = rng.integers(0, 3, count)",
                "self.labels = np.where(rng.random(count) < 0.02, 2, rng.integers(0, 1, count))",
            ),
            ("lr=2e-3", "lr=2e-5"),
            ("range(8)", "range(3)"),
        ),
        ("imbalance", "learning-rate-low"),
        seed=83,
    ),
    Fault(
        "a ReLU on the logits",
        "picture",
        PICTURES,
        (("return self.fc(x.flatten(1))", "return torch.relu(self.fc(x.flatten(1)) - 1.0)"),),
        ("output-range",),
        seed=84,
    ),
    Fault(
        "the embedding is frozen",
        "text",
        TEXTS,
        (
            (
                "optimizer = torch",
                "for p in [*model.embedding.parameters(), *model.gru.parameters()]:\n"
                "    p.requires_grad = False\noptimizer = torch",
            ),
        ),
        ("frozen",),
        (
            (
                "optimizer = torch",
                "model.load_state_dict(model.state_dict())\n"
                "model.embedding.weight.requires_grad = False\noptimizer = torch",
            ),
        ),
        seed=85,
    ),
    Fault(
        "learning rate 1",
        "text",
        TEXTS,
        (("lr=5e-3", "lr=1.0"),),
        ("learning-rate-high",),
        seed=86,
    ),
    Fault(
        "texts and labels drawn apart",
        "text",
        TEXTS,
        (
            (
                "loss = criterion(logits, y_train[batch].float())",
                "loss = criterion(logits, y_train[torch.randint(512, (len(batch),))].float())",
            ),
        ),
        ("labels-unrelated",),
        seed=87,
    ),
    Fault(
        "a mask along the wrong axis",
        "text",
        LANGUAGE,
        (("torch.tril(torch.ones(T, T))", "torch.triu(torch.ones(T, T))"),),
        ("looks-ahead",),
        seed=88,
    ),
    Fault(
        "no mask",
        "text",
        LANGUAGE,
        (("        att = att.masked_fill", "        keep = att.masked_fill"),),
        ("looks-ahead",),
        seed=89,
    ),
    Fault(
        "a language model at a rate of 1e-6",
        "text",
        LANGUAGE,
        (("lr=3e-3", "lr=1e-6"),),
        ("learning-rate-low",),
        seed=90,
    ),
    Fault(
        "a series that is not scaled",
        "series",
        SERIES,
        (("targets = np.stack", "windows = windows * 3000 + 20000\ntargets = np.stack"),),
        ("input-scale",),
        seed=91,
    ),
    Fault(
        "time and batch exchanged by view",
        "series",
        SERIES,
        (("out, _ = self.rnn(x)\n", "out, _ = self.rnn(x.reshape(x.shape[1], x.shape[0], 1).transpose(0, 1))\n"),),
        ("wrong-axis",),
        seed=92,
    ),
    Fault(
        "the answer goes through NumPy",
        "series",
        SERIES,
        (("return self.head(out[:, -1])", "return self.head(torch.from_numpy(out[:, -1].detach().numpy()))"),),
        ("cut-graph",),
        seed=93,
    ),
)


def _shifted(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    frame = run_data.table(rng)
    if sick:
        frame["label"] = frame["label"].shift(1).bfill()
    frame.to_csv(folder / "data.csv", index=False)
    return folder / "data.csv"


def _numbers(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    run_data.numbers(rng).to_csv(folder / "data.csv", index=False)
    return folder / "data.csv"


def _noise(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    frame = run_data.numbers(rng)
    if sick:
        frame["price"] = rng.permutation(frame["price"])
    frame.to_csv(folder / "data.csv", index=False)
    return folder / "data.csv"


def _texts(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    run_data.texts(rng).to_csv(folder / "data.csv", index=False)
    return folder / "data.csv"


def _pictures(rng: np.random.Generator, folder: Path, sick: bool) -> Path:
    return run_data.pictures(rng, folder / "bars")


MLP = {"target": "price", "model": "mlp", "epochs": 10}
SHOWN_RUNS = (
    RunFault("run: labels moved by a row", "table", _shifted, ("labels-shifted",), {"target": "label"}, seed=101),
    RunFault("run: numbers shuffled", "table", _noise, ("labels-unrelated",), {"target": "price"}, seed=102),
    RunFault("run: clipped to nothing", "table", _numbers, ("clipping",),
             MLP | {"optimizer": "sgd", "learning_rate": 0.1, "clip_gradient": 1e-5}, MLP, seed=103),
    RunFault("run: one epoch is too few", "text", _texts, ("underfitting", "learning-rate-low"),
             {"target": "label", "epochs": 1, "model": "lstm", "learning_rate": 1e-4}, {"target": "label"}, seed=104),
    RunFault("run: learning rate too high", "picture", _pictures, ("learning-rate-high",),
             {"learning_rate": 10.0, "optimizer": "sgd", "epochs": 6}, {"epochs": 6}, seed=105),
)  # fmt: skip
