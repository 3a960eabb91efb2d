"""Games of two networks: a collapse and what removes it, on the ring of eight; digits that get better with training.

    python -m bench.games
    python -m bench.games --only collapse --seeds 0

collapse: 1,000 turns of a game whose discriminator is too weak (minimax loss, no penalty, 0.3 of the generator's
learning rate), and the same with one thing changed. "places" are those of eight at which points are made in the end,
"near" is the share of points near one, "on_the_way" are the places after every 100 turns. Nothing is averaged over
turns or chosen among them: a training of the product does both.

digits: 1,000 pictures by the pair of networks on the bundled 8x8 digits, untrained, after half as long a training, and
after the whole one, beside the test part. "kid" is in the features of a network of 64 hidden units that tells the
digits of the training part apart (scikit-learn's, with one seed for all), "kid_of_pixels" in the pixels, as a report
has it. "real" is the same between the halves of the test part, "independent_pixels" what luck reaches. "nearest" is the
mean distance to the nearest training picture, of what was made and of the test part: copies would be far nearer.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.neural_network import MLPClassifier
from tests.tasks.played import WEAK, played

import deepglass as dg
from bench import records
from deepglass.core import label_pictures
from deepglass.data.config import DataConfig
from deepglass.data.datasets import digits
from deepglass.evaluate.intervals import percentile_interval
from deepglass.evaluate.kernel_distance import distances_of_halves, kernel_distances
from deepglass.evaluate.metrics import pictures, samples
from deepglass.evaluate.scores import score
from deepglass.rivals import bernoulli_mixture
from deepglass.tasks.generation import Task
from deepglass.zoo import architectures

RESULTS = Path(__file__).resolve().parent / "results" / "games.json"
TURNS, MADE, HIDDEN = 1000, 1000, 64
EPOCHS = {"half": 75, "whole": 150}  # of nine steps
OPTIONS = {"gradient_penalty": 1.0, "hidden_dim": 128}
MIDDLE, WHITE = 127.5, 255.0  # of brightness
WAYS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "full rate": {"discriminator_rate": 1.0},
    "three steps": {"discriminator_steps": 3},
    "gradient penalty": {"gradient_penalty": 10.0},
    "spectral norm": {"spectral_norm": True},
    "other loss": {"gan_loss": "non-saturating"},
}


def collapse(seed: int) -> Iterator[records.Record]:
    """The same game ill, and with each cure alone."""
    for way, change in WAYS.items():
        before = records.processor_seconds()
        seen = list(played(seed, TURNS, **WEAK | change))
        places, near = seen[-1]
        found = {"places": places, "near": near, "on_the_way": [each for each, _ in seen]}
        spent = round(records.processor_seconds() - before, 1)
        yield {"data": "gaussian-ring", "seed": seed, "way": way, **found, "cpu_seconds": spent}


def made_digits(seed: int) -> Iterator[records.Record]:
    """An untrained generator, one of half a training, and one of a whole."""
    for stage in ("untrained", *EPOCHS):
        before = records.processor_seconds()
        made, learnt, labels, test = made_after(stage, seed)
        spent = round(records.processor_seconds() - before, 1)
        network = MLPClassifier((HIDDEN,), max_iter=300, random_state=0).fit(learnt / WHITE, labels)
        alone = WHITE * bernoulli_mixture.fit(learnt / WHITE, 1).sample(len(test), seed)
        features = [activations(network, rows) for rows in (made, test, alone)]
        near = {"made": pictures.nearest_of(made, learnt), "real": pictures.nearest_of(test, learnt)}
        yield {
            "data": "digits",
            "seed": seed,
            "stage": stage,
            "kid": interval(kernel_distances(features[0], features[1])),
            "real": interval(distances_of_halves(features[1])),
            "independent_pixels": interval(kernel_distances(features[2], features[1])),
            "kid_of_pixels": interval(kernel_distances(*samples.standardised(made, test, one_unit=True))),
            "nearest": {name: float(found[1].mean()) for name, found in near.items() if found},
            "cpu_seconds": spent,
        }


def made_after(stage: str, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What is made (n, 64), the pictures of the training and their labels, and those of the test, zeros and white."""
    data = digits.load()
    rows = WHITE * (data.pixels.reshape(len(data), -1) > MIDDLE)  # type: ignore[union-attr]
    with tempfile.TemporaryDirectory() as folder:
        if stage == "untrained":
            torch.manual_seed(seed)
            task = Task(DataConfig(), seed=seed)
            task.model = "gan"
            ids = task.prepare(data).ids["test"]
            model = architectures.load("gan", **task.dims, hidden_dim=OPTIONS["hidden_dim"])
            found = list(task.generate(model, MADE, seed))
        else:
            trained = {"model": "gan", "epochs": EPOCHS[stage], "seed": seed, "threads": 1, **OPTIONS}
            run = dg.train("digits", task="generation", run=Path(folder) / "run", **trained)
            found, ids = list(run.generate(count=MADE, seed=seed)), run.folder.read_outputs()["ids"]
    made = np.stack([label_pictures.from_uri(one["picture"]).reshape(-1) for one in found]).astype(float)
    learnt = np.setdiff1d(np.arange(len(rows)), ids)
    return made, rows[learnt], data.labels[learnt], rows[ids]  # type: ignore[index]


def activations(network: MLPClassifier, rows: np.ndarray) -> np.ndarray:
    """(N, 64) of its hidden units."""
    return np.maximum(rows / WHITE @ network.coefs_[0] + network.intercepts_[0], 0)


def interval(found: np.ndarray) -> dict[str, float | None]:
    """The mean of subsets, and the middle 95 % of them."""
    return score(found.mean(), percentile_interval(found))


if __name__ == "__main__":
    records.measure_parts(RESULTS, {"collapse": collapse, "digits": made_digits}, __doc__ or "")
