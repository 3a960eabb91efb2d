"""How far each connection is, kept where the death of a worker cannot take it: a byte a connection in a shared file.

The worker writes, the parent reads once the worker is gone.
"""

import mmap
from pathlib import Path

SLOTS = 65_536  # connections at a time, of all workers together

IDLE = 0  # nothing was read that is not answered: whoever gets the connection next can go on with it
BUSY = 1  # a request is being read or computed, and no byte of its answer is sent
CLOSING = 2  # part of an answer may be sent, or the worker is done with it: nothing can be added


class ConnectionTable:
    """One byte for every connection.

    Args:
        path: A file that all processes open; made by whoever comes first.
    """

    def __init__(self, path: Path):
        with path.open("a+b") as file:
            file.truncate(SLOTS)
            self.states = mmap.mmap(file.fileno(), SLOTS)
