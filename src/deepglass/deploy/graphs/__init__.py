"""What leaves the laptop: the network with what stands before and behind it, from raw tensors to answers.

    raw tensors ── inputs: fill, scale, encode, resize ── network ── answers: probabilities, values, forecasts

`inputs/` has a file for each kind of input and `answers/` one for each kind of answer: any two go together. A task
names its two (`Task.EXPORTS`).
"""

import copy
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.deploy.graphs.answers import AnswerPart
from deepglass.deploy.graphs.inputs import GIVEN, InputPart
from deepglass.deploy.graphs.spec import Spec

FOLDER = "deploy/graphs"
MOST_ROWS = 10_000  # of one batch: enough for any request, and a bound on its memory
EXAMPLE_SIZES = (3, 2, 5)  # batch sizes: one to export with (not 1, which an exporter may freeze), two to check with


class Graph(nn.Module):
    """A network between raw tensors and answers.

    Args:
        input_part: From raw tensors to what the network takes.
        network: With its trained weights.
        answer_part: From what the network gives to the outputs.
        answer: The output that holds it; `deploy/runtime/answers/` says what each means.

    Attributes:
        inputs, outputs: In the order in which `forward` takes and gives them.
        sizes: Least and largest of every open size but the batch.
    """

    def __init__(self, input_part: InputPart, network: nn.Module, answer_part: AnswerPart, answer: str):
        super().__init__()
        self.input_part, self.network, self.answer_part, self.answer = input_part, network, answer_part, answer
        answer_part.suit(network)
        input_part.taken = {spec.name for spec in (*input_part.specs, *answer_part.specs)}

    @classmethod
    def of(cls, task: Any, network: nn.Module, inputs: str, answer: str) -> "Graph":
        """The graph of a task.

        Args:
            task: With its fitted preprocessing.
            network: With its trained weights.
            inputs: The file of `inputs/`.
            answer: The file of `answers/`.

        Raises:
            OptionError: If there is no such file.
        """
        input_part = catalogue.load(f"{FOLDER}/inputs", inputs).Part(task)
        answer_part = catalogue.load(f"{FOLDER}/answers", answer).Part(task, input_part)
        return cls(input_part, network, answer_part, answer)

    @property
    def inputs(self) -> list[Spec]:
        """The raw tensors."""
        return [*self.input_part.specs, *self.answer_part.inputs]

    @property
    def outputs(self) -> list[Spec]:
        """The tensors that come out."""
        return self.answer_part.specs

    @property
    def sizes(self) -> dict[str, tuple[int, int]]:
        """Of every open size but the batch the least and the largest."""
        return self.input_part.sizes | self.answer_part.sizes

    def forward(self, *tensors: Tensor) -> Any:
        """Raw tensors to the tensors of `outputs`: one, or a tuple."""
        given = dict(zip([spec.name for spec in self.inputs], tensors, strict=True))
        prepared, context = self.input_part(given)
        prepared = (*prepared, *(given[spec.name] for spec in self.answer_part.inputs))
        context |= {spec.name: given[spec.name] for spec in self.answer_part.inputs}
        context |= {f"{GIVEN}{i}": tensor for i, tensor in enumerate(prepared)}
        answers = self.answer_part(self.network(*prepared), context)
        return answers if len(answers) > 1 else answers[0]

    def as_network(self, answers: Tensor) -> Tensor:
        """What the network itself says, from the first output: the task can then judge it as it judges the network."""
        return self.answer_part.as_network(answers)

    def raw(self, examples: Any, data: Any, rows: np.ndarray) -> Any:
        """The examples of a split with raw tensors in the place of prepared ones (`InputPart.raw`)."""
        return self.answer_part.raw(examples, lambda inner: self.input_part.raw(inner, data, rows))

    def feeds(self, tensors: tuple[Tensor, ...]) -> dict[str, np.ndarray]:
        """Raw tensors as the ONNX file takes them."""
        count = len(self.input_part.specs)
        beside = zip(self.answer_part.inputs, tensors[count:], strict=True)
        return self.input_part.feeds(tensors[:count]) | {spec.name: tensor.numpy() for spec, tensor in beside}

    def with_network(self, network: nn.Module) -> "Graph":
        """The same around another network."""
        return Graph(copy.copy(self.input_part), network, copy.copy(self.answer_part), self.answer).eval()

    def fix_sizes(self) -> None:
        """Take every open size but the batch at its largest."""
        self.answer_part.fix_sizes({name: sizes[1] for name, sizes in self.sizes.items()})
        self.input_part.fix_sizes()

    def for_edge(self) -> "Graph":
        """For small devices: float32 throughout, sizes fixed. Changes the graph itself."""
        self.fix_sizes()
        self.input_part.for_edge()
        self.answer_part.for_edge()
        return self.float()


def open_sizes(graph: Graph) -> tuple[dict[int, Any], ...]:
    """For each input which axes are open, as torch.export wants it."""
    from torch.export import Dim

    dims = {name: Dim(name, min=least, max=largest) for name, (least, largest) in graph.sizes.items()}
    dims["batch"] = Dim("batch")
    return tuple({i: dims[n] for i, n in enumerate(spec.shape) if isinstance(n, str)} for spec in graph.inputs)


def examples(graph: Graph, seed: int = 0) -> list[tuple[Tensor, ...]]:
    """Three batches of different sizes, the first to export with; open sizes differ too."""
    generator = torch.Generator().manual_seed(seed)
    batches = []
    for i, batch in enumerate(EXAMPLE_SIZES):
        sizes = {name: spread(least, largest)[i] for name, (least, largest) in graph.sizes.items()}
        parts = graph.input_part, graph.answer_part
        tensors = [tensor for part in parts for tensor in part.example(batch, sizes, generator)]
        batches.append(tuple(tensor.to(spec.dtype) for tensor, spec in zip(tensors, graph.inputs, strict=True)))
    return batches


def spread(least: int, largest: int) -> tuple[int, int, int]:
    """Three sizes of a range, as different as it allows: some in between, the least, the largest (at most 100)."""
    largest = min(largest, 100)
    return min(max(least + 1, largest // 3), largest), least, largest
