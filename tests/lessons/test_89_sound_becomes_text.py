"""What lesson 89 claims of spikes, blanks, the lattice, and what a beam reads that a greedy reader does not (I06)."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from deepglass.models.decoding import ctc
from tests.lessons.opened import opened
from tests.lessons.tried import tried

pytestmark = pytest.mark.slow("trains the net of the lesson")


@pytest.fixture(scope="module")
def lesson():
    return opened("89_sound_becomes_text").module


def test_the_trained_net_hears_new_sentences(lesson):
    assert lesson.NEW == 20
    assert lesson.right_at(-1) >= 18
    assert lesson.right_at(0) == 0


def test_more_than_two_thirds_of_the_steps_are_blanks_with_a_peak_for_each_word(lesson):
    assert 0.67 < lesson.share_of_blanks() < 1
    for log_probs, (said, _) in zip(lesson.trained()[-1], lesson.sentences(lesson.NEW, 1)):
        if ctc.greedy(log_probs) == lesson.numbers(said):
            assert all(np.exp(log_probs[:, word]).max() > 0.5 for word in lesson.numbers(said))


def test_first_it_learns_to_say_nothing_but_blanks(lesson):
    assert 0 < lesson.look_of_blanks() < len(lesson.trained()) - 3
    said = [frame.caption for frame in lesson.film()]
    assert "(nothing)" in said[lesson.look_of_blanks()]
    assert said[-1].endswith(" ".join(lesson.sentences(lesson.NEW, 1)[0][0]) + ".")


@pytest.mark.parametrize("said", [[1, 2], [1, 1]])
@pytest.mark.parametrize("steps", [2, 3, 4])
def test_the_lattice_counts_all_ways_and_is_the_loss_of_torch(lesson, said, steps):
    ways = sum(ctc.collapse(path) == said for path in itertools.product(range(3), repeat=steps))
    assert lesson.probability(said, steps) * 3**steps == pytest.approx(ways)
    log_probs = torch.full((steps, 1, 3), 1 / 3, dtype=torch.float64).log()
    nats = F.ctc_loss(log_probs, torch.tensor([said]), torch.tensor([steps]), torch.tensor([2]), reduction="sum")
    assert float(nats) == pytest.approx(-np.log(ways / 3**steps) if ways else np.inf)


def test_no_no_needs_three_steps(lesson):
    assert [lesson.probability([1, 1], steps) > 0 for steps in (2, 3)] == [False, True]
    assert lesson.probability([1, 2], 2) > 0


def test_greedy_and_beam_differ_where_the_text_says_so(lesson):
    assert lesson.both(0.6) == ("nothing", "no", pytest.approx(0.64))
    assert lesson.both(0.75)[:2] == ("nothing", "nothing")
    assert lesson.both(0.65)[:2] == ("nothing", "no")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("return [step for step in steps if step]", "leave its repetitions out"),
        ("return steps", "For steps ="),
    ],
)
def test_the_exercise_says_what_is_wrong(line, said):
    assert said in tried("collapse_steps", f"def collapse_steps(steps):\n    {line}").message
