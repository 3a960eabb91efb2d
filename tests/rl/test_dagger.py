"""Cloning learns where the expert goes, DAgger where it goes itself: by hand, and what comes of it on the road."""

import numpy as np
import pytest
import torch

from deepglass.core.errors import OptionError
from deepglass.rl import cloning, dagger
from deepglass.rl.envs import car
from deepglass.rl.running import episodes, opening, settings
from tests.rl.small import learner


def test_the_loss_of_cloning_by_hand():
    one = learner("cloning")
    seen, told = torch.randn(6, 8), torch.randn(6, 2)
    by_hand = np.mean([(float(a) - float(b)) ** 2 for a, b in zip(one.policy(seen).ravel(), told.ravel(), strict=True)])
    assert one.update(seen, told, 0.0) == pytest.approx(by_hand, rel=1e-5)


def test_a_clone_watches_the_experts_way_and_dagger_its_own_with_the_experts_answers():
    ways = {}
    for name in ("cloning", "dagger"):
        one, judge = learner(name), car.Env(2, 0, max_steps=12)
        observation, policy = judge.reset(), None
        for round_ in range(3):
            if name == "dagger" and round_:
                policy = episodes.greedy(one.policy, one.env.actions)
            expected = []
            for _ in range(one.config.num_steps):
                told = judge.advice()
                expected.append((observation, told))
                observation = judge.step(told if policy is None else policy(observation)).observation
            one.iterate(0.0)
            seen, told = (np.concatenate(part) for part in zip(*expected, strict=True))
            assert one.seen[-8:] == pytest.approx(seen, abs=1e-6)
            assert one.told[-8:] == pytest.approx(told, abs=1e-6)
        assert len(one.seen) == len(one.told) == 3 * 8
        ways[name] = one.seen
    assert (ways["cloning"][:8] == ways["dagger"][:8]).all()  # the expert drives the first round of both
    assert (ways["cloning"][8:] != ways["dagger"][8:]).any()


def laps(policy):
    env = car.Env(60, (0, 99))
    return episodes.play(episodes.greedy(policy, env.actions), env, 60).reached.mean()


@pytest.mark.slow("trains two policies on 3,000 answers each")
def test_with_as_many_answers_dagger_leaves_the_road_less():
    shares = {}
    for module in (cloning, dagger):
        one = module.Learner(car.Env(10, (1, 0)), module.Config(), 1)
        for done in range(3):
            one.iterate(done / 3)
        shares[module.__name__.rpartition(".")[2]] = laps(one.policy)
    assert shares["dagger"] > 0.95
    assert shares["cloning"] < shares["dagger"] - 0.1


@pytest.mark.parametrize("name", ["cloning", "dagger"])
def test_a_world_without_an_expert_is_refused_and_not_told_of_who_needs_one(name):
    env = opening.world_named("Pendulum-v1").make(1, (0, 0), None)
    with pytest.raises(OptionError, match=f"--model {name} learns from an expert, and Pendulum-v1 has none"):
        settings.decide(env, name, {})
    assert name not in settings.decide(env, None, {}).guesses[0].why
    with_expert = opening.world_named("Car-v0:noise=0.1").make(1, (0, 0), None)
    assert settings.decide(with_expert, name, {}).model == name
