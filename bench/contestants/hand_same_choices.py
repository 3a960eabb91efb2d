"""PyTorch by hand with all that Deepglass chose: what is left is what its loop costs."""

from contextlib import nullcontext
from typing import Any

import numpy as np

from bench.contestants._clock import Clock, main
from bench.contestants._work import LEARNING_RATE, Work, loss, torch_model


def train(work: Work, arrays: tuple[np.ndarray, ...], epochs: int, clock: Clock) -> Any:
    import torch

    from deepglass.core.device import keep_freed_memory

    keep_freed_memory()
    torch.set_flush_denormal(True)
    torch.set_num_threads(clock.choices["threads"])
    is_half = clock.choices["precision"] == "bfloat16"
    model = torch_model(work.name)
    if any(isinstance(layer, torch.nn.Conv2d) for layer in model.modules()):
        model = model.to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    *inputs, targets = (torch.from_numpy(array) for array in arrays)
    for _ in range(epochs):
        for indices in torch.randperm(len(targets)).split(work.batch_size):
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16) if is_half else nullcontext():
                value = loss(model(*(part[indices] for part in inputs)), targets[indices])
            value.backward()
            optimizer.step()
            clock.step()
        clock.epoch()


if __name__ == "__main__":
    main(train)
