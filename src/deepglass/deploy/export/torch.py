"""torch: a program of torch.export (.pt2) that PyTorch runs without our code: `torch.export.load(path).module()`.

Batch sizes are open. Some networks fix their length while they are traced, recurrent ones above all; their program is
written for the longest text, and the note of the export says so.

torch.export: https://docs.pytorch.org/docs/stable/export.html
"""

import io
import json
from pathlib import Path
from typing import Any

import torch

from deepglass.core import files
from deepglass.core.errors import ExportError
from deepglass.deploy.exporters import first_line, quiet
from deepglass.deploy.graphs import Graph, examples, open_sizes
from deepglass.deploy.measure import Answers, Measured, measure
from deepglass.deploy.portable import Portable

SUFFIX = ".pt2"


def write(model: Portable, path: Path) -> Measured:
    """Write the program and compare it with PyTorch.

    Raises:
        ExportError: If torch.export cannot follow the network.
    """
    graph = model.graph
    program, notes = to_program(graph)
    content = io.BytesIO()
    extra = {f"{name}.json": json.dumps(part, ensure_ascii=False) for name, part in model.parts.items()}
    torch.export.save(program, content, extra_files=extra)
    files.write_bytes(path, content.getvalue())
    module = torch.export.load(path).module()
    return measure("torch.export", graph, lambda inputs: answers(module(*inputs)), examples(graph), path, notes)


def to_program(graph: Graph) -> tuple[torch.export.ExportedProgram, list[str]]:
    """The graph as a program; where its sizes cannot stay open they are fixed at the largest, and a note says so.

    Raises:
        ExportError: If torch.export cannot follow the network.
    """
    try:
        return _traced(graph), []
    except Exception as error:  # torch.export raises classes of its own for what it cannot follow
        if not graph.sizes:
            raise ExportError(f"torch.export cannot follow this network: {first_line(error)}") from error
    names = ", ".join(f"{name} {largest}" for name, (_, largest) in graph.sizes.items())
    graph.fix_sizes()
    try:
        return _traced(graph), [f"fixed in this format: {names}; pad what is shorter"]
    except Exception as error:
        raise ExportError(f"torch.export cannot follow this network: {first_line(error)}") from error


def answers(said: Any) -> Answers:
    """Outputs as NumPy arrays."""
    return [tensor.detach().numpy() for tensor in (said if isinstance(said, tuple | list) else (said,))]


def _traced(graph: Graph) -> torch.export.ExportedProgram:
    with quiet():
        return torch.export.export(graph, examples(graph)[0], dynamic_shapes=(open_sizes(graph),))
