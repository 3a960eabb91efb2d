"""Speech recognition: what is said? Sounds become text, though nobody says which moment is which word.

    sounds ── log-mel frames ── network: a token or a blank at every step ── CTC: all ways to spread the text ── loss
                                                                         └── prefix beam ── text

A transcript that needs more steps than its sound has cannot be aligned in any way, and its loss would be infinite; such
sounds are named before the training.

References:
    Graves et al. (2006), Connectionist Temporal Classification, https://doi.org/10.1145/1143844.1143891
    Amodei et al. (2015), Deep Speech 2, https://arxiv.org/abs/1512.02595
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import DataError, OptionError
from deepglass.core.mel import BEHIND, HOP_SECONDS
from deepglass.core.state import read, require_between
from deepglass.core.wording import counted, listing
from deepglass.data.containers import Data
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import audio, transcript
from deepglass.evaluate.metrics import transcripts as scores
from deepglass.models.decoding import ctc
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._supervised import SupervisedTask

PROBE_FRAMES = 16  # by which it is found out how many frames make a step
MOST_BEAM = 100
TIE_BREAK = 1e-3  # weight of the loss beside the error rate: it only decides between equals


@dataclass(frozen=True)
class Config(audio.Options):
    """Options of the task."""

    centre: bool = True  # take the mean of each sound off, which is its microphone and room and nothing that was said
    tokens: Literal["words", "characters"] | None = (
        None  # few words that are often heard are learnt whole; else spelled
    )
    beam: int = 8  # prefixes that are kept while a sound is read; 1 takes the likeliest token of every step


class Task(SupervisedTask):
    """Sounds → what is said."""

    name = "speech-recognition"
    EXPORTS = ("audio", "transcript")
    default_model = "speech-gru"
    monitor = "score"
    FIRST_INPUT = "frames"
    HONOURS = ("target", "group_column", "val_fraction", "test_fraction")
    OPENS_WITH = ("max_rows",)
    INSTEAD: ClassVar[dict[str, str]] = {
        "classes": "what is said is a sequence and no class; leave it out",
        "label_smoothing": "the loss is over all ways to spread a text, and has no single target; leave it out",
        "class_weights": "what is said is a sequence and no class; leave it out",
        "mixup": "sounds of different lengths cannot be laid over each other; try --augment",
        "cutmix": "sounds of different lengths cannot be cut and pasted; try --augment",
        "private": "frames of different lengths are not bounded sound by sound; leave it out",
        "adversarial": "a network sees mel bands, and a little change of these is no sound; try --augment",
        "adversarial_steps": "a network sees mel bands, and a little change of these is no sound; leave it out",
    }
    READS = ("speech", "sounds")
    FOLLOWS_PATHS = ("sound",)
    AUGMENTING = ("augment",)
    CHECKS = ("sounds",)
    INPUTS = (audio.Field,)
    ANSWER = transcript.Field
    steps_repeat = False
    inputs: audio.Field
    answer: transcript.Field
    beam: int = 8

    # -- data ---------------------------------------------------------------------------------------------------

    def prepare(self, data: Data) -> Prepared:
        """As every task; the options say what a token is.

        Raises:
            DataError: If it is not said what is said in the sounds, or a sound is broken.
            OptionError: If an option is out of its range.
        """
        if self.config is not None:
            transcript.require_tokens(self.config.tokens)
            self.answer.asked, self.beam = self.config.tokens, self.config.beam
            if not 1 <= self.beam <= MOST_BEAM:
                raise OptionError(f"--beam: expected 1 to {MOST_BEAM}, got {self.beam}")
        prepared = super().prepare(data)
        if self.answer.asked is None:
            prepared.guesses.append(self.answer.guess())
        self._names = {part: self.inputs_named(data, rows) for part, rows in prepared.ids.items()}
        return prepared

    def inputs_named(self, data: Data, rows: np.ndarray) -> list[str]:
        """What names the sounds of these rows."""
        return self.source_of(data).names(rows)

    @property
    def dims(self) -> dict[str, Any]:
        """Mel bands, and the tokens with the blank."""
        return self.inputs.dims | {"vocab_size": self.answer.size}

    @property
    def explained_as(self) -> str | None:
        """Not at all yet: an answer is a sequence, and no single score."""
        return None

    def state(self) -> dict[str, Any]:
        """Of both fields, and how wide the beam is."""
        return super().state() | {"beam": self.beam}

    def load_state(self, state: dict[str, Any]) -> None:
        super().load_state(state)
        self.beam = read(state, "beam", int)
        require_between(self.beam, 1, MOST_BEAM, "prefixes in the beam")

    # -- learning -----------------------------------------------------------------------------------------------

    def model_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """Characters follow each other faster than words."""
        return {"stride": 2} if self.answer.tokens == "characters" else {}

    def begin(self, model: nn.Module, prepared: Prepared) -> None:
        """Refuse transcripts that no steps of their sounds could say.

        Raises:
            DataError: If there are some; names their sounds.
        """
        super().begin(model, prepared)
        stride = self._stride(model)
        for part in ("train", "val", "test"):
            self._require_room(getattr(prepared, part), stride, self._names.get(part))

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """The mean over sounds of −ln p(transcript) per token; a sound sped up beyond its transcript counts 0."""
        frames, lengths, targets = batch
        return _nats(model(frames, lengths), frames, lengths, targets, self.answer.size).mean()

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 32) -> Outputs:
        """What is written (N,) and what is said (N,), as text; the loss of each; how sure it is, and its seconds."""
        model.eval()
        written, sure, said, losses, seconds = [], [], [], [], []
        for *inputs, targets in in_order(examples, batch_size, device_of(model)):
            logits = model(*inputs).float()
            frames, lengths = inputs if len(inputs) == 2 else _told_apart(*inputs)
            steps = _steps(lengths, frames, logits)
            for row, count in zip(logits.log_softmax(dim=2).cpu().numpy(), steps.tolist()):
                tokens, log_p = self.decoded(row[:count])
                written.append(self.answer.spelled(tokens))
                sure.append(np.exp(log_p))
            losses.append(_nats(logits, frames, lengths, targets, self.answer.size).cpu().numpy())
            said.append(targets.cpu().numpy())
            seconds.append(lengths.cpu().numpy() * HOP_SECONDS)
        extra = {"confidence": np.array(sure), "seconds": np.concatenate(seconds)}
        rows = [row for part in said for row in part]
        if all((row == transcript.UNHEARD).any() for row in rows):
            return Outputs(np.array(written, np.str_), None, None, extra)
        truth = np.array([self.answer.spelled(row) for row in rows], np.str_)
        return Outputs(np.array(written, np.str_), truth, np.concatenate(losses), extra)

    def decoded(self, log_probs: np.ndarray) -> tuple[list[int], float]:
        """The likeliest tokens of steps (T, V), and the logarithm of their probability."""
        return ctc.prefix_beam(log_probs, self.beam)[0]

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """Loss, word error rate, and the score that chooses the epoch: the rate, and among equals the lower loss."""
        loss = float(np.mean(outputs.losses))  # type: ignore[arg-type]
        rate = scores.rate(scores.counted(outputs.targets, outputs.predictions))  # type: ignore[arg-type]
        return {"loss": loss, "word_error_rate": rate, "score": rate + TIE_BREAK * loss}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Word and character error rates, and sentences right."""
        return scores.evaluate(outputs.predictions, outputs.targets, seed=self.seed)  # type: ignore[arg-type]

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """The most frequent transcript of training, whatever is heard."""
        train, test = (
            [self.answer.spelled(row) for row in part.tensors[-1].cpu().numpy()]  # type: ignore[attr-defined]
            for part in (prepared.train, prepared.test)
        )
        usual = Counter(train).most_common(1)[0][0]
        return {"name": f"always {usual!r}", **scores.evaluate([usual] * len(test), test, seed=self.seed)}

    def worst(self, outputs: Outputs, count: int) -> np.ndarray:
        """Positions of the sounds with the most errors, the least likely among equals first."""
        wrong = scores.counted(outputs.targets, outputs.predictions)[:, :3].sum(axis=1)  # type: ignore[arg-type]
        order = np.lexsort((-outputs.losses, -wrong))  # type: ignore[operator]
        return order[wrong[order] > 0][:count]

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """One record per sound: what names it, how long it is, what is said, and how sure that is."""
        return [
            {**{name: column[i] for name, column in names.items()}, "text": str(text)}
            | {name: float(outputs.extra[name][i]) for name in ("confidence", "seconds")}
            for i, text in enumerate(outputs.predictions)
        ]

    # -- helpers ------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def _stride(self, model: nn.Module) -> int:
        """How many frames make a step of this network."""
        was_training = model.training
        model.eval()
        device = device_of(model)
        frames = torch.zeros(1, PROBE_FRAMES, self.inputs.dims["num_bands"], device=device)
        steps = model(frames, torch.tensor([PROBE_FRAMES], device=device)).shape[1]
        model.train(was_training)
        return PROBE_FRAMES // steps

    def _require_room(self, examples: Any, stride: int, names: list[str] | None) -> None:
        lengths, targets = (part.cpu().numpy() for part in examples.tensors)
        tight = [
            place
            for place, (length, row) in enumerate(zip(lengths, targets))
            if ctc.steps_needed(row[row > 0].tolist()) > -(-length // stride)
        ]
        if not tight:
            return
        shown = [
            f"{names[i] if names else f'sound {i + 1}'} ({lengths[i] * HOP_SECONDS:.2f} s, "
            f"{self.answer.spelled(targets[i])!r})"
            for i in tight
        ]
        raise DataError(
            f"{counted(len(tight), 'sound')} too short for what is said in them: {listing(shown, 3)}. A step of "
            f"{1000 * stride * HOP_SECONDS:.0f} ms can say one token: check these transcripts, leave them out, "
            "or pass a smaller --stride or --tokens words"
        )


def _told_apart(raw: Tensor) -> tuple[Tensor, Tensor]:
    """Frames (B, T, M) and lengths (B,) of the frames (B, T / 8, 8, M) that an exported model takes."""
    frames = raw.flatten(1, 2)
    return frames, (frames[:, :, 0] > BEHIND / 2).sum(dim=1)


def _steps(lengths: Tensor, frames: Tensor, logits: Tensor) -> Tensor:
    """(B,) the steps of each sound among those of the batch."""
    stride = frames.shape[1] // logits.shape[1]
    return (lengths + stride - 1) // stride


def _nats(logits: Tensor, frames: Tensor, lengths: Tensor, targets: Tensor, vocab_size: int) -> Tensor:
    """(B,) −ln p(transcript) per token; tokens that training has not heard are left out of it."""
    steps = _steps(lengths, frames, logits)
    is_token = (targets > 0) & (targets < vocab_size)
    order = torch.sort((~is_token).long(), dim=1, stable=True).indices  # tokens first, in their order
    texts, counts = targets.gather(1, order).clamp(0, vocab_size - 1), is_token.sum(dim=1)
    log_probs = logits.float().log_softmax(dim=2).transpose(0, 1)  # (T, B, V)
    nats = F.ctc_loss(log_probs, texts, steps, counts, blank=ctc.BLANK, reduction="none", zero_infinity=True)
    return nats / counts.clamp(min=1)
