"""Weights as they lie on a disk: safetensors, or PyTorch's own format read without running it.

    tensors = read_tensors(weight_files(Path("bert-base")))

A `.pth` is a pickle, and a pickle can carry code that runs when it is opened. PyTorch's `weights_only` builds tensors
and nothing else; a file that asks for more is refused, and the message names what it asked for.
"""

import hashlib
import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from deepglass.core import files
from deepglass.core.errors import RunError, WeightsError
from deepglass.core.wording import listing

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")
USUAL = (
    "model.safetensors",
    "weights.safetensors",
    "pytorch_model.bin",
)  # transformers, Deepglass, transformers of old
INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")  # list the parts of large weights
WRAPPERS = ("state_dict", "model_state_dict", "model")  # under which training scripts keep the weights
PREFIXES = ("module.", "_orig_mod.")  # that data-parallel training and torch.compile put before every name
COUNTERS = ("num_batches_tracked", "position_ids", "token_type_ids", "relative_position_index")  # rightly whole numbers


def weight_files(path: Path) -> list[Path]:
    """The file itself, or the files of weights in a folder: one, or the parts that an index lists.

    Raises:
        WeightsError: If there are none, or several and none has a usual name.
    """
    if not path.is_dir():
        return [path]
    for index in INDEXES:
        if (path / index).is_file():
            return _parts(path / index)
    found = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
    usual = [path / name for name in USUAL if path / name in found]
    if usual or len(found) == 1:
        return (usual or found)[:1]
    if not found:
        raise WeightsError(f"{path} has no weights: expected a file that ends in {listing(SUFFIXES)}")
    raise WeightsError(f"{path} has several weights ({listing(file.name for file in found)}): name one of the files")


def _parts(index: Path) -> list[Path]:
    content, folder = read_json(index), index.parent
    listed = content.get("weight_map") if isinstance(content, dict) else None
    names = set(listed.values()) if isinstance(listed, dict) else set()
    parts = [folder / Path(str(name)).name for name in sorted(map(str, names))]
    if not parts or (absent := [part.name for part in parts if not part.is_file()]):
        what = f"lacks {listing(absent)}" if parts else "has an index that lists no parts"
        raise WeightsError(f"{folder} {what}: copy or download the whole folder again")
    return parts


def read_json(path: Path) -> Any:
    """A JSON file that lies beside weights.

    Raises:
        WeightsError: If it is damaged.
    """
    try:
        return files.read_json(path)
    except RunError as error:
        raise _unread(error) from None


def fingerprint(paths: list[Path]) -> str:
    """SHA-256 of the files, one after the other: the same weights have the same, wherever they lie.

    Raises:
        WeightsError: If one cannot be read.
    """
    digest = hashlib.sha256()
    for path in paths:
        try:
            with files.opened(path) as file:
                while block := file.read(1 << 20):
                    digest.update(block)
        except RunError as error:
            raise _unread(error) from None
    return digest.hexdigest()


def read_tensors(paths: list[Path]) -> dict[str, Tensor]:
    """The tensors of one or several files by name, in float32, every number finite.

    Raises:
        WeightsError: If a file is empty, damaged, carries code, or holds something else than weights.
    """
    tensors: dict[str, Tensor] = {}
    for path in paths:
        content = _unwrapped(_read_safetensors(path) if path.suffix == ".safetensors" else _read_pickle(path), path)
        if twice := tensors.keys() & content.keys():
            raise WeightsError(
                f"{path}: weights {min(twice)!r} are in another part too: download the whole folder again"
            )
        tensors |= {name: _checked(name, tensor, path) for name, tensor in content.items()}
    return tensors


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load(_bytes_of(path))
    except (SafetensorError, KeyError, ValueError, TypeError, OverflowError, RuntimeError) as error:
        raise WeightsError(f"{path} is damaged ({str(error)[:200]}): copy or download it again") from None


def _read_pickle(path: Path) -> Any:
    _bytes_of(path, 1)
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if wanted := re.search(r"GLOBAL ([\w.]+)", str(error)):
            raise WeightsError(
                f"{path} is a pickle that carries code: it asks for {wanted[1]}. Nothing of it was run; "
                "expected tensors alone: ask its author for a .safetensors file"
            ) from None
        raise WeightsError(
            f"{path} is no file of weights as PyTorch writes them, or damaged; nothing of it was run: ask its "
            "author for a .safetensors file, or download it again"
        ) from None
    except Exception as error:  # whatever PyTorch says of a stranger's file
        why = type(error).__name__
        raise WeightsError(f"{path} is damaged or no file of weights ({why}): copy or download it again") from None


def _bytes_of(path: Path, count: int = -1) -> bytes:
    try:
        with files.opened(path) as file:
            content = file.read(count)
    except RunError as error:
        raise _unread(error) from None
    if not content:
        raise WeightsError(f"{path} is empty: copy or download it again")
    return content


def _unread(error: RunError) -> WeightsError:
    """What is said of a file of a run, said of weights."""
    said = str(error).removesuffix(f": {files.RESTORE}").removesuffix(f": {files.MISSING}")
    return WeightsError(f"{said}: copy or download it again")


def _unwrapped(content: Any, path: Path) -> dict[str, Tensor]:
    """The dictionary of tensors inside whatever a training script has saved around it."""
    while isinstance(content, Mapping) and (inner := [w for w in WRAPPERS if isinstance(content.get(w), Mapping)]):
        content = content[inner[0]]
    if not isinstance(content, Mapping) or not content:
        came = "nothing in it" if isinstance(content, Mapping) else f"a {type(content).__name__}"
        raise WeightsError(f"{path}: expected names and tensors (a state dict), got {came}")
    for name, value in content.items():
        if not isinstance(value, Tensor):
            raise WeightsError(f"{path}: expected a tensor under {name!r}, got a {type(value).__name__}")
    found = {str(name): value for name, value in content.items()}
    while prefix := next((p for p in PREFIXES if all(name.startswith(p) for name in found)), ""):
        found = {name.removeprefix(prefix): value for name, value in found.items()}
    return found


def _checked(name: str, tensor: Tensor, path: Path) -> Tensor:
    """One tensor as float32.

    Raises:
        WeightsError: If it holds no real numbers, or one that is infinite or not a number.
    """
    if not tensor.is_floating_point():
        if name.endswith(COUNTERS) or tensor.dtype is torch.bool or tensor.dtype is torch.int64:
            return tensor
        kind = str(tensor.dtype).removeprefix("torch.")
        raise WeightsError(f"{path}: weights {name!r} are {kind}, expected floating point: take the unquantised file")
    tensor = tensor.float()
    if not tensor.isfinite().all():
        raise WeightsError(f"{path}: weights {name!r} hold a number that is infinite or none: the file is spoilt")
    return tensor
