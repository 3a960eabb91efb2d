"""What lesson 26 claims; that the identity trains at fifty layers: tests/glass/test_fifty_layers.py (H05, H06)."""

import numpy as np
import pytest
import torch

from deepglass.course.widgets.choice import Choice
from deepglass.course.widgets.film import Film
from deepglass.models.googlenet import GoogLeNet
from deepglass.zoo import architectures
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("26_resnet").module


def end(lesson, depth, shortcut):
    return lesson.learnt(depth, float(shortcut))[-5:].mean()


def test_the_deep_plain_net_learns_less_from_the_same_digits_than_the_short_one(lesson):
    assert end(lesson, lesson.SHORT, 0) < 0.3
    assert end(lesson, lesson.DEEP, 0) > 1.9


def test_one_plus_sign_mends_it(lesson):
    assert end(lesson, lesson.DEEP, 1) < 0.5


def test_half_of_the_shortcut_is_worse_than_all_of_it_and_more_explodes(lesson):
    assert end(lesson, lesson.DEEP, 0.5) > 1.5 > 0.5 > end(lesson, lesson.DEEP, 1)
    with np.errstate(all="ignore"):
        assert not np.isfinite(end(lesson, lesson.DEEP, 1.2))


def test_before_the_first_step_plain_layers_mix_all_up_and_blame_explodes(lesson):
    (plain, plain_blame), (residual, residual_blame) = (lesson.before_learning(s) for s in (0.0, 1.0))
    assert plain[-8:].mean() < 0.15 < 0.22 < residual[-8:].mean()
    assert plain_blame[0] / plain_blame[-1] > 50 * residual_blame[0] / residual_blame[-1]


def test_a_1x1_before_saves_weights_in_every_branch_with_a_kernel(lesson):
    as_it_is, direct = lesson.narrowing()
    assert as_it_is == {"3 × 3": 192 * 96 + 96 * 128 * 9, "larger": 192 * 16 + 16 * 32 * 9}
    assert direct == {"3 × 3": 192 * 128 * 9, "larger": 192 * 32 * 9}
    assert all(as_it_is[name] < direct[name] for name in direct)


def test_googlenet_has_22_layers_with_weights_and_two_more_answers():
    with torch.device("meta"):
        net = architectures.load("googlenet", aux=True)
    assert isinstance(net, GoogLeNet)
    assert [name for name in ("aux1", "aux2") if getattr(net, name) is not None] == ["aux1", "aux2"]
    blocks = [name for name, _ in net.named_children() if name.startswith("inception")]
    assert 3 + 2 * len(blocks) + 1 == 22  # the stem, two in every block, the last


def test_the_film_stops_before_it_answers_the_guess(lesson):
    run = opened("26_resnet")
    film = next(widget for widget in run.widgets if isinstance(widget, Film))
    guess = next(widget for widget in run.widgets if isinstance(widget, Choice) and widget.kind == "guess")
    assert film.waits_for == guess.name
    assert all(f"{lesson.DEEP} layers" not in words for words in film.captions[: film.held])
    assert all(f"{lesson.DEEP} layers" in words for words in film.captions[film.held :])


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("residual", "def residual(x, W1, W2):\n    return np.maximum(W2 @ np.maximum(W1 @ x, 0), 0)", "plain block"),
        ("residual", "def residual(x, W1, W2):\n    return x + W2 @ np.maximum(W1 @ x, 0)", "wants its relu"),
        ("past_the_block", "def past_the_block(g, W, s):\n    return W.T @ g", "along the shortcut is missing"),
        ("past_the_block", "def past_the_block(g, W, s):\n    return s * g + W @ g", "turned"),
    ],
)
def test_slips_are_told_apart(name, code, said):
    assert said in tried(name, code).message
