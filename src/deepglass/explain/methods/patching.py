"""Activation patching: where in the network is the answer, token by token and layer by layer?

    share = (f(base with one activation of the prompt) − f(base)) / (f(prompt) − f(base))

Two texts of as many tokens: the prompt, and a base on which the answer is another. While the network reads the base,
what one block gives at one token is replaced by what it gave there for the prompt. Where that brings the answer back,
what it hangs on passes through. At the first layer it lies where the texts differ; at the last all of it lies at the
last token, which says what comes next.

Vig et al. (2020), Investigating Gender Bias in Language Models Using Causal Mediation Analysis,
https://arxiv.org/abs/2004.12265; Meng et al. (2022), Locating and Editing Factual Associations in GPT,
https://arxiv.org/abs/2202.05262 (causal tracing).
"""

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core.errors import OptionError
from deepglass.explain import Explanation, Settings
from deepglass.explain.inside import blocks_of, reading, writing
from deepglass.explain.subject import Subject

TITLE = "activation patching"
KINDS = ("prompt",)
USES = ("base",)  # of the settings
ALIKE = 1e-6  # difference of the scores below which there is nothing to bring back


@torch.no_grad()
def patched(model: nn.Module, blocks: list[nn.Module], prompt: Tensor, base: Tensor, places: list[int]) -> list[Tensor]:
    """What the network says of the base, (P, …) for each block: row p with the block's activation of the prompt at
    place p.

    Args:
        model: In evaluation mode; blocks: of it.
        prompt, base: (1, T) tokens.
        places: P positions.
    """
    with reading(blocks) as given:
        model(prompt)
    copies, row, found = base.expand(len(places), -1), torch.arange(len(places)), []
    for block, of_prompt in zip(blocks, given, strict=True):

        def put(output: Tensor, of_prompt: Tensor = of_prompt) -> Tensor:
            changed = output.clone()
            changed[row, places] = of_prompt[0, places]
            return changed

        with writing(block, put):
            found.append(model(copies))
    return found


def explain(subject: Subject, settings: Settings) -> Explanation:
    """The share of the answer that each token brings back at each layer.

    Raises:
        OptionError: If the network has no blocks, or prompt and base are answered alike.
    """
    model, (prompt,), (base,) = subject.smooth_model, subject.parts.inputs, subject.parts.base
    blocks = blocks_of(model, (prompt,))
    none, whole = subject.walk_ends
    if abs(whole - none) < ALIKE:
        raise OptionError("--method patching: prompt and base are answered alike: name another --base, or --class")
    owner = subject.parts.owner[0]
    places = torch.nonzero(owner >= 0)[:, 0].tolist()
    said = patched(model, list(blocks.values()), prompt, base, places)
    shares = np.stack([((subject.of_said(one) - none) / (whole - none)).double().numpy() for one in said])  # (L, P)
    parts = [
        {
            "name": f"{name}, token {place + 1}",
            "value": subject.parts.names[int(owner[place])],
            "contribution": float(v),
        }
        for name, layer in zip(blocks, shares, strict=True)
        for place, v in zip(places, layer, strict=True)
    ]
    figures = {"log-odds of the prompt": whole, "of the base": none, "layers": len(blocks), "evaluations": shares.size}
    curves = [{"grid": shares, "rows": list(blocks), "columns": subject.parts.names}]
    notes = [f"the base is {subject.parts.walk_is}"]
    facts = {"unit": "share of the answer that it brings back", "kind": "activations"}
    return subject.bare("patching", TITLE, parts=parts, figures=figures, curves=curves, notes=notes, **facts)
