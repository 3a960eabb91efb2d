"""Files of a run as they should never be: missing, cut, flipped, of another kind, without end, with code inside.

    for name, corrupt in CORRUPTIONS.items():
        corrupt(run / "task.json", random.Random(7))

Those of values change one place of a JSON file and keep the rest, so that they come as far as they can.
"""

import io
import json
import os
import pickle
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

Corruption = Callable[[Path, random.Random], None]
CANARY = "DEEPGLASS_CANARY"  # names the file that code would write if it were run
MILLIARD = 10**9
HUGE = (MILLIARD, 10**18, 10**400, 1e308)
OTHERS = (None, True, "", "x", -1, 0, 1.5, [], {}, [[]], [None], {"": None}, "nan", float("nan"), float("inf"))


class Code:
    """A pickle of this runs code when it is opened."""

    def __reduce__(self) -> Any:
        return (_leave_a_mark, ())


def _leave_a_mark() -> None:
    Path(os.environ[CANARY]).touch()


# -- of bytes -------------------------------------------------------------------------------------------------------


def missing(path: Path, rng: random.Random) -> None:
    path.unlink()


def empty(path: Path, rng: random.Random) -> None:
    path.write_bytes(b"")


def truncated(path: Path, rng: random.Random) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: rng.randrange(len(content))])


def one_flipped_bit(path: Path, rng: random.Random) -> None:
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def random_bytes(path: Path, rng: random.Random) -> None:
    path.write_bytes(rng.randbytes(rng.randrange(1, 4096)))


def random_bytes_inside(path: Path, rng: random.Random) -> None:
    content = bytearray(path.read_bytes())
    start = rng.randrange(len(content))
    content[start : start + 64] = rng.randbytes(64)
    path.write_bytes(content)


def twice(path: Path, rng: random.Random) -> None:
    path.write_bytes(path.read_bytes() * 2)


def of_another_name(path: Path, rng: random.Random) -> None:
    others = sorted(other for other in path.parent.iterdir() if other.is_file() and other != path)
    path.write_bytes(rng.choice(others).read_bytes() if others else b"another")


# -- of kinds -------------------------------------------------------------------------------------------------------


def a_folder(path: Path, rng: random.Random) -> None:
    path.unlink()
    path.mkdir()


def a_link_to_itself(path: Path, rng: random.Random) -> None:
    path.unlink()
    path.symlink_to(path.name)


def a_pipe(path: Path, rng: random.Random) -> None:
    path.unlink()
    os.mkfifo(path)


def a_device_without_end(path: Path, rng: random.Random) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def unreadable(path: Path, rng: random.Random) -> None:
    path.chmod(0)


def a_terabyte(path: Path, rng: random.Random) -> None:
    os.truncate(path, 1 << 40)  # takes no room on the disk


# -- of content -----------------------------------------------------------------------------------------------------


def another_json_type(path: Path, rng: random.Random) -> None:
    path.write_text(json.dumps(rng.choice(OTHERS)))


def deep_brackets(path: Path, rng: random.Random) -> None:
    path.write_text(rng.choice(['{"a":' * 200_000, "[" * 200_000, "[" * 900 + "]" * 900]))


def a_number_without_end(path: Path, rng: random.Random) -> None:
    path.write_text('{"task": ' + "9" * 5000 + "}")


def code(path: Path, rng: random.Random) -> None:
    path.write_bytes(pickle.dumps(Code()))


def code_in_an_archive(path: Path, rng: random.Random) -> None:
    content = io.BytesIO()
    if path.suffix == ".npz":
        np.savez(content, ids=np.array([Code()], dtype=object), allow_pickle=True)
    else:
        import torch

        torch.save(Code(), content)
    path.write_bytes(content.getvalue())


def an_archive_that_grows(path: Path, rng: random.Random) -> None:
    """Ten million zeros, and a header that promises a milliard of numbers."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"shape": (MILLIARD, MILLIARD), "fortran_order": False, "descr": "<f8"})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ids.npy", head.getvalue() + bytes(10_000_000))
        archive.writestr("archive/data.pkl", bytes(10_000_000))


def a_header_without_end(path: Path, rng: random.Random) -> None:
    """As safetensors begins: the length of a header that is not there."""
    path.write_bytes((1 << 62).to_bytes(8, "little") + b"{}")


# -- of values in JSON ----------------------------------------------------------------------------------------------


def places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every key of it."""
    keys = content if isinstance(content, dict) else range(len(content)) if isinstance(content, list) else ()
    for key in keys:
        yield content, key
        yield from places(content[key])


def changing(choose: Callable[[Any, random.Random], Any], of: Callable[[Any], bool] = lambda value: True) -> Corruption:
    """Change values at one to three places of a JSON file; another file gets random bytes inside."""

    def corrupt(path: Path, rng: random.Random) -> None:
        if path.suffix != ".json":
            return random_bytes_inside(path, rng)
        content = json.loads(path.read_text())
        found = [(where, key) for where, key in places(content) if of(where[key])]
        for where, key in rng.sample(found, min(len(found), rng.randint(1, 3))):
            where[key] = choose(where[key], rng)
        path.write_text(json.dumps(content) if found else "{}")
        return None

    return corrupt


def without_a_key(path: Path, rng: random.Random) -> None:
    if path.suffix != ".json":
        return random_bytes_inside(path, rng)
    content = json.loads(path.read_text())
    found = [(where, key) for where, key in places(content) if isinstance(where, dict)]
    if found:
        where, key = rng.choice(found)
        where["wrong " + key] = where.pop(key)
    path.write_text(json.dumps(content) if found else "{}")
    return None


def of_another_length(value: Any, rng: random.Random) -> Any:
    return value[: len(value) // 2] if rng.random() < 0.5 else value + value


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


CORRUPTIONS: dict[str, Corruption] = {
    function.__name__.replace("_", " "): function
    for function in (
        missing, empty, truncated, one_flipped_bit, random_bytes, random_bytes_inside, twice, of_another_name,
        a_folder, a_link_to_itself, a_pipe, a_device_without_end, unreadable, a_terabyte,
        another_json_type, deep_brackets, a_number_without_end, code, code_in_an_archive, an_archive_that_grows,
        a_header_without_end, without_a_key,
    )
} | {
    "other values": changing(lambda value, rng: rng.choice(OTHERS)),
    "huge sizes": changing(lambda value, rng: rng.choice(HUGE), is_size),
    "negative sizes": changing(lambda value, rng: rng.choice((-1, -MILLIARD)), is_size),
    "texts for numbers": changing(lambda value, rng: rng.choice(("x", str(value), "1e9", "")), is_number),
    "lists of another length": changing(of_another_length, lambda value: isinstance(value, list) and bool(value)),
}  # fmt: skip
