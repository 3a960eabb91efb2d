"""What forecasts the next step of a price from the last few: a line, or a small network.

Both are learnt anew as time goes on, from what has happened until then.
"""

from collections.abc import Callable

import numpy as np

Forecast = Callable[[np.ndarray], np.ndarray]  # (n, K) last steps → (n,) the next one
RIDGE = 1e-3  # of the mean square of the inputs, so that equal columns can be solved
HIDDEN, ROUNDS, RATE = 16, 40, 0.02  # of the network: more rounds learn the past by heart
MOST_ROWS = 3000  # that it learns from, evenly spread: it is learnt anew dozens of times


def linear(X: np.ndarray, y: np.ndarray, seed: int) -> Forecast:
    """Least squares, hardly held back.

    Args:
        X: (n, K) inputs; y: (n,) what came next.
        seed: Nothing is drawn.
    """
    A = np.column_stack([np.ones(len(X)), X])
    penalty = RIDGE * len(A) * np.diag([0.0, *np.mean(X**2, axis=0)])
    weights = np.linalg.solve(A.T @ A + penalty, A.T @ y)
    return lambda new: np.column_stack([np.ones(len(new)), new]) @ weights


def network(X: np.ndarray, y: np.ndarray, seed: int) -> Forecast:
    """One hidden layer of 16 units.

    Args:
        X: (n, K) inputs; y: (n,) what came next.
        seed: Of its first weights.
    """
    import torch
    from torch import nn

    spread = np.linspace(0, len(X) - 1, min(len(X), MOST_ROWS)).astype(int)
    X, y = X[spread], y[spread]
    scale_x, scale_y = X.std() or 1.0, y.std() or 1.0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = nn.Sequential(nn.Linear(X.shape[1], HIDDEN), nn.Tanh(), nn.Linear(HIDDEN, 1))
    inputs, targets = (torch.from_numpy(part).float() for part in (X / scale_x, y[:, None] / scale_y))
    optimizer = torch.optim.Adam(model.parameters(), RATE)
    for _ in range(ROUNDS):
        optimizer.zero_grad()
        nn.functional.mse_loss(model(inputs), targets).backward()
        optimizer.step()

    def forecast(new: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return model(torch.from_numpy(new / scale_x).float())[:, 0].double().numpy() * scale_y

    return forecast


FORECASTERS = {"linear": linear, "network": network}
