"""Never seen, yet known? Kinds of creatures that no training has seen, and five groceries, by their descriptions.

    python -m bench.zero_shot                      # three seeds of every way; ten minutes on a core
    python -m bench.zero_shot --only creatures     # generated: 32 kinds, six of them unseen, others with every seed
    python -m bench.zero_shot --only groceries     # photographs: each of five kinds left out in turn
    python -m bench.zero_shot --show               # the tables of what was measured so far

Creatures: `deepglass train drawn-creatures --task zero-shot`, which draws other unseen kinds with every seed.

Groceries: the folder with the table below, MobileNet with its published weights, all of it frozen but the last layer;
of the kind that is left out no picture is in the training, and its 15 test pictures are named among all five kinds.
With "1 to choose by" another kind is left out of the training to choose the calibration by, so that three are learnt.

Results are kept in bench/results/zero_shot.json.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import deepglass as dg
from bench import records
from deepglass.core import files
from deepglass.evaluate import intervals
from deepglass.evaluate.metrics import zero_shot

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "zero_shot.json"
DATA = ROOT.parent / "shared" / "data"
GROCERIES, WEIGHTS, MODEL = DATA / "grocery-store", DATA / "mobilenet-v1-025-imagenet", "mobilenet-v1-0.25"
WAYS, EPOCHS, LEAST = ("contrastive", "attributes", "ranking"), 30, 0.9
TABLE = """class,yellow,orange,green,brown,long,round,pointed,rough
Avocado,0,0,1,0.4,0.3,0.7,0.3,0.8
Banana,1,0,0.2,0.1,1,0,0.3,0
Carrots,0,1,0.1,0,1,0,1,0.3
Kiwi,0,0,0.2,1,0.2,0.8,0,1
Lemon,1,0,0.1,0,0.3,0.8,0.6,0.2
"""
NAMED = ("unseen_accuracy", "unseen_of_all", "seen_of_all", "harmonic_mean")


def creatures(seed: int) -> Iterator[dict[str, Any]]:
    """Every way, on the unseen kinds of a seed."""
    for way in WAYS:
        with tempfile.TemporaryDirectory() as folder:
            before = records.processor_seconds()
            run = dg.train(
                "drawn-creatures", run=Path(folder) / "run", task="zero-shot", seed=seed, epochs=EPOCHS,
                compatibility=way, threads=1, precision="float32",
            )  # fmt: skip
            seconds = records.processor_seconds() - before
            test = run.metrics["test"]
            yield {
                "seed": seed,
                "way": way,
                **{name: test[name] for name in NAMED},
                "rival": {name: run.metrics["rival"][name]["value"] for name in NAMED},
                "unseen": test["details"]["unseen"],
                "pictures": test["count"],
                "cpu_seconds": round(seconds, 1),
            }


def groceries(seed: int) -> Iterator[dict[str, Any]]:
    """Each kind left out in turn; without a class to choose by, and with one."""
    for choosing in (0, 1):
        before, right, asked = records.processor_seconds(), 0, 0
        kinds: dict[str, float] = {}
        seen: list[float] = []
        for kind in sorted(path.name for path in (GROCERIES / "train").iterdir() if path.is_dir()):
            test = without(kind, seed, choosing)
            kinds[kind] = test["unseen_of_all"]["value"]
            count = next(row["count"] for row in test["details"]["by_class"] if row["class"] == kind)
            right, asked = right + round(kinds[kind] * count), asked + count
            seen.append(test["seen_of_all"]["value"])
        low, high = intervals.wilson(right, asked)
        yield {
            "seed": seed,
            "choosing": choosing,
            "unseen_of_all": {"value": right / asked, "low": low, "high": high},
            "seen_of_all": float(np.mean(seen)),
            "harmonic_mean": zero_shot.harmonic_mean(float(np.mean(seen)), right / asked),
            "kinds": kinds,
            "photographs": asked,
            "chance": 0.2,
            "cpu_seconds": round(records.processor_seconds() - before, 1),
        }


def without(kind: str, seed: int, choosing: int) -> dict[str, Any]:
    """The scores where a kind is left out of the training."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "groceries"
        for part in ("train", "test"):
            shutil.copytree(GROCERIES / part, place / part)
        for photograph in (place / "train" / kind).iterdir():
            photograph.unlink()
        one = next((place / "test" / kind).iterdir())  # a folder of the training names the kind; the task tests by it
        one.rename(place / "train" / kind / one.name)
        (place / "descriptions.csv").write_text(TABLE)
        run = dg.train(
            place, run=Path(folder) / "run", task="zero-shot", model=MODEL, pretrained=str(WEIGHTS), unseen=kind,
            choosing=choosing, freeze="all", augment="none", epochs=20, seed=seed, threads=1, precision="float32",
        )  # fmt: skip
        return run.metrics["test"]


def table(results: dict[str, Any]) -> str:
    """Means over the seeds, and every record's interval."""
    where = results["environment"]
    lines = [f"{where['cpu']}, {where['cores']} cores; Python {where['python']}, PyTorch {where['torch']}."]
    lines += ["", "| way | seed | unseen among themselves | among all | seen among all | harmonic mean | rival | s |"]
    lines += ["|---|--:|--:|--:|--:|--:|--:|--:|"]
    for one in results.get("creatures", []):
        cells = " | ".join(_said(one[name]) for name in NAMED)
        rival = f"{one['rival']['unseen_accuracy']:.1%}"
        lines.append(f"| {one['way']} | {one['seed']} | {cells} | {rival} | {one['cpu_seconds']:.0f} |")
    for way in WAYS:
        values = [one["unseen_accuracy"]["value"] for one in results.get("creatures", []) if one["way"] == way]
        if values:
            reached = "reached" if np.mean(values) >= LEAST else "**not reached**"
            lines += ["", f"{way}: {np.mean(values):.1%} of {len(values)} seeds; {LEAST:.0%} is {reached}."]
    for one in results.get("groceries", []):
        each = ", ".join(f"{kind} {value:.0%}" for kind, value in one["kinds"].items())
        said = f"{_said(one['unseen_of_all'])} of {one['photographs']} photographs of a kind never seen, among five"
        about = f"Groceries, seed {one['seed']}, {one['choosing']} to choose by"
        seen = f"of the four others {one['seen_of_all']:.1%}, harmonic mean {one['harmonic_mean']:.1%}"
        lines += ["", f"{about}: {said} (chance 20 %); {seen}. {each}."]
    return "\n".join(lines)


def _said(entry: dict[str, float]) -> str:
    return f"{entry['value']:.1%} ({entry['low']:.1%} to {entry['high']:.1%})"


if __name__ == "__main__":
    if "--show" in sys.argv:
        print(table(files.read_json(RESULTS)))
    else:
        records.measure_parts(RESULTS, {"creatures": creatures, "groceries": groceries}, __doc__ or "")
