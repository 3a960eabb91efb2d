"""What a result was made with: versions, hardware, threads."""

import importlib.metadata
import os
import platform
import time
from pathlib import Path
from typing import Any

IMPORTED = time.monotonic()

PACKAGES = ("deepglass", "torch", "numpy", "pandas", "scikit-learn", "safetensors", "tokenizers")


def versions(packages: tuple[str, ...] = PACKAGES) -> dict[str, str | None]:
    """Installed versions; None for what is not installed."""
    return {package: _version(package) for package in packages}


def describe() -> dict[str, Any]:
    """Versions and hardware for environment.json."""
    import torch

    from deepglass.core.device import cpu_name

    return {
        "python": platform.python_version(),
        **versions(),
        "platform": platform.platform(),
        "cpu": cpu_name(),
        "cores": os.cpu_count(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "threads": torch.get_num_threads(),
    }


def process_began() -> float:
    """When this process began, as a value of `time.monotonic()`: on Linux to a hundredth of a second, elsewhere when
    this module was imported."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])  # proc(5): starttime
        age = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, AttributeError, ValueError, IndexError):
        return IMPORTED
    return time.monotonic() - age


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
