"""The losses of embeddings, held to sums written out by hand; centres that learn beside the network."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from deepglass.training.metric_learning import (
    ANGLE,
    MARGIN,
    SCALE,
    SHARPNESS,
    Centres,
    margin_logits,
    prototypes,
    triplet,
)


def embeddings(count=12, dim=3, seed=0):
    torch.manual_seed(seed)
    return F.normalize(torch.randn(count, dim, dtype=torch.float64), dim=1).requires_grad_()


IDENTITIES = torch.tensor([0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 4])


def test_triplets_are_all_pairs_with_a_semi_hard_stranger():
    rows = embeddings()
    away = np.square(rows.detach().numpy()[:, None] - rows.detach().numpy()[None]).sum(2)
    costs = []
    for a in range(12):
        for p in range(12):
            if a == p or IDENTITIES[a] != IDENTITIES[p]:
                continue
            strangers = [away[a, n] for n in range(12) if IDENTITIES[n] != IDENTITIES[a]]
            farther = [far for far in strangers if far > away[a, p]]
            costs.append(max(0.0, away[a, p] - (min(farther) if farther else max(strangers)) + MARGIN))
    assert triplet(rows, IDENTITIES).item() == pytest.approx(np.mean(costs))


def test_a_prototype_is_the_mean_of_the_other_pictures():
    rows = embeddings()
    given, costs = rows.detach().numpy(), []
    for i in range(11):  # the last is alone and not asked
        logits = []
        for group in range(5):
            members = [j for j in range(12) if IDENTITIES[j] == group and j != i]
            logits.append(-SHARPNESS * np.square(given[i] - given[members].mean(0)).sum())
        own = logits[IDENTITIES[i]]
        costs.append(np.log(np.exp(logits).sum()) - own)
    assert prototypes(rows, IDENTITIES).item() == pytest.approx(np.mean(costs))


def test_the_margin_makes_the_own_angle_count_as_larger():
    rows, centres = embeddings().detach(), F.normalize(torch.randn(5, 3, dtype=torch.float64), dim=1)
    logits = margin_logits(rows, 7 * centres, IDENTITIES)
    cosines = rows @ centres.T
    for i in range(12):
        for k in range(5):
            angle = math.acos(cosines[i, k])
            if k != IDENTITIES[i]:
                assert logits[i, k].item() == pytest.approx(SCALE * math.cos(angle))
            elif angle + ANGLE < math.pi:
                assert logits[i, k].item() == pytest.approx(SCALE * math.cos(angle + ANGLE))


def test_past_half_a_turn_the_margin_goes_on_falling():
    angles = torch.linspace(0, math.pi, 200, dtype=torch.float64)
    rows = torch.stack([angles.cos(), angles.sin()], dim=1)
    own = margin_logits(rows, torch.tensor([[1.0, 0.0]], dtype=torch.float64), torch.zeros(200, dtype=torch.long))[:, 0]
    assert (own.diff() < 1e-4).all()


@pytest.mark.parametrize("loss", [triplet, prototypes])
def test_what_is_alone_or_all_alike_costs_nothing_and_breaks_nothing(loss):
    for identities in (torch.arange(12), torch.zeros(12, dtype=torch.long)):
        rows = embeddings()
        cost = loss(rows, identities)
        cost.backward()
        assert torch.isfinite(cost)
        assert torch.isfinite(rows.grad).all()
    assert loss(embeddings(), torch.arange(12)).item() == 0


@pytest.mark.parametrize("name", ["triplet", "prototypes", "arcface"])
def test_steps_along_the_gradient_bring_the_same_together(name):
    rows, centres = embeddings(dim=4).detach().float(), Centres(5, 4, torch.device("cpu"))
    asked = {"triplet": triplet, "prototypes": prototypes, "arcface": centres.loss}[name]
    for _ in range(150):
        free = rows.clone().requires_grad_()
        asked(F.normalize(free, dim=1), IDENTITIES).backward()
        rows = F.normalize(rows - 0.3 * free.grad, dim=1)
        centres.update()
    away = torch.cdist(rows, rows)
    same = (IDENTITIES[:, None] == IDENTITIES[None]) & ~torch.eye(12, dtype=torch.bool)
    strangers = IDENTITIES[:, None] != IDENTITIES[None]
    before = torch.cdist(embeddings(dim=4), embeddings(dim=4))
    assert away[same].mean() / away[strangers].mean() < 0.9 * before[same].mean() / before[strangers].mean()


def test_centres_go_on_to_the_bit():
    rows = embeddings(dim=4).detach().float()
    one = Centres(5, 4, torch.device("cpu"))
    one.loss(rows, IDENTITIES)
    one.update()
    other = Centres(5, 4, torch.device("cpu"), seed=9)
    other.load_state_dict(one.state_dict())
    for centres in (one, other):
        centres.loss(rows, IDENTITIES)
        centres.update()
        before = centres.centres.clone()
        centres.update()  # without a batch nothing moves
        assert torch.equal(before, centres.centres)
    assert torch.equal(one.centres, other.centres)
