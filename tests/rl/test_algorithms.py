"""Every algorithm: repeatable, its seeds apart, resumed to the bit, and one update as computed by hand."""

import copy

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from deepglass.core import catalogue
from deepglass.rl.parts.returns import advantages
from deepglass.rl.running import checkpoint, settings
from tests.rl.small import ALGORITHMS, learner

every_algorithm = pytest.mark.parametrize("algorithm", ALGORITHMS)


def weights(one):
    return torch.cat([tensor.flatten().double() for tensor in one.policy.state_dict().values()])


def walk(one, rounds, start=0):
    return [one.iterate((start + i) / 40) for i in range(rounds)]


def test_every_algorithm_of_the_folder_is_tried_here():
    assert sorted(settings.algorithms()) == ALGORITHMS
    for name in ALGORITHMS:
        lines = catalogue.path_of("rl", name).read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 200
        assert all(setting.help for setting in settings.algorithm_settings(name))


@every_algorithm
def test_seeds_of_learner_and_world_are_apart_and_both_are_honoured(algorithm):
    found = {}
    for seed, env_seed in ((0, 0), (0, 1), (1, 0)):
        one = learner(algorithm, seed, env_seed)
        found[seed, env_seed] = weights(one), one.env.reset()
        walk(one, 6)
        found[seed, env_seed] += (weights(one),)
    first, again = found[0, 0], learner(algorithm)
    again.env.reset()
    walk(again, 6)
    assert (weights(again) == first[2]).all()
    assert (found[0, 1][0] == first[0]).all()  # the same weights in another world
    assert (found[0, 1][1] != first[1]).any()
    assert (found[1, 0][1] == first[1]).all()  # other weights in the same world
    assert (found[1, 0][0] != first[0]).any()
    assert not any((other[2] == first[2]).all() for key, other in found.items() if key != (0, 0))


@every_algorithm
@pytest.mark.parametrize("rounds", [1, 9])
def test_a_restored_learner_goes_on_to_the_bit(algorithm, rounds, tmp_path):
    whole = learner(algorithm)
    walk(whole, rounds)
    torch.save(checkpoint.state_of(whole), tmp_path / "state.pt")
    after = walk(whole, 12, rounds)
    restored = learner(algorithm, seed=5, env_seed=6)
    walk(restored, 3)
    checkpoint.restore(restored, torch.load(tmp_path / "state.pt", weights_only=True))
    assert walk(restored, 12, rounds) == after
    assert (weights(restored) == weights(whole)).all()
    assert restored.env.steps_taken == whole.env.steps_taken


def test_an_attribute_that_nobody_can_keep_is_an_error():
    one = learner("ppo")
    one.notes = {"a": 1}
    with pytest.raises(TypeError, match="notes is a dict"):
        checkpoint.state_of(one)


@every_algorithm
def test_an_update_changes_the_policy_and_not_what_a_copy_keeps(algorithm):
    one = learner(algorithm)
    before = copy.deepcopy(one.policy.state_dict())
    losses = walk(one, 10)
    assert all(loss is None or np.isfinite(loss) for loss in losses)
    assert losses[-1] is not None
    assert any((before[name] != tensor).any() for name, tensor in one.policy.state_dict().items())


# -- one update by hand ---------------------------------------------------------------------------------------------


def test_targets_of_dqn_by_hand():
    one = learner("dqn", double=True, normalize=False)
    walk(one, 12)
    batch = one.replay.sample(4, np.random.default_rng(0), n=3, gamma=0.9)
    following = torch.from_numpy(batch.next_observation)
    with torch.no_grad():
        chosen, valued = one.network(following), one.target(following)
    for double in (True, False):
        one.config = one.config.__class__(**{**vars(one.config), "double": double})
        by_hand = [
            (1 - one.config.gamma) * batch.reward[i]
            + batch.discount[i] * float(valued[i][(chosen if double else valued)[i].argmax()])
            for i in range(4)
        ]
        assert one.targets(batch).numpy() == pytest.approx(by_hand, abs=1e-6)


def test_a_duelling_network_is_value_plus_advantage_without_its_mean():
    dueling, plain = (learner("dqn", dueling=choice).network for choice in (True, False))
    seen = torch.randn(5, 4)
    features = dueling.body(dueling.norm(seen))
    advantage = dueling.advantage(features)
    expected = dueling.value(features) + advantage - advantage.mean(dim=1, keepdim=True)
    assert torch.equal(dueling(seen), expected)
    assert torch.equal(plain(seen), plain.advantage(plain.body(plain.norm(seen))))


def test_the_target_network_follows_slowly_and_the_update_is_one_step_of_adam():
    one = learner("dqn", tau=0.25, clip_gradient=1e9)
    walk(one, 8)
    twin = copy.deepcopy(one.network)
    optimizer = torch.optim.Adam(twin.parameters(), fused=True)
    optimizer.load_state_dict(copy.deepcopy(one.optimizer.state_dict()))
    optimizer.param_groups[0]["lr"] = 0.01
    slow = [p.clone() for p in one.target.parameters()]
    batch = one.replay.sample(4, np.random.default_rng(0), n=3)
    target = one.targets(batch)
    value = twin(torch.from_numpy(batch.observation))[torch.arange(4), torch.from_numpy(batch.action)]
    optimizer.zero_grad()
    F.smooth_l1_loss(value, target).backward()
    optimizer.step()
    one.update(batch, 0.01)
    for ours, theirs in zip(one.network.parameters(), twin.parameters(), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-6)
    for now, before, fast in zip(one.target.parameters(), slow, one.network.parameters(), strict=True):
        assert torch.allclose(now, 0.75 * before + 0.25 * fast, atol=1e-6)


def test_surprise_becomes_priority():
    one = learner("dqn", prioritized=True)
    walk(one, 12)
    batch = one.replay.sample(4, np.random.default_rng(0), n=3)
    with torch.no_grad():
        value = one.network(torch.from_numpy(batch.observation))[torch.arange(4), torch.from_numpy(batch.action)]
        surprise = (one.targets(batch) - value).abs().numpy()
    one.update(batch, 0.0)
    last = {int(i): s for i, s in zip(batch.index, surprise, strict=True)}
    for index, size in last.items():
        assert one.replay.priorities[np.array([index])][0] == pytest.approx((size + 1e-3) ** 0.6, rel=1e-4)


def batch_of(one, count=6):
    generator = torch.Generator().manual_seed(3)
    seen = torch.randn(count, *one.env.observation_shape, generator=generator)
    actions = torch.randint(0, 2, (count,), generator=generator)
    advantage, target = torch.randn(2, count, generator=generator)
    return seen, actions, advantage, target


def test_the_loss_of_a2c_by_hand():
    one = learner("a2c", entropy=0.1, value_weight=0.5)
    seen, actions, advantage, target = batch_of(one)
    logs = one.policy(seen).log_softmax(dim=1)
    chosen = logs[torch.arange(6), actions]
    entropy = -(logs.exp() * logs).sum(dim=1).mean()
    by_hand = -(chosen * advantage).mean() + 0.5 * (one.critic(seen) - target).pow(2).mean() - 0.1 * entropy
    assert one.update(seen, actions, advantage, target, 0.0) == pytest.approx(float(by_hand.detach()), abs=1e-6)


def test_the_loss_of_ppo_by_hand_and_the_clip_takes_the_gradient_away():
    one = learner("ppo", entropy=0.0, value_weight=0.0)
    seen, actions, advantage, target = batch_of(one)
    now = one.policy.choice.log_prob(one.policy(seen), actions).detach()
    old = now - torch.tensor([0.5, 0.5, -0.5, -0.5, 0.01, 0.0])  # ratios of e^0.5, e^-0.5, nearly 1
    loss = one.update(seen, actions, old, advantage, target, clip=0.2, learning_rate=0.0)
    scaled = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    ratio = (now - old).exp()
    terms = [min(float(w * a), float(np.clip(w, 0.8, 1.2) * a)) for w, a in zip(ratio, scaled, strict=True)]
    assert loss == pytest.approx(-np.mean(terms), abs=1e-5)
    one.update(
        seen[:2], actions[:2], now[:2] - torch.tensor([0.5, -0.5]), torch.tensor([1.0, -1.0]), target[:2], 0.2, 0
    )
    assert all(p.grad is None or not p.grad.any() for p in one.policy.parameters())


def test_ppo_learns_from_the_advantages_of_its_walk():
    one, seen = learner("ppo", num_passes=1, batch_size=64), {}
    one.update = lambda *batch, **more: seen.update(batch=batch) or 0.0
    twin = learner("ppo", num_passes=1, batch_size=64)
    observations, _, following, rewards, terminated, ended = twin.play()
    with torch.no_grad():
        values, after = (twin.critic(torch.from_numpy(x.reshape(32, 4))).numpy() for x in (observations, following))
    values, after = values.reshape(16, 2), after.reshape(16, 2)
    better = advantages(rewards, values, after, terminated, ended, one.config.gamma, one.config.gae_lambda)
    one.iterate(0.0)
    assert np.sort(seen["batch"][3].numpy()) == pytest.approx(np.sort(better.ravel()), abs=1e-5)


def test_the_loss_of_reinforce_by_hand():
    one = learner("reinforce", baseline=False)
    seen, actions, returns, _ = batch_of(one)
    chosen = one.policy.choice.log_prob(one.policy(seen), actions)
    by_hand = -(chosen * returns / (returns.std() + 1e-8)).mean()
    assert one.update(seen, actions, returns, 1.0) == pytest.approx(float(by_hand.detach()), abs=1e-6)


def test_targets_of_sac_by_hand():
    one = learner("sac")
    walk(one, 12)
    batch = one.replay.sample(4, np.random.default_rng(0), gamma=0.9)
    state = one.generator.get_state()
    found = one.targets(batch, alpha=0.3)
    one.generator.set_state(state)
    following = torch.from_numpy(batch.next_observation)
    with torch.no_grad():
        action, log_prob = one.policy.sample(following, one.generator)
        both = one.target(following, action)
    by_hand = torch.from_numpy(batch.reward) + torch.from_numpy(batch.discount) * (both.min(dim=0)[0] - 0.3 * log_prob)
    assert torch.allclose(found, by_hand, atol=1e-5)


def test_actions_of_sac_lie_inside_and_their_density_is_that_of_a_squashed_normal():
    from torch.distributions import AffineTransform, Normal, TanhTransform, TransformedDistribution

    one, seen = learner("sac"), torch.randn(50, 3)
    action, log_prob = one.policy.sample(seen, torch.Generator().manual_seed(0))
    assert action.abs().max() <= 2.0
    features = one.policy.body(seen)
    normal = Normal(one.policy.mean(features), one.policy.log_deviation(features).clamp(-5, 2).exp())
    judge = TransformedDistribution(normal, [TanhTransform(), AffineTransform(0.0, 2.0)])
    inside = action.abs()[:, 0] < 1.9  # where the judge does not lose digits
    assert torch.allclose(judge.log_prob(action)[inside, 0], log_prob[inside], atol=1e-3)


def test_targets_of_td3_by_hand():
    one = learner("td3")
    walk(one, 12)
    with torch.no_grad():  # far enough from each other for the hand to notice which is asked
        for slow, fast in ((one.slow_policy, one.policy), (one.target, one.critics)):
            for p in (*slow.parameters(), *fast.parameters()):
                p.add_(0.3 * torch.randn_like(p))
    batch = one.replay.sample(4, np.random.default_rng(0), gamma=0.9)
    state = one.generator.get_state()
    found = one.targets(batch)
    one.generator.set_state(state)
    following = torch.from_numpy(batch.next_observation)
    with torch.no_grad():
        mean = 2.0 * torch.tanh(one.slow_policy.mean(one.slow_policy.body(following)))  # torques from -2 to 2
        noise = (0.2 * torch.randn(4, 1, generator=one.generator)).clamp(-0.5, 0.5)
        given = torch.cat([following, (mean + 2.0 * noise).clamp(-2, 2)], dim=1)
        both = torch.stack([critic(given)[:, 0] for critic in one.target.both])
    by_hand = torch.from_numpy(batch.reward) + torch.from_numpy(batch.discount) * both.min(dim=0)[0]
    assert torch.allclose(found, by_hand, atol=1e-5)


def test_noise_of_td3_is_cut_at_its_limit_and_actions_stay_inside():
    one, seen = learner("td3"), torch.randn(400, 3)
    with torch.no_grad():
        action = one.policy(seen)
        near = one.policy.near(seen, 5.0, 0.25, torch.Generator().manual_seed(0))
        wild = one.policy.near(seen, 5.0, float("inf"), torch.Generator().manual_seed(0))
    assert float((near - action).abs().max()) == pytest.approx(0.25 * 2.0, abs=1e-6)
    assert float(wild.abs().max()) == 2.0


def test_an_update_of_td3_is_one_step_of_adam_and_the_actor_waits_for_its_turn():
    one = learner("td3", tau=0.25, policy_delay=2)
    while one.updates < 3:
        one.iterate(0.0)
    policy, critics, target = (copy.deepcopy(part) for part in (one.policy, one.critics, one.target))
    optimizers = [torch.optim.Adam(part.parameters(), fused=True) for part in (policy, critics)]
    for twin, ours in zip(optimizers, (one.optimizer, one.critic_optimizer), strict=True):
        twin.load_state_dict(copy.deepcopy(ours.state_dict()))
        twin.param_groups[0]["lr"] = 0.01
    batch = one.replay.sample(4, np.random.default_rng(0), gamma=0.9)
    seen, action = torch.from_numpy(batch.observation), torch.from_numpy(batch.action)
    state = one.generator.get_state()
    wanted = one.targets(batch)
    one.generator.set_state(state)
    loss = sum((value - wanted).pow(2).mean() for value in critics(seen, action))
    optimizers[1].zero_grad()
    loss.backward()
    optimizers[1].step()
    optimizers[0].zero_grad()
    (-critics(seen, policy(seen))[0].mean()).backward()
    optimizers[0].step()
    assert one.update(batch, 0.01) == pytest.approx(float(loss.detach()), abs=1e-6)  # the fourth: the actor's turn
    for ours, theirs in ((one.policy, policy), (one.critics, critics)):
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.allclose(a, b, atol=1e-6)
    for now, before, fast in zip(one.target.parameters(), target.parameters(), critics.parameters(), strict=True):
        assert torch.allclose(now, 0.75 * before + 0.25 * fast, atol=1e-6)
    frozen = weights(one)
    one.update(batch, 0.01)  # the fifth: the critics alone
    assert (weights(one) == frozen).all()
