import pytest

from deepglass.core.wording import short


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [(0, "", "0"), (850, "", "850"), (1_000, "", "1 k"), (11_689_512, "", "11.7 M"), (46_758_048, "B", "46.8 MB")],
)
def test_large_numbers_are_short(number, unit, expected):
    assert short(number, unit) == expected
