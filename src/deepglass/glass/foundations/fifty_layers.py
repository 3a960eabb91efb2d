"""Fifty layers with and without the identity: two nets with the same weights that differ by one plus sign.

A plain block hands on f(x), a residual one x + f(x). What fifty plain layers make of a picture is hard to tell apart
from what they make of any other, and no learning rate mends it; with the sum, whatever the layers do, x is still there
(He et al., 2015, Deep Residual Learning for Image Recognition, https://arxiv.org/abs/1512.03385).
"""

import numpy as np

from .. import nn
from ..autograd import no_grad
from ..nn import functional as F
from ..ops.random import manual_seed
from ..optim import SGD
from ..tensor import tensor


class Block(nn.Module):
    """y = relu(s·x + f(x)), f two layers with batch normalisation; s is 1 in a residual net and 0 in a plain one."""

    def __init__(self, width, shortcut=1.0):
        super().__init__()
        self.shortcut = shortcut
        self.linear1, self.norm1 = nn.Linear(width, width), nn.BatchNorm1d(width)
        self.linear2, self.norm2 = nn.Linear(width, width), nn.BatchNorm1d(width)

    def forward(self, x):
        y = F.relu(self.norm1(self.linear1(x)))
        y = self.norm2(self.linear2(y))
        return F.relu(self.shortcut * x + y)


def build(depth, shortcut=1.0, width=24, inputs=64, classes=10, seed=0):
    """A net of `depth` layers with weights: one into the width, blocks of two, one to the classes.

    The same seed gives the same weights with and without a shortcut.

    Args:
        depth: An even number from 4.
        shortcut: What x is multiplied with before it is added: 1 residual, 0 plain.
        width: Of every layer between.
        inputs: Numbers of a picture.
        classes: Answers.
        seed: Of the weights.
    """
    manual_seed(seed)
    blocks = [Block(width, shortcut) for _ in range(depth // 2 - 1)]
    net = nn.Sequential(nn.Linear(inputs, width), nn.ReLU(), *blocks, nn.Linear(width, classes))
    for layer in net.modules():
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return net


def train(net, X, y, learning_rate=0.03, steps=60, batch_size=128, seed=0):
    """Gradient descent with momentum; the losses, step by step."""
    optimizer, rng = SGD(net.parameters(), lr=learning_rate, momentum=0.9), np.random.default_rng(seed)
    inputs, targets, losses = tensor(np.asarray(X, dtype=np.float32)), tensor(np.asarray(y)), []
    for _ in range(steps):
        batch = rng.choice(len(X), batch_size, replace=False)
        optimizer.zero_grad()
        loss = F.cross_entropy(net(inputs[batch]), targets[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return np.array(losses)


def blame(net, X, y):
    """Size of the gradient at what enters every block (num_blocks,), and what it would be at the last one's end."""
    x, targets = tensor(np.asarray(X, dtype=np.float32)), tensor(np.asarray(y))
    values = []
    for layer in net:
        x = layer(x)
        x.retain_grad()
        values.append(x)
    F.cross_entropy(x, targets).backward()
    return np.array([float((value.grad**2).mean() ** 0.5) for value in values[1:-1]])


def kept(net, X, y):
    """For what enters every block and leaves the last: how often the nearest other picture is of the same class.

    A net that has mixed all pictures up is right as often as chance.
    """
    x, shares = tensor(np.asarray(X, dtype=np.float32)), []
    with no_grad():
        for layer in list(net)[:-1]:
            x = layer(x)
            shares.append(neighbours_agree(x.numpy(), np.asarray(y)))
    return np.array(shares[1:])


def neighbours_agree(X, y):
    """The share of rows whose nearest other row has the same class."""
    far = ((X[:, None] - X[None]) ** 2).sum(2)
    np.fill_diagonal(far, np.inf)
    return float((y[far.argmin(1)] == y).mean())
