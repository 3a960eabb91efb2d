"""Masked gradients are found: rounded inputs, an extreme temperature, noise; a network that is just weak is not one."""

from dataclasses import replace

import torch

from deepglass.attacks.ball import Ball
from deepglass.attacks.fgsm import fgsm
from deepglass.attacks.margin import cross_entropy, margin
from deepglass.attacks.masking import Evidence, signs, zero_share
from deepglass.attacks.pgd import pgd
from deepglass.attacks.random_points import random_points
from deepglass.attacks.square import square

PROVES = {"test_rounded_inputs_are_named": ("attacks/masking.py",)}  # read by `deepglass read`

W = torch.linspace(-1, 1, 16)


def logits_of(points):
    score = points @ W
    return torch.stack([-score, score], dim=1)


def rounded(points):
    """Quantised: the gradient of rounding is zero."""
    return logits_of(torch.round(points * 8) / 8)


def steep(points):
    """A temperature of 1/1000: the softmax is exactly 0 or 1, and cross-entropy flat."""
    return 1000 * logits_of(points)


def evidence(network):
    x = torch.rand(200, 16, generator=torch.Generator().manual_seed(0))
    targets = (x @ W > 0).long()
    limits = torch.tensor(1.0), torch.tensor(0.0), torch.tensor(1.0)

    def losses(points, rows):
        return cross_entropy(network(points), targets[rows])

    def margins(points, rows):
        return margin(network(points), targets[rows])

    def right(found):
        return float((network(found.points).argmax(1) == targets).double().mean())

    def ball(epsilon):
        return Ball(x, epsilon, *limits)

    seed = torch.Generator().manual_seed(0)
    many = pgd(losses, ball(0.1), steps=10, generator=seed)
    return Evidence(
        count=200,
        zero_share=zero_share(losses, ball(0.1)),
        clean=float((network(x).argmax(1) == targets).double().mean()),
        one_step=right(fgsm(losses, ball(0.1))),
        many_steps=right(many),
        gradient_free=right(square(margins, ball(0.1), queries=200, generator=seed)),
        chance=right(random_points(margins, ball(0.1), generator=seed)),
        path=many.path,
        by_size=[(epsilon, right(pgd(losses, ball(epsilon), steps=10))) for epsilon in (0.02, 0.1, 0.3)],
        unlimited=right(pgd(losses, ball(1.0), steps=20)),
    )


def test_a_network_that_is_merely_weak_masks_nothing():
    found = evidence(logits_of)
    assert found.many_steps < 0.6
    assert signs(found) == []


def test_rounded_inputs_are_named():
    said = signs(evidence(rounded))
    assert any("exactly zero for 100 %" in sentence for sentence in said)
    assert any("without gradients fools more" in sentence for sentence in said)
    assert any("does not rise" in sentence for sentence in said)
    assert any("without any limit" in sentence for sentence in said)


def test_a_steep_temperature_is_named():
    said = signs(evidence(steep))
    assert any("exactly zero" in sentence for sentence in said)
    assert any("without gradients fools more" in sentence for sentence in said)


def test_a_steep_temperature_does_not_hide_from_the_margin():
    x = torch.rand(100, 16, generator=torch.Generator().manual_seed(0))
    targets = (x @ W > 0).long()
    ball = Ball(x, 0.1, torch.tensor(1.0), torch.tensor(0.0), torch.tensor(1.0))
    found = [
        pgd(lambda points, rows, net=net: margin(net(points), targets[rows]), ball, steps=10).points
        for net in (steep, logits_of)
    ]
    assert torch.allclose(found[0], found[1], atol=1e-6)


def test_each_sign_is_found_alone():
    clean = Evidence(400, 0.0, 0.95, 0.5, 0.4, 0.5, 0.9, [1, 2, 3], [(0.1, 0.4), (0.2, 0.1)], 0.0, 0.1)
    assert signs(clean) == []
    for change, words in (
        ({"zero_share": 0.5}, "exactly zero"),
        ({"one_step": 0.2}, "one step fools more"),
        ({"gradient_free": 0.2}, "without gradients"),
        ({"chance": 0.2}, "random points"),
        ({"path": [3, 3, 3]}, "does not rise"),
        ({"path": [1, 3, 1.5, 3]}, "does not rise"),
        ({"by_size": [(0.1, 0.4), (0.2, 0.6)]}, "withstood better"),
        ({"unlimited": 0.4}, "without any limit"),
    ):
        said = signs(replace(clean, **change))
        assert len(said) == 1, change
        assert words in said[0]


def test_a_difference_that_chance_explains_is_not_a_sign():
    few = Evidence(30, 0.0, 0.9, 0.45, 0.5, 0.4, 0.9, [1, 2], [(0.1, 0.5), (0.2, 0.55)], 0.15, 0.1)
    assert signs(few) == []
