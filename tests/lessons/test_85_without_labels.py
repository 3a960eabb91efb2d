"""What lesson 85 claims of views that attract, of others that push away, and of codes that collapse (L05)."""

import numpy as np
import pytest
import torch

from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("85_without_labels").module


def test_in_the_film_views_of_one_picture_come_together_and_others_do_not(lesson):
    first, *_, last = lesson.circles()[1]
    own = [np.mean([lesson.cosines(points, i)[0] for i in range(lesson.SHOWN)]) for points in (first, last)]
    others = np.mean([lesson.cosines(last, i)[1:].mean() for i in range(lesson.SHOWN)])
    assert own[1] > 0.8
    assert own[1] > others + 0.5
    assert len(list(lesson.film())) == len(lesson.MOMENTS)


def test_a_probe_reads_more_off_learnt_features_than_off_pixels_and_off_a_net_that_learnt_nothing(lesson):
    learnt = lesson.probe_accuracy(lesson.features(lesson.net()))
    assert learnt > lesson.probe_accuracy(lesson.features(lesson.net(steps=0))) + 0.04
    assert learnt > lesson.probe_accuracy(lesson.digits()[0].flatten(1).numpy()) + 0.02


def test_views_that_only_have_to_agree_collapse_and_both_cures_mend_it(lesson):
    spread = {way: lesson.code_spread(lesson.net(way)) for way in lesson.WAYS.values()}
    assert spread["agree"] < 0.1
    assert min(spread["push"], spread["teacher"]) > 0.7
    found = {way: lesson.probe_accuracy(lesson.features(lesson.net(way))) for way in lesson.WAYS.values()}
    assert min(found["push"], found["teacher"]) > found["agree"] + 0.03
    points = lesson.circles("agree")[1][-1]
    assert min(lesson.cosines(points).tolist()) > 0.5  # all on one side of the circle


def test_the_loss_of_the_page_is_that_of_the_file(lesson):
    from deepglass.training.contrast import nt_xent

    points = lesson.circles()[1][-1]
    own = []
    for i in range(2 * lesson.SHOWN):
        powers = np.exp(lesson.cosines(points, i) / lesson.TAU)
        own.append(-np.log(powers[0] / powers.sum()))
    found = nt_xent(torch.from_numpy(points), lesson.TAU).mean()
    assert float(found) == pytest.approx(np.mean(own), abs=1e-4)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("-np.log(np.exp(near[own]) / np.exp(near).sum())", "temperature"),
        ("np.exp(near[own] / temperature) / np.exp(near / temperature).sum()", "negative logarithm"),
    ],
)
def test_slips_are_told_apart(line, said):
    assert said in tried("nt_xent_loss", f"def nt_xent_loss(near, own, temperature):\n    return {line}").message
