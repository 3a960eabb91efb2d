"""A bundle with another model inside: everything else stays as the export wrote it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deepglass.core import files
from deepglass.deploy.runtime import checksums
from deepglass.deploy.shrinking.shrink_input import MODEL, ShrinkInput


def rewrite(subject: ShrinkInput, path: Path, change: Callable[[Any], Any]) -> None:
    """Copy the bundle of float32 to `path` and let `change` write its model anew."""
    import onnx

    proto = change(onnx.load(subject.bundle / MODEL))
    shutil.copytree(subject.bundle, path)
    files.write_bytes(path / MODEL, proto.SerializeToString())
    checksums.write(path)
