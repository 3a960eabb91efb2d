"""A text of few words."""

import numpy as np

OPTIONS = {"context": 16, "num_layers": 1, "embed_dim": 16, "num_heads": 2}


def data(folder):
    rng = np.random.default_rng(0)
    (folder / "book.txt").write_text(" ".join(rng.choice(["the", "sea", "was", "calm", "and", "grey"], 900)))
    return folder / "book.txt"


def inputs(folder):
    text = (folder / "book.txt").read_text()
    return [text[16 * i : 16 * (i + 1) + 1] for i in range(3)]  # windows share the token between them


def together(inputs):
    return inputs[0] + "".join(text[1:] for text in inputs[1:])


def perfect(outputs):
    return outputs.targets


def answered_elsewhere(run, inputs):
    """A bundle names the next token, `predict` how well a text was foreseen: the shares of what follows each text."""
    import torch

    shares = []
    for text in inputs:
        ids = torch.from_numpy(run.task.tokens.encode(text)[None, -run.task.inputs.context :]).to(run.device)
        with torch.no_grad():
            shares += run.model(ids)[0, -1].softmax(dim=0).tolist()
    return shares
