"""Attention: who listens to whom, layer by layer (raw), and all layers together (rollout).

    rollout = Â_L · … · Â_1,    Â = ½ (A + I),    A the mean over the heads

Attention says where a layer takes from, and not what the answer hangs on: it is shown beside a random order, and where
it does no better on deletion that is said.

Abnar & Zuidema (2020), Quantifying Attention Flow in Transformers, https://arxiv.org/abs/2005.00928; Jain & Wallace
(2019), Attention is not Explanation, https://arxiv.org/abs/1902.10186.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from deepglass.core.errors import OptionError
from deepglass.explain import Explanation, Settings
from deepglass.explain.leaves import as_dtype
from deepglass.explain.subject import Subject

TITLE = "attention (rollout)"
KINDS = ("image", "text", "prompt")
USES = ()  # of the settings
IS_MAP = True
SOFTMAX = (F.softmax, torch.softmax, Tensor.softmax)


class Watch(TorchFunctionMode):
    """Keeps every attention (B, heads, T, T) that is computed while it is on, whoever computes it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Tensor] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is F.scaled_dot_product_attention:
            self.found.append(weights_of(*args, **(kwargs or {})))
            with torch._C.DisableTorchFunction():
                return func(*args, **(kwargs or {}))
        said = func(*args, **(kwargs or {}))
        if func in SOFTMAX and said.dim() == 4 and said.shape[2] == said.shape[3]:
            self.found.append(said)
        return said


def weights_of(query: Tensor, key: Tensor, *rest: Any, is_causal: bool = False, **more: Any) -> Tensor:
    """What `scaled_dot_product_attention` computes on its way and does not give: (B, heads, T, T)."""
    mask, scale = rest[1] if len(rest) > 1 else more.get("attn_mask"), more.get("scale")
    scores = query @ key.transpose(-2, -1) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        scores = scores.masked_fill(~torch.ones(scores.shape[-2:], dtype=torch.bool).tril(), -torch.inf)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf) if mask.dtype == torch.bool else scores + mask
    return scores.softmax(dim=-1)


@contextmanager
def watching() -> Iterator[list[Tensor]]:
    """The attentions that are computed inside."""
    watch = Watch()
    with torch.no_grad(), watch:
        yield watch.found


def attentions(model: nn.Module, inputs: tuple[Tensor, ...]) -> list[Tensor]:
    """Of each layer (B, heads, T, T)."""
    with watching() as found:
        model(*inputs)
    return found


def rollout(layers: list[Tensor]) -> Tensor:
    """(B, T, T): row i says how much of what token i has become comes from each token at the beginning."""
    total: Tensor | None = None
    for layer in layers:
        mean = layer.mean(dim=1)  # (B, T, T)
        mixed = (mean + torch.eye(mean.shape[-1], dtype=mean.dtype)) / 2
        mixed = mixed / mixed.sum(dim=-1, keepdim=True)
        total = mixed if total is None else mixed @ total
    assert total is not None
    return total


def explain(subject: Subject, settings: Settings) -> Explanation:
    """What the whole of the layers takes from each token.

    Raises:
        OptionError: If the network does not attend.
    """
    inputs = tuple(as_dtype(x, subject.dtype) for x in subject.parts.inputs)
    layers = attentions(subject.smooth_model, inputs)
    if not layers:
        raise OptionError(
            f"--method attention: {subject.run.config['model']} does not attend; use --method integrated-gradients"
        )
    flow = rollout(layers)[0]  # (T, T)
    is_image = subject.parts.picture is not None
    from_ = flow[-1] if subject.parts.kind == "tokens" else flow[0] if is_image else flow.mean(dim=0)
    values, map_ = _of_picture(subject, from_) if is_image else (_of_tokens(subject, from_), None)
    facts: dict[str, Any] = {"figures": {"layers": len(layers), "heads": layers[0].shape[1]}}
    facts["contribution_unit"] = "share of attention"
    facts["notes"] = ["attention says where the network looks, not what its answer hangs on"]
    facts["curves"] = [{"layer": i + 1, "attention": layer[0].mean(dim=0).numpy()} for i, layer in enumerate(layers)]
    if map_ is not None:
        facts["map"] = map_
    return subject.explanation("attention", TITLE, values, **facts)


def _of_tokens(subject: Subject, shares: Tensor) -> np.ndarray:
    owner = subject.parts.owner[0]
    total = torch.zeros(len(subject.parts), dtype=torch.float64)
    usable = owner[: len(shares)]
    return total.index_add_(0, usable[usable >= 0], shares.double()[: len(owner)][usable >= 0]).numpy()


def _of_picture(subject: Subject, shares: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Of patches in rows, after the tokens that stand for the whole picture."""
    from deepglass.explain.quality.curves import by_square

    H, W = subject.parts.inputs[0].shape[2:]
    side = int(len(shares) ** 0.5)
    patches = shares[len(shares) - side * side :].view(1, 1, side, side).double()
    fine = F.interpolate(patches, (H, W), mode="nearest")[0, 0].numpy()
    return by_square(fine, subject.parts.owner[0][0].numpy(), len(subject.parts)), fine
