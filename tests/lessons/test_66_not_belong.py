"""What lesson 66 claims of a net that has seen threes alone, of its threshold, and of eights that slip in (K04)."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("66_not_belong").module


def test_the_parts_are_apart(lesson):
    threes, cutting, unseen, slipping, eights = lesson.digits()
    assert [len(threes), len(cutting), len(slipping)] == [lesson.LEARNT, lesson.CHOOSING, lesson.KEPT_BACK]
    assert len(unseen) > 30
    assert len(eights) > 100
    assert len(lesson.shown()) == 2 * lesson.SHOWN


def test_in_the_film_eights_are_missed_by_more_and_more_than_threes(lesson):
    captions = [frame.caption for frame in lesson.film()]
    missed = [[float(word) for word in caption.rstrip(".").split() if word[:2] == "0."] for caption in captions]
    assert len(captions) == len(lesson.MOMENTS)
    assert missed[-1][1] > 2 * missed[-1][0]
    assert missed[0][1] < 1.5 * missed[0][0]


@pytest.mark.parametrize("size", [2, 8])
def test_a_net_that_learnt_threes_alone_tells_eights_apart(lesson, size):
    model = lesson.net(size)
    three, eight = (lesson.errors(model, lesson.digits()[place]) for place in (2, 4))
    found = lesson.told_apart(model)
    assert found > 0.95
    truth = [0] * len(three) + [1] * len(eight)
    assert found == pytest.approx(roc_auc_score(truth, np.concatenate([three, eight])))


def test_the_threshold_keeps_its_promise_among_those_that_set_it_and_most_eights_are_above(lesson):
    scores = [lesson.errors(lesson.net(), lesson.digits()[place]) for place in (1, 2, 4)]
    cuts = [lesson.threshold_of(scores[0], rate) for rate in lesson.RATES]
    for cut, rate in zip(cuts, lesson.RATES, strict=True):
        assert (scores[0] > cut).mean() <= rate
    assert np.all(np.diff(cuts) < 0)  # more alarms are allowed, the threshold falls
    assert (scores[2] > cuts[0]).mean() > 0.5


def test_one_alarm_in_six_is_right(lesson):
    assert pytest.approx(0.154, abs=0.001) == lesson.RIGHT / (lesson.RIGHT + lesson.WRONG)
    assert pytest.approx(9405) == 10_000 * (1 - lesson.FAULTS) - lesson.WRONG


def test_eights_that_slip_in_become_normal_and_throwing_out_what_is_learnt_late_mends_it(lesson):
    clean = lesson.told_apart(lesson.net())
    for slipped in lesson.SLIPPED[1:]:
        dirty, mended = (lesson.told_apart(lesson.net(lesson.CODE, slipped, cure)) for cure in (False, True))
        assert dirty < clean - 0.03, slipped
        assert mended > (clean + dirty) / 2, slipped
        left = int((lesson.kept(slipped) >= lesson.LEARNT).sum())
        assert 0 < left < 0.4 * slipped  # some eights stay
        assert len(lesson.kept(slipped)) - left < lesson.LEARNT  # some threes go
    assert lesson.told_apart(lesson.net(lesson.CODE, 30)) < lesson.told_apart(lesson.net(lesson.CODE, 10))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("float(np.quantile(scores, 1 - rate))", "between two scores"),
        ("float(np.sort(scores)[max(math.ceil(round((len(scores) + 1) * rate, 9)) - 1, 0)])", "above it"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("alarm_threshold", f"def alarm_threshold(scores, rate):\n    return {line}").message
