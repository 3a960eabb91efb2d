"""What a saved state must be, value by value."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import pytest

from deepglass.core.state import build, checked, read, require_between

TYPES = [int, float, bool, str, list[int], tuple[float, ...], tuple[str, int], dict[str, float], Literal["a", "b"]]
FITTING = [3, 1.5, True, "x", [1, 2], [1, 2.5], ["x", 1], {"x": 1.0}, "a"]
ODD = (
    None, True, "", "x", -1, 1.5, 10**400, 1e400, float("nan"), [], {}, [[]], [None], ["x"], {"x": None}, {"x": "1"},
    [1, 2, 3], ["x", "y"],
)  # fmt: skip


@dataclass(frozen=True)
class Inner:
    words: tuple[str, ...]


@dataclass(frozen=True)
class Outer:
    name: str
    size: int = 1
    ends: tuple[float, float] | None = None
    inner: list[Inner] = field(default_factory=list)


@dataclass(frozen=True)
class Growing(Inner):
    MAY_HAVE_MORE: ClassVar[bool] = True


@pytest.mark.parametrize(("hint", "value"), list(zip(TYPES, FITTING, strict=True)), ids=str)
def test_what_fits_comes_back_in_its_type(hint, value):
    found = checked(value, hint, "size")
    assert found == (tuple(value) if isinstance(found, tuple) else value)


@pytest.mark.parametrize("hint", TYPES, ids=str)
@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:12])
def test_whatever_comes_fits_or_is_one_message(hint, value):
    try:
        found = checked(value, hint, "size")
    except ValueError as error:
        said = str(error)
    else:
        said = "expected"
        assert found == value or list(found) == list(value)
        assert hint is not int or type(found) is int
        assert hint is not float or float(found) == value
    assert said.startswith("expected")
    assert len(said) < 200


def test_a_dataclass_is_built_field_by_field():
    state = {"name": "x", "ends": [0, 1], "inner": [{"words": ["a"]}]}
    assert build(Outer, state) == Outer("x", 1, (0, 1), [Inner(("a",))])
    assert build(Outer, {}, name="y") == Outer("y")


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({}, "'name', which is missing"),
        ({"name": 1}, "a text for 'name', got 1"),
        ({"name": "x", "ends": [1]}, "2 values for 'ends'"),
        ({"name": "x", "nmae": "y"}, "no field .*nmae"),
        ({"name": "x", "inner": [{"words": "a"}]}, "a list for 'words'"),
        ({"name": "x", "size": -1}, "a whole number for 'size'"),
        ([], "an object for Outer"),
    ],
)
def test_a_field_that_does_not_fit_is_named(state, message):
    with pytest.raises(ValueError, match=message):
        build(Outer, state)


def test_what_later_versions_say_besides_is_passed_over_where_that_is_allowed():
    assert build(Growing, {"words": [], "more": 1}) == Growing(())


def test_absent_values_have_their_default_and_others_must_be_there():
    assert read({}, "names", list[str], []) == []
    with pytest.raises(ValueError, match="'names', which is missing"):
        read({}, "names", list[str])
    with pytest.raises(ValueError, match="an object with 'names'"):
        read(None, "names", Any)


def test_a_number_beyond_its_range_is_refused():
    require_between(3, 1, 3, "steps")
    with pytest.raises(ValueError, match="steps from 1 to 3, got 4"):
        require_between(4, 1, 3, "steps")


def test_a_type_that_no_state_can_hold_is_a_defect_of_ours():
    with pytest.raises(TypeError, match="no form"):
        checked(1, set[int], "size")
