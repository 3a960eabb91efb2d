"""A bundle in fewer bits has scores of its own: those of the large model would promise what this one does not hold.

They come from the test examples. Simple models that a blend mixes in have learnt from the validation part in the end,
and nobody from the test.
"""

import json
from pathlib import Path
from typing import Any

from deepglass.core import files
from deepglass.deploy.portable import Portable
from deepglass.deploy.runtime import checksums
from deepglass.deploy.runtime.bundle import METADATA, Bundle
from deepglass.deploy.shrinking.onnx_module import OnnxModule, raw_split
from deepglass.deploy.shrinking.shrink_input import MODEL
from deepglass.runs import conformity


def measure_anew(job: Any, model: Portable, path: Path) -> None:
    """Write the scores of a shrunk bundle in the place of those that came from the run.

    Args:
        job: The task with its test examples.
        model: Of the run, as it was exported.
        path: The folder of the bundle.
    """
    if model.conformal is None:
        return
    outputs = job.task.outputs(OnnxModule(Bundle.open(path), model.graph), raw_split(model.graph, job, "test"))
    found = conformity.record(job.task, outputs, job.train_config.seed)
    (path / conformity.NAME).unlink(missing_ok=True)
    if found is not None:
        files.write_json(path / conformity.NAME, found)
    _note(path / MODEL, found)
    checksums.write(path)


def _note(path: Path, found: dict[str, Any] | None) -> None:
    """The same in the file of the model, which can be served alone."""
    import onnx

    proto = onnx.load(path)
    kept = {prop.key: prop.value for prop in proto.metadata_props if prop.key != METADATA + "conformal"}
    onnx.helper.set_model_props(proto, kept | ({METADATA + "conformal": json.dumps(found)} if found else {}))
    files.write_bytes(path, proto.SerializeToString())
