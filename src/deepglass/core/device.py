"""Where a computation runs and how: device, precision, threads, memory.

References:
    mallopt(3): glibc gives freed buffers of more than a few hundred kilobytes back to the kernel and takes page
    faults when the next step asks for them again; raising its thresholds keeps them.
    Intel (2024), Software Developer's Manual, volume 1, 10.2.3: arithmetic on denormal numbers, those below 1e-38, is
    done in microcode, a hundred times slower; a flag takes them for zero.
"""

import ctypes
import platform
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from itertools import chain

import torch
from torch import Tensor, nn

from deepglass.core.errors import OptionError

M_TRIM_THRESHOLD, M_TOP_PAD, M_MMAP_THRESHOLD = -1, -2, -3  # from malloc.h


def choose_device(name: str = "auto") -> torch.device:
    """The device to compute on; "auto" takes a GPU where there is one.

    Raises:
        OptionError: If the named device is not there.
    """
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "auto":
        return torch.device(next(kind for kind in ("cuda", "mps", "cpu") if available[kind]))
    if not available.get(name, False):
        there = ", ".join(kind for kind, is_there in available.items() if is_there)
        raise OptionError(f"--device {name}: not available here; available: {there}")
    return torch.device(name)


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the hardware multiplies bfloat16 natively, so that it is about twice as fast as float32.

    On a processor, oneDNN has to know the unit too: held to an older instruction set, or on a processor without one,
    its products in bfloat16 are up to a hundred times slower.
    """
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu" and torch.backends.mkldnn.is_available():
        has_unit = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
        return has_unit and torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return False


def choose_precision(name: str, device: torch.device) -> str:
    """ "float32" or "bfloat16"; "auto" takes bfloat16 where the hardware multiplies it natively.

    The rule looks at the hardware, not at a stop-watch, so that the same command gives the same numbers.
    """
    if name == "auto":
        return "bfloat16" if multiplies_bfloat16(device) else "float32"
    return name


def autocast(precision: str, device: torch.device) -> AbstractContextManager:
    """The context in which matrix products and convolutions run in `precision`; weights stay float32."""
    if precision == "bfloat16":
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()


def keep_freed_memory() -> None:
    """Ask glibc to keep freed buffers for the next training step instead of returning them to the kernel."""
    if platform.system() == "Linux" and platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        for parameter, value in ((M_MMAP_THRESHOLD, 1 << 30), (M_TRIM_THRESHOLD, 2**31 - 1), (M_TOP_PAD, 64 << 20)):
            libc.mallopt(parameter, value)


def channels_last(model: nn.Module) -> nn.Module:
    """Lay the kernels of two-dimensional convolutions out as the hardware wants them."""
    if any(isinstance(layer, nn.Conv2d) for layer in model.modules()):
        return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model


def device_of(model: nn.Module) -> torch.device:
    """Where the weights of a model are, or its first ones; of a model without, what it keeps else."""
    return next(chain(model.parameters(), model.buffers())).device


@cache
def constant(values: tuple[float, ...], device: torch.device, dtype: torch.dtype = torch.float32) -> Tensor:
    """Numbers that never change as a tensor on a device, sent there once: sending them waits for the device."""
    return torch.tensor(values, dtype=dtype, device=device)


def wait_for(device: torch.device) -> None:
    """Return when the device has done what it was told."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


@contextmanager
def denormals_flushed() -> Iterator[None]:
    """Take numbers below 1e-38 for zero: gradients that vanish on their way through time are full of them.

    A thread inherits the flag from the one that starts it, so this goes around everything that computes: set when
    PyTorch's own threads are there already, it would not reach them. Afterwards all is as before.
    """
    were_flushed = bool(torch.tensor(1e-39) * 1.5 == 0)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(were_flushed)


def name_of(device: torch.device) -> str:
    """The hardware's name, for reports."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return cpu_name() if device.type == "cpu" else device.type


def cpu_name() -> str:
    """The processor's name as the operating system gives it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
