"""Bars, their numbers, and an axis that measures the bars alone."""

import pytest

from deepglass.draw.bars import reached


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 87, [0, 25, 50, 75, 100]),
        (0, 100, [0, 25, 50, 75, 100]),
        (-3, 20, [-25, 0, 25]),
        (0, 140, [0, 25, 50, 75, 100, 125]),
    ],
)
def test_no_tick_stands_in_the_room_for_numbers(low, high, expected):
    assert reached([-50, -25, 0, 25, 50, 75, 100, 125], low, high) == expected
