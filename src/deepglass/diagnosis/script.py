"""`deepglass diagnose SCRIPT`: a user's script in a process of its own, and what was found about it."""

import ast
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deepglass.core.errors import DataError, OptionError
from deepglass.diagnosis import Diagnosis
from deepglass.diagnosis.diagnosing import BUDGET
from deepglass.diagnosis.wording import from_record

MOST_STEPS = 2000
STARTING = 60.0  # seconds beyond the budget before a process that does not answer is ended


def diagnose_script(
    script: str | Path,
    arguments: Sequence[str] = (),
    seconds: float = BUDGET,
    steps: int = MOST_STEPS,
    output: Any = None,
) -> Diagnosis:
    """Run a script under observation, and diagnose what it trains.

    Args:
        script: A Python file; it runs as `python SCRIPT` would, from the present folder, and reads no keyboard.
        arguments: Of the script.
        seconds: Of all together; the script is stopped after nearly half of them.
        steps: After which it is stopped, too.
        output: Where its own output goes; a file object, or None for where ours goes.

    Raises:
        DataError: If it cannot be read, or is not Python.
        OptionError: If there is no time.
    """
    if seconds < 1 or steps < 1:
        raise OptionError(f"--seconds and --steps: expected 1 or more, got {seconds:g} and {steps}")
    path = require_script(Path(script))
    with tempfile.TemporaryDirectory() as folder:
        answers = Path(folder) / "answers.json"
        command = [sys.executable, "-m", "deepglass.diagnosis.script_child", str(answers), str(seconds), str(steps)]
        process = subprocess.Popen(
            [*command, str(path), *arguments], stdin=subprocess.DEVNULL, stdout=output, start_new_session=True
        )
        why = _wait(process, seconds + STARTING)
        if not answers.is_file():
            why = why or f"its process ended with {process.returncode} before it could be asked"
            return Diagnosis(str(script), [], error=why)
        return from_record(json.loads(answers.read_text(encoding="utf-8")))


def _wait(process: subprocess.Popen[Any], seconds: float) -> str:
    """Wait for the process, and end it with all that it has started when it takes too long."""
    try:
        process.wait(seconds)
        return ""
    except subprocess.TimeoutExpired:
        return f"it did not come to a step within {seconds:.0f} seconds, and was ended"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def require_script(path: Path) -> Path:
    """A Python file that can be parsed.

    Raises:
        DataError: If it is not one; names the line.
    """
    if not path.is_file():
        raise DataError(f"{path}: expected a run folder or a Python script, found nothing of this name")
    content = path.read_bytes()
    if b"\0" in content:
        raise DataError(f"{path} is not a Python script: it holds bytes that are no text")
    try:
        ast.parse(content)
    except SyntaxError as error:
        raise DataError(
            f"{path}, line {error.lineno}: {error.msg}; a script must run before it can be diagnosed"
        ) from None
    except ValueError as error:
        raise DataError(f"{path} is not a Python script: {error}") from None
    return path
