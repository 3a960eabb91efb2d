"""How steps are computed: precision, threads, compiled or not, chosen by a stop-watch while the training learns.

Small networks are often faster on one thread, and bfloat16 helps only where products outweigh everything around them;
no rule knows which. So the first steps of a training are taken in turns, each way computing real ones: the choice costs
no more than the difference between a slow step and a fast one. Ways differ in rounding and in nothing else.

A training too short to gain from it stays with the usual way, and so does one in which nothing else is clearly faster.
PyTorch's compiler makes some networks faster and others slower, and takes a minute to begin: it gets its turns after an
epoch that leaves enough time to repay them. What was chosen is said with the options that force it, and kept in the
checkpoint and in the run.
"""

import importlib.util
import shutil
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import torch
from torch import Tensor

from deepglass.core import seeds
from deepglass.core.device import autocast, choose_precision
from deepglass.training.config import TrainConfig

ROUNDS = 5  # turns of each way; the first warms up
WORTH = 1.15  # times faster than the usual way, or the usual way is kept: the same choice on a noisy day
HOPELESS = 1.6  # times slower than the fastest, twice: no further turn
AGREEING = 32  # examples whose loss is compared
AGREEMENT = 0.02  # relative difference of the losses in two precisions that rounding explains
FEWEST_STEPS = 100  # of a training in which a choice is worth its turns


@dataclass(frozen=True)
class ComputePlan:
    """One way to compute a step.

    Args:
        precision: "float32" or "bfloat16", of matrix products and convolutions.
        threads: Of the processor.
        is_compiled: By PyTorch's compiler.
    """

    precision: str
    threads: int
    is_compiled: bool = False

    def __str__(self) -> str:
        compiled = ", compiled" * self.is_compiled
        return f"{self.precision}, {self.threads} thread{'s' * (self.threads != 1)}{compiled}"

    @property
    def options(self) -> str:
        """What forces it on the command line."""
        return f"--precision {self.precision} --threads {self.threads} --compile {'on' if self.is_compiled else 'off'}"


def open_ways(config: TrainConfig, device: torch.device, steps: int) -> list[ComputePlan]:
    """The ways that the user, the hardware and the length of the training leave open; first the one to beat."""
    threads = config.threads or torch.get_num_threads()
    usual = ComputePlan(choose_precision(config.precision, device), threads, config.compile == "on")
    if device.type != "cpu" or steps < FEWEST_STEPS:
        return [usual]
    precisions = dict.fromkeys(("float32", usual.precision)) if config.precision == "auto" else (usual.precision,)
    numbers = dict.fromkeys((threads, 1)) if config.threads is None else (threads,)
    return [ComputePlan(precision, number, usual.is_compiled) for number, precision in product(numbers, precisions)]


def can_compile(device: torch.device) -> bool:
    """Whether PyTorch's compiler finds what it needs: a C++ compiler, or Triton for a GPU."""
    if device.type == "cuda":
        return importlib.util.find_spec("triton") is not None
    return device.type == "cpu" and any(map(shutil.which, ("g++", "c++", "clang++")))


@torch.no_grad()
def that_agree(ways: list[ComputePlan], loss: Callable[[], Tensor], device: torch.device) -> list[ComputePlan]:
    """The ways in whose precision a loss is, but for rounding, what it is in float32; leaves no trace."""
    random, losses = seeds.rng_state(), {}
    for precision in {way.precision for way in ways}:
        seeds.set_rng_state(random)
        with autocast(precision, device):
            losses[precision] = float(loss())
    seeds.set_rng_state(random)
    exact = losses["float32"]
    return [way for way in ways if abs(losses[way.precision] - exact) <= AGREEMENT * abs(exact)]


class Autotuner:
    """Says for each step how it is computed, and stays with the fastest way once each has had its turns.

    Args:
        ways: The candidates, the usual one first.
        all_threads: Of work that is not a training step, such as validation.
        wait: Returns when the device has done what it was told; called only while a choice is made.
    """

    def __init__(self, ways: list[ComputePlan], all_threads: int, wait: Callable[[], None] = lambda: None):
        self.wait = wait
        self.usual, self.all_threads = ways[0], all_threads
        self.chosen = ways[0] if len(ways) == 1 else None
        self.seconds: dict[ComputePlan, list[float]] = {way: [] for way in ways}
        self.waiting = list(ways)  # those whose turn in this round is still to come
        self.began = 0.0
        self.reason = ""
        self.taken: list[list[Any]] = []  # ways and how many steps in a row were computed so
        self.script: deque[ComputePlan] = deque()  # of the first steps of another training that this one repeats

    def begin(self) -> ComputePlan:
        """A step begins: how it is to be computed."""
        way = self.script.popleft() if self.script else self.chosen or self.waiting[0]
        if self.taken and self.taken[-1][0] == way:
            self.taken[-1][1] += 1
        else:
            self.taken.append([way, 1])
        use_threads(way.threads)
        if self.chosen is None:
            self.wait()
        self.began = time.perf_counter()
        return way

    def end(self) -> str:
        """The step is over; returns the choice in words when it has just been made."""
        if self.chosen is not None:
            return ""
        self.wait()
        self.seconds[self.waiting.pop(0)].append(time.perf_counter() - self.began)
        return "" if self.waiting else self._end_round()

    def rest(self) -> ComputePlan:
        """What is not a training step: all threads, in the precision of the steps."""
        use_threads(self.all_threads)
        return self.chosen or self.usual

    def add_candidate(self, way: ComputePlan) -> None:
        """Let another way compete with the chosen one in the next steps."""
        assert self.chosen is not None
        self.usual, self.chosen = self.chosen, None
        self.seconds = {self.usual: [], way: []}
        self.waiting = list(self.seconds)

    def fix(self, way: ComputePlan) -> None:
        """Stay with a way that was chosen before, by a training that is now resumed."""
        self.chosen, self.waiting = way, []

    def repeat(self, record: list[list[Any]]) -> None:
        """Compute each step as another training did, its turns by the stop-watch included."""
        runs = [(ComputePlan(*way), count) for *way, count in record]
        if runs:
            self.script = deque(way for way, count in runs[:-1] for _ in range(count))
            self.fix(runs[-1][0])

    @property
    def record(self) -> list[list[Any]]:
        """How the steps so far were computed, for `repeat`: precision, threads, compiled or not, number of steps."""
        return [[way.precision, way.threads, way.is_compiled, count] for way, count in self.taken]

    def _end_round(self) -> str:
        if len(next(iter(self.seconds.values()))) <= 2:  # the warm-up, and a turn that somebody may have disturbed
            self.waiting = list(self.seconds)
            return ""
        best = {way: min(times[1:]) for way, times in self.seconds.items()}
        fastest = min(best, key=best.__getitem__)
        if len(self.seconds[fastest]) < ROUNDS:
            self.seconds = {way: times for way, times in self.seconds.items() if best[way] < HOPELESS * best[fastest]}
            self.waiting = list(self.seconds)
            return "" if len(self.waiting) > 1 else self._choose(best, fastest)
        return self._choose(best, fastest)

    def _choose(self, best: dict[ComputePlan, float], fastest: ComputePlan) -> str:
        self.chosen, self.waiting = fastest, []
        if self.usual in best and best[self.usual] < WORTH * best[fastest]:
            self.chosen = self.usual
        self.reason = f"a step takes {1000 * best[self.chosen]:.3g} ms"
        if self.usual in best and self.chosen != self.usual:
            self.reason += f", with {self.usual} {1000 * best[self.usual]:.3g} ms"
        return self.words

    @property
    def words(self) -> str:
        """The choice as a line for people: what, why, and the options that repeat it; empty before it is made."""
        if self.chosen is None:
            return ""
        return f"{self.chosen}" + (f": {self.reason} (to stay with it: {self.chosen.options})" if self.reason else "")


def use_threads(number: int) -> None:
    """Let PyTorch compute on so many threads from now on."""
    if torch.get_num_threads() != number:
        torch.set_num_threads(number)
