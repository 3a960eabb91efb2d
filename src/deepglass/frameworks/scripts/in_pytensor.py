# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = ["pytensor==3.0.7"]
# ///
"""PyTensor, in which Theano lives on: first a graph of symbols, then a function that is compiled from it.

Nothing here computes while the network is written down. `grad` writes a larger graph, `function` simplifies the whole
and makes a function of it; weights are shared variables, and a step is a list of what replaces what.
"""

import numpy as np
import pytensor
import pytensor.tensor as pt
from exchange import MOMENTUM, RATE, answer, batches

MODE = (
    "FAST_COMPILE"  # calls NumPy; the default compiles with Numba, which takes minutes for networks as small as these
)


def mlp(w, x):
    hidden = pt.maximum(x @ w["0.weight"].T + w["0.bias"], 0)
    return hidden @ w["2.weight"].T + w["2.bias"]


def convolve(x, weight, bias, stride):
    """(B, C, H, W) → (B, out, H / stride, W / stride), written as nine products: one for each place of the kernel."""
    side = x.shape[2]
    padded = pt.zeros((x.shape[0], x.shape[1], side + 2, side + 2), x.dtype)[:, :, 1:-1, 1:-1].set(x)
    total = 0
    for i in range(3):
        for j in range(3):
            seen = padded[:, :, i : i + side : stride, j : j + side : stride]
            total = total + pt.tensordot(seen, weight[:, :, i, j], axes=[[1], [1]])  # (B, H, W, out)
    return pt.maximum(total + bias, 0).transpose(0, 3, 1, 2)


def cnn(w, x):
    x = convolve(x.reshape((-1, 1, 8, 8)), w["1.weight"], w["1.bias"], 1)
    x = convolve(x, w["3.weight"], w["3.bias"], 2)
    return x.reshape((-1, 256)) @ w["6.weight"].T + w["6.bias"]


def gru(w, x):
    rows, h = x.reshape((-1, 8, 8)), pt.zeros((x.shape[0], 16), x.dtype)
    for t in range(8):  # the graph has all eight steps; `pytensor.scan` would keep one
        given = rows[:, t] @ w["gru.weight_ih_l0"].T + w["gru.bias_ih_l0"]  # (B, 48)
        kept = h @ w["gru.weight_hh_l0"].T + w["gru.bias_hh_l0"]
        reset, update = (pt.sigmoid(given[:, k : k + 16] + kept[:, k : k + 16]) for k in (0, 16))
        h = (1 - update) * pt.tanh(given[:, 32:] + reset * kept[:, 32:]) + update * h
    return h @ w["head.weight"].T + w["head.bias"]


class Learner:
    def __init__(self, network, weights):
        self.w = {name: pytensor.shared(w, name) for name, w in weights.items()}
        x, y = pt.matrix("x", dtype=self.w[next(iter(self.w))].dtype), pt.lvector("y")
        logits = {"mlp": mlp, "cnn": cnn, "gru": gru}[network](self.w, x)
        loss = -pt.special.log_softmax(logits, axis=1)[pt.arange(y.shape[0]), y].mean()
        gradients = pytensor.grad(loss, list(self.w.values()))
        updates = {}
        for w, g in zip(self.w.values(), gradients):
            v = pytensor.shared(np.zeros_like(w.get_value()))
            updates[v] = pt.cast(MOMENTUM * v + g, v.dtype)
            updates[w] = pt.cast(w - RATE * updates[v], w.dtype)
        self.outputs = pytensor.function([x], logits, mode=MODE)
        self.gradient = pytensor.function([x, y], gradients, mode=MODE)
        self.step = pytensor.function([x, y], loss, updates=updates, mode=MODE)

    def gradients(self, x, y):
        return dict(zip(self.w, self.gradient(x, y)))

    def learn(self, x, y):
        for some, classes in batches(x, y):
            self.step(some, classes)

    def weights(self):
        return {name: w.get_value() for name, w in self.w.items()}


if __name__ == "__main__":
    answer(Learner, "pytensor", "pytensor")
