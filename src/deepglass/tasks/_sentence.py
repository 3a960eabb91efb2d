"""Whatever goes in, a sentence comes out: what all tasks share that write one.

    inputs ── model.encode ── state ── model.step, token by token ── greedy or beam search ── sentence

A task of this kind says which inputs it takes (`INPUTS`); its models have

    forward(*inputs, prefix) → logits (B, T, V) of what follows each place of the prefix, which training compares
    encode(*inputs) → state, step(tokens, state) → logits (B, V), state: for writing on their own

The answer and how it is trained, written, judged and exported are here, whatever the encoder reads.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import OptionError
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import sentence
from deepglass.data.preprocess.sentences import BEGIN, END, PADDING, SentenceVocabulary, padded
from deepglass.data.written import Written
from deepglass.evaluate import chrf
from deepglass.evaluate.metrics import sentences as scores
from deepglass.models.decoding.beam import Step, beam_search, select
from deepglass.models.decoding.greedy import forbidding, greedy
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._supervised import SupervisedTask

SHOWN = 5  # of the best sentences, and of the worst
WIDEST = 64  # beginnings of a beam


class SentenceTask(SupervisedTask):
    """Inputs → a sentence."""

    ANSWER = sentence.Field
    monitor = "chrf"  # BLEU is zero for many epochs, and the loss rises while sentences still become better
    better = "higher"
    steps_repeat = False  # batches differ in length
    answer: sentence.Field

    def __init__(self, data_config: Any, config: Any = None, seed: int = 0):
        super().__init__(data_config, config, seed)
        if isinstance(config, sentence.Options):
            self.answer.options = config

    @property
    def words(self) -> SentenceVocabulary:
        """What the ids of written sentences spell."""
        return self.answer.vocabulary

    @property
    def explained_as(self) -> str | None:
        """Not yet: a sentence is many answers, each to what was written before it."""
        return None

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """As every task; each example also shows what was written so far.

        Raises:
            DataError: If the data are of another kind, or there is nothing to learn from them.
        """
        prepared = super().prepare(data)
        parts = {name: Written(getattr(prepared, name)) for name in ("train", "val", "test")}
        return replace(prepared, **parts)

    def read(self, inputs: Any, *, with_target: bool) -> tuple[Examples, dict[str, Any]]:
        """New data as examples.

        Raises:
            DataError: If inputs are missing or broken; with `with_target` also if a sentence is missing.
        """
        examples, names = super().read(inputs, with_target=with_target)
        return Written(examples), names

    @property
    def dims(self) -> dict[str, Any]:
        """Those of the inputs; how many tokens are written, and the longest sentence of either kind."""
        dims = {name: size for name, size in self.inputs.dims.items() if name not in ("num_classes", "num_outputs")}
        longest = max(self.words.max_length, dims.get("max_length", 0))
        return dims | {"vocab_size": len(self.words), "max_length": longest}

    def extremes(self) -> tuple[Tensor, ...]:
        """Also what was written so far: the begin, and the last token that there is."""
        return (*self.inputs.extremes(), torch.tensor([[BEGIN], [len(self.words) - 1]]))

    # -- learning -----------------------------------------------------------------------------------------------

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Ten epochs, and more of few sentences."""
        epochs = int(np.clip(SENTENCES_WANTED / max(num_examples, 1), 10, 60))
        return {"epochs": epochs, **TRAIN_DEFAULTS}

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Mean cross entropy per token, in nats, each token foretold from the true ones before it."""
        logits, targets = self._taught(model, batch)
        smoothing = self.train_config.label_smoothing if model.training else 0.0
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PADDING, label_smoothing=smoothing)

    def has_one_loss(self, network: nn.Module) -> bool:
        """Not where targets are smoothed."""
        return self.train_config.label_smoothing == 0

    def _taught(self, model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor]:
        """Logits (B, T, V) behind the true tokens, and the targets (B, T), as far as a network can write."""
        *inputs, prefix, targets = batch
        longest = self.words.max_length
        return model(*inputs, prefix[:, :longest]).float(), targets[:, :longest]

    # -- writing ------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 128) -> Outputs:
        """Ids (N, T) as greedy decoding writes them, the true ones, and the mean loss per true token of each.

        `extra` holds "log_p" (N,), the mean log p per token of what was written, and where the truth is known what
        each sentence counts for BLEU and chrF.
        """
        model.eval()
        written, true, losses, log_p = [], [], [], []
        for batch in in_order(examples, batch_size, device_of(model)):
            *inputs, _, targets = batch
            ids, mean = greedy(self.step_of(model), model.encode(*inputs), BEGIN, END, self.words.max_length)
            written += ids.tolist()
            log_p.append(mean)
            true.append(targets)
            if bool((targets != PADDING).any()):
                logits, kept = self._taught(model, batch)
                nats = F.cross_entropy(logits.transpose(1, 2), kept, reduction="none", ignore_index=PADDING)  # (B, T)
                losses.append(nats.sum(dim=1) / (kept != PADDING).sum(dim=1).clamp(min=1))
        predictions = padded(written, max((len(row) for row in written), default=1)).astype(np.int32)
        extra = {"log_p": torch.cat(log_p).cpu().numpy().astype(np.float64)} if log_p else {"log_p": np.zeros(0)}
        if not losses:
            return Outputs(predictions, None, None, extra)
        targets = padded([row for part in true for row in part.tolist()], max(part.shape[1] for part in true))
        extra |= self._counted(predictions, targets)
        return Outputs(predictions, targets.astype(np.int32), torch.cat(losses).cpu().numpy().astype(np.float64), extra)

    def outputs_of_texts(self, written: list[str], true: list[str]) -> Outputs:
        """What somebody else wrote, as outputs."""
        ids = [
            padded(rows, max(map(len, rows)))
            for rows in ([self.words.ids_of(text) for text in texts] for texts in (written, true))
        ]
        predictions, targets = (part.astype(np.int32) for part in ids)
        return Outputs(predictions, targets, extra=self._counted(predictions, targets))

    def _counted(self, predictions: np.ndarray, targets: np.ndarray) -> dict[str, np.ndarray]:
        """What each sentence counts for BLEU and chrF."""
        found = scores.tables(self.spelled(predictions), self.spelled(targets))
        return {name: found[name] for name in ("bleu", "chrf")}

    def step_of(self, model: nn.Module) -> Step:
        """The step of a model that writes no mark, nothing unknown, and never an empty sentence."""
        device, V = device_of(model), len(self.words)
        never, never_first = (torch.zeros(V, dtype=torch.bool, device=device) for _ in range(2))
        never[self.words.never] = True
        never_first[self.words.never_first] = True
        return forbidding(model.step, never, never_first, BEGIN)

    def written(self, model: nn.Module, examples: Examples, beam: int = 1) -> Iterator[tuple[list[int], float]]:
        """The ids of each sentence and the mean log p of its tokens, greedily or by beam search.

        Args:
            model: Trained.
            examples: As `read` gives them.
            beam: Beginnings that are kept; 1 is greedy.

        Raises:
            OptionError: If the beam is out of its range.
        """
        if not 1 <= beam <= WIDEST:
            raise OptionError(f"--beam {beam}: expected 1 to {WIDEST}; 1 is greedy, 4 is usual")
        if beam == 1:
            found = self.outputs(model, examples)
            yield from zip(found.predictions.tolist(), found.extra["log_p"].tolist())
            return
        model.eval()
        step = self.step_of(model)
        for batch in in_order(examples, 128, device_of(model)):
            *inputs, _, _ = batch
            with torch.no_grad():
                state = model.encode(*inputs)
            for row in range(len(inputs[0])):
                one = select(state, torch.tensor([row], device=inputs[0].device))
                best = beam_search(step, one, BEGIN, END, width=beam, max_length=self.words.max_length)[0]
                yield [*best.tokens, END], best.log_p / (len(best.tokens) + 1)

    def spelled(self, ids: Any) -> list[str]:
        """The sentences of rows of ids."""
        return [self.words.decode(row) for row in ids]

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss in nats per token, BLEU and chrF."""
        assert outputs.targets is not None
        assert outputs.losses is not None
        counts = (outputs.targets[:, : self.words.max_length] != PADDING).sum(axis=1)
        return {
            "loss": float((outputs.losses * counts).sum() / max(counts.sum(), 1)),
            "bleu": float(scores.bleu.bleu_of(outputs.extra["bleu"].sum(axis=0))),
            "chrf": float(chrf.chrf_of(outputs.extra["chrf"].sum(axis=0))),
        }

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """BLEU, chrF and exact match, and the best and worst sentences."""
        written, true = self.spelled(outputs.predictions), self.spelled(outputs.targets)
        result = scores.evaluate(written, true, seed=self.seed)
        each = chrf.chrf_of(outputs.extra["chrf"])
        order = np.argsort(-each, kind="stable").tolist()
        shown = dict.fromkeys([*order[:SHOWN], *order[-SHOWN:]])
        examples = [{"chrf": float(each[i]), "written": written[i], "true": true[i]} for i in shown]
        result["details"]["examples"] = examples
        return result

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The most frequent sentence of the training, whatever goes in."""
        sentences = self.true_of(prepared.train)
        most = max(dict.fromkeys(sentences), key=sentences.count)
        return {"name": "always the most frequent sentence", **self._judged(prepared, lambda _: most)}

    def true_of(self, examples: Examples) -> list[str]:
        """The true sentences of examples."""
        return [text for batch in in_order(examples, 512, torch.device("cpu")) for text in self.spelled(batch[-1])]

    def _judged(self, prepared: Prepared, write: Callable[[int], str]) -> dict[str, Any]:
        """The scores of the test where `write` says the sentence of example i."""
        true = self.true_of(prepared.test)
        return scores.evaluate([write(i) for i in range(len(true))], true, seed=self.seed)

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """Both sentences."""
        targets: Any = outputs.targets
        return {
            "target": self.words.decode(targets[place]),
            "predicted": self.words.decode(outputs.predictions[place]),
        }

    def worst(self, outputs: Outputs, count: int) -> np.ndarray:
        """Positions of the sentences with the lowest chrF, the worst first."""
        return np.argsort(chrf.chrf_of(outputs.extra["chrf"]), kind="stable")[:count]

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The sentence, and how probable its tokens were, on geometric average."""
        return [
            {**{name: column[i] for name, column in names.items()}, "prediction": self.words.decode(ids)}
            | {"token_probability": float(np.exp(log_p))}
            for i, (ids, log_p) in enumerate(zip(outputs.predictions, outputs.extra["log_p"]))
        ]


SENTENCES_WANTED = 30_000  # of a training, at ten epochs or more
TRAIN_DEFAULTS = {
    "batch_size": 64,
    "learning_rate": 2e-3,
    "label_smoothing": 0.1,  # Vaswani et al. (2017), 5.4: less sure, and better sentences
    "clip_gradient": 1.0,
    "schedule": "cosine",
    "warmup": 0.1,
    "compile": "off",  # batches differ in length, and each length would be compiled anew
}
