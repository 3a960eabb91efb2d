"""Logits of what follows every place of what was written so far → log p of every token there.

A graph writes one token. Whoever wants the sentence asks again with that token behind the others, until the end comes
(`deploy/runtime/answers/sentence.py`); what was read goes through the network each time.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.data.preprocess.sentences import BEGIN, END, PADDING
from deepglass.data.written import Written
from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import Context, InputPart
from deepglass.deploy.graphs.spec import Spec

FEWEST = 2  # places of what was written: an exporter takes a size of 1 for a constant
PREFIX, PLACES = "prefix", "written"


class Part(AnswerPart):
    """Logits (B, T, V) behind a prefix (B, T), padded with 0 → sentence (B, T, V): log p of what follows each place."""

    def __init__(self, task: Any, inputs: InputPart):
        super().__init__(task, inputs)
        self.words = task.words
        self.suit(inputs)

    def suit(self, network: nn.Module) -> None:
        V, longest = len(self.words), max(self.words.max_length, FEWEST)
        is_unrolled = getattr(network, "is_unrolled", False)
        places: int | str = longest if is_unrolled else PLACES
        self.inputs = [Spec(PREFIX, torch.int64, ("batch", places))]
        self.sizes = {} if is_unrolled else {PLACES: (FEWEST, longest)}
        self.specs = [Spec("sentence", torch.float32, ("batch", places, V))]

    def example(self, batch: int, sizes: dict[str, int], generator: torch.Generator) -> tuple[Tensor, ...]:
        length = self.inputs[0].shape[1]
        length = sizes[length] if isinstance(length, str) else length
        prefix = torch.randint(END + 1, len(self.words), (batch, length), generator=generator)
        prefix[:, 0] = BEGIN
        prefix[0, 1:] = PADDING  # nothing but the begin, among longer ones
        return (prefix,)

    def raw(self, examples: Any, raw_of: Callable[[Any], Any]) -> Any:
        return Written(raw_of(examples.examples))

    def forward(self, output: Tensor, context: Context) -> tuple[Tensor, ...]:
        return (output.float().log_softmax(dim=2),)

    def as_network(self, answers: Tensor) -> Tensor:
        """log p is as good as logits: its softmax is the same."""
        return answers

    def labels(self) -> list[str]:
        """What each id spells, a character for each byte of it."""
        return [spelling.decode("latin-1") for spelling in self.words.spellings]

    def extra(self) -> dict[str, Any]:
        """How a sentence is written, step by step."""
        places = self.inputs[0].shape[1]
        width = {"width": places} if isinstance(places, int) else {"width": 0}
        forbidden = {"never": self.words.never, "never_first": self.words.never_first}
        return {"writing": {"begin": BEGIN, "end": END, "max_length": self.words.max_length, **width, **forbidden}}
