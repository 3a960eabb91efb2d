"""Motifs of letters: how much each place of one tells, and how alike two of them are.

    information of a place = log₂(letters) − entropy − correction        in bits: 2 where one letter of four is sure

The correction is what a place seems to tell because few sequences were counted.

References:
    Schneider & Stephens (1990), Sequence logos: a new way to display consensus sequences,
    https://doi.org/10.1093/nar/18.20.6097
    Schneider et al. (1986), Information content of binding sites on nucleotide sequences,
    https://doi.org/10.1016/0022-2836(86)90165-8 (the correction)
"""

import numpy as np

PSEUDOCOUNT = 1.0  # shared by all letters: what was never seen is not impossible


def chances(counts: np.ndarray) -> np.ndarray:
    """(W, A) counts of each letter at each place → chances, each row adding up to 1."""
    added = counts + PSEUDOCOUNT / counts.shape[1]
    return added / added.sum(axis=1, keepdims=True)


def information(motif: np.ndarray, count: int | None = None) -> np.ndarray:
    """(W,) bits that each place tells, at least 0.

    Args:
        motif: Chances (W, A).
        count: Sequences that were counted, for the correction (A − 1) / (2 · ln 2 · count); None leaves it out.

    Example:
        >>> information(np.array([[1.0, 0, 0, 0], [0.5, 0.5, 0, 0], [0.25, 0.25, 0.25, 0.25]])).tolist()
        [2.0, 1.0, 0.0]
    """
    letters = motif.shape[1]
    logs = np.log2(motif, where=motif > 0, out=np.zeros_like(motif, dtype=np.float64))
    correction = (letters - 1) / (2 * np.log(2) * count) if count else 0.0
    return np.maximum(0.0, np.log2(letters) + (motif * logs).sum(axis=1) - correction)


def heights(motif: np.ndarray, count: int | None = None) -> np.ndarray:
    """(W, A) how tall each letter stands in a logo: its chance times what its place tells."""
    return motif * information(motif, count)[:, None]


def likeness(found: np.ndarray, motif: np.ndarray) -> float:
    """From 0 to 1, how much of a motif is in what was found: the cosine of their logos, at the best offset.

    The whole motif is laid over what was found, which is as uninformative beyond its ends as letters drawn evenly: of
    half a motif the other half is missing, and counts.

    Args:
        found: Chances (V, A).
        motif: Chances (W, A).
    """
    width, wanted = len(motif), heights(motif)
    flat = np.full((width, motif.shape[1]), 1 / motif.shape[1])
    shown = heights(np.concatenate([flat, found, flat]))
    windows = [shown[start : start + width] for start in range(len(shown) - width + 1)]
    norms = [np.linalg.norm(window) * np.linalg.norm(wanted) for window in windows]
    return max(float((window * wanted).sum() / norm) if norm > 0 else 0.0 for window, norm in zip(windows, norms))


def consensus(motif: np.ndarray, letters: str, least: float = 0.5) -> str:
    """The likeliest letter of each place, and "·" where it tells less than so many bits."""
    told = information(motif)
    return "".join(letters[row.argmax()] if bits >= least else "·" for row, bits in zip(motif, told, strict=True))
