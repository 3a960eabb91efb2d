"""The section on robustness, on runs of every kind: figures with intervals, settings stated, masked gradients named."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.audit.attacked import ClassVictim, stand
from deepglass.audit.auditing import audit, settings_of
from deepglass.audit.parts.robustness import what_helps
from deepglass.core.console import console
from deepglass.tasks.inputs.image import room_of_pictures
from tests.tasks import small

QUICK = {"epochs": 1, "batch_size": 32, "threads": 1, "precision": "float32", "device": "cpu"}
SOME = {
    "image_classification": "noise of the sensor",
    "tabular_classification": "cells are empty",
    "tabular_regression": "numbers are noisy",
    "text_classification": "typing errors",
    "forecasting": "the sensor hangs: values repeat",
    "language_modelling": "tokens are mistaken for others",
}
ATTACKED = {"image_classification", "tabular_classification", "tabular_regression", "forecasting"}


@pytest.fixture(scope="module", params=SOME)
def section_of(request, tmp_path_factory):
    """The section of a run of a kind, with its run."""
    folder, tiny, mode = tmp_path_factory.mktemp(request.param), small.of(request.param), console.mode
    console.mode = "quiet"
    options = {**QUICK, "task": request.param.replace("_", "-"), **tiny.OPTIONS}
    run = dg.train(tiny.data(folder), run=folder / "run", **options)
    (section,), _ = audit(run, only=["robustness"], settings=settings_of({"rows": 12}))
    console.mode = mode
    return request.param, section, run


def test_corruptions_are_scored_in_every_severity_with_intervals(section_of):
    name, section, _ = section_of
    assert section.left_out == ""
    assert SOME[name] in [row["corruption"] for row in section.tables[0].rows]
    assert all(len(row) == 6 for row in section.tables[0].rows)
    corrupted = [entry for key, entry in section.numbers.items() if key.endswith(("_1", "_5"))]
    assert corrupted
    assert all(entry["low"] <= entry["value"] <= entry["high"] for entry in corrupted)


def test_attacks_state_their_settings_or_say_why_there_are_none(section_of):
    name, section, _ = section_of
    said = " ".join(section.sentences + section.method)
    assert ("20 steps" in said) == (name in ATTACKED)
    if name not in ATTACKED:
        assert "not attacked" in said or "no attack within a small distance has a meaning" in said
    else:
        assert ("brightness from 0 to 1" in said) == (name == "image_classification")
        assert "signs_of_masked_gradients" in section.numbers


def test_larger_changes_leave_fewer_right_answers(section_of):
    name, section, _ = section_of
    if name not in ATTACKED:
        return
    prefix, sign = ("robust_", -1) if name.endswith("classification") else ("rmse_attacked_0", 1)
    values = [entry["value"] for key, entry in section.numbers.items() if key.startswith(prefix)]
    assert len(values) == 5
    assert all(sign * after >= sign * before for before, after in pairwise(values))


# -- what is attacked -----------------------------------------------------------------------------------------------


class Pixels:
    """A task that knows pictures of one channel as bytes around 128."""

    def room(self, inputs):
        return room_of_pictures(SimpleNamespace(mean=[128.0], std=[64.0]), inputs[0])


class Hidden(nn.Module):
    """A linear network behind rounded inputs, or with an extreme temperature."""

    def __init__(self, levels=0, temperature=1.0):
        super().__init__()
        self.levels, self.temperature = levels, temperature
        torch.manual_seed(0)
        self.last = nn.Linear(16, 2)

    def forward(self, images):
        if self.levels:
            images = torch.round(images * self.levels) / self.levels
        return self.last(images.flatten(1)) / self.temperature


def batch_for(net):
    images = (torch.randint(0, 256, (60, 1, 4, 4), generator=torch.Generator().manual_seed(0)) - 128) / 64
    return images, net(images).argmax(dim=1).detach()


@pytest.mark.parametrize(
    ("change", "is_masked"), [({}, False), ({"levels": 4}, True), ({"temperature": 1e-5}, True)], ids=str
)
def test_a_defence_that_only_hides_the_gradient_is_called_so(change, is_masked):
    net = Hidden(**change)
    victim = ClassVictim.of(Pixels(), net, batch_for(net))
    found = stand(victim, (0.02, 0.05, 0.1), seed=0, steps=10)
    assert bool(found.masked) == is_masked
    assert found.named.share()["value"] < 0.5  # a search without gradients, or the margin, gets through all the same
    if is_masked:
        assert found.named.share("PGD")["value"] > found.named.share()["value"] + 0.3
        assert any("exactly zero" in sentence for sentence in found.masked)


def test_every_point_is_a_picture_not_farther_than_named():
    net = Hidden()
    images, targets = batch_for(net)
    victim = ClassVictim.of(Pixels(), net, (images, targets))
    found = stand(victim, (0.05,), seed=0, steps=5)
    assert float((found.points - images).abs().max() * 64 / 255) <= 0.05 + 1e-5
    pixels = found.points * 64 + 128
    assert float(pixels.min()) >= -1e-3
    assert float(pixels.max()) <= 255 + 1e-3
    assert (~found.named.worst >= ~victim.is_right(found.points)).all()


def test_the_euclidean_ball_is_stated_in_pixels_too():
    net = Hidden()
    images, targets = batch_for(net)
    found = stand(ClassVictim.of(Pixels(), net, (images, targets)), (0.2,), seed=0, norm="l2", steps=5)
    lengths = ((found.points - images) * 64 / 255).flatten(1).norm(dim=1)
    assert float(lengths.max()) <= 0.2 + 1e-4
    assert float(lengths.max()) > 0.15


def test_an_ensemble_is_attacked_as_it_answers():
    class Members(nn.Module):
        def __init__(self):
            super().__init__()
            self.one = nn.Parameter(torch.ones(()))

        def forward(self, images):
            score = self.one * images.flatten(1).sum(1)
            return torch.stack([torch.stack([-score, score], 1), torch.stack([-score - 5, score], 1)], 1)

    images = torch.randn(30, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    net = Members()
    probs = net(images).softmax(-1).mean(1).detach()
    victim = ClassVictim.of(Pixels(), net, (images, probs.argmax(1)))
    assert victim.is_right(images).all()
    assert np.allclose(victim.logits(images, torch.arange(30)).exp().detach() / 2, probs, atol=1e-6)


def test_the_advice_knows_what_the_network_has_learnt_under():
    assert "train with --adversarial 0.1" in what_helps(0.1, trained_for=0.0)
    assert "train with --adversarial 0.1" in what_helps(0.1, trained_for=0.05)
    assert "was not enough" in what_helps(0.1, trained_for=0.1)
