"""How well a language model guesses what comes next: loss, perplexity, bits per token and per character.

    perplexity = exp(nats per token)      bits per token = nats per token / ln 2
                                          bits per character = nats / ln 2 / characters

Perplexity depends on what a token is; bits per character do not, so they compare models of characters with models
of byte pairs.

References:
    Jelinek et al. (1977), Perplexity: a measure of the difficulty of speech recognition tasks
    Shannon (1951), Prediction and Entropy of Printed English, https://doi.org/10.1002/j.1538-7305.1951.tb01366.x
"""

from typing import Any

import numpy as np

from deepglass.core.errors import DataError, ShapeError
from deepglass.evaluate import intervals
from deepglass.evaluate.scores import score

FEWEST_WINDOWS = 5  # whose spread says something of other windows


def evaluate(
    losses: np.ndarray, tokens: np.ndarray | None = None, characters: np.ndarray | None = None, *, seed: int = 0
) -> dict[str, Any]:
    """Every score of a language model, with 95 % intervals, in the form that `scores.py` describes.

    Whole windows of text are resampled, since tokens within a window depend on each other.

    Args:
        losses: Mean loss per token in nats of each window of text.
        tokens: How many tokens were predicted in each window; equally many where it is not given.
        characters: How many characters those tokens spell; as many as tokens where it is not given.
        seed: Of the bootstrap.

    Shape:
        - losses, tokens, characters: (N,)

    Returns:
        The scores, and in "details" the numbers of "tokens" and "characters" that were judged. Intervals are None
        where there are fewer than five windows: their spread is as good as unknown.

    Raises:
        ShapeError: If the sizes differ.
        DataError: If there is no window, or a loss is not finite.
    """
    tokens = np.ones(len(losses)) if tokens is None else tokens
    characters = tokens if characters is None else characters
    _check(losses, tokens, characters)
    columns = np.stack([losses * tokens, tokens, characters], axis=1).astype(np.float64)  # nats, tokens, characters
    values = _from_means(columns.mean(axis=0, keepdims=True))
    spread = _from_means(intervals.resampled_means(columns, seed=seed))
    return {
        "kind": "language",
        "count": len(losses),
        "headline": ["loss", "perplexity", "bits_per_token", "bits_per_character"],
        **{name: score(values[name][0], _interval(spread[name], len(losses))) for name in values},
        "details": {"tokens": int(np.sum(tokens)), "characters": int(np.sum(characters))},
    }


def _interval(samples: np.ndarray, windows: int) -> tuple[float, float] | tuple[None, None]:
    return intervals.percentile_interval(samples) if windows >= FEWEST_WINDOWS else (None, None)


def perplexity(loss: np.ndarray) -> np.ndarray:
    """exp(loss): among how many equally likely tokens the model seems to choose.

    Example:
        >>> float(perplexity(np.log(32.0)).round(6))
        32.0
    """
    return np.exp(np.minimum(loss, 700))  # e^700 is near the largest float


def bits_per_character(nats: np.ndarray, characters: np.ndarray) -> np.ndarray:
    """Nats of the whole text / ln 2 / its characters."""
    return nats / np.log(2) / characters


def _from_means(means: np.ndarray) -> dict[str, np.ndarray]:
    """Scores (R,) from the means a window of nats, tokens and characters (R, 3)."""
    nats, tokens, characters = means.T
    loss = nats / tokens
    return {
        "loss": loss,
        "perplexity": perplexity(loss),
        "bits_per_token": loss / np.log(2),
        "bits_per_character": bits_per_character(nats, characters),
    }


def _check(losses: np.ndarray, tokens: np.ndarray, characters: np.ndarray) -> None:
    if not losses.shape == tokens.shape == characters.shape or losses.ndim != 1:
        raise ShapeError(
            f"expected losses, tokens and characters of one shape (N,), got {losses.shape}, {tokens.shape}, "
            f"{characters.shape}"
        )
    if len(losses) == 0:
        raise DataError("expected at least one window of text to judge, got none: give a longer text")
    if not np.isfinite(losses).all():
        raise DataError("some losses are not numbers: the model has diverged; train with a lower learning rate")
