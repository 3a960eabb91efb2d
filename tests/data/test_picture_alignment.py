"""Low frequencies hardly change with size, and the right crop is found."""

import numpy as np
import pytest

from deepglass.data.picture_alignment import SIDE, bases, best_distances, describe, fine_of, unit
from deepglass.data.picture_survey import _small
from tests.data.made_pictures import photograph


def test_the_coefficients_are_those_of_a_cosine_transform():
    from scipy.fft import dctn

    picture = np.random.default_rng(0).integers(0, 256, (1, SIDE, SIDE, 1), dtype=np.uint8)
    expected = dctn(picture[0, ..., 0].astype(float), norm="ortho")[:12, :12] / SIDE
    np.testing.assert_allclose(describe(picture)[0, ..., 0], expected, atol=1e-3)


def test_a_basis_of_a_part_sees_that_part_alone():
    whole = bases(np.array([0.0]), np.array([1.0]))[0]
    half = bases(np.array([0.0]), np.array([0.5]))[0]
    assert np.abs(half[:, SIDE // 2 :]).max() == 0
    np.testing.assert_allclose(whole[0].sum(), 1, rtol=1e-6)
    np.testing.assert_allclose(half[0].sum(), 1, rtol=1e-6)


def test_brightness_and_contrast_do_not_count():
    picture = _small(np.asarray(photograph(np.random.default_rng(0), 64, colour=False))[None, ..., None])
    darker = (picture * 0.5 + 20).astype(np.uint8)
    np.testing.assert_allclose(fine_of(describe(darker)), fine_of(describe(picture)), atol=0.02)


def test_a_nearly_blank_picture_is_not_stretched():
    noise = np.random.default_rng(0).integers(0, 2, (1, SIDE, SIDE, 1), dtype=np.uint8)
    assert np.linalg.norm(fine_of(describe(noise))) < 0.5
    assert np.abs(unit(np.zeros((1, 5)))).max() == 0


@pytest.mark.parametrize("margins", [(0, 0, 8, 8), (6, 2, 0, 3), (9, 9, 9, 9)])
def test_the_crop_of_a_copy_is_found(margins):
    rng = np.random.default_rng(0)
    picture = np.asarray(photograph(rng, 128))
    left, top, right, bottom = margins
    crop = picture[top : 128 - bottom, left : 128 - right]
    other = np.asarray(photograph(rng, 128))
    pictures = np.concatenate([_small(p[None]) for p in (picture, crop, other)])
    fine = fine_of(describe(pictures))
    whole = float(np.linalg.norm(fine[0] - fine[1]))
    there, back, chance = best_distances(pictures, np.array([0, 1, 0]), np.array([1, 0, 2]), worth_refining=0.5)
    assert max(there, back) < 0.35 * whole
    assert chance > 1
