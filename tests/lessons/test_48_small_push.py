"""What lesson 48 claims of small pushes: how they grow, what a coin does, other nets, and hidden gradients (Q04)."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from deepglass.attacks import with_gradient
from tests.lessons.opened import opened
from tests.lessons.tried import tried


@pytest.fixture(scope="module")
def lesson():
    return opened("48_small_push").module


def test_attacked_pictures_were_not_learnt_and_stay_between_paper_and_ink(lesson):
    images, labels = lesson.unseen()
    learnt = {image.numpy().tobytes() for image in lesson.digits()[0][: lesson.LEARNT]}
    assert len(images) == len(labels) == lesson.ATTACKED
    assert not learnt & {image.numpy().tobytes() for image in images}
    for steps in (1, 10):
        points = lesson.pushed(lesson.net("dense"), images, labels, 0.15, steps)
        assert float((points - images).abs().max()) == pytest.approx(0.15, abs=1e-6)
        assert 0 <= float(points.min()) <= float(points.max()) <= 1


@pytest.mark.parametrize("name", ["linear", "dense", "dense 2", "conv"])
def test_accuracy_falls_with_the_size_of_the_push_and_none_changes_nothing(lesson, name):
    found = lesson.curves(name)
    clean = lesson.right(lesson.net(name), lesson.unseen()[0])
    assert {values[0] for values in found.values()} == {clean}
    assert clean > 0.9
    for kind in ("one step", "ten steps"):
        assert all(after <= before + 0.01 for before, after in pairwise(found[kind]))
        assert found[kind][-1] < 0.1
    assert all(many <= one + 0.02 for one, many in zip(found["one step"], found["ten steps"]))


def test_a_coin_of_the_same_size_leaves_more_than_four_in_five(lesson):
    at = lesson.SIZES.index(lesson.AT)
    for name in lesson.NETS:
        assert lesson.curves(name)["coins"][at] > 0.8
        assert lesson.curves(name)["one step"][at] < 0.5
    images, _ = lesson.unseen()
    tossed = lesson.tossed(images, lesson.AT)
    inside = (images >= lesson.AT) & (images <= 1 - lesson.AT)
    assert torch.allclose((tossed - images)[inside].abs(), torch.tensor(lesson.AT), atol=1e-6)


def test_in_step_pixels_add_up_and_coins_cancel(lesson):
    images, labels = lesson.unseen()
    coins = 2 * torch.randint(0, 2, (2000, 64), generator=torch.Generator().manual_seed(0)).float() - 1
    for row in range(5):
        slopes = lesson.lead(lesson.net("dense"), images[row : row + 1], labels[row : row + 1])[1].flatten()
        assert float((coins @ slopes).std()) == pytest.approx(float(slopes.norm()), rel=0.1)
        assert float(slopes.norm()) < float(slopes.abs().sum()) <= 8 * float(slopes.norm())  # √64: all slopes alike
    assert np.sqrt(3 * 224 * 224) == pytest.approx(388, abs=1)


def test_slopes_foretell_much_of_the_fall(lesson):
    images, labels = lesson.unseen()
    model, fell, foretold = lesson.net("dense"), [], []
    for row in range(20):
        image, answer = images[row : row + 1], labels[row : row + 1]
        point = lesson.pushed(model, image, answer, 0.1)
        before, slopes = lesson.lead(model, image, answer)
        fell.append(before - lesson.lead(model, point, answer)[0])
        foretold.append(-float((slopes * (point - image)).sum()))
    assert min(fell) > 0
    assert 0.5 < np.sum(foretold) / np.sum(fell) < 1.5


def test_nothing_of_that_size_raises_a_straight_line_more(lesson):
    image, model = lesson.easy(4)[None], lesson.net("dense")
    _, slope = with_gradient(lesson.against(model, torch.tensor([4])), image)
    best = float((slope * (lesson.pushed(model, image, torch.tensor([4]), 0.1) - image)).sum())
    for seed in range(50):
        assert float((slope * (lesson.tossed(image, 0.1, seed) - image)).sum()) < best


def test_the_digits_on_the_page_turn_at_the_push_that_it_begins_with(lesson):
    model = lesson.net("dense")
    for digit in (4, 3, 7, 9):
        image, answer = lesson.easy(digit)[None], torch.tensor([digit])
        assert lesson.said(model, image)[0] == digit
        assert lesson.said(model, lesson.pushed(model, image, answer, 0.1))[0] != digit


def test_the_film_s_digit_turns_on_the_way(lesson):
    captions = [caption for _, caption in lesson.film()]
    assert "says 4" in captions[0]
    assert "says 4" not in captions[-1]


def test_pushes_against_one_net_fool_the_others(lesson):
    images, labels = lesson.unseen()
    for maker in lesson.NETS:
        points = lesson.pushed(lesson.net(maker), images, labels, lesson.AT)
        for reader in lesson.NETS:
            assert lesson.right(lesson.net(reader), points) < lesson.right(lesson.net(reader), images) - 0.3


def test_a_hidden_gradient_stops_what_follows_it_and_nothing_else(lesson):
    bare, _, signs = lesson.judged("none")
    assert signs == []
    assert max(bare.values()) < 0.3
    for defence in ("a steep softmax", "rounded pixels"):
        shares, worst, signs = lesson.judged(defence)
        assert shares["FGSM"] > 0.85
        assert shares["PGD"] > 0.85
        assert worst < 0.2
        assert any("exactly zero" in sign for sign in signs)
    assert lesson.judged("a steep softmax")[0]["PGD on the margin"] < 0.2
    assert lesson.judged("rounded pixels")[0]["Square (no gradient)"] < 0.2
    assert lesson.judged("rounded pixels")[0]["from the bare net"] < 0.2


def test_behind_a_defence_the_net_answers_nearly_as_before(lesson):
    images, _ = lesson.unseen()
    bare = lesson.net("dense")
    for defence in lesson.DEFENCES:
        same = lesson.behind(defence)(images).argmax(1) == bare(images).argmax(1)
        assert float(same.float().mean()) > 0.93


@pytest.mark.parametrize(
    ("line", "said"),
    [("x - epsilon * np.sign(gradient)", "downhill"), ("x + epsilon * gradient", "sign of its slope")],
)
def test_slips_are_told_apart(line, said):
    code = f"def small_push(x, gradient, epsilon):\n    return np.clip({line}, 0, 1)"
    assert said in tried("small_push", code).message
