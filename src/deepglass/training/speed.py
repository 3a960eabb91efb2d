"""What is chosen for speed before the first step: precision and threads, by a stop-watch.

Small networks are often faster on one thread, and bfloat16 helps only where products outweigh everything around them;
no rule knows which. So each combination takes a few steps on a copy of the model, in turns, and the usual one is left
only for one that is clearly faster and whose loss agrees.

A measurement could fall out differently tomorrow, and the same command shall give the same numbers: what was chosen for
a network on a machine is kept in a file of the user's cache, and the first measurement stands.
"""

import contextlib
import copy
import hashlib
import json
import os
import platform
import statistics
import time
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import torch
from torch import nn

from deepglass.core import files, seeds
from deepglass.core.device import autocast, multiplies_bfloat16, name_of
from deepglass.data.examples import Batch
from deepglass.training.config import TrainConfig

ROUNDS = 5  # turns that each combination gets
WORTH = 1.1  # times faster than the usual way, or the usual way is kept
AGREEMENT = 0.02  # relative difference of the losses in two precisions that rounding explains
PATIENCE = 3.0  # seconds: a network whose step is slow gets fewer rounds


@dataclass(frozen=True)
class Speed:
    """How the steps are computed.

    Args:
        precision: "float32" or "bfloat16", of products and convolutions.
        threads: Of the processor.
        why: The measurement in words; empty where there was nothing to choose.
    """

    precision: str
    threads: int
    why: str = ""

    def __str__(self) -> str:
        threads = f"{self.threads} thread" + "s" * (self.threads != 1)
        return f"{self.precision}, {threads}" + f" ({self.why})" * bool(self.why)


def choose(model: nn.Module, learner: Any, batch: Batch, config: TrainConfig, device: torch.device) -> Speed:
    """Precision and threads for this model, batch and machine; what the person asked for is not measured.

    Args:
        model: On its device; a copy is trained.
        learner: Gives the loss of a batch.
        batch: The examples of one step.
        config: `precision` and `threads` narrow the choice.
        device: Where the model is.
    """
    ways = candidates(config, device)
    if len(ways) == 1:
        return ways[0]
    place = _place(model, batch, ways, device)
    kept = _read(place)
    if kept is not None:
        return kept
    measured = fastest(model, learner, batch, ways, device)
    _keep(place, measured)
    return _read(place) or measured  # another process may have been first


def candidates(config: TrainConfig, device: torch.device) -> list[Speed]:
    """The ways to compute a step that are open, the usual one first."""
    can_choose = config.precision == "auto" and multiplies_bfloat16(device)
    precisions = ["float32", "bfloat16"] if can_choose else [config.precision.replace("auto", "float32")]
    most = config.threads or torch.get_num_threads()
    threads = [most, 1] if device.type == "cpu" and most > 1 and config.threads is None else [most]
    return [Speed(precision, number) for number, precision in product(threads, precisions)]


def fastest(model: nn.Module, learner: Any, batch: Batch, ways: list[Speed], device: torch.device) -> Speed:
    """The way with the shortest step, where it is worth leaving the first of them."""
    random, number = seeds.rng_state(), torch.get_num_threads()
    try:
        seconds, losses = measure(copy.deepcopy(model).train(), learner, batch, ways, device)
    finally:
        torch.set_num_threads(number)
        seeds.set_rng_state(random)
    usual = ways[0]
    agree = [way for way in ways if _agrees(losses[way], losses[usual])]
    best = min(agree, key=seconds.__getitem__)
    if seconds[usual] < WORTH * seconds[best]:
        return Speed(usual.precision, usual.threads, "measured: nothing is clearly faster")
    gain = seconds[usual] / seconds[best]
    return Speed(
        best.precision, best.threads, f"measured: {gain:.1f} times as fast as {usual.precision}, {usual.threads}"
    )


def measure(
    model: nn.Module, learner: Any, batch: Batch, ways: list[Speed], device: torch.device
) -> tuple[dict[Speed, float], dict[Speed, float]]:
    """Seconds of a step, forward and backward, and the loss, of each way; the ways take turns."""
    times: dict[Speed, list[float]] = {way: [] for way in ways}
    losses: dict[Speed, float] = {}
    began = time.perf_counter()
    for turn in range(1 + ROUNDS):  # the first warms up
        for way in ways:
            torch.set_num_threads(way.threads)
            seeds.set_rng_state(state := seeds.rng_state())
            started = time.perf_counter()
            losses[way] = _step(model, learner, batch, way, device)
            times[way].append(time.perf_counter() - started)
            seeds.set_rng_state(state)  # every way sees the same dropout
        if turn and time.perf_counter() - began > PATIENCE:
            break
    return {way: statistics.median(spent[1:]) for way, spent in times.items()}, losses


def _step(model: nn.Module, learner: Any, batch: Batch, way: Speed, device: torch.device) -> float:
    model.zero_grad(set_to_none=True)
    with autocast(way.precision, device):
        loss = learner.loss(model, batch)
    loss.backward()
    return float(loss.detach())


def _agrees(loss: float, usual: float) -> bool:
    return abs(loss - usual) <= AGREEMENT * max(abs(usual), 1e-3)


# -- the memory of it -----------------------------------------------------------------------------------------------


def _place(model: nn.Module, batch: Batch, ways: list[Speed], device: torch.device) -> Path:
    """The file that keeps the choice for this network, batch, machine and version."""
    shapes = [tuple(part.shape) for part in batch] + [tuple(p.shape) for p in model.parameters()]
    machine = (name_of(device), os.cpu_count(), platform.machine(), torch.__version__)
    name = hashlib.sha256(repr((machine, type(model).__name__, str(model), shapes, ways)).encode()).hexdigest()[:24]
    return files.cache_folder() / "speed" / f"{name}.json"


def _read(place: Path) -> Speed | None:
    try:
        return Speed(**json.loads(place.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _keep(place: Path, speed: Speed) -> None:
    """Write the choice, whole, unless another process was first; a cache that cannot be written is done without."""
    own = place.with_suffix(f".{os.getpid()}")
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(json.dumps(asdict(speed)), encoding="utf-8")
        with contextlib.suppress(FileExistsError):
            os.link(own, place)
        own.unlink()
