"""How well the default command learns, on real data, within a time: each run a fresh process, three seeds.

    python -m bench.quality                              # everything; well over an hour on two cores
    python -m bench.quality --only adult iris --seeds 0
    python -m bench.quality --only sst2 --model lstm     # another model than the task's default
    python -m bench.quality --show                       # the table of what was measured so far

Seconds are of the whole command: starting Python, reading, training, judging, writing the report. Results are kept in
bench/results/quality.json, a run at a time, so that the table can be measured piece by piece.

Beside the run stands what its report holds it against: the trivial answer, and the strong simple rival.

Where the goal is set by gradient-boosted trees, scikit-learn's HistGradientBoosting with its own defaults gets the
columns and rows of our run, those that we validate on included. ETTh1 follows the standard protocol: horizon 96, all
variables, 12, 4 and 4 months, standardised with the training part. tiny-shakespeare is judged on its last tenth, of
which the first half chose the best epoch and the second did not: "loss" is that of both together, in nats a character.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import records

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "quality.json"


@dataclass(frozen=True)
class Work:
    """One row of the table: what to learn from, with which options, and what must be reached."""

    source: str  # below the data folder, or a bundled name
    goals: dict[str, float | None]  # scores and what they must reach; None is set by the trees
    options: tuple[str, ...] = ()
    seconds: float = 900.0
    slack: float = 0.0  # how much worse than the trees: absolute for an AUC, relative for an error
    part: str = "test"
    splits: dict[str, range] | None = None  # numbers of pictures, which lists beside a copy of them declare


ETT = ("--horizon", "96", "--splits", "360d,120d,120d")
FOLDS = ("--folds", "5")
WORK = {
    "digits": Work("digits", {"accuracy": 0.985}, seconds=60),
    "digits-embedding": Work(
        "digits", {"reconstruction_error": 0.12}, ("--task", "embedding", "--model", "autoencoder", "--code-dim", "8")
    ),
    "fashion-mnist-2m": Work("fashion-mnist", {"accuracy": 0.91}, ("--budget", "2m"), 120),
    "fashion-mnist": Work("fashion-mnist", {"accuracy": 0.93}, ("--budget", "8m"), 480),
    "adult": Work("adult/adult-train.csv", {"roc_auc": None}, ("--test", "adult/adult-test.csv"), slack=0.01),
    "telco-churn": Work("telco-churn/Telco-Customer-Churn.csv", {"roc_auc": 0.84}),
    "california-housing": Work("california-housing/housing.csv", {"rmse": None}, slack=0.03),
    "sst2": Work("sst2", {"accuracy": 0.80}, seconds=300),
    "ett-h1": Work("ett-h1/ETTh1.csv", {"mse_standardized": 0.385, "mae_standardized": 0.40}, ETT),
    "daily-min-temperatures": Work("daily-min-temperatures/daily-min-temperatures.csv", {"mase": 1.0}),
    "airline-passengers": Work("airline-passengers/airline-passengers.csv", {"mase": 1.0}),
    "tiny-shakespeare": Work("tiny-shakespeare/input.txt", {"loss": 1.70}, ("--budget", "8m"), part="val and test"),
    "gaussian-ring": Work("gaussian-ring", {"modes_covered": 1.0, "near_modes": 0.9}),
    "shapes-with-boxes": Work("shapes-with-boxes", {"map_50": 0.95}),
    "bccd": Work("bccd", {"map_50": 0.85, "map_75": 0.45}, ("--budget", "5m"), 300),
    "em-membrane": Work(
        "em-membrane",
        {"pixel_accuracy": 0.925, "dice of membrane": 0.80},
        ("--mask-names", "membrane,interior", "--augment", "flip,turn,zoom,colour", "--epochs", "80"),
        180,
        splits={"train": range(13), "val": range(13, 16), "test": range(16, 20)},
    ),
    "shapes-with-masks": Work("shapes-with-masks", {"mean_iou": 0.80}),
    "iris": Work("iris", {"accuracy": 0.95}, FOLDS, part="cross_validation"),
    "wine": Work("wine", {"accuracy": 0.97}, FOLDS, part="cross_validation"),
    "penguins": Work("penguins/penguins.csv", {"accuracy": 0.98}, FOLDS, part="cross_validation"),
}
HIGHER_IS_BETTER = (
    "accuracy", "roc_auc", "modes_covered", "near_modes", "map_50", "map_75", "mean_iou", "pixel_accuracy",
    "dice of membrane",
)  # fmt: skip


def main() -> None:
    asked = arguments()
    results = records.known(RESULTS)
    for name in [] if asked.show else asked.only:
        for seed in asked.seeds:
            run = measure(name, WORK[name], seed, asked.model, asked.data)
            records.keep(RESULTS, results, run, "data", "model", "seed")
            print(f"{name}, seed {seed}: {run['scores']} in {run['seconds']:.0f} s", flush=True)
    print(table(results))


def measure(name: str, work: Work, seed: int, model: str | None, data: Path) -> dict[str, Any]:
    """One command in a fresh process and a fresh run folder."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        words = [str(data / word) if (data / word).is_file() else word for word in work.options]
        words += ["--seed", str(seed), "--run", str(path), "--quiet", *(["--model", model] if model else [])]
        source = str(data / work.source) if (data / work.source).exists() else work.source
        source = with_lists(Path(source), Path(folder) / work.source, work.splits) if work.splits else source
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "deepglass", "train", source, *words], check=True)
        seconds = time.perf_counter() - started
        metrics, config = (json.loads((path / f"{file}.json").read_text()) for file in ("metrics", "config"))
        trees = score_of_trees(path, seed, source, words) if None in work.goals.values() else None
        epochs = len(json.loads((path / "history.json").read_text())["epochs"])
    return {
        "data": name,
        "model": config["model"],
        "seed": seed,
        "scores": {score: score_of(metrics, work, score) for score in work.goals},
        "baseline": {score: baseline_of(metrics["baseline"], score) for score in work.goals},
        "rival": {score: baseline_of(metrics.get("rival", {}), score) for score in work.goals if " of " not in score},
        "trees": trees,
        "epochs": epochs,
        "seconds": round(seconds, 1),
    }


def with_lists(source: Path, copy: Path, splits: dict[str, range]) -> str:
    """A copy of a folder of numbered pictures with a list of names for each split."""
    shutil.copytree(source, copy)
    for split, numbers in splits.items():
        (copy / f"{split}.txt").write_text("".join(f"{number:02}\n" for number in numbers))
    return str(copy)


def score_of(metrics: dict[str, Any], work: Work, score: str) -> float:
    """A score, weighted by tokens where it is that of two parts together; "dice of membrane" is that of one class."""
    parts = [metrics[part] for part in work.part.split(" and ")]
    if " of " in score:
        return of_class(parts[0], score)
    weights = [part["details"].get("tokens", 1) for part in parts]
    return sum(part[score]["value"] * n for part, n in zip(parts, weights, strict=True)) / sum(weights)


def baseline_of(baseline: dict[str, Any], score: str) -> float | None:
    """The same score of the trivial answer."""
    if " of " in score:
        return of_class(baseline, score)
    return (baseline.get(score) or {}).get("value")


def of_class(result: dict[str, Any], score: str) -> float:
    """ "dice of membrane" from the table of the classes."""
    name, label = score.split(" of ")
    return next(row[name] for row in result["details"]["per_class"] if row["class"] == label)


def score_of_trees(path: Path, seed: int, source: str, words: list[str]) -> float:
    """HistGradientBoosting on the columns and rows of a run."""
    import numpy as np
    import pandas as pd
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.metrics import roc_auc_score, root_mean_squared_error

    import deepglass as dg
    from deepglass.data.config import DataConfig
    from deepglass.data.reading.source import read

    run = dg.load(path)
    own_test = words[words.index("--test") + 1] if "--test" in words else None
    frame = read(source, DataConfig(test=own_test)).frame
    X, y = frame[run.task.preprocessor.columns], frame[run.task.target]
    test = run.folder.read_outputs()["ids"]
    learn = np.setdiff1d(np.arange(len(frame)), test)
    if run.task.name == "tabular-regression":
        model = HistGradientBoostingRegressor(random_state=seed).fit(X.iloc[learn], y.iloc[learn])
        return float(root_mean_squared_error(y.iloc[test], model.predict(X.iloc[test])))
    codes = pd.Categorical(y, categories=run.task.classes).codes
    model = HistGradientBoostingClassifier(random_state=seed).fit(X.iloc[learn], codes[learn])
    return float(roc_auc_score(codes[test], model.predict_proba(X.iloc[test])[:, 1]))


def goal_of(work: Work, score: str, trees: list[float]) -> float:
    """What must be reached: fixed, or a little worse than the trees."""
    goal = work.goals[score]
    if goal is not None:
        return goal
    mean = statistics.mean(trees)
    return mean - work.slack if score in HIGHER_IS_BETTER else mean * (1 + work.slack)


def table(results: dict[str, Any]) -> str:
    """Mean, spread and worst over the seeds as a Markdown table, with the hardware and versions."""
    where = results["environment"]
    lines = [
        f"{where['cpu']}, {where['cores']} cores; Python {where['python']}, PyTorch {where['torch']}, "
        f"scikit-learn {where['scikit-learn']}.",
        "",
        "| data | model | score | n | mean ± spread | worst | goal | reached | seconds | baseline | trees |",
        "|---|---|---|--:|--:|--:|--:|---|--:|--:|--:|",
    ]
    for name, work in WORK.items():
        for model in sorted({run["model"] for run in results["runs"] if run["data"] == name}):
            runs = [run for run in results["runs"] if (run["data"], run["model"]) == (name, model)]
            lines += [row(name, work, score, model, runs) for score in work.goals]
    return "\n".join(lines)


def row(name: str, work: Work, score: str, model: str, runs: list[dict[str, Any]]) -> str:
    """One line of the table."""
    values, trees = [run["scores"][score] for run in runs], [run["trees"] for run in runs if run["trees"] is not None]
    is_higher_better = score in HIGHER_IS_BETTER
    goal, worst = goal_of(work, score, trees), (min if is_higher_better else max)(values)
    mean, slowest = statistics.mean(values), max(run["seconds"] for run in runs)
    is_reached = (mean >= goal if is_higher_better else mean <= goal) and slowest <= work.seconds
    spread = f" ± {number(statistics.stdev(values))}" if len(values) > 1 else ""
    cells = [
        name, model, score.replace("_", " "), len(runs), f"{number(mean)}{spread}", number(worst),
        f"{'≥' if is_higher_better else '≤'} {number(goal)}", "yes" if is_reached else "**no**", f"{slowest:.0f}",
        number(runs[0]["baseline"][score]), number(statistics.mean(trees)) if trees else "",
    ]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def number(value: float | None) -> str:
    """Four telling digits."""
    return "" if value is None else f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4f}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", nargs="+", choices=list(WORK), default=list(WORK))
    parser.add_argument("--model")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--show", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
