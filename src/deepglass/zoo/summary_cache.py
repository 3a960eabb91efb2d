"""Summaries of models, kept between calls: to count them all takes seconds, to read them takes none.

A number depends on the model's file, on how we count, and on PyTorch; the key of an entry is made of these three, so
what is kept is never stale. The store may be deleted at any time; a folder that cannot be written costs nothing else.
"""

import hashlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from deepglass.core import catalogue, files
from deepglass.core.errors import DeepglassError
from deepglass.zoo.architectures import ModelEntry

COUNTING = ("example_inputs", "summary", "architectures")  # the files that decide what a number is

Record = dict[str, Any]


def summaries(entries: Iterable[ModelEntry], task: str | None, announce: Callable[[int], None]) -> list[Record]:
    """Example, parameters, FLOPs and bytes of each model, counted where no earlier call did.

    Args:
        entries: The models.
        task: Which task is meant, where a model's input depends on it.
        announce: Told how many models must be counted, before the counting.
    """
    keys = {key_of(entry, task): entry for entry in entries}
    known = read_store()
    missing = {key: entry for key, entry in keys.items() if key not in known}
    if missing:
        announce(len(missing))
        known |= {key: count(entry, task) for key, entry in missing.items()}
        with suppress(DeepglassError, OSError):
            files.write_json(path_of_store(), known)
    return [known[key] for key in keys]


def count(entry: ModelEntry, task: str | None) -> Record:
    """One model's numbers."""
    from deepglass.zoo.summary import summarize

    summary = summarize(entry, task)
    names = ("example", "parameters", "flops", "weights_bytes", "training_bytes")
    return {name: getattr(summary, name) for name in names}


def key_of(entry: ModelEntry, task: str | None) -> str:
    """A name that changes with everything that the numbers depend on."""
    paths = [catalogue.path_of("models", entry.file), *(catalogue.path_of("zoo", name) for name in COUNTING)]
    content = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]
    meant = task or next(iter(entry.tasks), None)
    return f"{entry.file}/{entry.name}/{meant}/{content}/torch {version('torch')}"


def read_store() -> dict[str, Record]:
    """What earlier calls counted; nothing if there is no store, or none that can be read."""
    with suppress(DeepglassError, OSError, ValueError):
        content = files.read_json(path_of_store())
        return content if isinstance(content, dict) else {}
    return {}


def path_of_store() -> Path:
    """One file for all models."""
    return files.cache_folder() / "models.json"
