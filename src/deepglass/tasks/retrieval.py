"""Retrieval: which reply answers? It is found among those that somebody gave, and none is made up.

    what was said, turn by turn ── network ── D numbers ── cosine with the numbers of every reply ── the nearest

Two encoders learn from conversations alone: of all replies of a batch, which one was given? Beside them, BM25 and
TF-IDF are tried, which know words and nothing of what goes with what.

References:
    Lowe et al. (2015), The Ubuntu Dialogue Corpus, https://arxiv.org/abs/1506.08909
    Henderson et al. (2017), Efficient Natural Language Response Suggestion for Smart Reply,
    https://arxiv.org/abs/1705.00652 (the loss)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core import effects
from deepglass.core.device import device_of
from deepglass.core.effects import Unused
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, in_order
from deepglass.data.exchanges import Exchanges
from deepglass.data.fields import exchanges
from deepglass.data.preprocess.hashed_words import TURN
from deepglass.evaluate.metrics import retrieval
from deepglass.evaluate.scores import score
from deepglass.rivals import Time
from deepglass.rivals.bm25 import BM25, TfidfCosine
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._whole_text import WholeTextTask

BATCH = 128  # exchanges: each is a question with so many replies to choose from
LOOKS_BACK = (1, 2, 4, 64)  # turns of which the simple methods take the words; the validation part chooses
STEPS_WANTED = 600  # of a training; on 16,000 exchanges it chose none behind the fifth pass


@dataclass(frozen=True)
class Config(exchanges.Options):
    """Options of the task."""


class Task(WholeTextTask):
    """What was said → the reply that fits it best, of those that somebody gave."""

    name = "retrieval"
    default_model = "dual-encoder"
    monitor = "reply_mrr"
    better = "higher"
    plain_text = ".jsonl"
    READS = ("dialogues",)
    CHECKS = ()
    NOT_EXPORTED = (
        "what is said and what is answered go through two encoders, and an export holds one; write replies for many "
        "conversations with `deepglass predict RUN DIALOGUES --output FILE`"
    )
    HONOURS = ("val_fraction", "test_fraction")
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "the replies of a conversation are its targets; leave it out",
        "private": "a bound per exchange is none per speaker; leave it out",
        "class_weights": "a reply is not a class; leave it out",
        "mixup": "words cannot be blended; leave it out",
        "cutmix": "words cannot be cut and pasted as pictures are; leave it out",
        "label_smoothing": "equal replies share a target already, and the others are wrong; leave it out",
    }
    draws: ClassVar[bool] = False  # whether the same conversation may be answered in several ways
    inputs: exchanges.Field  # type: ignore[assignment]

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed, exchanges.Field)  # type: ignore[arg-type]
        self._known: tuple[nn.Module, np.ndarray] | None = None  # the vectors of all replies, of the last model

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Large batches, in which there is much to tell apart, and about five passes."""
        epochs = float(np.clip(STEPS_WANTED * BATCH / num_examples, 1, 30))
        return {"epochs": round(epochs), "batch_size": BATCH, "learning_rate": 2e-3, "weight_decay": 0.01}

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """As near as TF-IDF has texts, where the model can."""
        if hasattr(model, "begin_as_tfidf"):
            model.begin_as_tfidf(torch.from_numpy(self._idf()).float().to(device_of(model)))  # type: ignore[operator]

    def _idf(self) -> np.ndarray:
        """(V,) how rare words are in the turns of the training."""
        train = self.inputs.content["train"]
        first = dict.fromkeys(one.said[0] for one in train)
        return self.inputs.vocabulary.weights([*first, *(one.reply for one in train)])

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy of each reply among those of the batch; equal replies belong to each other's question."""
        source, replies = batch
        logits = model(source, replies).float()  # (B, B)
        same = (replies[:, None] == replies[None]).all(dim=2).float()
        return F.cross_entropy(logits, same / same.sum(dim=1, keepdim=True))

    def has_one_loss(self, network: nn.Module) -> bool:
        """No: validation asks among a few candidates, training among those of a batch."""
        return False

    # -- answers ------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Exchanges, batch_size: int = 512) -> Outputs:
        """Of exchanges the cosines (N, C) of the candidates, the right one first; of questions the nearest reply."""
        model.eval()
        said, read = [], []
        for source, replies in in_order(examples, batch_size, device_of(model)):
            said.append(model(source).float().cpu())
            if not examples.is_asked:
                read.append(model.read(replies).float().cpu())  # type: ignore[operator]
        asked = torch.cat(said).numpy()
        if examples.is_asked:
            near = asked @ self.reply_vectors(model).T  # (N, R)
            best = near.argmax(axis=1)
            return Outputs(best.astype(np.int64), None, None, {"score": near[np.arange(len(best)), best]})
        scores = np.einsum("nd,ncd->nc", asked, torch.cat(read).numpy()[examples.candidates])
        return Outputs(scores, np.zeros(len(scores), np.int64), retrieval.losses(scores))

    def reply_vectors(self, model: nn.Module) -> np.ndarray:
        """(R, D) of every reply that it can give."""
        if self._known is None or self._known[0] is not model:
            self._known = model, self.text_vectors(model, self.inputs.replies)
        return self._known[1]

    @torch.no_grad()
    def text_vectors(self, model: nn.Module, texts: list[str]) -> np.ndarray:
        """(n, D) of length 1, of texts that may answer."""
        ids = self.inputs.reply_ids(texts).long().to(device_of(model))
        return torch.cat([model.eval().read(part).float().cpu() for part in ids.split(512)]).numpy()  # type: ignore[operator]

    @torch.no_grad()
    def words(self, model: nn.Module, text: str) -> np.ndarray:
        """(D,) of what somebody says.

        Raises:
            DataError: If there is no word in it.
        """
        source = self.inputs.asked([[text]]).source.long().to(device_of(model))
        return model.eval()(source)[0].float().cpu().numpy()

    def answer_turns(self, model: nn.Module, turns: list[tuple[str, str]], **options: Any) -> tuple[int, Iterator[str]]:
        """How many of the first turns are not read, and the reply.

        Raises:
            DataError: If the last turn has no word.
            OptionError: If an option is for answers that are written.
        """
        why = f"runs of {self.name} find their answers, and do not write them"
        has_system = any(role == "system" for role, _ in turns)
        effects.refuse(Unused(name, why) for name in (*options, *["system"] * has_system))
        said = [text for role, text in turns if role != "system"]
        found = self.outputs(model, self.inputs.asked([said]).to(device_of(model)))
        return max(0, len(said) - self.inputs.turns), iter([self.inputs.replies[int(found.predictions[0])]])

    @property
    def sight(self) -> str:
        """How much of a conversation is read, in words."""
        return f"{self.inputs.turns} turns"

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The nearest reply to the last question of each conversation."""
        return [
            {"asked": asked, "prediction": self.inputs.replies[int(best)], "cosine": float(near)}
            for asked, best, near in zip(names["asked"], outputs.predictions, outputs.extra["score"], strict=True)
        ]

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """The mean reciprocal rank, and how often the right reply is the nearest."""
        found = self.evaluate(outputs)
        return {name: found[name]["value"] for name in ("reply_mrr", "recall_at_1")}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Recalls among the candidates."""
        return retrieval.evaluate(outputs.predictions, seed=self.seed)

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """A draw."""
        test: Any = prepared.test
        count = test.candidates.shape[1]
        recalls = {f"recall_at_{k}": score(min(k / count, 1.0)) for k in retrieval.AT}
        mrr = score(float(np.mean(1 / np.arange(1, count + 1))))
        return {"name": "a draw", "kind": "retrieval", "headline": ["recall_at_1"], **recalls, "reply_mrr": mrr}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """BM25 or TF-IDF of the last few turns, whichever the validation part prefers."""
        val: Any = prepared.val
        scores = {name: method(val) for name, method in self.simple_methods().items()}
        best = max(scores, key=lambda name: float((1 / retrieval.ranks(scores[name])).mean()))
        found = self.simple_methods()[best](prepared.test)
        return best, Outputs(found, np.zeros(len(found), np.int64), retrieval.losses(found))

    def simple_methods(self) -> dict[str, Any]:
        """By name, functions from exchanges to the scores (N, C) of their candidates."""
        learnt, idf = words_of(self.inputs.reply_ids(self.inputs.replies).numpy()), self._idf()

        def bm25(examples: Any, turns: int) -> np.ndarray:
            index = BM25(words_of(_array(examples.replies)), len(idf), collection=learnt)
            return index.scores_of(words_of(_array(examples.source), turns), examples.candidates)

        def tfidf(examples: Any, turns: int) -> np.ndarray:
            index = TfidfCosine(words_of(_array(examples.replies)), idf)
            return index.scores_of(words_of(_array(examples.source), turns), examples.candidates)

        kept = dict.fromkeys(min(turns, self.inputs.turns) for turns in LOOKS_BACK)
        of = {turns: f"the last {turns} turns" if turns > 1 else "the last turn" for turns in kept}
        return {
            f"{name} of {of[turns]}": lambda examples, method=method, turns=turns: method(examples, turns)
            for name, method in (("TF-IDF", tfidf), ("BM25", bm25))
            for turns in kept
        }

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The exchanges whose own reply stands lowest, with the one that stood first."""
        assert outputs.losses is not None
        test, candidates = self.inputs.content["test"], prepared.test.candidates  # type: ignore[attr-defined]
        found = []
        for i in np.argsort(-outputs.losses, kind="stable")[:count]:
            nearest = test[candidates[i, int(outputs.predictions[i].argmax())]].reply
            asked = {"asked": test[i].said[-1], "target": test[i].reply, "predicted": nearest}
            found.append({"row": int(i), **asked, "loss": float(outputs.losses[i])})
        return [item for item in found if item["loss"] > 0]


def words_of(tokens: np.ndarray, turns: int | None = None) -> list[list[int]]:
    """The words of each row (N, T): of all of it, or of its last turns."""
    later = (tokens == TURN).cumsum(axis=1)  # (N, T) turns that came later
    kept = (tokens > TURN) & (later < (turns or tokens.shape[1] + 1))
    return [row[is_kept].tolist() for row, is_kept in zip(tokens, kept, strict=True)]


def _array(tokens: Tensor) -> np.ndarray:
    return tokens.cpu().numpy()
