"""How near an enlarged picture is to the true one: PSNR and SSIM of its brightness, as papers give them.

PSNR    10·log₁₀(255² / mean squared error) in dB, the mean of the pictures; 3 dB more halve the squared error
SSIM    mean over places of how well mean, contrast and pattern agree under a Gaussian window; 1 is the same picture

Both are measured on Y (`data/preprocess/luma.py`) in bytes, without a border of `scale` pixels, where every method has
to guess what lies outside.

References:
    Wang, Bovik, Sheikh & Simoncelli (2004), Image Quality Assessment: From Error Visibility to Structural Similarity,
    https://doi.org/10.1109/TIP.2003.819861 (window of 11 x 11, sigma 1.5, K1 0.01, K2 0.03)
"""

from typing import Any

import numpy as np

from deepglass.evaluate.intervals import mean_interval
from deepglass.evaluate.scores import score

PEAK = 255.0
MOST_DB = 100.0  # of a picture that is the same in every pixel, whose error has no logarithm
SIGMA, RADIUS = 1.5, 5  # of the window
MEANS, CONTRASTS = (0.01 * PEAK) ** 2, (0.03 * PEAK) ** 2  # which keep flat places from a division by 0


def squared_error(picture: np.ndarray, truth: np.ndarray, border: int = 0) -> float:
    """Mean squared error per pixel of two planes (H, W), a border left out where something would be left."""
    a, b = (_inside(plane.astype(np.float64), border) for plane in (picture, truth))
    return float(((a - b) ** 2).mean())


def psnr(error: np.ndarray) -> np.ndarray:
    """Peak signal-to-noise ratio in dB of mean squared errors (N,).

    Example:
        >>> psnr(np.array([1.0, 0.0])).round(2).tolist()
        [48.13, 100.0]
    """
    least = PEAK**2 / 10 ** (MOST_DB / 10)
    return 10 * np.log10(PEAK**2 / np.maximum(error, least))


def ssim(picture: np.ndarray, truth: np.ndarray, border: int = 0) -> float:
    """Structural similarity of two planes (H, W); of planes smaller than the window, under one window as large."""
    from scipy.ndimage import gaussian_filter

    a, b = (_inside(plane.astype(np.float64), border) for plane in (picture, truth))

    def around(values: np.ndarray) -> np.ndarray:
        radius = min(RADIUS, (min(a.shape) - 1) // 2)
        found = gaussian_filter(values, SIGMA, radius=radius)
        return found[radius : a.shape[0] - radius, radius : a.shape[1] - radius]

    mean_a, mean_b = around(a), around(b)
    of_a, of_b, of_both = around(a * a) - mean_a**2, around(b * b) - mean_b**2, around(a * b) - mean_a * mean_b
    means = (2 * mean_a * mean_b + MEANS) / (mean_a**2 + mean_b**2 + MEANS)
    patterns = (2 * of_both + CONTRASTS) / (of_a + of_b + CONTRASTS)
    return float((means * patterns).mean())


def measured(picture: np.ndarray, truth: np.ndarray, border: int = 0) -> tuple[float, float]:
    """Squared error and SSIM of one picture: what `evaluate` takes of each."""
    return squared_error(picture, truth, border), ssim(picture, truth, border)


def evaluate(ours: np.ndarray, classic: np.ndarray, scale: int, *, seed: int = 0) -> dict[str, Any]:
    """Both scores, each beside bicubic on the same pictures, with bootstrap intervals over the pictures.

    Args:
        ours: (N, 2) squared error and SSIM of each picture.
        classic: (N, 2) the same of bicubic.
        scale: How many times as many pixels per side; for the details.
        seed: Of the bootstrap.
    """
    db, classic_db = psnr(ours[:, 0]), psnr(classic[:, 0])
    named = {
        "psnr": db,
        "ssim": ours[:, 1],
        "psnr_gain": db - classic_db,
        "ssim_gain": ours[:, 1] - classic[:, 1],
    }
    return {
        "kind": "super_resolution",
        "count": len(ours),
        "headline": ["psnr", "ssim", "psnr_gain"],
        **{name: score(values.mean(), mean_interval(values, seed=seed)) for name, values in named.items()},
        "details": {
            "scale": scale,
            "better_on": int((named["psnr_gain"] > 0).sum()),
            "bicubic": {"psnr": float(classic_db.mean()), "ssim": float(classic[:, 1].mean())},
        },
    }


def _inside(plane: np.ndarray, border: int) -> np.ndarray:
    if border and min(plane.shape) > 2 * border:
        return plane[border:-border, border:-border]
    return plane
