"""TFLite: one file for LiteRT, TensorFlow's small runtime for telephones and microcontrollers.

Converted by litert-torch (https://github.com/google-ai-edge/litert-torch) in an environment of its own.
"""

from pathlib import Path

from deepglass.deploy.export._isolated import convert
from deepglass.deploy.measure import Measured
from deepglass.deploy.portable import Portable

SUFFIX = ".tflite"


def write(model: Portable, path: Path) -> Measured:
    """Write the file and compare what LiteRT answers with PyTorch.

    Raises:
        MissingPackageError: If uv or the network is missing.
        ExportError: If the converter cannot follow the network.
    """
    return convert("tflite", "LiteRT", model, path)
