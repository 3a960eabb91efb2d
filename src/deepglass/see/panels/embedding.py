"""The map of the last hidden layer: examples that lie together look alike to the network.

What goes into the last layer with weights, turned so that the two directions in which the examples differ most are the
page: principal components, X − mean = U·S·Vᵀ, shown is U·S.

Pearson (1901), On Lines and Planes of Closest Fit to Systems of Points in Space,
https://doi.org/10.1080/14786440109462720.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.draw.drawing import Drawing
from deepglass.draw.scatter import scatter
from deepglass.explain.last_layer import heads_of
from deepglass.see import Asked, NotForThisRun, View
from deepglass.see.opened import Opened

PLACE = 8
TITLE = "A map of what it knows"
QUESTION = "Which examples look alike to it?"
LESSON = "10_feed_forward"
READ = ("see/panels/embedding.py", "explain/last_layer.py")
IS_QUICK = False

MOST_ROWS, GROUPS, AT_ONCE = 400, 6, 64
THIRDS = ("low", "middle", "high")


def show(opened: Opened, asked: Asked) -> View:
    """The examples as points, coloured by their class or by the size of their target; those at the edges are named.

    Raises:
        NotForThisRun: If nothing goes into the network, or its last layer has one number.
    """
    opened.require_one_call()
    places = opened.places(MOST_ROWS)
    hidden = features(opened, places)
    if hidden.shape[1] < 2 or len(hidden) < 3:
        raise NotForThisRun(f"a map needs 3 examples and 2 numbers of each, it has {len(hidden)} and {hidden.shape[1]}")
    points, shares = principal(hidden)
    groups = grouped(opened, places)
    names = list(dict.fromkeys(groups)) if len(set(groups)) <= GROUPS else [*common(groups), "others"]
    shown = [group if group in names else "others" for group in groups]
    by_name = {name: points[[i for i, one in enumerate(shown) if one == name]] for name in sorted(set(shown))}
    what, of = "The last hidden layer", "that go into the last layer"
    if codes_of(opened):
        what, of = "The codes", "of its code"
    picture = scatter(
        by_name, label=f"{what}, in two dimensions", xlabel=f"first ({shares[0]:.0%} of the spread)",
        ylabel=f"second ({shares[1]:.0%})", width=5.6, height=4.2, size=22,
    )  # fmt: skip
    ends = {f"example {places[i] + 1}": points[i] for i in edges(points)}
    name_points(picture, ends)
    part = f" of {opened.looks_at}" if opened.looks_at else ""
    said = f"{len(places)} examples, each by the {hidden.shape[1]} numbers {of}{part}; "
    said += f"the page shows {shares[:2].sum():.0%} of how they differ."
    facts = {
        "points": points.tolist(),
        "groups": groups,
        "rows": [place + 1 for place in places],
        "shares": shares[:2].tolist(),
    }
    return View(said, [picture], facts)


@torch.no_grad()
def features(opened: Opened, places: list[int]) -> np.ndarray:
    """(n, C) what goes into the last layer, of sequences, members and places of a picture the mean; or codes.

    Raises:
        NotForThisRun: If no layer has weights.
    """
    if codes := codes_of(opened):
        parts = [codes(opened.network(*opened.inputs(places[i : i + AT_ONCE]))) for i in range(0, len(places), AT_ONCE)]
        return torch.cat(parts).double().numpy()
    first = opened.inputs(places[:1])
    heads = heads_of(opened.network, first)
    if not heads.layers:
        raise NotForThisRun("no layer of its network has weights")
    found = []
    for start in range(0, len(places), AT_ONCE):
        with heads.watching() as seen:
            opened.network(*opened.inputs(places[start : start + AT_ONCE]))
        found.append(flat(seen[-1][0], is_picture=isinstance(heads.layers[0], torch.nn.Conv2d)))
    return torch.cat(found).double().numpy()


def codes_of(opened: Opened) -> Callable[[Tensor], Tensor] | None:
    """What takes the codes (B, K) from what a network says; None where its task makes no codes."""
    return getattr(opened.run.task, "codes_of", None)


def flat(hidden: Tensor, is_picture: bool) -> Tensor:
    """(B, …, C), or (B, C, H, W) of pictures → (B, C)."""
    if is_picture:
        return hidden.mean(dim=(2, 3))
    return hidden.flatten(1, -2).mean(dim=1) if hidden.dim() > 2 else hidden.flatten(1)


def principal(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 2) the first two principal components of (n, C), and the share of the variance of every one.

    Signs are fixed: of each direction the largest entry is above zero.
    """
    u, s, v = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
    signs = np.sign(v[np.arange(len(v)), np.abs(v).argmax(axis=1)])
    total = float(np.square(s).sum()) or 1.0
    points = (u * s * signs)[:, :2]
    shares = np.square(s) / total
    return np.pad(points, ((0, 0), (0, 2 - points.shape[1]))), np.pad(shares, (0, max(0, 2 - len(shares))))


def grouped(opened: Opened, places: list[int]) -> list[str]:
    """Of each example its class, or the third in which its target lies; one group where there is neither."""
    answer = getattr(opened.run.task, "answer", None)
    targets = opened.rows.examples.batch(torch.tensor(places))[-1]
    labels = getattr(answer, "labels", None) or getattr(answer, "groups", None)
    if labels is not None and targets.dim() == 1 and not targets.is_floating_point():
        return [str(labels[int(target)]) if 0 <= int(target) < len(labels) else "–" for target in targets]
    if labels is not None and targets.dim() == 2 and targets.shape[1] == len(labels):
        of_row = [[str(name) for name, has in zip(labels, row.tolist(), strict=True) if has > 0] for row in targets]
        return [", ".join(names) or "none" for names in of_row]
    if answer is not None and targets.dim() == 1 and targets.is_floating_point() and len(targets) >= len(THIRDS):
        ranks = targets.double().argsort().argsort().numpy()
        return [THIRDS[int(rank * 3 // len(ranks))] for rank in ranks]
    return [""] * len(places)


def common(groups: list[str]) -> list[str]:
    """The most frequent, so many that "others" has a colour too."""
    return [name for name, _ in Counter(groups).most_common(GROUPS - 1)]


def edges(points: np.ndarray) -> list[int]:
    """Positions of the leftmost, the rightmost, the lowest and the highest point."""
    return list(dict.fromkeys(int(i) for axis in (0, 1) for i in (points[:, axis].argmin(), points[:, axis].argmax())))


def name_points(picture: Drawing, named: dict[str, Any]) -> None:
    """Write names beside points of a picture."""
    finish = picture.finish

    def name_too(ax: Any) -> None:
        if finish:
            finish(ax)
        middle = sum(ax.get_xlim()) / 2
        for name, (x, y) in named.items():
            side = "left" if x < middle else "right"
            ax.annotate(
                name, (x, y), (6 if side == "left" else -6, 4), textcoords="offset points", ha=side, fontsize=8.5
            )

    picture.finish = name_too
    picture.words += " At the edges are " + ", ".join(named) + "."
