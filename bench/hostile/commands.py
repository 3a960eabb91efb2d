"""What is done with a run that somebody may have tampered with: every command that reads one, in this process.

outcome = carried_out(["predict", run, data], folder)
"""

import asyncio
import contextlib
import io
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

MODEL = ("config.json", "task.json", "weights.safetensors", "blend.json", "blend.safetensors")
BUNDLE = tuple(
    f"export/bundle/{name}" for name in ("SHA256SUMS", "schema.json", "labels.json", "tokens.json", "model.onnx")
)
READS = {  # command → the files of a run that it reads; {run}, {data}, {out} and {folder} are filled in
    "predict {run} {data}": MODEL,
    "predict {run} {data} --coverage 0.5": (*MODEL, "conformal.json"),
    "evaluate {run} {data}": (*MODEL, "seen.npz"),
    "report {run}": (
        "config.json", "task.json", "weights.safetensors", "history.json", "metrics.json", "outputs.npz",
        "mistakes.json", "guesses.json", "environment.json",
    ),
    "compare {run} {run}": ("metrics.json", "outputs.npz"),
    "trace {run} {data}": MODEL,
    "trace {run} {data} --backward": MODEL,
    "export {run} --to onnx --output {out}": MODEL,
    "export {run} --to safetensors --output {out}": MODEL,
    "shrink {run} --by float16 --output {out}": (*MODEL, "outputs.npz"),
    "shrink {run} --by prune --output {out}": (*MODEL, "outputs.npz"),
    "generate {run} --max-tokens 4": MODEL,
    "serve {run}": (*MODEL, *BUNDLE),
    "runs {folder}": ("config.json", "metrics.json"),
    "train {data} --pretrained {run} --run {out}": ("config.json", "task.json", "weights.safetensors"),
    "train --run {run} --resume": ("config.json", "task.json", "checkpoint.pt"),
    "train --config {run} --run {out}": ("config.json", "repeat.json"),
}  # fmt: skip
LISTING = "runs"  # the command that names a damaged run and goes on


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
    from deepglass.cli import main, serve
    from deepglass.deploy.serve import bundles

    said, errors = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", ["deepglass", *words]),
        patch.object(serve, "start", _load),
        patch.object(bundles, "_export", _export),
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


def _load(order: Any) -> None:
    """What a server does before it listens: load every model, and ask each whether it answers."""
    from deepglass.core.errors import RunError
    from deepglass.deploy.runtime.errors import BundleError
    from deepglass.deploy.serve.app import create_app
    from deepglass.deploy.serve.server import registry_of

    async def load() -> None:
        registry = registry_of(order)
        create_app(registry, None)
        try:
            await registry.load_all()
        finally:
            await registry.close()

    try:
        asyncio.run(load())
    except BundleError as error:  # as `serve.start` does
        raise RunError(str(error)) from None


def _export(run: Path) -> None:
    """As `bundles._export` does in a process of its own."""
    from deepglass.api.run import load
    from deepglass.deploy.exporting import export

    export(load(run, "cpu"), to="bundle", force=True)


def tree(folder: Path) -> set[str]:
    """All that lies in a folder."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}
