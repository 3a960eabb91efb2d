"""What this machine can do at most: how fast it multiplies, how fast it moves numbers, what an operation costs at all.

    roofs = measure(choose_device())                   # about five seconds, however slow the machine
    roofs.attainable(intensity=4.0, precision="float32")

A computation that does few operations for every byte that it moves waits for the memory, one that does many waits for
the arithmetic: attainable FLOP/s = min(peak, bandwidth · intensity). Peak is the rate of a large matrix product.

References:
    Williams, Waterman & Patterson (2009), Roofline: An Insightful Visual Performance Model for Multicore
    Architectures, https://doi.org/10.1145/1498765.1498785 (their operational intensity is our intensity)
    McCalpin (1995), Memory Bandwidth and Machine Balance in Current High Performance Computers (copy and triad)
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from deepglass.core.device import name_of, wait_for

SIDE = {"cpu": 2048, "mps": 4096, "cuda": 8192}  # of the matrices: large enough that arithmetic is all that counts
SMALLEST_SIDE = 128  # what is tried first: a product that takes 0.1 s even at 40 MFLOP/s
PRECISIONS = {"cpu": ("float32", "bfloat16"), "cuda": ("float32", "tf32", "bfloat16", "float16")}
SECONDS = 0.5  # that each rate is measured for; the best repetition counts, for others can only be disturbed
CACHES = 2  # an array is so many times the last cache, and three of them are moved: none of it stays there
SMALLEST_ARRAY, LARGEST_SHARE = 64 << 20, 1 / 10  # bytes; of the memory
BURST = 1000  # operations between two looks at the clock

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Roofs:
    """The limits of a machine, as measured.

    flops: FLOP/s of a matrix product by precision, a multiplication and an addition being two.
    bytes: Bytes/s of `copy` (a = b) and `triad` (a = b + s · c) over arrays larger than the caches.
    launch: Seconds of an operation on a single number: `forward`, and `backward` of what autograd adds to it.
    """

    device: str
    threads: int
    flops: dict[str, float]
    bytes: dict[str, float]
    launch: dict[str, float]

    @property
    def bandwidth(self) -> float:
        """Bytes/s at best."""
        return max(self.bytes.values())

    @property
    def vector_flops(self) -> float:
        """FLOP/s of the triad: two operations for three numbers of four bytes."""
        return self.bytes["triad"] * 2 / 12

    def attainable(self, intensity: float, precision: str) -> float:
        """FLOP/s that work of this intensity (FLOPs per byte moved) can reach."""
        return min(self.flops[precision], self.bandwidth * intensity)

    def ridge(self, precision: str) -> float:
        """The intensity from which on arithmetic is the limit."""
        return self.flops[precision] / self.bandwidth


def measure(device: torch.device, threads: int | None = None, say: Progress = lambda what: None) -> Roofs:
    """Measure a device with so many threads of the processor; all that PyTorch uses when left out."""
    with at_threads(threads or torch.get_num_threads()):
        flops = {}
        for precision in PRECISIONS.get(device.type, ("float32", "bfloat16")):
            say(f"matrix product in {precision}")
            flops[precision] = matrix_rate(device, precision)
        say("memory bandwidth")
        moved = bandwidth(device)
        say("cost of a single operation")
        return Roofs(name_of(device), torch.get_num_threads(), flops, moved, launch_costs(device))


def matrix_rate(device: torch.device, precision: str, side: int | None = None, seconds: float = SECONDS) -> float:
    """FLOP/s of a product of two square matrices: the most that a network can get out of the arithmetic.

    Where a precision is not in the hardware, a product can take a thousand times longer. So the matrices grow from
    small ones, and only to a side whose products fit into the time.

    Args:
        device: Where to multiply.
        precision: "float32", "bfloat16", "float16", or "tf32" on a GPU.
        side: Of the matrices at most.
        seconds: That the measurement takes, about.
    """
    largest = side or SIDE[device.type]
    side, work = min(SMALLEST_SIDE, largest), _product(device, precision, min(SMALLEST_SIDE, largest))
    with float32_products("high" if precision == "tf32" else "highest"):
        once = quickest(work, device, 0.0)
        while side < largest and 2 * once * (min(2 * side, largest) / side) ** 3 < seconds:  # a warm-up and a look
            side = min(2 * side, largest)
            work = _product(device, precision, side)
            once = quickest(work, device, 0.0)
        return 2 * side**3 / min(once, quickest(work, device, seconds))


def _product(device: torch.device, precision: str, side: int) -> Callable[[], Any]:
    dtype = torch.float32 if precision == "tf32" else getattr(torch, precision)
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in "ab")
    product = torch.empty_like(a)
    return lambda: torch.mm(a, b, out=product)


def bandwidth(device: torch.device, size: int | None = None, seconds: float = SECONDS) -> dict[str, float]:
    """Bytes/s read and written by copy and triad over float32 arrays of `size` bytes each."""
    size = size or array_bytes(device)
    a, b, c = (torch.ones(size // 4, device=device) for _ in "abc")
    return {
        "copy": 2 * size / quickest(lambda: a.copy_(b), device, seconds),
        "triad": 3 * size / quickest(lambda: torch.add(b, c, alpha=3.0, out=a), device, seconds),
    }


def launch_costs(device: torch.device) -> dict[str, float]:
    """Seconds of an operation that has nothing to do, without and with what autograd does for it."""
    x, out = torch.ones(1, device=device), torch.empty(1, device=device)
    weight = torch.ones(1, device=device, requires_grad=True)

    def forward() -> None:
        for _ in range(BURST):
            torch.mul(x, x, out=out)

    def with_gradient() -> None:
        y = weight
        for _ in range(BURST):
            y = y * x
        y.backward()

    plain, both = (quickest(work, device, SECONDS / 2) / BURST for work in (forward, with_gradient))
    return {"forward": plain, "backward": max(0.0, both - plain)}


# -- how it is measured ---------------------------------------------------------------------------------------------


def quickest(work: Callable[[], Any], device: torch.device, seconds: float) -> float:
    """Seconds of the quickest repetition within a time; at least two, the first of which finds memory and kernels."""
    best, until = float("inf"), time.perf_counter() + seconds
    work()
    wait_for(device)
    while best == float("inf") or time.perf_counter() < until:
        started = time.perf_counter()
        work()
        wait_for(device)
        best = min(best, time.perf_counter() - started)
    return best


@contextmanager
def at_threads(count: int) -> Iterator[None]:
    """Compute with so many threads of the processor inside the block."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def float32_products(precision: str) -> Iterator[None]:
    """ "highest" multiplies float32 as it is, "high" lets a GPU use TF32."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def array_bytes(device: torch.device) -> int:
    """Bytes of an array that no cache can hold and the memory can."""
    if device.type == "cuda":
        has = torch.cuda.get_device_properties(device)
        cache, memory = has.L2_cache_size, has.total_memory
    else:
        cache, memory = last_cache(), os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return int(min(max(SMALLEST_ARRAY, CACHES * cache), LARGEST_SHARE * memory)) // 4 * 4


def last_cache() -> int:
    """Bytes of the processor's largest cache, where Linux tells; 32 MiB elsewhere."""
    sizes = [path.read_text().strip() for path in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size")]
    return max((1024 * int(size.removesuffix("K")) for size in sizes if size.endswith("K")), default=32 << 20)
