"""Conversations to answer: token ids of the chat template, padded with -1 at their end, as of texts to continue."""

from typing import Any

from deepglass.deploy.graphs.inputs._tokens import TokenPart
from deepglass.deploy.graphs.inputs.prompt import NO_TOKEN
from deepglass.deploy.graphs.inputs.prompt import Part as Prompt

COLUMN = "messages"


class Part(Prompt):
    """tokens (B, T) → tokens (B, T); the context is `last` (B,), where each conversation ends."""

    def __init__(self, task: Any):
        TokenPart.__init__(self, task, COLUMN, len(task.tokens), task.inputs.context, NO_TOKEN)

    def describe(self, statistics: dict[str, Any]) -> list[dict[str, Any]]:
        template = self.task.inputs.template
        return [super().describe(statistics)[0] | {"kind": "turns", "marks": template.marks}]
