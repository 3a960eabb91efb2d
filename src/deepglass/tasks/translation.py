"""Translation: the same sentence in another language.

    source ── byte pairs of both languages ── encoder ── decoder, which looks back at the source ── target

Reads a table with two columns of sentences, or two files whose lines belong together. The network is taught with the
true words before each word; on its own it writes greedily, or with a beam (`models/decoding/`).

References:
    Bahdanau, Cho & Bengio (2014), Neural Machine Translation by Jointly Learning to Align and Translate,
    https://arxiv.org/abs/1409.0473
    Vaswani et al. (2017), Attention Is All You Need, https://arxiv.org/abs/1706.03762
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
from torch import nn

from deepglass.core.guesses import Guess
from deepglass.data.examples import in_order
from deepglass.data.fields import Source, source_sentence
from deepglass.data.preprocess.sentences import BEGIN, PADDING
from deepglass.data.splits import Splits
from deepglass.rivals import Time
from deepglass.rivals.dictionary import Dictionary
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._sentence import SentenceTask


@dataclass(frozen=True)
class Config(source_sentence.Options):
    """Options of the task."""


class Task(SentenceTask):
    """A sentence → the same in another language."""

    name = "translation"
    EXPORTS = ("source_sentence", "sentence")
    plain_text = ".txt"
    default_model = "transformer"
    HONOURS = (
        "target", "text_column", "group_column", "score_by", "val_fraction", "test_fraction", "label_smoothing",
    )  # fmt: skip
    INSTEAD: ClassVar[dict[str, str]] = {
        "classes": "sentences have no classes; leave it out",
        "class_weights": "sentences have no classes; leave it out",
        "mixup": "words cannot be blended; leave it out, or try --label-smoothing 0.1",
        "cutmix": "words cannot be cut and pasted as pictures are; leave it out",
        "private": "the loss counts words and not examples, so no example has a bounded part in it; leave it out",
    }
    FIRST_INPUT = "source"
    READS = ("sentence pairs",)
    CHECKS = ("repeated",)
    INPUTS = (source_sentence.Field,)
    inputs: source_sentence.Field

    def learnt_from(self, splits: Splits, source: Source, guesses: list[Guess]) -> Splits:
        """All splits; both languages share their tokens, as names and numbers are the same in both."""
        self.answer.others = (self.inputs.column,)
        return splits

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The source itself, untranslated."""
        sources = [text for ids in self._sources(prepared.test) for text in self.spelled(ids)]
        return {"name": "the sentence as it is, untranslated", **self._judged(prepared, lambda i: sources[i])}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """Word by word: each word by the one that it occurs with most surely."""
        texts = {name: self._pairs(getattr(prepared, name)) for name in ("train", "test")}
        dictionary = Dictionary.fit(*texts["train"])
        written = [dictionary.translate(text) for text in texts["test"][0]]
        return "word by word, from a counted dictionary", self.outputs_of_texts(written, texts["test"][1])

    @torch.no_grad()
    def attention(self, model: nn.Module, source: str, written: list[int]) -> np.ndarray | None:
        """(T, S) where the network looked in the source, token by token of what was written; None where it cannot say.

        Args:
            model: Trained; one with `teacher_force` says where it looks.
            source: A sentence.
            written: Ids of its translation, the end included.
        """
        if not hasattr(model, "teacher_force"):
            return None
        ids = torch.from_numpy(self.inputs.vocabulary.encode_sources([source]))
        ids = ids[:, : int((ids != PADDING).sum())]
        prefix = torch.tensor([[BEGIN, *written[:-1]]])
        return model.eval().teacher_force(ids, prefix)[1][0].float().numpy()

    def _sources(self, examples: Any) -> list[np.ndarray]:
        return [batch[0].numpy() for batch in in_order(examples, 512, torch.device("cpu"))]

    def _pairs(self, examples: Any) -> tuple[list[str], list[str]]:
        """Both sides of examples, as they were encoded."""
        sources = [text for ids in self._sources(examples) for text in self.spelled(ids)]
        return sources, self.true_of(examples)
