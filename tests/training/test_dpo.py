"""DPO: the loss is that of the paper, its gradient too, and what is not an answer counts for nothing."""

import math

import numpy as np
import pytest
import torch

from deepglass.data.token_windows import IGNORED
from deepglass.training import dpo

BETA = 0.3


def pairs(seed=0, count=7):
    rng = np.random.default_rng(seed)
    return [torch.from_numpy(-rng.exponential(9, (count, 2))).requires_grad_() for _ in range(2)]


def by_hand(policy, reference, beta, flipped=0.0):
    """Equation 7 of Rafailov et al., term by term, and equation 3 of Mitchell's note."""
    found = []
    for (won, lost), (won_before, lost_before) in zip(policy.tolist(), reference.tolist(), strict=True):
        h = beta * (won - won_before) - beta * (lost - lost_before)
        wins = 1 / (1 + math.exp(-h))
        found.append(-(1 - flipped) * math.log(wins) - flipped * math.log(1 - wins))
    return found


@pytest.mark.parametrize("flipped", [0.0, 0.1, 0.4])
def test_the_loss_is_that_of_the_papers_to_the_last_digits(flipped):
    policy, reference = pairs()
    found = dpo.losses(policy, reference, BETA, flipped)
    assert found.tolist() == pytest.approx(by_hand(policy, reference, BETA, flipped), abs=1e-12)


def test_the_gradient_is_that_of_the_paper():
    """−β σ(r̂(rejected) − r̂(chosen)) · (∇ log π(chosen) − ∇ log π(rejected)): who is wrongly ranked weighs most."""
    policy, reference = pairs(1)
    dpo.losses(policy, reference, BETA).sum().backward()
    r = dpo.rewards(policy, reference, BETA).detach()
    weight = torch.sigmoid(r[:, 1] - r[:, 0])
    assert torch.allclose(policy.grad, BETA * torch.stack([-weight, weight], dim=1), atol=1e-12)


def test_at_the_reference_nothing_is_known_and_without_one_it_cancels():
    policy, _ = pairs(2)
    assert dpo.losses(policy, policy.detach(), BETA).tolist() == pytest.approx([math.log(2)] * len(policy))
    none, same = torch.zeros_like(policy), torch.full_like(policy, -17.0)
    assert torch.allclose(dpo.losses(policy, none, BETA), dpo.losses(policy, same, BETA))


def test_the_policy_of_the_least_loss_is_the_best_one_for_the_reward_of_the_comparisons():
    """π ∝ π₀ exp(r / β): where comparisons win as often as a reward says, its optimal policy has no slope left."""
    reference, reward = torch.tensor([0.5, 0.3, 0.2]).double(), torch.tensor([1.0, 0.0, -2.0]).double()
    best = reference * (reward / BETA).exp()
    logits = best.log().requires_grad_()
    loss = torch.zeros((), dtype=torch.float64)
    for a in range(3):
        for b in range(3):
            wins = torch.sigmoid(reward[a] - reward[b])  # so often a is chosen
            policy = logits.log_softmax(dim=0)[[a, b]][None]
            loss = loss + wins * dpo.losses(policy, reference.log()[[a, b]][None], BETA).sum()
    loss.backward()
    assert logits.grad.abs().max() < 1e-12


def test_the_probability_of_an_answer_is_the_product_of_those_of_its_tokens():
    torch.manual_seed(0)
    logits, targets = torch.randn(2, 5, 11), torch.randint(0, 11, (2, 5))
    targets[0, :2], targets[1, 3:] = IGNORED, IGNORED
    shares = logits.double().softmax(dim=2)
    for row, found in enumerate(dpo.answer_log_probs(logits, targets)):
        product = math.prod(float(shares[row, t, c]) for t, c in enumerate(targets[row].tolist()) if c != IGNORED)
        assert float(found) == pytest.approx(math.log(product), abs=1e-5)
