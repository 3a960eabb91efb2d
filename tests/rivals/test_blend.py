"""Weights that the held-out rows ask for, and the blend as a network that is saved, loaded and asked like any other."""

import numpy as np
import pytest
import torch
from torch import nn

from deepglass.core.errors import RunError
from deepglass.core.run_folder import RunFolder
from deepglass.rivals import Rival, blend
from deepglass.rivals.blend import Blend, choose, tempered
from tests.rivals.test_rivals import KINDS, Time, few_trees, rows  # noqa: F401 - a fixture


def shares_of(logits):
    return torch.from_numpy(logits).softmax(dim=1).numpy()


def rival(held_out):
    return Rival("another", held_out, nn.Module())


def test_two_that_err_differently_are_mixed():
    rng = np.random.default_rng(0)
    truth = rng.normal(size=500)
    first, second = (truth + rng.normal(size=500) for _ in range(2))
    chosen = choose(first, [rival(second)], truth, None)
    np.testing.assert_allclose(chosen.weights, [0.5, 0.5], atol=0.06)
    assert np.mean((chosen.held_out - truth) ** 2) < 0.6 * np.mean((first - truth) ** 2)
    assert chosen.gain[0] > 5 * chosen.gain[1] > 0


def test_classes_are_mixed_by_likelihood():
    rng = np.random.default_rng(1)
    target = rng.integers(0, 3, 600)
    knows = rng.random((2, 600)) < 0.6  # each knows other rows
    answers = [shares_of(np.where(k[:, None], 4.0, 0.0) * np.eye(3)[target] + rng.normal(size=(600, 3))) for k in knows]
    chosen = choose(answers[0], [rival(answers[1])], target, 3)
    np.testing.assert_allclose(chosen.weights, [0.5, 0.5], atol=0.1)


@pytest.mark.parametrize("num_classes", [None, 2])
def test_a_rival_that_adds_nothing_leaves_the_network_alone(num_classes):
    rng = np.random.default_rng(2)
    if num_classes is None:
        target = rng.normal(size=300)
        network, other = target + 0.1 * rng.normal(size=300), rng.normal(size=300)
    else:
        target = rng.integers(0, 2, 300)
        network = shares_of(3.0 * np.eye(2)[target] + rng.normal(size=(300, 2)))
        other = shares_of(rng.normal(size=(300, 2)))
    chosen = choose(network, [rival(other)], target, num_classes)
    assert chosen.weights.tolist() == [1, 0]
    assert chosen.gain == (0.0, 0.0)


def test_chance_mixes_nothing_in():
    """Equally bad answers: with few rows some mixture is always a little better, and never clearly."""
    mixed = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        target = rng.integers(0, 2, 60)
        noise = [shares_of(0.3 * rng.normal(size=(60, 2))) for _ in range(3)]
        mixed += choose(noise[0], [rival(n) for n in noise[1:]], target, 2).weights[0] < 1
    assert mixed <= 12  # one standard error is exceeded in a sixth of all draws


def test_overconfidence_is_cooled_and_shyness_is_sharpened():
    rng = np.random.default_rng(3)
    logits = 2 * rng.normal(size=(2000, 2))
    target = (rng.random(2000) < shares_of(logits)[:, 1]).astype(int)
    for factor in (0.5, 1.0, 2.0):
        assert choose(shares_of(factor * logits), [], target, 2).temperature == pytest.approx(factor, rel=0.12)


def test_of_few_rows_the_temperature_stays_near_one():
    shares = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    assert 0.6 < choose(shares, [], np.array([0, 1, 0]), 2).temperature <= 1


class Members(nn.Module):
    """An ensemble of three on the numbers alone."""

    def __init__(self, outputs):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(3, outputs) for _ in range(3))

    def forward(self, numeric, codes):
        return torch.stack([layer(numeric) for layer in self.layers], dim=1)  # (B, 3, K)


@pytest.mark.parametrize("num_classes", [None, 3])
def test_a_blend_is_the_weighted_mean_and_comes_back_from_its_files(tmp_path, num_classes):
    torch.manual_seed(0)
    given = rows(num_classes)
    found = [fit(given, Time(60)) for fit in KINDS.values()]
    network = Members(num_classes or 1)
    weights = [0.4, 0.3, 0.2, 0.1]
    whole = Blend(network, [r.part for r in found], weights, 1.3, num_classes is not None)
    inputs = [torch.from_numpy(array) for array in given.inputs]
    with torch.no_grad():
        said, own, others = whole(*inputs), network(*inputs), [r.part(*inputs) for r in found]
    if num_classes is None:
        expected = 0.4 * own.mean(dim=1) + sum(w * o for w, o in zip(weights[1:], others, strict=True))
        torch.testing.assert_close(said, expected)
    else:
        cooled = torch.from_numpy(tempered(own.softmax(dim=-1).mean(dim=1).numpy(), 1.3))
        expected = 0.4 * cooled + sum(w * o.softmax(dim=1) for w, o in zip(weights[1:], others, strict=True))
        torch.testing.assert_close(said.softmax(dim=1), expected)
    blend.save(RunFolder(tmp_path), whole)
    again = blend.load(RunFolder(tmp_path), network, tuple(inputs))
    with torch.no_grad():
        torch.testing.assert_close(again(*inputs), said)


def test_a_folder_without_a_blend_gives_the_network_and_a_damaged_one_an_error(tmp_path):
    network, inputs = Members(2), tuple(torch.from_numpy(array) for array in rows(2).inputs)
    assert blend.load(RunFolder(tmp_path), network, inputs) is network
    blend.save(RunFolder(tmp_path), Blend(network, [], [1.0], 1.5, True))
    assert isinstance(blend.load(RunFolder(tmp_path), network, inputs), Blend)
    (tmp_path / "blend.safetensors").write_bytes(b"not tensors")
    with pytest.raises(RunError, match="damaged"):
        blend.load(RunFolder(tmp_path), network, inputs)
