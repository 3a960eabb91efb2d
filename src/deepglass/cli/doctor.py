"""`deepglass doctor`: what is installed, the hardware, what is missing and how to get it."""

import importlib.util
import shutil
from pathlib import Path

from deepglass.cli._common import JsonOption, set_mode
from deepglass.core import environment
from deepglass.core.console import console

EXTRAS = {  # package: what it is for, how to get it
    "tensorboard": ("event files of a training (--tensorboard)", "pip install 'deepglass[tensorboard]'"),
    "statsmodels": ("the measured co2 series; a generated one is used without it", "pip install 'deepglass[co2]'"),
}


def command(json: JsonOption = False) -> None:
    """Look at this machine: versions, hardware, optional packages, disk."""
    set_mode(quiet=False, as_json=json)
    import torch

    from deepglass.core.device import choose_device, choose_precision

    device = choose_device()
    facts = environment.describe()
    facts |= {
        "training on": str(device),
        "precision": choose_precision("auto", device),
        "free disk": f"{shutil.disk_usage(Path.cwd()).free / 2**30:.1f} GiB",
        "compiler for torch.compile": shutil.which("g++") or shutil.which("c++"),
        "torch threads": torch.get_num_threads(),
    }
    missing = {package: EXTRAS[package] for package in EXTRAS if importlib.util.find_spec(package) is None}
    console.table(("what", "found"), [(name, str(value or "none")) for name, value in facts.items()])
    for package, (purpose, remedy) in missing.items():
        console.say(f"  {package} is not installed: {purpose}. Get it with: {remedy}")
    if not missing:
        console.say("  every optional package is installed")
    console.result({**facts, "missing": {name: remedy for name, (_, remedy) in missing.items()}})
