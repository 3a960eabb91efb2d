"""Any kind of input goes with any kind of answer, and what a graph gives has the shapes that it declares."""

from importlib import import_module
from types import SimpleNamespace

import pytest
import torch
from torch import nn

import deepglass as dg
from deepglass.core import catalogue
from deepglass.core.console import console
from deepglass.deploy.graphs import FOLDER, Graph, examples, open_sizes
from deepglass.deploy.portable import portable

RUNS = {  # of each input part, a run that has it
    "columns": "colours-only", "text": "reviews-bag", "prompt": "story-gpt", "image": "greys-mlp",
    "series": "weather-dlinear",
}  # fmt: skip
SMALL = {
    "whole_image": "object_detection",
    "tiled_image": "segmentation",
    "coarse_image": "super_resolution",
    "audio": "sound_classification",
    "noise": "generation",
    "video": "video_classification",
    "events": "next_event",
}  # of others, a task whose small data have it
OF_ONE_ANSWER = {"source_sentence", "turns"}  # of translation and of dialogue alone: asked with these tasks
WORLDS = {"observation": "CartPole-v1"}  # of what policies see, a world
BRIEF = {"steps": 64, "num_envs": 2, "num_steps": 16, "evaluate_episodes": 1, "test_episodes": 2}
TASK = SimpleNamespace(classes=["a", "b", "c"], mean=5.0, deviation=2.0)


class Anything(nn.Module):
    """A network that takes what comes and gives numbers (B, size)."""

    def __init__(self, size: int):
        super().__init__()
        self.size, self.weight = size, nn.Parameter(torch.ones(1))

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        rows = torch.cat([part.reshape(len(part), -1).float() for part in inputs], dim=1).mean(
            dim=1, keepdim=True
        )  # (B, 1)
        return self.weight * rows * torch.arange(1, self.size + 1)  # (B, size)


@pytest.fixture(scope="module")
def run_with(run_of, tmp_path_factory):
    """A trained run that has an input part."""
    trained = {}

    def get(inputs: str):
        if inputs in RUNS:
            return run_of(RUNS[inputs])
        if inputs in WORLDS and inputs not in trained:
            place = tmp_path_factory.mktemp(inputs) / "run"
            trained[inputs] = dg.train(WORLDS[inputs], run=place, max_episode_steps=10, **BRIEF)
        if inputs not in trained:
            small, folder = import_module(f"tests.tasks.small.{SMALL[inputs]}"), tmp_path_factory.mktemp(inputs)
            task, mode = SMALL[inputs].replace("_", "-"), console.mode
            console.mode = "quiet"
            trained[inputs] = dg.train(small.data(folder), task=task, run=folder / "run", epochs=1, **small.OPTIONS)
            console.mode = mode
        return trained[inputs]

    return get


def graph_of(inputs: str, answer: str, run_with) -> Graph:
    """The input of a trained run with an answer that its task does not have."""
    part = portable(run_with(inputs)).graph.input_part
    network = Anything(3 if answer == "probabilities" else 1)
    return Graph(part, network, catalogue.load(f"{FOLDER}/answers", answer).Part(TASK, part), answer).eval()


def test_every_input_part_has_a_run():
    assert {*RUNS, *SMALL, *WORLDS, *OF_ONE_ANSWER} == set(catalogue.entries(f"{FOLDER}/inputs"))


@pytest.mark.parametrize("answer", ["probabilities", "value"])
@pytest.mark.parametrize("inputs", [*RUNS, *SMALL, *WORLDS])
def test_any_input_goes_with_any_answer(inputs, answer, run_with):
    graph = graph_of(inputs, answer, run_with)
    for tensors in examples(graph):
        outputs = graph(*tensors)
        [spec] = graph.outputs
        assert outputs.dtype == spec.dtype
        assert outputs.shape == (len(tensors[0]), *spec.shape[1:])
        assert torch.isfinite(outputs).all()
        said = graph.as_network(outputs)
        torch.testing.assert_close(graph.answer_part(said, {})[0], outputs)
    assert len(open_sizes(graph)) == len(graph.inputs)


@pytest.mark.parametrize("inputs", [*RUNS, *SMALL, *WORLDS])
def test_outputs_have_the_shapes_and_types_that_are_declared(inputs, run_with):
    graph = portable(run_with(inputs)).graph
    for fits_edge in (False, True):
        graph = graph.for_edge() if fits_edge else graph
        for tensors in examples(graph):
            with torch.no_grad():
                said = graph(*tensors)
            for output, spec in zip(said if isinstance(said, tuple) else (said,), graph.outputs, strict=True):
                assert output.dtype == spec.dtype
                fixed = [size if isinstance(size, int) else output.shape[axis] for axis, size in enumerate(spec.shape)]
                assert list(output.shape) == fixed
    assert graph.sizes == {}
