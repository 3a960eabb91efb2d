"""When is a network the answer? A line, a tree and a small net, side by side on the same rows.

The line gives every column a weight and adds up. The tree asks one column after the other. The net makes new columns
first: of a picture, where there is which stroke (LeCun et al., 1998, https://doi.org/10.1109/5.726791). On a table,
whose columns mean something already, that gains nothing; on pictures it does.
"""

import numpy as np

from .. import nn
from ..classic.decision_tree import DecisionTreeClassifier
from ..nn import functional as F
from ..ops.random import manual_seed, randperm
from ..optim import AdamW
from ..tensor import tensor


def compare(X, y, X_test, y_test, image_size=None, seed=0):
    """Shares of the test rows that each of the three learners gets right.

    Args:
        X: Rows to learn from (n_samples, n_features), columns on one scale.
        y: Their classes, 0 … K − 1.
        X_test, y_test: Rows that none of them has seen.
        image_size: (H, W) if a row is a picture, for which the net begins with a convolution.
        seed: Of the weights that the line and the net begin with.

    Returns:
        {"line": share, "tree": share, "net": share}.
    """
    y, y_test = np.asarray(y), np.asarray(y_test)
    num_features, num_classes = np.shape(X)[1], int(y.max()) + 1
    manual_seed(seed)
    line = nn.Linear(num_features, num_classes)
    answers = {
        "line": predict(train(line, X, y, learning_rate=0.02), X_test),
        "tree": DecisionTreeClassifier().fit(X, y).predict(X_test),
        "net": predict(train(small_net(num_features, num_classes, image_size), X, y), X_test),
    }
    return {name: float((answer == y_test).mean()) for name, answer in answers.items()}


def small_net(num_features, num_classes, image_size=None, width=24):
    """One hidden layer: of convolutions over a picture, of ordinary neurons over a table."""
    if image_size is None:
        return nn.Sequential(nn.Linear(num_features, 128), nn.ReLU(), nn.Linear(128, num_classes))
    H, W = image_size
    return nn.Sequential(
        nn.Unflatten(1, (1, H, W)),
        nn.Conv2d(1, width, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),  # (B, width, H/2, W/2)
        nn.Flatten(),
        nn.Linear(width * (H // 2) * (W // 2), num_classes),
    )


def train(model, X, y, learning_rate=0.01, epochs=16, batch_size=32):
    """Cross-entropy, downhill, with AdamW; no setting is tuned to the data, for any of them."""
    optimizer = AdamW(model.parameters(), lr=learning_rate, weight_decay=0.05)
    inputs, targets = tensor(np.asarray(X, dtype=np.float32)), tensor(y)
    for _ in range(epochs):
        for batch in randperm(len(X)).split(batch_size):
            loss = F.cross_entropy(model(inputs[batch]), targets[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


def predict(model, X):
    """The class with the largest logit."""
    return model(tensor(np.asarray(X, dtype=np.float32))).argmax(1).numpy()
