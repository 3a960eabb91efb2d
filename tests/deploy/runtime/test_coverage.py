"""What a bundle can promise: the same limit as its run, or a sentence that says why not."""

import numpy as np
import pytest

from deepglass.deploy.runtime.coverage import Coverage, parsed
from deepglass.deploy.runtime.errors import InputError
from deepglass.evaluate import conformal

SCORES = np.random.default_rng(0).random(99)
KEPT = {"scores": SCORES.tolist(), "count": 99}


@pytest.mark.parametrize("coverage", [0.1, 0.5, 0.8, 0.9, 0.99])
def test_the_limit_is_that_of_the_run(coverage):
    assert Coverage({}, KEPT, True).limit(coverage) == conformal.quantile(SCORES, coverage)


def test_nothing_is_added_where_nobody_asks_or_the_answer_has_it():
    assert Coverage({}, KEPT, True).limit(None) is None
    assert Coverage({"coverage": 0.8}, None, False).limit(0.8) is None


@pytest.mark.parametrize(
    ("given", "coverage", "message"),
    [
        (({}, KEPT, True), 0.995, r"needs 199 examples .*, and there were 99: ask for 0.99 at most"),
        (({}, KEPT, True), 0.0, "expected a share between 0 and 1"),
        (({}, KEPT, True), 1.0, "expected a share between 0 and 1"),
        (({}, KEPT, True), float("nan"), "expected a share between 0 and 1"),
        (({}, None, True), 0.9, "came without scores"),
        (({}, KEPT, False), 0.9, "answers with neither one class nor one number"),
        (({"coverage": 0.8}, None, False), 0.9, "were learnt in training for 0.8"),
    ],
)
def test_what_cannot_be_promised_is_refused(given, coverage, message):
    with pytest.raises(InputError, match=message) as refusal:
        Coverage(*given).limit(coverage)
    assert refusal.value.field == "coverage"


def test_the_most_is_where_the_scores_end():
    held = Coverage({}, KEPT, True)
    assert held.most == pytest.approx(0.99)
    assert held.limit(held.most) == SCORES.max()
    assert Coverage({}, KEPT, False).most is None
    assert Coverage({}, None, True).most is None


@pytest.mark.parametrize("kept", [[], {}, {"scores": [1.0], "count": 2}, {"scores": ["a"], "count": 1}, {"scores": 5}])
def test_damaged_scores_are_refused(kept):
    with pytest.raises(ValueError, match="expected"):
        Coverage({}, kept, True)


def test_a_share_is_read_as_people_write_it():
    assert parsed("0.9") == parsed(".9") == 0.9
    for text in ("", "90 %", "a" * 100):
        with pytest.raises(InputError, match="expected a share"):
            parsed(text)
