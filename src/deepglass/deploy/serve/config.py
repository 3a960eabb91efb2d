"""What a server may be told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ServeConfig:
    """Settings of a server; the limits hold for every request, whatever its protocol.

    How many pixels a picture and how many characters a text may have belongs to the model: its bundle says it.
    """

    host: str = "127.0.0.1"  # loopback: nobody else reaches it until asked
    port: int = 8000  # what Triton and KServe listen on
    workers: int = 1  # processes that share the port; one keeps models loadable while it runs
    threads: int = 1  # of ONNX Runtime for a batch; more than one pays for large models only
    max_batch: int = 32  # rows computed together; beyond, small models on a CPU gain nothing
    max_wait_ms: float = 2.0  # the longest that a batch waits for requests whose bodies are still arriving
    queue: int = 256  # requests that may wait for one model; further ones get 503 at once
    timeout_s: float = 30.0  # a request that names no deadline gets this one
    log: bool = True  # a line of JSON a request on standard error

    max_body_bytes: int = 16_777_216  # a picture of 16 megapixels as JPEG fits
    max_body_seconds: float = 20.0  # a client that sends slower than this is let go
    max_json_depth: int = 32  # brackets inside brackets; tensors need 6
    max_rows: int = 1024  # records or tensor rows a request
