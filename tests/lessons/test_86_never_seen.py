"""What lesson 86 claims of kinds that are never shown: known by description, leaned away from, mended (L03)."""

import numpy as np
import pytest

from deepglass.evaluate import intervals
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("86_never_seen").module


def test_kinds_that_it_is_never_shown_are_named_above_chance_with_their_interval(lesson):
    _, which, _, never = lesson.menagerie()
    count = int(np.isin(which.numpy(), never).sum())
    low, _ = intervals.wilson(round(lesson.reached()["unseen"] * count), count)
    assert count == 144
    assert low > 0.8 > 1 / lesson.NEVER


def test_none_of_them_is_in_the_training(lesson):
    _, which, _, never = lesson.menagerie()
    learnt, new = lesson.parts()
    assert not set(which[learnt].tolist()) & set(never.tolist())
    assert not (learnt & new).any()
    assert len(set(which[learnt].tolist())) == 26


def test_every_attribute_is_learnt_from_several_kinds(lesson):
    _, which, _, _ = lesson.menagerie()
    kinds = which[lesson.parts()[0]].unique()
    assert lesson.descriptions()[kinds].sum(dim=0).min() >= 4
    assert [name for name, has in zip(lesson.NAMES, lesson.coded(("blue", "striped", "disc"))[0]) if has] == [
        "colour blue", "coat striped", "body disc"
    ]  # fmt: skip


def test_among_all_kinds_it_leans_to_what_it_has_seen_and_less_than_a_quarter_is_left(lesson):
    found = lesson.reached()
    assert found["unseen_of_all"] < found["unseen"] / 4
    assert found["seen_of_all"] > 0.85


def test_taking_from_the_seen_mends_it_until_too_much_is_taken(lesson):
    means = [lesson.reached(taken)["mean"] for taken in lesson.TAKEN]
    best = int(np.argmax(means))
    assert 0 < best < len(means) - 1
    assert means[best] > means[0] + 0.3
    seen, unseen = ([lesson.reached(taken)[of] for taken in lesson.TAKEN] for of in ("seen_of_all", "unseen_of_all"))
    assert seen == sorted(seen, reverse=True)
    assert unseen == sorted(unseen)


def test_kinds_that_live_nowhere_are_known_by_their_description(lesson):
    alive = set(lesson.creatures.kinds())
    nowhere = [
        (colour, coat, body)
        for colour in lesson.creatures.COLOURS
        for coat in lesson.creatures.COATS
        for body in lesson.creatures.BODIES
        if (colour, coat, body) not in alive
    ]
    right = [name == " ".join(kind) for kind in nowhere for name in lesson.met(kind)[2]]
    assert len(nowhere) == 16
    assert np.mean(right) > 0.7
    assert sum(name == "yellow striped triangle" for name in lesson.met(("yellow", "striped", "triangle"))[2]) >= 4


def test_the_film_ends_with_what_the_stranger_has(lesson):
    picture, kind = lesson.a_stranger()
    shares = lesson.says(picture)[0].sigmoid()
    three = {lesson.NAMES[place] for place in shares.argsort(descending=True)[:3].tolist()}
    assert three == set(lesson.chosen(kind))
    assert len(list(lesson.film())) == len(lesson.MOMENTS)


@pytest.mark.parametrize(
    ("line", "said"),
    [("(table @ p).argmax()", "adds up"), ("np.where(table == 1, p, 1).prod(axis=1).argmax()", "left out"),
     ("np.where(table == 1, p, 1 - p).sum(axis=1).argmax()", "multiplied")],
)  # fmt: skip
def test_slips_are_told_apart(line, said):
    verdict = tried("likeliest_description", f"def likeliest_description(p, table):\n    return {line}")
    assert said in verdict.message
