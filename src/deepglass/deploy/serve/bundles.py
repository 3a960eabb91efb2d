"""From what a user names to a bundle that can be opened: a bundle is one already, a run is exported first.

The export runs in a process of its own, so the server never loads PyTorch; its bundle stays in the run folder and is
used again until the run is trained anew.
"""

import subprocess
import sys
from pathlib import Path

from deepglass.core.console import console
from deepglass.core.errors import RunError
from deepglass.core.run_folder import RunFolder
from deepglass.deploy.runtime.checksums import NAME as CHECKSUMS

CONFORMAL = "conformal.json"  # in a run, and in the bundle of one
MADE_OF = ("weights.safetensors", "group_shift.json", CONFORMAL)
PLACE = Path("export") / "bundle"  # in the run folder; where `deepglass export RUN --to bundle` puts it


def bundle_of(path: Path) -> Path:
    """The bundle at `path`, or that of the run at `path`.

    Raises:
        RunError: If it is neither, or the run cannot be exported.
    """
    if path.is_file() or (path / CHECKSUMS).is_file():
        return path
    run = RunFolder(path).must_exist()
    bundle = run / str(PLACE)
    if not _is_fresh(bundle, run):
        console.say(f"exporting {path} to {bundle}")
        _export(path)
    return bundle


def _is_fresh(bundle: Path, run: RunFolder) -> bool:
    """Whether the bundle is younger than what it is made of, and answers with a coverage where the run does."""
    checksums = bundle / CHECKSUMS
    if not checksums.is_file() or (run.has(CONFORMAL) and not (bundle / CONFORMAL).is_file()):
        return False
    parts = [path for name in MADE_OF if (path := run / name).is_file()]
    return all(checksums.stat().st_mtime >= path.stat().st_mtime for path in parts)


def _export(run: Path) -> None:
    command = [sys.executable, "-m", "deepglass", "export", str(run), "--to", "bundle", "--force", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or ["no reason was given"]
        raise RunError(f"{run} cannot be served: {reason[0].removeprefix('error: ')}")
