"""ExecuTorch: one file for PyTorch's small runtime for telephones and glasses, on the XNNPACK library.

Lowered by executorch (https://docs.pytorch.org/executorch/) in an environment of its own.
"""

from pathlib import Path

from deepglass.deploy.export._isolated import convert
from deepglass.deploy.measure import Measured
from deepglass.deploy.portable import Portable

SUFFIX = ".pte"


def write(model: Portable, path: Path) -> Measured:
    """Write the file and compare what ExecuTorch answers with PyTorch.

    Raises:
        MissingPackageError: If uv or the network is missing.
        ExportError: If the converter cannot follow the network.
    """
    return convert("executorch", "ExecuTorch", model, path)
