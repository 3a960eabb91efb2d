"""Converters whose packages collide with ours run by themselves: `uv run --script`, an environment of their own each.

A script in `isolated/` names its packages in its head (PEP 723, https://peps.python.org/pep-0723/). It receives a
program of torch.export with example inputs, writes the file, runs it, and hands the answers back to be compared. The
first call of a script downloads several hundred megabytes; uv keeps them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from deepglass.core.console import console
from deepglass.core.errors import ExportError, MissingPackageError
from deepglass.deploy.exporters import first_line, quiet
from deepglass.deploy.graphs import Graph, examples
from deepglass.deploy.measure import Measured, against, size_words
from deepglass.deploy.portable import Portable

SCRIPTS = Path(__file__).parent / "isolated"
SHOWN = 12  # last lines of what a script said before it failed
NETWORK = (
    "dns error",
    "failed to fetch",
    "error sending request",
    "tcp connect error",
)  # how uv says that there is none


def convert(script: str, form: str, model: Portable, path: Path, rows: int = 1) -> Measured:
    """Bring a model for small devices into a file by one of the scripts.

    Args:
        script: Name of the file in `isolated/`.
        form: What the table calls the result.
        model: Becomes float32 with fixed sizes.
        path: Where the script writes to.
        rows: Examples that it is tried with; 1 where it takes no more at a time.

    Raises:
        MissingPackageError: If uv is not installed, or the packages cannot be fetched.
        ExportError: If the converter cannot follow the network.
    """
    graph = model.graph.for_edge()
    inputs = tuple(tensor[:rows].contiguous() for tensor in examples(graph)[0])
    with tempfile.TemporaryDirectory() as folder:
        program, given, answers = (Path(folder) / name for name in ("program.pt2", "inputs.npz", "answers.npz"))
        _save_program(graph, tuple(tensor[:1].contiguous() for tensor in inputs), program)
        np.savez(given, **{spec.name: tensor.numpy() for spec, tensor in zip(graph.inputs, inputs, strict=True)})
        run_script(script, program, given, path, answers, ",".join(spec.name for spec in graph.outputs))
        with np.load(answers) as found:
            said = [found[f"arr_{i}"] for i in range(len(graph.outputs))]
            latency = float(found["latency_ms"])
    notes = [f"takes {size_words(inputs)}, one example at a time"] if rows == 1 else []
    return against(form, graph, inputs, said, latency, path, notes)


def run_script(name: str, *arguments: str | Path) -> None:
    """Run one of the scripts in its own environment."""
    console.say(f"  {name} converts in an environment of its own; the first time its packages are downloaded")
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    environment.setdefault("UV_FIND_LINKS", os.environ.get("PIP_FIND_LINKS", ""))
    environment.pop("VIRTUAL_ENV", None)
    command = [_uv(), "run", "--quiet", "--no-project", "--script", SCRIPTS / f"to_{name}.py", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    last = "\n".join(done.stderr.strip().splitlines()[-SHOWN:])
    if any(mark in done.stderr.lower() for mark in NETWORK):
        raise MissingPackageError(f"the packages of {name} cannot be fetched; connect to the network:\n{last}")
    raise ExportError(f"{name} cannot be written for this network: the converter ended with\n{last}")


def _uv() -> str:
    """The program uv: beside our Python, or on the path."""
    found = shutil.which("uv", path=Path(sys.executable).parent) or shutil.which("uv")
    if found is None:
        raise MissingPackageError("this format is converted in an environment of its own: `pip install uv` first")
    return found


def _save_program(graph: Graph, inputs: tuple[torch.Tensor, ...], path: Path) -> None:
    try:
        with quiet():
            torch.export.save(torch.export.export(graph, inputs), path)
    except Exception as error:  # torch.export raises classes of its own for what it cannot follow
        raise ExportError(f"torch.export cannot follow this network: {first_line(error)}") from error
