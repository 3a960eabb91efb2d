"""Mode collapse on the ring of eight: a weak discriminator causes it, and each of two cures alone removes it (K06)."""

import pytest

from tests.tasks.played import WEAK, played

TURNS = 1000


def places_found(**options):
    """At how many of the eight places, in the end of a game, points are made."""
    return list(played(0, TURNS, **options))[-1][0]


@pytest.mark.slow("plays a thousand turns of a game, four seconds")
def test_a_weak_discriminator_lets_the_generator_collapse():
    assert places_found(**WEAK) <= 3


@pytest.mark.slow("plays a thousand turns of a game, four seconds")
@pytest.mark.parametrize("cure", [{"gradient_penalty": 10.0}, {"discriminator_rate": 1.0}])
def test_each_cure_alone_brings_the_modes_back(cure):
    assert places_found(**WEAK | cure) >= 6
