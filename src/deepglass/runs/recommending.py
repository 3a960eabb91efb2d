"""What a user may like next: the first items of a run of recommendation, and which of the user's own speak for each.

Why an item is recommended is asked of the network itself: each of the last items of the user is left out in turn, and
whichever takes most of the probability with it is named.
"""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from deepglass.core.device import device_of
from deepglass.core.errors import OptionError
from deepglass.data.histories import Histories
from deepglass.data.reading.asked import listed
from deepglass.runs.run import Run

MOST = 1000  # items of a list
ASKED = 50  # of the user's last items that are left out in turn
NAMED = 3  # items that speak for one


def recommend(run: Run, user: str | None = None, likes: Sequence[str] = (), count: int = 10) -> dict[str, Any]:
    """The items that come next, the likeliest first.

    Args:
        run: Of the task recommendation.
        user: Of the training, or anybody, who is recommended what is popular.
        likes: Items that somebody has beside what is known, the last one at the end; each alone or several by commas.
        count: How many.

    Returns:
        `user`, `by` ("history" or "popular"), `has` (how many items are known of the user), and `items`, records with
        `item`, `probability` of being the next, `users` (how many took it) and `because`, the user's own that speak
        for it, the strongest first.

    Raises:
        OptionError: If the run recommends nothing, nobody is named, an item is unknown, or the count is out of range.
    """
    task: Any = _able(run)
    if not 1 <= count <= MOST:
        raise OptionError(f"--count: expected 1 to {MOST:,}, got {count}")
    if user is None and not likes:
        raise OptionError("recommend to whom? Name a user, or items that somebody likes with --likes A,B")
    with run.folder.explaining():
        reader = task.reader
        history = task.history_of(user or "", _items_of(likes, reader.codes))
        codes = reader.coded(history)
        scores = _scores(run, task, [codes])[0]
        by = "history" if len(codes) else "popular"
        if by == "popular":
            scores = np.log(reader.counts)
        scores[codes - 1] = -np.inf
        places = np.argsort(-scores, kind="stable")[:count]
        places = places[np.isfinite(scores[places])]
        chances = _softmax(scores)
        because = _because(run, task, codes, places) if by == "history" else [[] for _ in places]
        items = [
            {
                "item": reader.items[place],
                "probability": float(chances[place]),
                "users": int(reader.counts[place]),
                "because": [reader.items[code - 1] for code in own],
            }
            for place, own in zip(places.tolist(), because, strict=True)
        ]
    return {"user": user, "by": by, "has": len(history), "items": items}


def _items_of(likes: Sequence[str], known: Mapping[str, int]) -> list[str]:
    """The items that words name: one each, or several with commas between, which a title may hold, too."""
    items: list[str] = []
    for words in likes:
        items += [words] if words in known else listed(words)
    for item in items:
        if item not in known:
            near = difflib.get_close_matches(item, list(known), n=3)
            hint = f"did you mean {', '.join(map(repr, near))}?" if near else f"there are {', '.join([*known][:5])} …"
            raise OptionError(f"--likes: unknown item {item!r} among {len(known):,}; {hint}")
    return items


def _scores(run: Run, task: Any, histories: list[np.ndarray]) -> np.ndarray:
    """(n, I) of histories of codes."""
    examples = Histories.of(histories, task.config.context, np.zeros((len(histories), 0), np.int64))
    tokens, _ = examples.batch(torch.arange(len(examples)))
    return _asked(run, tokens)


@torch.no_grad()
def _asked(run: Run, tokens: torch.Tensor) -> np.ndarray:
    return run.model(tokens.to(device_of(run.model))).float()[:, 1:].cpu().numpy().astype(np.float64)


def _because(run: Run, task: Any, codes: np.ndarray, places: np.ndarray) -> list[list[int]]:
    """For each recommended place the codes of the user's items without which it would be less likely."""
    last = codes[-min(ASKED, task.config.context) :]
    examples = Histories.of([codes], task.config.context, np.zeros((1, 0), np.int64))
    whole = examples.batch(torch.tensor([0]))[0]  # (1, T)
    without = whole.repeat(len(last), 1)
    own = np.arange(len(last))
    without[own, whole.shape[1] - len(last) + own] = 0  # every age stays as it is
    before, after = (_log_softmax(_asked(run, tokens))[:, places] for tokens in (whole, without))
    lost = before - after  # (own, count)
    found = []
    for column in lost.T:
        order = np.argsort(-column, kind="stable")[:NAMED]
        found.append([int(last[place]) for place in order if column[place] > 0])
    return found


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def _log_softmax(scores: np.ndarray) -> np.ndarray:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _able(run: Run) -> Any:
    if not hasattr(run.task, "history_of"):  # of a user: only a task that knows users recommends
        raise OptionError(
            f"{run.path} was trained for {run.config['task']}: runs of "
            "`deepglass train TABLE --task recommendation` recommend"
        )
    return run.task
