"""Start the course on this machine and open it in the browser."""

import errno
import secrets
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Iterable
from pathlib import Path

import uvicorn

from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.course import app
from deepglass.course.guard import LOOPBACK

TURN = 0.0005  # seconds that a busy lesson keeps the interpreter while others wait: a tenth of Python's own
FIRST_SCREEN = 3.0  # seconds in which nothing else is imported beside it
PORTS = range(2718, 2738)  # e, and room for a few courses at once


def serve(
    path: str = "",
    host: str = "127.0.0.1",
    port: int | None = None,
    opens_browser: bool = True,
    roots: Iterable[Path] = (),
) -> None:
    """Serve until Ctrl-C.

    Args:
        path: Page to open, such as "lessons/05_perceptron/", quoted as addresses are.
        host: Address to listen on; anything but this machine's own asks visitors for a token.
        port: Where to listen; the first free one from 2718 if not said.
        opens_browser: Whether to open the page.
        roots: Runs and data that may be opened wherever they lie.

    Raises:
        OptionError: If the address or port cannot be had.
    """
    is_private = host in ("127.0.0.1", "localhost", "::1")
    token = "" if is_private else secrets.token_urlsafe(24)
    names = LOOPBACK if is_private else ("*",) if host in ("0.0.0.0", "::") else (host, *LOOPBACK)
    listening = listen(host, port)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listening.getsockname()[1]}/{path}" + (f"?token={token}" if token else "")
    console.say(f"the course is at {address}")
    console.say("  it runs on this machine alone; Ctrl-C ends it", style="dim")
    if not is_private:
        console.warn("anyone with this address runs Python with your rights: pass it on with care")
    sys.setswitchinterval(TURN)
    warming = warm_for_runs if path.startswith("see/") else warm
    threading.Thread(target=warming, daemon=True).start()
    if opens_browser:
        threading.Timer(0.4, webbrowser.open, [address]).start()
    course = app.build(token, names, roots=roots)
    server = uvicorn.Server(uvicorn.Config(course, log_level="warning", timeout_graceful_shutdown=1))
    server.run(sockets=[listening])


def listen(host: str, port: int | None) -> socket.socket:
    """A socket on the port that was asked for, or on the first free one.

    Raises:
        OptionError: If the port is taken or not allowed, or none is free.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in [port] if port is not None else [*PORTS, 0]:
        listening = socket.socket(family)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, candidate))
            listening.listen()  # so that a browser which is there before the server waits for it
            return listening
        except OSError as error:
            listening.close()
            if port is not None or error.errno != errno.EADDRINUSE:
                raise OptionError(
                    f"cannot listen on {host}:{candidate}: {error.strerror}; choose another --port"
                ) from None
    raise OptionError(f"no free port on {host}; choose one with --port")


def warm_for_runs() -> None:
    """Import what the larger panels use, once the first screen is there."""
    from deepglass.see.panels import curves  # noqa: F401 - Matplotlib: every first screen has a picture

    time.sleep(FIRST_SCREEN)
    import deepglass.api.run  # noqa: F401 - PyTorch


def warm() -> None:
    """Import what lessons use, and do once what is slow the first time, while the reader looks at the home page."""
    import torch  # noqa: F401 - before others that look at it while a lesson imports it

    from deepglass.course import first, kit

    first.sources_stamp()
    kit.html(kit.figure()[0], "The first figure loads the fonts")
    kit.read("softmax")  # the first search for a topic reads the whole package
    import sklearn.datasets
    import sklearn.tree  # noqa: F401
