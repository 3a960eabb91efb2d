"""What int8 saves and costs: the default models of Fashion-MNIST and SST-2, before and after `deepglass shrink`.

    python -m bench.shrink                   # trains both, shrinks both; some minutes on two cores
    python -m bench.shrink --show            # the table of what was measured so far

Each step is the command in a fresh process. Results are kept in bench/results/shrink.json.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.made_with import made_with
from deepglass.core import files

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "shrink.json"
SOURCES = {"fashion-mnist": "80s", "sst2": "60s"}  # with the budget of the training
SMALLER, MOST_LOST = 0.70, 1.0  # what must be reached: share of the file, points of accuracy


def main() -> None:
    asked = arguments()
    results: dict[str, Any] = files.read_json(RESULTS) if RESULTS.exists() else {"runs": {}}
    if not asked.show:
        results["environment"] = made_with()
    for source in [] if asked.show else asked.sources:
        results["runs"][source] = measure(source, asked.data / source)
        files.write_json(RESULTS, results)
    print(table(results))


def measure(source: str, data: Path) -> dict[str, Any]:
    """Train within the budget, shrink, and read what the command measured."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / source
        command(["train", str(data), "--budget", SOURCES[source], "--run", str(run), "--quiet"])
        said = json.loads(command(["shrink", str(run), "--by", "int8", "--json"]))
        model = json.loads((run / "config.json").read_text())["model"]
    return {"model": model, "budget": SOURCES[source], **{k: v for k, v in said.items() if k not in ("path", "advice")}}


def command(words: list[str]) -> str:
    """One command in a fresh process; a model that is rejected ends with 1, and is a result too."""
    done = subprocess.run([sys.executable, "-m", "deepglass", *words], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"deepglass {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def table(results: dict[str, Any]) -> str:
    """Size, accuracy and latency before and after, with the hardware and versions."""
    where = results["environment"]
    lines = [
        f"{where['cpu']}, {where['cores']} cores, one thread; Python {where['python']}, PyTorch {where['torch']}.",
        "",
        "| int8 of | file, before → after | smaller | accuracy, before → after | points lost (95 % interval) "
        "| ms, batch 1 | ms, batch 64 | reached |",
        "|---|--:|--:|--:|--:|--:|--:|---|",
    ]
    for source, run in results["runs"].items():
        before, after, lost = run["before"], run["after"], run["lost"]
        smaller = 1 - after["bytes"] / before["bytes"]
        is_reached = smaller >= SMALLER and lost["value"] < MOST_LOST
        times = [f"{before['latency_ms'][b]:.3g} → {after['latency_ms'][b]:.3g}" for b in ("1", "64")]
        scores = f"{before['score']['value']:.2%} → {after['score']['value']:.2%}"
        interval = f"{lost['value']:+.2f} ({lost['low']:+.2f} to {lost['high']:+.2f})"
        size = f"{before['bytes'] / 1e6:.2f} → {after['bytes'] / 1e6:.2f} MB"
        lines.append(
            f"| {source}, {run['model']} | {size} | {smaller:.1%} | {scores} | {interval} "
            f"| {' | '.join(times)} | {'yes' if is_reached else '**no**'} |"
        )
    lines += ["", f"Goal: file at least {SMALLER:.0%} smaller, less than {MOST_LOST:g} point lost."]
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--sources", nargs="+", choices=SOURCES, default=list(SOURCES))
    parser.add_argument("--show", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
