"""What lesson 76 claims of signs that a network has seen once, of rules, bad examples and many ways (L04)."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("76_one_example").module


def test_one_example_of_a_new_sign_is_worth_more_with_the_network_than_in_pixels(lesson):
    assert lesson.accuracy(lesson.trained()) > lesson.accuracy(None) + 0.15


def test_with_one_known_picture_both_rules_say_the_same_and_with_more_they_do_not(lesson):
    rng = torch.Generator().manual_seed(0)
    rows = torch.nn.functional.normalize(torch.randn(40, 30, 16, generator=rng), dim=2)
    for shots in (1, 3):
        shape = lesson.Shape(5, shots, 3)
        support, queries = rows[:, : 5 * shots], rows[:, -15:]
        members = lesson.members_of(shape).expand(40, -1, -1)
        said = [rule.scores(support, members, queries).argmax(dim=2) for rule in lesson.RULES.values()]
        assert torch.equal(*said) == (shots == 1)


def test_more_known_pictures_are_better_and_more_ways_are_harder(lesson):
    by_shots = [lesson.accuracy(lesson.trained(), shots=shots) for shots in lesson.SHOTS]
    by_ways = [lesson.accuracy(lesson.trained(), ways=ways) for ways in lesson.WAYS]
    assert by_shots == sorted(by_shots)
    assert by_ways == sorted(by_ways, reverse=True)
    assert by_ways[-1] > 5 / lesson.WAYS[-1]


def test_no_new_sign_is_among_those_of_the_practice(lesson):
    _, which = lesson.new_signs()
    assert which.min() == lesson.LEARNT
    assert len(np.unique(which)) == 25


def test_a_hurried_example_spoils_its_sign_and_more_of_them_mend_it(lesson):
    careful, _ = lesson.with_bad_examples(0.0, 1)
    hurried, others = lesson.with_bad_examples(lesson.HURRIED, 1)
    mended, _ = lesson.with_bad_examples(lesson.HURRIED, 8)
    assert hurried < careful - 0.2
    assert hurried < others - 0.2
    assert mended > hurried + 0.3


def test_the_film_brings_pictures_of_a_new_sign_to_the_one_that_is_known(lesson):
    off = []
    for step, net in lesson.learning((0, 40, 120)):
        pictures, which = lesson.new_signs()
        rows = lesson.embedded(pictures, net)
        away = 1 - rows @ rows.T
        same = which[:, None] == which[None]
        off.append((away[same & ~np.eye(len(which), dtype=bool)].mean() / away[~same].mean(), step))
    assert off == sorted(off, reverse=True)
    assert len(list(lesson.film())) == len(lesson.MOMENTS)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("labels[((known - x) ** 2).sum(axis=1).argmin()]", "nearest row"),
        ("np.unique(labels)[((np.stack([known[labels == n].sum(0) for n in np.unique(labels)]) - x) ** 2).sum(1)"
         ".argmin()]", "sums"),
    ],
)  # fmt: skip
def test_slips_are_told_apart(line, said):
    assert said in tried("nearest_prototype", f"def nearest_prototype(known, labels, x):\n    return {line}").message
