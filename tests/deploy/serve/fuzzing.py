"""schemathesis reads /openapi.json and tries to break what it describes: all checks, no 5xx, no answer that hangs.

https://schemathesis.readthedocs.io. JSON Schema cannot say that a tensor's shape and the number of its values agree, or
that a text is a picture: a body that fits the document may be refused with 400 or 422. A deadline of a millisecond may
pass: 504.
"""

import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

PATIENCE_SECONDS = 60  # an answer that takes longer hangs
EXPECTED = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "404", "409", "413", "415", "422", "504"]
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", "504"]
"""


@dataclass(frozen=True)
class Outcome:
    """What schemathesis found.

    cases: Requests that it made up; failures: those that broke a rule; report: its last words.
    """

    cases: int
    failures: int
    seconds: float
    report: str


def program() -> str | None:
    """schemathesis beside our Python."""
    return shutil.which("schemathesis", path=Path(sys.executable).parent)


def fuzz(url: str, folder: Path, examples: int, seed: int | None = None) -> Outcome:
    """Let it try; without a seed the same cases every time.

    Args:
        url: Of the server.
        folder: Where schemathesis may leave what it likes.
        examples: Most cases of one kind for an operation.
        seed: Other cases than those of other seeds.
    """
    (folder / "schemathesis.toml").write_text(EXPECTED)
    command = [program(), "run", f"{url}/openapi.json", "--checks", "all", "--max-examples", str(examples)]
    command += ["--exclude-path-regex", "/unload$", "--request-timeout", str(PATIENCE_SECONDS), "--no-color"]
    command += ["--generation-deterministic"] if seed is None else ["--seed", str(seed)]
    started = time.monotonic()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - started
    cases, failures = (re.search(rf"(\d+) {word}", done.stdout) for word in ("generated", "unique failures?"))
    if cases is None or done.returncode not in (0, 1):
        raise RuntimeError(f"schemathesis could not begin:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    count = int(failures[1]) if failures else done.returncode  # 1 also where no answer was wrong, but none came
    return Outcome(int(cases[1]), count, seconds, done.stdout[-8000:])
