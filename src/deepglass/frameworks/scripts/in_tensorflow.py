# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["tensorflow-cpu==2.21.0 ; sys_platform == 'linux'", "tensorflow==2.21.0 ; sys_platform != 'linux'"]
# ///
"""TensorFlow: variables, a tape that is asked for, and graphs that are traced from Python.

`tf.function` runs a Python function once with symbols, keeps the graph, and from then on runs the graph. Pictures are
(B, H, W, C) and kernels (H, W, in, out), as TensorFlow has them where nothing else is said.
"""

import tensorflow as tf
from exchange import MOMENTUM, RATE, answer, batches

FLAT = (4, 4, 16)  # what the last layer of the CNN sees, (H, W, C); PyTorch flattens it as (C, H, W)


def mlp(w, x):
    hidden = tf.nn.relu(x @ w["0.weight"] + w["0.bias"])
    return hidden @ w["2.weight"] + w["2.bias"]


def cnn(w, x):
    x, padded = tf.reshape(x, (-1, 8, 8, 1)), [[0, 0], [1, 1], [1, 1], [0, 0]]  # "SAME" would pad (0, 1) at stride 2
    x = tf.nn.relu(tf.nn.conv2d(x, w["1.weight"], 1, padded) + w["1.bias"])
    x = tf.nn.relu(tf.nn.conv2d(x, w["3.weight"], 2, padded) + w["3.bias"])
    return tf.reshape(x, (-1, 256)) @ w["6.weight"] + w["6.bias"]


def gru(w, x):
    x, h = tf.reshape(x, (-1, 8, 8)), tf.zeros((tf.shape(x)[0], 16), x.dtype)
    for t in range(8):  # unrolled into the graph
        given = tf.split(x[:, t] @ w["gru.weight_ih_l0"] + w["gru.bias_ih_l0"], 3, axis=1)
        kept = tf.split(h @ w["gru.weight_hh_l0"] + w["gru.bias_hh_l0"], 3, axis=1)
        reset, update = (tf.sigmoid(a + b) for a, b in zip(given[:2], kept[:2]))
        h = (1 - update) * tf.tanh(given[2] + reset * kept[2]) + update * h
    return h @ w["head.weight"] + w["head.bias"]


def to_tensorflow(name, w):
    """Kernels (out, in, H, W) → (H, W, in, out), matrices (out, in) → (in, out)."""
    if name == "6.weight":
        w = w.reshape(10, 16, 4, 4).transpose(0, 2, 3, 1).reshape(10, 256)
    return w.transpose(2, 3, 1, 0) if w.ndim == 4 else w.T


def to_pytorch(name, w):
    """And back."""
    w = w.transpose(3, 2, 0, 1) if w.ndim == 4 else w.T
    return w.reshape(10, *FLAT).transpose(0, 3, 1, 2).reshape(10, 256) if name == "6.weight" else w


class Learner:
    def __init__(self, network, weights):
        self.w = {name: tf.Variable(to_tensorflow(name, w)) for name, w in weights.items()}
        self.v = {name: tf.Variable(tf.zeros_like(w)) for name, w in self.w.items()}
        self.net = {"mlp": mlp, "cnn": cnn, "gru": gru}[network]

    @tf.function
    def outputs(self, x):
        return self.net(self.w, x)

    @tf.function
    def gradient(self, x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, self.net(self.w, x)))
        return tape.gradient(loss, self.w)

    def gradients(self, x, y):
        return {name: to_pytorch(name, g.numpy()) for name, g in self.gradient(x, y).items()}

    @tf.function
    def step(self, x, y):
        for name, g in self.gradient(x, y).items():
            self.v[name].assign(MOMENTUM * self.v[name] + g)
            self.w[name].assign_sub(RATE * self.v[name])

    def learn(self, x, y):
        for some, classes in batches(tf.constant(x), tf.constant(y)):
            self.step(some, classes)

    def weights(self):
        return {name: to_pytorch(name, w.numpy()) for name, w in self.w.items()}


if __name__ == "__main__":
    answer(Learner, "tensorflow", "tensorflow-cpu")
