"""SavedModel: a folder for TensorFlow and TensorFlow Serving.

PyTorch's operations are lowered to StableHLO by litert-torch (https://github.com/google-ai-edge/litert-torch), which
TensorFlow runs through XLA; in an environment of its own.
"""

from pathlib import Path

from deepglass.deploy.export._isolated import convert
from deepglass.deploy.measure import Measured
from deepglass.deploy.portable import Portable

SUFFIX = ""


def write(model: Portable, path: Path) -> Measured:
    """Write the folder and compare what TensorFlow answers with PyTorch.

    Raises:
        MissingPackageError: If uv or the network is missing.
        ExportError: If the converter cannot follow the network.
    """
    return convert("savedmodel", "TensorFlow", model, path, rows=3)
