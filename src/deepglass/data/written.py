"""Examples whose answer is a sentence: a network sees what was written so far, and says what comes next.

inputs, begin a b c end  →  inputs, begin a b c  →  a b c end
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from deepglass.data import examples as plain_examples
from deepglass.data.examples import Batch, Examples
from deepglass.data.preprocess.sentences import PADDING


class Written:
    """Examples (inputs …, sentence) as (inputs …, prefix, what follows each place of it): teacher forcing.

    What is padding in a whole batch is cut off; a GPU keeps it, since to look would be to wait for it.

    Args:
        examples: Sentences (B, 1 + T) last, from begin to end.
    """

    def __init__(self, examples: Examples):
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def batch(self, indices: Tensor) -> Batch:
        *inputs, sentence = self.examples.batch(indices)
        if not sentence.is_cuda:
            longest = int((sentence != PADDING).sum(dim=1).max()) if len(sentence) else 2
            sentence = sentence[:, : max(2, longest)]
        return *inputs, sentence[:, :-1], sentence[:, 1:]

    def to(self, device: torch.device) -> "Written":
        return Written(self.examples.to(device))

    def announce(self, batches: Sequence[Tensor]) -> None:
        """Told to the examples."""
        plain_examples.announce(self.examples, batches)
