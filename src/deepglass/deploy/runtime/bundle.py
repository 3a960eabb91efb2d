"""A bundle: an exported model as a folder, opened to answer.

    bundle = Bundle.open("bundle/")
    bundle.predict([{"petal_length": 1.4, "petal_width": 0.2}])

    records ── encode ──> tensors ── run ──> tensors ── decode ──> answers

`records` are what people have (a row, a picture file's bytes, a text); `tensors` are what the ONNX graph takes. A
lone .onnx file that Deepglass wrote opens too: it carries the same description in its metadata.
"""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from . import checksums
from .answers import Answers
from .errors import BundleError, InputError
from .records import encoder_for

FORMAT = 1  # of the description; a bundle of a later one needs a later runtime
METADATA = "deepglass."  # begins the name of each part of the description inside an .onnx file
DATATYPES = {  # names of the Open Inference Protocol for those of ONNX Runtime
    "tensor(float)": "FP32",
    "tensor(double)": "FP64",
    "tensor(int64)": "INT64",
    "tensor(uint8)": "UINT8",
    "tensor(string)": "BYTES",
}


class Bundle:
    """An exported model with the description of its inputs.

    Args:
        model: The .onnx file.
        schema: What goes in and comes out; see `schema`.
        labels: Names of the classes, or None.
        tokens: How texts become numbers, or None.
        threads: Of ONNX Runtime for one request; None leaves the choice to it.
    """

    def __init__(
        self,
        model: Path,
        schema: dict[str, Any],
        labels: list[str] | None = None,
        tokens: dict[str, Any] | None = None,
        threads: int | None = None,
    ):
        if schema.get("format") != FORMAT:
            raise BundleError(f"{model}: description of format {schema.get('format')}, expected {FORMAT}; export again")
        self.model, self.schema, self.labels, self.threads = model, schema, labels, threads
        self.encoder = encoder_for(schema, tokens)
        self.answers = Answers(schema, labels, self.encoder)

    @classmethod
    def open(cls, path: str | Path, threads: int | None = None) -> "Bundle":
        """Open a bundle's folder, or one .onnx file; of a folder the checksums are verified.

        Raises:
            BundleError: If something is missing, damaged, or was not written by Deepglass.
        """
        path = Path(path)
        if path.is_file():
            return cls(path, **_metadata_of(path), threads=threads)
        checksums.verify(path)
        parts = {name: _read(path / f"{name}.json") for name in ("schema", "labels", "tokens")}
        return cls(path / "model.onnx", **parts, threads=threads)

    # -- what it is ---------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """Such as "iris"; what a server calls it."""
        return self.schema["name"]

    @property
    def version(self) -> str:
        """A whole number as text, "1" for the first."""
        return self.schema["version"]

    @property
    def task(self) -> str:
        """Such as "tabular-classification"."""
        return self.schema["task"]

    @property
    def reading(self) -> dict[str, Any] | None:
        """How the training table was written; None where it was no table, or in bundles of version 0.1."""
        return self.schema.get("reading")

    @property
    def limits(self) -> dict[str, int]:
        """The most that one request may bring: rows, image_pixels, text_characters."""
        return self.schema["limits"]

    @cached_property
    def tensors(self) -> dict[str, list[dict[str, Any]]]:
        """`inputs` and `outputs` of the graph: name, datatype (FP32, FP64, INT64, UINT8, BYTES), shape with -1."""
        return {
            "inputs": [_described(tensor) for tensor in self.session.get_inputs()],
            "outputs": [_described(tensor) for tensor in self.session.get_outputs()],
        }

    # -- what it does -------------------------------------------------------------------------------------------

    def predict(self, records: list[Any]) -> list[dict[str, Any]]:
        """One answer a record: `decode(run(encode(records)))`, and for forecasts the times they are for.

        Raises:
            InputError: If a record does not fit; names the field and the row.
        """
        answers = self.decode(self.run(self.encode(records)))
        return self.encoder.annotate(records, answers)

    def encode(self, records: list[Any]) -> dict[str, np.ndarray]:
        """Records as tensors of the graph.

        Args:
            records: For tables, a dict of the columns each. For pictures, the bytes of a file, base64 text, or an
                array (H, W) or (H, W, C). For texts, a str. For forecasts, a dict of equally long lists each, or the
                rows of one past. A picture or text may also come as a dict with the name of the input.

        Raises:
            InputError: If a record does not fit the schema, or there are none, or too many.
        """
        most = self.limits["rows"]
        if not 0 < len(records) <= most:
            raise InputError("records", f"expected 1 to {most:,}, got {len(records):,}: send several requests")
        return self.encoder.encode(records)

    def run(self, tensors: dict[str, np.ndarray], outputs: list[str] | None = None) -> dict[str, np.ndarray]:
        """The graph's outputs by name; all of them, or those that are asked for. Safe to call from several threads."""
        names = outputs or [tensor["name"] for tensor in self.tensors["outputs"]]
        return dict(zip(names, self.session.run(names, tensors), strict=True))

    def decode(self, outputs: dict[str, np.ndarray]) -> list[dict[str, Any]]:
        """Outputs as answers, one dict a record, by task.

        - classes: label, probability, probabilities {label: share}
        - a number: value
        - forecasting: forecast {series: [value, …]}
        - a language model: next, probability, likeliest {piece of text: share}
        """
        return self.answers.decode(outputs)

    @cached_property
    def session(self) -> Any:
        """The graph in ONNX Runtime, loaded when first asked for."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if self.threads is not None:
            options.intra_op_num_threads = self.threads
        try:
            return onnxruntime.InferenceSession(self.model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises classes of its own for every kind of damage
            raise BundleError(f"{self.model} cannot be loaded ({error}): export again") from error


def _described(tensor: Any) -> dict[str, Any]:
    shape = [size if isinstance(size, int) else -1 for size in tensor.shape]
    return {"name": tensor.name, "datatype": DATATYPES[tensor.type], "shape": shape}


def _metadata_of(path: Path) -> dict[str, Any]:
    """The parts of the description inside an .onnx file."""
    import onnxruntime

    try:
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise BundleError(f"{path} is no ONNX file that can be loaded ({error})") from error
    found = session.get_modelmeta().custom_metadata_map
    if METADATA + "schema" not in found:
        raise BundleError(f"{path} has no description: expected a file written by `deepglass export RUN --to onnx`")
    return {name: json.loads(found.get(METADATA + name, "null")) for name in ("schema", "labels", "tokens")}


def _read(path: Path) -> Any:
    """A part of the description; labels and tokens are absent where a task has none."""
    if not path.is_file() and path.stem != "schema":
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"{path} cannot be read ({error}): copy the bundle again") from None
