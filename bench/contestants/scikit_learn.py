"""scikit-learn's MLPClassifier, an epoch a call of `partial_fit`, which shuffles and goes through batches itself."""

from typing import Any

import numpy as np

from bench.contestants._clock import Clock, main
from bench.contestants._work import LEARNING_RATE, SEED, Work


def train(work: Work, arrays: tuple[np.ndarray, ...], epochs: int, clock: Clock) -> Any:
    from sklearn.neural_network import MLPClassifier

    inputs, targets = arrays
    net = MLPClassifier(
        (256, 256), batch_size=work.batch_size, learning_rate_init=LEARNING_RATE, random_state=SEED, alpha=0.0
    )
    classes = np.unique(targets)
    for _ in range(epochs):
        net.partial_fit(inputs, targets, classes=classes)
        clock.step()
        clock.epoch()


if __name__ == "__main__":
    main(train)
