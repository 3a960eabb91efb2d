"""How well tables are learnt by the default command, beside gradient-boosted trees on the very same rows.

Every run is the plain `deepglass.train(file)`; scikit-learn's HistGradientBoosting gets the columns, the training and
validation rows and the test rows of that run, with its own defaults. The small flowers, wines and birds are judged by
5-fold cross-validation.

    python bench/tabular.py --data ../shared/data --json tabular.json
    python bench/tabular.py --only adult telco-churn --models tabm mlp linear --seeds 0
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from deepglass.api.train import train as train_run
from deepglass.core import environment
from deepglass.core.console import console
from deepglass.data.config import DataConfig
from deepglass.data.reading.source import read


@dataclass(frozen=True)
class Work:
    """One table and what must be reached on it."""

    source: str  # a file below --data, or a bundled name
    score: str
    goal: float | None = None  # fixed; otherwise it follows from the trees
    slack: float = 0.0  # how much worse than the trees it may be: absolute for a score, relative for an error
    folds: int | None = None
    options: dict[str, str] = field(default_factory=dict)


WORK = {
    "adult": Work("adult/adult-train.csv", "roc_auc", slack=0.01, options={"test": "adult/adult-test.csv"}),
    "telco-churn": Work("telco-churn/Telco-Customer-Churn.csv", "roc_auc", goal=0.84),
    "california-housing": Work("california-housing/housing.csv", "rmse", slack=0.03),
    "iris": Work("iris", "accuracy", goal=0.95, folds=5),
    "wine": Work("wine", "accuracy", goal=0.97, folds=5),
    "penguins": Work("penguins/penguins.csv", "accuracy", goal=0.98, folds=5),
}


def main() -> None:
    arguments = parse_arguments()
    console.mode = "quiet"
    hardware = environment.describe()
    print(f"{hardware['cpu']}, {os.cpu_count()} cores, {hardware['threads']} threads, torch {hardware['torch']}")
    print(f"scikit-learn {hardware['scikit-learn']}, seeds {arguments.seeds}\n{HEADER}")
    results = []
    for name in arguments.only:
        for model in arguments.models:
            results.append(measure(name, WORK[name], model, arguments.seeds, arguments.data))
            print(row_of(results[-1]), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"environment": hardware, "results": results}, indent=2))


def measure(name: str, work: Work, model: str, seeds: list[int], data: Path) -> dict[str, Any]:
    """Train once a seed; the score of each run, that of the trees, and the seconds of both."""
    ours, trees, seconds, tree_seconds = [], [], [], []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            run = train(work, model, seed, data, f"{folder}/run")
            seconds.append(time.perf_counter() - started)
            ours.append(score_of(run, work))
            if work.folds is None:
                started = time.perf_counter()
                trees.append(score_of_trees(run, work, seed, data))
                tree_seconds.append(time.perf_counter() - started)
    result = {"data": name, "model": model, "score": work.score, "seeds": seeds, "ours": ours, "trees": trees}
    times = {"seconds": seconds, "tree_seconds": tree_seconds}
    return result | times | {"goal": goal_of(work, trees), "reached": is_reached(work, ours, trees)}


def train(work: Work, model: str, seed: int, data: Path, folder: str) -> Any:
    """The plain command."""
    options = {option: str(data / file) for option, file in work.options.items()}
    return train_run(source_of(work, data), model=model, run=folder, seed=seed, folds=work.folds, **options)


def source_of(work: Work, data: Path) -> str:
    return str(data / work.source) if "/" in work.source else work.source


def score_of(run: Any, work: Work) -> float:
    """The test score, or its mean over the folds."""
    return run.metrics["cross_validation" if work.folds else "test"][work.score]["value"]


def score_of_trees(run: Any, work: Work, seed: int, data: Path) -> float:
    """HistGradientBoosting on the columns and rows of a run; what we validate on, it may learn from too."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.metrics import roc_auc_score, root_mean_squared_error

    options = {option: str(data / file) for option, file in work.options.items()}
    frame = read(source_of(work, data), DataConfig(**options)).frame
    X, y = frame[run.task.preprocessor.columns], frame[run.task.target]
    test = run.folder.read_outputs()["ids"]
    learn = np.setdiff1d(np.arange(len(frame)), test)
    if work.score == "rmse":
        model = HistGradientBoostingRegressor(random_state=seed).fit(X.iloc[learn], y.iloc[learn])
        return root_mean_squared_error(y.iloc[test], model.predict(X.iloc[test]))
    codes = pd.Categorical(y, categories=run.task.classes).codes
    model = HistGradientBoostingClassifier(random_state=seed).fit(X.iloc[learn], codes[learn])
    return float(roc_auc_score(codes[test], model.predict_proba(X.iloc[test])[:, 1]))


def goal_of(work: Work, trees: list[float]) -> float:
    """What the mean over the seeds must reach."""
    if work.goal is not None:
        return work.goal
    mean = statistics.mean(trees)
    return mean * (1 + work.slack) if work.score == "rmse" else mean - work.slack


def is_reached(work: Work, ours: list[float], trees: list[float]) -> bool:
    mean, goal = statistics.mean(ours), goal_of(work, trees)
    return mean <= goal if work.score == "rmse" else mean >= goal


HEADER = (
    f"{'data':20} {'model':11} {'score':9} {'ours':>20} {'trees':>20} {'goal':>9} {'':8} {'seconds':>8} {'trees':>6}"
)


def row_of(result: dict[str, Any]) -> str:
    """One line of the table: mean ± spread over the seeds."""
    seconds, tree_seconds = (np.mean(result[key]) if result[key] else np.nan for key in ("seconds", "tree_seconds"))
    return (
        f"{result['data']:20} {result['model']:11} {result['score']:9} {spread_of(result['ours']):>20} "
        f"{spread_of(result['trees']):>20} {result['goal']:9.5g} {'reached' if result['reached'] else 'MISSED':8} "
        f"{seconds:8.1f} {tree_seconds:6.1f}"
    )


def spread_of(values: list[float]) -> str:
    if not values:
        return "–"
    return f"{statistics.mean(values):.5g} ± {statistics.stdev(values) if len(values) > 1 else 0.0:.2g}"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data")
    parser.add_argument("--only", nargs="+", choices=list(WORK), default=list(WORK))
    parser.add_argument("--models", nargs="+", default=["tabm"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
