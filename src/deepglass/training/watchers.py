"""Who watches a training: a bar on a terminal, a line per epoch in a pipe, the run's log, TensorBoard event files."""

import time
from pathlib import Path
from typing import Any

from deepglass.core.console import Console
from deepglass.core.errors import MissingPackageError
from deepglass.core.run_log import RunLog
from deepglass.training.layer_norms import is_looked_at, layer_norms
from deepglass.training.progress import Watcher


def watcher_for(console: Console) -> Watcher:
    """The watcher that suits where the output goes."""
    if not console.speaks:
        return Watcher()
    return BarWatcher(console) if console.is_terminal else LineWatcher(console)


class Watchers(Watcher):
    """Several watchers as one."""

    def __init__(self, *watchers: Watcher):
        self.watchers = watchers

    def start(self, total_steps: int, monitor: str) -> None:
        for watcher in self.watchers:
            watcher.start(total_steps, monitor)

    def step(self, step: int, total_steps: int, loss: float | None, examples_per_second: float) -> None:
        for watcher in self.watchers:
            watcher.step(step, total_steps, loss, examples_per_second)

    def epoch(self, record: dict[str, Any], is_best: bool) -> None:
        for watcher in self.watchers:
            watcher.epoch(record, is_best)

    def note(self, sentence: str) -> None:
        for watcher in self.watchers:
            watcher.note(sentence)

    def finish(self, sentence: str) -> None:
        for watcher in self.watchers:
            watcher.finish(sentence)


class LineWatcher(Watcher):
    """A plain line per epoch, at most one every two seconds, and the last one always."""

    PAUSE = 2.0

    def __init__(self, console: Console):
        self.console, self.said, self.pending = console, 0.0, ""

    def epoch(self, record: dict[str, Any], is_best: bool) -> None:
        self.pending = summary(record, is_best)
        if time.monotonic() - self.said > self.PAUSE:
            self._say()

    def note(self, sentence: str) -> None:
        self.console.say(f"  {sentence}")

    def finish(self, sentence: str) -> None:
        self._say()
        self.console.say(f"  stopped: {sentence}")

    def _say(self) -> None:
        if self.pending:
            self.console.say(self.pending)
        self.said, self.pending = time.monotonic(), ""


class BarWatcher(Watcher):
    """A bar with loss, validation score, speed and time left."""

    INTERVAL = 0.1  # seconds between two looks: the bar must not slow the steps

    def __init__(self, console: Console):
        self.console, self.shown, self.score = console, 0.0, ""

    def start(self, total_steps: int, monitor: str) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

        left = TextColumn("left"), TimeRemainingColumn(compact=True)
        columns = (TextColumn("  {task.description}"), BarColumn(24), TextColumn("{task.fields[text]}"))
        self.bar = Progress(*columns, TimeElapsedColumn(), *left, console=self.console.rich, transient=True)
        self.task = self.bar.add_task("training", total=total_steps, text="")
        self.bar.start()

    def step(self, step: int, total_steps: int, loss: float | None, examples_per_second: float) -> None:
        now = time.monotonic()
        if now - self.shown > self.INTERVAL:
            self.shown = now
            text = f"loss {loss:.4f} " if loss is not None else ""
            speed = f"{examples_per_second:,.0f}/s"
            self.bar.update(self.task, completed=step, total=total_steps, text=f"{text}{self.score} {speed}")

    def epoch(self, record: dict[str, Any], is_best: bool) -> None:
        self.score = "  ".join(f"{k[4:]} {v:.4g}" for k, v in record.items() if k.startswith("val_"))
        self.bar.console.print(summary(record, is_best), markup=False)

    def note(self, sentence: str) -> None:
        self.bar.console.print(f"  {sentence}", markup=False)

    def finish(self, sentence: str) -> None:
        self.bar.stop()
        self.console.say(f"  stopped: {sentence}")


class LogWatcher(Watcher):
    """The log of the run: every epoch, and once in a while a step and how large weights and gradients are by layer.

    Args:
        log: To write to.
        network: That learns; its gradients are those of the epoch's last step, as they were clipped.
    """

    def __init__(self, log: RunLog, network: Any):
        self.log, self.network = log, network

    def start(self, total_steps: int, monitor: str) -> None:
        self.log.write("start", total_steps=total_steps, monitor=monitor)

    def step(self, step: int, total_steps: int, loss: float | None, examples_per_second: float) -> None:
        if self.log.is_due():
            pace = round(examples_per_second, 1)
            self.log.write("step", step=step, total_steps=total_steps, loss=loss, examples_per_second=pace)

    def epoch(self, record: dict[str, Any], is_best: bool) -> None:
        layers = {"layers": layer_norms(self.network)} if is_looked_at(record["epoch"]) else {}
        self.log.write("epoch", **record, is_best=is_best, **layers)

    def note(self, sentence: str) -> None:
        self.log.write("note", sentence=sentence)

    def finish(self, sentence: str) -> None:
        self.log.write("finish", sentence=sentence)


class TensorBoardWatcher(Watcher):
    """Scalars of every epoch as TensorBoard event files.

    Raises:
        MissingPackageError: If tensorboard is not installed.
    """

    def __init__(self, folder: Path):
        try:
            from torch.utils.tensorboard import SummaryWriter
        except ImportError:
            raise MissingPackageError(
                "--tensorboard needs the package tensorboard: pip install 'deepglass[tensorboard]'"
            ) from None
        self.writer = SummaryWriter(str(folder))

    def epoch(self, record: dict[str, Any], is_best: bool) -> None:
        for name, value in record.items():
            if name not in ("epoch", "step"):
                self.writer.add_scalar(name, value, record["step"])

    def finish(self, sentence: str) -> None:
        self.writer.close()


def summary(record: dict[str, Any], is_best: bool) -> str:
    """An epoch in one line."""
    scores = "  ".join(f"{k.replace('_', ' ')} {v:.4g}" for k, v in record.items() if k.startswith("val_"))
    speed = f"{record['examples_per_second']:,.0f}/s"
    return f"  epoch {record['epoch']:>3}  loss {record['loss']:.4f}  {scores}  {speed}{'  best' if is_best else ''}"
