"""int8: weights in whole numbers of eight bits, and sums in them where the runtime can, by ONNX Runtime's quantiser.

    convolutions                 static: the range of every activation is seen on training pictures beforehand
    matrices                     dynamic: the range of an activation is taken from each batch
    embeddings, LSTM, GRU, rest  stored in int8, computed in float32

Weights and activations are unsigned. Processors without an instruction for products of eight bits (VNNI, 2019) add
pairs of unsigned times signed products in sixteen bits, which overflow: with signed weights a forecast there was off by
a quarter. Unsigned times unsigned is widened first and gives the same answer everywhere; ONNX Runtime's LSTM has no
such form, so it computes in float32.

Jacob et al. (2018), Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference,
https://arxiv.org/abs/1712.05877; https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html ("When
and why do I need to try U8U8?")
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from deepglass.core import effects
from deepglass.core.effects import Unused
from deepglass.core.errors import ExportError
from deepglass.core.wording import counted
from deepglass.deploy.exporters import first_line, quiet
from deepglass.deploy.shrink._bundle import rewrite
from deepglass.deploy.shrink._stored import large_weights, rows_as_int8, tidy, weights_as_int8
from deepglass.deploy.shrinking.onnx_module import feeds, raw_split
from deepglass.deploy.shrinking.shrink_input import ShrinkInput

RESULT = "bundle"
ADVICE = (
    "--by float16 loses next to nothing and halves the file; a --calibration of more pictures may help convolutions"
)
MATRICES = ("MatMul", "Gemm")
BATCH = 32  # training pictures that are seen at a time


@dataclass(frozen=True)
class Config:
    """Settings of the method."""

    calibration: int = 256  # training pictures that show the ranges of convolutions; about 26 of each of ten classes


def shrink(subject: ShrinkInput, config: Config, path: Path) -> list[str]:
    """Write the bundle with its model in int8; returns what was done, in sentences.

    Raises:
        ExportError: If nothing in the model is large enough, or the quantiser cannot follow the graph.
        OptionError: If there is nothing to calibrate, and it was asked for.
    """

    def smaller(proto: Any) -> Any:
        tidy(proto)
        tables = rows_as_int8(proto)
        is_static = any(node.op_type == "Conv" for node in proto.graph.node)
        if not is_static and config.calibration != Config.calibration:
            effects.refuse([Unused("calibration", "no convolution is in the model, whose ranges pictures would show")])
        nodes = quantizable(proto, is_static)
        if nodes:
            batches = calibration(subject, config.calibration) if is_static else None
            proto = quantized(proto, nodes, batches)
        stored = weights_as_int8(proto)
        if not (tables or nodes or stored):
            raise ExportError(f"{subject.run.path} has no weight worth storing in int8: it is small already")
        notes.extend(_notes(tables, nodes, stored, is_static))
        return proto

    notes: list[str] = []
    rewrite(subject, path, smaller)
    return notes


def quantizable(proto: Any, is_static: bool) -> list[str]:
    """Names of the nodes that compute with a weight: preprocessing multiplies matrices too, but no weights."""
    names = {weight.name for weight in large_weights(proto) if len(weight.dims) == 2}
    found = [node for node in proto.graph.node if node.op_type in MATRICES and node.input[1] in names]
    if is_static:
        found += [node for node in proto.graph.node if node.op_type == "Conv"]
    return [node.name for node in found]


def quantized(proto: Any, nodes: list[str], batches: Iterator[dict[str, Any]] | None) -> Any:
    """The model with these nodes in int8: static if there are batches to calibrate with, else dynamic.

    Raises:
        ExportError: If the quantiser cannot follow the graph.
    """
    import onnx
    from onnxruntime import quantization

    common: dict[str, Any] = {"nodes_to_quantize": nodes, "per_channel": True}
    common["weight_type"] = quantization.QuantType.QUInt8
    with tempfile.TemporaryDirectory() as folder, quiet():
        written = Path(folder) / "int8.onnx"
        try:
            if batches is None:
                quantization.quantize_dynamic(proto, written, op_types_to_quantize=list(MATRICES), **common)
            else:
                common |= {"activation_type": common["weight_type"], "op_types_to_quantize": [*MATRICES, "Conv"]}
                quantization.quantize_static(proto, str(written), _reader(batches), **common)
        except Exception as error:  # the quantiser raises whatever its parts do
            raise ExportError(
                f"ONNX Runtime cannot quantise this graph: {first_line(error)}; try --by float16"
            ) from error
        return onnx.load(written)


def calibration(subject: ShrinkInput, count: int) -> Iterator[dict[str, Any]]:
    """Training examples drawn at random, as the file takes them."""
    graph = subject.model.graph
    examples = raw_split(graph, subject.job, "train")
    generator = torch.Generator().manual_seed(subject.job.train_config.seed)
    for places in torch.randperm(len(examples), generator=generator)[:count].split(BATCH):
        yield feeds(graph, examples.batch(places)[:-1])


def _reader(batches: Iterator[dict[str, Any]]) -> Any:
    """Batches in the form that the quantiser asks for."""
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):
        def get_next(self) -> dict[str, Any] | None:  # type: ignore[override]
            return next(batches, None)

    return Reader()


def _notes(tables: list[str], nodes: list[str], stored: list[str], is_static: bool) -> list[str]:
    how = "static, calibrated on training pictures" if is_static else "dynamic"
    notes = [f"computed in int8: {counted(len(nodes), 'layer')} ({how})"] if nodes else []
    notes += [f"stored in int8, a scale per row: {counted(len(tables), 'table')} of embeddings"] if tables else []
    notes += [f"stored in int8, computed with in float32: {counted(len(stored), 'weight')}"] if stored else []
    return notes
