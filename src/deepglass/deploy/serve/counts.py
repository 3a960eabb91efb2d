"""What a model has computed so far, as Triton's statistics extension tells it.

https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_statistics.html
"""

import time
from dataclasses import dataclass
from typing import Any


@dataclass
class Counts:
    """Sums since the model was loaded; of the worker that is asked, where there are several."""

    rows: int = 0
    succeeded: int = 0
    failed: int = 0
    batches: int = 0
    seconds: float = 0.0  # from the queue to the answer, over all requests that succeeded
    compute_seconds: float = 0.0  # of all batches
    last_ms: int = 0  # when a request last succeeded, since 1970

    def add(self, rows: int, seconds: float) -> None:
        """One request that was answered."""
        self.rows += rows
        self.succeeded += 1
        self.seconds += seconds
        self.last_ms = round(time.time() * 1000)

    def add_batch(self, seconds: float) -> None:
        """Some of them, computed together."""
        self.batches += 1
        self.compute_seconds += seconds

    def as_statistics(self, name: str, version: str) -> dict[str, Any]:
        """One item of Triton's `model_stats`."""
        queued = max(0.0, self.seconds - self.compute_seconds)
        parts = {
            "success": (self.succeeded, self.seconds), "fail": (self.failed, 0.0), "queue": (self.succeeded, queued),
            "compute_infer": (self.succeeded, self.compute_seconds),
        }  # fmt: skip
        return {
            "name": name, "version": version, "last_inference": self.last_ms, "inference_count": self.rows,
            "execution_count": self.batches,
            "inference_stats": {part: {"count": n, "ns": round(s * 1e9)} for part, (n, s) in parts.items()},
        }  # fmt: skip
