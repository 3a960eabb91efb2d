"""What the inputs of a training looked like, in a few numbers: what a server compares later inputs with.

Computed on the training split, kept with the preprocessing, written into every export. No input itself is kept.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from deepglass.core.state import build, read, require
from deepglass.data.preprocess.category import labels_of
from deepglass.data.preprocess.number import part_of
from deepglass.data.preprocess.tabular import TabularPreprocessor

DECILES = np.linspace(0, 1, 11)
MOST_LEVELS = 100  # of a category that are counted; rarer ones are told by what is left
RARE = 0.02  # a word, or an empty cell, in so few rows is worth a look
FAR = 3.0  # deviations from the mean
BINS = 16  # of the brightness of pixels


@dataclass(frozen=True)
class Channel:
    """Of one channel of pictures."""

    mean: float
    std: float
    histogram: list[float]


@dataclass(frozen=True)
class Statistics:
    """All that may be known of an input; what of it there is depends on its kind."""

    missing: float | None = None
    mean: float | None = None
    std: float | None = None
    quantiles: list[float] | None = None
    shares: dict[str, float] | None = None
    channels: list[Channel] | None = None
    unknown: float | None = None


def read_back(state: dict[str, Any]) -> dict[str, Any]:
    """The statistics in the state of a task, checked; empty for runs of before there were any.

    Raises:
        ValueError: If they do not fit.
    """
    found = read(state, "statistics", dict[str, Any], {})
    for name, known in found.items():
        one = build(Statistics, known)
        require((one.mean is None) == (one.std is None), f"a mean and a deviation of {name!r}")
        require(one.quantiles is None or len(one.quantiles) == len(DECILES), f"eleven quantiles of {name!r}")
    return found


def of_numbers(values: np.ndarray) -> dict[str, Any]:
    """Share of empty cells (NaN), mean, deviation, and the eleven deciles from smallest to largest."""
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return {"missing": 1.0}
    return {
        "missing": 1 - len(known) / len(values),
        "mean": float(known.mean()),
        "std": float(known.std()),
        "quantiles": np.quantile(known, DECILES).tolist(),
    }


def of_table(frame: pd.DataFrame, preprocessor: TabularPreprocessor) -> dict[str, Any]:
    """Of every column: numbers as above, dates as days since 1970; categories by their shares."""
    dates = {number.name for number in preprocessor.numbers if number.part is not None}
    found: dict[str, Any] = {}
    for number in preprocessor.numbers:
        column = frame[number.name]
        found[number.name] = of_numbers(_days(column) if number.name in dates else _floats(column))
    for category in preprocessor.categories:
        found[category.name] = of_category(frame[category.name], category.is_boolean)
    return found


def of_category(column: pd.Series, is_boolean: bool = False) -> dict[str, Any]:
    """Share of each of the most frequent levels, and of empty cells, which count as the level ""."""
    known = column.dropna()
    counts = pd.Series(labels_of(known.to_numpy(), is_boolean), dtype=object).value_counts() / len(column)
    missing = 1 - len(known) / len(column)
    shares = {str(level): float(share) for level, share in counts.head(MOST_LEVELS).items()}
    return {"missing": missing, "shares": shares | ({"": missing} if missing else {})}


def unusual(cell: Any, known: dict[str, Any], is_boolean: bool = False) -> str:
    """What is unusual about a cell of a table beside its column in training, in words; "" where nothing is.

    Args:
        cell: A number, a word, or None where it is empty.
        known: Of the column, as `of_numbers` or `of_category` says it.
        is_boolean: Whether its words are truth values, which are one in all their spellings.
    """
    if "shares" in known:
        word = "" if cell is None else labels_of(np.array([cell], dtype=object), is_boolean)[0]
        share = known["shares"].get(word, 0.0)
        return "" if share >= RARE else f"in {100 * share:.1f} % of training" if share else "not in training, or rare"
    if cell is None:
        return "" if known.get("missing", 1.0) >= RARE else f"empty in {100 * known['missing']:.1f} % of training"
    if isinstance(cell, bool) or not isinstance(cell, int | float) or "quantiles" not in known:
        return ""
    low, high = known["quantiles"][0], known["quantiles"][-1]
    if cell < low or cell > high:
        return "below all of training" if cell < low else "above all of training"
    away = (cell - known["mean"]) / known["std"] if known["std"] else 0.0
    return "" if abs(away) < FAR else "far below most" if away < 0 else "far above most"


def of_pictures(pixels: np.ndarray) -> dict[str, Any]:
    """Brightness of whole pictures as numbers; of each channel also the share of pixels in sixteen steps of it.

    Shape:
        - pixels: (N, H, W, C), brightness from 0 to 255
    """
    channels = []
    for channel in range(pixels.shape[-1]):
        counts = np.bincount(pixels[..., channel].ravel().astype(np.uint8), minlength=256)
        share = counts / counts.sum()
        mean = float(share @ np.arange(256))
        std = float(share @ (np.arange(256) - mean) ** 2) ** 0.5
        channels.append({"mean": mean, "std": std, "histogram": share.reshape(BINS, -1).sum(axis=1).tolist()})
    return of_numbers(pixels.reshape(len(pixels), -1).mean(axis=1)) | {"channels": channels}


def of_tokens(tokens: np.ndarray, others: np.ndarray | None, unknown: int) -> dict[str, Any]:
    """Lengths of the training texts as numbers, and the share of unknown words in texts that were not learnt from.

    Where all were learnt from, that share is estimated by the share of words that occur once: Good (1953), The
    Population Frequencies of Species, https://doi.org/10.1093/biomet/40.3-4.237.

    Args:
        tokens: (N, T) ids of the training texts, padded with 0.
        others: (M, T) ids of the validation texts, or None.
        unknown: The id of unknown words.
    """
    lengths = (tokens != 0).sum(axis=1).astype(np.float64)
    if others is None:
        counts = np.bincount(tokens[tokens != 0])
        return of_numbers(lengths) | {"unknown": float((counts == 1).sum() / max(1, counts.sum()))}
    words = max(1, int((others != 0).sum()))
    return of_numbers(lengths) | {"unknown": float((others == unknown).sum() / words)}


def of_ids(counts: np.ndarray) -> dict[str, Any]:
    """Of a long text, how often its most frequent tokens come: shares by id.

    Args:
        counts: (V,) how often each token comes.
    """
    frequent = np.argsort(-counts, kind="stable")[:MOST_LEVELS]
    return {"shares": {str(i): float(counts[i] / counts.sum()) for i in frequent if counts[i]}}


def _floats(column: pd.Series) -> np.ndarray:
    numbers = column.astype(object) if column.dtype == "category" else column
    return pd.to_numeric(numbers, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)


def _days(column: pd.Series) -> np.ndarray:
    return part_of(column, str(column.name), "days")
