"""The accountant against that of Opacus, and what must hold of any."""

import math
import warnings

import numpy as np
import pytest

from deepglass.training.private.accountant import epsilon, noise_for

PROVES = {"test_epsilon_is_that_of_opacus": ("training/private",)}  # read by `deepglass read`

CASES = [
    (1.1, 0.01, 1000, 1e-5),
    (0.5, 0.001, 10_000, 1e-6),
    (4.0, 0.5, 200, 1e-4),
    (0.8, 0.9, 3, 1e-3),
    (2.0, 1.0, 50, 1e-5),
    (1.3, 64 / 60_000, 15 * 938, 1e-5),
    (6.0, 0.2, 1, 1e-9),
]


def theirs(noise, rate, steps, delta):
    accountants = pytest.importorskip("opacus.accountants", reason="Opacus is a judge: pip install opacus")
    accountant = accountants.RDPAccountant()
    accountant.history = [(noise, rate, steps)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its orders end too soon for some cases, as ours do
        return accountant.get_epsilon(delta)


@pytest.mark.parametrize("case", CASES)
def test_epsilon_is_that_of_opacus(case):
    assert epsilon(*case) == pytest.approx(theirs(*case), rel=1e-6)


def test_random_cases_too():
    rng = np.random.default_rng(0)
    for _ in range(6):
        rate, noise = float(10 ** rng.uniform(-3, -0.1)), float(rng.uniform(0.6, 5))
        case = noise, rate, int(10 ** rng.uniform(0, 4)), float(10 ** rng.uniform(-8, -3))
        assert epsilon(*case) == pytest.approx(theirs(*case), rel=1e-6), case


def test_more_noise_fewer_steps_and_smaller_batches_spend_less():
    usual = epsilon(1.0, 0.02, 500, 1e-5)
    assert epsilon(1.5, 0.02, 500, 1e-5) < usual
    assert epsilon(1.0, 0.02, 100, 1e-5) < usual
    assert epsilon(1.0, 0.01, 500, 1e-5) < usual
    assert epsilon(1.0, 0.02, 0, 1e-5) == 0
    assert epsilon(0.0, 0.02, 1, 1e-5) == math.inf


def test_the_noise_is_the_least_that_keeps_the_promise():
    noise = noise_for(3.0, 0.02, 500, 1e-5)
    assert epsilon(noise, 0.02, 500, 1e-5) <= 3.0 < epsilon(0.999 * noise, 0.02, 500, 1e-5)
    with pytest.raises(ValueError, match="no noise keeps"):
        noise_for(1e-3, 0.02, 500, 1e-5)
