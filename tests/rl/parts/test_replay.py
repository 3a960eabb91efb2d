"""Memory: the sum tree against cumulative sums, several steps against a loop, priorities and their weights."""

import numpy as np
import pytest

from deepglass.rl.envs import Step
from deepglass.rl.parts.replay import Replay
from deepglass.rl.parts.sum_tree import SumTree


def test_the_sum_tree_finds_what_cumulative_sums_find():
    rng, tree, numbers = np.random.default_rng(0), SumTree(13), np.zeros(13)
    for _ in range(20):
        where = rng.integers(0, 13, 5)
        values = rng.random(5) * (rng.random(5) < 0.7)
        tree.set(where, values)
        numbers[where] = values
        sums = rng.random(50) * numbers.sum() * 0.999999
        assert tree.total == pytest.approx(numbers.sum())
        assert (tree.find(sums) == np.searchsorted(np.cumsum(numbers), sums, side="right")).all()
    assert (tree[np.arange(13)] == numbers).all()


def test_a_tree_of_one():
    tree = SumTree(1)
    tree.set(np.array([0]), 2.0)
    assert tree.total == 2.0
    assert tree.find(np.array([0.0, 1.9])).tolist() == [0, 0]


def filled(steps, capacity=100, num_envs=2, seed=0, **more):
    """A memory of a walk in which every number says where it is from."""
    rng, replay, walk = np.random.default_rng(seed), Replay(capacity, num_envs, **more), []
    for t in range(steps):
        seen = np.array([[10 * t + i] for i in range(num_envs)], np.float32)
        terminated = rng.random(num_envs) < 0.15
        truncated = (rng.random(num_envs) < 0.15) & ~terminated
        step = Step(seen + 10, rng.normal(size=num_envs), terminated, truncated, seen + 5)
        replay.add(seen, rng.integers(0, 2, num_envs), step)
        walk.append(step)
    return replay, walk


@pytest.mark.parametrize("n", [1, 3, 5])
@pytest.mark.parametrize("steps", [12, 70])
def test_rewards_of_several_steps_are_those_of_a_loop(n, steps):
    replay, walk = filled(steps, capacity=60)
    batch = replay.sample(200, np.random.default_rng(1), n=n, gamma=0.9)
    for j, at in enumerate(batch.observation[:, 0].astype(int)):
        t, i = divmod(at, 10)
        total, discount, k = 0.0, 1.0, t
        while True:
            total += discount * walk[k].reward[i]
            discount *= 0.9
            if walk[k].ended[i] or k - t == n - 1 or k == steps - 1:
                break
            k += 1
        assert batch.reward[j] == pytest.approx(total, abs=1e-5)
        assert batch.discount[j] == pytest.approx(0.0 if walk[k].terminated[i] else discount)
        assert batch.next_observation[j, 0] == 10 * k + i + 5


def test_what_is_old_is_forgotten():
    replay, _ = filled(70, capacity=60)
    assert len(replay) == 60
    assert replay.sample(500, np.random.default_rng(0)).observation.min() == 10 * 40


def test_priorities_draw_what_surprised_and_weights_take_it_back():
    replay, _ = filled(8, capacity=16, alpha=1.0)
    index = np.arange(16)
    replay.update(index, np.where(index == 5, 8.0, 1.0) - 1e-3)
    batch = replay.sample(4_000, np.random.default_rng(0), beta=1.0)
    share = np.bincount(batch.index, minlength=16) / 4_000
    assert share[5] == pytest.approx(8 / 23, abs=0.03)
    assert share[[4, 6]] == pytest.approx([1 / 23, 1 / 23], abs=0.02)
    weight = {int(i): w for i, w in zip(batch.index, batch.weight, strict=True)}
    assert weight[4] / weight[5] == pytest.approx(8, rel=0.01)
    assert batch.weight.max() == 1.0


def test_what_is_new_counts_as_most_surprising():
    replay, _ = filled(4, capacity=16, alpha=1.0)
    replay.update(np.arange(8), np.full(8, 20.0))
    step = Step(np.zeros((2, 1), np.float32), np.zeros(2), np.zeros(2, bool), np.zeros(2, bool), np.zeros((2, 1)))
    replay.add(np.zeros((2, 1), np.float32), np.zeros(2, int), step)
    assert replay.priorities[np.arange(8, 10)] == pytest.approx([20, 20], rel=1e-3)


def test_a_memory_is_restored():
    one, _ = filled(9, alpha=0.6)
    two = Replay(100, 2, alpha=0.6)
    two.load_state_dict(one.state_dict())
    a, b = (replay.sample(20, np.random.default_rng(3), n=3) for replay in (one, two))
    assert all((x == y).all() for x, y in zip(a, b, strict=True))
