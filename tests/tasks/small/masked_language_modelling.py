"""Short notes, in which the word behind "was" says what the word before it was."""

import csv

import numpy as np

OPTIONS = {"num_layers": 1, "embed_dim": 16, "num_heads": 2, "text_column": "note", "target": "person"}
OTHERS = {
    "target": ["nope", "person"], "text_column": ["nope", "note"], "group_column": ["nope", "person"],
    "score_by": ["nope", "person"], "split_column": ["nope", "part"], "ignore": ["nope", "person"],
    "mask_share": [0.4], "word_dropout": [0.2], "val_fraction": [0.3],
}  # fmt: skip
PAIRS = (("soup", "warm"), ("film", "dull"), ("sea", "calm"))
ARTICLES, KINDS = ("the", "a", "our", "this"), ("old", "new", "small", "large", "grey")
TIMES = ("today", "again", "at last", "for us")


def notes():
    rng, found = np.random.default_rng(0), []
    for _ in range(120):
        thing, word = PAIRS[rng.integers(3)]
        article, kind, when = (rng.choice(words) for words in (ARTICLES, KINDS, TIMES))
        found.append(f"{article} {kind} {thing} was {word} {when}")
    return found


def data(folder):
    with (folder / "notes.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("note", "person", "part"))
        for i, note in enumerate(notes()):
            writer.writerow((note, f"p{i % 15}", "train" if i < 80 else "val" if i < 100 else "test"))
    return folder / "notes.csv"


def inputs(folder):
    return notes()[:5]


def perfect(outputs):
    return outputs.targets
