"""What a GPU gets out of the loop: GPT-2 against the machine's limit, small networks against their peers, no waiting.

    python -m bench.gpu                             # everything, ten minutes; writes bench/results/gpu.json
    python -m bench.gpu --only limit gpt2           # some parts
    python -m bench.gpu --device cpu --tiny         # a rehearsal: the same code, small enough for a processor

Five parts: `limit` is the rate of a matrix product in bfloat16. `gpt2` trains GPT-2 with 124 million parameters and
holds its arithmetic (6 FLOPs a weight and token, and 12 · layers · tokens · width for attention, as in the PaLM paper's
appendix B, https://arxiv.org/abs/2204.02311) against that limit. `small` runs LeNet and an MLP beside a hand-written
loop and Lightning, in pairs: each peer, then we a moment later. `waiting` makes PyTorch raise an error if anything
inside an epoch waits for the device. `agreement` trains on the processor and on the GPU and compares the losses.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bench.contestants._work import LEARNING_RATE, SEED, WORK, loss, torch_model
from bench.made_with import made_with
from deepglass.api.fit import ModuleLearner, as_examples
from deepglass.core import files, roofline, seeds
from deepglass.core.device import name_of, wait_for
from deepglass.models import gpt
from deepglass.runs.options import train_config
from deepglass.training import loop
from deepglass.training.progress import Watcher

RESULTS = Path(__file__).resolve().parent / "results" / "gpu.json"
PARTS = ("limit", "gpt2", "small", "waiting", "agreement")
GOALS = {"utilisation": 0.5, "times_lightning": 3.0}
TOLERANCE = 1e-3  # relative difference of the losses of two devices
SMALL = ("LeNet", "MLP")
EPOCHS = 4  # one apart, three for the median


def main() -> int:
    asked = arguments()
    if asked.device == "cuda" and not torch.cuda.is_available():
        print("no GPU here: nothing is measured (--device cpu --tiny rehearses on the processor)")
        return 0
    device = torch.device(asked.device)
    results: dict[str, Any] = {"machine": machine(device), "is_rehearsal": asked.tiny}
    for part in asked.only:
        results[part] = RUN[part](device, asked, results)
        print(json.dumps({part: results[part]}, default=str), file=sys.stderr, flush=True)
        files.write_json(asked.json, results)
    print(as_markdown(results))
    return 0 if results.get("waiting", {}).get("error") is None else 1


def arguments() -> Any:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=list(PARTS), choices=PARTS)
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--tiny", action="store_true", help="sizes for a rehearsal; the numbers mean nothing")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of each peer and us (default 5)")
    parser.add_argument("--json", type=Path, default=RESULTS, help=f"where the results go (default {RESULTS})")
    return parser.parse_args()


def machine(device: torch.device) -> dict[str, Any]:
    """Hardware and versions."""
    facts = {**made_with(), "device": name_of(device), "cuda": torch.version.cuda}
    if device.type == "cuda":
        query = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
        done = subprocess.run(query, capture_output=True, text=True, check=False)
        facts["driver"] = done.stdout.strip() or None
    return facts


# -- the limit, and GPT-2 below it ----------------------------------------------------------------------------------


def limit(device: torch.device, asked: Any, results: dict[str, Any]) -> dict[str, Any]:
    """FLOP/s of a matrix product in bfloat16."""
    side = 256 if asked.tiny else roofline.SIDE[device.type]
    return {"side": side, "flops_per_second": roofline.matrix_rate(device, "bfloat16", side, seconds=2.0)}


def gpt2(device: torch.device, asked: Any, results: dict[str, Any]) -> dict[str, Any]:
    """Tokens a second and utilisation, as the loop is and compiled; the better one counts."""
    ways = {"as it is": False} | ({} if asked.tiny else {"compiled": True})
    tried = {name: train_gpt2(device, asked.tiny, compile) for name, compile in ways.items()}
    best = max(tried, key=lambda name: tried[name].get("tokens_per_second", 0.0))
    peak = results.get("limit", {}).get("flops_per_second") or limit(device, asked, results)["flops_per_second"]
    for each in tried.values():
        each["utilisation"] = each.get("flops_per_second", 0.0) / peak
    return {"tried": tried, "best": best, **tried[best], "goal": GOALS["utilisation"]}


def train_gpt2(device: torch.device, is_tiny: bool, compile: bool) -> dict[str, Any]:
    """A few epochs of twenty steps on random tokens: what they say does not change how long a step takes."""
    B, T, steps = (2, 16, 4) if is_tiny else (32, 1024, 20)
    size = {"embed_dim": 32, "num_heads": 2, "num_layers": 2} if is_tiny else gpt.VARIANTS["gpt2"] | {"dropout": 0.0}
    vocab_size = 128 if is_tiny else 50_304  # GPT-2's 50,257, up to a multiple of 64 that the hardware likes
    seeds.seed_everything(SEED)
    model = gpt.GPT(vocab_size, T, gpt.Config(**size))
    settings = {"precision": "bfloat16", "optimizer": "adamw", "compile": "on" if compile else "off"}
    tokens = np.random.default_rng(SEED).integers(0, vocab_size, (B * steps, T + 1))
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()
    try:
        seconds = ours(model, (tokens[:, :-1], tokens[:, 1:]), B, device, **settings)
    except Exception as error:  # a compiler that is missing or fails: the plain way counts then
        return {"error": f"{type(error).__name__}: {str(error).splitlines()[0]}"}
    weights = sum(p.numel() for p in model.parameters()) - model.wpe.weight.numel()
    flops_per_token = 6 * weights + 12 * size["num_layers"] * T * size["embed_dim"]
    rate = B * steps * T / statistics.median(seconds[1:])
    memory = torch.cuda.max_memory_allocated() if device.type == "cuda" else None
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "batch": [B, T],
        "tokens_per_second": rate,
        "flops_per_second": flops_per_token * rate,
        "peak_memory_bytes": memory,
        "epochs": seconds,
    }


# -- small networks beside their peers ------------------------------------------------------------------------------


def small(device: torch.device, asked: Any, results: dict[str, Any]) -> dict[str, Any]:
    """Seconds an epoch of each contestant, and the ratios within the pairs."""
    peers: dict[str, Callable] = {"ours without a graph": launched, "hand": by_hand}
    if has_lightning():
        peers["lightning"] = by_lightning
    return {name: race(name, peers, device, asked) for name in SMALL}


def race(name: str, peers: dict[str, Callable], device: torch.device, asked: Any) -> dict[str, Any]:
    """All pairs of one network."""
    arrays, batch_size = arrays_of(name, asked.tiny), WORK[name].batch_size
    runs: dict[str, list[float]] = {contestant: [] for contestant in (*peers, "ours")}
    ratios: dict[str, list[float]] = {peer: [] for peer in peers}
    for _ in range(1 if asked.tiny else asked.rounds):
        for peer, train in peers.items():
            theirs = statistics.median(train(torch_model(name), arrays, batch_size, device)[1:])
            own = statistics.median(ours(torch_model(name), arrays, batch_size, device)[1:])
            runs[peer].append(theirs)
            runs["ours"].append(own)
            ratios[peer].append(theirs / own)
    seconds = {contestant: statistics.median(times) for contestant, times in runs.items()}
    times_ours = {peer: [statistics.median(r), min(r), max(r)] for peer, r in ratios.items()}
    return {"seconds_an_epoch": seconds, "times_ours": times_ours, "goal": GOALS["times_lightning"]}


def arrays_of(name: str, is_tiny: bool) -> tuple[np.ndarray, ...]:
    """The data of a race; a few batches of it in a rehearsal, the last of them smaller."""
    arrays = WORK[name].arrays()
    return tuple(array[: WORK[name].batch_size * 5 // 2] for array in arrays) if is_tiny else arrays


class Clock(Watcher):
    """Seconds of each epoch, the device's work included."""

    def __init__(self, device: torch.device):
        self.device, self.seconds = device, []
        self.since = time.perf_counter()

    def epoch(self, record: Any = None, is_best: bool = False) -> None:
        wait_for(self.device)
        now = time.perf_counter()
        self.seconds.append(now - self.since)
        self.since = now


def fit(model: Any, arrays: tuple[np.ndarray, ...], batch_size: int, watcher: Watcher, **settings: Any) -> Any:
    """Our loop, with Adam at a constant rate as everybody here; validated on a single example."""
    same = {"epochs": EPOCHS, "optimizer": "adam", "schedule": "constant", "warmup": 0.0, "seed": SEED}
    same |= {"batch_size": batch_size, "learning_rate": LEARNING_RATE, "cuda_graphs": "on"}
    config = train_config(same | settings, {})
    one = as_examples(tuple(array[:1] for array in arrays))
    return loop.fit(model, ModuleLearner(loss), as_examples(arrays), one, config, watcher=watcher)


def ours(model: Any, arrays: Any, batch_size: int, device: torch.device, **settings: Any) -> list[float]:
    """Seconds of each epoch of our loop."""
    clock = Clock(device)
    fit(model, arrays, batch_size, clock, device=device.type, **settings)
    return clock.seconds


def launched(model: Any, arrays: Any, batch_size: int, device: torch.device) -> list[float]:
    """Ours without a CUDA graph."""
    return ours(model, arrays, batch_size, device, cuda_graphs="off")


def by_hand(model: Any, arrays: Any, batch_size: int, device: torch.device) -> list[float]:
    """As an expert writes it: tensors on the device, batches by index, a fused optimiser."""
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    inputs, targets = (torch.from_numpy(array).to(device) for array in arrays)
    clock = Clock(device)
    for _ in range(EPOCHS):
        for indices in torch.randperm(len(inputs), device=device).split(batch_size):
            optimizer.zero_grad()
            loss(model(inputs[indices]), targets[indices]).backward()
            optimizer.step()
        clock.epoch()
    return clock.seconds


def has_lightning() -> bool:
    """Whether Lightning is installed in this environment."""
    try:
        import lightning  # noqa: F401
    except ImportError:
        print("Lightning is left out: it is not installed here (pip install lightning)", file=sys.stderr)
        return False
    return True


def by_lightning(model: Any, arrays: Any, batch_size: int, device: torch.device) -> list[float]:
    """Lightning's Trainer over a DataLoader, without loggers, checkpoints and bars."""
    import lightning
    from torch.utils.data import DataLoader, TensorDataset

    clock = Clock(device)

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.model = model

        def training_step(self, batch, _):
            return loss(self.model(batch[0]), batch[1])

        def on_train_epoch_end(self):
            clock.epoch()

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=LEARNING_RATE)

    dataset = TensorDataset(*(torch.from_numpy(array) for array in arrays))
    loader = DataLoader(dataset, batch_size=batch_size, shuffle=True, pin_memory=device.type == "cuda")
    quiet = dict.fromkeys(("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"), False)
    accelerator = "gpu" if device.type == "cuda" else "cpu"
    trainer = lightning.Trainer(max_epochs=EPOCHS, accelerator=accelerator, devices=1, barebones=False, **quiet)
    clock.since = time.perf_counter()
    trainer.fit(Module(), loader)
    return clock.seconds


# -- what must hold -------------------------------------------------------------------------------------------------


class NoWaiting(Watcher):
    """Makes waiting an error from the first step of the second epoch to its last.

    The first epoch is left out: there a CUDA graph is tried, and memory is found. So is what lies between two epochs.
    """

    def __init__(self, steps_per_epoch: int, forbid: Callable[[str], None]):
        self.first, self.last, self.forbid = steps_per_epoch + 1, 2 * steps_per_epoch, forbid

    def step(self, step: int, *_: Any) -> None:
        if step == self.first:
            self.forbid("error")
        if step == self.last:
            self.forbid("default")


def waiting(device: torch.device, asked: Any, results: dict[str, Any]) -> dict[str, Any]:
    """Whether anything inside an epoch waits for the device: the error, or None."""
    modes: list[str] = []

    def forbid(mode: str) -> None:
        modes.append(mode)
        if device.type == "cuda":
            torch.cuda.set_sync_debug_mode(mode)

    arrays, batch_size = arrays_of("LeNet", asked.tiny), WORK["LeNet"].batch_size
    steps, error = -(-len(arrays[0]) // batch_size), None
    try:
        fit(torch_model("LeNet"), arrays, batch_size, NoWaiting(steps, forbid), device=device.type, epochs=2)
    except RuntimeError as waited:
        error = str(waited).splitlines()[0]
    finally:
        forbid("default")
    return {"steps": steps, "error": error, "was_forbidden": modes[:1] == ["error"]}


def agreement(device: torch.device, asked: Any, results: dict[str, Any]) -> dict[str, Any]:
    """The same training on the processor and on the device, in float32 without TF32: losses and seconds."""
    torch.backends.cudnn.allow_tf32 = False
    arrays, batch_size = arrays_of("LeNet", asked.tiny), WORK["LeNet"].batch_size
    losses, seconds = {}, {}
    for name, kind in {"processor": "cpu", "device": device.type}.items():
        clock = Clock(torch.device(kind))
        model = torch_model("LeNet")
        fitted = fit(model, arrays, batch_size, clock, device=kind, epochs=3, precision="float32")
        losses[name] = [record["loss"] for record in fitted.history]
        seconds[name] = statistics.median(clock.seconds[1:])
    differences = [abs(a - b) / abs(a) for a, b in zip(losses["processor"], losses["device"], strict=True)]
    return {
        "losses": losses,
        "largest_difference": max(differences),
        "tolerance": TOLERANCE,
        "agrees": max(differences) <= TOLERANCE,
        "seconds_an_epoch": seconds,
        "speed_up": seconds["processor"] / seconds["device"],
    }


RUN: dict[str, Callable[[torch.device, Any, dict[str, Any]], dict[str, Any]]] = {
    "limit": limit,
    "gpt2": gpt2,
    "small": small,
    "waiting": waiting,
    "agreement": agreement,
}


# -- the table ------------------------------------------------------------------------------------------------------


def as_markdown(results: dict[str, Any]) -> str:
    """What was measured, on what."""
    where = results["machine"]
    head = f"{where['device']}, driver {where.get('driver')}, CUDA {where['cuda']}, PyTorch {where['torch']}"
    lines = [head + (" (a rehearsal: the numbers mean nothing)" if results["is_rehearsal"] else ""), ""]
    lines += ["| what | measured | goal |", "|---|--:|--:|"]
    if limit := results.get("limit"):
        rate = f"{limit['flops_per_second'] / 1e12:.1f} TFLOP/s"
        lines.append(f"| matrix product {limit['side']}³, bfloat16 | {rate} | |")
    if of := results.get("gpt2"):
        for name, way in of["tried"].items():
            tokens = f"{way.get('tokens_per_second', 0.0):,.0f} tokens/s, {way['utilisation']:.0%} of that rate"
            goal = f"{of['goal']:.0%}" if name == of["best"] else ""
            lines.append(f"| GPT-2, bfloat16, {name} | {tokens} | {goal} |")
    for name, race in results.get("small", {}).items():
        for peer, (middle, low, high) in race["times_ours"].items():
            goal = f"{race['goal']:.0f}" if peer == "lightning" else ""
            lines.append(f"| {name}: epoch of {peer}, ours = 1 | {middle:.2f} ({low:.2f} to {high:.2f}) | {goal} |")
    if (of := results.get("waiting")) is not None:
        lines.append(f"| waits inside an epoch of {of['steps']} steps | {of['error'] or 'none'} | none |")
    if of := results.get("agreement"):
        lines.append(f"| loss, processor and device | differ by {of['largest_difference']:.1e} | {of['tolerance']:g} |")
        lines.append(f"| speed of the device, processor = 1 | {of['speed_up']:.1f} | |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
