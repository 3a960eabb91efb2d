"""Texts to continue: token ids, padded with -1 at their end, for every number from 0 is an id."""

from typing import Any, ClassVar

from torch import Tensor

from deepglass.deploy.graphs.inputs import Context
from deepglass.deploy.graphs.inputs._tokens import TokenPart

NO_TOKEN = -1


class Part(TokenPart):
    """tokens (B, T) → tokens (B, T); the context is `last` (B,), where each text ends."""

    COLUMN: ClassVar[str] = "text"

    def __init__(self, task: Any):
        super().__init__(task, self.COLUMN, len(task.tokens), task.inputs.context, NO_TOKEN)

    def forward(self, given: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Context]:
        tokens = given["tokens"]
        last = (tokens != NO_TOKEN).sum(dim=1) - 1  # (B,)
        return (tokens.clamp(min=0),), {"last": last}  # what follows the end cannot reach back

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        return [super().describe(statistics)[0] | {"start": self.task.inputs.start}]

    def tokens(self) -> dict[str, Any]:
        return self.task.tokens.state()
