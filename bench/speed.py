"""How fast the loop is beside its peers: hand-written PyTorch, Lightning, skorch, Keras on JAX, scikit-learn.

    python -m bench.speed                                # all races, five rounds
    python -m bench.speed --only LeNet MLP --rounds 7
    python -m bench.speed --peers-python .venv-peers/bin/python
    python -m bench.speed --show                         # the table of what was measured so far

Every run is a process of its own; the arrays, the model, Adam and the batch size are the same for all. In a round we
run before and after every two peers, and each of the two is compared with the mean of us on both sides: a machine that
slows down slows all. "hand same choices" is the loop by hand with the precision, threads and memory layout that we
chose a moment before: beside it stands what our loop itself costs.
The first epoch stands apart, since it holds compilation and first touches; the others give the median.

Lightning, skorch and Keras live in an environment of their own, `.venv-peers`, which `make bench` makes.
"""

import argparse
import json
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.contestants._work import WORK
from bench.made_with import made_with
from deepglass.core import files

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "speed.json"
PLOT = ROOT / "bench" / "results" / "speed.svg"
OWN_ENVIRONMENT = ("lightning_trainer", "skorch_net", "keras_jax")
Run = dict[str, Any]  # what one process measured


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=list(WORK), choices=list(WORK))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers-python", default=str(ROOT / ".venv-peers" / "bin" / "python"))
    parser.add_argument("--show", action="store_true")
    arguments = parser.parse_args()
    if not arguments.show:
        for name in arguments.only:
            race(name, arguments)
    kept = json.loads(RESULTS.read_text())
    print(as_matrix(kept), as_table(kept), sep="\n\n")


def race(name: str, arguments: Any) -> None:
    """All rounds of one work, kept at the end."""
    peers = [peer for peer in WORK[name].peers if can_run(peer, arguments.peers_python)]
    theirs: dict[str, list[Run]] = {peer: [] for peer in peers}
    ratios: dict[str, list[float]] = {peer: [] for peer in peers}
    ours = [run("ours", name, arguments)]
    for number in range(1, arguments.rounds + 1):
        for two in batched(peers, 2):
            results = [run(peer, name, arguments, ours[-1]["choices"]) for peer in two]
            ours.append(run("ours", name, arguments))
            beside = statistics.mean(map(median_epoch, ours[-2:]))
            for peer, result in zip(two, results):
                theirs[peer].append(result)
                ratios[peer].append(median_epoch(result) / beside)
                said = f"{peer} takes {ratios[peer][-1]:.2f} times our epoch of {beside:.3f} s"
                print(f"{name}, round {number}: {said} ({way(ours[-1])})", file=sys.stderr, flush=True)
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    contestants = {peer: medians(theirs[peer]) | {"times_ours": spread(ratios[peer])} for peer in peers}
    choices = dict(Counter(map(way, ours)))
    kept[name] = {"environment": made_with(), "rounds": arguments.rounds, "choices": choices}
    kept[name]["contestants"] = contestants | {"ours": medians(ours)}
    files.write_text(RESULTS, json.dumps(kept, indent=1))
    draw(kept)


def batched(names: list[str], size: int) -> Iterator[list[str]]:
    """`size` of them at a time."""
    for start in range(0, len(names), size):
        yield names[start : start + size]


def run(contestant: str, work: str, arguments: Any, choices: Any = None) -> Run:
    """One process: one contestant, one work."""
    python = arguments.peers_python if contestant in OWN_ENVIRONMENT else sys.executable
    command = [python, "-m", f"bench.contestants.{contestant}", work, "--epochs", str(WORK[work].epochs)]
    command += ["--choices", json.dumps(choices)] if choices else []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def can_run(contestant: str, python: str) -> bool:
    """Whether the contestant's packages are installed."""
    if contestant not in OWN_ENVIRONMENT:
        return True
    package = {"lightning_trainer": "lightning", "skorch_net": "skorch", "keras_jax": "keras"}[contestant]
    look = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    if Path(python).exists() and not subprocess.run([python, "-c", look], check=False).returncode:
        return True
    print(f"{contestant} is left out: {package} is not installed in {python}", file=sys.stderr)
    return False


def median_epoch(result: Run) -> float:
    """Seconds an epoch, without the first."""
    return statistics.median(result["epochs"][1:])


def way(result: Run) -> str:
    """How one of our runs computed its steps."""
    return "{precision}, threads: {threads}".format(**result["choices"])


def spread(ratios: list[float]) -> list[float]:
    """Median, smallest and largest."""
    return [statistics.median(ratios), min(ratios), max(ratios)]


def medians(results: list[Run]) -> dict[str, float]:
    """Over the runs of one contestant."""
    return {
        "epoch": statistics.median(map(median_epoch, results)),
        "first_epoch": statistics.median(result["epochs"][0] for result in results),
        "first_step": statistics.median(result["first_step"] for result in results),
        "peak_memory_bytes": statistics.median(result["peak_memory_bytes"] for result in results),
    }


def as_matrix(kept: dict[str, Any]) -> str:
    """Markdown, a row a work and a column a peer: how many times our epoch the peer takes, with the range."""
    peers = list(dict.fromkeys(peer for work in WORK.values() for peer in work.peers))
    lines = ["| work | our epoch | " + " | ".join(peer.replace("_", " ") for peer in peers) + " |"]
    lines.append("|---|--:|" + "--:|" * len(peers))
    for name in (name for name in WORK if name in kept):
        contestants = kept[name]["contestants"]
        ratios = [contestants[peer]["times_ours"] if peer in contestants else None for peer in peers]
        cells = ["" if ratio is None else "{:.2f} ({:.2f}–{:.2f})".format(*ratio) for ratio in ratios]
        lines.append(f"| {name} | {contestants['ours']['epoch']:.2f} s | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def as_table(kept: dict[str, Any]) -> str:
    """Markdown, a row a contestant and work."""
    lines = ["| work | contestant | s an epoch | first epoch | first step after | memory | times ours (range) |"]
    lines.append("|---|---|--:|--:|--:|--:|--:|")
    for name, result in kept.items():
        for contestant, of in sorted(result["contestants"].items(), key=lambda item: item[1]["epoch"]):
            middle, low, high = of.get("times_ours", (1.0, 1.0, 1.0))
            ratio = "" if contestant == "ours" else f"{middle:.2f} ({low:.2f}–{high:.2f})"
            seconds = f"{of['epoch']:.2f} | {of['first_epoch']:.2f} | {of['first_step']:.1f}"
            shown = "**ours**" if contestant == "ours" else contestant.replace("_", " ")
            lines.append(f"| {name} | {shown} | {seconds} | {of['peak_memory_bytes'] / 2**20:,.0f} MiB | {ratio} |")
    return "\n".join(lines)


def draw(kept: dict[str, Any]) -> None:
    """A row of bars a work: each contestant's epoch in units of ours."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(1, len(kept), figsize=(3.2 * len(kept), 2.8), squeeze=False, layout="constrained")
    for panel, name in zip(panels[0], (name for name in WORK if name in kept)):
        times_ours = {who: of.get("times_ours", [1.0])[0] for who, of in kept[name]["contestants"].items()}
        rows = sorted(times_ours.items(), key=lambda row: -row[1])
        colours = ["#0072B2" if contestant == "ours" else "#BBBBBB" for contestant, _ in rows]
        names = [contestant.replace("_", " ") for contestant, _ in rows]
        bars = panel.barh(names, [ratio for _, ratio in rows], color=colours)
        panel.bar_label(bars, fmt="%.2f", padding=2, fontsize=8)
        panel.set_title(name)
        panel.margins(x=0.2)
        panel.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("time of an epoch, ours = 1", fontsize="medium")
    figure.savefig(PLOT, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    main()
