"""What lesson 14 claims about schedules. That each equals PyTorch's, step by step: tests/glass/test_optim_db.py."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("14_schedules").module


def test_walkers_come_to_rest_at_the_stated_floor_which_halves_with_the_rate(lesson):
    losses = lesson.height(lesson.walk("constant", lesson.LONG, walkers=2000))  # (201, 2000)
    assert losses[-50:].mean() == pytest.approx(lesson.floor(lesson.LONG), rel=0.05)
    assert lesson.floor(0.01) / lesson.floor(0.005) == pytest.approx(2, rel=0.01)


def test_the_engines_walkers_do_what_the_exact_mean_says(lesson):
    for shape in ("step", "cosine", "warm-up, then cosine"):
        losses = lesson.height(lesson.walk(shape, lesson.LONG, walkers=3000)).mean(1)
        exact = lesson.expected(lesson.rates(shape, lesson.LONG))
        np.testing.assert_allclose(losses[[50, 120, -1]], exact[[50, 120, -1]], rtol=0.15)


def test_the_best_schedule_ends_lower_than_the_best_constant_rate_and_forgives_more(lesson):
    tops = np.geomspace(0.02, 1.85, 60)
    last = {name: lesson.expected(tops * lesson.rates(name, 1.0)[:, None])[-1] for name in lesson.SHAPES}
    for name in ("step", "exponential", "cosine"):
        assert last[name].min() < 0.75 * last["constant"].min()
        assert (last[name] < 0.03).sum() > (last["constant"] < 0.03).sum()


def test_long_steps_arrive_and_never_rest_short_ones_never_arrive_shrinking_ones_do_both(lesson):
    long, short = (lesson.expected(lesson.rates("constant", rate)) for rate in (lesson.LONG, lesson.SHORT))
    shrinking = lesson.expected(lesson.rates("cosine", lesson.LONG))
    assert long[40] < 0.5 * short[40]
    assert long[-1] == pytest.approx(lesson.floor(lesson.LONG), rel=0.01)
    assert short[-1] > 10 * lesson.floor(lesson.SHORT)
    assert shrinking[-1] < 0.2 * min(long[-1], short[-1])


def test_a_divided_rate_makes_the_loss_fall_at_once(lesson):
    loss, half = lesson.expected(lesson.rates("step", lesson.LONG)), lesson.STEPS // 2
    assert loss[half] > 0.95 * loss[half - 20]  # it had stopped falling
    assert loss[half + 20] < 0.6 * loss[half]
    assert loss[-1] < 0.3 * loss[half]


def test_too_high_a_rate_loses_every_net_and_the_warm_up_saves_them(lesson):
    lost = {
        shape: sum(not lesson.learn(shape, 0.2, seed)[0][-1] < 0.5 for seed in range(5))
        for shape in ("constant", "cosine", "warm-up, then cosine")
    }
    assert lost == {"constant": 5, "cosine": 5, "warm-up, then cosine": 0}


def test_on_the_net_a_cosine_ends_lower_than_the_same_constant_rate(lesson):
    ends = {shape: [lesson.learn(shape, 0.1, seed)[0][-1] for seed in range(5)] for shape in ("constant", "cosine")}
    assert np.median(ends["cosine"]) < np.median(ends["constant"])


@pytest.mark.parametrize("shape", ["step", "exponential", "cosine", "warm-up, then cosine"])
def test_the_rates_shown_are_pytorchs(lesson, shape):
    theirs, steps = torch.optim.lr_scheduler, lesson.STEPS
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.6)
    third = steps // 3
    scheduler = {
        "step": lambda: theirs.StepLR(optimizer, steps // 2, 0.1),
        "exponential": lambda: theirs.ExponentialLR(optimizer, 0.01 ** (1 / steps)),
        "cosine": lambda: theirs.CosineAnnealingLR(optimizer, steps),
        "warm-up, then cosine": lambda: theirs.SequentialLR(
            optimizer,
            [theirs.LinearLR(optimizer, 0.02, total_iters=third), theirs.CosineAnnealingLR(optimizer, steps - third)],
            [third],
        ),
    }[shape]()
    expected = []
    for _ in range(steps):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    np.testing.assert_allclose(lesson.rates(shape, 0.6), expected, rtol=1e-9, atol=1e-12)


def test_long_steps_have_come_down_to_their_floor_when_the_page_says(lesson):
    loss, floor = lesson.expected(lesson.rates("constant", lesson.LONG)), lesson.floor(lesson.LONG)
    step = lesson.arrival()
    assert loss[step] < 1.1 * floor <= loss[step - 1]
    assert 20 < step < 60


def test_half_the_rate_is_about_half_the_floor(lesson):
    assert lesson.floor(lesson.LONG) / lesson.floor(lesson.LONG / 2) == pytest.approx(2, rel=0.15)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return top * t / warmup", "1/warmup of the top"),
        ("return None", "gives nothing back"),
        (
            "return top * (t + 1) / warmup if t < warmup else top * (1 + np.cos(np.pi * t / total)) / 2",
            "after the warm-up",
        ),
    ],
)
def test_a_wrong_rate_is_told_where_it_is(body, said):
    code = f"def rate(t, top, warmup, total):\n    {body}"
    if "t / warmup" in body:
        code = code.replace(
            "return",
            "if t >= warmup: return top * (1 + np.cos(np.pi * (t - warmup) / (total - warmup))) / 2\n    return",
        )
    assert said in tried("rate", code).message
