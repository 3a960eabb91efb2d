"""Set5, twice as many pixels per side: learnt from grocery-store and style-photos, against bicubic.

    python -m bench.super_resolution                       # one seed, the default training
    python -m bench.super_resolution --seeds 0 1 2 --epochs 8
    python -m bench.super_resolution --show                # what was measured so far

No picture of Set5 is learnt from or chosen by. PSNR and SSIM are those of Y, a border of two pixels left out, as papers
have them; bicubic there is 33.66 dB. Seconds are the processor's, of the whole command: reading, training, judging,
report; a wall clock on a machine that others use says nothing. Results are kept in
bench/results/super_resolution.json.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import deepglass as dg
from bench import records
from deepglass.core.console import console

RESULTS = Path(__file__).resolve().parent / "results" / "super_resolution.json"
GOAL_DB, GOAL_SECONDS = 35.16, 600.0
LEARNT = ("grocery-store", "style-photos")


def main() -> None:
    asked = arguments()
    results = records.known(RESULTS)
    for seed in [] if asked.show else asked.seeds:
        records.keep(RESULTS, results, measure(asked, seed), "model", "epochs", "seed")
    for run in results["runs"]:
        print(
            f"{run['model']}, seed {run['seed']}: {run['psnr']:.2f} dB (bicubic {run['bicubic']:.2f}; goal {GOAL_DB}), "
            f"SSIM {run['ssim']:.4f}, {run['epochs']} epochs, {run['cpu_seconds']:.0f} CPU s of {GOAL_SECONDS:.0f}"
        )


def measure(asked: argparse.Namespace, seed: int) -> dict[str, Any]:
    """One training in a fresh process, and Set5."""
    with tempfile.TemporaryDirectory() as folder:
        photos, path = gathered(asked.data, Path(folder) / "photos"), Path(folder) / "run"
        words = ["--task", "super-resolution", "--scale", "2", "--seed", str(seed), "--run", str(path), "--quiet"]
        words += ["--model", asked.model, "--threads", "1"] + (["--epochs", str(asked.epochs)] if asked.epochs else [])
        before = records.processor_seconds()
        subprocess.run([sys.executable, "-m", "deepglass", "train", str(photos), *words], check=True)
        seconds = records.processor_seconds() - before
        console.mode = "quiet"
        run = dg.load(path)
        found, own = run.evaluate(asked.data / "set5"), run.metrics["test"]
        return {
            "model": asked.model,
            "seed": seed,
            "epochs": len(run.history),
            "parameters": sum(parameter.numel() for parameter in run.network.parameters()),
            "precision": run.config["train"]["precision"],
            "cpu_seconds": seconds,
            "psnr": found["psnr"]["value"],
            "ssim": found["ssim"]["value"],
            "gain": found["psnr_gain"],
            "bicubic": found["details"]["bicubic"]["psnr"],
            "bicubic_ssim": found["details"]["bicubic"]["ssim"],
            "held_out": {"count": own["count"], "psnr": own["psnr"], "psnr_gain": own["psnr_gain"]},
        }


def gathered(data: Path, folder: Path) -> Path:
    """Links to every picture that is learnt from, in one folder."""
    folder.mkdir()
    for source in LEARNT:
        for path in sorted((data / source).rglob("*.jpg")):
            (folder / "_".join(path.relative_to(data).parts)).symlink_to(path)
    return folder


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--model", default="edsr")
    parser.add_argument("--epochs", type=int, default=None)
    parser.add_argument("--data", type=Path, default=RESULTS.parents[3] / "shared" / "data")
    parser.add_argument("--show", action="store_true", help="only print what was measured")
    return parser.parse_args()


if __name__ == "__main__":
    main()
