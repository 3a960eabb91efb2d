"""Agreement of methods and stability over seeds: what they measure where the answer is known."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from deepglass.explain import Explanation, Settings
from deepglass.explain.page import agreement_lines, stability_lines
from deepglass.explain.quality import agreement, stability
from deepglass.zoo.bag import Bag


def test_the_same_list_agrees_and_its_reverse_does_not():
    values = np.array([0.5, -0.4, 0.3, -0.2, 0.1, 0.05])
    same = agreement.compared(values, 2 * values)
    assert (same["correlation"], same["common"], same["top"]) == (1, 2, 2)
    assert same["by_chance"] == pytest.approx(2 * 2 / 6)
    assert agreement.compared(values, -values)["correlation"] == -1
    assert agreement.compared(values, values[::-1])["common"] == 0


def test_of_a_map_that_says_only_what_speaks_for_it_no_more_is_asked():
    signed, rectified = np.array([0.5, -0.9, 0.1, 0.0]), np.array([0.5, 0.0, 0.1, 0.0])
    assert agreement.compared(signed, rectified)["correlation"] == pytest.approx(1)
    assert agreement.compared(-np.ones(3), -np.arange(3.0))["common"] in (0, 1)  # both below zero: as they are


def test_chance_gives_what_it_is_said_to_give():
    rng = np.random.default_rng(0)
    found = [agreement.compared(rng.normal(size=12), rng.normal(size=12)) for _ in range(400)]
    assert np.mean([one["correlation"] for one in found]) == pytest.approx(0, abs=0.05)
    assert np.mean([one["common"] for one in found]) == pytest.approx(found[0]["by_chance"], abs=0.1)


def test_pairs_are_averaged():
    one, other = np.array([3.0, 2.0, 1.0]), np.array([1.0, 2.0, 3.0])
    measured = stability.among([one, one, other])
    assert measured["correlation"] == pytest.approx((1 - 1 - 1) / 3)
    assert measured["many"] == 3


def test_networks_are_those_of_a_bag_also_beside_simple_models():
    bag = Bag([nn.Linear(2, 2) for _ in range(3)])
    assert len(stability.networks_of(bag)) == 3
    blend = nn.Module()
    blend.network = bag
    assert len(stability.networks_of(blend)) == 3
    assert len(stability.networks_of(nn.Linear(2, 2))) == 1


class Draws:
    """A method whose answer hangs on the seed alone."""

    USES = ("seed",)

    @staticmethod
    def explain(subject, settings):
        values = np.random.default_rng(settings.seed).normal(size=5)
        return Explanation("draws", "draws", "parts", parts=[{"name": "", "contribution": v} for v in values])


@pytest.fixture
def drawing(monkeypatch):
    monkeypatch.setattr(stability.catalogue, "load", lambda folder, file: Draws)
    return SimpleNamespace(model=nn.Linear(2, 2))


def test_a_method_that_draws_is_asked_with_other_seeds_and_one_that_is_exact_is_not(drawing):
    found = Draws.explain(drawing, Settings())
    measured = stability.of(drawing, found, Settings())
    assert set(measured) == {"draws"}
    assert abs(measured["draws"]["correlation"]) < 1
    found.figures["is exact"] = True
    assert stability.of(drawing, found, Settings()) == {}


class ByWeights:
    """A method that says the weights of the first layer."""

    USES = ()

    @staticmethod
    def explain(subject, settings):
        values = subject.model.networks[0].weight[0].detach().numpy()
        return Explanation("w", "w", "parts", parts=[{"name": "", "contribution": float(v)} for v in values])


def test_networks_of_a_bag_that_answer_for_different_reasons_are_found(monkeypatch):
    monkeypatch.setattr(stability.catalogue, "load", lambda folder, file: ByWeights)
    nets = [nn.Linear(4, 1) for _ in range(2)]
    with torch.no_grad():
        nets[0].weight.copy_(torch.tensor([[4.0, 3, 2, 1]]))
        nets[1].weight.copy_(torch.tensor([[1.0, 2, 3, 4]]))
    subject = SimpleNamespace(model=Bag(nets), of=lambda bag: SimpleNamespace(model=bag))
    found = ByWeights.explain(subject.of(Bag(nets[:1])), Settings())
    measured = stability.of(subject, found, Settings())
    assert measured["networks"]["correlation"] == pytest.approx(-1)
    said = stability_lines(Explanation("w", "w", "parts", quality={"stability": measured}))
    assert "2 networks of the bag" in said[0]
    assert "different reasons" in said[1]


def test_what_is_measured_is_said_in_a_line_each():
    one = {"with": "occlusion", "correlation": 0.5, "common": 2, "top": 3, "by_chance": 0.9}
    said = agreement_lines(Explanation("lime", "LIME", "words", quality={"agreement": [one]}))
    assert said == ["agreement with occlusion: rank correlation 0.50, 2 of the 3 largest in common (0.9 by chance)"]
    draws = {"correlation": 0.2, "common": 1.0, "top": 3, "many": 3}
    said = stability_lines(Explanation("lime", "LIME", "words", quality={"stability": {"draws": draws}}))
    assert "--samples" in said[1]
