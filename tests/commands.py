"""Commands as a user types them, each in a process of its own, which begins with everything imported.

Importing PyTorch, pandas and matplotlib takes three seconds; a command on tiny data takes one. So one process imports
them and forks for each command. What is asked of the beginning of a program itself starts a program instead.

    done = deepglass("train", "iris.csv", "--epochs", "1", cwd=folder)
    assert done.returncode == 0, done.stderr
"""

import atexit
import contextlib
import importlib
import json
import os
import pkgutil
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import deepglass as deepglass_package
from tests import shortened
from tests.slow_tests import seconds_of

IMPORTED = (
    "torch", "torch._dynamo", "pandas", "pyarrow.compute", "pyarrow.csv", "pyarrow.json", "pyarrow.parquet",
    "pyarrow.pandas_compat", "scipy.stats", "sklearn.ensemble", "sklearn.linear_model",
    "sklearn.feature_extraction.text", "matplotlib.figure", "matplotlib.backends.backend_svg", "PIL.Image", "jinja2",
    "safetensors.torch", "tokenizers", "typer", "typer._adapters", "pydantic.type_adapter",
    "rich.table", "rich.progress",
)  # fmt: skip
OURS = ("core", "data", "models", "zoo", "training", "evaluate", "rivals", "tasks", "runs", "api")  # folders
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "COLUMNS": "120"}


def deepglass(*words: object, cwd: Path | None = None, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run `deepglass` with these words, and wait for its end."""
    return run("deepglass", [*map(str, words)], cwd=cwd, stdin=stdin)


def run(
    module: str,
    words: list[str],
    *,
    cwd: Path | None = None,
    stdin: str | None = None,
    killed: tuple[Path, float] | None = None,
    most_bytes: int | None = None,
    is_brief: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run a module as `python -m` does, and wait for its end.

    Args:
        module: Its name.
        words: What follows it on the command line.
        cwd: Where; here if None.
        stdin: What comes on standard input; nothing if None.
        killed: A file, and the seconds after its appearance in which the process is killed, unless it has ended.
        most_bytes: That a file of the process may have; for more the system says that there is no room.
        is_brief: Whether all is short that is beside the question whether it runs to its end.
    """
    with tempfile.TemporaryDirectory() as folder:
        streams = {name: str(Path(folder) / name) for name in ("stdin", "stdout", "stderr")}
        Path(streams["stdin"]).write_text(stdin or "", encoding="utf-8")
        environment = {**os.environ, **ENVIRONMENT}
        asked = {"module": module, "words": words, "cwd": str(cwd or Path.cwd()), "env": environment, **streams}
        asked["killed"] = None if killed is None else (str(killed[0]), killed[1])
        asked |= {"most_bytes": most_bytes, "is_brief": is_brief}
        returncode = _parent().ask(asked)
        out, err = (Path(streams[name]).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
        return subprocess.CompletedProcess([module, *words], returncode, out, err)


class _Parent:
    """The process that forks, at the other end of two pipes."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.commands"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).resolve().parents[1], env={**os.environ, **ENVIRONMENT},
        )  # fmt: skip
        atexit.register(self.process.kill)
        assert self.process.stdout is not None
        self.process.stdout.readline()  # all is imported
        beginnings.append(seconds_of(self.process.pid))

    def ask(self, asked: dict[str, Any]) -> int:
        """The exit status of a command; negative for a signal, as `subprocess` has it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


_parents: list[_Parent] = []
beginnings: list[float] = []  # seconds of the processor before the first command, which are of no test


def _parent() -> _Parent:
    if not _parents or _parents[0].process.poll() is not None:
        _parents[:] = [_Parent()]
    return _parents[0]


def _serve() -> None:
    """Import, then fork for every line that comes."""
    for name in [*IMPORTED, *_ours()]:
        with contextlib.suppress(ImportError):  # another version, which has no such file, or a package that is extra
            importlib.import_module(name)
    _read_settings()
    _read_templates()
    shortened.grow_few_trees()
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            _become(asked)
        status = _killed(child, *asked["killed"]) if asked["killed"] else os.waitpid(child, 0)[1]
        print(os.waitstatus_to_exitcode(status), flush=True)


def _read_settings() -> None:
    """Read what options are grown from; the modules of `cli` look at the command that is asked, and come with it."""
    from deepglass.core import catalogue
    from deepglass.rl.running import settings as of_algorithms
    from deepglass.runs import options
    from deepglass.zoo import architectures

    for folder in ("cli", "data", "models", "rl", "tasks", "training", "zoo"):
        for path in (catalogue.PACKAGE / folder).rglob("*.py"):
            catalogue.tree_of(path)
    for task in options.task_names():
        options.task_settings(task)
    for entry in architectures.all_models():
        _ = entry.settings
    of_algorithms.algorithms()


def _read_templates() -> None:
    """Compile what reports and cards are written with."""
    from deepglass.evaluate import page_templates

    for path in page_templates.FOLDER.glob("*.j2"):
        page_templates._environment(Path(path.stem).suffix).get_template(path.name)


def _ours() -> list[str]:
    """The modules of the package that commands need: each of them would be imported anew for every command."""
    places = {folder: str(Path(deepglass_package.__file__).parent / folder) for folder in OURS}
    found = [pkgutil.walk_packages([place], f"deepglass.{folder}.") for folder, place in places.items()]
    return [module.name for modules in found for module in modules]


def _killed(child: int, path: str, delay: float) -> int:
    """Wait for a file, then some seconds, and kill the child; returns how it ended."""
    due = None
    while not (done := os.waitpid(child, os.WNOHANG))[0]:
        if due is None and os.path.exists(path):
            due = time.monotonic() + delay
        if due is not None and time.monotonic() >= due:
            os.kill(child, signal.SIGKILL)
            return os.waitpid(child, 0)[1]
        time.sleep(0.002)
    return done[1]


def _become(asked: dict[str, Any]) -> None:
    """The command, in the child; never returns."""
    import runpy

    os.setsid()
    if asked["most_bytes"] is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["most_bytes"], asked["most_bytes"]))
    for number, (name, flags) in enumerate(
        (("stdin", os.O_RDONLY), *((n, os.O_WRONLY | os.O_CREAT) for n in ("stdout", "stderr")))
    ):
        os.dup2(os.open(asked[name], flags, 0o600), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - until the end of the process
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    sys.argv, sys.path[0] = [asked["module"], *asked["words"]], asked["cwd"]
    code: Any = 0
    if asked["is_brief"]:
        shortened.be_brief()
    try:
        runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        print(code, file=sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    _serve()
