"""PyTorch by hand as its tutorials show it: a DataLoader, a loop, Adam."""

from typing import Any

import numpy as np

from bench.contestants._clock import Clock, main
from bench.contestants._work import LEARNING_RATE, Work, loss, torch_model


def train(work: Work, arrays: tuple[np.ndarray, ...], epochs: int, clock: Clock) -> Any:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    model = torch_model(work.name)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    dataset = TensorDataset(*(torch.from_numpy(array) for array in arrays))
    loader = DataLoader(dataset, batch_size=work.batch_size, shuffle=True)
    for _ in range(epochs):
        for *x, y in loader:
            optimizer.zero_grad()
            loss(model(*x), y).backward()
            optimizer.step()
            clock.step()
        clock.epoch()


if __name__ == "__main__":
    main(train)
