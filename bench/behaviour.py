"""What comes next in a session, beside the last event once more, what is popular, and Markov chains.

    python -m bench.behaviour                                   # both data sets, three seeds
    python -m bench.behaviour --cases shop --seeds 0 --model sasrec
    python -m bench.behaviour --show                            # what was measured so far

Two cases. *worldcup*: sessions of the web site of the football World Cup of 1998; the first 9,000 are learnt from (a
tenth of them chooses the epoch), the last 1,000 are the test, at each of their 32,071 clicks. *shop*: generated visits
(`shop-sessions`) of which the best possible guess is known; `of_optimum` is the share of its right answers on the same
test that the network reaches. Pages that training saw less than twice are misses for everybody. Chains are smoothed
(Kneser-Ney) and learn from the sessions of the network. Differences are of the same sessions, with 95 % intervals of
the paired bootstrap over sessions. Seconds are the processor's, of one training with its report. Results are kept in
bench/results/behaviour.json.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import deepglass as dg
from bench import records
from deepglass.core.console import console
from deepglass.data.datasets import shop_sessions
from deepglass.evaluate.metrics.next_event import NAMES, mean_of, shares_of_total
from deepglass.evaluate.paired import paired_bootstrap
from deepglass.rivals import Time
from deepglass.rivals.next_event import Chains, popular, repeated
from deepglass.runs.job import plan_job

RESULTS = Path(__file__).resolve().parent / "results" / "behaviour.json"
LEARNT = 9000  # sessions of worldcup that are not the test
USUAL = "gru"
CASES = ("worldcup", "shop")


def main() -> None:
    asked = arguments()
    results, console.mode = records.known(RESULTS), "quiet"
    for case in [] if asked.show else asked.cases:
        for seed in asked.seeds:
            records.keep(RESULTS, results, measure(asked, case, seed), "case", "model", "seed")
    for run in results["runs"]:
        print(said(run))


def said(run: dict[str, Any]) -> str:
    """The scores of a run, and how it stands beside the others."""
    others = ", ".join(f"{name} {one['hit_at_1']:.1%}" for name, one in run["rivals"].items())
    optimum = f", {run['of_optimum']:.1%} of the optimum" if "of_optimum" in run else ""
    own = f"hit@1 {run['hit_at_1']:.1%}, @5 {run['hit_at_5']:.1%}, @10 {run['hit_at_10']:.1%}{optimum}"
    return f"{run['case']}, {run['model']}, seed {run['seed']}: {own} ({others}); {run['cpu_seconds']:.0f} CPU s"


def measure(asked: argparse.Namespace, case: str, seed: int) -> dict[str, Any]:
    """One training, and the same sessions by simple ways."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, options = sources(asked.data, case, folder)
        options |= {"seed": seed, "threads": 1}
        before = records.processor_seconds()
        run = dg.train(source, run=folder / "run", task="next-event", model=asked.model, **options)
        seconds = records.processor_seconds() - before
        ours = run.folder.read_outputs()
        found = {
            "parameters": sum(parameter.numel() for parameter in run.network.parameters()),
            "epochs": len(run.history),
            "intervals": {part: run.metrics["test"][part] for part in NAMES},
        }
        job = plan_job(source, "next-event", asked.model, options)
        task, prepared = job.task, job.prepared
        others = simple(task, prepared)
        best = optimum(task, prepared) if case == "shop" else {}
    right = scores(ours["predictions"], ours["steps"])
    return {
        "case": case,
        "model": asked.model,
        "seed": seed,
        "sessions": len(ours["steps"]),
        "places": int(ours["steps"].sum()),
        "events": len(task.tokens) - 1,
        "cpu_seconds": seconds,
        **found,
        **right,
        **best,
        **({"of_optimum": right["hit_at_1"] / best["optimum"]} if best else {}),
        "rivals": {name: scores(one.predictions, one.extra["steps"]) for name, one in others.items()},
        **{f"over_{name}": over(ours, one) for name, one in others.items()},
    }


def sources(data: Path, case: str, folder: Path) -> tuple[Any, dict[str, Any]]:
    """What is learnt from, and with which options."""
    if case == "shop":
        return "shop-sessions", {}
    lines = (data / "worldcup-clicks" / "sessions.txt").read_text().splitlines(keepends=True)
    (folder / "train.txt").write_text("".join(lines[:LEARNT]))
    (folder / "test.txt").write_text("".join(lines[LEARNT:]))
    return folder / "train.txt", {"test": str(folder / "test.txt")}


def simple(task: Any, prepared: Any) -> dict[str, Any]:
    """Outputs of the simple ways on the test."""
    chains = Chains(prepared.train, len(task.tokens), Time(600.0))
    ways = {"popular": popular(task.inputs.counts), "repeat": repeated(task.inputs.counts)}
    ways |= {f"markov_{back}": chains.chances(back) for back in chains.orders}
    return {name: task.by(prepared.test, way) for name, way in ways.items()}


def optimum(task: Any, prepared: Any) -> dict[str, float]:
    """How often the best possible guess is right on the test, and on average over all visits that could be."""
    test = prepared.test
    parts = test.events.split(test.lengths.tolist())
    visits = [[task.tokens.name(i) for i in part.tolist()] for part in parts]
    right, expected = shop_sessions.optimum(visits)
    return {"optimum": right, "optimum_expected": expected}


def scores(predictions: np.ndarray, steps: np.ndarray) -> dict[str, float]:
    return dict(zip(NAMES, mean_of(predictions, steps).tolist(), strict=True))


def over(ours: dict[str, np.ndarray], theirs: Any) -> dict[str, Any]:
    """The differences of the same sessions."""
    a, b = (
        shares_of_total(ours["predictions"], ours["steps"]),
        shares_of_total(theirs.predictions, theirs.extra["steps"]),
    )
    found = {}
    for place, name in enumerate(NAMES):
        result = paired_bootstrap(a[:, place], b[:, place])
        found[name] = {**result["difference"], "p_value": result["p_value"]}
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", default=[*CASES], choices=CASES)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--model", default=USUAL)
    parser.add_argument("--data", type=Path, default=RESULTS.parents[3] / "shared" / "data")
    parser.add_argument("--show", action="store_true", help="only print what was measured")
    return parser.parse_args()


if __name__ == "__main__":
    main()
