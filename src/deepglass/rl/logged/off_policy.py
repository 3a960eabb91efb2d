"""Off-policy evaluation: what would another policy have earned, by a log of what this one did?

    w = π(a|x) / p                     how much more often the other policy would have done what was done
    direct method      mean q(x, π(x))                              right if the reward model is
    IPS                mean w·r                                     right if the propensities are; varies much
    self-normalised    Σ w·r / Σ w                                  a little biased, varies less
    doubly robust      mean q(x, π(x)) + w·(r − q(x, a))            right if either is

Weights of rare actions are huge, and a mean that hangs on a few decisions has an interval that nobody should believe:
weights are cut at √n by default, and the *effective sample size* (Σw)² / Σw² says how many decisions count.

References:
    Horvitz & Thompson (1952), A Generalization of Sampling Without Replacement, https://doi.org/10.2307/2280784
    Dudík, Langford & Li (2011), Doubly Robust Policy Evaluation and Learning, https://arxiv.org/abs/1103.4601
    Swaminathan & Joachims (2015), The Self-Normalized Estimator for Counterfactual Learning,
    https://papers.nips.cc/paper/5748
    Ionides (2008), Truncated Importance Sampling, https://doi.org/10.1198/106186008X320456 (√n)
"""

from dataclasses import dataclass

import numpy as np

from deepglass.core.errors import DataError, OptionError
from deepglass.evaluate.intervals import normal_quantile
from deepglass.rl.logged.contextual_bandit import RewardModel
from deepglass.rl.logged.log import Log


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Evaluation:
    """What another policy would have earned per decision.

    Attributes:
        estimates: By method. The interval of the direct method knows nothing of the errors of its reward model.
        logged: What was earned by the policy of the log.
        effective: How many decisions count.
        cut: How many weights were cut.
        largest: The weight at which they were.
    """

    estimates: dict[str, Estimate]
    logged: Estimate
    effective: float
    cut: int
    largest: float


def evaluate(log: Log, actions: np.ndarray, model: RewardModel, largest: float | None = None) -> Evaluation:
    """Judge a policy by decisions that neither it nor the reward model was fitted to.

    Args:
        log: The decisions.
        actions: (n,) what the policy would have done in each of them.
        model: Of what actions earn.
        largest: Weight at which larger ones are cut, above 0; √n where nothing is said.

    Raises:
        OptionError: If `largest` is not above 0.
        DataError: If the policy never does what was done: then the log says nothing of it.
    """
    if largest is not None and not largest > 0:
        raise OptionError(f"expected a largest weight above 0, got {largest:g}")
    agrees = actions == log.actions
    if not agrees.any():
        raise DataError(
            f"in none of the {len(log):,} decisions does the policy do what was done: the log says nothing of it; "
            "give more decisions, or a policy nearer to that of the log"
        )
    largest, q, rows = largest or float(np.sqrt(len(log))), model.predict(log.contexts), np.arange(len(log))
    whole = agrees / log.propensities
    w = np.minimum(whole, largest)
    direct = q[rows, actions]
    ratio = (w * log.rewards).sum() / w.sum()
    return Evaluation(
        estimates={
            "direct method": _mean(direct),
            "IPS": _mean(w * log.rewards),
            "self-normalised IPS": _mean(ratio + w * (log.rewards - ratio) / w.mean()),  # the delta method
            "doubly robust": _mean(direct + w * (log.rewards - q[rows, log.actions])),
        },
        logged=_mean(log.rewards),
        effective=float(w.sum() ** 2 / (w**2).sum()),
        cut=int((whole > largest).sum()),
        largest=largest,
    )


def _mean(values: np.ndarray) -> Estimate:
    """The mean with its interval by the central limit theorem."""
    value, half = float(values.mean()), normal_quantile() * float(values.std(ddof=1)) / np.sqrt(len(values))
    return Estimate(value, value - half, value + half)


def halves(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the decisions that learn, and of those that judge."""
    order = np.random.default_rng(seed).permutation(count)
    return order[: count // 2], order[count // 2 :]
