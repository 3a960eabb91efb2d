"""An explanation as people read it: sums, cells, warnings, and nothing that a page could run."""

import numpy as np
import pandas as pd

from deepglass.explain import Explanation
from deepglass.explain.figures import over, values_of_picture, words
from deepglass.explain.page import about, lead, quality_lines, shown_parts
from deepglass.explain.wording import cell

PARTS = [
    {"name": "size", "value": 2.0, "contribution": 0.5, "low": 0.4, "high": 0.6},
    {"name": "town", "value": None, "contribution": -1.0, "low": -1.2, "high": -0.8},
]


def found(**more):
    facts = {"unit": "probability", "score": 0.75, "base": 0.25, "base_is": "a typical row", "parts": PARTS}
    return Explanation("shapley", "exact Shapley values", "columns", "yes", **(facts | more))


def test_a_sum_is_said_where_contributions_add_up():
    assert lead(found(figures={"gap": 0.0})).startswith("probability 0.75 = base 0.25 and contributions +0.5")
    assert lead(found()) == "probability 0.75; it is 0.25 for a typical row"
    assert lead(found(score=None)) == ""


def test_the_largest_part_comes_first_whatever_its_sign():
    columns, rows = shown_parts(found(), 2, 4)
    assert columns == ["columns", "is", "contribution", "95 % interval", ""]
    assert rows[0] == ["town", "empty", "-1", "-1.2 to -0.8", "░░░░"]
    assert rows[1] == ["size", "2", "+0.5", "+0.4 to +0.6", "▇▇"]
    assert shown_parts(found(), 1, 4)[1][1][0] == "… 1 more"


def test_cells_and_blanks_can_be_read():
    assert cell(pd.Timestamp("2020-01-18")) == "2020-01-18"
    assert cell(0.123456789) == "0.123457"
    assert about(Explanation("lime", "LIME", "tokens", " ")) == "' '"


def test_a_map_that_fails_a_check_is_called_so():
    curves = {"this map": {"deletion": 0.6, "insertion": 0.4}, "random order": {"deletion": 0.5, "insertion": 0.5}}
    sanity = {"correlations": {"100%": 0.9}, "changes": False}
    said = quality_lines(found(quality={"curves": curves, "sanity": sanity}))
    assert "no better on deletion than a random order" in said[0]
    assert "hardly changes" in said[2]
    curves["this map"]["deletion"] = 0.1
    assert quality_lines(found(quality={"curves": curves})) == []


def test_words_carry_side_and_strength():
    told = words(Explanation("lime", "LIME", "words", "yes", parts=PARTS))
    assert [(word["side"], word["tint"]) for word in told] == [("right", 42), ("wrong", 85)]


def test_squares_are_spread_over_their_pixels():
    parts = [{"name": f"row {i}, column {j}", "contribution": float(10 * i + j)} for i in (1, 2) for j in (1, 2)]
    picture = np.zeros((4, 4, 1), np.uint8)
    values = values_of_picture(Explanation("lime", "LIME", "squares", parts=parts, picture=picture))
    assert values is not None
    assert values.tolist() == [[11, 11, 12, 12]] * 2 + [[21, 21, 22, 22]] * 2
    assert over(picture.repeat(3, axis=2), values).shape == (4, 4, 3)
