"""One server process: models in memory, a listening socket, and an end that loses nothing.

On SIGTERM: readiness turns false, no new connection is taken, every answer asks its client to close, what was accepted
is finished, queues are drained, and the process exits with 0.
"""

import asyncio
import contextlib
import ctypes
import gc
import resource
import signal
import socket
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from deepglass.core.errors import OptionError
from deepglass.deploy.runtime.limits import read_short_numbers_only
from deepglass.deploy.serve.access_log import log_to_stderr
from deepglass.deploy.serve.app import create_app
from deepglass.deploy.serve.auth import read_tokens
from deepglass.deploy.serve.config import ServeConfig
from deepglass.deploy.serve.metrics import Metrics
from deepglass.deploy.serve.protocol import BoundedConfig, Http
from deepglass.deploy.serve.registry import Canary, Registry, Sources

BACKLOG = 2048  # connections that the system holds until we take them
LINGER_SECONDS = 0.5  # for requests that are on the wire when the end is announced
MANY_FILES = 65_536  # open connections and files
TICKS = 5  # tenths of a second between two looks at who has stayed too long
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # of mallopt, as <malloc.h> has them
KEPT_BYTES, ARENAS = 262_144, 2
SWITCH_SECONDS = 0.0005  # that a thread may hold up the loop; Python's own 5 ms are many times what a request takes


@dataclass(frozen=True)
class Order:
    """What to serve, and how; plain enough to be handed to a worker process."""

    config: ServeConfig
    paths: list[str]
    repository: str | None = None
    token_file: str | None = None
    canaries: tuple[str, ...] = ()


def serve(
    order: Order,
    listeners: list[socket.socket],
    announce: Callable[[Registry], None] = lambda _: None,
    server_of: "Callable[[uvicorn.Config], PatientServer] | None" = None,
) -> None:
    """Load the models and answer until SIGTERM or Ctrl-C.

    Args:
        order: What to serve.
        listeners: Sockets that listen; none where connections come another way.
        announce: Called when the models are loaded and the first request may come.
        server_of: Makes the server; a `PatientServer` where it is not given.

    Raises:
        OptionError: If two bundles share a name and version, or an option does not fit them.
        BundleError: If a bundle cannot be opened.
    """
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises them again in the end; by then all is done
        signal.signal(number, lambda *_: None)
    allow_many_connections()
    log_to_stderr(order.config.log)
    warnings.filterwarnings("ignore", module="PIL")  # of the size of pictures, which our own bounds judge
    give_memory_back()
    read_short_numbers_only()
    sys.setswitchinterval(SWITCH_SECONDS)
    app = create_app(registry_of(order), read_tokens(Path(order.token_file)) if order.token_file else None)
    config = BoundedConfig(
        app, http=Http, log_config=None, access_log=False, proxy_headers=False, server_header=False, ws="none",
        backlog=BACKLOG, timeout_graceful_shutdown=max(1, round(order.config.timeout_s)),
        timeout_keep_alive=round(order.config.max_idle_seconds),
    )  # fmt: skip
    config.bounds = app.state.bounds
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(_serve((server_of or PatientServer)(config), listeners, announce))


def registry_of(order: Order) -> Registry:
    """The registry that an order asks for, nothing loaded yet."""
    sources = Sources([Path(path) for path in order.paths], Path(order.repository) if order.repository else None)
    return Registry(sources, order.config, Metrics(), [Canary.parse(text) for text in order.canaries])


def listen(config: ServeConfig) -> socket.socket:
    """A socket that listens where the settings say.

    Raises:
        OptionError: If the port is taken, or the address is none of this machine.
    """
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        listener = socket.create_server((config.host, config.port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OptionError(f"cannot listen on {config.host}:{config.port} ({reason}): choose another --port") from None
    # Connections inherit it. asyncio would set it only where the socket names its protocol, which this one does not;
    # without it the system holds back the body of an answer until its head is acknowledged: 40 ms per request.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def allow_many_connections() -> None:
    """Raise the number of files that the process may open, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MANY_FILES if hard == resource.RLIM_INFINITY else min(MANY_FILES, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def give_memory_back() -> None:
    """Have the C library return what a large request took, instead of keeping it for the next; where it is glibc."""
    with contextlib.suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_THRESHOLD, KEPT_BYTES)  # said once, it also stops growing by itself
        libc.mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)
        libc.mallopt(M_ARENA_MAX, ARENAS)


class PatientServer(uvicorn.Server):
    """uvicorn, which lets nobody stay longer than allowed.

    On its way out it lets requests arrive that were sent before their clients could know.
    """

    async def on_tick(self, counter: int) -> bool:
        """Ten times per second."""
        if counter % TICKS == 0:
            bounds = self.config.app.state.bounds  # type: ignore[union-attr]
            bounds.look(self.server_state.connections, asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Announce the end, take what is in the backlog, wait a little, then close as uvicorn does."""
        self.config.app.state.closing = True  # type: ignore[union-attr]
        await asyncio.sleep(0)  # one turn of the loop takes everything that waits in the backlog
        for server in self.servers:
            server.close()
        end = time.monotonic() + LINGER_SECONDS
        while self.server_state.connections and time.monotonic() < end:
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)


async def _serve(server: PatientServer, listeners: list[socket.socket], announce: Callable[[Registry], None]) -> None:
    registry = server.config.app.state.registry  # type: ignore[union-attr]
    await registry.load_all()
    gc.freeze()  # what is loaded stays: the collector need not look at it between requests
    announce(registry)
    await server.serve(listeners)
