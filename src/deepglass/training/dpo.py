"""DPO: learn from which of two answers somebody preferred, without a reward model and without any sampling.

    r(x, y) = β · (log π(y|x) − log π₀(y|x))          the reward that the policy π stands for, beside the reference π₀
    L = − log σ( r(x, chosen) − r(x, rejected) )      Bradley and Terry's model of who wins a comparison

The policy that earns most of a reward r and pays β for each nat of KL divergence from π₀ is π ∝ π₀ · exp(r / β). Turned
round, every policy is the best one for some reward: the one above. So the pairs can teach the policy itself.

With no reference given, π₀ counts as the same for every answer and cancels; what remains wants the likelihood of the
chosen answers beside it, or nothing keeps the language (CPO).

References:
    Rafailov et al. (2023), Direct Preference Optimization, https://arxiv.org/abs/2305.18290 (equation 7)
    Mitchell (2023), A note on DPO with noisy preferences, https://ericmitchell.ai/cdpo.pdf (`flipped`)
    Xu et al. (2024), Contrastive Preference Optimization, https://arxiv.org/abs/2401.08417
    Pal et al. (2024), Smaug, https://arxiv.org/abs/2402.13228 (why both answers may become less likely)
"""

import torch.nn.functional as F
from torch import Tensor

from deepglass.data.token_windows import IGNORED


def answer_log_probs(logits: Tensor, targets: Tensor) -> Tensor:
    """log π(y|x): the sum of the log-probabilities of the tokens of each answer.

    Args:
        logits: Of the next token, at every place.
        targets: The next token where it belongs to the answer, -100 elsewhere.

    Shape:
        - logits: (B, T, V)
        - targets: (B, T)
        - output: (B,)
    """
    nats = F.cross_entropy(logits.float().transpose(1, 2), targets, reduction="none", ignore_index=IGNORED)  # (B, T)
    return -nats.sum(dim=1)


def rewards(policy: Tensor, reference: Tensor, beta: float) -> Tensor:
    """β · (log π − log π₀), of whatever shape."""
    return beta * (policy - reference)


def losses(policy: Tensor, reference: Tensor, beta: float, flipped: float = 0.0) -> Tensor:
    """What each pair costs, in nats.

    Args:
        policy: log π of the chosen and of the rejected answer.
        reference: log π₀ of both; zeros where there is no reference.
        beta: Above 0: what a nat of divergence from the reference costs. Small values let the policy go far.
        flipped: In [0, 0.5): how often whoever chose is taken to have meant the other answer.

    Shape:
        - policy, reference: (B, 2)
        - output: (B,)

    Example:
        >>> import torch
        >>> pair, start = torch.tensor([[-2.0, -5.0]]), torch.tensor([[-3.0, -3.0]])
        >>> float(losses(pair, start, beta=0.5).round(decimals=4))  # log(1 + exp(-0.5 · (1 + 2)))
        0.2014
    """
    margin = rewards(policy, reference, beta).diff(dim=1).squeeze(1).neg()  # (B,) chosen minus rejected
    return -(1 - flipped) * F.logsigmoid(margin) - flipped * F.logsigmoid(-margin)
