"""How fast the glass engine trains beside PyTorch on the CPU: LeNet, an MLP and an LSTM.

Both engines run the same model code on the same data in one process. A measurement is a pair, glass and then PyTorch a
moment later, so that a machine that slows down slows both; the ratio is taken within the pair, the median over pairs.
Two whole trainings on the glass engine follow, three seeds each.

    OMP_NUM_THREADS=1 python -m bench.glass
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from bench.made_with import made_with
from deepglass import glass
from deepglass.core import files

RESULTS = Path(__file__).parent / "results" / "glass.json"
TRAININGS = (("digits", "--model", "lenet5", "--epochs", "30"), ("iris", "--model", "mlp"))
GOALS = {"LeNet": 0.5, "MLP": 0.5, "LSTM": 1 / 3}  # share of PyTorch's throughput


def lenet(engine):
    """LeNet-5 (LeCun et al. 1998) on 64 pictures of 28 × 28 pixels."""
    nn = engine.nn
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    )  # fmt: skip
    return model, (64, 1, 28, 28), 10


def mlp(engine):
    """Two hidden layers of 128 on 32 rows of 64 columns."""
    nn = engine.nn
    layers = (nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))
    return nn.Sequential(*layers), (32, 64), 10


def lstm(engine):
    """One LSTM of 64 units over 128 steps, 32 sequences of 16 values."""
    nn = engine.nn

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.head = nn.LSTM(16, 64, batch_first=True), nn.Linear(64, 5)

        def forward(self, x):
            return self.head(self.lstm(x)[0][:, -1])

    return Model(), (32, 128, 16), 5


WORK = {"LeNet": (lenet, 20), "MLP": (mlp, 200), "LSTM": (lstm, 10)}  # model, training steps in a measurement


def make_step(engine, make):
    """One step of training, forward, backward and Adam, as a function without arguments."""
    engine.manual_seed(0)
    model, shape, num_classes = make(engine)
    draw = np.random.default_rng(0)
    x = engine.tensor(draw.normal(size=shape).astype(np.float32))
    y = engine.tensor(draw.integers(0, num_classes, shape[0]))
    optimizer = engine.optim.Adam(model.parameters())
    loss_function = engine.nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad()
        loss = loss_function(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step, shape[0]


def measure(name, pairs):
    """Throughput of both engines in samples a second, and the ratio of each pair."""
    make, steps = WORK[name]
    (ours, batch_size), (theirs, _) = make_step(glass, make), make_step(torch, make)
    for warm_up in (ours, theirs):
        for _ in range(3):
            warm_up()
    rates = [
        (batch_size * steps / seconds(ours, steps), batch_size * steps / seconds(theirs, steps)) for _ in range(pairs)
    ]
    ratios = [a / b for a, b in rates]
    return {
        "glass_samples_per_second": statistics.median(a for a, _ in rates),
        "torch_samples_per_second": statistics.median(b for _, b in rates),
        "ratio": statistics.median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
        "goal": GOALS[name],
        "pairs": pairs,
        "steps": steps,
    }


def seconds(step, steps):
    started = time.perf_counter()
    for _ in range(steps):
        step()
    return time.perf_counter() - started


def train(source, *options):
    """The default command on the glass engine, a process of its own: accuracy and seconds of each seed."""
    scores, spent = [], []
    for seed in range(3):
        with tempfile.TemporaryDirectory() as folder:
            run = Path(folder) / "run"
            words = [source, *options, "--engine", "glass", "--seed", str(seed), "--run", str(run), "--quiet"]
            subprocess.run([sys.executable, "-m", "deepglass", "train", *words], check=True, capture_output=True)
            scores.append(json.loads((run / "metrics.json").read_text())["test"]["accuracy"]["value"])
            spent.append(json.loads((run / "environment.json").read_text())["seconds"]["training"])
    return {"accuracy": scores, "training_seconds": spent}


def hardware():
    """Processor, threads and versions: what a number means nothing without."""
    return made_with() | {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=7, help="measurements of each model, at least 5 (default 7)")
    parser.add_argument("--json", type=Path, default=RESULTS, help=f"where the results go (default {RESULTS})")
    options = parser.parse_args()
    if options.pairs < 5:
        parser.error(f"--pairs: expected at least 5 for a median worth its name, got {options.pairs}")
    machine = hardware()
    print(" · ".join(f"{name} {value}" for name, value in machine.items()))
    print(f"{'model':8}{'glass/s':>10}{'torch/s':>10}{'ratio':>8}{'spread':>14}{'goal':>7}")
    results = {}
    for name in WORK:
        r = results[name] = measure(name, options.pairs)
        rates = f"{r['glass_samples_per_second']:>10.0f}{r['torch_samples_per_second']:>10.0f}"
        print(f"{name:8}{rates}{r['ratio']:>8.2f}{r['ratio_min']:>8.2f}-{r['ratio_max']:.2f}{r['goal']:>8.2f}")
    trainings = {" ".join(words): train(*words) for words in TRAININGS}
    for words, r in trainings.items():
        print(f"{words}: accuracy {min(r['accuracy']):.3f} at worst, {max(r['training_seconds']):.1f} s at most")
    files.write_json(options.json, {"hardware": machine, "results": results, "trainings": trainings})


if __name__ == "__main__":
    main()
