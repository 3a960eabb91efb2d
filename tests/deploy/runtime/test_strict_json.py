"""JSON within bounds: depth and number of values before anything is built, and only what every parser reads alike."""

import json
import random

import pytest

from deepglass.deploy.runtime import strict_json
from deepglass.deploy.runtime.errors import BodyError
from deepglass.deploy.runtime.limits import Limits

MARKS = '["\\{x,:]} aé'


def depth_of(content) -> int:
    """Lists and objects inside each other."""
    if isinstance(content, dict | list):
        return 1 + max(map(depth_of, content.values() if isinstance(content, dict) else content), default=0)
    return 0


def made_up(rng: random.Random, depth: int):
    """Lists, objects and texts full of the characters that structure is made of."""
    if depth == 0 or rng.random() < 0.3:
        return "".join(rng.choice(MARKS) for _ in range(rng.randrange(9)))
    if rng.random() < 0.5:
        return [made_up(rng, depth - 1) for _ in range(rng.randrange(3))]
    return {f"{place}{made_up(rng, 0)}": made_up(rng, depth - 1) for place in range(rng.randrange(3))}


@pytest.mark.parametrize("size", [1, 2, 7, 65_536])
def test_depth_is_that_of_the_structure_wherever_a_slice_ends(size, monkeypatch):
    monkeypatch.setattr(strict_json, "SLICE", size)
    rng = random.Random(size)
    for _ in range(300):
        content = made_up(rng, 7)
        body, depth = json.dumps(content).encode(), depth_of(content)
        assert strict_json.parse(body, Limits(max_json_depth=max(1, depth))) == content
        if depth > 1:
            with pytest.raises(BodyError, match="nested more than"):
                strict_json.parse(body, Limits(max_json_depth=depth - 1))


@pytest.mark.parametrize("body", [
    b"[" + b"[]," * 200_000 + b"[]]", b"[" + b"1," * 400_000 + b"1]", b'["' + b'","' * 400_000 + b'"]', b'"' * 900_000,
    b"{" + b",".join(b'"%d":1' % i for i in range(120_000)) + b"}",
])  # fmt: skip
def test_so_many_values_are_refused_before_any_is_built(body):
    with pytest.raises(BodyError, match="more than 300,000") as caught:
        strict_json.parse(body, Limits())
    assert caught.value.status == 413


def test_a_long_text_behind_brackets_costs_a_few_copies_of_itself():
    import tracemalloc

    body = b"[" * 31 + b'"' + b"a" * 4_000_000 + b'"' + b"]" * 31
    tracemalloc.start()
    assert strict_json.parse(body, Limits()) is not None
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4 * len(body)
    with pytest.raises(BodyError, match="nested more than 32 deep"):
        strict_json.parse(b"[[" + body + b"]]", Limits())


def test_one_rare_character_may_not_widen_a_large_text():
    body = '"😀'.encode() + b"a" * 5_000_000 + b'"'
    with pytest.raises(BodyError, match="beyond ASCII") as caught:
        strict_json.parse(body, Limits())
    assert caught.value.status == 413
    assert strict_json.parse(body[:4_000_000] + b'"', Limits()).startswith("😀")
    assert len(strict_json.parse(('"' + "é" * 5_000_000 + '"').encode(), Limits())) == 5_000_000  # a byte each


REFUSED = {
    "two values for a key": (b'{"a": 1, "b": 2, "a": 1}', "'a' comes twice"),
    "a key twice, far inside": (b'[{"a": {"b": 1, "b": 2}}]', "'b' comes twice"),
    "half a pair": (b'{"a": "\\ud800"}', "surrogate"),
    "half a pair as a key": (b'{"\\udc00x": 1}', "surrogate"),
    "the other half": (b'"\\ude00\\ud83d"', "surrogate"),
    "nan": (b"[NaN]", "NaN is not JSON"),
    "infinity": (b"[-Infinity]", "-Infinity is not JSON"),
    "thousands of digits": (b"1" * 5000, "hundreds of digits or more"),
    "latin-1": (b'"\xe4"', "UTF-8 at byte 1"),
    "utf-16": ('"a"'.encode("utf-16"), "UTF-8 at byte 0"),
    "nothing": (b"", "not JSON"),
    "two values": (b"1 2", "not JSON at line 1, column 3"),
    "a bare word": (b"True", "not JSON"),
    "a comma too many": (b"[1,]", "not JSON"),
    "a control character": (b'"a\x00b"', "not JSON"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_json_proper_is_named(case):
    body, message = REFUSED[case]
    with pytest.raises(BodyError, match=message) as caught:
        strict_json.parse(body, Limits())
    assert caught.value.status == 400


@pytest.mark.parametrize(("body", "content"), [
    (b"\xef\xbb\xbf[1]", [1]), (b'"\\ud83d\\ude00"', "😀"), (b'"\\\\ud800"', "\\ud800"),
    (bytearray(b'{"a": null}'), {"a": None}),
    (b'[{"a": 1}, {"a": 2}]', [{"a": 1}, {"a": 2}]), (b" \r\n\t1e3 ", 1000.0), (b'"a\\u0000b"', "a\0b"),
])  # fmt: skip
def test_what_is_json_proper_is_read(body, content):
    assert strict_json.parse(body, Limits()) == content


def test_nan_stands_for_a_missing_number_where_it_may():
    (number,) = strict_json.parse(b"[NaN]", Limits(), allows_nan=True)
    assert number != number
    with pytest.raises(BodyError, match="Infinity"):
        strict_json.parse(b"[Infinity]", Limits(), allows_nan=True)
