"""What lesson 45 claims of a net that is right for a reason that nobody wanted, and of the maps that show it (Q01)."""

import numpy as np
import pytest

from deepglass.explain.coalitions import ends
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("45_why").module


def mean_in_line(lesson, model, method, line=None):
    line = lesson.LINE if line is None else line
    return np.mean([lesson.in_line(lesson.explained(model, one, method)[0]) for one in lesson.eights(4, line)])


def test_a_test_of_the_same_office_finds_no_fault_and_another_office_does(lesson):
    same, other = (lesson.right(lesson.net(), office) for office in ("the same office", "another office"))
    assert same > 0.98
    assert other < 0.8
    assert other >= 0.5


def test_the_darker_the_line_the_less_the_digit_is_needed(lesson):
    faint, dark = (lesson.right(lesson.net(line), "another office", line) for line in (0.1, 0.5))
    assert faint > 0.95
    assert dark < 0.7


def test_by_chance_on_any_digit_the_line_says_nothing_and_both_offices_are_served(lesson):
    model = lesson.net(lesson.LINE, "on any digit, by chance")
    assert min(lesson.right(model, office) for office in ("the same office", "another office")) > 0.97
    before, after = (mean_in_line(lesson, m, "integrated gradients") for m in (lesson.net(), model))
    assert before > 0.2
    assert after < 0.1


@pytest.mark.parametrize("method", ["occlusion", "gradient × input", "integrated gradients"])
def test_maps_show_the_line_of_a_net_that_needs_it_and_none_of_one_that_does_not(lesson, method):
    assert mean_in_line(lesson, lesson.net(), method) > 0.2
    assert mean_in_line(lesson, lesson.net(lesson.LINE, "on any digit, by chance"), method) < 0.1


def test_shuffling_pixels_finds_the_line_in_the_whole_model(lesson):
    needs, needs_not = (lesson.in_line(lesson.worth(lesson.net(lesson.LINE, how))) for how in lesson.HOW)
    assert needs > 0.3
    assert needs_not < 0.1


def test_integrated_gradients_add_up_and_gradient_times_input_need_not(lesson):
    model, image = lesson.net(), lesson.eights()[0]
    base, score = lesson.game(model, image)(ends(lesson.SIDE**2))
    walked, facts = lesson.explained(model, image, "integrated gradients")
    assert walked.sum() == pytest.approx(score - base, abs=1e-4 * max(1, abs(score - base)))
    assert abs(facts["gap"]) <= 1e-4 * max(1, abs(score - base))
    assert abs(lesson.explained(model, image, "gradient × input")[0].sum() - (score - base)) > 0.01


def test_occlusion_covers_one_pixel_with_paper(lesson):
    model, image = lesson.net(), lesson.eights()[0]
    covered = image.copy()
    covered[3, 0] = 0
    expected = lesson.scores(model, image[None])[0] - lesson.scores(model, covered[None])[0]
    assert lesson.explained(model, image, "occlusion")[0][3, 0] == pytest.approx(expected, abs=1e-5)


def test_the_film_keeps_the_column_that_answers_the_guess_for_the_end(lesson):
    frames = list(lesson.covering())
    assert len(frames) == lesson.SIDE
    said = [float(frame.caption.split()[-1].rstrip("%.")) for frame in frames]
    assert said[-1] < 50 < min(said[:-1])


def test_among_inked_pixels_a_map_is_lost_with_the_weights_and_an_edge_detector_is_not(lesson):
    assert lesson.kept("an edge detector") == pytest.approx([1, 1])
    for method in lesson.METHODS:
        everywhere, ink = lesson.kept(method)
        assert abs(ink) < 0.6, method
        assert ink <= everywhere + 0.05, method


def test_blank_paper_stays_blank_whatever_the_net_is(lesson):
    model, image = lesson.net(), lesson.eights()[0]
    other = lesson.randomized(model, 1.0, 0)
    for method in ("gradient × input", "integrated gradients"):
        assert np.all(lesson.explained(other, image, method)[0][image == 0] == 0)


@pytest.mark.parametrize(
    ("line", "said"),
    [("x * gradients.mean(axis=0)", "base"), ("(x - base) * gradients[-1]", "end"), ("gradients.mean(0)", "far")],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("along_the_way", f"def along_the_way(x, base, gradients):\n    return {line}").message
