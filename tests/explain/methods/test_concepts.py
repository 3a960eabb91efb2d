"""Concept vectors find a feature that the class is made of, and none where there is none."""

import numpy as np
import torch
from torch import nn

from deepglass.explain.methods.concepts import activations, direction, sensitivities, shares


def test_the_direction_separates_the_sides():
    rng = np.random.default_rng(0)
    positive, negative = rng.normal(size=(40, 3)), rng.normal(size=(40, 3))
    positive[:, 1] += 3
    found = direction(positive, negative)
    assert abs(np.linalg.norm(found) - 1) < 1e-12
    assert found.argmax() == 1
    assert found[1] > 0.8


def test_a_concept_that_the_class_is_made_of_counts_and_another_does_not():
    rng = np.random.default_rng(0)
    gradients = np.tile([1.0, 0.0], (30, 1))  # the score grows with the first feature alone
    others = rng.normal(size=(60, 2))
    first, second = others.copy(), others.copy()
    first[:, 0] += 4
    second[:, 1] += 4
    assert shares(gradients, first, others, rng).min() == 1.0
    assert 0.0 < shares(gradients, rng.normal(size=(60, 2)), others, rng).mean() < 1.0
    assert shares(-gradients, first, others, rng).max() == 0.0


def test_activations_and_sensitivities_are_of_the_layer():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 2)).eval()
    images = torch.randn(4, 1, 6, 6)
    found = activations(model, model[0], images)
    assert torch.allclose(found, model[0](images).mean(dim=(2, 3)))
    grown = sensitivities(model, model[0], images, lambda said: said[:, 1])
    assert torch.allclose(grown, model[3].weight[1].expand(4, 3), atol=1e-6)
