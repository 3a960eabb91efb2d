"""Deepglass: `fit` with its own choices of precision, threads and memory layout."""

from typing import Any

import numpy as np

from bench.contestants._clock import Clock, main
from bench.contestants._work import LEARNING_RATE, SEED, Work, loss, torch_model


def train(work: Work, arrays: tuple[np.ndarray, ...], epochs: int, clock: Clock) -> Any:
    from deepglass.api.fit import ModuleLearner, as_examples
    from deepglass.core import seeds
    from deepglass.runs.options import train_config
    from deepglass.training import loop
    from deepglass.training.progress import Watcher

    class ClockWatcher(Watcher):
        def step(self, step, total_steps, loss, examples_per_second):
            clock.step()

        def epoch(self, record, is_best):
            clock.epoch()

    seeds.seed_everything(SEED)
    settings = {"epochs": epochs, "batch_size": work.batch_size, "learning_rate": LEARNING_RATE}
    same = {"optimizer": "adam", "schedule": "constant", "warmup": 0.0, "weight_decay": 0.0, "seed": SEED}
    examples = as_examples(arrays)
    few = as_examples(tuple(array[: work.batch_size] for array in arrays))  # a validation of one batch
    model, learner, config = torch_model(work.name), ModuleLearner(loss), train_config(settings | same, {})
    clock.choices = vars(loop.fit(model, learner, examples, few, config, watcher=ClockWatcher()).way)


if __name__ == "__main__":
    main(train)
