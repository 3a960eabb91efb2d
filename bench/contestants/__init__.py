"""Who is raced by bench/speed.py: one file a contestant, each a `train(work, model, epochs, clock)`.

`stable_baselines3_dqn` is raced by bench/rl.py, in a Python that has it.
"""
