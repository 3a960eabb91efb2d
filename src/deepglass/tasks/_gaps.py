"""Gaps in texts: which words are asked for, what a network or a simple model puts there, and how that is written."""

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from deepglass.core.device import device_of
from deepglass.data.augment.covered import IGNORED, with_gaps
from deepglass.data.examples import Examples, in_order
from deepglass.data.preprocess.published_vocabulary import PublishedVocabulary
from deepglass.data.preprocess.text import WordVocabulary
from deepglass.tasks import Outputs

FIRST = 5  # words that are named for a gap
LOGITS_AT_ONCE = 2**22  # numbers in the logits of a batch, where every text has one gap: 16 MiB
OWN_GAPS = -2  # the target of a new text: asked are the gaps that it has itself, where it has any
SharesBetween = Callable[[int, int], np.ndarray]  # words before and behind a gap → shares (V,) of those in it


class Gaps:
    """Asks for words of texts.

    Outputs have a row per text and a column per token: `predictions` and `targets` (N, T) are ids at gaps and `IGNORED`
    elsewhere, the target of a gap that a text has itself is the unknown word. In `extra`: "first" (N, T, 5) the words
    that are likeliest, "shares" (N, T, 5) of them, "shown" (N, T) the text with its gaps.

    Args:
        vocabulary: Of the texts.
        share: Of the words that are covered.
    """

    def __init__(self, vocabulary: WordVocabulary | PublishedVocabulary, share: float):
        self.vocabulary, self.share = vocabulary, share
        self.no_words = sorted({*vocabulary.marks, vocabulary.unknown})

    def asked(self, tokens: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """What is shown and what is wanted (B, T): covered words, or the gaps that a new text has itself."""
        unknown = self.vocabulary.unknown
        shown, wanted = with_gaps(tokens, unknown, self.vocabulary.marks, self.share)
        is_gap = tokens == unknown
        has_own = (targets == OWN_GAPS)[:, None] & is_gap.any(dim=1, keepdim=True)  # (B, 1)
        own = torch.full_like(tokens, IGNORED).masked_fill(is_gap, unknown)
        return torch.where(has_own, tokens, shown), torch.where(has_own, own, wanted)

    # -- filling ------------------------------------------------------------------------------------------------

    @torch.no_grad()
    def filled(self, model: nn.Module, examples: Examples, batch_size: int) -> Outputs:
        """What a network says."""
        model.eval()
        size = max(1, min(batch_size, LOGITS_AT_ONCE // len(self.vocabulary)))
        parts = [self._said(model, *batch) for batch in in_order(examples, size, device_of(model))]
        return self._outputs(parts)

    def _said(self, model: nn.Module, tokens: Tensor, targets: Tensor) -> tuple[Tensor, ...]:
        """Of one batch: first words and their shares (B, T, 5), wanted and shown (B, T), losses (B,)."""
        shown, wanted = self.asked(tokens, targets)
        places = wanted != IGNORED
        logits = model(shown, places=places).float()  # (M, V)
        logits[:, self.no_words] = logits[:, len(self.vocabulary) :] = -torch.inf
        shares, words = logits.softmax(dim=1), wanted[places]  # (M, V), (M,)
        best = shares.topk(min(FIRST, shares.shape[1]), dim=1)
        nats = -shares.gather(1, words[:, None])[:, 0].clamp(min=1e-30).log()
        return (
            _at(places, best.indices, IGNORED),
            _at(places, best.values, 0.0),
            wanted,
            shown,
            self._losses(wanted, _at(places, nats, 0.0)),
        )

    def filled_by(self, shares_between: SharesBetween, examples: Examples) -> Outputs:
        """What a simple model says that looks at the two neighbours of a gap."""
        return self._outputs([self._counted(shares_between, *b) for b in in_order(examples, 512, torch.device("cpu"))])

    def _counted(self, shares_between: SharesBetween, tokens: Tensor, targets: Tensor) -> tuple[Tensor, ...]:
        shown, wanted = self.asked(tokens, targets)
        framed, words = F.pad(shown, (1, 1)).numpy(), wanted.numpy()
        first, shares = np.full((*words.shape, FIRST), IGNORED), np.zeros((*words.shape, FIRST), np.float32)
        nats = np.zeros(words.shape, np.float32)
        for row, place in zip(*np.nonzero(words != IGNORED)):
            likely = shares_between(int(framed[row, place]), int(framed[row, place + 2])).copy()
            likely[self.no_words] = 0
            likely /= likely.sum()
            best = np.argpartition(-likely, min(FIRST, len(likely) - 1))[:FIRST]
            best = best[np.argsort(-likely[best], kind="stable")]
            first[row, place, : len(best)], shares[row, place, : len(best)] = best, likely[best]
            nats[row, place] = -np.log(max(likely[words[row, place]], 1e-30))
        found = (torch.from_numpy(part) for part in (first, shares))
        return *found, wanted, shown, self._losses(wanted, torch.from_numpy(nats))

    def _losses(self, wanted: Tensor, nats: Tensor) -> Tensor:
        """(B,) the mean of the gaps (B, T) whose word is known."""
        is_known = self._is_judged(wanted)
        return (nats * is_known).sum(dim=1) / is_known.sum(dim=1).clamp(min=1)

    def _is_judged(self, wanted: Tensor) -> Tensor:
        return (wanted != IGNORED) & (wanted != self.vocabulary.unknown)

    def _outputs(self, parts: list[tuple[Tensor, ...]]) -> Outputs:
        """Of all batches, each as wide as any text: a batch is as wide as its longest."""
        fills, width = (IGNORED, 0, IGNORED, 0), self.vocabulary.width
        *found, losses = (list(part) for part in zip(*parts))
        first, shares, wanted, shown = (
            np.concatenate([_widened(part, width, fill) for part in batches]) for batches, fill in zip(found, fills)
        )
        more = {"first": first, "shares": shares.astype(np.float16), "shown": shown}
        return Outputs(first[..., 0], wanted, torch.cat(losses).cpu().numpy().astype(np.float64), more)

    # -- judging and writing ------------------------------------------------------------------------------------

    def judged(self, outputs: Outputs) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(N,) each: mean loss, gaps whose word is known, those that were told, those among the first five."""
        wanted: np.ndarray = outputs.targets  # type: ignore[assignment]
        is_judged = (wanted != IGNORED) & (wanted != self.vocabulary.unknown)
        is_right = is_judged & (outputs.predictions == wanted)
        is_among = is_right | is_judged & (outputs.extra["first"] == wanted[..., None]).any(axis=2)
        return outputs.losses, *(part.sum(axis=1) for part in (is_judged, is_right, is_among))  # type: ignore[return-value]

    def words(self, of: np.ndarray, outputs: Outputs, place: int) -> str:
        """Those of an array (N, T) at the gaps of a text."""
        is_gap = outputs.targets[place] != IGNORED  # type: ignore[index]
        return ", ".join(map(self.vocabulary.word, of[place, is_gap].tolist()))

    def named(self, outputs: Outputs, place: int) -> list[str]:
        """For each gap of a text its first words and their shares: "good 31 %, bad 12 %"."""
        at = np.flatnonzero(outputs.targets[place] != IGNORED)  # type: ignore[index]
        first, shares = (outputs.extra[name][place, at].astype(float).tolist() for name in ("first", "shares"))
        return [
            ", ".join(f"{self.vocabulary.word(int(word))} {100 * share:.0f} %" for word, share in zip(*gap))
            for gap in zip(first, shares)
        ]

    def confidence(self, outputs: Outputs, place: int) -> float:
        """The mean share of the first words; 0 of a text without a gap."""
        is_gap = outputs.targets[place] != IGNORED  # type: ignore[index]
        return float(outputs.extra["shares"][place, is_gap, 0].astype(float).mean()) if is_gap.any() else 0.0

    def spelled(self, outputs: Outputs, place: int, is_filled: bool = True) -> str:
        """A text with the likeliest words in its gaps, or with its gaps."""
        shown, said = outputs.extra["shown"][place], outputs.predictions[place]
        return self.vocabulary.spell(np.where((said != IGNORED) & is_filled, said, shown).tolist())


def _at(places: Tensor, values: Tensor, fill: float) -> Tensor:
    """Values (M, …) where `places` (B, T) holds, in their order; `fill` elsewhere."""
    found = torch.full((*places.shape, *values.shape[1:]), fill, dtype=values.dtype, device=values.device)
    found[places] = values
    return found


def _widened(part: Tensor, width: int, fill: int) -> np.ndarray:
    """(B, T, …) with `width` columns; ids need 32 bits."""
    array = part.cpu().numpy()
    behind = ((0, 0), (0, width - array.shape[1]), *[(0, 0)] * (array.ndim - 2))
    wide = np.pad(array, behind, constant_values=fill)
    return wide.astype(np.int32) if wide.dtype == np.int64 else wide
