"""Conversations of few words, in which a name is said again."""

import numpy as np

from tests.tasks.small import dialogue

OPTIONS = {"embed_dim": 16, "hidden_size": 8, "buckets": 16}
data, inputs, together = dialogue.data, dialogue.inputs, dialogue.together


def perfect(outputs):
    right = np.zeros_like(outputs.predictions)
    right[:, 0] = 1
    return right
