"""skorch: a NeuralNetClassifier without validation split."""

from typing import Any

import numpy as np

from bench.contestants._clock import Clock, main
from bench.contestants._work import LEARNING_RATE, Work, torch_model


def train(work: Work, arrays: tuple[np.ndarray, ...], epochs: int, clock: Clock) -> Any:
    import torch
    from skorch import NeuralNetClassifier
    from skorch.callbacks import Callback

    class ClockCallback(Callback):
        def on_batch_end(self, net, **_):
            clock.step()

        def on_epoch_end(self, net, **_):
            clock.epoch()

    net = NeuralNetClassifier(
        torch_model(work.name),
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        lr=LEARNING_RATE,
        batch_size=work.batch_size,
        max_epochs=epochs,
        train_split=None,
        iterator_train__shuffle=True,
        callbacks=[("clock", ClockCallback())],
        verbose=0,
    )
    net.fit(*arrays)


if __name__ == "__main__":
    main(train)
