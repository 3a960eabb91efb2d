"""What lesson 15 claims. Initialisers and clipping equal PyTorch's: tests/glass/test_modules.py, test_optim_db.py."""

import numpy as np
import pytest

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("15_initialisation").module


def sizes(lesson, *args, **options):
    """Signal and blame by layer, the root mean square over eight seeds."""
    runs = np.array([lesson.through(*args, **options, seed=seed) for seed in range(8)])  # (8, 2, 20)
    return np.sqrt((runs**2).mean(0))


@pytest.mark.parametrize("scale", [0.8, 1.0, 2**0.5, 2.0])
def test_signal_and_blame_change_by_the_stated_factor_a_layer(lesson, scale):
    signal, blame = sizes(lesson, scale)
    factor = scale / 2**0.5
    assert (signal[-1] / signal[0]) ** (1 / 19) == pytest.approx(factor, rel=0.02)
    assert (blame[0] / blame[-1]) ** (1 / 19) == pytest.approx(factor, rel=0.02)


def test_hes_rule_keeps_the_variance_through_twenty_layers_and_others_do_not(lesson):
    he, small, large = (sizes(lesson, scale)[0] for scale in (lesson.HE, 0.8, 2.5))
    assert 0.5 < he[-1] / he[0] < 2
    assert small[-1] < 1e-4
    assert large[-1] > 1e4


def test_xaviers_spread_keeps_a_tanh_net_alive_and_half_of_it_does_not(lesson):
    assert sizes(lesson, 1.0, "tanh")[0][-1] > 0.1
    assert sizes(lesson, 0.5, "tanh")[0][-1] < 1e-4


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_blame_vanishes_in_sigmoids_and_gates_bring_it_home(lesson, scale):
    plain, gated = sizes(lesson, scale, "sigmoid")[1], sizes(lesson, scale, "sigmoid", gates=True)[1]
    assert (np.diff(plain) > 0).all()  # less with every layer on the way back
    assert plain[0] / plain[-1] < 1e-5
    assert gated[0] / gated[-1] > 0.1


def test_large_weights_explode_clipping_repairs_it_and_small_ones_stand_still(lesson):
    assert not lesson.learn(2.0)[0][-1] < 1e3
    assert lesson.learn(2.0, clips=True)[0][-1] < 0.1
    assert lesson.learn(lesson.HE)[0][-1] < 0.1
    for scale in (0.3, 0.0):
        losses = lesson.learn(scale)[0]
        assert losses[-1] > 0.95 * np.var(lesson.points()[1])  # no better than saying the mean


def test_a_sigmoids_blame_vanishes_with_usual_spreads_comes_back_with_large_ones_and_then_explodes(lesson):
    share = {}
    for spread in (1.0, 2.8, 10, 20):
        blame = lesson.through(spread, "sigmoid")[1]
        share[spread] = blame[0] / blame[-1]
    assert share[1.0] < share[2.8] < 1e-4
    assert 0.1 < share[10] < 10
    assert share[20] > 100
    assert set(share) <= set(lesson.SPREADS)


@pytest.mark.parametrize(
    ("spread", "said"),
    [("2 / inputs", "That is the variance"), ("(2 / outputs) ** 0.5", "number of inputs"), ("1", "spread 1")],
)
def test_weights_of_another_spread_are_told_which(spread, said):
    code = f"def begin(inputs, outputs, rng):\n    return rng.normal(0, {spread}, (outputs, inputs))"
    assert said in tried("begin", code).message
