"""PyTorch by hand as an expert would: tensors in memory, batches by index, a fused optimiser."""

from typing import Any

import numpy as np

from bench.contestants._clock import Clock, main
from bench.contestants._work import LEARNING_RATE, Work, loss, torch_model


def train(work: Work, arrays: tuple[np.ndarray, ...], epochs: int, clock: Clock) -> Any:
    import torch

    model = torch_model(work.name)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    *inputs, targets = (torch.from_numpy(array) for array in arrays)
    for _ in range(epochs):
        for indices in torch.randperm(len(targets)).split(work.batch_size):
            optimizer.zero_grad()
            loss(model(*(part[indices] for part in inputs)), targets[indices]).backward()
            optimizer.step()
            clock.step()
        clock.epoch()


if __name__ == "__main__":
    main(train)
