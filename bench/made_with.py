"""What a measurement was made with: versions, hardware, and the state of the code."""

import subprocess
from pathlib import Path
from typing import Any

from deepglass.core import environment

ROOT = Path(__file__).resolve().parents[1]


def made_with() -> dict[str, Any]:
    """Versions and hardware, and the commit, with a + behind it where files differ from it."""
    return environment.describe() | {"commit": commit()}


def commit() -> str | None:
    """The commit of this checkout; None where it is none."""
    found = _git("rev-parse", "--short=10", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", "src", "bench", "tests")
    return found and found + "+" * bool(changed)


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
