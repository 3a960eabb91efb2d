"""What fairness and privacy cost, measured where others can repeat it.

    python -m bench.audit                      # everything that has its data; an hour on two busy cores
    python -m bench.audit --only private --seeds 0

private   DP-SGD beside Opacus at ε of 1.2, 3 and 7: the same network, settings, rows and epochs, on as many pictures
          of fashion-mnist as `PICTURES` says; the accuracy of both on the same held-out pictures
fair      adult with its own test file: a constraint on sex, by reweighing, group thresholds and in the loss; the gap
          and the accuracy of the constrained network beside those of the same network without. Chance has its share:
          the test holds 590 women above the line, so a classifier whose true rates are equal shows a gap of equal
          opportunity or odds of 0.018 on average, and one of at most 0.02 in 64 of 100 tests (46 where its thresholds
          were chosen on 12,000 other rows): look at the interval beside each gap
"""

import gzip
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

import deepglass as dg
from bench import records
from deepglass.core.run_folder import RunFolder
from deepglass.runs import fairness, fine_tuning
from deepglass.runs.blending import Answering
from deepglass.runs.job import plan_job

ROOT = Path(__file__).resolve().parents[1]
RESULTS, DATA = ROOT / "bench" / "results" / "audit.json", ROOT.parent / "shared" / "data"
EPSILONS, DELTA, CLIP = (1.2, 3.0, 7.0), 1e-5, 1.0
PICTURES, HELD_OUT, WATCHED, EPOCHS, BATCH, RATE = 5_000, 4_000, 1_000, 10, 250, 0.5


def main() -> None:
    """Measure what was asked for; each record is kept as soon as it is there."""
    records.measure_parts(RESULTS, {"private": private, "fair": fair}, str(__doc__))


Rows = tuple[torch.Tensor, torch.Tensor]

# -- private --------------------------------------------------------------------------------------------------------


def network() -> nn.Module:
    """Small, and of bounded units, which learn better under noise (Papernot et al. 2021, arXiv 2007.14191)."""
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.Tanh(), nn.Linear(64, 10))


def pictures() -> tuple[torch.Tensor, torch.Tensor]:
    """(N, 1, 28, 28) standardised, and classes."""
    folder = DATA / "fashion-mnist"
    with gzip.open(folder / "t10k-images-idx3-ubyte.gz") as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    with gzip.open(folder / "t10k-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8).astype(np.int64)
    return (torch.from_numpy(pixels.copy()).float() / 255 - 0.286) / 0.353, torch.from_numpy(labels)


def private(seed: int) -> Iterator[dict[str, Any]]:
    """Ours and theirs for each ε."""
    X, y = pictures()
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(seed))
    train, test, val = order.split([PICTURES, HELD_OUT, WATCHED])
    for target in EPSILONS:
        for name, learn in (("deepglass", with_deepglass), ("opacus", with_opacus)):
            began = time.process_time()
            torch.manual_seed(seed)
            model, noise, spent = learn(network(), (X[train], y[train]), (X[val], y[val]), target, seed)
            with torch.no_grad():
                right = (model(X[test]).argmax(dim=1) == y[test]).float().mean()
            yield {
                "seed": seed, "epsilon": target, "by": name, "accuracy": round(float(right), 4),
                "spent": round(spent, 4), "noise": round(noise, 4),
                "cpu_seconds": round(time.process_time() - began, 1),
            }  # fmt: skip


def with_deepglass(
    model: nn.Module, train: Rows, val: Rows, target: float, seed: int
) -> tuple[nn.Module, float, float]:
    """`dg.fit`: the weights of the epoch that the watched pictures like best."""
    fitted = dg.fit(
        model, train, val, private=target, delta=DELTA, clip_example=CLIP, noise_seed=seed, seed=seed,
        epochs=EPOCHS, batch_size=BATCH, learning_rate=RATE, optimizer="sgd", schedule="constant", warmup=0.0,
        weight_decay=0.0, patience=0, device="cpu", precision="float32", threads=1, metrics="accuracy",
        monitor="accuracy", quiet=True,
    )  # fmt: skip
    return fitted.model.eval(), fitted.privacy["noise_multiplier"], fitted.privacy["spent"]


def with_opacus(model: nn.Module, train: Rows, val: Rows, target: float, seed: int) -> tuple[nn.Module, float, float]:
    """The loop of Opacus' README: the last weights."""
    from opacus import PrivacyEngine
    from torch.utils.data import DataLoader, TensorDataset

    warnings.simplefilter("ignore")
    torch.manual_seed(seed)
    engine, optimizer = PrivacyEngine(accountant="rdp"), torch.optim.SGD(model.parameters(), lr=RATE)
    loader = DataLoader(TensorDataset(*train), batch_size=BATCH)
    model, optimizer, loader = engine.make_private_with_epsilon(  # type: ignore[assignment]
        module=model, optimizer=optimizer, data_loader=loader, target_epsilon=target, target_delta=DELTA, epochs=EPOCHS,
        max_grad_norm=CLIP,
    )  # fmt: skip
    for _ in range(EPOCHS):
        for inputs, labels in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(inputs), labels).backward()
            optimizer.step()
    return model.eval(), optimizer.noise_multiplier, engine.get_epsilon(DELTA)


# -- fair -----------------------------------------------------------------------------------------------------------

ROWS, FAIR_EPOCHS = 12_000, 10
COLUMNS = (
    "age", "workclass", "fnlwgt", "education", "education-num", "marital", "occupation", "relationship", "race", "sex",
    "gain", "loss", "hours", "country", "income",
)  # fmt: skip
ASKED = (
    ("demographic-parity", "thresholds"),
    ("demographic-parity", "reductions"),
    ("demographic-parity", "reweighing"),
    ("equal-opportunity", "thresholds"),
    ("equal-opportunity", "reductions"),
    ("equalized-odds", "thresholds"),
    ("equalized-odds", "reductions"),
)


def adult(seed: int) -> pd.DataFrame:
    """`ROWS` of the training file and the whole test file, as the column `part` says."""
    kept = []
    for part in ("train", "test"):
        frame = pd.read_csv(
            DATA / "adult" / f"adult-{part}.csv", names=list(COLUMNS), skipinitialspace=True, na_values="?", comment="|"
        ).dropna(subset=["income"])
        frame["income"] = frame["income"].str.rstrip(".")
        kept.append((frame.sample(ROWS, random_state=seed) if part == "train" else frame).assign(part=part))
    return pd.concat(kept, ignore_index=True)


def fair(seed: int) -> Iterator[dict[str, Any]]:
    """One network without a constraint, and one for each way to keep one."""
    table, before = adult(seed), {}
    for constraint, mitigation in ASKED:
        with tempfile.TemporaryDirectory() as name:
            found = learnt(table, constraint, mitigation, seed, RunFolder(name))
        if "before" in found:  # the thresholds' network is that without a constraint
            before[constraint] = found["before"]
        gap, accuracy = found["gap"]["value"], found["accuracy"]["value"]
        yield {
            "seed": seed, "constraint": constraint, "mitigation": mitigation, "gap": round(gap, 4),
            "gap_low": round(found["gap"]["low"], 4), "gap_high": round(found["gap"]["high"], 4),
            "gap_before": round(before[constraint]["gap"]["value"], 4), "accuracy": round(accuracy, 4),
            "points_of_accuracy": round(100 * (before[constraint]["accuracy"]["value"] - accuracy), 2),
        }  # fmt: skip


def learnt(table: pd.DataFrame, constraint: str, mitigation: str, seed: int, folder: RunFolder) -> dict[str, Any]:
    """What was traded on the test; simple models beside the network, and the report, are left out."""
    asked = {
        "target": "income", "split_column": "part", "fair": "sex", "constraint": constraint, "mitigation": mitigation,
        "epochs": FAIR_EPOCHS, "batch_size": 256, "learning_rate": 0.002, "threads": 1, "precision": "float32",
        "device": "cpu", "seed": seed,
    }  # fmt: skip
    job = plan_job(table, "tabular-classification", "mlp", asked)
    network = fine_tuning.learn(job.task, job.prepared, job.build_model(), "mlp", job.train_config)[0].model
    alone = Answering(network, job.task.outputs(network, job.prepared.val))
    answering = fairness.with_thresholds(job, alone, folder)
    test, plain = (job.task.outputs(model, job.prepared.test) for model in (answering.model, network))
    return fairness.traded(job, test, plain if mitigation == "thresholds" else None)


if __name__ == "__main__":
    main()
