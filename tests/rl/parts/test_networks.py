"""Choices have the probabilities that they say, and what is running converges to what is."""

import numpy as np
import pytest
import torch
from torch.distributions import Categorical, Normal

from deepglass.rl.envs import Box, Discrete
from deepglass.rl.parts.networks import Choice, body, bounded
from deepglass.rl.parts.normalize import RewardScale, RunningNorm


def test_a_choice_among_actions_is_that_of_pytorch():
    choice, logits = Choice(4, Discrete(3)), torch.randn(6, 3)
    actions, judge = torch.tensor([0, 1, 2, 0, 1, 2]), Categorical(logits=logits)
    assert torch.allclose(choice.log_prob(logits, actions), judge.log_prob(actions))
    assert torch.allclose(choice.entropy(logits), judge.entropy())
    drawn = choice.sample(logits[:1].expand(4_000, 3), torch.Generator().manual_seed(0))
    assert torch.allclose(drawn.bincount(minlength=3) / 4_000, judge.probs[0], atol=0.03)


def test_a_choice_of_numbers_is_that_of_pytorch():
    choice, mean = Choice(4, Box((-1.0, -1.0), (1.0, 1.0))), torch.randn(5, 2)
    with torch.no_grad():
        choice.log_deviation[:] = torch.tensor([0.3, -0.7])
    judge, actions = Normal(mean, choice.log_deviation.exp()), torch.randn(5, 2)
    assert torch.allclose(choice.log_prob(mean, actions), judge.log_prob(actions).sum(dim=1))
    assert torch.allclose(choice.entropy(mean), judge.entropy().sum(dim=1))
    assert bounded(mean * 100, Box((-1.0, -1.0), (1.0, 1.0))).max() == 1.0


def test_pictures_and_vectors_become_features():
    assert body((5,), 8)(torch.zeros(2, 5)).shape == (2, 8)
    assert body((4, 3), 8)(torch.zeros(2, 4, 3)).shape == (2, 8)
    assert body((17, 12, 3), 8)(torch.zeros(2, 17, 12, 3, dtype=torch.uint8)).shape == (2, 8)


def test_running_moments_are_those_of_all_that_was_seen():
    rng, norm = np.random.default_rng(0), RunningNorm((3,))
    batches = [rng.normal(2.0, 5.0, (size, 3)) for size in (1, 4, 30)]
    for batch in batches:
        norm.update(batch)
    rows = np.concatenate(batches)
    assert norm.mean.numpy() == pytest.approx(rows.mean(axis=0))
    assert norm.variance.numpy() == pytest.approx(rows.var(axis=0))
    there = norm(torch.from_numpy(rows).float()).numpy()
    assert there == pytest.approx((rows - rows.mean(axis=0)) / rows.std(axis=0), abs=1e-4)
    off = RunningNorm((3,), is_on=False)
    off.update(rows)
    assert (off(torch.ones(1, 3)) == 1).all()


def test_rewards_are_scaled_by_the_deviation_of_their_returns_and_keep_their_sign():
    scale, rng = RewardScale(4, 0.5), np.random.default_rng(0)
    for _ in range(500):
        scaled = scale(rng.normal(0, 100, 4), np.zeros(4, bool))
    assert 0.5 < np.abs(scaled).mean() < 1.5
    reward = np.array([100.0, -100.0, 0.0, 50.0])
    assert (np.sign(scale(reward, np.ones(4, bool))) == np.sign(reward)).all()
    assert (scale.returns == 0).all()
    assert (RewardScale(4, 0.5, is_on=False)(reward, np.zeros(4, bool)) == reward).all()


def test_the_first_rewards_all_alike_do_not_explode():
    assert abs(RewardScale(4, 0.99)(np.ones(4), np.zeros(4, bool))).max() < 10
