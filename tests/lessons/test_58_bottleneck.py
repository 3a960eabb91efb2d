"""What lesson 58 claims of a code of two numbers, of flat codes, and of codes that are too long (K01)."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("58_bottleneck").module


def test_a_bent_code_loses_less_than_principal_components_of_as_many_numbers(lesson):
    for size in lesson.SIZES:
        assert lesson.lost(lesson.net(size)) < 0.8 * lesson.flat_loss(size), size


def test_a_flat_code_needs_four_numbers_or_more_to_do_as_well_as_two_bent_ones(lesson):
    assert 4 <= lesson.needed() <= 8
    assert lesson.flat_loss(lesson.needed()) <= lesson.lost(lesson.net(2)) < lesson.flat_loss(lesson.needed() - 1)


def test_longer_flat_codes_lose_less(lesson):
    losses = [lesson.flat_loss(size) for size in lesson.FLAT_SIZES]
    assert np.all(np.diff(losses) < 0)


def test_the_film_loses_less_and_less(lesson):
    said = [float(frame.caption.split(" is lost")[0].split()[-1]) for frame in lesson.film()]
    assert len(said) == len(lesson.MOMENTS)
    assert said[-1] < 0.7 * said[1] < said[0]


def test_neighbours_on_the_page_are_written_alike(lesson):
    rows, labels, _ = lesson.digits()
    codes, labels = lesson.through(lesson.net(2), rows[lesson.LEARNT :])[0], labels[lesson.LEARNT :]
    distances = np.linalg.norm(codes[:, None] - codes[None], axis=2) + 1e9 * np.eye(len(codes))
    assert (labels[distances.argmin(1)] == labels).mean() > 0.5  # one in ten by chance


def test_as_many_numbers_as_pixels_lose_little_and_hand_much_of_the_noise_on(lesson):
    clean, noisy = lesson.digits()[0][lesson.LEARNT :], lesson.spoilt()
    noise = float(((noisy - clean) ** 2).mean())
    copy = lesson.net(64)
    assert lesson.lost(copy) < 0.4 * lesson.lost(lesson.net(2))
    assert lesson.lost(copy, clean, noisy) > max(0.25 * noise, 2 * lesson.lost(copy))


def test_a_narrow_neck_is_no_cure_and_noise_in_the_training_is(lesson):
    clean, noisy = lesson.digits()[0][lesson.LEARNT :], lesson.spoilt()
    copied = lesson.lost(lesson.net(64), clean, noisy)
    assert lesson.lost(lesson.net(2), clean, noisy) > copied
    assert lesson.lost(lesson.net(8), clean, noisy) > 0.8 * copied
    assert lesson.lost(lesson.net(64, lesson.NOISE), clean, noisy) < 0.75 * copied


def test_the_number_of_parameters_is_that_of_the_linear_model(lesson):
    model = lesson.Autoencoder(64, config=lesson.Config(code_dim=2, num_layers=0))
    assert sum(p.numel() for p in model.parameters()) == 64 * 2 + 2 + 2 * 64 + 64
    with torch.no_grad():
        assert model(torch.zeros(1, 64)).shape == (1, 66)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("((made - given) ** 2).sum() / ((given - given.mean(axis=0)) ** 2).sum()", "lost"),
        ("1 - ((made - given) ** 2).sum() / (given ** 2).sum()", "mean picture"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("share_kept", f"def share_kept(given, made):\n    return {line}").message
