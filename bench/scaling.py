"""How much two processes gain over one, a thread each, and where the rest goes.

    python -m bench.scaling                             # MLP, LeNet, GPT; five rounds; a quarter of an hour
    python -m bench.scaling --only MLP --rounds 3
    python -m bench.scaling --show                      # the table of what was measured so far

A round takes the median step of five trainings, one after the other, so that a machine that slows down slows all:

    alone      one process, the usual batch
    weak       two processes with twice the batch                 efficiency = alone / weak
    strong     two processes with the usual batch                 efficiency = alone / (2 · strong)
    apart      two processes side by side that do not talk, each with the usual batch, and with half of it

What two processes lose beside `alone` although they do not talk, they lose to each other: cores that share caches,
clock and memory. What `weak` and `strong` lose beside `apart`, they lose to the gradients on their way and to waiting
for the slower one. For `strong` a half batch that is less than twice as fast as a whole one comes on top.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.contestants._work import LEARNING_RATE, SEED, WORK, loss, torch_model
from bench.made_with import made_with
from deepglass.core import files

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "scaling.json"
STEPS = {"MLP": 600, "LeNet": 100, "GPT": 40}  # of a training
WARM = 0.2  # share of the steps that is left out at the start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=list(STEPS), choices=list(STEPS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=float, default=1.0, help="times the usual number of steps")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--show", action="store_true")
    asked = parser.parse_args()
    kept = files.read_json(asked.results) if asked.results.exists() else {}
    for name in [] if asked.show else asked.only:
        rounds = [measure(name, round(STEPS[name] * asked.steps)) for _ in range(asked.rounds)]
        kept[name] = {"environment": made_with() | {"threads": 1}, "rounds": rounds}
        files.write_json(asked.results, kept)
    print(as_table(kept))


def measure(name: str, steps: int) -> dict[str, float]:
    """One round: milliseconds of the median step in each training, and of the gradients' way alone."""
    batch = WORK[name].batch_size
    alone, weak = run(name, batch, steps, 1), run(name, 2 * batch, steps, 2)
    strong, apart = run(name, batch, steps, 2), run(name, batch, steps, 2, "--apart")
    apart_half = run(name, batch // 2, steps, 2, "--apart")
    said = f"alone {alone['step']:.2f} ms, weak {weak['step']:.2f}, strong {strong['step']:.2f}"
    print(f"{name}: {said}", file=sys.stderr)
    return {
        "alone": alone["step"],
        "weak": weak["step"],
        "strong": strong["step"],
        "apart": apart["step"],
        "apart_half": apart_half["step"],
        "all_reduce": weak["all_reduce"],
        "mebibytes": weak["mebibytes"],
    }


def run(name: str, batch: int, steps: int, processes: int, *more: str) -> dict[str, float]:
    """A training in one or two fresh processes; what the first one measured."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        words = [name, "--batch", str(batch), "--steps", str(steps), "--result", str(result), *more]
        command = [sys.executable, *launcher, "-m", "bench.scaling", "worker", *words]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr.decode()[-3000:]}")
        return files.read_json(result)


def worker() -> None:
    """One process of a training."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=list(WORK))
    parser.add_argument("--batch", type=int)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--apart", action="store_true")
    parser.add_argument("--result", type=Path)
    asked = parser.parse_args(sys.argv[2:])
    from deepglass.training.parallel import processes

    team = processes.join()
    team.broadcast_from_rank0(lambda: None)  # nobody begins before all are there
    if asked.apart:
        os.environ["WORLD_SIZE"] = "1"
    times = train(asked.name, asked.batch, asked.steps)
    result = {"step": 1000 * statistics.median(times[int(WARM * len(times)) :])}
    if team.size > 1:
        result |= gradients_alone(asked.name, team)
    if team.is_first:
        files.write_json(asked.result, result)


def train(name: str, batch: int, steps: int) -> list[float]:
    """Seconds of every step but the first."""
    from deepglass.api.fit import ModuleLearner, as_examples
    from deepglass.core import seeds
    from deepglass.runs.options import train_config
    from deepglass.training import loop
    from deepglass.training.progress import Watcher

    class Clock(Watcher):
        moments: list[float] = []  # noqa: RUF012

        def step(self, step: int, total_steps: int, loss: float | None, examples_per_second: float) -> None:
            self.moments.append(time.perf_counter())

    seeds.seed_everything(SEED)
    arrays = WORK[name].arrays()
    examples, few = as_examples(arrays), as_examples(tuple(array[:64] for array in arrays))
    epochs = steps / -(-len(examples) // batch)
    options = {"epochs": epochs, "batch_size": batch, "learning_rate": LEARNING_RATE, "optimizer": "adam"}
    config = train_config({**options, "precision": "float32", "device": "cpu", "threads": 1, "seed": SEED}, {})
    clock = Clock()
    loop.fit(torch_model(name), ModuleLearner(loss), examples, few, config, watcher=clock)
    return [after - before for before, after in zip(clock.moments, clock.moments[1:])]


def gradients_alone(name: str, team: Any) -> dict[str, float]:
    """Milliseconds and MiB of one sum of all gradients over the processes, with nothing else to do."""
    import torch
    import torch.distributed as dist

    gradients = torch.zeros(sum(p.numel() for p in torch_model(name).parameters()))
    seconds = []
    for _ in range(30):
        team.broadcast_from_rank0(lambda: None)
        started = time.perf_counter()
        dist.all_reduce(gradients)
        seconds.append(time.perf_counter() - started)
    return {"all_reduce": 1000 * statistics.median(seconds), "mebibytes": gradients.numel() * 4 / 2**20}


def as_table(kept: dict[str, Any]) -> str:
    """Markdown: efficiencies as median (lowest to highest of the rounds), and what limits them."""
    lines = [
        "| work | n | weak scaling | of that lost to each other | to messages | strong scaling | to messages "
        "| gradients | their sum alone |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, of in kept.items():
        rounds = of["rounds"]
        cells = [
            spread([r["alone"] / r["weak"] for r in rounds]),
            spread([1 - r["alone"] / r["apart"] for r in rounds]),
            spread([1 - r["apart"] / r["weak"] for r in rounds]),
            spread([r["alone"] / (2 * r["strong"]) for r in rounds]),
            spread([1 - r["apart_half"] / r["strong"] for r in rounds]),
            f"{rounds[0]['mebibytes']:.1f} MiB",
            f"{statistics.median(r['all_reduce'] for r in rounds):.2f} ms",
        ]
        lines.append(f"| {name} | {len(rounds)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.0%} ({min(values):.0%} to {max(values):.0%})"


if __name__ == "__main__":
    worker() if sys.argv[1:2] == ["worker"] else main()
