"""Any kind of input goes with any kind of answer, and what a graph gives has the shapes that it declares."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from deepglass.core import catalogue
from deepglass.deploy.graphs import FOLDER, Graph, examples, open_sizes
from deepglass.deploy.portable import portable

RUNS = {  # of each input part, a run that has it
    "columns": "colours-only", "text": "reviews-bag", "prompt": "story-gpt", "image": "greys-mlp",
    "series": "weather-dlinear",
}  # fmt: skip
TASK = SimpleNamespace(classes=["a", "b", "c"], mean=5.0, deviation=2.0)


class Anything(nn.Module):
    """A network that takes what comes and gives numbers (B, size)."""

    def __init__(self, size: int):
        super().__init__()
        self.size, self.weight = size, nn.Parameter(torch.ones(1))

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        rows = torch.cat([part.flatten(1).float() for part in inputs], dim=1).mean(dim=1, keepdim=True)  # (B, 1)
        return self.weight * rows * torch.arange(1, self.size + 1)  # (B, size)


def graph_of(inputs: str, answer: str, run_of) -> Graph:
    """The input of a trained run with an answer that its task does not have."""
    part = portable(run_of(RUNS[inputs])).graph.input_part
    network = Anything(3 if answer == "probabilities" else 1)
    return Graph(part, network, catalogue.load(f"{FOLDER}/answers", answer).Part(TASK, part), answer).eval()


def test_every_input_part_has_a_run():
    assert set(RUNS) == set(catalogue.entries(f"{FOLDER}/inputs"))


@pytest.mark.parametrize("answer", ["probabilities", "value"])
@pytest.mark.parametrize("inputs", RUNS)
def test_any_input_goes_with_any_answer(inputs, answer, run_of):
    graph = graph_of(inputs, answer, run_of)
    for tensors in examples(graph):
        outputs = graph(*tensors)
        [spec] = graph.outputs
        assert outputs.dtype == spec.dtype
        assert outputs.shape == (len(tensors[0]), *spec.shape[1:])
        assert torch.isfinite(outputs).all()
        said = graph.as_network(outputs)
        torch.testing.assert_close(graph.answer_part(said, {})[0], outputs)
    assert len(open_sizes(graph)) == len(graph.inputs)


@pytest.mark.parametrize("name", RUNS.values())
def test_outputs_have_the_shapes_and_types_that_are_declared(name, run_of):
    graph = portable(run_of(name)).graph
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
