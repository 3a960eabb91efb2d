"""One of several server processes: `python -m deepglass.deploy.serve.worker`, started by `workers.py`.

The order comes as JSON on the first line of standard input, the listening socket as an inherited file descriptor. When
standard input ends, the parent is gone, and the worker finishes too.
"""

import json
import os
import signal
import socket
import sys
import threading

from deepglass.deploy.serve.config import ServeConfig
from deepglass.deploy.serve.server import Order, serve


def main() -> int:
    """Serve as ordered; 2 where the person has to mend something."""
    told = json.loads(sys.stdin.buffer.readline())
    order = Order(**told["order"] | {"config": ServeConfig(**told["order"]["config"])})
    threading.Thread(target=_end_with_parent, daemon=True).start()
    serve(order, socket.socket(fileno=told["listener"]), lambda _: os.write(told["ready"], b"."))
    return 0


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
