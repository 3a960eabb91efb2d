"""A model's own file on the glass engine: executed unchanged, with `torch` answered by `deepglass.glass`.

    execute(Path("models/gpt.py")).Model(vocab_size=65, context=128)

The file becomes a module of its own whose `import` knows a handful of names. PyTorch is neither touched nor needed:
what others in the process import as `torch` stays what it is, and a breakpoint in the file stops on either engine.
"""

import builtins
import importlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from deepglass import glass
from deepglass.core.errors import OptionError

STANDARD = ("__future__", "collections", "collections.abc", "dataclasses", "functools", "itertools", "math", "typing")


@cache
def execute(path: Path) -> ModuleType:
    """The file as a module on the glass engine.

    Raises:
        OptionError: If it imports something else than torch and a few modules of Python's own.
    """
    module = ModuleType(f"deepglass.models.{path.stem} on glass", "")
    module.__file__ = str(path)
    vars(module)["__builtins__"] = vars(builtins) | {"__import__": importer(path)}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), vars(module))
    return module


def importer(path: Path) -> Callable[..., Any]:
    """The `import` statement of one model file."""

    def import_module(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        if level == 0 and name.partition(".")[0] == "torch":
            counterpart = counterpart_of(name, path)
            return counterpart if fromlist else glass  # `import a.b` binds a, `from a.b import c` asks b
        if level == 0 and name in STANDARD:
            return __import__(name, globals, locals, fromlist)
        raise OptionError(
            f"{path.name} imports {'.' * level + name!r}: a model file on the glass engine may import torch and "
            f"{', '.join(STANDARD[1:])}; use --engine torch"
        )

    return import_module


def counterpart_of(name: str, path: Path) -> ModuleType:
    """ "torch.nn" → `deepglass.glass.nn`.

    Raises:
        OptionError: If the engine has no such module.
    """
    try:
        return importlib.import_module(f"deepglass.glass{name.removeprefix('torch')}")
    except ModuleNotFoundError:
        raise OptionError(
            f"{path.name} imports {name!r}, which is left out of the glass engine: use --engine torch"
        ) from None


def to_glass(state_dict: Mapping[str, Any]) -> dict[str, glass.Tensor]:
    """Weights of a PyTorch module, copied for a glass one."""
    return {name: glass.tensor(value.detach().cpu().numpy()) for name, value in state_dict.items()}


def to_torch(state_dict: Mapping[str, glass.Tensor]) -> dict[str, Any]:
    """Weights of a glass module, copied for a PyTorch one."""
    import torch

    return {name: torch.from_numpy(np.array(value.detach().numpy())) for name, value in state_dict.items()}
