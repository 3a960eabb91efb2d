"""Boxes and detections of chance, as detectors make them: near misses, repetitions, inventions, equal scores."""

import numpy as np


def made(seed, pictures=None, classes=None, states=(0, 0, 0, 2)):
    """Predictions (N, 40, 6), targets (N, 12, 6) and the number of classes."""
    rng = np.random.default_rng(seed)
    count, classes = pictures or int(rng.integers(1, 8)), classes or int(rng.integers(1, 4))
    targets, predictions = np.full((count, 12, 6), -1.0), np.zeros((count, 40, 6))
    for i in range(count):
        n = int(rng.integers(0, 12))
        corners = rng.integers(0, 50, (n, 2)).astype(float)
        ends = corners + rng.integers(1, 30, (n, 2))
        targets[i, :n] = np.column_stack([corners, ends, rng.integers(0, classes, n), rng.choice(states, n)])
        for j in range(int(rng.integers(0, 40))):
            box, label = _guess(rng, targets[i, :n], classes)
            sure = rng.choice([rng.random(), round(rng.random(), 1) + 0.01])
            predictions[i, j] = [*box, sure, label]
    return predictions, targets, classes


def _guess(rng, truth, classes):
    if len(truth) and rng.random() < 0.7:
        of = truth[rng.integers(len(truth))]
        box = of[:4] + rng.integers(-4, 5, 4) * (rng.random() < 0.8)
        box[2:] = np.maximum(box[2:], box[:2] + 1)
        return box, of[4] if rng.random() < 0.9 else rng.integers(classes)
    corner = rng.integers(0, 50, 2)
    return [*corner, *(corner + rng.integers(1, 30, 2))], rng.integers(classes)
