"""What Prometheus reads at /metrics: requests, errors, latency, batch sizes, queue lengths, drift.

With several workers, each writes its numbers into a folder that they share (PROMETHEUS_MULTIPROC_DIR), and whoever is
asked adds them up.
"""

import os
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # the name that prometheus-client gives it
SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024)


class Metrics:
    """The numbers of one server."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        place, model = ("path", "status"), ("model", "version")
        self.requests = Counter("deepglass_requests", "Requests answered", place, registry=registry)
        self.errors = Counter("deepglass_errors", "Requests answered with 4xx or 5xx", place, registry=registry)
        self.seconds = Histogram(
            "deepglass_request_seconds", "Time to answer", ("path",), buckets=SECONDS, registry=registry
        )
        self.batch_rows = Histogram(
            "deepglass_batch_rows", "Rows computed together", model, buckets=ROWS, registry=registry
        )
        self.inference_seconds = Histogram(
            "deepglass_inference_seconds", "Time to compute a batch", model, buckets=SECONDS, registry=registry
        )
        self.queue = Gauge(
            "deepglass_queue_length", "Requests that wait", model, registry=registry, multiprocess_mode="livesum"
        )
        self.drift = Gauge(
            "deepglass_drift", "Distance of the inputs from those of training", (*model, "input"),
            registry=registry, multiprocess_mode="livemax",
        )  # fmt: skip
        self._noted: dict[tuple[str, int], tuple[list[Any], Any]] = {}

    def note(self, path: str, status: int, seconds: float) -> None:
        """One request; the counters of a path and status are looked up once."""
        if (path, status) not in self._noted:
            errors = [self.errors.labels(path, str(status))] if status >= 400 else []
            counters = [self.requests.labels(path, str(status)), *errors]
            self._noted[path, status] = counters, self.seconds.labels(path)
        counters, histogram = self._noted[path, status]
        for counter in counters:
            counter.inc()
        histogram.observe(seconds)

    def as_text(self) -> bytes:
        """The exposition format, of all workers where there are several."""
        if SHARED_FOLDER not in os.environ:
            return generate_latest(self.registry)
        everybody = CollectorRegistry()
        MultiProcessCollector(everybody)
        return generate_latest(everybody)
