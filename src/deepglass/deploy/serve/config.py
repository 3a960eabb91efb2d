"""What a server may be told: the settings below, and the limits of `deploy/runtime/limits.py`."""

from dataclasses import dataclass
from typing import Literal

from deepglass.deploy.runtime.limits import Limits


@dataclass(frozen=True)
class ServeConfig(Limits):
    """Settings of a server; the limits hold for every request, whatever its protocol."""

    host: str = "127.0.0.1"  # loopback: nobody else reaches it until asked
    port: int = 8000  # what Triton and KServe listen on
    host_name: str | None = None  # names that the server is known by, separated by commas; pages of others are refused
    workers: int = 1  # processes that share the port; one keeps models loadable while it runs
    threads: int = 1  # of ONNX Runtime for a batch; more than one pays for large models only
    max_batch: int = 32  # rows computed together; beyond, small models on a CPU gain nothing
    max_wait_ms: float = 2.0  # the longest that a batch waits for requests whose bodies are still arriving
    queue: int = 256  # requests that may wait for one model; further ones get 503 at once
    timeout_s: float = 30.0  # a request that names no deadline gets this one, from its first byte to its answer's last
    unknown: Literal["allow", "refuse"] = "allow"  # words that training has not seen: answered with a warning, or 422
    log: bool = True  # a line of JSON per request on standard error

    @property
    def host_names(self) -> tuple[str, ...]:
        """The names of `host_name`, one by one."""
        return tuple(name.strip() for name in (self.host_name or "").split(",") if name.strip())
