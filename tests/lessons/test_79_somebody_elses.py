"""What lesson 79 claims of machines that are taken away, and of bundles that travel (S03)."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("79_somebody_elses").module


@pytest.mark.parametrize("every", [0.5, 1.0, 2.0])
def test_the_expected_hours_are_the_mean_of_many_trainings(lesson, every):
    hours = [lesson.lived(every, seed, most=1e9)[-1, 0] for seed in range(1500)]
    error = np.std(hours) / np.sqrt(len(hours))
    assert abs(np.mean(hours) - lesson.expected(lesson.WORK, every)) < 4 * error


def test_without_saving_eight_hours_take_over_a_hundred(lesson):
    never = lesson.expected(lesson.WORK, lesson.WORK)
    assert 100 < never < 120
    assert lesson.expected(lesson.WORK, lesson.best()) < 11


def test_youngs_rule_finds_the_valley_and_the_valley_is_flat(lesson):
    every = np.linspace(0.02, 4, 2000)
    least = lesson.expected(lesson.WORK, every).min()
    assert lesson.expected(lesson.WORK, lesson.best()) < 1.005 * least
    for factor in (0.5, 2):
        assert lesson.expected(lesson.WORK, factor * lesson.best()) < 1.05 * lesson.expected(lesson.WORK, lesson.best())


def test_the_film_falls_back_to_what_was_saved_and_ends(lesson):
    path = lesson.lived(0.5)
    assert path[-1, 1] == pytest.approx(lesson.WORK)
    falls = np.flatnonzero(np.diff(path[:, 1]) < 0)
    assert len(falls) >= 2
    assert all(0 < path[at, 1] - path[at + 1, 1] <= 0.5 for at in falls)
    assert np.all(path[falls + 1, 1] % 0.5 == 0)


def test_whatever_happens_on_the_way_is_named_before_the_first_answer(lesson):
    said = {harm: lesson.travelled(harm) for harm in lesson.HARM}
    assert said["nothing"] == "all files are as they were exported"
    assert said["one bit of the network"].startswith("model.onnx was changed")
    assert said["a package in another version"].startswith("requirements.txt was changed")
    assert said["one file is missing"].startswith("schema.json is missing")


def test_the_recipe_keeps_the_promises_of_the_text(lesson):
    recipe = lesson.recipe()
    assert "@sha256:" in recipe
    assert "FROM ${BASE}" in recipe
    assert "--require-hashes" in recipe
    assert "USER 65534" in recipe
    assert "HEALTHCHECK --interval=10s" in recipe
    assert "TOKEN=" not in recipe


@pytest.mark.parametrize(
    ("line", "said"), [("work", "done again"), ("work + every * len(losses)", "less than a whole piece")]
)
def test_slips_are_told_apart(line, said):
    verdict = tried("hours_until_done", f"def hours_until_done(work, every, losses):\n    return {line}")
    assert not verdict.passed
    assert said in verdict.message
