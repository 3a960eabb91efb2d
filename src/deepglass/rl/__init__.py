"""Reinforcement learning: one file per algorithm, readable from top to bottom, with nothing before the update.

    dqn.py         values of actions: target network, double, duelling, several steps, priorities
    reinforce.py   the gradient of the policy itself, with and without a baseline
    a2c.py         actor and critic, a few steps at a time
    ppo.py         the same, with more than one look at each batch
    sac.py         actor and critic for continuous actions, from a memory
    td3.py         likewise, with an actor that has no dice
    cloning.py     imitates an expert on the expert's way
    dagger.py      imitates an expert on the learner's own way
    logged/        logged decisions: a contextual bandit, off-policy evaluation
    tabular/       worlds small enough for a table: bandits, dynamic programming, Monte Carlo, temporal differences
    envs/          worlds, vectorised in NumPy: one file each
    driving/       what the world of cars is made of: tracks, distance rays, an expert
    parts/         what several algorithms need, tested by itself: returns, replay, normalisation, networks
    running/       the run: opening a world by name, budget, checkpoints, evaluation, films

An algorithm is a class `Learner` with `iterate(progress)`, which acts, learns and returns a loss, and `policy`, a
network from observations to what the greedy action is read off. Its literal ACTIONS says which kinds of actions it
learns. Whatever a learner holds is saved and restored by `running/checkpoint.py`.
"""
