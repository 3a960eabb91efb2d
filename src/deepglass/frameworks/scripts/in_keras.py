# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["keras==3.15.1", "jax==0.10.2", "numpy==2.4.6", "jax2onnx==0.17.1", "onnxruntime==1.31.1"]
# ///
"""Keras: layers, and one training loop for all; what computes below is TensorFlow, JAX or PyTorch. Here it is JAX.

A compiled model learns by `fit`. Gradients are not Keras' business: they are asked of what computes. What Keras
exports here is ONNX, which onnxruntime runs without any of them.
"""

import os

os.environ["KERAS_BACKEND"] = "jax"  # before the import: it cannot be changed afterwards

import tempfile

import jax
import keras
import numpy as np
import onnxruntime
from exchange import BATCH, MOMENTUM, RATE, answer
from keras import layers

GATES = [1, 0, 2]  # Keras has update, reset, new; PyTorch reset, update, new


def build(network):
    body = {
        "mlp": [layers.Dense(32, "relu", name="0"), layers.Dense(10, name="2")],
        "cnn": [
            layers.Reshape((8, 8, 1)), layers.ZeroPadding2D(1),  # (B, H, W, C); "same" would pad (0, 1) at stride 2
            layers.Conv2D(8, 3, activation="relu", name="1"), layers.ZeroPadding2D(1),
            layers.Conv2D(16, 3, 2, activation="relu", name="3"),
            layers.Permute((3, 1, 2)), layers.Flatten(), layers.Dense(10, name="6"),  # flattened as (C, H, W)
        ],
        "gru": [layers.Reshape((8, 8)), layers.GRU(16, reset_after=True, name="gru"), layers.Dense(10, name="head")],
    }  # fmt: skip
    return keras.Sequential([keras.Input((64,)), *body[network]])


def to_keras(w):
    """Kernels (out, in, H, W) → (H, W, in, out), matrices (out, in) → (in, out)."""
    return w.transpose(2, 3, 1, 0) if w.ndim == 4 else w.T


def to_pytorch(w):
    """And back."""
    return w.transpose(3, 2, 0, 1) if w.ndim == 4 else w.T


def reordered(w):
    """The last axis with its first two gates exchanged, which also undoes it."""
    return w.reshape(*w.shape[:-1], 3, 16)[..., GATES, :].reshape(w.shape)


class Learner:
    def __init__(self, network, weights):
        self.net, self.names = build(network), list(weights)
        self.net.set_weights(self.own(weights))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        self.net.compile(keras.optimizers.SGD(RATE, momentum=MOMENTUM), loss)
        fixed = [v.value for v in self.net.non_trainable_variables]  # of a GRU the seed of its dropout
        self.gradient = jax.jit(jax.grad(lambda w, x, y: loss(y, self.net.stateless_call(w, fixed, x)[0])))

    def own(self, weights):
        """The list that Keras keeps: the two biases of a GRU are one."""
        own = {name: to_keras(w) for name, w in weights.items()}
        if "gru.weight_ih_l0" in own:
            biases = np.stack([own.pop("gru.bias_ih_l0"), own.pop("gru.bias_hh_l0")])
            own = {"ih": own.pop("gru.weight_ih_l0"), "hh": own.pop("gru.weight_hh_l0"), "b": biases} | own
            own |= {name: reordered(own[name]) for name in ("ih", "hh", "b")}
        return list(own.values())

    def named(self, values):
        """And back, by PyTorch's names."""
        values = [np.asarray(value) for value in values]
        if "gru.weight_ih_l0" in self.names:
            values = [*map(reordered, values[:3]), *values[3:]]
            values = [values[0], values[1], *values[2], *values[3:]]
        return {name: to_pytorch(value) for name, value in zip(self.names, values)}

    def outputs(self, x):
        return self.net.predict(x, verbose=0)

    def gradients(self, x, y):
        return self.named(self.gradient([w.value for w in self.net.trainable_variables], x, y))

    def learn(self, x, y):
        self.net.fit(x, y, batch_size=BATCH, epochs=1, shuffle=False, verbose=0)

    def weights(self):
        return self.named(self.net.get_weights())

    def exported(self, x):
        with tempfile.TemporaryDirectory() as folder:
            self.net(x)  # "never called" is what it says otherwise
            self.net.export(f"{folder}/net.onnx", format="onnx", verbose=False)
            session = onnxruntime.InferenceSession(f"{folder}/net.onnx")
            return session.run(None, {session.get_inputs()[0].name: x})[0]


if __name__ == "__main__":
    answer(Learner, "keras", "keras")
