"""MovieLens (latest, small): what 610 people rated next, of 9,700 films; against EASE and what is popular.

    python -m bench.recommendation                                   # last one and last five out, three seeds
    python -m bench.recommendation --leave-out 1 --seeds 0 --model mult-dae
    python -m bench.recommendation --show                            # what was measured so far

The last event of every user, or the last five, are the test; as many before them choose the epoch. Each is looked for
among all films that the user has not rated. Every rating counts as interest. EASE learns from all that comes before
the test, its penalty chosen on validation (0.041 and a hit rate of 0.085 with the last one out). Differences are of the
same users, with 95 % intervals of the paired bootstrap. Seconds are the processor's, of one training with its report.
Results are kept in bench/results/recommendation.json.

Four fifths of the ratings follow the one before within a minute: the order is that of the pages that a user was shown,
and a network that sees the order knows it. What is gained over EASE is gained by that, and says little of taste.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import deepglass as dg
from bench import records
from deepglass.core.console import console
from deepglass.evaluate.metrics.recommendation import hits, ndcg
from deepglass.evaluate.paired import paired_bootstrap
from deepglass.rivals import Time
from deepglass.runs.job import plan_job

RESULTS = Path(__file__).resolve().parent / "results" / "recommendation.json"
CASES = {1: "last-one", 5: "last-five"}
USUAL = "item-autoencoder"
MEASURES = {"ndcg": ndcg, "hit_rate": hits}


def main() -> None:
    asked = arguments()
    results, console.mode = records.known(RESULTS), "quiet"
    for leave_out in [] if asked.show else asked.leave_out:
        for seed in asked.seeds:
            records.keep(RESULTS, results, measure(asked, leave_out, seed), "case", "seed")
    for run in results["runs"]:
        print(f"{run['case']}, seed {run['seed']}: {said(run['ndcg'], run)}; {run['cpu_seconds']:.0f} CPU s")


def said(value: float, run: dict[str, Any]) -> str:
    """The scores of a run, and how it stands beside the others."""
    others = [
        f"{run[f'over_{name}']['ndcg']['value']:+.4f} over {name} "
        f"({run[f'over_{name}']['ndcg']['low']:+.4f} to {run[f'over_{name}']['ndcg']['high']:+.4f})"
        for name in ("ease", "popularity")
    ]
    return f"nDCG@10 {value:.4f}, hit rate {run['hit_rate']:.4f}; nDCG@10 " + ", ".join(others)


def measure(asked: argparse.Namespace, leave_out: int, seed: int) -> dict[str, Any]:
    """One training, and the same users by EASE and by popularity."""
    source = asked.data / "movielens-latest-small" / "ratings.csv"
    options: dict[str, Any] = {"leave_out": leave_out, "seed": seed, "threads": 1}
    with tempfile.TemporaryDirectory() as folder:
        before = records.processor_seconds()
        run = dg.train(source, run=Path(folder) / "run", task="recommendation", model=asked.model, **options)
        seconds = records.processor_seconds() - before
        ours = run.folder.read_outputs()["predictions"]
        test, epochs = run.metrics["test"], len(run.history)
        own = {"parameters": sum(parameter.numel() for parameter in run.network.parameters())}
    job = plan_job(source, "recommendation", asked.model, options)
    task: Any = job.task
    simple = task.simple_answers(job.prepared, Time(600.0))
    popular = task.popular(job.prepared)
    return {
        "case": CASES.get(leave_out, f"last-{leave_out}") + ("" if asked.model == USUAL else f" {asked.model}"),
        "model": asked.model,
        "seed": seed,
        "users": len(ours),
        "items": test["details"]["items"],
        "epochs": epochs,
        **own,
        "cpu_seconds": seconds,
        **{name: float(of(ours).mean()) for name, of in MEASURES.items()},
        "intervals": {"ndcg": test["ndcg_at_10"], "hit_rate": test["hit_rate_at_10"]},
        "coverage": test["catalogue_coverage"]["value"],
        "popular_share": test["details"]["popular_share"],
        "rivals": {
            name: {measure: float(of(ranks).mean()) for measure, of in MEASURES.items()}
            for name, ranks in (("ease", simple[1].predictions), ("popularity", popular.predictions))
        },
        "penalty": simple[0],
        "over_ease": over(ours, simple[1].predictions),
        "over_popularity": over(ours, popular.predictions),
    }


def over(ours: np.ndarray, theirs: np.ndarray) -> dict[str, Any]:
    """The differences of the same users."""
    found = {}
    for name, of in MEASURES.items():
        result = paired_bootstrap(of(ours), of(theirs))
        found[name] = {**result["difference"], "p_value": result["p_value"]}
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--leave-out", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--model", default=USUAL)
    parser.add_argument("--data", type=Path, default=RESULTS.parents[3] / "shared" / "data")
    parser.add_argument("--show", action="store_true", help="only print what was measured")
    return parser.parse_args()


if __name__ == "__main__":
    main()
