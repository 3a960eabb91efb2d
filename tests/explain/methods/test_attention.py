"""Attention is read wherever it is computed, and rolled out over the layers."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from deepglass.explain.methods.attention import attentions, rollout
from tests.models import zoo


@pytest.mark.parametrize(
    ("name", "task", "is_causal"),
    [("gpt", None, True), ("llama", None, True), ("transformer-encoder", None, False), ("vit", None, False)],
)
def test_every_layer_is_read_and_each_row_is_shared_out(name, task, is_causal):
    case = zoo.case(name, task)
    model = zoo.build(case).eval()
    inputs = zoo.example(case).inputs
    with torch.no_grad():
        bare = model(*inputs)
    found = attentions(model, inputs)
    assert len(found) == 2
    for layer in found:
        assert torch.allclose(layer.sum(dim=-1), torch.ones(layer.shape[:-1]), atol=1e-5)
        assert bool(layer.triu(1).any()) is not is_causal
    with torch.no_grad():
        assert torch.equal(model(*inputs), bare)  # looking changes nothing


def test_attention_inside_pytorchs_function_is_computed_again():
    torch.manual_seed(0)

    class Fused(nn.Module):
        def forward(self, x):
            return F.scaled_dot_product_attention(x, x, x, is_causal=True)

    x = torch.randn(1, 2, 5, 4)
    (found,) = attentions(Fused(), (x,))
    assert torch.allclose(found @ x, Fused()(x), atol=1e-6)


def test_rollout_multiplies_half_attention_and_half_staying():
    a = torch.tensor([[[[1.0, 0.0], [0.5, 0.5]]]])  # (1, 1, 2, 2)
    half = (a[:, 0] + torch.eye(2)) / 2
    assert torch.allclose(rollout([a, a]), half @ half)
    assert torch.allclose(rollout([a, a, a]).sum(dim=-1), torch.ones(1, 2))


def test_what_does_not_attend_gives_nothing():
    assert attentions(nn.Linear(3, 2), (torch.zeros(1, 3),)) == []
