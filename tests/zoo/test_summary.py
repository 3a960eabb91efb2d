"""What a model costs, against numbers known from papers and numbers worked out by hand."""

import json

import pytest
import torch

from deepglass.core.errors import OptionError
from deepglass.zoo import architectures, summary_cache
from deepglass.zoo.example_inputs import KINDS, kind_of
from deepglass.zoo.summary import build, summarize, with_time

ENTRIES = architectures.all_models()


def summary_of(name: str, task: str | None = None, **values):
    return summarize(architectures.entry(name, task), task, **values)


@pytest.mark.parametrize(
    ("name", "gigaflops"),
    [("resnet18", 3.628), ("resnet50", 8.178), ("vgg16", 30.94), ("alexnet", 1.428)],  # 2 · torchvision's GMACs
)
def test_published_networks_cost_what_is_published(name, gigaflops):
    assert summary_of(name).flops / 1e9 == pytest.approx(gigaflops, rel=1e-3)


def test_an_lstm_is_counted_though_its_kernel_is_fused():
    summary = summary_of("lstm", "text-classification", length=16, num_classes=2)
    four_gates = 2 * 16 * 4 * 128 * (64 + 128)  # steps, gates, hidden, inputs of a step
    assert summary.flops == four_gates + 2 * 128 * 2


def test_attention_counts_its_scores():
    layers = {layer.name: layer for layer in summary_of("gpt", length=32, num_layers=1).layers}
    assert layers["h.0.attn"].flops == 2 * (2 * 32 * 32 * 128)  # QKᵀ and weights · V, over all heads
    assert layers["h.0.attn.c_attn"].flops == 2 * 32 * 128 * 384
    assert layers["wpe"].calls == 0  # used, never called
    assert layers["wpe"].parameters == 1_024 * 128


@pytest.mark.parametrize("name", ["gpt", "resnet18", "tabm", "patch-transformer"])
def test_columns_add_up_to_the_whole(name):
    summary = summary_of(name)
    assert sum(layer.parameters for layer in summary.layers) == summary.parameters
    assert sum(layer.flops for layer in summary.layers) == summary.flops


def test_a_batch_of_two_costs_twice():
    one, two = (summary_of("cnn", image_size=32, batch_size=size) for size in (1, 2))
    assert two.flops == 2 * one.flops
    assert two.parameters == one.parameters
    assert two.activations_bytes == pytest.approx(2 * one.activations_bytes, rel=0.01)  # batch norm keeps its scales


def test_what_the_backward_pass_keeps_of_a_linear_layer_is_its_input():
    summary = summary_of("linear", "tabular-classification", num_features=7, batch_size=3)
    assert summary.activations_bytes == 4 * 3 * 7
    assert summary.training_bytes == 4 * 4 * (7 * 2 + 2) + 4 * 3 * 7


def test_counting_takes_no_memory_and_draws_no_numbers():
    state = torch.random.get_rng_state()
    with torch.device("meta"):
        model, example = build(architectures.entry("vgg19"), None, {})
    assert all(weight.is_meta for weight in (*model.parameters(), *example.inputs))
    summary_of("cnn")
    assert torch.equal(torch.random.get_rng_state(), state)


def test_time_is_shared_among_the_layers_and_leaves_no_trace():
    entry, state = architectures.entry("cnn"), torch.random.get_rng_state()
    summary = with_time(summarize(entry, image_size=16), entry, torch.device("cpu"), image_size=16)
    assert summary.milliseconds > 0
    assert sum(layer.time_share for layer in summary.layers) == pytest.approx(1, abs=0.05)  # the rest is containers
    assert torch.equal(torch.random.get_rng_state(), state)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.file}-{entry.name}")
def test_every_model_says_what_it_reads_and_names_its_source(entry):
    assert kind_of(entry) in KINDS.values()
    assert entry.source[-4:].isdigit(), f"models/{entry.file}.py: cite the paper as `Author & Author (year)`"


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("gpt", {"num_heads": 3}, "not divisible by num_heads 3"),
        ("gpt", {"length": 2_000}, "cannot read 2000 tokens.*at most 1024"),
        ("alexnet", {"image_size": 8}, "too small for alexnet"),
    ],
)
def test_sizes_that_do_not_fit_are_one_message(name, values, message):
    with pytest.raises(OptionError, match=message):
        summary_of(name, **values)


def test_the_store_counts_once(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    entries, announced = [architectures.entry("linear"), architectures.entry("perceptron")], []
    first = summary_cache.summaries(entries[:1], None, announced.append)
    both = summary_cache.summaries(entries, None, announced.append)
    again = summary_cache.summaries(entries, None, announced.append)
    assert announced == [1, 1]
    assert both == again
    assert both[0] == first[0] == {
        "example": "14 columns", "parameters": 30, "flops": 56, "weights_bytes": 120, "training_bytes": 536,
    }  # fmt: skip


@pytest.mark.parametrize("content", ["", "[1]", "{"])
def test_a_broken_store_is_made_anew(tmp_path, monkeypatch, content):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = tmp_path / "deepglass" / "models.json"
    path.parent.mkdir()
    path.write_text(content)
    summary_cache.summaries([architectures.entry("linear")], None, lambda number: None)
    assert len(json.loads(path.read_text())) == 1


def test_without_a_place_for_the_store_the_numbers_still_come(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (record,) = summary_cache.summaries([architectures.entry("linear")], None, lambda number: None)
    assert record["parameters"] == 30
