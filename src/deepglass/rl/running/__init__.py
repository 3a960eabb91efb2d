"""A run of reinforcement learning: from the name of a world to a folder with a policy, judged and ready to act."""
