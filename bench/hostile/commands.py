"""What is done with a run that somebody may have tampered with: every command that reads one, in this process.

outcome = carried_out(["predict", run, data], folder)
"""

import contextlib
import io
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

READS = {  # command → the files of a run that it reads; {run}, {data} and {out} are filled in
    "predict {run} {data}": ("config.json", "task.json", "weights.safetensors", "blend.json", "blend.safetensors"),
    "evaluate {run} {data}": (
        "config.json", "task.json", "weights.safetensors", "blend.json", "blend.safetensors", "seen.npz",
    ),
    "report {run}": (
        "config.json", "task.json", "weights.safetensors", "history.json", "metrics.json", "outputs.npz",
        "mistakes.json", "guesses.json", "environment.json",
    ),
    "compare {run} {run}": ("metrics.json", "outputs.npz"),
    "trace {run} {data}": ("config.json", "task.json", "weights.safetensors", "blend.json", "blend.safetensors"),
    "export {run} --to onnx --output {out}": (
        "config.json", "task.json", "weights.safetensors", "blend.json", "blend.safetensors",
    ),
    "shrink {run} --by float16 --output {out}": (
        "config.json", "task.json", "weights.safetensors", "blend.json", "blend.safetensors", "outputs.npz",
    ),
    "train --run {run} --resume": ("config.json", "checkpoint.pt"),
    "train --config {run} --run {out}": ("config.json", "repeat.json"),
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """How a command ended.

    status: Its exit status; None where something escaped that is no message.
    said: What it printed as an answer; error: the message or the traceback.
    """

    status: int | None
    said: str
    error: str


def carried_out(words: list[str]) -> Outcome:
    """Run `deepglass WORDS` as a shell would, but in this process."""
    from deepglass.cli import main

    said, errors = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", ["deepglass", *words]),
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(errors),
    ):
        try:
            main.main()
            status: int | None = 0
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else 1
        except BaseException:
            return Outcome(None, said.getvalue(), traceback.format_exc())
    return Outcome(status, said.getvalue(), errors.getvalue())


def tree(folder: Path) -> set[str]:
    """All that lies in a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}
