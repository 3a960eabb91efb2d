"""How firm adversarial training makes a network: the bundled digits by the size of the change, and fashion-mnist.

    python -m bench.robust                         # digits and fashion-mnist, seeds 0 to 2; hours on two busy cores
    python -m bench.robust --only digits --seeds 0

digits    the default network, with and without --adversarial, every test image under the worst of all attacks
fashion   the same small network for as many passes as plain PGD-7 training (8 per step): ours with fewer steps of the
          attack and more epochs; --rows of the training images

Epochs are fixed, so nothing depends on how fast the machine is. An image counts as right only if it withstands all
attacks of `audit/attacked.py`: random points, FGSM, PGD on the loss and on the margin with two starts, Square.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch

import deepglass as dg
from bench.made_with import made_with
from deepglass.audit.attacked import ClassVictim, stand
from deepglass.core import files
from deepglass.core.console import console
from deepglass.runs.again import own_job

RESULTS = Path(__file__).resolve().parent / "results" / "robust.json"
FASHION = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "fashion-mnist"
SIZES = (0.05, 0.1, 0.2, 0.3)
DIGITS_EPOCHS, FASHION_EPOCHS, FASHION_TESTED = 30, 4, 1000
PASSES = {1: 4, 3: 8, 7: 16}  # forward and backward through the network in a step, by the steps of its attack


def main() -> None:
    """Measure what was asked for; each part is kept as soon as it is there."""
    parts = {"digits": digits, "fashion": fashion}
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])  # type: ignore[union-attr]
    parser.add_argument("--only", nargs="+", choices=parts, default=list(parts))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--rows", type=int, default=60_000, help="training images of fashion-mnist")
    parser.add_argument("--epochs", type=int, default=DIGITS_EPOCHS, help="of the digits")
    parser.add_argument("--trained-for", nargs="+", type=float, default=[0.0, 0.1, 0.2, 0.3], help="digits: ε")
    parser.add_argument("--runs", type=Path, default=Path("runs/robust"))
    asked, kept = parser.parse_args(), files.read_json(RESULTS) if RESULTS.exists() else {}
    console.mode = "quiet"
    for name in asked.only:
        for seed in asked.seeds:
            for record in parts[name](seed, asked):
                print(record, flush=True)
                kept[name] = [one for one in kept.get(name, []) if _asked(one) != _asked(record)] + [record]
                kept["environment"] = made_with()
                files.write_json(RESULTS, kept)


def _asked(record: dict[str, Any]) -> tuple[Any, ...]:
    """What was measured: another measurement of the same takes its place, all others stay."""
    return tuple(record.get(name) for name in ("seed", "trained_for", "steps"))


def digits(seed: int, asked: Any) -> Any:
    """Records of networks that were trained for each of several ε; 0 is a plain one."""
    for epsilon in asked.trained_for:
        options = {"adversarial": epsilon} if epsilon else {}
        run = dg.train(
            "digits", run=asked.runs / f"digits-{epsilon}-{seed}", seed=seed, epochs=asked.epochs, threads=1,
            precision="float32", device="cpu", **options,
        )  # fmt: skip
        yield {"seed": seed, "trained_for": epsilon, "epochs": asked.epochs, **withstood(run, None, seed)}


def fashion(seed: int, asked: Any) -> Any:
    """Records of plain PGD-7 training, and of fewer steps for as many passes."""
    for steps in (7, 3, 1):
        epochs = FASHION_EPOCHS * PASSES[7] / PASSES[steps]
        run = dg.train(
            str(FASHION), run=asked.runs / f"fashion-{steps}-{seed}", seed=seed, epochs=epochs, model="lenet5",
            max_rows=asked.rows, adversarial=0.1, adversarial_steps=steps, augment="none", threads=1,
            precision="float32", device="cpu",
        )  # fmt: skip
        facts = {"seed": seed, "steps": steps, "epochs": epochs, "rows": asked.rows}
        yield facts | withstood(run, FASHION_TESTED, seed)


def withstood(run: Any, most: int | None, seed: int) -> dict[str, Any]:
    """Shares of right answers of test images: clean, and under the worst attack by size."""
    job = own_job(run)
    count = len(job.prepared.test)
    rows = torch.randperm(count, generator=torch.Generator().manual_seed(seed))[: most or count]
    victim = ClassVictim.of(run.task, run.model, job.prepared.test.batch(rows))
    assert victim is not None
    found = stand(victim, SIZES, seed)
    shares = {f"{one.epsilon:g}": round(one.share()["value"], 4) for one in found.curve}
    by_attack = {name: round(float(np.mean(right)), 4) for name, right in found.curve[1].by_attack.items()}
    return {
        "tested": len(rows), "clean": round(float(found.clean.mean()), 4), "robust": shares["0.1"], "by_size": shares,
        "by_attack": by_attack, "masked": found.masked,
    }  # fmt: skip


if __name__ == "__main__":
    main()
