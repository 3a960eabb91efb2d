"""Word vectors: a vector for every word of a text, learnt from the words around it.

    text ── words ── windows (Word2Vec, FastText) or counted pairs (GloVe) ── vectors (V, C) ── what is near a word

Training sees the first nine tenths of the text. The rest is held out as pairs: a word, one that stands near it, and
one that is drawn by chance; vectors are judged by how often the near one is nearer. `deepglass evaluate RUN PAIRS`
holds them against pairs that people have rated.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.core.device import device_of
from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Text
from deepglass.data.examples import Batch, Examples
from deepglass.data.fields import words
from deepglass.data.preprocess.common_directions import Common, common_of
from deepglass.data.preprocess.cooccurrence import count_pairs
from deepglass.data.word_vectors import WordVectors, unit
from deepglass.data.word_windows import WordWindows, noise_shares
from deepglass.evaluate.metrics import word_vectors as metrics
from deepglass.models.glove import weighted_least_squares
from deepglass.models.word2vec import negative_sampling
from deepglass.rivals import Time
from deepglass.rivals.ppmi_svd import factors, ppmi_svd
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._whole_text import WholeTextTask
from deepglass.zoo import architectures

NOISE = 256  # words drawn by chance for all rows of a batch
AT_ONCE = 4096  # words whose vectors are made at once
COUNTS = "counts"  # what a model may say that it LEARNS_FROM, in the place of the text
RIVAL_DIM, RIVAL_WINDOW = 100, 5
RIVAL_WORDS = 20_000  # of more, the decomposition takes minutes
SHOWN = 5  # neighbours in an answer


@dataclass(frozen=True)
class Config(words.Options):
    """Options of the task."""

    negatives: int = 10  # words by chance that count as much as one pair; 5 will do for a billion words of text
    count_max: float = 100.0  # of counted pairs: those that occur more often weigh no more
    word_start: Literal["counted", "random"] = "counted"  # tables to begin with: PPMI and SVD of the text, where the
    # model takes them and the words are not too many; random ones need many more passes
    common: int | None = None  # directions that all vectors share and that are taken out of them, with their mean; one
    # per 100 numbers if not given; 0 leaves the vectors as they were learnt


class Task(WholeTextTask):
    """A text → vectors of its words."""

    name = "word-vectors"
    plain_text = ".txt"
    default_model = "word2vec"
    CHECKS = ()
    HONOURS = ("text_column", "val_fraction", "test_fraction")
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "words are learnt from the words around them; leave it out",
        "private": "a bound per place of a text is none per author; leave it out",
        "class_weights": "every word is a target; leave it out, or try --subsample",
        "label_smoothing": "words by chance take its place; leave it out, or try --negatives",
        "mixup": "words cannot be blended; leave it out",
        "cutmix": "words cannot be cut and pasted as pictures are; leave it out",
    }
    better = "higher"
    monitor = "pair_accuracy"
    steps_repeat = False  # batches differ in length
    inputs: words.Field
    config: Config

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed, words.Field)

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Also tell the field what the model learns from.

        Raises:
            DataError: If there is no text, or too little of it.
            OptionError: If an option is out of its range.
        """
        if self.config.negatives < 1:
            raise OptionError(f"--negatives: expected 1 or more, got {self.config.negatives}")
        if self.config.common is not None and self.config.common < 0:
            raise OptionError(f"--common: expected 0 or more, got {self.config.common}")
        if not self.config.count_max > 0:
            raise OptionError(f"--count-max: expected more than 0, got {self.config.count_max:g}")
        self.inputs.learns_from_counts = self.learns_from_counts
        return super().prepare(data)

    @property
    def learns_from_counts(self) -> bool:
        """Whether the model is told how often pairs occur, as its file says."""
        return self._of_model("LEARNS_FROM", "") == COUNTS

    @property
    def begins_counted(self) -> bool:
        """Whether training begins with what counting tells."""
        wanted = self.config.word_start == "counted" and self._of_model("BEGINS_COUNTED", False)
        return wanted and len(self.inputs.vocabulary) <= RIVAL_WORDS

    def _of_model(self, constant: str, default: Any) -> Any:
        file = architectures.entry(self.model or self.default_model, self.name).file
        return catalogue.constant("models", file, constant, default)

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also what windows or counted pairs leave no room for."""
        yield from super().unused_options(asked, data, model)
        if "text_column" in asked and isinstance(data, Text):
            yield Unused("text_column", "a running text has no columns")
        if "initializer" in asked:
            yield Unused("initializer", "tables of vectors are all that there is, and begin near zero")
        if "word_start" in asked and not self._of_model("BEGINS_COUNTED", False):
            yield Unused("word_start", "the model takes no tables to begin with; --model word2vec does")
        if self.learns_from_counts and "negatives" in asked:
            yield Unused("negatives", "the model learns from counted pairs, none is drawn by chance")
        if not self.learns_from_counts and "count_max" in asked:
            yield Unused("count_max", "the model learns from the text, and not from counted pairs")

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Passes enough for a small text, fewer for a large one; counted pairs are more examples than places."""
        if self.begins_counted:
            return {"epochs": int(np.clip(round(PLACES_LEFT / max(1, num_examples)), 1, 20)), **OF_WINDOWS, **GENTLY}
        wanted = PAIRS_WANTED if self.learns_from_counts else PLACES_WANTED
        epochs = int(np.clip(wanted / max(1, num_examples), 3, 60))
        return {"epochs": epochs, **(OF_COUNTS if self.learns_from_counts else OF_WINDOWS)}

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """Tell a model that sees inside words what they are, and one that begins with tables what counting tells."""
        if hasattr(model, "learn_words"):
            model.learn_words(["", "", *self.inputs.vocabulary.words])  # type: ignore[operator]
        if self.begins_counted:
            dim = model.words.weight.shape[1]  # type: ignore[index,union-attr]
            counted = factors(self._pairs(prepared.train), dim, self.seed)
            model.begin_with(*map(torch.from_numpy, map(np.ascontiguousarray, counted)))  # type: ignore[operator]

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Of windows: pairs against words by chance. Of counted pairs: least squares of their logarithms."""
        tokens, candidates, target = batch
        if target.is_floating_point():
            return weighted_least_squares(model(tokens, candidates).float(), target, self.config.count_max)
        drawn = torch.multinomial(self._noise(tokens.device), NOISE, replacement=True)  # (N,)
        # A word by chance counts k times, so a pair is told from it by PMI − log k; log k is no word's business.
        scores = model(tokens, candidates, drawn).float() - math.log(self.config.negatives)  # (B, n + N)
        return negative_sampling(scores, candidates, self.config.negatives)

    def loss_weight(self, batch: Batch) -> Tensor | None:
        """The number of pairs."""
        return None if batch[2].is_floating_point() else (batch[1] != 0).sum()

    def has_one_loss(self, network: nn.Module) -> bool:
        """Validation tells pairs apart."""
        return False

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 512) -> Outputs:
        """Cosines (N, 2) of pairs, (N, 1) of rated ones; of words alone the vectors (N, C) and what is near them."""
        model.eval()
        tokens, others, target = examples.batch(torch.arange(len(examples)))
        vectors = unit(self._table(model))
        tokens, others, target = (part.cpu().numpy() for part in (tokens, others, target))
        if not others.shape[1]:
            return self._of_words(vectors, tokens[:, 0])
        return self._of_pairs(vectors, tokens, others, target)

    def _of_pairs(self, vectors: np.ndarray, tokens: np.ndarray, others: np.ndarray, target: np.ndarray) -> Outputs:
        cosines = (vectors[tokens] * vectors[others]).sum(axis=2)  # (N, n)
        if others.shape[1] == 1:
            cosines[(tokens == 0) | (others == 0)] = np.nan
            return Outputs(cosines, target)
        return Outputs(cosines, target, 1 - metrics.is_nearer(cosines))

    def _of_words(self, vectors: np.ndarray, tokens: np.ndarray) -> Outputs:
        cosines = vectors[tokens] @ vectors.T  # (N, V)
        cosines[:, :2] = -1.0  # no words
        cosines[np.arange(len(tokens)), tokens] = -1.0
        near = np.argsort(-cosines, axis=1, kind="stable")[:, :SHOWN]
        likeness = np.take_along_axis(cosines, near, axis=1)
        return Outputs(vectors[tokens], None, extra={"near": near, "likeness": likeness, "known": tokens > 0})

    def _table(self, model: nn.Module) -> np.ndarray:
        """(V, C) the vectors of all words, without what they have in common."""
        table = self._learnt(model)
        table[2:] = self._common(table).without(table[2:])
        return table

    def _learnt(self, model: nn.Module) -> np.ndarray:
        ids = torch.arange(len(self.inputs.vocabulary), device=device_of(model)).unsqueeze(1)
        return torch.cat([model(part).float() for part in ids.split(AT_ONCE)]).cpu().numpy()

    def _common(self, table: np.ndarray) -> Common:
        """What is taken out of a vector; the first two rows of the table are no words."""
        if self.config.common == 0:
            dim = table.shape[1]
            return Common(np.zeros(dim, table.dtype), np.zeros((0, dim), table.dtype))
        return common_of(table[2:], self.config.common)

    def _noise(self, device: torch.device) -> Tensor:
        return torch.from_numpy(noise_shares(self.inputs.counts)).float().to(device)

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Pairs told apart."""
        return {"pair_accuracy": float(metrics.is_nearer(outputs.predictions).mean())}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Pairs told apart, or how well cosines agree with what people said of pairs."""
        if outputs.predictions.shape[1] == 1:
            return metrics.evaluate_ratings(outputs.predictions[:, 0], outputs.targets, seed=self.seed)  # type: ignore[arg-type]
        return metrics.evaluate_pairs(outputs.predictions, seed=self.seed)

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The more frequent of the two words, whatever the first one is."""
        _, others, target = prepared.test.batch(torch.arange(len(prepared.test)))
        outputs = Outputs(self.inputs.counts[others.cpu().numpy()].astype(float), target.cpu().numpy())
        return {"name": "the more frequent word", **self.evaluate(outputs)}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """Vectors by counting: PPMI and SVD of the same text."""
        if time.is_up() or len(self.inputs.vocabulary) > RIVAL_WORDS:
            return None
        pairs = self._pairs(prepared.train)
        vectors = unit(ppmi_svd(pairs, RIVAL_DIM, self.seed))
        tokens, others, target = (p.cpu().numpy() for p in prepared.test.batch(torch.arange(len(prepared.test))))
        return "PPMI and SVD", self._of_pairs(vectors, tokens, others, target)

    def _pairs(self, train: Any) -> Any:
        """How often pairs occur in the training part: sparse (V, V)."""
        V = len(self.inputs.vocabulary)
        if isinstance(train, WordWindows):
            return count_pairs(train.ids.cpu().numpy(), min(RIVAL_WINDOW, self.config.window), V)
        from scipy import sparse

        words, others, counts = (tensor.cpu().numpy()[:, 0] for tensor in train.tensors)
        return sparse.coo_matrix((counts.astype(np.float64), (words, others)), shape=(V, V))

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The pairs of which the one by chance lies nearest, compared with the true one."""
        tokens, others, _ = (p.cpu().numpy() for p in prepared.test.batch(torch.arange(len(prepared.test))))
        margin = outputs.predictions[:, 1] - outputs.predictions[:, 0]
        worst = np.argsort(-margin, kind="stable")[:count].tolist()
        return [{"row": i, **self._told(tokens[i, 0], *others[i]), "loss": float(margin[i])} for i in worst]

    def _told(self, word: int, near: int, other: int) -> dict[str, str]:
        word, near, other = (self._spelt(place) for place in (word, near, other))  # type: ignore[assignment]
        text = f"{word}: {near} stands near it, {other} is by chance"
        return {"text": text, "target": str(near), "predicted": str(other)}

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """For each word what is near it; for each rated pair its cosine."""
        if "near" not in outputs.extra:
            return [
                {**{name: column[i] for name, column in names.items()}, "similarity": float(row[0])}
                for i, row in enumerate(outputs.predictions)
            ]
        parts = zip(names["word"], *(outputs.extra[name] for name in ("near", "likeness", "known")), strict=True)
        return [
            {"word": word, "prediction": ", ".join(map(self._spelt, near)), "similarity": float(likeness[0])}
            if known
            else {"word": word, "prediction": "", "similarity": None}
            for word, near, likeness, known in parts
        ]

    def word_vectors(self, model: nn.Module) -> WordVectors:
        """The words that have a vector, and these."""
        vocabulary = self.inputs.vocabulary

        with torch.no_grad():
            learnt = self._learnt(model)
        common = self._common(learnt)

        @torch.no_grad()
        def unseen(word: str) -> np.ndarray:
            return common.without(model.vector_of(word).float().cpu().numpy())  # type: ignore[operator]

        table = common.without(learnt[2:])
        return WordVectors(vocabulary.words, table, unseen if hasattr(model, "vector_of") else None, vocabulary.form)

    def _spelt(self, place: int) -> str:
        return self.inputs.vocabulary.words[place - 2] if place >= 2 else "nothing"


PLACES_WANTED, PAIRS_WANTED = 8_000_000, 60_000_000  # Brown, a million words: eight passes
PLACES_LEFT = 2_000_000  # where counting has done most of the work
OF_WINDOWS = {"batch_size": 1024, "learning_rate": 4e-3, "optimizer": "adam", "weight_decay": 0.0, "schedule": "cosine"}
GENTLY = {"learning_rate": 1e-3}  # more would undo what was counted
OF_COUNTS = {"batch_size": 8192, "learning_rate": 2e-3, "optimizer": "adam", "weight_decay": 0.0, "schedule": "cosine"}
