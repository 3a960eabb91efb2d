"""The gradient of the policy: right on average on a bandit, and what a baseline and a critic do to how it varies."""

import numpy as np
import pytest
import torch

from deepglass.rl.envs import Discrete, Simulated
from deepglass.rl.reinforce import Config, Learner

MEANS = np.array([1.0, 2.0, 4.0])


class Bandit(Simulated):
    """Three arms, one step; rewards vary by 1 around their means."""

    observation_shape = (1,)
    actions = Discrete(3)
    max_steps = 1

    def begin(self, count):
        return np.zeros((1, count))

    def advance(self, actions):
        return MEANS[actions] + self.rng.normal(size=self.num_envs), np.ones(self.num_envs, bool)

    def observe(self, physics):
        return np.ones((physics.shape[1], 1), np.float32)


def learner(baseline):
    config = Config(num_envs=16, hidden_dim=4, baseline=baseline, normalize=False)
    one = Learner(Bandit(16, seed=0), config, seed=0)
    with torch.no_grad():
        one.policy.choice.layer.bias[:] = torch.tensor([0.5, 0.0, -0.5])
    return one


def exact(one):
    """∇ Σ π(a) μ(a) for the biases of the logits: π (μ − Σ π μ)."""
    with torch.no_grad():
        shares = one.policy(torch.ones(1, 1)).softmax(dim=1)[0].numpy()
    return shares * (MEANS - shares @ MEANS)


def estimates(one, count, baseline):
    """The gradient of REINFORCE for the biases, from batches of 16 episodes each, (count, 3)."""
    found = []
    for _ in range(count):
        seen, actions, rewards, counts, _ = one.play()
        assert counts.all()
        one.optimizer.zero_grad()
        log_prob = one.policy.choice.log_prob(one.policy(torch.from_numpy(seen[0])), torch.from_numpy(actions[0]))
        (log_prob * torch.from_numpy(rewards[0] - baseline).float()).mean().backward()
        found.append(one.policy.choice.layer.bias.grad.numpy().copy())
    return np.array(found)


@pytest.mark.parametrize("baseline", [0.0, 2.0, 50.0])
def test_the_estimate_is_right_on_average_whatever_the_baseline(baseline):
    one = learner(baseline=False)
    found = estimates(one, 600, baseline)
    error = found.std(axis=0) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - exact(one)) < 4 * error).all()


def test_a_baseline_near_the_value_makes_it_vary_less_and_a_bad_one_more():
    one = learner(baseline=False)
    spread = {b: float(estimates(one, 300, b).var(axis=0).sum()) for b in (0.0, 2.0, 50.0)}
    assert spread[2.0] < 0.6 * spread[0.0]
    assert spread[50.0] > 10 * spread[0.0]


def test_a_baseline_that_looks_at_the_action_is_wrong_on_average():
    one = learner(baseline=False)
    seen, actions, rewards, _, _ = one.play()
    bent = []
    for _ in range(300):
        seen, actions, rewards, _, _ = one.play()
        one.optimizer.zero_grad()
        log_prob = one.policy.choice.log_prob(one.policy(torch.from_numpy(seen[0])), torch.from_numpy(actions[0]))
        (log_prob * torch.from_numpy(rewards[0] - MEANS[actions[0]]).float()).mean().backward()
        bent.append(one.policy.choice.layer.bias.grad.numpy().copy())
    bent = np.array(bent)
    error = bent.std(axis=0) / np.sqrt(len(bent))
    assert (np.abs(bent.mean(axis=0) - exact(one)) > 4 * error).any()


def test_advantages_of_a_critic_vary_less_than_returns():
    """In a world of many random rewards: what the critic knows is taken out, later chance is cut short."""
    from deepglass.rl.parts.returns import advantages, discounted

    rng, T, N = np.random.default_rng(0), 50, 400
    rewards = 1 + rng.normal(size=(T, N))
    never = np.zeros((T, N), bool)
    values = np.repeat((1 - 0.99 ** np.arange(T, 0, -1)) / 0.01, N).reshape(T, N)  # what a right critic says
    following = np.concatenate([values[1:], np.zeros((1, N))])
    returns = discounted(rewards, never, 0.99)
    actor_critic = advantages(rewards, values, following, never, never, 0.99, 0.9)
    assert actor_critic[0].mean() == pytest.approx((returns - values)[0].mean(), abs=0.7)
    assert actor_critic[0].var() < 0.2 * (returns - values)[0].var()
    assert returns.var() > 5 * (returns - values).var()


def test_a_time_limit_counts_with_the_value_of_what_would_have_come():
    class Endless(Bandit):
        max_steps = 3

        def advance(self, actions):
            return np.ones(self.num_envs), np.zeros(self.num_envs, bool)

    one = Learner(Endless(2, seed=0), Config(num_envs=2, hidden_dim=4, gamma=0.5, normalize=False), seed=0)
    with torch.no_grad():
        one.critic.value.bias[:] = 8.0
        one.critic.value.weight[:] = 0.0
    _, _, rewards, counts, last = one.play()
    assert counts.all()
    assert rewards.tolist() == [[1, 1], [1, 1], [1 + 0.5 * 8, 1 + 0.5 * 8]]
    assert not last.any()
