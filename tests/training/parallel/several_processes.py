"""What tests/training/parallel/test_processes.py starts with torchrun: trainings by name, their results as files.

python -m torch.distributed.run --nproc-per-node 2 -m tests.training.parallel.several_processes FOLDER NAME ...
"""

import atexit
import json
import os
import signal
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.run_folder import RunFolder
from deepglass.training.config import TrainConfig
from deepglass.training.loop import Trainer, fit
from deepglass.training.parallel import processes
from deepglass.training.progress import Watcher
from deepglass.training.update import Update
from tests.training.helpers import DigitsLearner, digits

CONFIG = {
    "epochs": 3, "batch_size": 50, "learning_rate": 1e-2, "optimizer": "adamw", "schedule": "cosine",
    "weight_decay": 0.01, "precision": "float32", "device": "cpu", "checkpoint_every": 1e9,
}  # fmt: skip
TRAIN = 601  # the last batch of an epoch is a single example
RUN = {"model": "mlp", "epochs": 4, "batch_size": 16, "dropout": 0.2, "precision": "float32", "device": "cpu"}


class WeighsClasses(DigitsLearner):
    """Rare classes count more, and one that is never asked about does not count at all."""

    weights = torch.tensor([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0])

    def loss(self, model, batch):
        return F.cross_entropy(model(batch[0]), batch[1], weight=self.weights)

    def loss_weight(self, batch):
        return self.weights[batch[1]].sum()


class InTurns(WeighsClasses):
    """The first layers learn in every step, the last one in every second and more slowly; some layers not at all."""

    def updates(self, model):
        model[2].requires_grad_(False)
        return [
            Update("body", model[0].parameters(), self.loss, betas=(0.5, 0.9)),
            Update("head", model[4].parameters(), lambda *given: 2 * self.loss(*given), rate=0.5, every=2),
        ]


class StopsAt(Watcher):
    """Asks its own process to stop after a step."""

    def __init__(self, step):
        self.at = step

    def step(self, step, *rest):
        if step == self.at:
            os.kill(os.getpid(), signal.SIGINT)


class LosesItsMind(DigitsLearner):
    """The loss is no number from the second epoch on, in the last process alone."""

    steps = 0

    def loss(self, model, batch):
        self.steps += model.training
        is_bad = self.steps > 15 and processes.join().rank == processes.join().size - 1
        return super().loss(model, batch) * (float("nan") if is_bad else 1.0)


def plain(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 10))


def normed():
    """Layers before a batch norm have no bias: its gradient is rounding error alone, which Adam makes a step of."""
    torch.manual_seed(0)
    images = nn.Unflatten(1, (1, 8, 8)), nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten()
    return nn.Sequential(*images, nn.Linear(144, 16, bias=False), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 10))


def learn(make=plain, learner=DigitsLearner, train=TRAIN, folder=None, resume=False, watcher=None, **changes):
    """One training; rank and size change nothing but who computes what."""
    model, config = make(), TrainConfig(**CONFIG | changes)
    where = RunFolder(folder) if folder else None
    return fit(model, learner(), *digits(train=train), config, folder=where, resume=resume, watcher=watcher)


TRAININGS = {
    "plain": lambda path: learn(),
    "clipped": lambda path: learn(clip_gradient=0.1, ema=0.9, optimizer="momentum", learning_rate=0.1),
    "weighted": lambda path: learn(learner=WeighsClasses),
    "in turns": lambda path: learn(learner=InTurns, clip_gradient=0.1),
    "synced": lambda path: learn(normed, train=602, sync_batch_norm=True),  # the last batch is one process's alone
    "own statistics": lambda path: learn(normed, train=600),
    "sharded": lambda path: learn(shard=processes.join().size > 1, folder=path / "sharded", clip_gradient=0.1),
    "lost": lambda path: learn(learner=LosesItsMind),
    "stopped": lambda path: learn(folder=path / "stopped", watcher=StopsAt(20) if _is_last() else None),
    "resumed": lambda path: learn(lambda: plain(7), folder=path / "begun-alone", resume=True),
    "in turns resumed": lambda path: learn(
        lambda: plain(7), InTurns, folder=path / "in-turns-alone", resume=True, clip_gradient=0.1
    ),
    "sharded resumed": lambda path: learn(lambda: plain(7), folder=path / "alone", resume=True, shard=True),
}


def _is_last():
    return processes.join().rank == processes.join().size - 1


def summary(fitted):
    """What is compared: numbers of every epoch, the weights, how it ended."""
    weights = {name: getattr(t, "full_tensor", lambda t=t: t)() for name, t in fitted.model.state_dict().items()}
    return {
        "history": [{k: v for k, v in r.items() if "second" not in k} for r in fitted.history],
        "weights": torch.cat([tensor.flatten().double() for tensor in weights.values()]).tolist(),
        "reason": fitted.reason,
    }


def die_once():
    """In the first life the last process is killed at its fortieth step, without a word."""
    step, steps = Trainer.step, []

    def fatal(self, *batch):
        steps.append(1)
        if len(steps) == 40 and _is_last() and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
            os.kill(os.getpid(), signal.SIGKILL)
        return step(self, *batch)

    Trainer.step = fatal


def note_threads(path):
    """Write down the names of all threads."""
    names = [task.read_text().strip() for task in Path("/proc/self/task").glob("*/comm")]
    (path / f"threads-{os.environ['RANK']}.json").write_text(json.dumps(names))


def main(path, *names):
    atexit.register(note_threads, path)  # the last to be called: it was registered before the others
    team = processes.join()
    for name in names:
        if name == "run":
            console.mode = "quiet" if team.is_first else "silent"
            dg.train("breast-cancer", run=path / "run", **RUN)
        elif name == "killed":
            die_once()
            dg.train("breast-cancer", runs=path / "runs", checkpoint_every=0.0, **RUN)
        else:
            (path / f"{name}-{team.rank}.json").write_text(json.dumps(summary(TRAININGS[name](path))))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]), *sys.argv[2:])
