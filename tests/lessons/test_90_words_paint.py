"""What lesson 90 claims of straight paths, of steps, of guidance, and of painting from memory (K07)."""

import numpy as np
import pytest
import torch

from deepglass.training.flow_matching import between, integrate
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("90_words_paint").module


def test_the_velocity_is_the_mean_over_all_straight_paths_through_a_place(lesson):
    """By Monte Carlo: paths of drawn pairs that pass near a place, and the mean of their data − noise."""
    generator, place, t = torch.Generator().manual_seed(0), torch.tensor([[0.2, 0.5]]), 0.5
    data = lesson.arcs()["nothing"][torch.randint(240, (400_000,), generator=generator)]
    noise = torch.randn(data.shape, generator=generator)
    near = (between(noise, data, torch.full((len(data),), t)) - place).norm(dim=1) < 0.1
    mean = (data - noise)[near].mean(dim=0)
    said = lesson.mean_velocity("nothing")(place, torch.tensor([t]))[0]
    assert near.sum() > 500
    assert (said - mean).abs().max() < 0.15


def test_one_step_ends_at_the_mean_of_the_data_for_every_point(lesson):
    end = lesson.way(1)[-1]
    assert (end - lesson.arcs()["nothing"].mean(dim=0)).abs().max() < 1e-4


def test_more_steps_come_nearer_and_forty_arrive(lesson):
    shares = [lesson.arrived(lesson.way(steps)[-1]) for steps in lesson.STEPS]
    assert shares[0] < 0.2
    assert shares[-1] > 0.95
    assert shares == sorted(shares)


def test_the_page_goes_as_the_tested_sampler_does(lesson):
    made = integrate(lesson.mean_velocity("upper"), lesson.noise(), 8)
    torch.testing.assert_close(made, lesson.way(8, "upper")[-1])


@pytest.mark.parametrize("word", ["upper", "lower"])
def test_a_word_says_where_and_too_much_guidance_leaves_no_variety(lesson, word):
    ends = {g: lesson.way(20, word, g)[-1] for g in lesson.GUIDANCE}
    spreads = [lesson.spread(end) for end in ends.values()]
    assert lesson.arrived(ends[0.0], word) < 0.7
    assert min(lesson.arrived(ends[g], word) for g in (1.0, 2.0, 8.0)) > 0.95
    assert spreads == sorted(spreads, reverse=True)
    assert lesson.spread(ends[1.0]) > 0.9 * lesson.spread(lesson.arcs()[word])
    assert lesson.spread(ends[8.0]) < 0.5 * lesson.spread(lesson.arcs()[word])
    away = (ends[8.0].mean(dim=0) - lesson.arcs()["nothing"].mean(dim=0)).norm()
    assert away > (lesson.arcs()[word].mean(dim=0) - lesson.arcs()["nothing"].mean(dim=0)).norm()


def test_memory_paints_pairs_that_it_has_seen_far_better_than_others(lesson):
    seen, unseen = (lesson.from_memory(part)[2][:, 0].mean() for part in ("val", "test"))
    assert seen > unseen + 0.3


def test_the_exercise_arrives_where_the_sampler_does():
    from deepglass.lessons.exercises.arrive import arrive

    start = np.array([[0.3, -1.0]])
    ours = arrive(lambda x, t: np.sin(3 * t) - x, start, 6)
    theirs = integrate(lambda x, t: torch.sin(3 * t[:, None]) - x, torch.from_numpy(start), 6)
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-6)


@pytest.mark.parametrize(
    ("line", "said"),
    [("x = x + velocity(x, step / steps)", "divided by"), ("x = x + velocity(x, 0.0) / steps", "stands still")],
)
def test_slips_are_told_apart(line, said):
    code = f"def arrive(velocity, x, steps):\n    for step in range(steps):\n        {line}\n    return x"
    assert said in tried("arrive", code).message
