"""The most similar training examples: what the network has seen that is, to it, most like this one.

    similarity = cos(h(x), h(z)),    h what goes into the last layer

Not the pixels or words are compared but what the network makes of them; examples of another class among the nearest say
where it may be confused.

Caruana et al. (1999), Case-based Explanation of Non-case-based Learning Methods (hidden layers as the measure),
https://pubmed.ncbi.nlm.nih.gov/10566351.
"""

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.explain import Explanation, Settings
from deepglass.explain.last_layer import Heads, heads_of
from deepglass.explain.leaves import as_dtype
from deepglass.explain.rows import Rows, own_rows
from deepglass.explain.subject import Subject

TITLE = "most similar training examples"
KINDS = ("columns", "image", "text")
USES = ("count",)  # of the settings
AT_ONCE = 256


def cosine(own: Tensor, others: Tensor) -> np.ndarray:
    """(N,) of features (1, C) and (N, C)."""
    sides = [x / x.norm(dim=1, keepdim=True).clamp(min=1e-12) for x in (own, others)]
    return (sides[1] @ sides[0].T)[:, 0].double().numpy()


@torch.no_grad()
def features(model: nn.Module, heads: Heads, inputs: tuple[Tensor, ...], dtype: torch.dtype) -> Tensor:
    """(n, C) what goes into the last layers."""
    with heads.watching() as seen:
        model(*(as_dtype(x, dtype) for x in inputs))
    return torch.cat([hidden.flatten(1) for hidden, _ in seen], dim=1)


def training_rows(subject: Subject) -> Rows:
    """Read again, as they were."""
    return own_rows(subject.run, subject.data, "train")


def explain(subject: Subject, settings: Settings) -> Explanation:
    """The nearest training examples, and how the network sees them.

    Raises:
        DataError: If the data of the training have gone or changed.
    """
    model, rows = subject.run.network.cpu().eval(), training_rows(subject)
    heads, dtype = heads_of(model, subject.parts.inputs), torch.float32
    own = features(model, heads, subject.parts.inputs, dtype)
    places = torch.arange(len(rows)).split(AT_ONCE)
    found = np.concatenate([cosine(own, features(model, heads, rows.inputs(p.tolist()), dtype)) for p in places])
    best = np.argsort(-found, kind="stable")[: settings.count]
    examples = [{"similarity": float(found[i]), **target_of(subject, rows, int(i)), **rows.shown(int(i))} for i in best]
    figures = {"training examples": len(rows)}
    return subject.bare("similar", TITLE, examples=examples, figures=figures, unit="cosine of the last hidden layer")


def target_of(subject: Subject, rows: Rows, place: int) -> dict[str, str]:
    """The true answer of a training example, in words."""
    target = rows.examples.batch(torch.tensor([place]))[-1][0]
    answer = subject.task.answer
    if answer.labels is None:
        return {"target": f"{float(answer.in_unit(target.numpy())):.4g}"}
    if target.dim():
        return {"target": ", ".join(name for name, has in zip(answer.labels, target.tolist(), strict=True) if has > 0)}
    return {"target": str(answer.labels[int(target)])}
