"""How answers are compared: by value, whatever form and precision they have; and what is said of a wrong one."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch

from deepglass import glass
from deepglass.core.errors import OptionError
from deepglass.course.judging import child, judge, sandbox, wire
from deepglass.course.judging.description import Description, load
from deepglass.course.judging.same import same, shown

SQUARE = Description(
    name="square",
    task="",
    stub="def square(x):\n    return 0",
    solution="def square(x):\n    return x * x",
    hint="",
    answer=lambda x: x * x,
    cases=lambda rng: [(2.0,), (3.0,), (float(rng.normal()),)],
    slips=[(lambda x: 2 * x, "That is twice x."), (lambda x: x**3, "That is the cube.")],
    others=[(lambda x: -x * x, "Yours looks down.")],
    praise="Good.",
    gives="a number",
    forbids={"@": "No product of matrices here.", "square_of": "That is ours."},
)


def said(code: str, description: Description = SQUARE) -> judge.Verdict:
    def here(name, code, seed):
        news: list[dict] = []
        try:
            child.attempt(description, {"code": code, "seed": seed}, news.append)
        except BaseException as error:
            news.append({"error": child.words_for(error)})
        return sandbox.Outcome(news)

    return judge.judge(description, code, 0, here)


@pytest.mark.parametrize(
    "code",
    [
        "def square(x):\n    return x ** 2",
        "def square(y):\n    return np.float32(y * y)",
        "def square(*, x):\n    return x * x",
        "def square(x, power=2):\n    return x ** power",
        "def square(*numbers):\n    return numbers[0] ** 2",
        "def square(x):\n    return np.array([[x * x]])",
        "def square(x):\n    return [x * x]",
        "def my_square(number):\n    return number * number",
        "square = lambda x: math.pow(x, 2)",
        "from functools import partial\nsquare = partial(lambda p, x: x ** p, 2)",
        "class square:\n    def __new__(cls, x):\n        return x * x",
        "square = np.square",
        "def square(x):\n    import numpy\n    return numpy.square(x)[()]",
        "helper = lambda x: x * x\ndef square(x):\n    print('trying', x)\n    return helper(x)",
    ],
)
def test_right_is_right_in_any_form(code):
    verdict = said(code)
    assert verdict.passed, verdict.message
    assert verdict.message == "Good."


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def square(x):\n    return x + x", "For x = 3: expected 9, got 6. That is twice x."),
        ("def square(x):\n    return x * x * x", "For x = 2: expected 4, got 8. That is the cube."),
        ("def square(x):\n    return x * x + 1e-3", "For x = 2: expected 4, got 4.001."),
        ("def square(x):\n    return None", "it gives nothing back"),
        ("def square(x):\n    return 'four'", "expected 4, got 'four'. Give back a number."),
        ("def square(x):\n    return x * x, 1", "Give back a number."),
        ("def square(x):\n    return float('nan')", "expected 4, got nan."),
        ("def square(x):\n    return y", "Line 2: NameError: name 'y' is not defined (For x = 2.)"),
        ("def square(x)\n    return x", "Line 1: Python cannot read this"),
        ("def square():\n    return 1", "`square` is called with 1 values, x; yours takes ()."),
        ("square = 3", "Define `square`: it is what the test calls."),
        ("def one(x): return x\ndef two(x): return x", "Define `square`"),
        ("def square(x):\n    return np.ones(1) @ np.ones(1) * x * x", "Line 2: No product of matrices here."),
        ("def square(x):\n    return x.square_of()", "Line 2: That is ours."),
        ("", "Define `square`"),
        ("x" * 30_000, "at most 20,000 characters"),
        ("def square(x):\n    return square(x)", "RecursionError"),
        ("def square(x):\n    return (-1) ** (x > 2.5) * x * x", "keep to one"),
    ],
)
def test_wrong_is_wrong_and_hears_why(code, message):
    verdict = said(code)
    assert not verdict.passed
    assert message in verdict.message, verdict.message


def test_another_convention_is_right_and_hears_what_it_is():
    assert said("def square(x):\n    return -x * x").message == "Good. Yours looks down."


def test_a_slip_is_said_only_of_an_answer_that_makes_it_everywhere():
    """For x = 2 twice x and the square are the same: one case is no proof of a slip."""
    assert "twice" not in said("def square(x):\n    return 6.0").message


def test_what_was_printed_is_told_and_the_arguments_are_the_readers_own():
    rows = Description(
        name="first", task="", stub="def first(x): pass", solution="def first(x): return x[0]", hint="",
        answer=lambda x: x[0], cases=lambda rng: [(np.array([1.0, 2.0]),), (rng.normal(size=3),)],
    )  # fmt: skip
    assert said("def first(x):\n    x -= 1\n    x += 1\n    return x[0]", rows).passed
    assert said("def first(x):\n    a = x[0]\n    x[:] = 99\n    return a", rows).passed


@pytest.mark.parametrize(
    "value",
    [
        (1.0, 2.0), [1, 2], np.array([1.0, 2.0]), np.array([1, 2], dtype=np.int8), np.array([1, 2], dtype=np.float16),
        torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.0], dtype=torch.bfloat16, requires_grad=True),
        [torch.tensor(1.0), torch.tensor(2.0)], glass.tensor([1.0, 2.0]), (np.float32(1), 2),
        [np.array(1.0), np.array([2.0])],
        [Fraction(1), Decimal(2)],
        (number for number in (1.0, 2)),
        map(float, "12"),
        range(1, 3),
        np.array([1, 2.0], dtype=object),
        np.array([1, 2], dtype=np.longdouble),
        pd.Series([1, 2]),
    ],
)  # fmt: skip
def test_two_numbers_are_two_numbers(value):
    got = wire.unpack(wire.pack(value))
    assert same(got, (1.0, 2.0), 1e-6, 1e-4)
    assert not same(got, (1.0, 2.1), 1e-6, 1e-4)
    assert not same(got, (1.0, 2.0, 3.0), 1e-6, 1e-4)
    assert not same(got, 1.0, 1e-6, 1e-4)


@pytest.mark.parametrize("value", [{"a": 1}, {1, 2}, object(), lambda: 1, 3 + 4j, np.array(["a"]), "x", None, ...])
def test_what_is_no_number_is_no_answer_and_can_be_written_down(value):
    got = wire.unpack(wire.pack(value))
    assert not same(got, 1.0, 1e-6, 1e-4)
    assert shown(got)


def test_single_precision_counts_and_a_thousandth_does_not():
    expected = np.array([1234.5678, 0.1])
    assert same(wire.unpack(wire.pack(expected.astype(np.float32))), expected, 1e-6, 1e-4)
    assert not same(wire.unpack(wire.pack(expected)) * 1.001, expected, 1e-6, 1e-4)
    assert not same(np.float64(1e-3), 0.0, 1e-6, 1e-4)


def test_beside_a_large_number_a_small_one_is_measured_by_it():
    """A slope of exactly 0, solved in single precision, comes out as some ten-millionths."""
    assert same((np.float32(3e-7), np.float32(4)), (0.0, 4.0), 1e-6, 1e-4)
    assert not same((np.float64(1e-3), np.float64(4)), (0.0, 4.0), 1e-6, 1e-4)


def test_an_unknown_exercise_suggests_the_nearest():
    with pytest.raises(OptionError, match="did you mean 'softmax'"):
        load("softmx")
