"""Painted pictures: what the scores say, and what is warned of."""

import numpy as np
import pytest

from deepglass.evaluate.judges.text_to_image import Judge, copied, reads_nothing
from deepglass.evaluate.metrics.text_to_image import evaluate, matches

RNG = np.random.default_rng(0)


def extra(count=30, made=20, nearest=(3.0, 5.0)):
    real = RNG.integers(0, 256, (count, 4, 4, 3)).astype(np.uint8)
    found = {"real": real, "made": real[::-1].copy(), "is_made": np.arange(count) < made}
    return found | {"to_nearest": np.tile(np.array(nearest), (count, 1))}


def test_a_match_is_a_smaller_error_under_the_own_caption_and_a_tie_is_a_coin():
    own, other = np.array([1.0, 1.0, 2.0, 1.0]), np.array([2.0, 1.0, 1.0, 3.0])
    assert matches(own, other).tolist() == [1, 0.5, 0, 1]
    result = evaluate(np.stack([own, other], axis=1).repeat(8, axis=0), extra(32))
    assert result["velocity_error"]["value"] == pytest.approx(1.25)
    assert result["caption_match"]["value"] == pytest.approx(0.625)
    assert result["caption_match"]["low"] < 0.625 < result["caption_match"]["high"]


def test_the_kernel_distance_is_that_of_the_painted_ones_alone():
    table = np.ones((30, 2))
    whole, part = evaluate(table, extra(made=30)), evaluate(table, extra(made=4))
    assert (whole["details"]["made"], part["details"]["made"]) == (30, 4)
    assert "kid" in whole
    assert "kid" not in evaluate(table, extra(made=2))


def test_a_network_that_reads_nothing_and_one_that_copies_are_told():
    table = np.ones((30, 2))
    result = evaluate(table, extra(nearest=(1.0, 5.0)))
    assert "50 % is chance" in reads_nothing(result, {})
    assert "copies" in copied(result, {})
    fine = evaluate(np.stack([np.zeros(30), np.ones(30)], axis=1), extra())
    assert reads_nothing(fine, {}) is None
    assert copied(fine, {}) is None


def test_the_page_shows_painted_pictures_beside_real_ones():
    outputs = extra() | {"predictions": np.ones((30, 2))}
    shown = Judge().answers({}, outputs)["figures"]
    assert len(shown) == 2
    assert all("<svg" in figure["svg"] for figure in shown)


def test_two_runs_are_compared_on_the_same_pictures():
    a, b = ({"predictions": np.stack([level + RNG.random(30), np.full(30, 2.0)], axis=1)} for level in (0.0, 1.0))
    error, match = Judge().paired_tests(a, b, 0)
    assert error["p_value"] < 0.01
    assert match["measure"] == "caption_match" or "caption_match" in match.values()
