"""What lesson 72 claims of one network in six frameworks, and of gates that are read the other way round (R01–R05)."""

import numpy as np
import pytest

from deepglass.frameworks import running
from deepglass.frameworks.traps import TRAPS, truth_of_gru
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("72_six_frameworks").module


def test_the_rows_that_are_shown_agree():
    rows = running.recorded().values()
    assert len(rows) == 7
    assert all(row.agrees for row in rows)


def test_the_memory_that_is_drawn_is_pytorchs(lesson):
    x = running.pictures()[0][[lesson.SHOWN]].astype(np.float64)
    assert lesson.state_after(8, (0, 1)) == pytest.approx(truth_of_gru(x, lesson.learnt())[0], abs=1e-12)


def test_with_its_gates_exchanged_a_trained_net_knows_hardly_more_than_chance(lesson):
    assert lesson.right((0, 1)) > 0.85
    assert lesson.right((1, 0)) < 0.3
    assert max(abs(lesson.state_after(8, (1, 0)))) <= 1


def test_gates_are_off_by_tenths_and_an_epsilon_by_far_less():
    by_title = {trap.title: trap for trap in TRAPS}
    assert by_title["gate order of a GRU"].off() > 0.02


def test_the_place_in_the_flat_vector_is_that_of_numpy():
    maps = np.arange(256).reshape(16, 4, 4)
    assert maps.transpose(1, 2, 0).ravel().tolist().index(37) == 82


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("weight[::-1]", ""),
        ("np.concatenate(np.split(weight, 3)[::-1])", "stays last"),
        ("np.roll(weight, len(weight) // 3, axis=0)", "only two"),
    ],
)
def test_slips_are_told_apart(line, said):
    verdict = tried("move_gates", f"def move_gates(weight):\n    return {line}")
    assert not verdict.passed
    assert said in verdict.message
