"""What lesson 74 claims of systolic arrays, of fused steps and of sums in sixteen bits (S02)."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("74_chips").module


def test_the_film_ends_when_the_product_has_left(lesson):
    frames = list(lesson.film())
    assert len(frames) == lesson.systolic.beats(3, 4, 3)
    assert frames[-1].caption.endswith("9 of 9 results have left.")
    assert lesson.systolic.product(lesson.X, lesson.W) == pytest.approx(lesson.X @ lesson.W)


def test_a_small_batch_leaves_about_one_cell_in_thirty_at_work(lesson):
    assert 1 / 35 < lesson.systolic.busy(16, 256, 256) < 1 / 30
    assert lesson.systolic.busy(4096, 256, 256) > 0.85


def test_in_bfloat16_counting_ends_at_256_and_a_long_sum_goes_on(lesson):
    assert lesson.counted(300, keep=False)[-1] == 256
    assert lesson.counted(300, keep=True)[-1] == 300
    assert torch.nextafter(torch.tensor(256.0, dtype=torch.bfloat16), torch.tensor(300.0, dtype=torch.bfloat16)) == 258


def test_fused_steps_move_as_much_as_one(lesson):
    assert lesson.traffic(1)[0] == lesson.traffic(1)[1]
    assert lesson.traffic(3)[0] == 3 * lesson.traffic(3)[1]


def test_the_beat_of_the_exercise_is_that_of_the_array(lesson):
    seen = {}
    for beat in lesson.systolic.run(np.ones((3, 4)), np.ones((4, 2))):
        for place in map(tuple, np.argwhere(~np.isnan(beat.done))):
            seen.setdefault(tuple(map(int, place)), beat.number)
    assert seen == {(row, column): row + column + 4 for row in range(3) for column in range(2)}


@pytest.mark.parametrize(("line", "said"), [("row + column + inputs - 1", "from 1"), ("row + inputs", "further right")])
def test_slips_are_told_apart(line, said):
    verdict = tried("leaves_at", f"def leaves_at(row, column, inputs):\n    return {line}")
    assert not verdict.passed
    assert said in verdict.message
