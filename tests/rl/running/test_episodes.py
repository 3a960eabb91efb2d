"""Episodes are counted whole, each copy its share."""

import numpy as np

from deepglass.rl.envs import Discrete, Simulated
from deepglass.rl.running.episodes import at_random, play


class Clock(Simulated):
    """Copy i ends after i + 1 steps; each step is worth 1."""

    observation_shape = (1,)
    actions = Discrete(2)
    max_steps = 100

    def begin(self, count):
        return np.zeros((1, count))

    def advance(self, actions):
        self.physics = self.physics + 1
        return np.ones(self.num_envs), self.physics[0] >= np.arange(self.num_envs) + 1

    def observe(self, physics):
        return physics.T.astype(np.float32)


def test_short_episodes_are_not_preferred():
    env = Clock(4)
    played = play(at_random(env, 0), env, 10)
    assert sorted(played.returns) == [1, 1, 1, 2, 2, 2, 3, 3, 4, 4]
    assert (played.returns == played.lengths).all()


def test_one_episode_of_many_copies():
    env = Clock(3)
    assert play(at_random(env, 0), env, 1).returns.tolist() == [1.0]


def test_which_episodes_reached_their_goal():
    class Patient(Clock):
        def at_goal(self):
            return self.physics[0] >= 2  # copies that live that long

    env = Patient(4)
    assert play(at_random(env, 0), env, 8).reached.tolist() == [False, False, True, True, True, True, True, True]
    env = Clock(4)
    assert play(at_random(env, 0), env, 8).reached is None
