"""PSNR and SSIM are those of the papers: by brute force, and by scikit-image where it is installed."""

import numpy as np
import pytest

from deepglass.evaluate.judges.super_resolution import Judge
from deepglass.evaluate.metrics.super_resolution import evaluate, measured, psnr, squared_error, ssim

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 256, (20, 24)).astype(np.uint8)
PICTURE = (TRUTH + RNG.normal(0, 20, TRUTH.shape)).clip(0, 255).astype(np.uint8)


def by_hand(a, b):
    """SSIM as Wang et al. write it, window by window."""
    a, b = a.astype(float), b.astype(float)
    x = np.arange(-5, 6)
    window = np.exp(-(x[:, None] ** 2 + x**2) / (2 * 1.5**2))
    window /= window.sum()
    values = []
    for i in range(a.shape[0] - 10):
        for j in range(a.shape[1] - 10):
            p, q = a[i : i + 11, j : j + 11], b[i : i + 11, j : j + 11]
            mp, mq = (window * p).sum(), (window * q).sum()
            vp, vq, c = (
                (window * (p - mp) ** 2).sum(),
                (window * (q - mq) ** 2).sum(),
                (window * (p - mp) * (q - mq)).sum(),
            )
            values.append(
                (2 * mp * mq + 2.55**2) * (2 * c + 7.65**2) / ((mp**2 + mq**2 + 2.55**2) * (vp + vq + 7.65**2))
            )
    return np.mean(values)


def test_ssim_is_that_of_the_paper():
    assert ssim(PICTURE, TRUTH) == pytest.approx(by_hand(PICTURE, TRUTH), abs=1e-10)
    assert ssim(TRUTH, TRUTH) == pytest.approx(1)
    assert ssim(255 - TRUTH, TRUTH) < 0


def test_a_border_is_left_out_of_both():
    spoilt = PICTURE.copy()
    spoilt[:2], spoilt[-2:], spoilt[:, :2], spoilt[:, -2:] = 0, 255, 0, 255
    assert measured(spoilt, TRUTH, 2) == measured(PICTURE, TRUTH, 2)
    assert measured(spoilt, TRUTH, 1) != measured(PICTURE, TRUTH, 1)
    assert ssim(PICTURE, TRUTH, 2) == pytest.approx(by_hand(PICTURE[2:-2, 2:-2], TRUTH[2:-2, 2:-2]), abs=1e-10)


def test_both_are_scikit_images():
    metrics = pytest.importorskip("skimage.metrics")
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    assert ssim(PICTURE, TRUTH) == pytest.approx(metrics.structural_similarity(PICTURE, TRUTH, **options), abs=1e-7)
    error = np.array([squared_error(PICTURE, TRUTH)])
    assert psnr(error)[0] == pytest.approx(metrics.peak_signal_noise_ratio(TRUTH, PICTURE, data_range=255), abs=1e-9)


def test_half_the_error_is_three_decibels_and_none_has_an_end():
    a, b, none = psnr(np.array([20.0, 10.0, 0.0]))
    assert b - a == pytest.approx(10 * np.log10(2))
    assert a == pytest.approx(10 * np.log10(255**2 / 20))
    assert none == 100


def test_tiny_pictures_have_scores_too():
    error, likeness = measured(TRUTH[:3, :4], TRUTH[:3, :4], 2)
    assert (error, likeness) == (0, pytest.approx(1))


def table(errors):
    return np.stack([errors, np.full(len(errors), 0.9)], axis=1)


def test_the_gain_is_paired():
    """Pictures differ far more from each other than the two methods on each: the paired interval does not mind."""
    classic = RNG.uniform(5, 500, 30)
    found = evaluate(table(classic * 0.7), table(classic), 2)
    assert found["psnr_gain"]["value"] == pytest.approx(-10 * np.log10(0.7))
    assert found["psnr_gain"]["high"] - found["psnr_gain"]["low"] < 1e-6
    assert found["psnr"]["high"] - found["psnr"]["low"] > 1
    assert found["details"]["better_on"] == 30


def test_the_judge_says_what_is_no_better_than_bicubic():
    classic = RNG.uniform(5, 500, 30)
    same = evaluate(table(classic * RNG.uniform(0.8, 1.25, 30)), table(classic), 2)
    better = evaluate(table(classic * 0.7), table(classic), 2)
    hardly = evaluate(table(classic * 0.97), table(classic), 2)
    said = [[check(one, {}) for check in Judge.checks] for one in (same, better, hardly)]
    assert "not surely better than bicubic" in said[0][0]
    assert said[1] == [None, None, None]
    assert "no eye sees" in said[2][1]
    assert "nearer to the truth on 30 of 30" in Judge().notes(better)[0]
