"""How the server bears thousands of requests that schemathesis makes up from its OpenAPI document: all checks.

    python -m bench.fuzz                     # 4,860 cases; two to three minutes on two busy cores
    python -m bench.fuzz --examples 1000 --seed 7 --workers 2

Four small models, one of each kind of input, are served. Kept: how many cases there were, how many broke a rule (5xx,
an answer that the document does not describe, no answer within 20 s), the server's own count of statuses, its slowest
answer, its memory before and after.
"""

import argparse
import json
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.deploy.serve import bundles, fuzzing
from tests.deploy.serve.conftest import running

from bench.servers.contestants import resident_mib, tree_of
from deepglass.core import environment, files

RESULTS = Path(__file__).resolve().parent / "results" / "fuzz.json"


def main() -> None:
    asked = arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = [make(folder / make.__name__.replace("_", "-")) for make in bundles.ALL]
        with running(folder, *models, "--workers", asked.workers, "--max-body-seconds", 2) as server:
            before = resident_mib(tree_of(server.process.pid))
            outcome = fuzzing.fuzz(server.url, folder, asked.examples, asked.seed)
            after = resident_mib(tree_of(server.process.pid))
            is_alive = server.post("/predict?model=mood", {"text": "good"})["predictions"][0]["label"] == "good"
            exit_status = server.stop()
        result = {
            "examples": asked.examples, "seed": asked.seed, "workers": asked.workers, "cases": outcome.cases,
            "failures": outcome.failures, "seconds": round(outcome.seconds, 1), "answers_afterwards": is_alive,
            "exit_status": exit_status, "resident_mib": [round(before, 1), round(after, 1)],
            **answers(server.log), "environment": environment.describe(),
        }  # fmt: skip
    files.write_json(RESULTS, result)
    print(outcome.report if outcome.failures else json.dumps(result, indent=2))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100, help="most cases of one kind for an operation")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    return parser.parse_args()


def answers(log: Path) -> dict[str, Any]:
    """From the server's log: how often each status was given, and the slowest answer."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if '"status"' in line]
    statuses = Counter(str(line["status"]) for line in lines)
    return {"statuses": dict(sorted(statuses.items())), "slowest_ms": max(line["ms"] for line in lines)}


if __name__ == "__main__":
    main()
