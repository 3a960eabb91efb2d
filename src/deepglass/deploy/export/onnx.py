"""ONNX: one file for ONNX Runtime, with preprocessing, open batch size and length, and its own description.

The file's metadata (`deepglass.schema`, `.labels`, `.tokens`, `.conformal`) hold all that the small runtime needs, so
the file alone can be served. Exporters take names of open sizes for hints only: the written file's inputs are read
back, and three batch sizes and lengths are run.

ONNX: https://onnx.ai/onnx/intro/; torch.onnx: https://docs.pytorch.org/docs/stable/onnx_export.html
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from deepglass.core import files
from deepglass.core.errors import ExportError, MissingPackageError
from deepglass.deploy.export._no_rows import with_empty_batches
from deepglass.deploy.exporters import first_line, quiet
from deepglass.deploy.graphs import Graph, examples, open_sizes
from deepglass.deploy.measure import Measured, measure
from deepglass.deploy.portable import Portable
from deepglass.deploy.runtime.bundle import METADATA

SUFFIX = ".onnx"
OPSET = 20  # the first with all that torch's exporter writes today
KEEPS_LENGTHS_OPEN = (2, 13)  # the PyTorch whose exporter leaves the length in front of a recurrent layer open
UPDATE = "; PyTorch 2.13 leaves it open in front of recurrent layers: `pip install -U torch`, or export to safetensors"
LARGEST = 2 * 10**9  # bytes; protobuf holds no more in one file


def write(model: Portable, path: Path) -> Measured:
    """Write the file and compare it with PyTorch.

    Raises:
        MissingPackageError: If onnx, onnxscript or onnxruntime is not installed.
        ExportError: If the network cannot be exported, or the file does not answer as the network does.
    """
    require_packages()
    graph = model.graph
    cases = examples(graph)
    proto = with_metadata(graph.input_part.with_front(to_onnx(graph, cases[0])), model)
    files.write_bytes(path, proto.SerializeToString())
    call = runner(path, graph)
    return measure("ONNX Runtime", graph, call, cases, path)


def require_packages() -> None:
    """Require the packages of the extra `export`.

    Raises:
        MissingPackageError: Names the package, and how to install it.
    """
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise MissingPackageError(
            f"ONNX needs the package {error.name}: install it with `pip install 'deepglass[export]'`"
        ) from None


def to_onnx(graph: Graph, example: tuple[Tensor, ...]) -> Any:
    """The graph as an ONNX model.

    Raises:
        ExportError: If the exporter cannot follow the network, or froze a size that should be open.
    """
    weights = sum(tensor.numel() * tensor.element_size() for tensor in graph.state_dict().values())
    if weights > LARGEST:
        raise ExportError(f"the weights take {weights:,} bytes, an ONNX file at most {LARGEST:,}: export to torch")
    try:
        with quiet():
            program = torch.onnx.export(
                graph,
                example,
                dynamo=True,
                opset_version=OPSET,
                input_names=[spec.name for spec in graph.inputs],
                output_names=[spec.name for spec in graph.outputs],
                dynamic_shapes=(open_sizes(graph),),  # one level for the tuple that `forward` collects
                external_data=False,
                verbose=False,
            )
    except Exception as error:  # the exporter wraps whatever a network may do in classes of its own
        raise ExportError(f"PyTorch's exporter cannot follow this network: {first_line(error)}") from error
    assert program is not None
    proto = program.model_proto
    _require_open(proto, graph)
    _name_open_sizes(proto, graph)
    return with_empty_batches(proto, graph)


def with_metadata(proto: Any, model: Portable) -> Any:
    """Also write the description into the model."""
    import onnx

    content = {METADATA + name: json.dumps(part, ensure_ascii=False) for name, part in model.parts.items()}
    onnx.helper.set_model_props(proto, content)
    proto.producer_name, proto.producer_version = "deepglass", model.schema["deepglass"]
    return proto


def torch_version() -> tuple[int, int]:
    """Major and minor."""
    major, minor = torch.__version__.split(".")[:2]
    return int(major), int(minor)


def runner(path: Path, graph: Graph) -> Any:
    """The file in ONNX Runtime, as a function of the graph's inputs."""
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [spec.name for spec in graph.outputs]

    def call(inputs: tuple[Tensor, ...]) -> list[np.ndarray]:
        return session.run(names, graph.feeds(inputs))  # type: ignore[return-value]

    return call


def _require_open(proto: Any, graph: Graph) -> None:
    """Read the inputs of the file back: every open size must have stayed open."""
    found = {tensor.name: tensor.type.tensor_type.shape.dim for tensor in proto.graph.input}
    for spec in graph.inputs:
        for axis, size in enumerate(spec.shape):
            if isinstance(size, str) and found[spec.name][axis].HasField("dim_value"):
                frozen = found[spec.name][axis].dim_value
                advice = "" if torch_version() >= KEEPS_LENGTHS_OPEN else UPDATE
                raise ExportError(f"the exporter froze the {size} of {spec.name!r} at {frozen}: expected any{advice}")


def _name_open_sizes(proto: Any, graph: Graph) -> None:
    """Give the outputs the sizes that they have: the exporter writes those of its example behind a recurrent layer."""
    for tensor, spec in zip(proto.graph.output, graph.outputs, strict=True):
        for dim, size in zip(tensor.type.tensor_type.shape.dim, spec.shape, strict=True):
            if isinstance(size, str):
                dim.dim_param = size
    del proto.graph.value_info[:]  # remarks on sizes in between, wrong for the same reason, that nobody needs
