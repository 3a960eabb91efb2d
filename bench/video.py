"""Short moving pictures: captions of combinations that training has not seen, and what moves which way.

    python -m bench.video                                # every part, seeds 0, 1 and 2
    python -m bench.video --only captions --seeds 0

captions: moving-shapes, exact match of held-out combinations of shape, colour and direction; goal 0.95.
directions: moving-shapes, by filters over time, and by the same network without them, which is at chance.
sprites: captions of the walking figures of sprites-animated, exact match of its test part; goal 0.9.
actions: which of its actions a figure of sprites-animated does.

Each training runs in this process, on one thread; seconds are the processor's. The default training, unless a part says
otherwise. Results are kept in bench/results/video.json.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import deepglass as dg
from bench import records

RESULTS = Path(__file__).resolve().parent / "results" / "video.json"
SPRITES = RESULTS.parents[3] / "shared" / "data" / "sprites-animated" / "captions.csv"
USUAL = {"device": "cpu", "threads": 1, "precision": "float32"}


def captions(seed: int) -> Iterator[records.Record]:
    """Of the generated shapes."""
    yield measured("moving-shapes", "captioning", seed, epochs=40)


def directions(seed: int) -> Iterator[records.Record]:
    """Of the generated shapes, with and without filters over time."""
    for model in ("video-cnn", "video-cnn-2plus1d", "frame-cnn"):
        yield measured("moving-shapes", "video-classification", seed, model=model, epochs=6)


def sprites(seed: int) -> Iterator[records.Record]:
    """Captions of figures."""
    yield measured(SPRITES, "captioning", seed, grid=4, image_size=32, num_frames=6)


def actions(seed: int) -> Iterator[records.Record]:
    """What figures do."""
    yield measured(SPRITES, "video-classification", seed, target="action", image_size=32, num_frames=6)


def measured(source: Any, task: str, seed: int, **options: Any) -> records.Record:
    """One training and its test."""
    with tempfile.TemporaryDirectory() as folder:
        before = records.processor_seconds()
        run = dg.train(source, task=task, run=Path(folder) / "run", seed=seed, **USUAL, **options)
        seconds = records.processor_seconds() - before
        test = run.metrics["test"]
        names = [name for name in ("exact_match", "exact", "bleu", "chrf", "accuracy") if name in test]
        return {
            "data": Path(source).parent.name if isinstance(source, Path) else source,
            "task": task,
            "seed": seed,
            "options": options,
            "epochs": len(run.history),
            "parameters": sum(parameter.numel() for parameter in run.network.parameters()),
            "count": test["count"],
            "cpu_seconds": round(seconds, 1),
            **{name: test[name] for name in names},
            "rival": {name: value for name, value in run.metrics.get("rival", {}).items() if name in ("name", *names)},
        }


if __name__ == "__main__":
    parts = {"captions": captions, "directions": directions, "sprites": sprites, "actions": actions}
    records.measure_parts(RESULTS, parts, __doc__ or "")
