"""What lesson 68 claims of people whom a network has never seen, of thresholds, and of searches (H10)."""

import pytest

from deepglass.data.datasets import drawn_faces
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("68_same_person").module


def ends(lesson):
    return {"learnt": (0, lesson.LEARNT), "new": (lesson.CHOSEN, drawn_faces.PEOPLE)}


def error(lesson, whose, net):
    roc = lesson.verification.roc(lesson.pairs(*ends(lesson)[whose], net))
    return lesson.verification.equal_error(*roc[:2])


def test_it_tells_new_people_apart_better_than_pixels_do(lesson):
    assert error(lesson, "new", lesson.trained()) < 0.6 * error(lesson, "new", None)
    assert lesson.auc(lesson.pairs(*ends(lesson)["new"], lesson.trained())) > 0.9


def test_those_whom_it_has_learnt_flatter_it(lesson):
    assert error(lesson, "learnt", lesson.trained()) < error(lesson, "new", lesson.trained())


def test_the_film_brings_one_person_together(lesson):
    said = [float(frame.caption.split(" in ")[1].rstrip("%.")) for frame in lesson.film()]
    assert len(said) == len(lesson.MOMENTS)
    assert said[-1] > said[0] + 5


def test_a_looser_wish_lets_more_friends_and_more_strangers_in(lesson):
    chosen, new = (lesson.pairs(*of, lesson.trained()) for of in ((lesson.LEARNT, lesson.CHOSEN), ends(lesson)["new"]))
    found = []
    for rate in lesson.RATES:
        threshold = lesson.verification.threshold_for(chosen, rate)
        assert lesson.verification.accepted(chosen, threshold)[0] <= rate
        found.append(lesson.verification.accepted(new, threshold))
    assert found == sorted(found)
    assert found[-1][0] > found[0][0]


def test_one_percent_of_a_hundred_is_more_than_half(lesson):
    assert lesson.taken_for_somebody(0.01, 1) == pytest.approx(0.01)
    assert lesson.taken_for_somebody(0.01, 100) == pytest.approx(0.634, abs=1e-3)


def test_embeddings_are_of_length_one(lesson):
    rows = lesson.embedded(lesson.people(50, 52)[0], lesson.trained())
    assert (rows**2).sum(axis=1) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("(distances[same] < threshold).mean(), (distances[~same] < threshold).mean()", "the threshold itself"),
        ("(distances[~same] <= threshold).mean(), (distances[same] <= threshold).mean()", "come first"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("accepts", f"def accepts(distances, same, threshold):\n    return {line}").message
