"""Masked language modelling: some words of a text are covered, and have to be told from those on both sides of them.

    a warm and funny film ── cover ── a warm and [gap] film ── network ── which word? ── loss at the gaps alone

No labels are needed, so any texts will do; what is learnt of the language is taken over by `--pretrained RUN`, which
begins a training with labels. A word that the network does not know is a gap to it: it reads "____", or any word that
training has not seen, as a place where something stands. In training a covered word is at times shown as another word
or as it is (`data/augment/covered.py`); it is judged on gaps only.

References:
    Devlin, Chang, Lee & Toutanova (2019), BERT, https://arxiv.org/abs/1810.04805
    Taylor (1953), Cloze procedure: a new tool for measuring readability, https://doi.org/10.1177/107769905303000401
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.data.augment.covered import IGNORED, covered
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table, Text
from deepglass.data.examples import Batch, Examples, InMemory
from deepglass.data.fields import Beginning, Source, itself, text
from deepglass.evaluate.metrics import gaps
from deepglass.rivals import Time
from deepglass.rivals.neighbours import Neighbours
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._counted_words import counted_words
from deepglass.tasks._gaps import OWN_GAPS, Gaps
from deepglass.tasks._supervised import SupervisedTask

TEXTS_WANTED = 60_000  # looked at in a training: 36 epochs of the 1,680 reviews
FEWEST_EPOCHS, MOST_EPOCHS = 2, 100
FEWEST_WORDS = 2  # that can be told apart
OF_COUNTED = 0.1  # of the learning rate, for vectors that begin counted: at the whole rate a pass over the texts undoes
# more of them than it teaches
SHOWN = 12  # texts with their gaps, in the report


@dataclass(frozen=True)
class Config(text.Options):
    """Options of the task."""

    mask_share: float = 0.15  # of the words that are covered, as in BERT; small networks bear 0.3 and learn faster
    word_dropout: float = 0.0  # share of words hidden besides, for which nobody asks
    word_start: Literal["counted", "random"] = "counted"  # vectors of words to begin with: PPMI and SVD of the texts,
    # which takes seconds and spares a small network most of its first epochs


class Task(SupervisedTask):
    """A text with gaps → the words that stood there."""

    name = "masked-language-modelling"
    default_model = "bert"
    plain_text = ".txt"
    CHECKS = ("texts", "repeated")
    HONOURS = ("target", "text_column", "group_column", "score_by", "val_fraction", "test_fraction")
    INSTEAD: ClassVar[dict[str, str]] = {
        "mixup": "words cannot be blended; try --mask-share 0.3",
        "cutmix": "words cannot be cut and pasted as pictures are; try --mask-share 0.3",
        "label_smoothing": "the answer is a word of the text, nobody labelled it; leave it out",
        "class_weights": "no classes are learnt; leave it out",
        "classes": "no classes are learnt; leave it out",
        "private": "a bound per text is none per author; leave it out",
        "adversarial": "words cannot change by a little; try --mask-share 0.3",
        "adversarial_steps": "words cannot change by a little; leave it out",
    }
    FOLLOWS_PATHS = ("text",)
    INPUTS = (text.Field,)
    ANSWER = itself.Field
    NOT_EXPORTED = (
        "a text has as many answers as gaps, and an export gives one; fill gaps with `deepglass predict RUN TEXTS`, or "
        "train with labels by `deepglass train … --pretrained RUN`, and export that run"
    )
    steps_repeat = False  # covered places are drawn inside the loss, and differ in number
    config: Config
    answer: itself.Field
    inputs: text.Field

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """As for any texts; a single long text is cut into its lines.

        Raises:
            DataError: If there are no texts, or those of the training have fewer than two different words.
            OptionError: If nothing would be covered, or everything.
        """
        if not 0 < self.config.mask_share < 1:
            raise OptionError(f"--mask-share: expected a share between 0 and 1, got {self.config.mask_share:g}")
        prepared = super().prepare(data)
        if len(self.vocabulary) - len(self.gaps.no_words) < FEWEST_WORDS:
            raise DataError(
                f"{data.name}: expected {FEWEST_WORDS} different words or more to choose from, the training texts have "
                f"{len(self.vocabulary) - len(self.gaps.no_words)}: give more text, or a smaller --min-count"
            )
        return prepared

    def source_of(self, data: Data) -> Source:
        """A table of texts; of one long text the lines that have something in them.

        Raises:
            DataError: If the data are something else, or all lines are empty.
        """
        return super().source_of(_lines(data) if isinstance(data, Text) else data)

    def _beginning(self) -> Beginning:
        """Parts of unknown words would stand behind a text as if they were words of it; so none are learnt."""
        return replace(super()._beginning(), is_usual_model=False)

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """As of any texts."""
        yield from super().unused_options(asked, self.source_of(data), model)

    @property
    def dims(self) -> dict[str, Any]:
        """Of the texts alone: as many answers as words."""
        return self.inputs.dims

    # -- learning -----------------------------------------------------------------------------------------------

    @property
    def augments(self) -> bool:
        """Other words are covered every time."""
        return True

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Large batches, for few words of each text are asked."""
        epochs = round(TEXTS_WANTED / max(1, num_examples))
        return {
            "epochs": min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
            "batch_size": 64,
            "learning_rate": 2e-3,
            "weight_decay": 0.01,
            "clip_gradient": 1.0,
            "schedule": "cosine",
            "warmup": 0.05,
        }

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """Frequencies of words, and vectors by the company that they keep, where the network takes them."""
        super().begin(model, prepared)
        if self._begins_counted(model):
            tokens = prepared.train.tensors[0].numpy()  # type: ignore[attr-defined]
            shares, vectors = counted_words(
                tokens, len(self.vocabulary), model.embed_dim, self.gaps.no_words, self.seed
            )  # type: ignore[arg-type]
            model.begin_with(torch.from_numpy(shares), torch.from_numpy(vectors))  # type: ignore[operator]

    def _begins_counted(self, model: nn.Module) -> bool:
        return self.config.word_start == "counted" and hasattr(model, "begin_with")

    def rates(self, model: nn.Module) -> Mapping[str, float]:
        """Counted vectors learn slowly."""
        return {model.BEGUN: OF_COUNTED} if self._begins_counted(model) else {}  # type: ignore[dict-item]

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Mean cross entropy per covered word, in nats."""
        tokens, vocabulary = batch[0], self.vocabulary
        shown, asked = covered(
            tokens, vocabulary.unknown, len(self.vocabulary), vocabulary.marks, share=self.config.mask_share
        )
        places = asked != IGNORED  # (B, T)
        if not places.any():  # of a batch of a few short texts
            return model(shown).sum() * 0.0
        return F.cross_entropy(model(shown, places=places).float(), asked[places])

    def has_one_loss(self, network: nn.Module) -> bool:
        """Training also asks for words that are shown."""
        return False

    # -- answers ------------------------------------------------------------------------------------------------

    @property
    def gaps(self) -> Gaps:
        """Where words are asked for."""
        return Gaps(self.vocabulary, self.config.mask_share)

    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 512) -> Outputs:
        """The likeliest word at each gap (N, T), the true ones, and the mean loss of the gaps of each text."""
        return self.gaps.filled(model, examples, batch_size)

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """Each text with its gaps filled, the first words for every gap, and how sure the model was of the first."""
        rows = [dict(zip(names, cells)) for cells in zip(*names.values())]
        return [
            row
            | {"prediction": self.gaps.spelled(outputs, place)}
            | {"gaps": "; ".join(self.gaps.named(outputs, place))}
            | {"confidence": self.gaps.confidence(outputs, place)}
            for place, row in enumerate(rows)
        ]

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss in nats per gap, and how many gaps are filled rightly."""
        losses, asked, right, _ = self.gaps.judged(outputs)
        count = max(1, int(asked.sum()))
        return {"loss": float((losses * asked).sum() / count), "accuracy": float(right.sum() / count)}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """How often the word is told, or is among the first five; the perplexity; and some texts with their gaps."""
        found = gaps.evaluate(*self.gaps.judged(outputs), seed=self.seed)
        found["details"]["filled"] = [
            {
                "text": self.gaps.spelled(outputs, place, is_filled=False),
                "covered": self.gaps.words(outputs.targets, outputs, place),  # type: ignore[arg-type]
                "said": "; ".join(self.gaps.named(outputs, place)),
            }
            for place in range(min(SHOWN, len(outputs.predictions)))
        ]
        return found

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The most frequent words, whatever stands beside the gap; one is added to every count."""
        shares = self._neighbours(prepared, None).words
        said = self.gaps.filled_by(lambda before, after: shares, prepared.test)
        return {"name": "frequency of each word", **gaps.evaluate(*self.gaps.judged(said), seed=self.seed)}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """Counts of pairs: what stood behind the word before the gap, and before the word behind it."""
        rival = self._neighbours(prepared, time)
        return "pairs of words, from both sides", self.gaps.filled_by(rival.shares, prepared.test)

    def _neighbours(self, prepared: Prepared, time: Time | None) -> Neighbours:
        tokens = prepared.train.tensors[0].numpy()  # type: ignore[attr-defined]
        return Neighbours(tokens, len(self.vocabulary), self.vocabulary.unknown, time)

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """The covered words of a text, and those that were said."""
        parts = {"target": outputs.targets, "predicted": outputs.predictions}
        return {name: self.gaps.words(part, outputs, place) for name, part in parts.items()}  # type: ignore[arg-type]

    # -- new texts ----------------------------------------------------------------------------------------------

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Examples, dict[str, Any]]:
        """New texts: to be judged, words of them are covered; else the gaps are asked that they have.

        Raises:
            DataError: If texts are missing or broken.
        """
        examples, names = super().read(inputs, with_target=with_target)
        if with_target:
            return examples, names
        tokens = examples.tensors[0]  # type: ignore[attr-defined]
        return InMemory(tokens, torch.full((len(tokens),), OWN_GAPS), transform=text.trimmed), names

    # -- explaining ---------------------------------------------------------------------------------------------

    @property
    def explained_as(self) -> str | None:
        """Nothing: a text may have many gaps, and an answer for each."""
        return None


def _lines(data: Text) -> Table:
    """The lines of one text as a table of texts.

    Raises:
        DataError: If all are empty.
    """
    lines = [line.strip() for line in data.text.splitlines() if line.strip()]
    if not lines:
        raise DataError(f"{data.name}: expected lines of text, all of them are empty")
    return Table(pd.DataFrame({"text": lines}), data.name, licence=data.licence)
