"""Walks in a ring of rooms, mostly onwards, written down one a line."""

import numpy as np

OPTIONS = {"embed_dim": 8, "hidden_size": 16, "min_count": 1}
OTHERS = {
    "session_column": ["nope"], "event_column": ["nope"], "time_column": ["nope"], "split_column": ["nope"],
    "context": [3], "min_count": [2], "max_events": [3],
}  # fmt: skip
ROOMS = ("hall", "kitchen", "garden", "attic", "cellar")


def walks(count, seed):
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        steps = rng.choice([1, 1, 1, 1, 2], rng.integers(2, 9)).cumsum()
        found.append([ROOMS[step % 5] for step in steps])
    return found


def data(folder):
    rare = {i: f" tower{i}" for i in range(0, 120, 10)}  # each of these rooms is seen once
    lines = [f"{' '.join(walk)}{rare.get(i, '')}\n" for i, walk in enumerate(walks(120, 0))]
    (folder / "walks.txt").write_text("".join(lines))
    return folder / "walks.txt"


def inputs(folder):
    return [" ".join(walk) for walk in walks(4, 1)]


def together(inputs):
    return [text.split() for text in inputs]


def perfect(outputs):
    return outputs.predictions * 0 + 1


def answered_elsewhere(run, inputs):
    """A bundle gives the share of the unknown event too, where `predict` names known ones alone."""
    import torch

    shares = []
    for text in inputs:
        ids = torch.from_numpy(run.task.tokens.encode(text)[None])
        with torch.no_grad():
            shares += run.model(ids)[0, -1].softmax(dim=0).tolist()
    return shares
