# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = ["mxnet==1.9.1", "numpy==1.23.5"]
# ///
"""MXNet: Gluon's blocks run at once, and `hybridize` turns them into a graph of symbols.

Amazon's framework of 2016; its last release is of 2022, the Apache project was retired in 2023. It runs where NumPy is
held back: `np.bool` is gone from NumPy 1.24 on, and without the pin the import fails.
"""

import mxnet as mx
from exchange import MOMENTUM, RATE, answer, batches
from mxnet import autograd, gluon
from mxnet.gluon import nn


class Rows(gluon.HybridBlock):
    """Eight rows of a picture are eight steps of a sequence; what is remembered after the last one decides."""

    def __init__(self):
        super().__init__()
        with self.name_scope():
            self.gru = gluon.rnn.GRU(16, layout="NTC", input_size=8)  # gates: reset, update, new, as in PyTorch
            self.head = nn.Dense(10, in_units=16)

    def hybrid_forward(self, F, x):
        seen = self.gru(F.reshape(x, (-1, 8, 8)))  # (B, T, 16)
        return self.head(F.squeeze(F.slice_axis(seen, axis=1, begin=7, end=8), axis=1))


def build(network):
    if network == "gru":
        return Rows()
    net = nn.HybridSequential()
    if network == "mlp":
        net.add(nn.Dense(32, activation="relu", in_units=64), nn.Dense(10, in_units=32))
    else:
        net.add(
            nn.HybridLambda(lambda F, x: F.reshape(x, (-1, 1, 8, 8))),  # (B, C, H, W)
            nn.Conv2D(8, 3, padding=1, activation="relu", in_channels=1),
            nn.Conv2D(16, 3, strides=2, padding=1, activation="relu", in_channels=8),
            nn.Flatten(), nn.Dense(10, in_units=256),
        )  # fmt: skip
    return net


class Learner:
    def __init__(self, network, weights):
        self.net = build(network)
        self.net.initialize()
        self.own = dict(zip(weights, self.net.collect_params().values()))  # both lists go through the net in order
        for name, parameter in self.own.items():
            parameter.set_data(mx.nd.array(weights[name]))
        self.net.hybridize()
        self.loss = gluon.loss.SoftmaxCrossEntropyLoss()  # one per example: the trainer divides by their number
        self.trainer = gluon.Trainer(list(self.own.values()), "sgd", {"learning_rate": RATE, "momentum": MOMENTUM})

    def outputs(self, x):
        return self.net(mx.nd.array(x)).asnumpy()

    def backward(self, x, y):
        with autograd.record():
            loss = self.loss(self.net(x), y)
        loss.backward()

    def gradients(self, x, y):
        self.backward(mx.nd.array(x), mx.nd.array(y))
        return {name: parameter.grad().asnumpy() / len(x) for name, parameter in self.own.items()}

    def learn(self, x, y):
        for some, classes in batches(mx.nd.array(x), mx.nd.array(y)):
            self.backward(some, classes)
            self.trainer.step(len(some))
        mx.nd.waitall()  # calls return before they have computed

    def weights(self):
        return {name: parameter.data().asnumpy() for name, parameter in self.own.items()}


if __name__ == "__main__":
    answer(Learner, "mxnet", "mxnet")
