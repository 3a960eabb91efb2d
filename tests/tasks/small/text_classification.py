"""Short notes in two moods."""

import csv

import numpy as np

OPTIONS = {"target": "mood", "ngrams": 1, "embed_dim": 8, "bags": 1}
OTHERS = {
    "target": ["nope", "person"], "text_column": ["nope", "note"], "group_column": ["nope", "person"],
    "score_by": ["nope", "person"], "split_column": ["nope", "part"], "ignore": ["nope", "person"],
}  # fmt: skip
WORDS = ("the", "film", "plot", "was", "and", "warm", "dull", "we", "saw", "it", "never", "again")


def notes():
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(WORDS, rng.integers(3, 9))) for _ in range(120)]


def data(folder):
    with (folder / "notes.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("note", "mood", "person", "part"))
        for i, note in enumerate(notes()):
            part = "train" if i < 80 else "val" if i < 100 else "test"
            writer.writerow((note, "glad" if "warm" in note else "sad", f"p{i % 30}", part))
    return folder / "notes.csv"


def inputs(folder):
    return notes()[:5]


def perfect(outputs):
    predictions = outputs.predictions * 0
    predictions[range(len(predictions)), outputs.targets] = 1
    return predictions
