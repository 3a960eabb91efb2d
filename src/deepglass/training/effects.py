"""Options of training that would change nothing beside the others, on this machine, for this model.

Each part of training says for itself what it has no use for; here they are asked, and what has no file of its own is
said.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deepglass.core.device import choose_device
from deepglass.core.effects import Unused
from deepglass.training import adversarial, lora, optimizers, schedules, transfer
from deepglass.training.autotune import can_compile
from deepglass.training.config import TrainConfig
from deepglass.training.private import training as private


@dataclass(frozen=True)
class Circumstances:
    """What decides, beside the options, whether an option can act.

    is_trained: Whether the weights to begin with have been trained before.
    has_folder: Whether a checkpoint has a place to lie in.
    processes: How many train together.
    is_native: Whether PyTorch computes the network, and not the glass engine.
    knows_inputs: Whether a task says what the inputs are, and by how much they may change.
    """

    is_trained: bool = False
    has_folder: bool = True
    processes: int = 1
    is_native: bool = True
    knows_inputs: bool = False


def unused_options(asked: Mapping[str, Any], config: TrainConfig, around: Circumstances) -> Iterator[Unused]:
    """What was asked for and cannot act.

    Args:
        asked: Options that are not as by default; others than those of training are looked at beside --private alone.
        config: With every field resolved.
        around: What else decides.
    """
    yield from optimizers.unused_options(asked, config)
    yield from schedules.unused_options(asked, config)
    yield from transfer.unused_options(asked, config, around.is_trained)
    yield from lora.unused_options(asked, config, around.is_trained, around.is_native)
    yield from private.unused_options(asked, config, around.processes, around.is_native)
    yield from adversarial.unused_options(asked, config, around)
    yield from _of_the_machine(asked, config, around)
    if "checkpoint_every" in asked and not around.has_folder:
        yield Unused("checkpoint_every", "nothing is written without a folder", "name one with run=, or leave it out")


def _of_the_machine(asked: Mapping[str, Any], config: TrainConfig, around: Circumstances) -> Iterator[Unused]:
    device = choose_device(config.device)
    if "sync_batch_norm" in asked and around.processes == 1:
        why = "it joins the batches of several processes, here is one"
        yield Unused("sync_batch_norm", why, "leave it out, or start with torchrun --nproc-per-node N -m …")
    if asked.get("cuda_graphs") == "on" and device.type != "cuda":
        yield Unused("cuda_graphs", f"it saves launches on a CUDA GPU, this training is on {device}")
    if asked.get("compile") == "on" and not around.is_native:
        yield Unused("compile", "PyTorch's compiler does not see the glass engine", "leave it out")
    elif asked.get("compile") == "on" and not can_compile(device):
        missing = "Triton" if device.type == "cuda" else "a C++ compiler"
        yield Unused("compile", f"PyTorch's compiler needs {missing}, and there is none", "install it, or leave it out")
