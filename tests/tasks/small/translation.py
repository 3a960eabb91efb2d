"""Short sentences of two invented languages: the second turns the order of the words around."""

import csv

import numpy as np

OPTIONS = {"target": "turned", "embed_dim": 16, "num_heads": 2, "num_layers": 1, "mlp_dim": 16, "vocab_size": 320}
OTHERS = {
    "target": ["nope", "plain"], "text_column": ["nope", "turned"], "group_column": ["nope", "person"],
    "score_by": ["nope", "person"], "split_column": ["nope", "part"], "ignore": ["nope", "person"],
    "tokens": ["words", "characters"], "max_length": [12], "vocab_size": [280],
}  # fmt: skip
WORDS = {"sun": "lo", "moon": "mi", "sea": "ta", "wind": "ke", "tree": "pu", "bird": "ra", "stone": "du", "rain": "so"}


def pairs():
    rng, found = np.random.default_rng(0), {}
    while len(found) < 120:
        words = rng.choice([*WORDS], rng.integers(2, 6))
        found[" ".join(words)] = " ".join(WORDS[word] for word in words[::-1])
    return found


def data(folder):
    with (folder / "pairs.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("plain", "turned", "person", "part"))
        for i, (one, other) in enumerate(pairs().items()):
            part = "train" if i < 80 else "val" if i < 100 else "test"
            writer.writerow((one, other, f"p{i % 30}", part))
    return folder / "pairs.csv"


def inputs(folder):
    return [*pairs()][:4]


def perfect(outputs):
    return outputs.targets
