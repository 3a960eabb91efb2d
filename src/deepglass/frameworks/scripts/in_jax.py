# /// script
# requires-python = ">=3.11"
# dependencies = ["jax==0.10.2", "numpy==2.4.6"]
# ///
"""JAX: functions of arrays, and functions that make functions of them.

A network is a function of weights and pictures. `grad` makes the function of its gradients, `jit` traces either once
and has XLA compile it. Nothing is ever changed in place: a step takes weights and gives new ones.
"""

import jax
import jax.numpy as jnp
from exchange import MOMENTUM, RATE, answer, batches
from jax import lax


def mlp(w, x):
    hidden = jax.nn.relu(x @ w["0.weight"].T + w["0.bias"])
    return hidden @ w["2.weight"].T + w["2.bias"]


def cnn(w, x):
    x = x.reshape(-1, 1, 8, 8)  # (B, C, H, W)
    for name, stride in (("1", 1), ("3", 2)):
        x = lax.conv_general_dilated(
            x, w[f"{name}.weight"], (stride, stride), [(1, 1), (1, 1)],  # "SAME" would pad (0, 1) where the stride is 2
            dimension_numbers=("NCHW", "OIHW", "NCHW"),
        )  # fmt: skip
        x = jax.nn.relu(x + w[f"{name}.bias"][:, None, None])
    return x.reshape(len(x), -1) @ w["6.weight"].T + w["6.bias"]


def gru(w, x):
    def step(h, row):  # (B, 16), (B, 8)
        given = jnp.split(row @ w["gru.weight_ih_l0"].T + w["gru.bias_ih_l0"], 3, axis=1)
        kept = jnp.split(h @ w["gru.weight_hh_l0"].T + w["gru.bias_hh_l0"], 3, axis=1)
        reset, update = (jax.nn.sigmoid(a + b) for a, b in zip(given[:2], kept[:2]))
        new = jnp.tanh(given[2] + reset * kept[2])
        return (1 - update) * new + update * h, None

    h, _ = lax.scan(step, jnp.zeros((len(x), 16), x.dtype), x.reshape(-1, 8, 8).swapaxes(0, 1))
    return h @ w["head.weight"].T + w["head.bias"]


class Learner:
    def __init__(self, network, weights):
        net = {"mlp": mlp, "cnn": cnn, "gru": gru}[network]

        def loss(w, x, y):
            return -jnp.take_along_axis(jax.nn.log_softmax(net(w, x)), y[:, None], axis=1).mean()

        def step(w, v, x, y):
            v = jax.tree.map(lambda v, g: MOMENTUM * v + g, v, jax.grad(loss)(w, x, y))
            return jax.tree.map(lambda w, v: w - RATE * v, w, v), v

        self.w = {name: jnp.asarray(value) for name, value in weights.items()}
        self.v = jax.tree.map(jnp.zeros_like, self.w)
        self.net, self.gradient, self.step = jax.jit(net), jax.jit(jax.grad(loss)), jax.jit(step)

    def outputs(self, x):
        return self.net(self.w, x)

    def gradients(self, x, y):
        return self.gradient(self.w, x, y)

    def learn(self, x, y):
        for some, classes in batches(x, y):
            self.w, self.v = self.step(self.w, self.v, some, classes)
        jax.block_until_ready(self.w)  # calls return before they have computed

    def weights(self):
        return self.w


if __name__ == "__main__":
    answer(Learner, "jax", "jax")
