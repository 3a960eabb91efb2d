"""Recommendation: what will somebody take next, of all that they do not have yet?

    user, item, time ── histories ── the last k events held out ── network ── a score for every item ── the first ten

Nothing is known of users and items but who took what, and when. The last events of every user are the test, those
before them choose the epoch, and each is looked for among all items of the catalogue. The default network is linear,
begins at EASE, and learns how fast the past fades; the rivals are EASE itself and what is popular.

References:
    Steck (2019), Embarrassingly Shallow Autoencoders for Sparse Data, https://arxiv.org/abs/1905.03375
    Liang, Krishnan, Hoffman & Jebara (2018), Variational Autoencoders for Collaborative Filtering,
    https://arxiv.org/abs/1802.05814
    Ferrari Dacrema, Cremonesi & Jannach (2019), Are We Really Making Much Progress?, https://arxiv.org/abs/1907.06902
    (why the rivals are simple, and tuned)
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.state import read, require_between
from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Batch
from deepglass.data.histories import Histories
from deepglass.data.history_reader import HistoryReader, held_out
from deepglass.evaluate.metrics import recommendation as metrics
from deepglass.rivals import Time, ease
from deepglass.tasks import BaseTask, Outputs, Prepared, _ease_start

MOST_CONTEXT = 4096
STEPS_OF_TUNING, STEPS_FROM_NOTHING = 60, 1200  # begun at EASE it is nearly there
MOST_CODE = 1024  # directions of EASE that are kept: weights of 10,000 items have 80 MB then
MOST_EPOCHS, FEWEST_EPOCHS = 100, 4
AT_ONCE = 256  # users whose scores for all items are held at once


@dataclass(frozen=True)
class Config:
    """Options of the task."""

    user_column: str | None = None  # who; guessed from its name
    item_column: str | None = None  # what was taken; guessed from its name
    rating_column: str | None = None  # how it was liked; guessed from its name, and used by --min-rating alone
    min_rating: float | None = None  # events with less are no interest and left out; by default whatever was chosen is
    leave_out: int = 1  # last events of each user for the test, and as many before them for validation
    context: int = 200  # events of a history that are looked at; what is older says little of the next
    start: Literal["ease", "random"] | None = None  # what the weights begin at; ease for the usual model


class Task(BaseTask):
    """What users took → what they take next."""

    name = "recommendation"
    default_model = "item-autoencoder"
    CHECKS = ("repeated",)
    FIRST_INPUT = "tokens"
    HONOURS = ("time_column",)
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "what users take next is learnt, and no column; leave it out, or try --item-column",
        "val_fraction": "the last events of every user are held out; try --leave-out",
        "test_fraction": "the last events of every user are held out; try --leave-out",
        "private": "a user is learnt from whole, and many events are one user's; leave it out",
        "mixup": "what lies between two users is nobody; leave it out",
        "cutmix": "there are no pictures to cut; leave it out",
        "label_smoothing": "what is not taken is most of the catalogue anyway; leave it out",
        "class_weights": "every item is a target; leave it out",
    }
    monitor = "ndcg_at_10"
    better = "higher"
    config: Config
    _before_test: Histories  # of everybody; known while a network is trained

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)
        asked = {role: getattr(self.config, f"{role}_column") for role in ("user", "item", "rating")}
        self.reader = HistoryReader(data_config, asked, self.config.min_rating)

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Histories as examples: of training all but the last events, of validation and test what came next.

        Raises:
            DataError: If the data are no table of events, or nearly nobody took enough.
            OptionError: If an option is out of its range.
        """
        if self.config.leave_out < 1:
            raise OptionError(f"--leave-out: expected 1 or more, got {self.config.leave_out}")
        if not 1 <= self.config.context <= MOST_CONTEXT:
            raise OptionError(f"--context: expected 1 to {MOST_CONTEXT:,}, got {self.config.context}")
        histories, guesses = self.reader.take(data)
        self.reader.users, self.reading = histories, self.reader.reading
        train, val, test = held_out(histories, self.config.leave_out)
        self.reader.fit(train)
        coded, (before, after) = self.reader.coded, (val, test)
        known = {user: train[user] + before[user] for user in val}
        parts = {
            "train": self._histories([coded(history) for history in train.values() if len(history) > 1]),
            "val": self._asked([train[user] for user in val], list(val.values())),
            "test": self._asked([known[user] for user in test], list(after.values())),
        }
        if not len(parts["train"]):
            k = self.config.leave_out
            raise DataError(
                f"{data.name}: nobody has two items left to learn from, once {2 * k} are held out: expected histories "
                f"of {2 * k + 2} items or more; give longer ones, or check --user-column and --item-column"
            )
        self._before_test = self._histories([coded(known.get(user, train[user])) for user in train])
        return Prepared(**parts, dims=self.dims, guesses=[*guesses, self._guess(histories, val)])

    def _guess(self, histories: Mapping[str, Any], judged: Mapping[str, Any]) -> Guess:
        events, k = sum(map(len, histories.values())), self.config.leave_out
        sizes = f"{events:,} events of {len(histories):,} users, {len(self.reader.items):,} items"
        why = f"the last {k} of {len(judged):,} users for the test, as many before them for validation"
        return Guess("histories", sizes, why, "--leave-out")

    def _histories(self, coded: list[np.ndarray], held: np.ndarray | None = None) -> Histories:
        return Histories.of(coded, self.config.context, held)

    def _asked(self, before: list[list[str]], after: list[list[str]]) -> Histories:
        held = np.array([self.reader.held(history) for history in after], np.int64).reshape(len(after), -1)
        return self._histories([self.reader.coded(history) for history in before], held)

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also what a start at EASE leaves no room for."""
        yield from super().unused_options(asked, data, model)
        if "start" in asked and self.config.start == "ease" and model != self.default_model:
            advice = f"leave it out, or take --model {self.default_model}"
            yield Unused("start", f"{model} has no weights of EASE", advice)
        if "initializer" in asked and self._begins_at_ease(model):
            yield Unused("initializer", "the weights begin at EASE", "leave it out, or add --start random")
        if "rating_column" in asked and self.config.min_rating is None:
            yield Unused("rating_column", "whatever was chosen counts", "leave it out, or add --min-rating")

    def _begins_at_ease(self, model: str) -> bool:
        return model == self.default_model and self.config.start != "random"

    @property
    def dims(self) -> dict[str, Any]:
        """Items that there are, padding included, and events that are seen at once."""
        return {"vocab_size": len(self.reader.items) + 1, "context": self.config.context}

    def extremes(self) -> tuple[Tensor, ...]:
        """Two histories of one event."""
        return (torch.tensor([[0], [len(self.reader.items)]]),)

    def state(self) -> dict[str, Any]:
        """How tables are read, the catalogue, and what every user took."""
        return self.reader.state() | {"context": self.config.context}

    def load_state(self, state: dict[str, Any]) -> None:
        self.reader.load_state(state)
        self.reading = self.reader.reading
        require_between(read(state, "context", int), 1, MOST_CONTEXT, "context")

    def open(self, inputs: Any, *, with_target: bool = False) -> Any:
        """A table of events; to be answered one of users will do.

        Raises:
            DataError: If a column is missing.
        """
        return self.reader.open(inputs, with_target=with_target)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Histories, dict[str, Any]]:
        """Histories; to be judged their last events are held out, to be answered what is known of a user comes first.

        Raises:
            DataError: To be judged, if nobody took enough.
        """
        table = self.open(inputs, with_target=with_target)
        found = self.reader.read(table)
        if with_target:
            _, before, after = held_out(found, self.config.leave_out)
            known = {user: found[user][: -self.config.leave_out] for user in before}
            return self._asked(list(known.values()), list(after.values())), {"user": list(known)}
        whole = [self.history_of(user, more) for user, more in found.items()]
        nothing = np.zeros((len(whole), 0), np.int64)
        return self._histories([self.reader.coded(history) for history in whole], nothing), {"user": list(found)}

    def history_of(self, user: str, more: list[str]) -> list[str]:
        """What is known of a user, then what is new, each once."""
        return list(dict.fromkeys([*self.reader.users.get(user, []), *more]))

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """A few steps from EASE, many from nothing; no decay, which would forget what EASE knows."""
        is_begun, batch_size = self._begins_at_ease(model_name), min(64, max(8, num_examples // 8))
        steps = STEPS_OF_TUNING if is_begun else STEPS_FROM_NOTHING
        epochs = math.ceil(steps / math.ceil(num_examples / batch_size))
        return {
            "epochs": min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
            "batch_size": batch_size,
            "learning_rate": 2e-4 if is_begun else 3e-3,
            "weight_decay": 0.0 if is_begun else 0.01,
            "optimizer": "adamw",
            "precision": "float32",
        }

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Begun at EASE, as many numbers of a code as EASE has directions."""
        if not self._begins_at_ease(model_name):
            return {}
        return {"code_dim": min(num_examples, len(self.reader.items), MOST_CODE)}

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """At EASE, where the data are small enough for it."""
        train: Any = prepared.train
        taken = train.matrix(len(self.reader.items))
        if self._begins_at_ease(self.model) and ease.is_small_enough(*taken.shape):
            _ease_start.begin(model, taken, self._as_asked(prepared.val))

    def _as_asked(self, examples: Any) -> _ease_start.Asked:
        tokens, held = examples.batch(torch.arange(len(examples)))
        return _ease_start.Asked(tokens.numpy(), examples.matrix(len(self.reader.items)), _places(held.numpy()))

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """−log p of what came next, among all items that a user did not have."""
        tokens, targets = batch
        scores = model(tokens).float().scatter(1, tokens, -torch.inf)  # (B, V)
        logs = F.log_softmax(scores[:, 1:], dim=1)  # (B, I)
        is_there = targets > 0
        found = logs.gather(1, (targets - 1).clamp(min=0))  # (B, k)
        found = torch.where(is_there, found, 0.0)  # what is not there may lie among what was taken, at −∞
        of_user = found.sum(dim=1) / is_there.sum(dim=1).clamp(min=1)
        return -of_user.mean()

    def has_one_loss(self, network: nn.Module) -> bool:
        """Validation counts ranks."""
        return False

    # -- answers ------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Any, batch_size: int = AT_ONCE) -> Outputs:
        """Ranks (N, k) of what came next, beside the first ten; without a truth these, and how likely each is."""
        model.eval()
        owned, parts = examples.matrix(len(self.reader.items)), []
        for rows in torch.arange(len(examples)).split(min(batch_size, AT_ONCE)):
            tokens, held = examples.batch(rows)
            scores = model(tokens.to(device_of(model))).float()[:, 1:].cpu().numpy()
            parts.append(self._listed(scores, owned[rows.numpy()], tokens.cpu().numpy(), held.cpu().numpy()))
        return self._joined(parts)

    def _listed(self, scores: np.ndarray, owned: Any, tokens: np.ndarray, held: np.ndarray) -> dict[str, np.ndarray]:
        """Ranks, lists and shares of some users; whoever has nothing is recommended what is popular."""
        is_new = ~(tokens > 0).any(axis=1)
        scores[is_new] = np.log(self.reader.counts)
        scores = _ease_start.without(scores, owned)
        lists = metrics.first_of(scores)
        top = np.take_along_axis(scores, lists, axis=1)
        powers = np.exp(scores.astype(np.float64) - scores.max(axis=1, keepdims=True))
        shares = np.exp(top - scores.max(axis=1, keepdims=True)) / powers.sum(axis=1, keepdims=True)
        found = {"lists": np.where(np.isfinite(top), lists, -1), "shares": shares, "is_new": is_new}
        places = _places(held)
        return found | ({"ranks": metrics.ranks_of(scores, places), "held": held} if held.shape[1] else {})

    def _joined(self, parts: list[dict[str, np.ndarray]]) -> Outputs:
        whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        ranks, held = whole.pop("ranks", None), whole.pop("held", None)
        if ranks is None:
            return Outputs(whole["lists"], None, None, whole)
        return Outputs(ranks, held, 1 - metrics.ndcg(ranks), whole)

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """Of every user up to ten records: rank, item, how likely it is the next; "popular" of whoever is new."""
        records = []
        for place, user in enumerate(names["user"]):
            why = "popular" if outputs.extra["is_new"][place] else "history"
            listed = zip(outputs.extra["lists"][place].tolist(), outputs.extra["shares"][place].tolist(), strict=True)
            records += [
                {"user": user, "rank": rank, "item": self.reader.items[item], "probability": share, "by": why}
                for rank, (item, share) in enumerate(listed, 1)
                if item >= 0
            ]
        return records

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """nDCG@10 and hit rate."""
        ranks = outputs.predictions
        return {"ndcg_at_10": float(metrics.ndcg(ranks).mean()), "hit_rate_at_10": float(metrics.hits(ranks).mean())}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score, with intervals over users."""
        return metrics.evaluate(outputs.predictions, outputs.extra["lists"], len(self.reader.items), seed=self.seed)

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """What most users took, the same for everybody."""
        return {"name": "what is popular", **self.evaluate(self.popular(prepared))}

    def popular(self, prepared: Prepared) -> Outputs:
        """Outputs of the test: everybody is recommended what most users took, and does not have."""
        scores = np.log(self.reader.counts)
        return self._by(prepared.test, lambda rows: scores)

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """EASE of all that was taken before the test, its penalty chosen on validation."""
        train: Any = prepared.train
        taken = train.matrix(len(self.reader.items))
        if time.is_up() or not ease.is_small_enough(*taken.shape):
            return None
        penalty = _ease_start.best_penalty(ease.spectrum(taken), self._as_asked(prepared.val))
        found = ease.fit(ease.spectrum(self._before_test.matrix(taken.shape[1])), penalty)
        test: Any = prepared.test
        histories = test.matrix(len(self.reader.items))
        return f"EASE (penalty {penalty:g})", self._by(prepared.test, lambda rows: found.scores(histories[rows]))

    def _by(self, examples: Any, scored: Any) -> Outputs:
        """Outputs of scores (n, I), or (I,), of users at some positions."""
        owned, parts = examples.matrix(len(self.reader.items)), []
        for rows in torch.arange(len(examples)).split(AT_ONCE):
            tokens, held = (part.cpu().numpy() for part in examples.batch(rows))
            scores = np.broadcast_to(scored(rows.numpy()), (len(rows), owned.shape[1])).astype(np.float64)
            parts.append(self._listed(scores, owned[rows.numpy()], tokens, held))
        return self._joined(parts)

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The users whose next item stands lowest, of those that the catalogue has."""
        assert outputs.targets is not None
        ranks = np.where(outputs.targets > 0, outputs.predictions, 0).max(axis=1)
        test: Any = prepared.test
        users = [user for user, history in self.reader.users.items() if len(history) > 2 * self.config.leave_out]
        found = []
        for place in np.argsort(-ranks, kind="stable")[:count].tolist():
            if ranks[place] < 1:
                continue
            column = int(np.argmax(np.where(outputs.targets[place] > 0, outputs.predictions[place], 0)))
            tokens = test.batch(torch.tensor([place]))[0][0]
            last = [self.reader.items[code - 1] for code in tokens[tokens > 0].tolist()[-3:]]
            listed = [self.reader.items[item] for item in outputs.extra["lists"][place].tolist()[:3] if item >= 0]
            found.append(
                {
                    "row": place,
                    "text": f"{users[place]}, after {listing(last)}",
                    "target": self.reader.items[int(outputs.targets[place, column]) - 1],
                    "predicted": listing(listed),
                    "loss": float(ranks[place]),
                }
            )
        return found


def _places(held: np.ndarray) -> np.ndarray:
    """Codes from 1 as places in the catalogue; -1 for an item that it does not have."""
    return np.where(held > 0, held - 1, -1)
