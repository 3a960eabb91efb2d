"""A network that is too large is refused before it takes memory, whichever size makes it so."""

import time

import pytest

from deepglass.core import files
from deepglass.core.errors import OptionError
from deepglass.zoo import architectures, sizes
from deepglass.zoo.example_inputs import example_for

DIMS = {"num_features": 4, "num_outputs": 3, "cardinalities": (3,)}


def test_a_network_of_the_size_that_it_may_have_passes():
    sizes.require_numbers("mlp", "tabular-classification", DIMS, 80_000)
    with pytest.raises(sizes.TooLarge, match="weights or more, expected at most 20,000"):
        sizes.require_numbers("mlp", "tabular-classification", DIMS, 20_000)


@pytest.mark.parametrize(
    "changed",
    [
        {"hidden_dim": 10**9},
        {"hidden_dim": 1_000_000},
        {"hidden_dim": "1000000000"},
        {"hidden_dim": 10**400},
        {"hidden_dim": 1e300},
        {"num_layers": 1_000_000},
        {"num_features": 10**9},
        {"cardinalities": (10**9,)},
        {"num_outputs": -(10**9)},
    ],
    ids=str,
)
def test_a_size_of_a_milliard_is_refused_at_once(changed):
    started = time.process_time()
    with pytest.raises((sizes.TooLarge, OptionError)):
        sizes.require_numbers("mlp", "tabular-classification", DIMS | changed, 100_000)
    assert time.process_time() - started < 30


def test_masks_count_although_they_are_no_weights():
    with pytest.raises(sizes.TooLarge):
        sizes.require_numbers("gpt", "language-modelling", {"vocab_size": 9, "context": 2**20}, 1 << 20)


def test_what_this_machine_cannot_hold_says_how_much_it_could(monkeypatch):
    monkeypatch.setattr(files, "memory_bytes", lambda: 1 << 20)
    with pytest.raises(OptionError, match=r"model 'mlp': it would have .* weights may take half \(131,072 numbers\)"):
        sizes.require_memory("mlp", "tabular-classification", DIMS | {"hidden_dim": 2000})


@pytest.mark.parametrize("name", sorted({entry.file for entry in architectures.all_models()}))
def test_every_model_can_be_counted_without_memory(name):
    entry = next(entry for entry in architectures.all_models() if entry.file == name)
    task = next(iter(entry.tasks), "")
    sizes.require_numbers(entry.name, task or None, example_for(entry, task or None).dims, 1 << 34)


def test_nothing_is_counted_afterwards():
    with pytest.raises(sizes.TooLarge):
        sizes.require_numbers("mlp", "tabular-classification", DIMS, 10)
    architectures.load("mlp", **DIMS)
