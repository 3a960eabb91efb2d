"""Many nets side by side learn as each of them would alone."""

import numpy as np
import pytest
import torch

from deepglass.glass.foundations.many_rates import errors_by_rate, first


@pytest.fixture
def clouds():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 240)
    X = (np.eye(3)[y] + 0.6 * rng.normal(size=(240, 3))).astype(np.float32)
    return (X[:120], y[:120]), (X[120:], y[120:])


def test_they_learn_as_one_does_in_pytorch(clouds):
    (X, y), (X_judge, y_judge) = clouds
    rng = np.random.default_rng(3)
    W, b, V, c = (torch.from_numpy(part).requires_grad_() for part in first(3, 5, 3, rng))
    optimizer = torch.optim.SGD([W, b, V, c], lr=0.3)
    wrong = []
    for _ in range(4):
        for rows in np.array_split(rng.permutation(120), 2):
            optimizer.zero_grad()
            scores = (torch.from_numpy(X[rows]) @ W + b).relu() @ V + c
            torch.nn.functional.cross_entropy(scores, torch.from_numpy(y[rows])).backward()
            optimizer.step()
        scores = (torch.from_numpy(X_judge) @ W + b).relu() @ V + c
        wrong.append(float((scores.argmax(1).numpy() != y_judge).mean()))
    found = errors_by_rate([0.01, 0.3, 1.0], 5, *clouds, epochs=4, seed=3)
    assert found.shape == (4, 3)
    np.testing.assert_allclose(found[:, 1], wrong, atol=1 / 120)
    assert found[-1, 1] < found[0, 1]


def test_one_that_diverges_does_not_disturb_the_others(clouds):
    alone = errors_by_rate([0.3], 5, *clouds, epochs=3)
    with np.errstate(all="ignore"):
        beside = errors_by_rate([1e30, 0.3], 5, *clouds, epochs=3)
    np.testing.assert_allclose(beside[:, 1], alone[:, 0], atol=1 / 120)
    assert beside[-1, 0] > 0.4
