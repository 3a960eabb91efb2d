"""Lightning: its Trainer over a DataLoader, without loggers, checkpoints and bars."""

import logging
import warnings
from typing import Any

import numpy as np

from bench.contestants._clock import Clock, main
from bench.contestants._work import LEARNING_RATE, Work, loss, torch_model


def train(work: Work, arrays: tuple[np.ndarray, ...], epochs: int, clock: Clock) -> Any:
    import lightning
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.model = torch_model(work.name)

        def training_step(self, batch, _):
            *inputs, targets = batch
            return loss(self.model(*inputs), targets)

        def on_train_batch_end(self, *_):
            clock.step()

        def on_train_epoch_end(self):
            clock.epoch()

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), lr=LEARNING_RATE)

    dataset = TensorDataset(*(torch.from_numpy(array) for array in arrays))
    loader = DataLoader(dataset, batch_size=work.batch_size, shuffle=True)
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = lightning.Trainer(max_epochs=epochs, accelerator="cpu", enable_model_summary=False, **quiet)
    trainer.fit(Module(), loader)


if __name__ == "__main__":
    main(train)
