"""Pictures and their words: learnt from pictures with captions, so that words find pictures nobody has labelled.

    picture ── network ── D numbers ──┐
                                      ├── cosine of every pair of a batch ── each picture picks its sentence, and back
    sentence ── network ── D numbers ─┘

References:
    Radford et al. (2021), Learning Transferable Visual Models From Natural Language Supervision,
    https://arxiv.org/abs/2103.00020 (the loss, both ways)
    Khosla et al. (2020), Supervised Contrastive Learning, https://arxiv.org/abs/2004.11362 (several right answers)
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.core.errors import DataError
from deepglass.core.wording import listing
from deepglass.data.examples import Batch, Examples, in_order
from deepglass.data.fields import captioned_image, paired_text
from deepglass.evaluate.metrics import image_text
from deepglass.rivals import Time
from deepglass.tasks import Outputs, Prepared, _coarse_pixels
from deepglass.tasks._ridge import Ridge
from deepglass.tasks._supervised import SupervisedTask

SIDE, PENALTY = 8, 100.0  # coarse pixels per side of the rival, and the penalty of its regression
TIE_BREAK = 1e-3
BATCH = 64  # pairs: each is a question with so many answers


@dataclass(frozen=True)
class Config(captioned_image.Options):
    """Options of the task."""


class Task(SupervisedTask):
    """Pictures and sentences → embeddings of length 1, in which what belongs together is near."""

    name = "image-text"
    default_model = "clip"
    monitor = "recall"
    better = "higher"
    FIRST_INPUT = "pictures"
    READS = ("captions",)
    NOT_EXPORTED = (
        "pictures and sentences go through two networks, and an export holds one; find pictures with "
        '`deepglass search RUN "WORDS" PICTURES`, and write their embeddings with '
        "`deepglass predict RUN PICTURES --output FILE`"
    )
    CHECKS = ("repeated",)
    HONOURS = ("val_fraction", "test_fraction", "text_column")
    INSTEAD: ClassVar[dict[str, str]] = {
        "target": "what belongs to a picture is its caption; name its column with --text-column",
        "classes": "pictures have captions here and no classes; leave it out",
        "mixup": "no sentence says what half of two pictures shows; leave it out",
        "cutmix": "no sentence says what is pieced together of two pictures; leave it out",
        "label_smoothing": "a caption belongs to its picture or does not; leave it out",
        "class_weights": "pictures have captions here and no classes; leave it out",
    }
    FOLLOWS_PATHS = ("picture", "caption")
    AUGMENTING = ("augment",)
    INPUTS = (captioned_image.Field,)
    ANSWER = paired_text.Field
    inputs: captioned_image.Field
    answer: paired_text.Field
    config: Config

    def __init__(self, data_config: Any, config: Any = None, seed: int = 0):
        super().__init__(data_config, config or Config(), seed)

    # -- learning -----------------------------------------------------------------------------------------------

    def loss(self, model: nn.Module, batch: Batch) -> Tensor:
        """Cross entropy of each picture's sentence among those of the batch, and of each sentence's picture."""
        pictures, tokens = batch
        logits = model(pictures, tokens).float()  # (B, B)
        same = (tokens[:, None] == tokens[None]).all(dim=2).float()  # equal sentences belong to each other's pictures
        right = same / same.sum(dim=1, keepdim=True)
        return (F.cross_entropy(logits, right) + F.cross_entropy(logits.T, right)) / 2

    def train_defaults(self, model_name: str, num_examples: int) -> dict[str, Any]:
        """As pictures are learnt, in larger batches."""
        return super().train_defaults(model_name, num_examples) | {"batch_size": BATCH}

    def has_one_loss(self, network: nn.Module) -> bool:
        """No: validation asks among all of its pairs, training among those of a batch."""
        return False

    # -- answers ------------------------------------------------------------------------------------------------

    def embedded(self, said: Tensor) -> Tensor:
        """(B, D) of length 1."""
        return F.normalize(said.float(), dim=1)

    @torch.no_grad()
    def outputs(self, model: nn.Module, examples: Examples, batch_size: int = 512) -> Outputs:
        """Embeddings (N, D) of pictures; where there are sentences, theirs too, and which of these are the same."""
        model.eval()
        seen, read, tokens = [], [], []
        for pictures, ids in in_order(examples, batch_size, device_of(model)):
            seen.append(self.embedded(model(pictures)).cpu())
            tokens.append(ids.cpu())
            if not (ids < 0).any():
                read.append(self.read_words(model, ids).cpu())
        embeddings = torch.cat(seen).numpy()
        if not read:
            return Outputs(embeddings, None)
        _, groups = np.unique(torch.cat(tokens).numpy(), axis=0, return_inverse=True)
        texts, groups = torch.cat(read).numpy(), groups.ravel()
        return Outputs(embeddings, groups, image_text.losses(embeddings, texts, groups), {"texts": texts})

    def read_words(self, model: nn.Module, tokens: Tensor) -> Tensor:
        """(B, D) of sentences (B, T)."""
        return self.embedded(model.read(tokens))  # type: ignore[operator]

    @torch.no_grad()
    def words(self, model: nn.Module, text: str) -> np.ndarray:
        """(D,) of a sentence.

        Raises:
            DataError: If it has no word, or none that a caption of the training has.
        """
        known, unknown = self.answer.vocabulary, self.answer.unknown_words_of(text)
        if len(unknown) == len(known.words_of(text)):
            said = f"no caption of the training has {listing(unknown)}" if unknown else "there is no word in it"
            raise DataError(f"{text!r}: {said}; its words are {listing(known.words, 12)}")
        tokens = torch.from_numpy(known.encode([text]).astype(np.int64)).to(device_of(model))
        return self.read_words(model.eval(), tokens)[0].cpu().numpy()

    def answers(self, outputs: Outputs, names: dict[str, Any]) -> list[dict[str, Any]]:
        """The numbers of the embedding."""
        rows = [dict(zip(names, cells)) for cells in zip(*names.values())]
        named = [f"vector_{place + 1}" for place in range(outputs.predictions.shape[1])]
        return [row | dict(zip(named, map(float, numbers))) for row, numbers in zip(rows, outputs.predictions)]

    @property
    def explained_as(self) -> None:
        """An embedding has no parts that mean something by themselves."""
        return None

    # -- judging ------------------------------------------------------------------------------------------------

    def validate(self, outputs: Outputs) -> dict[str, float]:
        """The mean of both recalls at 1; among equals the fewer sentences that are nearer than a picture's own."""
        found = self.evaluate(outputs)
        recall = (found["words_to_picture_1"]["value"] + found["picture_to_words_1"]["value"]) / 2
        missed = float(np.mean(outputs.losses))  # type: ignore[arg-type]
        return {"missed": missed, "recall": recall - TIE_BREAK * missed}

    def evaluate(self, outputs: Outputs) -> dict[str, Any]:
        """Recalls both ways."""
        return image_text.evaluate(outputs.predictions, outputs.extra["texts"], outputs.targets)  # type: ignore[arg-type]

    def baseline(self, prepared: Prepared) -> dict[str, Any]:
        """Embeddings at random."""
        tokens = _tokens(prepared.test)
        _, groups = np.unique(tokens, axis=0, return_inverse=True)
        rng = np.random.default_rng(self.seed)
        pictures, texts = (F.normalize(torch.from_numpy(rng.normal(size=(len(tokens), 64))), dim=1) for _ in range(2))
        return {"name": "at random", **image_text.evaluate(pictures.numpy(), texts.numpy(), groups.ravel())}

    def simple_answers(self, prepared: Prepared, time: Time) -> tuple[str, Outputs] | None:
        """Linear regression from coarse pixels to which words a caption holds."""
        if time.is_up():
            return None
        held = {part: _held(_tokens(getattr(prepared, part)), self.answer.size) for part in ("train", "test")}
        centre = held["train"].mean(axis=0)
        pixels = {part: _coarse_pixels.codes(getattr(prepared, part), SIDE) for part in ("train", "test")}
        ridge = Ridge(torch.from_numpy(pixels["train"]).double(), torch.from_numpy(held["train"] - centre))
        weights, constant = ridge.solution(PENALTY)
        said = torch.from_numpy(pixels["test"]).double() @ weights + constant
        seen, texts = (F.normalize(part, dim=1).numpy() for part in (said, torch.from_numpy(held["test"] - centre)))
        _, groups = np.unique(_tokens(prepared.test), axis=0, return_inverse=True)
        groups = groups.ravel()
        found = Outputs(seen, groups, image_text.losses(seen, texts, groups), {"texts": texts})
        return f"linear words of {SIDE} x {SIDE} pixels", found

    def said_of(self, outputs: Outputs, place: int) -> dict[str, Any]:
        """Its caption, and how many others are nearer."""
        return {"predicted": f"{outputs.losses[place]:.1%} of the sentences are nearer than its own"}  # type: ignore[index]

    def worst(self, outputs: Outputs, count: int) -> np.ndarray:
        """Positions of the pictures that fared worst, without those that find their own words."""
        assert outputs.losses is not None
        wrong = np.flatnonzero(outputs.losses > 0)
        return wrong[np.argsort(-outputs.losses[wrong], kind="stable")][:count]


def _tokens(examples: Any) -> np.ndarray:
    """(n, T) of a part of the data."""
    return examples.tensors[-1].cpu().numpy()


def _held(tokens: np.ndarray, count: int) -> np.ndarray:
    """(n, V) 1 where a sentence holds a word."""
    held = np.zeros((len(tokens), count))
    np.put_along_axis(held, tokens, 1.0, axis=1)
    return held[:, 1:]
