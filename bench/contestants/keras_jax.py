"""Keras 3 on JAX: the same layers, compiled by XLA, pictures with the channels last as Keras likes them."""

import os
from typing import Any

import numpy as np

from bench.contestants._clock import Clock, main
from bench.contestants._work import LEARNING_RATE, Work

os.environ["KERAS_BACKEND"] = "jax"


def train(work: Work, arrays: tuple[np.ndarray, ...], epochs: int, clock: Clock) -> Any:
    import keras

    class ClockCallback(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            clock.step()

        def on_epoch_end(self, epoch, logs=None):
            clock.epoch()

    inputs, targets = arrays
    if inputs.ndim == 4:
        inputs = np.ascontiguousarray(inputs.transpose(0, 2, 3, 1))
    model = keras_model(work.name)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.Adam(LEARNING_RATE), loss=loss)
    model.fit(inputs, targets, batch_size=work.batch_size, epochs=epochs, verbose=0, callbacks=[ClockCallback()])


def keras_model(name: str) -> Any:
    """The network of a race in Keras."""
    from keras import Sequential, layers

    match name:
        case "LeNet":
            return Sequential([
                layers.Conv2D(32, 3, padding="same", activation="relu"), layers.MaxPooling2D(2),
                layers.Conv2D(64, 3, padding="same", activation="relu"), layers.MaxPooling2D(2),
                layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dense(10),
            ])  # fmt: skip
        case "MLP":
            return Sequential(
                [layers.Dense(256, activation="relu"), layers.Dense(256, activation="relu"), layers.Dense(7)]
            )
        case "GRU":
            return Sequential([layers.Embedding(1_000, 64), layers.GRU(128), layers.Dense(2)])
    raise KeyError(name)


if __name__ == "__main__":
    main(train)
