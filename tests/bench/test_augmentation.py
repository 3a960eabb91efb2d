"""The gain of augmentation: paired by seed, with the interval of Student's t."""

import numpy as np
import pytest
from bench.augmentation import gains, table
from scipy import stats


def runs(**scores):
    return [
        {"way": way.replace("_", " "), "seed": seed, "accuracy": score}
        for way, values in scores.items()
        for seed, score in enumerate(values)
    ]


def test_the_interval_is_that_of_a_paired_t_test():
    plain, other = [0.80, 0.90, 0.85, 0.70], [0.85, 0.92, 0.91, 0.78]
    (gain,) = gains(runs(none=plain, crop_and_rotate=other))
    expected = stats.ttest_rel(other, plain).confidence_interval(0.95)
    assert (gain["low"], gain["high"]) == pytest.approx((expected.low, expected.high))
    assert gain["mean"] == pytest.approx(np.mean(other) - np.mean(plain))
    assert gain["n"] == 4


def test_seeds_without_a_partner_do_not_count_and_one_alone_has_no_interval():
    assert gains(runs(none=[0.8, 0.9, 0.7], flip=[0.7, 0.85]))[0]["n"] == 2
    assert gains(runs(none=[0.8, 0.9], mixup=[0.7])) == []


def test_the_table_shows_every_way_that_was_measured():
    measured = runs(none=[0.8, 0.9], flip=[0.7, 0.85])
    where = {"cpu": "a processor", "cores": 2, "python": "3", "torch": "2"}
    shown = table({"runs": measured, "gains": gains(measured), "environment": where})
    assert "| flip | 2 | 77.5%" in shown
    assert "mixup" not in shown
