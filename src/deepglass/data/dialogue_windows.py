"""Examples of a conversation: windows of whole turns, of which the answers alone are learnt.

    [user] hi [end] [assistant] hello! [end] [user] …
       .   .   .        .         ✓     ✓      .         ✓: its token is a target

The prompts are masked: a model of dialogues is to answer users and not to foretell them. Every answer is a target
once, after as many turns as fit; where a conversation is longer than a window, the next one begins some turns later.
"""

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from deepglass.core.chat_template import ChatTemplate
from deepglass.data.examples import Batch
from deepglass.data.token_windows import IGNORED

Turns = list[tuple[str, list[int]]]  # role, and the ids of what was said
KEPT = 0.5  # of a window that is full: as much of its end is seen again at the start of the next


class DialogueWindows:
    """Windows of ids, each with what is to be learnt of it.

    Args:
        ids: (N, L + 1) tokens, padded with -1 at the end.
        is_answer: (N, L + 1) whether each is a target.
        is_asked: Whether these are prompts, to be answered.

    Shape:
        - a batch: tokens (B, L) int64, targets (B, L) int64, -100 where nothing is learnt
    """

    def __init__(self, ids: Tensor, is_answer: Tensor, *, is_asked: bool = False):
        self.ids, self.is_answer, self.is_asked = ids, is_answer, is_asked

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, indices: Tensor) -> Batch:
        indices = indices.to(self.ids.device)
        ids, is_answer = self.ids[indices].long().clamp(min=0), self.is_answer[indices]  # padding: whatever, unheard
        return ids[:, :-1], ids[:, 1:].masked_fill(~is_answer[:, 1:], IGNORED)

    @property
    def context(self) -> int:
        """Tokens L of a window."""
        return self.ids.shape[1] - 1

    @property
    def running(self) -> np.ndarray:
        """(n,) all tokens of all windows, one behind the other."""
        return self.ids[self.ids >= 0].cpu().numpy()

    def to(self, device: torch.device) -> "DialogueWindows":
        return DialogueWindows(self.ids.to(device), self.is_answer.to(device), is_asked=self.is_asked)


def windows_of(dialogues: Iterable[Turns], template: ChatTemplate) -> DialogueWindows:
    """The windows of conversations, each as long as the longest needs.

    Turns are cut where two of them would not fit into a window.
    """
    found = [window for turns in dialogues for window in _windows(turns, template)]
    longest = max(len(ids) for ids, _ in found)
    ids, is_answer = np.full((len(found), longest), -1, np.int32), np.zeros((len(found), longest), bool)
    for row, (tokens, learnt) in enumerate(found):
        ids[row, : len(tokens)], is_answer[row, : len(learnt)] = tokens, learnt
    return DialogueWindows(torch.from_numpy(ids), torch.from_numpy(is_answer))


def most_of_turn(context: int) -> int:
    """Tokens of a turn, its marks left out, of which two fit into a window."""
    return max(1, (context + 1) // 2 - 2)


def _windows(turns: Turns, template: ChatTemplate) -> Iterable[tuple[list[int], list[bool]]]:
    most, room = most_of_turn(template.context), template.context + 1
    rows = [template.turn(role, ids[:most]) for role, ids in turns]
    start = learnt = 0  # of the window; what was a target before
    for end in range(1, len(rows) + 1):
        is_last = end == len(rows)
        if not is_last and _length(rows[start : end + 1]) <= room:
            continue
        window = _window(turns, rows, start, learnt, end)
        if any(window[1]):
            yield window
        learnt = end
        while (
            not is_last
            and start < end - 1
            and _length(rows[start : end + 1]) > max(KEPT * room, _length(rows[end - 1 : end + 1]))
        ):
            start += 1


def _window(turns: Turns, rows: list[list[int]], start: int, learnt: int, end: int) -> tuple[list[int], list[bool]]:
    ids = [token for row in rows[start:end] for token in row]
    is_answer = []
    for i in range(start, end):
        is_target = i >= learnt and i > 0 and turns[i][0] == "assistant"
        is_answer += [False, *[is_target] * (len(rows[i]) - 1)]  # its mark is given, its end is to be said
    return ids, is_answer


def _length(rows: list[list[int]]) -> int:
    return sum(map(len, rows))
