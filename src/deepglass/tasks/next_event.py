"""Next event: what will somebody do next, after all that was done in this session?

    sessions ── ids ── a network that reads from left to right ── at every place the chances of all events

A session is a sentence whose words are events: pages, clicks, products, steps of a case. The networks are those of
language models, recurrent as in GRU4Rec or with self-attention (SASRec), and learn from every place of a session at
once. They are held against what is popular, the last event once more, and Markov chains that look back one to three
events, with back-off.

References:
    Hidasi, Karatzoglou, Baltrunas & Tikk (2016), Session-based Recommendations with Recurrent Neural Networks,
    https://arxiv.org/abs/1511.06939 (GRU4Rec; here with the loss over all events)
    Kang & McAuley (2018), Self-Attentive Sequential Recommendation, https://arxiv.org/abs/1808.09781
    Ludewig & Jannach (2018), Evaluation of Session-based Recommendation Algorithms, https://arxiv.org/abs/1803.09587
    (why simple rivals stand beside them)
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.examples import Batch
from deepglass.data.fields import events
from deepglass.data.preprocess.events import UNKNOWN, EventVocabulary
from deepglass.data.session_reader import Sessions
from deepglass.data.session_windows import SessionWindows
from deepglass.data.token_windows import IGNORED
from deepglass.evaluate.metrics import next_event as metrics
from deepglass.evaluate.metrics.recommendation import first_of, ranks_of
from deepglass.rivals import Time
from deepglass.rivals.next_event import Chains, Chances, places, popular, repeated
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._odds import log_odds
from deepglass.tasks._whole_text import WholeTextTask

LISTED = 10  # events that an answer names
LOGITS_AT_ONCE = 2**22  # numbers in the logits of an evaluation batch: 16 MiB
STEPS = 2000  # of training, about
MOST_EPOCHS, FEWEST_EPOCHS = 30, 4


@dataclass(frozen=True)
class Config(events.Options):
    """Options of the task."""


class Task(WholeTextTask):
    """What was done in a session → what is done next."""

    name = "next-event"
    default_model = "gru"
    EXPORTS = ("events", "next_probabilities")
    plain_text = ".txt"
    CHECKS = ()
    FIRST_INPUT = "tokens"
    HONOURS = ("time_column", "val_fraction", "test_fraction", "label_smoothing")
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "the target of an event is the next one; leave it out, or try --event-column",
        "private": "a bound per session is none per visitor, who may come back; leave it out",
        "class_weights": "every event of a session is a target; leave it out",
        "mixup": "events cannot be blended; leave it out, or try --label-smoothing 0.1",
        "cutmix": "events cannot be cut and pasted as pictures are; leave it out",
    }
    monitor = "hit_at_1"
    better = "higher"
    inputs: events.Field

    def __init__(self, data_config: DataConfig, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed, events.Field)

    @property
    def tokens(self) -> EventVocabulary:
        """What an event is."""
        return self.inputs.vocabulary

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """Whole sessions for training, validation and test.

        Raises:
            DataError: If the data are no sessions, or there are too few.
            OptionError: If an option is out of its range.
        """
        found = self.inputs.fit(self.inputs.as_source(data))
        self.statistics, self.reading = self.inputs.statistics, self.inputs.reading
        return Prepared(**found.examples, dims=self.dims, ids=found.rows, guesses=found.guesses)

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.reading = self.inputs.reading

    def open(self, inputs: Any, *, with_target: bool = False) -> Sessions:
        """Sessions from a file, a table, lists, or one that is written down.

        Raises:
            DataError: If there are none.
        """
        return self.inputs.open(inputs, with_target=with_target)

    def fingerprints(self, data: Any) -> np.ndarray:
        """Of every session."""
        return self.inputs.fingerprints(data)

    def unknown_words(self, examples: Any) -> dict[str, list[int]]:
        """Sessions with an event that training has not learnt."""
        rows = self.inputs.unknown_rows(examples)
        return {"events": rows} if rows else {}

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Enough passes for some thousand steps."""
        batch_size = min(32, max(4, num_examples // 32))
        epochs = math.ceil(STEPS / math.ceil(num_examples / batch_size))
        return {
            "epochs": min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)),
            "batch_size": batch_size,
            "learning_rate": 5e-3,
            "weight_decay": 0.01,
            "clip_gradient": 1.0,
            "schedule": "cosine",
            "warmup": 0.05,
        }

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """A smaller memory than a text needs."""
        return {} if model_name == "sasrec" else {"embed_dim": 64, "hidden_size": 128, "dropout": 0.2}

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Mean cross entropy per event, in nats."""
        tokens, targets = batch
        smoothing = self.train_config.label_smoothing if model.training else 0.0
        logits = model(tokens).float()  # (B, T, V)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED, label_smoothing=smoothing)

    def has_one_loss(self, network: nn.Module) -> bool:
        """Validation counts ranks."""
        return False

    # -- answers ------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: SessionWindows, batch_size: int = 512) -> Outputs:
        """Means (N, 4) of `metrics.gains` over the places of each session; asked, the first of the list, and shares."""
        model.eval()
        most = max(1, LOGITS_AT_ONCE // (len(self.tokens) * examples.context))
        if examples.use == "ask":
            return self._asked(model, examples, min(batch_size, most))
        device, parts = device_of(model), []
        for owner, tokens, targets in examples.windows(min(batch_size, most)):
            is_judged = targets != IGNORED
            logs = model(tokens.to(device)).float().cpu()[is_judged.cpu()].log_softmax(dim=1)  # (P, V)
            rows = torch.nonzero(is_judged)[:, 0]
            parts.append(_judged(owner[rows].cpu().numpy(), logs.numpy(), targets[is_judged].cpu().numpy()))
        return _by_session(parts, len(examples))

    def _asked(self, model: nn.Module, examples: SessionWindows, batch_size: int) -> Outputs:
        lists, shares = [], []
        for rows in torch.arange(len(examples)).split(batch_size):
            tokens, targets = examples.batch(rows)
            last = (targets != IGNORED).sum(dim=1) - 1  # (B,)
            logits = model(tokens.to(device_of(model))).float().cpu()  # (B, T, V)
            chances = logits[torch.arange(len(rows)), last.cpu()].softmax(dim=1).numpy()
            first = first_of(chances[:, UNKNOWN + 1 :], LISTED) + UNKNOWN + 1
            lists.append(first)
            shares.append(np.take_along_axis(chances, first, axis=1))
        return Outputs(np.concatenate(lists), None, None, {"shares": np.concatenate(shares)})

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """Of every session up to ten records: rank, event, how probable it is."""
        [(key, named)] = names.items()
        shares = outputs.extra["shares"]
        return [
            {key: name, "rank": rank, "event": self.tokens.name(int(i)), "probability": float(share)}
            for place, name in enumerate(named)
            for rank, (i, share) in enumerate(zip(outputs.predictions[place], shares[place], strict=True), 1)
        ]

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """How often the next event leads the list, and the surprise at it."""
        assert outputs.losses is not None
        steps = outputs.extra["steps"]
        means = metrics.mean_of(outputs.predictions, steps)
        found = {name: float(value) for name, value in zip(metrics.NAMES, means, strict=True)}
        return found | {"loss": float(steps @ outputs.losses / steps.sum())}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Every score, with intervals over sessions."""
        assert outputs.losses is not None
        return metrics.evaluate(outputs.predictions, outputs.extra["steps"], outputs.losses, seed=self.seed)

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """What is popular, or the last event once more: whichever is more often right in the validation part."""
        counts = self.inputs.counts
        ways = {"what is popular": popular(counts), "the last event once more": repeated(counts)}
        right = {name: self.validate(self.by(prepared.val, way))["hit_at_1"] for name, way in ways.items()}
        name = max(right, key=lambda name: right[name])
        return {"name": name, **self.evaluate(self.by(prepared.test, ways[name]))}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """The Markov chain that foretells the validation part best."""
        train: Any = prepared.train
        chains = Chains(train, len(self.tokens), time)
        losses = {k: self.validate(self.by(prepared.val, chains.chances(k)))["loss"] for k in chains.orders}
        back = min(losses, key=lambda k: losses[k])
        return f"a Markov chain of order {back}", self.by(prepared.test, chains.chances(back))

    def by(self, examples: Any, chances: Chances) -> Outputs:
        """Outputs of a simple way to say what comes next."""
        parts = [
            _judged(owner, np.log(np.maximum(chances(past), 1e-30)), wanted)
            for owner, past, wanted in places(examples, len(self.tokens))
        ]
        return _by_session(parts, len(examples))

    def mistakes(self, outputs: Outputs, prepared: Prepared, data: Data, count: int = 12) -> list[dict[str, Any]]:
        """The test sessions that surprised the model most: how they end, and what it was said to be."""
        assert outputs.losses is not None
        worst = np.argsort(-outputs.losses, kind="stable")[:count]
        test: Any = prepared.test
        found = []
        for i in worst.tolist():
            start, length = int(test.starts[i]), int(test.lengths[i])
            ids = test.events[start : start + length].tolist()
            right = f"{outputs.predictions[i, 0]:.0%} of {length - 1} foreseen"
            shown = self.tokens.decode(ids[-SHOWN_EVENTS:])
            found.append({"row": i, "target": shown, "predicted": right, "loss": float(outputs.losses[i])})
        return found

    # -- explaining ---------------------------------------------------------------------------------------------

    @property
    def explained_as(self) -> str | None:
        """As events before the one that is explained."""
        return "events"

    def prompt_examples(self, prompt: Any) -> SessionWindows:
        """A session, written down or in a file, whose next event is explained.

        Raises:
            DataError: If there is none.
        """
        return self.inputs.read(prompt, with_target=False)[0]

    @property
    def score_names(self) -> list[str]:
        """Name of each event."""
        return [self.tokens.name(i) for i in range(len(self.tokens))]

    @property
    def scores_are_odds(self) -> bool:
        """Of the probability of each event."""
        return True

    def scores(self, said: Tensor) -> Tensor:
        """(B, V) log-odds log p / (1 − p) of each event behind the last one."""
        return log_odds(said[:, -1, :])


SHOWN_EVENTS = 12  # of the end of a session, in the report


def _judged(owner: np.ndarray, logs: np.ndarray, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The session of each place, its gains (P, 4), and the surprise (P,); an unknown event is found by nobody."""
    ranks = ranks_of(logs[:, UNKNOWN + 1 :], (wanted - UNKNOWN - 1)[:, None])[:, 0]
    return owner, metrics.gains(ranks), -logs[np.arange(len(wanted)), wanted]


def _by_session(parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]], count: int) -> Outputs:
    owner, gains, nats = (np.concatenate(part) for part in zip(*parts, strict=True))
    steps = np.bincount(owner, minlength=count)
    means = metrics.by_session(owner, gains, count) / steps[:, None]
    losses = np.bincount(owner, nats, minlength=count) / steps
    return Outputs(means, steps, losses.astype(np.float64), {"steps": steps})
