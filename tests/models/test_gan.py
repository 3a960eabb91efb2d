"""Two networks in one: one call makes rows, the other judges them, and neither reaches into the other."""

import pytest
import torch

from deepglass import glass
from deepglass.zoo import architectures, on_glass
from deepglass.zoo.glass_autograd import compute_on_glass
from tests.models.test_both_engines import error

SIZES = {"num_features": 3, "latent_dim": 2, "hidden_dim": 8, "num_layers": 2}


def pair():
    torch.manual_seed(0)
    theirs, ours = (architectures.load("gan", engine, **SIZES) for engine in ("torch", "glass"))
    ours.load_state_dict(on_glass.to_glass(theirs.state_dict()))
    return theirs, ours


def test_each_call_reaches_one_network():
    gan, _ = pair()
    gan(torch.randn(4, 2)).sum().backward()
    reached = {name.partition(".")[0] for name, p in gan.named_parameters() if p.grad is not None}
    assert reached == {"generator"}
    gan.zero_grad()
    gan(None, torch.randn(4, 3)).sum().backward()
    reached = {name.partition(".")[0] for name, p in gan.named_parameters() if p.grad is not None}
    assert reached == {"discriminator"}


def test_the_discriminator_is_the_same_on_both_engines():
    theirs, ours = (gan.double() for gan in pair())
    rows = torch.randn(4, 3, dtype=torch.float64)
    expected, came = theirs(None, rows), ours(None, glass.from_numpy(rows.numpy()))
    assert error(came, expected) < 1e-9
    expected.sum().backward()
    came.backward(glass.ones_like(came))
    there = dict(theirs.named_parameters())
    for name, parameter in ours.named_parameters():
        if name.startswith("discriminator"):
            assert error(parameter.grad, there[name].grad) < 1e-9


@pytest.mark.parametrize("asked", ["rows", "logits"])
def test_both_networks_compute_on_glass_under_torch(asked):
    plain, ours = pair()
    wrapped = compute_on_glass(pair()[0], ours)
    inputs = (torch.randn(4, 2),) if asked == "rows" else (None, torch.randn(4, 3))
    results = []
    for gan in (plain, wrapped):
        output = gan(*inputs)
        output.square().sum().backward()
        results.append([output.detach(), *(p.grad for p in gan.parameters() if p.grad is not None)])
    assert len(results[0]) == len(results[1]) == 7
    for one, other in zip(*results):
        torch.testing.assert_close(one, other)
