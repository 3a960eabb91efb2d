"""A bundle: an exported model as a folder, opened to answer.

    bundle = Bundle.open("bundle/")
    bundle.predict([{"petal_length": 1.4, "petal_width": 0.2}])

    records ── encode ──> tensors ── run ──> tensors ── decode ──> answers

`records` are what people have (a row, a picture file's bytes, a text); `tensors` are what the ONNX graph takes. A
lone .onnx file that Deepglass wrote opens too: it carries the same description in its metadata.
"""

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from . import checksums, description, fields
from .answers import answer_of
from .coverage import Coverage
from .errors import BundleError, InputError
from .limits import Limits
from .records import Inspected, Light, encoder_for

FORMAT = 1  # of the description; a bundle of a later one needs a later runtime
PARTS = ("schema", "labels", "tokens", "conformal")  # of the description, each a file of its own in the folder
METADATA = "deepglass."  # begins the name of each part of the description inside an .onnx file
DATATYPES = {  # names of the Open Inference Protocol for those of ONNX Runtime
    "tensor(float)": "FP32",
    "tensor(double)": "FP64",
    "tensor(int64)": "INT64",
    "tensor(uint8)": "UINT8",
    "tensor(string)": "BYTES",
}
DTYPES = {"FP32": np.float32, "FP64": np.float64, "INT64": np.int64, "UINT8": np.uint8, "BYTES": object}


class Bundle:
    """An exported model with the description of its inputs.

    Args:
        model: The .onnx file.
        schema: What goes in and comes out; see `schema`.
        labels: Names of the classes, or None.
        tokens: How texts become numbers, or None.
        threads: Of ONNX Runtime for one request; None leaves the choice to it.
        limits: What a server allows besides what the model can take; None allows everything.
        conformal: What it can promise to hold (`coverage.py`), or None.

    Raises:
        BundleError: If the description has another format, or does not fit the graph.
    """

    def __init__(
        self,
        model: Path,
        schema: dict[str, Any],
        labels: list[str] | None = None,
        tokens: dict[str, Any] | None = None,
        threads: int | None = None,
        limits: Limits | None = None,
        conformal: Any = None,
    ):
        version = schema.get("format") if isinstance(schema, dict) else None
        if version != FORMAT:
            raise BundleError(f"{model}: description of format {version}, expected {FORMAT}; export again")
        require_described(model, schema)
        _require_fit(model, schema, labels, tokens)
        self.model, self.schema, self.labels, self.threads = model, schema, labels, threads
        self.inputs = fields.fields_of(schema)
        self.lead = fields.lead_of(schema)  # says what a record is
        self.encoder = encoder_for(schema, tokens, limits)
        self.answers = answer_of(schema, labels, self.encoder)
        try:
            self.coverage = Coverage(schema, conformal, self.answers.CAN_COVER)
        except ValueError as error:
            raise _damaged(model, error) from None

    @classmethod
    def open(cls, path: str | Path, threads: int | None = None, limits: Limits | None = None) -> "Bundle":
        """Open a bundle's folder, or one .onnx file; of a folder the checksums are verified.

        Args:
            path: The folder or file.
            threads: Of ONNX Runtime for one request.
            limits: Of a server.

        Raises:
            BundleError: If something is missing, damaged, or was not written by Deepglass.
        """
        path = Path(path)
        if path.is_file():
            return cls(path, **_metadata_of(path), threads=threads, limits=limits)
        checksums.verify(path)
        parts = {name: _read(path / f"{name}.json") for name in PARTS}
        return cls(path / "model.onnx", **parts, threads=threads, limits=limits)

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
        """How the training table was written; None where it was not a table, or in bundles of version 0.1."""
        return self.schema.get("reading")

    @property
    def limits(self) -> dict[str, int]:
        """The most that one request may bring: rows, and what the kinds of inputs limit."""
        return self.schema["limits"]

    @cached_property
    def tensors(self) -> dict[str, list[dict[str, Any]]]:
        """`inputs` and `outputs` of the graph: name, datatype (FP32, FP64, INT64, UINT8, BYTES), shape with -1.

        Raises:
            BundleError: If a tensor of the graph has a type that the protocols do not know.
        """
        return {
            "inputs": [self.lead.with_open_sizes(_described(tensor)) for tensor in self.session.get_inputs()],
            "outputs": [self.lead.with_open_sizes(_described(tensor)) for tensor in self.session.get_outputs()],
        }

    # -- what it does -------------------------------------------------------------------------------------------

    def predict(self, records: Any, coverage: float | None = None) -> list[dict[str, Any]]:
        """One answer per record: `decode(run(encode(records)))`, and for forecasts the times they are for.

        Args:
            records: As `encode` takes them.
            coverage: Such as 0.9: also a "set" of classes, or "lower" and "upper" ends of an interval, that hold the
                truth in such a share of cases like those of training.

        Raises:
            InputError: If a record does not fit, names the field and the row; if the coverage cannot be promised.
        """
        limit = self.coverage.limit(coverage)
        found = self.inspect(records)
        answers = self.decode(self.run(found.encode(lambda: True)), limit)
        return self.answers.with_notes(answers, found.notes)

    def encode(self, records: Any) -> dict[str, np.ndarray]:
        """Records as tensors of the graph.

        Args:
            records: A list, or a single one. For tables, a dict of the columns each. For pictures, the bytes of a
                file, base64 text, or an array (H, W) or (H, W, C). For texts, a str. For forecasts, a dict of equally
                long lists each, or the rows of one past. A picture or text may also come as a dict with the name of
                the input.

        Raises:
            InputError: If a record does not fit the schema, or there are none, or too many.
        """
        return self.inspect(records).encode(lambda: True)

    def inspect(self, records: Any) -> Inspected:
        """The first half of `encode`: what can be judged without much work, such as the size of pictures.

        Raises:
            InputError: If there are no records or too many, or one cannot be read.
        """
        if isinstance(records, (str, bytes, dict)):
            records = [records]  # one of them, and not as many as it has letters
        most = self.limits["rows"]
        if not 0 < len(records) <= most:
            raise InputError("records", f"expected 1 to {most:,}, got {len(records):,}: send several requests")
        inspect = getattr(self.encoder, "inspect", None)
        return inspect(records) if inspect else Light(self.encoder, records)

    def run(self, tensors: dict[str, np.ndarray], outputs: list[str] | None = None) -> dict[str, np.ndarray]:
        """The graph's outputs by name; all of them, or those that are asked for. Safe to call from several threads.

        No rows give no rows; some graphs would end the process over them.

        Raises:
            BundleError: If the graph cannot be computed with these tensors.
        """
        names = outputs or [tensor["name"] for tensor in self.tensors["outputs"]]
        if any(len(tensor) == 0 for tensor in tensors.values()):
            return {name: self._nothing(name) for name in names}
        try:
            return self.lead.computed(tensors, lambda given: self.answers.computed(given, self._once(names)))
        except Exception as error:  # ONNX Runtime raises classes of its own
            raise self._unfit(error) from error

    def _once(self, names: list[str]) -> Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]:
        """One call of the graph for these outputs."""
        return lambda given: dict(zip(names, self.session.run(names, given), strict=True))

    def decode(self, outputs: dict[str, np.ndarray], limit: float | None = None) -> list[dict[str, Any]]:
        """Outputs as answers, one dict per record; what is in it, the file of its kind in `answers/` says.

        Args:
            outputs: Of the graph, by name.
            limit: Of what a coverage adds to them (`coverage.limit`).

        Raises:
            BundleError: If the outputs are not what the description says.
        """
        try:
            return self.answers.decode(outputs, limit)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise self._unfit(error) from error

    def _unfit(self, error: Exception) -> BundleError:
        reason = str(error).strip().partition("\n")[0][:200]
        return BundleError(
            f"{self.model} does not fit its description ({reason}): copy the bundle again, or export anew"
        )

    def _nothing(self, name: str) -> np.ndarray:
        """An output without rows."""
        described = next(tensor for tensor in self.tensors["outputs"] if tensor["name"] == name)
        return np.zeros([max(size, 0) for size in described["shape"]], DTYPES[described["datatype"]])

    @cached_property
    def session(self) -> Any:
        """The graph in ONNX Runtime, loaded when first asked for.

        Raises:
            BundleError: If ONNX Runtime cannot load the graph.
        """
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if self.threads is not None:
            options.intra_op_num_threads = self.threads
        try:
            return onnxruntime.InferenceSession(self.model, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime raises classes of its own for every kind of damage
            raise BundleError(f"{self.model} cannot be loaded ({error}): export again") from error


def require_described(path: Path, schema: dict[str, Any]) -> None:
    """Check what everybody asks of a description.

    Raises:
        BundleError: If a part of it is missing or of another kind.
    """
    for name in ("name", "version", "task", "answer"):
        if not isinstance(schema.get(name), str) or not schema[name]:
            raise BundleError(f"{path}: the description has no {name}: copy the bundle again, or export anew")
    if not (schema["version"].isascii() and schema["version"].isdigit()):
        raise BundleError(f"{path}: the version is {schema['version'][:40]!r}, expected a whole number: export anew")


def _require_fit(path: Path, schema: dict[str, Any], labels: Any, tokens: Any) -> None:
    try:
        description.require_fit(schema, labels, tokens)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OverflowError) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> BundleError:
    return BundleError(f"{path}: damaged description ({error}): copy the bundle again, or export anew")


def _described(tensor: Any) -> dict[str, Any]:
    shape = [size if isinstance(size, int) else -1 for size in tensor.shape]
    if tensor.type not in DATATYPES:
        raise BundleError(f"the graph has a {tensor.type}, {tensor.name}: expected one of {', '.join(DATATYPES)}")
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
    try:
        return {name: json.loads(found.get(METADATA + name, "null")) for name in PARTS}
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path} has a damaged description ({error}): export again") from None


def _read(path: Path) -> Any:
    """A part of the description; labels and tokens are absent where a task has none."""
    if not path.is_file() and path.stem != "schema":
        return None
    try:
        return json.loads(checksums.small_text(path))
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{path} cannot be read ({error}): copy the bundle again") from None
