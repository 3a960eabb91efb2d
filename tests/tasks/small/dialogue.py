"""Conversations of few words, in which a name is said again."""

import json

import numpy as np

OPTIONS = {"context": 32, "vocab_size": 280, "num_layers": 1, "embed_dim": 16, "num_heads": 2}
NAMES = ("ann", "bob", "eve")
BYES = ("bye", "so long", "see you", "farewell", "take care", "good night")


def data(folder):
    rng = np.random.default_rng(0)
    lines = []
    for _ in range(60):
        name, bye = str(rng.choice(NAMES)), str(rng.choice(BYES))
        turns = [("user", f"i am {name}"), ("assistant", f"hi {name}"), ("user", bye), ("assistant", f"{bye} {name}")]
        lines.append(json.dumps({"messages": [{"role": role, "content": text} for role, text in turns]}))
    (folder / "talks.jsonl").write_text("\n".join(lines) + "\n")
    return folder / "talks.jsonl"


def inputs(folder):
    found = []
    for name in NAMES:
        said = [("user", f"i am {name}"), ("assistant", f"hi {name}"), ("user", "bye")]
        messages = [{"role": role, "content": text} for role, text in said]
        found.append([{"messages": messages[:1]}, {"messages": messages}])
    return found


def together(inputs):
    return [one for several in inputs for one in several]


def perfect(outputs):
    return outputs.targets


def answered_elsewhere(run, inputs):
    """A bundle names the next token, `predict` the whole answer: the shares of what follows each conversation."""
    import torch

    shares = []
    for one in together(inputs):
        ids = torch.tensor([run.task.inputs.read_prompt([one])[0]]).to(run.device)
        with torch.no_grad():
            shares += run.model(ids)[0, -1].softmax(dim=0).tolist()
    return shares
