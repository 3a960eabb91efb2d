"""Style transfer with the features of a real MobileNet: losses, seconds at 256 pixels, and the fast network's speed.

    python -m bench.style                    # Gatys: three styles, beginning with the photograph
    python -m bench.style --start noise      # beginning with white noise
    python -m bench.style --speed            # pictures per second of the network that paints at once
    python -m bench.style --fast             # the network that paints at once: trains and times it
    python -m bench.style --show             # what was measured so far

The content is the photograph of style-photos; its painting, and the features, are of MobileNet v1 0.25 (ImageNet): a
small network, where papers have VGG-19. `before` are the losses of white noise, or, of the style, of the photograph
where that is less. Seconds are the processor's, of one thread. Results are kept in bench/results/style.json; with
--pictures FOLDER the paintings are kept too.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from PIL import Image

import deepglass as dg
from bench import records
from deepglass.core.console import console
from deepglass.painting.features import open_features
from deepglass.painting.gatys import Config, paint
from deepglass.painting.pictures import opened
from deepglass.zoo import architectures

RESULTS = Path(__file__).resolve().parent / "results" / "style.json"
GOAL_FALL, GOAL_SECONDS, GOAL_FPS = 10.0, 120.0, 10.0
CONTENT, STYLES = "content_mount_rainier.jpg", ("starry_night", "shipwreck", "the_scream")
WEIGHTS = "mobilenet-v1-025-imagenet/mobilenet_v1_0.25_224.safetensors"
STEPS, SIDE, TIMES = 2_000, 256, 20
WEIGHT_FROM = {"content": 1.5, "noise": 0.8}  # of the style, so that both losses fall alike


def main() -> None:
    asked = arguments()
    torch.set_num_threads(1)
    results = records.known(RESULTS)
    if not asked.show:
        for style in asked.styles:
            made = speed if asked.speed else fast if asked.fast else gatys
            found = made(asked, style)
            records.keep(RESULTS, results, found, "kind", "style", "start", "seed")
    for run in results["runs"]:
        print(", ".join(f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
                        for name, value in run.items() if not isinstance(value, dict)))  # fmt: skip


def speed(asked: argparse.Namespace, style: str) -> dict[str, Any]:
    """The default network as it begins: its weights do not change how long it takes."""
    network = architectures.load("stylizer")
    found = {"kind": "speed", "style": style, "start": "-", "seed": asked.seed, "size": SIDE}
    return found | {"frames_per_second": frames_per_second(network)}


def gatys(asked: argparse.Namespace, style: str) -> dict[str, Any]:
    """One picture, painted in steps."""
    start: Any = asked.start
    folder = asked.data / "style-photos"
    network = open_features(str(asked.data / WEIGHTS))
    config = Config(
        size=SIDE, steps=STEPS, style_weight=WEIGHT_FROM[start], smoothness=3.0, start=start, seed=asked.seed
    )
    pictures = opened(str(folder / CONTENT)), opened(str(folder / f"style_{style}.jpg"))
    before = records.processor_seconds()
    painted = paint(*pictures, network, config)
    seconds = records.processor_seconds() - before
    if asked.pictures:
        Image.fromarray(painted.picture).save(asked.pictures / f"{style}_{start}.png")
    return {
        "kind": "gatys", "features": "mobilenet-v1-0.25", "style": style, "start": start, "seed": asked.seed,
        "steps": STEPS, "style_weight": config.style_weight, "size": SIDE, "cpu_seconds": seconds,
        "content_fall": painted.falls["content"], "style_fall": painted.falls["style"],
        "least_fall": min(painted.falls.values()), "before": painted.before, "after": painted.after,
    }  # fmt: skip


def fast(asked: argparse.Namespace, style: str) -> dict[str, Any]:
    """The network that paints at once: trained on grocery-store, judged on pictures of it that were held out."""
    manner = asked.data / "style-photos" / f"style_{style}.jpg"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        words = ["--task", "style-transfer", "--style", str(manner), "--features", str(asked.data / WEIGHTS)]
        words += ["--seed", str(asked.seed), "--threads", "1", "--run", str(path), "--quiet"]
        words += ["--epochs", str(asked.epochs)] if asked.epochs else []
        before = records.processor_seconds()
        subprocess.run(
            [sys.executable, "-m", "deepglass", "train", str(asked.data / "grocery-store"), *words], check=True
        )
        seconds = records.processor_seconds() - before
        console.mode = "quiet"
        run = dg.load(path)
        photograph = asked.data / "style-photos" / CONTENT
        if asked.pictures:
            Image.fromarray(run.paint(str(photograph), SIDE)).save(asked.pictures / f"fast_{style}.png")
        test = run.metrics["test"]
        return {
            "kind": "fast", "features": "mobilenet-v1-0.25", "style": style, "start": "-", "seed": asked.seed,
            "cpu_seconds": seconds, "epochs": len(run.history), "count": test["count"],
            "content_fall": test["content_fall"]["value"], "style_fall": test["style_fall"]["value"],
            "frames_per_second": frames_per_second(run.network),
        }  # fmt: skip


@torch.inference_mode()
def frames_per_second(network: Any) -> float:
    """Pictures of 256 x 256 pixels per second of the processor, one at a time on one thread."""
    picture = torch.rand(1, 3, SIDE, SIDE)
    network.eval()(picture)
    before = records.processor_seconds()
    for _ in range(TIMES):
        network(picture)
    return TIMES / (records.processor_seconds() - before)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=RESULTS.parents[3] / "shared" / "data")
    parser.add_argument("--styles", nargs="+", choices=STYLES, default=list(STYLES))
    parser.add_argument("--start", choices=WEIGHT_FROM, default="content")
    parser.add_argument("--epochs", type=int, default=None, help="of the network that paints at once")
    parser.add_argument("--speed", action="store_true", help="time the network that paints at once instead")
    parser.add_argument("--fast", action="store_true", help="train and time the network that paints at once instead")
    parser.add_argument("--pictures", type=Path, default=None, help="a folder for the paintings")
    parser.add_argument("--show", action="store_true", help="only print what was measured")
    return parser.parse_args()


if __name__ == "__main__":
    main()
