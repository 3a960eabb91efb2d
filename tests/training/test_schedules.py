import math
from itertools import pairwise

import pytest
import torch

from deepglass.training import schedules


def torch_factors(make, steps):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    scheduler = make(optimizer)
    factors = []
    for _ in range(steps):
        factors.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return factors


def test_cosine_and_exponential_equal_pytorch():
    steps = 40
    cosine = torch_factors(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, steps), steps)
    exponential = torch_factors(lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.01 ** (1 / steps)), steps)
    assert [schedules.factor("cosine", i, steps) for i in range(steps)] == pytest.approx(cosine, abs=1e-9)
    assert [schedules.factor("exponential", i, steps) for i in range(steps)] == pytest.approx(exponential, abs=1e-9)


def test_step_falls_to_a_tenth_after_each_third():
    factors = [schedules.factor("step", i, 9) for i in range(9)]
    assert factors == pytest.approx([1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01])


def test_one_cycle_rises_then_falls_to_almost_nothing():
    factors = [schedules.factor("one-cycle", i, 100) for i in range(101)]
    peak = factors.index(max(factors))
    assert factors[0] == pytest.approx(0.04)
    assert peak == 30
    assert max(factors) == pytest.approx(1.0)
    assert factors[-1] == pytest.approx(1e-4)
    assert all(a < b for a, b in pairwise(factors[:31]))
    assert all(a > b for a, b in pairwise(factors[30:]))


def test_warm_up_rises_in_a_line_to_the_full_rate():
    factors = [schedules.factor("constant", i, 100, warmup=0.1) for i in range(20)]
    assert factors[:10] == pytest.approx([(i + 1) / 11 for i in range(10)])
    assert factors[10:] == [1.0] * 10


@pytest.mark.parametrize("name", [*schedules.SHAPES, "one-cycle"])
def test_every_schedule_stays_between_zero_and_one(name):
    for warmup in (0.0, 0.1):
        factors = [schedules.factor(name, i, 7, warmup) for i in range(10)]
        assert all(0 <= f <= 1 and math.isfinite(f) for f in factors)
