"""What takes long to make is made once per session, by whichever worker asks first, and copied for each of them.

    folder = once(tmp_path_factory, "shop-tabm", lambda place: train("shop-tabm", place))

A copy belongs to the worker that asked: its tests may write beside what they found, and disturb no other process.
"""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder with what `make` leaves in the one that it is given.

    Args:
        factory: Of the session.
        name: Of what is made, unique in the session; also the name of the folder.
        make: Fills an empty folder; called by one process, while others wait for it.
    """
    store = _shared(factory) / "once"
    store.mkdir(exist_ok=True)
    made, mark = store / name, store / f"{name}.made"
    with (store / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not mark.exists():
            shutil.rmtree(made, ignore_errors=True)  # of a process that failed
            made.mkdir()
            make(made)  # where it stays: a run knows where its data lie
            mark.touch()
    return Path(shutil.copytree(made, factory.mktemp("once") / name))


def _shared(factory: pytest.TempPathFactory) -> Path:
    """The folder of this session; under pytest-xdist each worker has its own below it."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
