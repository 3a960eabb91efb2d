"""What a method is given: one example of a run in parts, and the score that is explained."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.explain import Explanation
from deepglass.explain.coalitions import ends
from deepglass.explain.inputs import Parts
from deepglass.explain.leaves import Leaves, as_dtype
from deepglass.explain.rows import Rows
from deepglass.rivals.blend import Blend

MOST_IN_DOUBLE = 20_000_000  # weights of a network that is explained in float64; a larger one would not fit twice
NUMBERS_AT_ONCE = 4_000_000  # of the inputs of one pass: coalitions of pictures come by the thousand


@dataclass
class Subject:
    """One example of a run, and what is asked about it.

    Args:
        run: An `api` run; data: where the data of its training are, if not where they were.
        parts: Of the example.
        place: In the task's `score_names`.
        rows: From which the example was taken; row: its position among them, from 0.
    """

    run: Any
    parts: Parts
    place: int
    rows: Rows
    row: int = 0
    data: Any = None
    asked: int = field(default=0, init=False)  # inputs whose score was asked for

    def of(self, model: nn.Module) -> "Subject":
        """The same question to another model of the same kind."""
        other = copy.copy(self)
        for name in ("model", "smooth_model", "leaves", "ends", "walk_ends", "dtype"):
            other.__dict__.pop(name, None)
        other.__dict__["model"] = model
        return other

    @property
    def task(self) -> Any:
        """Of the run."""
        return self.run.task

    @property
    def about(self) -> str:
        """What is explained, in words."""
        return self.task.score_names[self.place]

    @property
    def unit(self) -> str:
        """Of the scores of coalitions."""
        return "probability" if self.task.scores_are_odds else self.task.score_unit

    @property
    def unit_of_gradients(self) -> str:
        """Of the scores that gradients are taken of."""
        return "log-odds" if self.task.scores_are_odds else self.task.score_unit

    @cached_property
    def model(self) -> nn.Module:
        """What answers, on the processor, frozen; in float64 where it is small enough, so that sums hold."""
        model = copy.deepcopy(self.run.model).cpu().eval().requires_grad_(False)
        numbers = sum(p.numel() for p in model.parameters())
        return model.double() if numbers <= MOST_IN_DOUBLE else model

    @cached_property
    def smooth_model(self) -> nn.Module:
        """What gradients follow: the network alone where simple models are blended in, which have none."""
        return getattr(self.model, "network", self.model) if self.is_blended else self.model

    @property
    def is_blended(self) -> bool:
        """Whether simple models answer beside the network."""
        return isinstance(self.model, Blend) and len(self.model.parts) > 0

    @cached_property
    def dtype(self) -> torch.dtype:
        """Of its weights."""
        return next((p.dtype for p in self.model.parameters() if p.is_floating_point()), torch.float32)

    # -- scores -------------------------------------------------------------------------------------------------

    def of_said(self, said: Tensor) -> Tensor:
        """(n,) what the network said → the score that gradients are taken of."""
        return self.task.scores(said)[:, self.place]

    @torch.no_grad()
    def scores_of(self, inputs: tuple[Tensor, ...]) -> np.ndarray:
        """(n, S) probabilities of all classes or labels, or values, of inputs (n, …)."""
        n = len(inputs[0])
        size = max(1, sum(x[:1].numel() for x in inputs))
        chunk = max(1, NUMBERS_AT_ONCE // size)
        found = []
        for start in range(0, n, chunk):
            said = self.model(*(as_dtype(x[start : start + chunk], self.dtype) for x in inputs))
            scores = self.task.scores(said)
            found.append(scores.sigmoid() if self.task.scores_are_odds else scores)
        self.asked += n
        return torch.cat(found).double().numpy()

    def score_of(self, inputs: tuple[Tensor, ...]) -> np.ndarray:
        """(n,) of what is explained."""
        return self.scores_of(inputs)[:, self.place]

    def game(self, present: np.ndarray) -> np.ndarray:
        """(n,) scores of coalitions (n, M) of the parts."""
        chunk = max(1, NUMBERS_AT_ONCE // max(1, sum(x.numel() for x in self.parts.inputs)))
        pieces = [present[start : start + chunk] for start in range(0, len(present), chunk)]
        return np.concatenate([self.score_of(self.parts.hidden(piece)) for piece in pieces])

    @cached_property
    def ends(self) -> tuple[float, float]:
        """The score with every part hidden, and of the example."""
        none, whole = self.game(ends(len(self.parts)))
        return float(none), float(whole)

    @cached_property
    def leaves(self) -> Leaves:
        """Where gradients may be asked for."""
        return Leaves(self.smooth_model, self.parts, self.of_said)

    @cached_property
    def walk_ends(self) -> tuple[float, float]:
        """The score that gradients are taken of, at the base of the walk and at the example."""
        with torch.no_grad():
            pair = [
                self.of_said(self.smooth_model(*(as_dtype(x, self.dtype) for x in inputs)))
                for inputs in (self.parts.base, self.parts.inputs)
            ]
        return float(pair[0]), float(pair[1])

    @property
    def walk_difference(self) -> float:
        """Between them."""
        return self.walk_ends[1] - self.walk_ends[0]

    @property
    def notes_of_gradients(self) -> list[str]:
        """What a reader of gradients must know."""
        if not self.is_blended:
            return []
        beside = ", ".join(list((self.run.metrics.get("blend") or {}).get("weights", {}))[1:]) or "simple models"
        return [f"gradients follow the network alone, and the run answers with a blend of it and {beside}"]

    # -- answers ------------------------------------------------------------------------------------------------

    def explanation(
        self, method: str, title: str, values: Any, low: Any = None, high: Any = None, **more: Any
    ) -> Explanation:
        """Of contributions (M,) of the parts, with the ends of their intervals where there are any."""
        records = []
        for i, (name, cell, value) in enumerate(zip(self.parts.names, self.parts.cells, values, strict=True)):
            record = {"name": name, "value": cell, "contribution": float(value)}
            records.append(record | ({} if low is None else {"low": float(low[i]), "high": float(high[i])}))
        base, score = self.ends
        facts = {"score": score, "base": base, "base_is": self.parts.hidden_is, "unit": self.unit} | more
        return self.bare(method, title, parts=records, **facts)

    def bare(self, method: str, title: str, **more: Any) -> Explanation:
        """With the kind of the parts, what is explained, and the picture."""
        facts = {"kind": self.parts.kind, "about": self.about, "picture": self.parts.picture} | more
        return Explanation(method, title, **facts)

    def with_sum(self, found: Explanation) -> Explanation:
        """Also how far the contributions are from adding up."""
        assert found.score is not None
        assert found.base is not None
        gap = found.score - found.base - float(found.contributions.sum())
        return replace(found, figures=found.figures | {"gap": gap})

    def of_leaves(self, method: str, title: str, attributions: Sequence[Tensor], **more: Any) -> Explanation:
        """Of attributions, one (1, …) for each leaf."""
        base, score = self.walk_ends
        facts = {"score": score, "base": base, "unit": self.unit_of_gradients}
        facts["base_is"] = self.parts.walk_is
        if self.parts.picture is not None:
            facts["map"] = self.leaves.map_of(attributions)
        more["notes"] = [*more.get("notes", []), *self.notes_of_gradients]
        return self.explanation(method, title, self.leaves.by_part(attributions), **(facts | more))
