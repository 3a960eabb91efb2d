"""The process in which a reader's code runs: `python -m deepglass.course.judging.child`, started by `sandbox.py`.

It reads {"name", "code", "seed"} from standard input, and tells on what was its standard output what happened, a line
of JSON each: that the code was understood, then for each case what the function gave back. Whether that is right is
decided elsewhere, so no code can decide it here.

Limits, set once everything that the exercise needs is imported: seconds of processor time, memory, size of files.
Python's audit hooks refuse to start programs, open connections, and change files outside of the empty folder that it
runs in. (Hooks stop mistakes and mischief in Python, not an attacker with machine code.)
"""

import ast
import builtins
import contextlib
import importlib
import inspect
import io
import json
import math
import os
import sys
import traceback
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np

from deepglass.course.judging import wire
from deepglass.course.judging.description import Description, load

FILE = "<your code>"
SECONDS = 5  # of processor time
ROOM = 1 << 30  # bytes of memory beyond what is there after the imports
MOST_PRINTED = 2000  # characters
LIBRARIES = ("torch", "scipy", "sklearn", "pandas")
REFUSED = (
    "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.startfile", "os.fork", "pty.",
    "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo", "os.kill", "signal.pthread_kill", "ctypes.",
    "os.link", "os.symlink", "os.chown", "os.chdir", "webbrowser.", "urllib.", "winreg.", "sys.setprofile",
    "sys.settrace",
)  # fmt: skip
CHANGES = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.chmod", "os.truncate", "os.utime", "shutil.")


def main() -> None:
    """Run what was sent, tell what happened, and end at once, whatever threads are left."""
    tell = channel()
    asked = json.loads(sys.stdin.readline())
    description = load(asked["name"])
    for module in libraries_of(asked["code"]):
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    limit()
    sys.addaudithook(refuse)
    printed = Printed()
    sys.stdout = sys.stderr = printed  # type: ignore[assignment]
    try:
        attempt(description, asked, tell)
    except BaseException as error:
        tell({"error": words_for(error)})
    finally:
        tell({"printed": printed.text})
        os._exit(0)


def attempt(description: Description, asked: dict[str, Any], tell: Callable[[Any], None]) -> None:
    """Understand the code, run it, and call what it defines with every case."""
    tree = ast.parse(asked["code"], FILE)
    if complaint := forbidden(tree, description):
        return tell({"refused": complaint})
    space: dict[str, Any] = {"np": np, "numpy": np, "math": math, "__name__": "exercise"}
    if "torch" in sys.modules:
        space["torch"] = sys.modules["torch"]
    before = set(space)
    exec(compile(tree, FILE, "exec"), space)
    function = defined(space, before, description.name)
    if function is None:
        return tell({"refused": f"Define `{description.name}`: it is what the test calls."})
    tell({"defined": True})
    calling = lambda *args: called(function, args, description)  # noqa: E731
    for args in description.drawn(asked["seed"]):
        with np.errstate(all="ignore"):
            try:
                tell({"got": wire.pack(description.run(calling, deepcopy(args)))})
            except BaseException as error:
                tell({"error": words_for(error)})
    if asked.get("wants_more") and description.after:
        with contextlib.suppress(Exception):
            tell({"more": str(description.after(calling))[:500]})
    return None


def channel() -> Callable[[Any], None]:
    """A way to tell, which whatever is printed does not disturb."""
    line = os.fdopen(os.dup(1), "w", encoding="utf-8")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)

    def tell(news: Any) -> None:
        line.write(json.dumps(news) + "\n")
        line.flush()

    return tell


def libraries_of(code: str) -> set[str]:
    """Large libraries that the code speaks of, whose import takes seconds that are not the reader's."""
    named: set[str] = set()
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        for node in ast.walk(ast.parse(code)):
            named |= {node.id} & {"torch"} if isinstance(node, ast.Name) else set()
            named |= {alias.name for alias in node.names} if isinstance(node, ast.Import) else set()
            named |= {node.module or ""} if isinstance(node, ast.ImportFrom) else set()
    return {name for name in named if name.partition(".")[0] in LIBRARIES}


def limit() -> None:
    """Bounds of the machine's own; Windows has none, and there the clock of `sandbox.py` is all."""
    try:
        import resource
    except ImportError:
        return
    user, system = resource.getrusage(resource.RUSAGE_SELF)[:2]
    bounds = {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": 10 << 20, "RLIMIT_CPU": math.ceil(user + system) + SECONDS}
    with contextlib.suppress(OSError), open("/proc/self/statm", encoding="ascii") as file:
        bounds["RLIMIT_AS"] = int(file.read().split()[0]) * resource.getpagesize() + ROOM
    for name, bound in bounds.items():
        with contextlib.suppress(ValueError, OSError, AttributeError):
            harder = bound + 2 if name == "RLIMIT_CPU" else bound  # the softer one tells that it was the time
            resource.setrlimit(getattr(resource, name), (bound, harder))


def refuse(event: str, args: tuple[Any, ...]) -> None:
    """The audit hook: what would reach beyond this process is refused."""
    if event == "open" and isinstance(args[0], str | bytes) and changes(args[1], args[2]):
        stay_inside(args[:1])
    elif event.startswith(CHANGES):
        stay_inside(args)
    elif event.startswith(REFUSED):
        raise PermissionError(f"an exercise may not do this ({event})")


def stay_inside(args: tuple[Any, ...]) -> None:
    """Only the empty folder that it runs in, and that goes with it, may be changed.

    Raises:
        PermissionError: If a path leads out of it.
    """
    here = os.path.realpath(os.getcwd()) + os.sep
    for place in args:
        if isinstance(place, str | bytes) and not os.path.realpath(os.fsdecode(place)).startswith(here):
            raise PermissionError("an exercise may not change files")


def changes(mode: Any, flags: Any) -> bool:
    """Whether a file is opened to be written."""
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))


class Printed(io.TextIOBase):
    """The first lines of what is printed; the rest is let go."""

    text = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if len(self.text) < MOST_PRINTED:
            self.text = (self.text + text)[:MOST_PRINTED]
        return len(text)


def forbidden(tree: ast.Module, description: Description) -> str:
    """What an exercise forbids and the code uses, or ""."""
    for node in ast.walk(tree):
        operator = {ast.MatMult: "@"}.get(type(getattr(node, "op", None)), "")
        names = [operator, getattr(node, "id", ""), getattr(node, "attr", "")]
        names += [alias.name for alias in getattr(node, "names", []) if isinstance(alias, ast.alias)]
        for name in names:
            if name in description.forbids:
                return f"Line {getattr(node, 'lineno', 1)}: {description.forbids[name]}"
    return ""


def defined(space: dict[str, Any], before: set[str], name: str) -> Any:
    """What the code defined: by its name, or else the one function that there is."""
    if callable(space.get(name)):
        return space[name]
    own = [value for key, value in space.items() if key not in before and inspect.isfunction(value)]
    return own[0] if len(own) == 1 and name not in space else None


def called(function: Callable[..., Any], args: tuple[Any, ...], description: Description) -> Any:
    """Call with values in order, or where only names are taken, by name.

    Raises:
        TypeError: If it takes neither.
    """
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # a function of NumPy's own
        return function(*args)
    try:
        signature.bind(*args)
    except TypeError:
        by_name = dict(zip(description.names, args))
        try:
            signature.bind(**by_name)
        except TypeError:
            wanted = ", ".join(description.names)
            raise Uncallable(
                f"`{description.name}` is called with {len(args)} values, {wanted}; yours takes {signature}."
            ) from None
        return function(**by_name)
    return function(*args)


class Uncallable(TypeError):
    """The reader's function takes other arguments."""


def words_for(error: BaseException) -> str:
    """What to say of an error in the reader's code."""
    if isinstance(error, Uncallable):
        return str(error)
    if isinstance(error, SyntaxError):
        return f"Line {error.lineno}: Python cannot read this ({error.msg})."
    if isinstance(error, SystemExit):
        return "Your code ends Python itself: leave `exit()` out."
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
    if isinstance(error, MemoryError):
        return f"{_line(lines)}It wants more than {ROOM >> 30} GB of memory."
    try:
        message = str(error)[:500]
    except BaseException:
        message = ""
    return f"{_line(lines)}{type(error).__name__}: {message}".rstrip(": ")


def _line(lines: list[int | None]) -> str:
    return f"Line {lines[-1]}: " if lines else ""


if __name__ == "__main__":
    builtins.exit = builtins.quit = sys.exit  # type: ignore[assignment]
    main()
