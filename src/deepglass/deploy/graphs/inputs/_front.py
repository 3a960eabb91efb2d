"""The front of a table's ONNX graph: an input for every column, and words become codes inside.

    number or date (B, 1) double ── Concat ── numbers (B, N) ┐
    category (B, 1) string ── LabelEncoder ── Concat ── codes (B, n) ┴── the exported graph

PyTorch knows no strings, so these few nodes are written by hand. LabelEncoder belongs to the operators for classical
machine learning, https://onnx.ai/onnx/operators/onnx_aionnxml_LabelEncoder.html; what it does not know is unknown.
"""

from collections.abc import Callable
from typing import Any

from deepglass.data.preprocess.category import FIRST, MISSING, UNKNOWN, Category

INSIDE = "graph."  # begins every name that PyTorch's exporter chose, so that columns may have any
ML_OPSET = 4


def with_columns(proto: Any, columns: list[str], categories: list[Category], tensor_of: Callable[[str], str]) -> Any:
    """Put the front before a graph that takes `numbers` and `codes`.

    Args:
        proto: The ONNX model.
        columns: Numbers and dates, in the order of `numbers`.
        categories: In the order of `codes`.
        tensor_of: From the name of a column to that of its tensor.
    """
    import onnx
    from onnx import TensorProto, compose, helper

    nodes, inputs, joined = [], [], []
    if columns:
        names = [tensor_of(name) for name in columns]
        inputs += [helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["batch", 1]) for name in names]
        nodes.append(helper.make_node("Concat", names, ["numbers"], axis=1))
        joined.append(helper.make_tensor_value_info("numbers", TensorProto.DOUBLE, ["batch", len(names)]))
    if categories:
        names = [tensor_of(category.name) for category in categories]
        inputs += [helper.make_tensor_value_info(name, TensorProto.STRING, ["batch", 1]) for name in names]
        codes = [f"code {name}" for name in names]
        nodes += [_encoder(c, name, code) for c, name, code in zip(categories, names, codes, strict=True)]
        nodes.append(helper.make_node("Concat", codes, ["codes"], axis=1))
        joined.append(helper.make_tensor_value_info("codes", TensorProto.INT64, ["batch", len(names)]))
    opsets = [*proto.opset_import, helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    front = helper.make_model(
        helper.make_graph(nodes, "columns", inputs, joined), opset_imports=opsets, ir_version=proto.ir_version
    )
    front = compose.add_prefix(front, INSIDE, rename_inputs=False, rename_outputs=False)
    proto = compose.add_prefix(proto, INSIDE, rename_outputs=False)
    onnx.helper.set_model_props(proto, {})
    return compose.merge_models(front, proto, [(tensor.name, INSIDE + tensor.name) for tensor in joined])


def _encoder(category: Category, name: str, code: str) -> Any:
    """Levels to codes; an empty word is a missing cell."""
    from onnx import helper

    codes = {level: i for i, level in enumerate(category.levels, FIRST)} | {"": MISSING}
    return helper.make_node(
        "LabelEncoder",
        [name],
        [code],
        domain="ai.onnx.ml",
        keys_strings=list(codes),
        values_int64s=list(codes.values()),
        default_int64=UNKNOWN,
    )
