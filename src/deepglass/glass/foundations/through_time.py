"""Back-propagation through time, on one screen: a cell used again and again, and the blame of each of its uses.

    hₜ = tanh(W·xₜ + U·hₜ₋₁ + b)

One W, one U, one b, used T times: unrolled, that is a net of T layers which all share their weights. The blame walks
back through it as through any other, and a weight receives the sum over all its uses. The engine does the same for
whole batches at once in nn/functional/recurrent.py.

References:
    Elman (1990), Finding Structure in Time, https://doi.org/10.1207/s15516709cog1402_1
    Werbos (1990), Backpropagation Through Time, https://doi.org/10.1109/5.58337
    Williams and Peng (1990), truncated: An Efficient Gradient-Based Algorithm for On-Line Training of Recurrent Network
    Trajectories, https://doi.org/10.1162/neco.1990.2.4.490
"""

import numpy as np


def unroll(x, W, U, b, h0):
    """All states, the first one included.

    Shape:
        - x: (T, in), W: (H, in), U: (H, H), b: (H,), h0: (H,)
        - output: (T + 1, H)
    """
    states = [np.asarray(h0, dtype=float)]
    for x_t in x:
        states.append(np.tanh(W @ x_t + U @ states[-1] + b))
    return np.stack(states)


def blame_of_uses(states, U, direct, cuts=()):
    """The blame of each use of the cell: ∂L/∂(W·xₜ + U·hₜ₋₁ + b).

    Args:
        states: From `unroll`.
        U: The recurrent weights.
        direct: What each state is told by the losses themselves, ∂Lₜ/∂hₜ; zeros where nothing is asked.
        cuts: Uses behind which the blame is not followed any further (truncated back-propagation through time): the
            state before them is taken as given.

    Shape:
        - states: (T + 1, H), U: (H, H), direct: (T, H)
        - output: (T, H)
    """
    blame, arriving = np.zeros_like(direct), np.zeros_like(states[0])
    for t in reversed(range(len(direct))):
        arriving = arriving + direct[t]
        blame[t] = arriving * (1 - states[t + 1] ** 2)
        arriving = np.zeros_like(arriving) if t in cuts else U.T @ blame[t]
    return blame


def shares(blame, inputs):
    """What each use says of a weight: its blame times what the weight was multiplied with; their sum is the gradient.

    Shape:
        - blame: (T, H), inputs: (T, in): the x for W, the states before for U
        - output: (T, H, in)
    """
    return blame[:, :, None] * inputs[:, None, :]
