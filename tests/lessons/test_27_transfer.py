"""What lesson 27 claims about transfer and freezing (L01, L02)."""

import numpy as np
import pytest
import torch
from scipy.stats import t as student

from deepglass.training.config import TrainConfig
from deepglass.training.transfer import Transfer
from tests.lessons.opened import opened
from tests.lessons.tried import tried

FIRST = ("first convolution", "second", "layer")


@pytest.fixture(scope="module")
def lesson():
    return opened("27_transfer").module


@pytest.fixture(scope="module")
def known(lesson):
    return opened("27_transfer").defs["known"]


def right(lesson, known, way, count, seed=0, **options):
    return lesson.adapt(known, way, count, seed, **options)[0][-1]


def test_the_first_net_has_never_seen_the_digits_that_follow(lesson):
    assert len(lesson.wandering(True)[0]) + len(lesson.wandering(False)[0]) == 1797
    (taught, _), (asked, _) = lesson.few(10, seed=3)
    seen = {picture.numpy().tobytes() for picture in taught}
    assert len(taught) == 50
    assert not any(picture.numpy().tobytes() in seen for picture in asked)


def test_with_ten_pictures_per_class_it_beats_training_from_scratch(lesson, known):
    """Paired over draws of the labelled pictures; the 95 % interval of the difference lies above zero."""
    draws = range(5)
    gains = [right(lesson, known, "all learn", 10, s) - right(lesson, known, "from scratch", 10, s) for s in draws]
    spread = student.ppf(0.975, len(gains) - 1) * np.std(gains, ddof=1) / len(gains) ** 0.5
    assert np.mean(gains) - spread > 0


def test_with_many_labels_frozen_features_are_a_fence(lesson, known):
    assert right(lesson, known, "frozen but the head", 60) < right(lesson, known, "from scratch", 60) - 0.1


def test_and_with_many_labels_even_learning_on_gains_next_to_nothing(lesson, known):
    gain = {n: right(lesson, known, "all learn", n, 1) - right(lesson, known, "from scratch", n, 1) for n in (10, 60)}
    assert abs(gain[60]) < 0.08
    assert gain[10] > 0


def test_and_the_fewer_are_frozen_the_better_it_gets(lesson, known):
    reads = [right(lesson, known, "all learn", 60, frozen=frozen) for frozen in (3, 1)]
    assert reads[1] > reads[0] + 0.1


@pytest.mark.parametrize("frozen", [1, 2, 3])
def test_frozen_layers_do_not_move_and_the_others_do(lesson, known, frozen):
    moved = lesson.adapt(known, "all learn", 5, frozen=frozen)[1]
    assert [moved[name] for name in FIRST[:frozen]] == [0.0] * frozen
    assert all(moved[name] > 0 for name in [*FIRST[frozen:], "head"])


def test_frozen_weights_are_the_same_to_the_bit(lesson):
    model, (images, classes) = lesson.build(0), lesson.wandering(False)
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    plan = Transfer(model, lesson.HEAD, TrainConfig(freeze="all"))
    lesson.learn(model, images[:40], classes[:40], (images[:10], classes[:10]), plan, steps=5)
    after = model.state_dict()
    same = {name for name in before if after[name].numpy().tobytes() == before[name].numpy().tobytes()}
    assert same == {name for name in before if name[0] != lesson.HEAD}


def test_slower_below_moves_the_first_layers_less(lesson, known):
    all_learn, slower = (lesson.adapt(known, way, 10)[1] for way in ("all learn", "slower below"))
    assert slower["first convolution"] < 0.6 * all_learn["first convolution"]
    rates = Transfer(lesson.build(0), lesson.HEAD, TrainConfig(layer_decay=0.5)).rates()
    assert [rates[f"{block}.weight"] for block in (0, 3, 7, 9)] == [0.125, 0.25, 0.5, 1]


def test_a_frozen_batch_norm_would_drift_if_it_went_on_collecting():
    norm = torch.nn.BatchNorm1d(2).requires_grad_(False)
    before = norm.running_mean.clone()
    norm.eval()(torch.ones(4, 2))
    assert torch.equal(norm.running_mean, before)
    norm.train()(torch.ones(4, 2))
    assert not torch.equal(norm.running_mean, before)


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("freeze", "def freeze(w, g, n, r):\n    return [a - r * b for a, b in zip(w, g)]", "must stay"),
        (
            "freeze",
            "def freeze(w, g, n, r):\n    return [a if i <= n else a - r * b for i, (a, b) in enumerate(zip(w, g))]",
            "too many",
        ),
        (
            "layer_rates",
            "def layer_rates(rate, decay, blocks):\n    return rate * decay ** np.arange(blocks)",
            "the last",
        ),
    ],
)
def test_slips_are_told_apart(name, code, said):
    assert said in tried(name, code).message
