"""What the profiler measured, as plain numbers, and what follows from them."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that takes time: what it is, what changes it, and the part of the training that it could save."""

    what: str
    change: str
    share: float


@dataclass(frozen=True)
class Operation:
    """One kind of operation: how often in a step, and its own time without that of operations inside it."""

    name: str
    calls: float
    milliseconds: float  # a step
    share: float  # of the time of all operations


@dataclass
class Profile:
    """What was measured, as plain numbers.

    seconds: By phase; `start-up` ends with the first step.
    step_seconds: A typical step, data included.
    batch8_slowdown: How many times longer forward and backward pass take for eight times as many examples: 8 where
        arithmetic is all, 1 where launches are; None where a step is too long for that to matter.
    flops: Of a step's forward and backward pass. flops_per_second: While these two ran.
    rates: FLOP/s of a matrix product on this machine, by precision.
    """

    device: str
    precision: str
    threads: int
    batch_size: int
    seconds: dict[str, float] = field(default_factory=dict)
    steps: int = 0
    step_seconds: float = 0.0
    examples_per_second: float = 0.0
    flops: int = 0
    flops_per_second: float = 0.0
    rates: dict[str, float] = field(default_factory=dict)
    batch8_slowdown: float | None = None
    operations: list[Operation] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def total(self) -> float:
        """Seconds of the training, from the call to the end of its last epoch."""
        return sum(self.seconds.values())

    def share(self, *phases: str) -> float:
        """Part of the training that went into these phases."""
        return sum(self.seconds[phase] for phase in phases) / max(1e-9, self.total)

    def record(self) -> dict[str, Any]:
        """The content of profile.json."""
        return asdict(self) | {"total_seconds": self.total}
