"""What a doubling of the examples would bring, where the law is planted."""

import numpy as np
import pytest

from deepglass.diagnosis.questions.amount import extrapolated


def errors(law, judged=1000, repeats=2, seed=0):
    """(repeats, M) for a quarter, a half and all of 400 examples, each wrong as often as the law says."""
    rng = np.random.default_rng(seed)
    return [(rng.random((repeats, judged)) < law(n)).astype(float) for n in (100, 200, 400)]


@pytest.mark.parametrize("power", [0.3, 0.5, 1.0])
def test_the_gain_of_a_power_law_lies_in_the_interval(power):
    def law(n):
        return 0.4 * (n / 100) ** -power

    truth = law(400) - law(800)
    inside = [gain.low <= truth <= gain.high for gain in (extrapolated(errors(law, seed=s)) for s in range(4))]
    assert sum(inside) >= 3
    assert extrapolated(errors(law, judged=20_000)).middle == pytest.approx(truth, abs=0.03)


def test_where_nothing_more_is_learnt_nothing_is_promised():
    gain = extrapolated(errors(lambda n: 0.2))
    assert gain.low < 0 < gain.high
    assert abs(gain.middle) < 0.03


def test_no_more_is_promised_than_there_is_left_to_gain():
    assert extrapolated(errors(lambda n: {100: 0.9, 200: 0.5, 400: 0.01}[n])).high <= 0.02


def test_the_same_seed_gives_the_same_interval():
    assert extrapolated(errors(lambda n: 10 / n)) == extrapolated(errors(lambda n: 10 / n))
