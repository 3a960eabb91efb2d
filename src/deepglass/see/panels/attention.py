"""Attention: which token takes how much from which other, head by head, of one example.

Attention says where a layer takes from, and not what the answer hangs on (Jain & Wallace 2019, Attention is not
Explanation, https://arxiv.org/abs/1902.10186). Vaswani et al. (2017), https://arxiv.org/abs/1706.03762.
"""

from typing import Any

import numpy as np

from deepglass.core import catalogue
from deepglass.core.errors import DataError
from deepglass.draw.matrix import matrix
from deepglass.draw.pictures import pictures
from deepglass.explain import inputs as kinds
from deepglass.explain.methods.attention import attentions
from deepglass.see import Asked, NotForThisRun, View
from deepglass.see.opened import Opened

PLACE = 7
TITLE = "Attention"
QUESTION = "Who listens to whom?"
LESSON = "33_attention"
READ = ("glass/nn/functional/attention.py", "explain/methods/attention.py")
IS_QUICK = False
ASKS = ("input", "row", "layer")

MOST_NAMED, MOST_TOKENS, MOST_HEADS = 32, 96, 16


def show(opened: Opened, asked: Asked) -> View:
    """The mean over the heads of one layer with its tokens named, and every head beside it.

    Raises:
        NotForThisRun: If the network does not attend.
        DataError: If it has no such layer.
    """
    rows, place, called = opened.example(asked)
    inputs = rows.inputs([place])
    layers = attentions(opened.network, inputs)
    if not layers:
        raise NotForThisRun(f"{opened.run.config['model']} does not attend")
    number = asked.layer or len(layers)
    if not 1 <= number <= len(layers):
        raise DataError(f"layer {number}: it has {len(layers)}, expected a number from 1 to {len(layers)}")
    heads = layers[number - 1][0].double().numpy()  # (nh, T, T)
    names, kept = names_of(opened, rows, place, inputs, heads.shape[-1])
    heads = heads[:, kept][:, :, kept]
    is_named = len(names) and len(names) <= MOST_NAMED
    mean = matrix(
        heads.mean(axis=0), names if is_named else (), names if is_named else (), numbers=False, width=5.6,
        label=f"Attention of layer {number}, mean of its {len(heads)} heads", ylabel="listens", xlabel="to",
    )  # fmt: skip
    titles = [f"head {i + 1}" for i in range(min(len(heads), MOST_HEADS))]
    single = pictures(list(heads[:MOST_HEADS]), titles, label=f"The heads of layer {number}")
    facts = {
        "layers": len(layers),
        "heads": len(heads),
        "layer": number,
        "tokens": names,
        "mean": heads.mean(axis=0).tolist(),
    }
    said = f"Layer {number} of {len(layers)}, {called}. Each row is a token and sums to 1; darker is more."
    return View(said, [mean, single], facts)


def names_of(
    opened: Opened, rows: Any, place: int, inputs: tuple[Any, ...], count: int
) -> tuple[list[str], np.ndarray]:
    """What the tokens are called, and which are shown: not the padding, and of long sequences the last ones."""
    shown = np.arange(count)[-MOST_TOKENS:]
    kind = opened.run.task.explained_as
    if kind is None or inputs[0].is_floating_point():  # patches of a picture
        return [], shown
    parts = catalogue.load(kinds.FOLDER, kind).Parts.of(opened.run.task, inputs, rows.shown(place))
    owner = parts.owner[0].numpy()
    if len(owner) != count:
        return [], shown
    is_text = np.flatnonzero(owner >= 0)
    shown = np.arange(is_text.max() + 1)[-MOST_TOKENS:] if len(is_text) else shown
    return [repr(str(parts.names[owner[t]]))[1:-1] if owner[t] >= 0 else "·" for t in shown], shown
