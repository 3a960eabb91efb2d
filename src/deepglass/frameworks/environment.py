"""Where a script can run: here, if what it needs is installed; otherwise in an environment that is its alone.

Frameworks cannot share one: MXNet needs a NumPy of 2022, TensorFlow pins what others want newer. With uv the inline
metadata is enough (`uv run --script in_jax.py …`); without it an environment is made by `venv` and pip. Nothing is
downloaded unless it is asked for.
"""

import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from deepglass.core import files
from deepglass.core.catalogue import PACKAGE
from deepglass.core.errors import MissingPackageError
from deepglass.frameworks.script import metadata

LONGEST = 1800  # seconds of an installation or a script
ONE_THREAD = {
    "OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false", "MXNET_CPU_WORKER_NTHREADS": "1",
}  # fmt: skip


def interpreter(path: Path, may_install: bool = False) -> str | None:
    """The Python that has what a script needs; None if there is none and nothing may be installed.

    Raises:
        MissingPackageError: If it was to be installed and could not be.
    """
    if is_here(path):
        return sys.executable
    return by_uv(path, may_install) if shutil.which("uv") else by_venv(path, may_install)


def is_here(path: Path) -> bool:
    """Whether all that a script needs is installed beside Deepglass, in whatever version."""
    try:
        for needed in filter(applies, metadata(path)["dependencies"]):
            importlib.metadata.version(package_of(needed))
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def applies(requirement: str) -> bool:
    """Whether a requirement is one on this system; the only marker that scripts have is `sys_platform`."""
    marker = re.search(r"sys_platform ([=!]=) '(\w+)'", requirement)
    return marker is None or (sys.platform == marker[2]) == (marker[1] == "==")


def package_of(requirement: str) -> str:
    """ "jax" of "jax==0.10.2"."""
    return re.split(r"[^\w.-]", requirement)[0]


def by_uv(path: Path, may_install: bool) -> str | None:
    """uv's own environment of a script.

    Raises:
        MissingPackageError: If it was to be installed and could not be.
    """
    quiet = [] if may_install else ["--offline"]
    links = os.environ.get("PIP_FIND_LINKS")  # uv does not look there by itself
    with_links = {"UV_FIND_LINKS": links} if links and "UV_FIND_LINKS" not in os.environ else {}
    made = tried(["uv", "sync", "--script", *quiet, str(path)], with_links)
    if made.returncode == 0:
        found = tried(["uv", "python", "find", "--script", str(path)], {})
        if found.returncode == 0:
            return found.stdout.strip()
    if may_install:
        raise MissingPackageError(f"uv could not install what {path.name} needs: {last_line(made.stderr)}")
    return None


def by_venv(path: Path, may_install: bool) -> str | None:
    """An environment in the user's cache, one for each list of dependencies.

    Raises:
        MissingPackageError: If it was to be installed and could not be.
    """
    needed = metadata(path)["dependencies"]
    key = hashlib.sha256(repr((sys.version_info[:2], needed)).encode()).hexdigest()[:12]
    folder = files.cache_folder() / "frameworks" / f"{path.stem}-{key}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (folder / "whole").exists():
        return str(python)
    if not may_install:
        return None
    shutil.rmtree(folder, ignore_errors=True)  # of an attempt that was interrupted
    made = tried([sys.executable, "-m", "venv", str(folder)], {})
    if made.returncode == 0:
        made = tried([str(python), "-m", "pip", "install", "--quiet", *needed], {})
    if made.returncode != 0:
        raise MissingPackageError(f"pip could not install what {path.name} needs: {last_line(made.stderr)}")
    (folder / "whole").touch()
    return str(python)


def run(python: str, path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a script on one thread. Only this interpreter sees this package: elsewhere it would bring its neighbours."""
    here = {"PYTHONPATH": str(PACKAGE.parent)} if python == sys.executable else {"PYTHONPATH": ""}
    return tried([python, str(path), *arguments], ONE_THREAD | here)


def tried(command: list[str], more: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A command that may fail or take too long."""
    try:
        return subprocess.run(
            command, env=os.environ | more, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"it took longer than {LONGEST} seconds")


def last_line(text: str) -> str:
    """The last line that says something."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it said nothing")
