"""A run that is looked at: its folder at once, its network and examples when a panel asks for them.

What a panel looks at is the network on the processor, in evaluation mode: the first one where several share the rows,
the network alone where simple models are blended in.
"""

import copy
from collections.abc import Callable, Sequence
from functools import cached_property
from threading import RLock
from typing import Any

import numpy as np

from deepglass.core.errors import DeepglassError, RunError
from deepglass.core.run_folder import RunFolder
from deepglass.see import Asked, NotForThisRun

drawing = RLock()  # Matplotlib draws for one at a time
WEIGHTS, CHECKPOINT = "weights.safetensors", "checkpoint.pt"


class Opened:
    """A run.

    Args:
        folder: Of the run.
        load: Opens it with everything that can be asked of it (`dg.load`).
        data: Where the data of its training are now, if not where they were.
    """

    def __init__(self, folder: RunFolder, load: Callable[[], Any], data: Any = None):
        self.folder, self._load, self.data = folder, load, data
        self.lock = RLock()  # one panel at a time watches the network

    @cached_property
    def run(self) -> Any:
        """The run.

        Raises:
            NotForThisRun: If nothing was learnt yet.
        """
        if not self.folder.has(WEIGHTS):
            raise NotForThisRun("it has no weights yet; they come with the first checkpoint, after some ten seconds")
        return self._load()

    @cached_property
    def network(self) -> Any:
        """The network that is looked at, on the processor; nobody else's."""
        own = copy.deepcopy(self.run.network).cpu().float().eval()
        return getattr(own, "networks", [own])[0]

    @property
    def is_bag(self) -> bool:
        """Whether several networks share the rows."""
        return hasattr(self.run.network, "networks")

    @cached_property
    def looks_at(self) -> str:
        """Which part of the run is looked at, where that is not all that answers; else empty."""
        words = f"the first of {len(self.run.network.networks)} networks" if self.is_bag else "the network"
        if self.run.model is not self.run.network:
            return f"{words}, without the simple models that the run blends it with"
        return words if self.is_bag else ""

    @cached_property
    def updates(self) -> Sequence[Any]:
        """What a step of its training changes, each towards a loss: (network, batch) → a scalar."""
        return self.updates_of(self.network)

    def updates_of(self, network: Any) -> Sequence[Any]:
        """The same of other weights."""
        from deepglass.training.update import updates_of

        return updates_of(self.run.task, network)

    # -- examples -----------------------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> Any:
        """The validation examples of the training, read again; of a bag, which validates on what it learns, the test's.

        Raises:
            NotForThisRun: If the data have gone or changed.
        """
        from deepglass.explain.rows import own_rows

        try:
            return own_rows(self.run, self.data, "test" if self.is_bag else "val")
        except DeepglassError as error:
            raise NotForThisRun(str(error)) from error

    def places(self, most: int) -> list[int]:
        """Positions of up to so many examples, spread over all of them."""
        return np.unique(np.linspace(0, len(self.rows) - 1, min(most, len(self.rows))).astype(int)).tolist()

    def batch(self, most: int) -> tuple[Any, ...]:
        """Up to so many examples with their targets, as the loss takes them."""
        import torch

        return self.rows.examples.batch(torch.tensor(self.places(most)))

    def inputs(self, places: list[int]) -> tuple[Any, ...]:
        """What goes into the network, each (n, …).

        Raises:
            NotForThisRun: If nothing does.
        """
        self.require_inputs()
        return self.rows.inputs(places)

    def require_one_call(self) -> None:
        """Check that an answer is one call of the network.

        Raises:
            NotForThisRun: If it takes several, such as steps of adapting.
        """
        if not self.run.task.ANSWERS_IN_ONE_CALL:
            raise NotForThisRun(f"{self.run.task.name} calls its network many times for an answer")

    def require_inputs(self) -> None:
        """Check that the network answers inputs.

        Raises:
            NotForThisRun: If it does not.
        """
        self.require_one_call()
        if not self.run.task.PREDICTS:
            raise NotForThisRun(f"{self.run.task.name} answers no inputs, it draws samples")

    def require_kind(self, kinds: Sequence[str], what: str) -> str:
        """The kind of the inputs, which is one of those.

        Raises:
            NotForThisRun: If it is not.
        """
        kind = self.run.task.explained_as
        if kind not in kinds:
            raise NotForThisRun(f"it reads {kind or 'nothing'}, and this needs {what}")
        return kind

    def example(self, asked: Asked) -> tuple[Any, int, str]:
        """The rows among which the example that was asked for is, its position, and what it is in words.

        Raises:
            NotForThisRun: If nothing goes in.
            DeepglassError: If an input of one's own does not fit the run, or there is no such row.
        """
        self.require_inputs()
        if asked.input in ("", None):
            rows, called = self.rows, f"{'test' if self.is_bag else 'validation'} example {asked.row}"
        else:
            from deepglass.explain.explaining import rows_of

            rows = rows_of(self.run, asked.input)
            called = "your input" if len(rows) == 1 else f"row {asked.row} of your input"
        return rows, rows.require(asked.row), called

    # -- names --------------------------------------------------------------------------------------------------

    def digest(self) -> str:
        """Of what was learnt: other weights, another digest. Empty where there are none yet."""
        return digest_of(self.folder)


def digest_of(folder: RunFolder) -> str:
    """SHA-256 of the weights and of what says how inputs are read; of runs without checksums, of the files."""
    import hashlib

    from deepglass.core import checksums, files

    try:
        noted = checksums.read(folder.path)
    except RunError:
        noted = {}
    parts = []
    for name in (WEIGHTS, CHECKPOINT, "config.json", "task.json", "blend.json"):
        if name in noted:
            parts.append(str(noted[name]))
        elif files.lies_at(folder / name):
            parts.append(checksums.digest_of_file(folder / name))
        elif name == WEIGHTS:
            return ""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
