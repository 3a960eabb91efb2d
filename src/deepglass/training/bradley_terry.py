"""Bradley and Terry's model of comparisons: the farther scores lie apart, the surer the higher one wins.

    P(a beats b) = σ(s(a) − s(b))          L = − mean log σ(s(chosen) − s(rejected))

Only differences count: the same number added to all scores changes nothing. A reward model is a network whose score is
fitted in this way to what people preferred. It knows what the comparisons say, flaws of those who compared included.

References:
    Bradley & Terry (1952), Rank Analysis of Incomplete Block Designs, https://doi.org/10.2307/2334029
    Christiano et al. (2017), Deep reinforcement learning from human preferences, https://arxiv.org/abs/1706.03741
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from deepglass.core.errors import OptionError

STEPS = 200  # of L-BFGS at most; a few dozen reach the minimum


def loss(chosen: Tensor, rejected: Tensor) -> Tensor:
    """The mean surprise at who won, in nats; ln 2 where nothing is known.

    Shape:
        - chosen, rejected: (B,) scores
        - output: ()

    Example:
        >>> float(loss(torch.tensor([1.0]), torch.tensor([1.0])).round(decimals=4))
        0.6931
    """
    return -F.logsigmoid(chosen - rejected).mean()


def fit_linear(chosen: np.ndarray, rejected: np.ndarray, penalty: float) -> np.ndarray:
    """The weights w of a score s = w·x that fit the comparisons best: a convex problem with one solution.

    Args:
        chosen: What is known of the winner of each comparison.
        rejected: The same of the loser.
        penalty: Above 0: of ½·|w|² beside the summed loss; without it weights of what always wins would never end.

    Shape:
        - chosen, rejected: (n, D)
        - output: (D,)

    Raises:
        OptionError: If the penalty is not above 0.
    """
    if not penalty > 0:
        raise OptionError(f"expected a penalty above 0, got {penalty}")
    difference = torch.from_numpy(np.asarray(chosen, np.float64) - np.asarray(rejected, np.float64))
    weights = torch.zeros(difference.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=STEPS, tolerance_grad=1e-9, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        total = -F.logsigmoid(difference @ weights).sum() + penalty / 2 * weights.square().sum()
        total.backward()
        return total

    optimizer.step(closure)
    return weights.detach().numpy()
