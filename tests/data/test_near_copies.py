"""Near copies: what was planted is found, and clean sets accuse nobody."""

import numpy as np
import pytest

from deepglass.data.config import DataConfig
from deepglass.data.near_copies import NearCopies, find_near_copies
from deepglass.data.picture_survey import _small
from deepglass.data.reading.source import read
from tests.data.made_pictures import CHANGES, frames, photograph
from tests.shared_data import shared


def small(pictures):
    """Thumbnails of Pillow's pictures or arrays."""
    arrays = [np.asarray(picture) for picture in pictures]
    return np.concatenate([_small(a.reshape(1, *a.shape[:2], -1)) for a in arrays])


@pytest.fixture(scope="module")
def planted():
    """400 photographs and 20 changed copies, four of each kind; (thumbnails, labels, source of each copy)."""
    rng = np.random.default_rng(0)
    originals = [photograph(rng, 48) for _ in range(400)]
    source = rng.permutation(400)[:20]
    changes = list(CHANGES.values())
    copies = [changes[i % len(changes)](originals[row], rng) for i, row in enumerate(source)]
    return small([*originals, *copies]), np.arange(420) % 3, source


def test_planted_copies_are_found_and_nothing_else(planted):
    pictures, labels, source = planted
    found = find_near_copies(pictures, labels)
    truth = {(int(row), 400 + i) for i, row in enumerate(source)}
    pairs = {tuple(pair) for pair in found.pairs.tolist()}
    assert len(pairs & truth) >= 0.9 * len(truth)
    assert len(pairs & truth) >= 0.9 * len(pairs)
    assert found.looked_at == 420


def test_photographs_alone_are_no_copies(planted):
    pictures, labels, _ = planted
    assert len(find_near_copies(pictures[:400], labels[:400]).pairs) == 0


@pytest.mark.parametrize("change", CHANGES)
def test_every_kind_of_copy_crosses_from_test_to_training(change):
    rng = np.random.default_rng(1)
    originals = [photograph(rng, 48, colour=False) for _ in range(100)]
    copies = [CHANGES[change](picture, rng) for picture in originals[:10]]
    pictures, labels = small([*originals, *copies]), np.arange(110) % 2
    found = find_near_copies(pictures, labels, asked=np.arange(90, 110), among=np.arange(90))
    crossing = found.crossing(np.arange(90), np.arange(90, 110))
    assert sum((100 + i, i) in set(map(tuple, crossing.tolist())) for i in range(10)) >= 9
    assert set(crossing[:, 0]) <= set(range(100, 110))


def test_digits_are_alike_and_no_copies():
    digits = read("digits", DataConfig())
    assert len(find_near_copies(small(digits.pixels[:900]), digits.labels[:900]).pairs) == 0


def test_pictures_of_one_thing_with_noise_are_no_copies():
    """Every picture of a class is as near as any other: nothing stands out."""
    rng = np.random.default_rng(0)
    ground = np.zeros((2, 24, 24))
    ground[0, 2:12], ground[1, :, 2:14] = 200, 200
    pictures = (ground[np.arange(120) % 2] + rng.integers(0, 20, (120, 24, 24))).astype(np.uint8)
    assert len(find_near_copies(small(pictures), np.arange(120) % 2).pairs) == 0


def test_frames_of_persons_form_their_groups():
    pictures, labels, person = frames()
    found = find_near_copies(small(pictures), labels)
    _, groups = np.unique(found.groups(), return_inverse=True)
    assert groups.tolist() == person.tolist()


def test_blank_pictures_are_no_copies_of_each_other():
    pictures = np.full((40, 16, 16), 7, np.uint8)
    assert len(find_near_copies(small(pictures), np.arange(40) % 2).pairs) == 0


def test_few_pictures_say_nothing():
    same = np.tile(np.random.default_rng(0).integers(0, 255, (1, 16, 16), dtype=np.uint8), (6, 1, 1))
    assert len(find_near_copies(small(same), np.zeros(6, int)).pairs) == 0
    assert len(find_near_copies(small(same)[:1], np.zeros(1, int)).pairs) == 0


def test_groups_are_joined_with_those_that_are_given():
    found = NearCopies(np.array([[0, 3], [3, 4]]), 6, 6)
    assert found.groups().tolist() == [0, 1, 2, 0, 0, 5]
    assert found.groups(np.array(["a", "a", "b", "c", "d", "b"])).tolist() == [0, 0, 2, 0, 0, 2]
    assert found.rows.tolist() == [0, 3, 4]
    assert found.crossing(np.array([0, 1]), np.array([3, 5])).tolist() == [[3, 0]]


def test_many_pictures_are_looked_at_in_part(monkeypatch):
    monkeypatch.setattr("deepglass.data.near_copies.MOST_PAIRS", 100 * 420)
    pictures = small([photograph(np.random.default_rng(i), 32) for i in range(60)])
    many = np.concatenate([pictures] * 7)
    found = find_near_copies(many, np.arange(420) % 2)
    assert found.looked_at == 100
    assert len(found.rows) > 100


@pytest.mark.slow("looks at thousands of real pictures")
@pytest.mark.parametrize(("name", "most"), [("fashion-mnist", 0.01), ("cifar10-images", 0.005)])
def test_real_sets_are_quiet(name, most):
    images = read(shared(name), DataConfig(max_rows=3000))
    pixels = images.pixels[:3000]
    found = find_near_copies(_small(pixels), images.labels[:3000])
    assert len(found.rows) <= most * len(pixels)


def test_where_copies_would_have_other_classes_the_measure_is_blind_and_says_nothing():
    """Small discs and squares anywhere: moved a little they are alike, and yet of different classes."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:20, :20]
    drawn = []
    for i in range(60):
        cy, cx = rng.uniform(6, 13, 2)
        inside = (y - cy) ** 2 + (x - cx) ** 2 < 14 if i % 2 else (abs(y - cy) < 3.4) & (abs(x - cx) < 3.4)
        drawn.append((inside * 200).astype(np.uint8))
    labels = np.arange(60) % 2
    pairs = find_near_copies(small(drawn), labels).pairs
    assert (labels[pairs[:, 0]] != labels[pairs[:, 1]]).mean() < 0.25 if len(pairs) else True
