"""Values of policies, exactly: equations, value iteration, policy iteration, and their samples."""

import itertools

import numpy as np
import pytest

from deepglass.core.errors import ShapeError
from deepglass.rl.envs.grid_world import Env as GridWorld
from deepglass.rl.tabular.mdp import MDP, greedy
from deepglass.rl.tabular.monte_carlo import monte_carlo
from deepglass.rl.tabular.policy_iteration import policy_iteration
from deepglass.rl.tabular.q_learning import q_learning, update
from deepglass.rl.tabular.sarsa import sarsa
from deepglass.rl.tabular.temporal_difference import td0
from deepglass.rl.tabular.value_iteration import sweeps, value_iteration

PROVES = {  # read by `deepglass read`
    "test_value_iteration_equals_the_solution_of_the_linear_equations": ("rl/tabular",),
    "test_no_policy_is_better_than_the_one_that_policy_iteration_finds": ("rl/tabular/policy_iteration.py",),
    "test_samples_come_to_the_solution_of_the_equations": (
        "rl/tabular/monte_carlo.py", "rl/tabular/temporal_difference.py",
    ),
    "test_q_learning_finds_the_best_policy": ("rl/tabular/q_learning.py",),
    "test_beside_a_cliff_sarsa_keeps_away_and_q_learning_walks_along_the_edge": ("rl/tabular/sarsa.py",),
}  # fmt: skip

CLIFF = ("......", "......", "SXXXXG")


def random_mdp(seed=0, S=6, A=3, gamma=0.9):
    rng = np.random.default_rng(seed)
    P = rng.dirichlet(np.ones(S), (S, A))
    return MDP(P, rng.normal(size=(S, A)), gamma)


def grid(slip=0.1, gamma=0.95, **more):
    return MDP(*GridWorld(slip=slip, **more).dynamics(), gamma)


@pytest.mark.parametrize("mdp", [random_mdp(), random_mdp(1, gamma=0.5), grid(), grid(0.0)], ids=["a", "b", "c", "d"])
def test_value_iteration_equals_the_solution_of_the_linear_equations(mdp):
    V = value_iteration(mdp)
    best, values, _ = policy_iteration(mdp)
    assert np.abs(V - values).max() < 1e-8
    assert np.abs(mdp.evaluate(greedy(mdp.action_values(V))) - V).max() < 1e-8
    assert np.abs(mdp.evaluate(best) - values).max() == 0


def test_no_policy_is_better_than_the_one_that_policy_iteration_finds():
    mdp = random_mdp(S=4, A=2)
    best = policy_iteration(mdp)[1]
    for choice in itertools.product(range(2), repeat=4):
        assert (mdp.evaluate(np.eye(2)[list(choice)]) <= best + 1e-12).all()


def test_each_round_of_value_iteration_comes_nearer_by_the_discount():
    mdp = random_mdp()
    best = policy_iteration(mdp)[1]
    gaps = [np.abs(V - best).max() for V, _ in itertools.islice(sweeps(mdp), 20)]
    assert all(after <= mdp.gamma * before + 1e-12 for before, after in itertools.pairwise(gaps))


def test_a_mdp_that_cannot_be_is_refused():
    P, R = np.full((2, 1, 2), 0.5), np.zeros((2, 1))
    for wrong in ((P * 2, R, 0.9), (P, R, 1.0), (P[:1], R, 0.9)):
        with pytest.raises(ShapeError):
            MDP(*wrong)


def test_dynamics_are_what_the_steps_of_the_grid_do():
    env = GridWorld(2_000, seed=0, slip=0.2)
    P, R = env.dynamics()
    env.reset()
    step = env.step(np.full(2_000, 1))
    start = int(env.starts[0])
    share = np.bincount(step.final.argmax(axis=1), minlength=P.shape[2]) / 2_000
    assert np.abs(share - P[start, 1]).max() < 0.04
    assert step.reward.mean() == pytest.approx(R[start, 1])


@pytest.mark.parametrize("learn", ["monte carlo", "td"])
def test_samples_come_to_the_solution_of_the_equations(learn):
    mdp = grid(0.0, 0.9, layout=("S..G",))
    policy = np.array([[0.1, 0.7, 0.1, 0.1]] * 4)
    exact = mdp.evaluate(policy)
    if learn == "td":
        V = td0(mdp, policy, start=0, steps=6_000, rate=0.7, seed=0)
    else:
        V, counts = monte_carlo(mdp, policy, start=0, episodes=600, steps=100, seed=0)
        assert counts[0] == 600
    assert np.abs(V - exact).max() < 0.06


def test_q_learning_finds_the_best_policy():
    env = GridWorld(1, seed=0)
    mdp = MDP(*env.dynamics(), 0.95)
    Q = q_learning(env, mdp.R.shape[0], 8_000, optimism=1.0, seed=0)
    best = policy_iteration(mdp)[1]
    reached = mdp.evaluate(greedy(Q))
    assert reached[env.starts[0]] == pytest.approx(best[env.starts[0]], abs=1e-8)


def test_one_surprise_by_hand():
    Q = np.array([[0.0, 1.0], [2.0, 4.0]])
    assert update(Q, 0, 1, reward=0.5, following=1, is_end=False, rate=0.5, gamma=0.5) == pytest.approx(0.75)
    assert Q[0].tolist() == [0.0, 1.75]
    update(Q, 0, 0, reward=0.5, following=1, is_end=True, rate=0.5, gamma=0.5)
    assert Q[0, 0] == 0.25


def test_beside_a_cliff_sarsa_keeps_away_and_q_learning_walks_along_the_edge():
    def along(Q):
        env = GridWorld(1, layout=CLIFF)
        cell, cells = int(env.starts[0]), []
        while not env.is_end[cell] and len(cells) < 20:
            cells.append(cell)
            cell = int(env.next_cell[cell, Q[cell].argmax()])
        return cells, env.cells.ravel()[cell]

    edge = q_learning(GridWorld(1, layout=CLIFF), 18, 6_000, rate=0.2, gamma=0.98, epsilon=0.3, seed=0)
    safe = sarsa(GridWorld(1, layout=CLIFF), 18, 12_000, rate=0.1, gamma=0.98, epsilon=0.3, seed=0)
    (short, at), (long, also_at) = along(edge), along(safe)
    assert (at, also_at) == ("G", "G")
    assert len(short) == 7
    assert len(long) > len(short)


def test_optimism_explores_without_any_chance():
    env = GridWorld(1, seed=0)
    hopeful = q_learning(env, env.cells.size, 8_000, epsilon=0.0, optimism=1.0, seed=1)
    mdp = MDP(*env.dynamics(), 0.95)
    assert mdp.evaluate(greedy(hopeful))[env.starts[0]] == pytest.approx(policy_iteration(mdp)[1][env.starts[0]])
