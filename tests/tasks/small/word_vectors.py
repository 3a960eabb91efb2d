"""A text in which two kinds of words stand among words of their own kind."""

import numpy as np

OPTIONS = {"min_count": 2, "window": 2, "embed_dim": 8, "val_fraction": 0.2, "test_fraction": 0.2, "subsample": 0.0}
OTHERS = {"max_words": [8], "subsample": [0.01], "min_count": [60]}
SEA, LAND = ("sea", "ship", "sail", "sailing", "wave"), ("field", "horse", "plough", "ploughed", "corn")


def sentences():
    rng = np.random.default_rng(0)
    for i in range(60):
        yield " ".join(rng.choice(SEA if i % 2 else LAND, 15)) + "."


def data(folder):
    (folder / "tales.txt").write_text(" ".join(sentences()))
    return folder / "tales.txt"


def inputs(folder):
    return ["sea", "horse", "Sailing"]


def perfect(outputs):
    predictions = outputs.predictions.copy()
    predictions[:, 0], predictions[:, 1] = 1.0, -1.0
    return predictions
