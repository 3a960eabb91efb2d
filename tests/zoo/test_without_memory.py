"""Networks that are only counted: shapes as they would be, no memory, and no compiler behind them."""

import subprocess
import sys

import torch

from deepglass.zoo import architectures
from deepglass.zoo.without_memory import without_memory

MEETS_THE_COMPILER = {  # files that compute while they are built: waves, hashes, shares
    "captioner", "fasttext", "item_autoencoder", "llama", "transformer",
}  # fmt: skip
CODE = """
import sys
import torch
sys.modules["torch._dynamo"] = sys.modules["sympy"] = None  # their import fails
from deepglass.zoo import architectures
from deepglass.zoo.example_inputs import example_for
from deepglass.zoo.without_memory import without_memory
for entry in architectures.all_models():
    for task in entry.tasks or (None,):
        dims = example_for(entry, task).dims
        try:
            with without_memory():
                architectures.load(entry.name, task=task, **dims)
        except ImportError:
            print(entry.file)
"""


def test_shapes_are_those_of_a_network_with_numbers_and_nothing_is_drawn():
    sizes = {"in_channels": 1, "num_classes": 3}
    before = torch.get_rng_state()
    with without_memory():
        counted = architectures.load("resnet18", **sizes).state_dict()
    assert all(tensor.is_meta for tensor in counted.values())
    assert torch.equal(torch.get_rng_state(), before)
    real = architectures.load("resnet18", **sizes).state_dict()
    assert {name: tensor.shape for name, tensor in counted.items()} == {n: t.shape for n, t in real.items()}
    before = torch.get_rng_state()
    with without_memory():
        assert torch.nn.init.normal_(torch.empty(2, 3)).shape == torch.empty(2, 3).normal_().shape == (2, 3)
        assert torch.randn(2, 3).is_meta
        assert torch.randn_like(torch.empty(2, 3)).shape == torch.randn((2, 3), dtype=torch.float64).shape == (2, 3)
        assert torch.randn(1, device="cpu", generator=torch.Generator()).device.type == "cpu"
    assert torch.equal(torch.get_rng_state(), before)


def test_the_compiler_is_not_imported_to_count():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= MEETS_THE_COMPILER
