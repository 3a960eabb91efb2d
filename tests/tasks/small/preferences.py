"""Comparisons of few words, of which the longer answer is preferred."""

import json

import numpy as np

from tests.tasks.small import dialogue

OPTIONS = dialogue.OPTIONS


def data(folder):
    rng = np.random.default_rng(0)
    lines = []
    for i in range(80):
        name = f"{rng.choice(dialogue.NAMES)}{i % 40}"
        one = {"prompt": f"i am {name}", "chosen": f"hi {name}, {rng.choice(dialogue.BYES)}", "rejected": f"no {name}"}
        lines.append(json.dumps(one))
    (folder / "pairs.jsonl").write_text("\n".join(lines) + "\n")
    return folder / "pairs.jsonl"


inputs, together, answered_elsewhere = dialogue.inputs, dialogue.together, dialogue.answered_elsewhere


def perfect(outputs):
    return np.stack([np.zeros(len(outputs.predictions)), np.full(len(outputs.predictions), -99.0)], axis=1)
