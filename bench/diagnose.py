"""Planted faults and healthy twins: is the fault found, its cause named first, and nobody accused who is healthy?

    python -m bench.diagnose                        # all of it
    python -m bench.diagnose --half shown --only "zero_grad forgotten" --show

`held_out` faults were written before the rules and were kept out of their making; `shown` ones came with the rules;
`new` ones are over scripts of other styles and were written before it was looked at how the rules answer them.
Each script runs in a process of its own, forked from one that has PyTorch in memory already: seconds are those of
the script and of the questions. Also: what `train --watch` costs a step, and wrong labels that are found.
"""

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.faults import Fault, RunFault
from bench.faults.held_out import HELD_OUT, HELD_OUT_RUNS
from bench.made_with import made_with
from deepglass.core import files
from deepglass.core.console import console

RESULTS = Path(__file__).resolve().parent / "results" / "diagnose.json"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
SECONDS = 60.0
NO_TIME = "no time was left"


def halves() -> dict[str, tuple[Fault | RunFault, ...]]:
    """Faults by the time when they were written."""
    from bench.faults.new import NEW, NEW_RUNS
    from bench.faults.shown import SHOWN, SHOWN_RUNS

    return {
        "shown": (*SHOWN, *SHOWN_RUNS),
        "held_out": (*HELD_OUT, *HELD_OUT_RUNS),
        "new": (*NEW, *NEW_RUNS),
    }


def main() -> None:
    """Diagnose every fault and every twin; keep and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--half", choices=("shown", "held_out", "new", "all"), default="all")
    parser.add_argument("--only", help="faults whose name holds this text; nothing is kept then")
    parser.add_argument("--show", action="store_true", help="print every finding")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of a diagnosis, on the clock")
    parser.add_argument("--json", type=Path, default=RESULTS, help="where the result goes")
    parser.add_argument(
        "--share", type=int, nargs=2, default=(0, 1), metavar=("I", "N"), help="every N-th fault from I"
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    asked = parser.parse_args()
    kept = files.read_json(asked.json) if asked.json.exists() else {}
    console.mode = "silent"
    import sklearn.ensemble  # noqa: F401 - before forks
    import torch

    torch.set_num_threads(1)
    for part in asked.parts:
        if asked.only is None or part == "faults":
            for found in PARTS[part](asked):
                kept[part] = found
                if asked.only is None:
                    files.write_json(asked.json, kept | {"environment": made_with()})


# -- faults ---------------------------------------------------------------------------------------------------------


def faults(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Both halves, apart; after every fault what is known so far."""
    summary: dict[str, Any] = {}
    for half, members in halves().items():
        if asked.half not in (half, "all"):
            continue
        records = []
        for fault in members[asked.share[0] :: asked.share[1]]:
            if asked.only is None or asked.only in fault.name:
                records.append(one(fault, asked))
                summary[half] = summed(records) | {"of": len(members), "faults": records}
                yield summary
        print(half, {name: value for name, value in summary.get(half, {}).items() if name != "faults"})


def one(fault: Fault | RunFault, asked: argparse.Namespace) -> dict[str, Any]:
    """A fault and its twin."""
    told = {}
    for name, sick in (("sick", True), ("healthy", False)):
        found = diagnosed(fault, sick, asked.seconds)
        told[name] = [finding["cause"] for finding in found.get("findings", [])]
        told[f"{name} seconds"] = round(found.get("cpu", 0.0), 1)
        if late := [q for q, why in found.get("left_out", {}).items() if why == NO_TIME]:
            told[f"{name} not asked"] = late  # the machine was too busy: says nothing about the questions
        if found.get("error"):
            told[f"{name} error"] = found["error"]
        if asked.show:
            _show(name, found)
    causes = fault.causes
    told |= {
        "detected": bool(told["sick"]),
        "named": any(cause in causes for cause in told["sick"]),
        "first": bool(told["sick"]) and told["sick"][0] in causes,
        "alarm": bool(told["healthy"]),
    }
    mark = (
        "ok   "
        if told["first"] and not told["alarm"]
        else "FALSE"
        if told["alarm"]
        else "named"
        if told["named"]
        else "miss "
    )
    print(mark, fault.name, "|", ", ".join(told["sick"]) or "-", "| twin:", ", ".join(told["healthy"]) or "-",
          f"| {told['sick seconds']}, {told['healthy seconds']} s", flush=True)  # fmt: skip
    return {"name": fault.name, "kind": fault.kind, "causes": list(causes)} | told


def _show(name: str, found: dict[str, Any]) -> None:
    print(f"  {name}: {found.get('error', '')} {found.get('facts')}")
    for finding in found.get("findings", []):
        print(f"    {finding['cause']} [{finding['kind']} {finding['strength']:.2f}] {finding['sentence']}")
    for question, why in found.get("left_out", {}).items():
        print(f"    left out {question}: {why}")


def summed(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Shares of detected, named first, and of twins that are accused."""
    count = max(1, len(records))
    shares = {name: sum(r[name] for r in records) / count for name in ("detected", "named", "first", "alarm")}
    longest = max((r[f"{which} seconds"] for r in records for which in ("sick", "healthy")), default=0.0)
    return {"count": len(records), **shares, "longest CPU seconds": longest}


def diagnosed(fault: Fault | RunFault, sick: bool, seconds: float) -> dict[str, Any]:
    """The diagnosis as plain data, made in a fork."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        work = _of_script if isinstance(fault, Fault) else _of_run
        return forked(lambda: work(fault, sick, folder, seconds), folder)


def _of_script(fault: Any, sick: bool, folder: Path, seconds: float) -> dict[str, Any]:
    from deepglass.diagnosis.script_child import diagnose_script

    script = folder / "train.py"
    script.write_text(fault.text(sick), encoding="utf-8")
    return diagnose_script(str(script), [], seconds, 2000)


def _of_run(fault: Any, sick: bool, folder: Path, seconds: float) -> dict[str, Any]:
    import numpy as np

    import deepglass as dg
    from deepglass.diagnosis.wording import record

    source = fault.data(np.random.default_rng(fault.seed), folder, sick)
    options = fault.options if sick or not fault.twin_options else fault.twin_options
    run = dg.train(source, run=folder / "run", seed=fault.seed, **options)
    return record(run.diagnose(seconds=seconds))


def forked(work: Callable[[], dict[str, Any]], folder: Path) -> dict[str, Any]:
    """What it gives, from a process of its own, with the processor seconds that it took."""
    answer = folder / "answer.json"
    child = os.fork()
    if child == 0:
        status = 1
        try:
            sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - until the process ends
            began = time.process_time()
            try:
                content = work()
            except Exception as error:
                content = {"error": f"{type(error).__name__}: {error}"}
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            content["cpu"] = time.process_time() - began + used.ru_utime + used.ru_stime
            answer.write_text(json.dumps(content, default=str))
            status = 0
        finally:
            os._exit(status)
    os.waitpid(child, 0)
    return json.loads(answer.read_text()) if answer.exists() else {"error": "the process died"}


# -- wrong labels, and what watching costs --------------------------------------------------------------------------


def labels(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """A tenth of the labels is changed; and the errors of the CIFAR-10 test set, from the published probabilities."""
    import numpy as np
    from sklearn.datasets import load_breast_cancer, load_digits, load_wine

    from deepglass.diagnosis.label_errors import find_wrong_labels

    found: dict[str, Any] = {}
    for name, load in (("digits", load_digits), ("breast-cancer", load_breast_cancer), ("wine", load_wine)):
        X, y = load(return_X_y=True)
        records = []
        for seed in range(3):
            rng = np.random.default_rng(seed)
            wrong = rng.random(len(y)) < 0.1
            given = np.where(wrong, (y + rng.integers(1, y.max() + 1, len(y))) % (y.max() + 1), y)
            suspects = find_wrong_labels(X, given, seed)
            hits = int(wrong[suspects].sum())
            records.append({"seed": seed, "precision": hits / len(suspects), "recall": hits / int(wrong.sum())})
        found[name] = records
        print(name, records)
        yield found
    if (folder := SHARED / "cifar10-label-errors").is_dir():
        yield found | {"cifar10-label-errors": _published(folder)}


def _published(folder: Path) -> dict[str, float]:
    """Average precision of our order and of cleanlab's, over the 10,000 test labels with their 54 known errors."""
    import csv

    import numpy as np
    from cleanlab.rank import get_label_quality_scores
    from sklearn.metrics import average_precision_score

    from deepglass.diagnosis.label_errors import scores, wrong_labels

    P = np.load(folder / "cleanlab" / "cifar10_test_set_pyx.npy")
    given = np.load(folder / "cleanlab" / "cifar10_test_set_original_labels.npy").astype(int)
    with (folder / "labels.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["majority"] not in ("", "given")]
    wrong = np.zeros(len(given), dtype=bool)
    wrong[[int(row["test_index"]) for row in rows]] = True
    theirs = {m: get_label_quality_scores(given, P, method=m) for m in ("self_confidence", "normalized_margin")}
    record = {f"cleanlab, {m}": float(average_precision_score(wrong, -s)) for m, s in theirs.items()}
    record |= {"ours": float(average_precision_score(wrong, -scores(P, given))), "errors": int(wrong.sum())}
    record |= {"doubted": len(wrong_labels(P, given)), "of the errors": int(wrong[wrong_labels(P, given)].sum())}
    print(record)
    return record


def watching(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Processor seconds of the same steps with and without the watcher, in turn; the median of the ratios."""
    import statistics

    import torch
    from torch import nn

    from deepglass.diagnosis.watching import WarningWatcher

    ratios = []
    for _ in range(7):
        spent = []
        for is_watched in (False, True):
            torch.manual_seed(0)
            model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))
            optimizer, watcher = torch.optim.AdamW(model.parameters()), WarningWatcher(model, console)
            x, y = torch.randn(64, 64), torch.randint(10, (64,))
            began = time.process_time()
            for step in range(1, 401):
                loss = nn.functional.cross_entropy(model(x), y)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                value = float(loss.detach())
                if is_watched:
                    watcher.step(step, 400, value, 0.0)
            spent.append(time.process_time() - began)
        ratios.append(spent[1] / spent[0])
    found = {"ratio": statistics.median(ratios), "ratios": ratios, "steps": 400}
    print(found)
    yield found


PARTS: dict[str, Callable[[argparse.Namespace], Iterator[Any]]] = {
    "watching": watching,
    "labels": labels,
    "faults": faults,
}

if __name__ == "__main__":
    main()
