"""The most influential training examples: whose learning made the loss of this one smaller, and whose larger (TracIn).

    influence(z, x) = η · ∇L(z) · ∇L(x)

A step of size η along −∇L(z) changes the loss of x by −η ∇L(z)·∇L(x), to first order. Here the gradients are those of
the last layer at the final weights, for which nothing has to be kept while training; of a linear layer y = W a + b
their product is (a·a' + 1)(δ·δ'), δ being what comes back from the loss.

Pruthi et al. (2020), Estimating Training Data Influence by Tracing Gradient Descent, https://arxiv.org/abs/2002.08484
(one checkpoint, their last-layer variant).
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.explain import Explanation, Settings
from deepglass.explain.last_layer import Heads, heads_of
from deepglass.explain.methods.similar import target_of, training_rows
from deepglass.explain.subject import Subject

TITLE = "most influential training examples (TracIn, last layer)"
KINDS = ("columns", "image", "text")
USES = ("count",)  # of the settings
AT_ONCE = 256

Sides = list[tuple[Tensor, Tensor]]  # of each layer: a (n, …, in) and δ (n, …, out)


def sides(task: Any, model: nn.Module, heads: Heads, batch: tuple[Tensor, ...]) -> Sides:
    """What goes into the last layers, and the gradient of each example's own loss at what comes out."""
    with torch.enable_grad(), heads.watching() as seen:
        loss = task.loss(model, batch) * len(batch[0])  # the loss is a mean
        deltas = torch.autograd.grad(loss, [output for _, output in seen])
    return [(a.detach(), delta) for (a, _), delta in zip(seen, deltas, strict=True)]


def products(own: Sides, others: Sides) -> Tensor:
    """(n,) ∇L(z) · ∇L(x) of one example and n others."""
    total = torch.zeros(len(others[0][0]), dtype=torch.float64)
    for (a, delta), (b, epsilon) in zip(own, others, strict=True):
        of_inputs = (a.double() * b.double()).sum(dim=-1) + 1  # (n, …)
        of_gradients = (delta.double() * epsilon.double()).sum(dim=-1)
        total += (of_inputs * of_gradients).flatten(1).sum(dim=1) if of_inputs.dim() > 1 else of_inputs * of_gradients
    return total


def explain(subject: Subject, settings: Settings) -> Explanation:
    """The training examples that helped most, and those that hurt most.

    Raises:
        DataError: If the data of the training have gone or changed.
    """
    task, model, rows = subject.task, subject.run.network.cpu().eval().requires_grad_(True), training_rows(subject)
    heads = heads_of(model, subject.parts.inputs)
    own = sides(task, model, heads, (*subject.parts.inputs, _answered(subject)))
    found = []
    for places in torch.arange(len(rows)).split(AT_ONCE):
        batch = rows.examples.batch(places)
        inputs = batch[: len(subject.parts.inputs)]
        found.append(products(own, sides(task, model, heads, (*inputs, batch[-1]))).numpy())
    influence = np.concatenate(found)
    order = np.argsort(-influence, kind="stable")
    chosen = dict.fromkeys([*order[: settings.count], *order[::-1][: settings.count]])
    examples = [
        {"influence": float(influence[i]), **target_of(subject, rows, int(i)), **rows.shown(int(i))} for i in chosen
    ]
    note = "the loss is against what is explained: positive influence made the run surer of it"
    return subject.bare("influence", TITLE, examples=examples, figures={"training examples": len(rows)}, notes=[note])


def _answered(subject: Subject) -> Tensor:
    """The answer that is explained as a target: the class, the label alone, or the value that the run says."""
    answer = subject.task.answer
    if answer.labels is None:
        return torch.tensor([answer.standardized(subject.score_of(subject.parts.inputs)[0])], dtype=torch.float32)
    if answer.num_classes is None:
        return torch.eye(len(answer.labels))[[subject.place]]
    return torch.tensor([subject.place])
