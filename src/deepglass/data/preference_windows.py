"""Examples of comparisons: a prompt with either answer, of which the answers alone count.

[user] hi [end] [assistant] hello! [end]         chosen: goes into the network
[user] hi [end] [assistant] what? [end]          rejected: travels with the target
                             ✓     ✓ ✓           tokens whose probabilities are added up
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from deepglass.core.chat_template import ChatTemplate
from deepglass.data.dialogue_windows import Turns
from deepglass.data.examples import Batch
from deepglass.data.token_windows import IGNORED

Coded = tuple[Turns, list[int], list[int]]  # the prompt's turns, and the ids of both answers


class PreferenceWindows:
    """Pairs of windows.

    Args:
        ids: (N, 2, L + 1) tokens with the chosen and with the rejected answer, padded with -1 at the end.
        is_answer: (N, 2, L + 1) whether each is a token of the answer.
        started: (N, 2) log-probabilities of both answers by the model that the training begins with; None without one.

    Shape:
        - a batch: tokens with the chosen answer (B, L), and a target (B, 3, L): what follows those, the tokens with the
          rejected answer, what follows these; -100 outside the answers
    """

    is_asked = False

    def __init__(self, ids: Tensor, is_answer: Tensor, started: Tensor | None = None):
        self.ids, self.is_answer, self.started = ids, is_answer, started

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, indices: Tensor) -> Batch:
        indices = indices.to(self.ids.device)
        ids, is_answer = self.ids[indices].long().clamp(min=0), self.is_answer[indices]  # padding: whatever, unheard
        followed = ids[..., 1:].masked_fill(~is_answer[..., 1:], IGNORED)  # (B, 2, L)
        return ids[:, 0, :-1], torch.stack([followed[:, 0], ids[:, 1, :-1], followed[:, 1]], dim=1)

    @property
    def context(self) -> int:
        """Tokens L of a window."""
        return self.ids.shape[2] - 1

    def to(self, device: torch.device) -> "PreferenceWindows":
        started = None if self.started is None else self.started.to(device)
        return PreferenceWindows(self.ids.to(device), self.is_answer.to(device), started)


class WithStart:
    """The same for training: what the reference says stands between tokens and target."""

    def __init__(self, pairs: PreferenceWindows):
        self.pairs = pairs

    def __len__(self) -> int:
        return len(self.pairs)

    def batch(self, indices: Tensor) -> Batch:
        tokens, target = self.pairs.batch(indices)
        assert self.pairs.started is not None
        return tokens, self.pairs.started[indices.to(self.pairs.started.device)], target

    def to(self, device: torch.device) -> "WithStart":
        return WithStart(self.pairs.to(device))


def windows_of(pairs: Sequence[Coded], template: ChatTemplate) -> PreferenceWindows:
    """The windows of comparisons, each as long as the longest needs; answers that do not fit are cut at their end."""
    rows = [[_window(prompt, answer, template) for answer in answers] for prompt, *answers in pairs]
    longest = max(len(ids) for row in rows for ids, _ in row)
    ids, is_answer = np.full((len(rows), 2, longest), -1, np.int32), np.zeros((len(rows), 2, longest), bool)
    for i, row in enumerate(rows):
        for which, (tokens, begin) in enumerate(row):
            ids[i, which, : len(tokens)] = tokens
            is_answer[i, which, begin : len(tokens)] = True
    return PreferenceWindows(torch.from_numpy(ids), torch.from_numpy(is_answer))


def _window(prompt: Turns, answer: list[int], template: ChatTemplate) -> tuple[list[int], int]:
    """The tokens, and where the answer begins."""
    before, _ = template.prompt(prompt)
    return [*before, *answer, template.end][: template.context + 1], len(before)
