import pytest
import torch
from torch import nn

from deepglass.core.errors import OptionError
from deepglass.core.roofline import Roofs
from deepglass.zoo import architectures
from deepglass.zoo.flop_counter import counted
from deepglass.zoo.layer_roofline import counts_of, place, under

CPU = torch.device("cpu")
ROOFS = Roofs("m", 1, {"float32": 1e11, "bfloat16": 4e11}, {"copy": 1e10, "triad": 9e9}, {"forward": 1e-6})


def traffic_of(layer, x, run):
    with counted(layer) as traffic:
        run(layer(x))
    return traffic


def test_a_linear_layer_moves_and_computes_what_a_hand_calculation_says():
    B, m, n = 8, 20, 30
    layer, x = nn.Linear(m, n), torch.randn(B, m, requires_grad=True)
    counts = counts_of(nn.Sequential(layer), (x,), "float32")["0"]
    forward = (B * m + m * n + n) + B * n  # x, weight and bias are read, y is written
    to_x = (B * n + m * n) + B * m
    to_weight = (B * n + B * m) + m * n
    to_bias = B * n + n
    assert list(counts) == [3 * 2 * B * m * n, 4 * (forward + to_x + to_weight + to_bias), 4]


def test_a_convolution_computes_what_a_hand_calculation_says():
    layer, x = nn.Conv2d(3, 5, 3, bias=False), torch.randn(2, 3, 8, 8)
    with counted(layer) as traffic:
        layer(x)
    assert traffic.flops == 2 * 2 * 5 * 6 * 6 * 3 * 3 * 3
    assert traffic.bytes == 4 * (2 * 3 * 8 * 8 + 5 * 3 * 3 * 3 + 2 * 5 * 6 * 6)


def test_a_view_moves_nothing_and_a_broadcast_number_is_moved_once():
    with counted(nn.Identity()) as traffic:
        torch.ones(4, 6).t().reshape(24, 1)[2:].expand(22, 3)
    before = traffic.bytes
    assert before == 4 * 24 + 2 * 4 * 24  # ones, and the copy that reshape makes of the transpose
    with counted(nn.Identity()) as traffic:
        torch.ones(1).expand(1000) * 2
    assert traffic.bytes == 4 + 4 + 4000


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_layers_add_up_to_the_step(precision):
    torch.manual_seed(0)
    model = architectures.load("resnet18", num_classes=10, in_channels=3, image_size=(32, 32)).train()
    x = torch.randn(2, 3, 32, 32)
    counts = counts_of(model, (x,), precision)
    with counted(model) as traffic, torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
        y = model(x)
        torch.autograd.backward(y, torch.ones_like(y))
    assert sum(each[0] for each in counts.values()) == traffic.flops
    moved = sum(each[1] for each in counts.values())
    assert 0.9 * traffic.bytes < moved < traffic.bytes  # gradients that meet at a shortcut are added up by nobody
    assert counts["layer1.0.conv1"][0] == 3 * 2 * 2 * 64 * 64 * 9 * 32 * 32  # one forward, two backward
    assert counts["conv1"][0] == 2 * 2 * 2 * 3 * 64 * 9 * 32 * 32  # nobody asks for the gradient of the pixels


def test_attention_has_its_own_work_apart_from_the_layers_inside_it():
    placement = place(
        architectures.entry("gpt"), ROOFS, CPU, "float32", batch_size=2, length=16, context=16, vocab_size=65
    )
    by_name = {layer.name: layer for layer in placement.layers}
    B, T, C = 2, 16, 128
    assert by_name["h.0.attn"].flops == 3 * 2 * (2 * B * T * T * C)  # scores and their sum, forward and twice back
    assert by_name["h.0.attn.c_attn"].flops == 3 * 2 * B * T * C * 3 * C
    assert by_name["h.0.attn"].intensity < by_name["h.0.mlp.c_fc"].intensity
    assert placement.whole.flops == sum(layer.flops for layer in placement.layers)
    assert placement.whole.seconds == pytest.approx(sum(layer.seconds for layer in placement.layers))
    assert sum(placement.share(bound) for bound in ("compute", "memory", "launch")) == pytest.approx(1)


def test_a_recurrent_layer_is_taken_apart():
    placement = place(architectures.entry("lstm", "text-classification"), ROOFS, CPU, "float32", batch_size=2, length=8)
    assert next(layer for layer in placement.layers if layer.kind == "LSTM").flops > 0


def test_the_longest_of_three_waits_is_the_bound():
    assert under(ROOFS, "float32", "", "", (1e9, 1e6, 1), 1.0).bound == "compute"
    assert under(ROOFS, "float32", "", "", (1e6, 1e9, 1), 1.0).bound == "memory"
    assert under(ROOFS, "float32", "", "", (1e3, 1e3, 5), 1.0).bound == "launch"
    layer = under(ROOFS, "float32", "", "", (1e9, 1e9, 1), 0.5)
    assert (layer.intensity, layer.attainable, layer.measured) == (1.0, 1e10, 2e9)


def test_sizes_that_do_not_fit_are_named():
    with pytest.raises(OptionError, match="gpt"):
        place(architectures.entry("gpt"), ROOFS, CPU, "float32", length=32, context=16)
