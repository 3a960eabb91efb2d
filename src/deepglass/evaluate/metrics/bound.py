"""What examples cost by a bound of their likelihood, in nats, and the two parts of which it is the sum.

negative ELBO = reconstruction + KL ≥ −log p(x): no code can say an example with less, on average, than the model needs
for it. 1 nat is 1.44 bits. A model whose likelihood is known exactly has no KL.

Kingma & Welling (2014), Auto-Encoding Variational Bayes, https://arxiv.org/abs/1312.6114
"""

from typing import Any

import numpy as np

from deepglass.evaluate.intervals import percentile_interval, resampled_means
from deepglass.evaluate.scores import score


def scores(parts: dict[str, np.ndarray], seed: int = 0) -> dict[str, Any]:
    """The bound and both of its parts, with bootstrap intervals over the examples.

    Args:
        parts: "reconstruction" and "kl", (N,) nats each.
        seed: Of the bootstrap.

    Example:
        >>> scores({"reconstruction": np.array([3.0, 5.0]), "kl": np.array([1.0, 1.0])})["negative_elbo"]["value"]
        5.0
    """
    both = np.stack([parts["reconstruction"] + parts["kl"], parts["reconstruction"], parts["kl"]], axis=1)
    means = resampled_means(both.astype(np.float64), seed=seed)
    named = ("negative_elbo", "reconstruction", "kl")
    values = both.mean(axis=0, dtype=np.float64)
    return {name: score(values[place], percentile_interval(means[:, place])) for place, name in enumerate(named)}
