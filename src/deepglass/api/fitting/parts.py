"""What is an input, what is the target: data as people hand them over, sorted by the forward of the module.

    (X, y) · X, y · (a, b, y) · ([a, b], y) · {"left": a, "right": b}, y · {"input_ids": ids, "labels": y}

Inputs go to the module in their order, or by name where they are in a dict whose keys are parameters of its forward.
The same rules read one batch of a DataLoader and whole arrays.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from deepglass.api.fitting.arrays import as_array, is_array
from deepglass.api.fitting.signature import Signature
from deepglass.core.errors import DataError
from deepglass.core.wording import counted, listing

TARGET_KEYS = ("labels", "label", "targets", "target", "y")  # under which a dict of data holds its target


@dataclass
class Parts:
    """Data sorted for a call of the module.

    args, kwargs: What goes in, by order and by name; each an array, or a list or dict of arrays.
    target: An array, or several in a tuple, list or dict; None where there is none.
    names: Of `args`, for messages.
    target_name: For messages, and the parameter by which a module that computes its own loss takes the target.
    """

    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    target: Any = None
    names: list[str] = field(default_factory=list)
    target_name: str = "y"


def sort(data: Any, y: Any, signature: Signature, where: str = "train") -> Parts:
    """Sort arrays, or one batch.

    Args:
        data: Inputs, with the target where `y` is None.
        y: The target; of a frame also the name of its column.
        signature: Of the module.
        where: The argument that holds the data, for messages.

    Raises:
        DataError: If they do not fit the forward of the module; says what it takes and what came.
    """
    if isinstance(data, pd.DataFrame) and isinstance(y, str):
        data, y = _without_column(data, y, where)
    if isinstance(data, Mapping) and y is None:
        return _sort_mapping(dict(data), signature, where)
    if y is None and _is_several(data):
        parts = list(data)
        inputs, y = (parts, None) if len(parts) == 1 else (parts[:-1], parts[-1])
        inputs = inputs[0] if len(inputs) == 1 else inputs
    else:
        inputs = data
    args, kwargs, names = arrange(_rows_or_inputs(inputs, y), signature, where)
    return whole(Parts(args, kwargs, y, names))


def arrange(inputs: Any, signature: Signature, where: str) -> tuple[list[Any], dict[str, Any], list[str]]:
    """Inputs by order and by name, and what those by order are called.

    Raises:
        DataError: If the forward does not take them.
    """
    if isinstance(inputs, Mapping):
        return _by_name(dict(inputs), signature, where)
    if not _is_several(inputs):
        _require(signature, 1, where)
        return [inputs], {}, _names(signature, 1)
    named = [part for part in inputs if isinstance(part, Mapping)]
    if named and all(signature.knows(str(key)) for part in named for key in part):
        args = [part for part in inputs if not isinstance(part, Mapping)]
        return args, {key: value for part in named for key, value in part.items()}, _names(signature, len(args))
    if not signature.takes(len(inputs)) and signature.takes(1):  # the module takes them as one list
        return [list(inputs)], {}, _names(signature, 1)
    _require(signature, len(inputs), where)
    return list(inputs), {}, _names(signature, len(inputs))


def whole(parts: Parts) -> Parts:
    """Lists of numbers, words or rows as the arrays that they are; lists of arrays stay lists."""
    args = [_whole(part, name) for part, name in zip(parts.args, parts.names, strict=True)]
    kwargs = {key: _whole(part, key) for key, part in parts.kwargs.items()}
    return replace(parts, args=args, kwargs=kwargs, target=_whole(parts.target, parts.target_name))


# -- pieces ---------------------------------------------------------------------------------------------------------


def _is_several(data: Any) -> bool:
    """Whether a list or tuple holds arrays (or lists and dicts of them), and is not itself one array of numbers."""
    if not isinstance(data, list | tuple) or len(data) == 0:
        return False
    if isinstance(data, tuple):
        return True
    return any(_is_column(part) for part in data if not isinstance(part, list)) or _is_pair_of_lists(data)


def _whole(data: Any, name: str) -> Any:
    if isinstance(data, Mapping):
        return {key: _whole(part, f"{name}[{key!r}]") for key, part in data.items()}
    if not isinstance(data, list | tuple):
        return data
    if data and all(_is_column(part) for part in data):
        parts = [_whole(part, f"{name}[{i}]") for i, part in enumerate(data)]
        return parts if isinstance(data, list) else tuple(parts)
    return as_array(data, name)


def _is_column(part: Any) -> bool:
    """Whether a member of a list is an array of its own (or holds several), and not one number or row of an array."""
    if isinstance(part, list | tuple):
        return bool(part) and all(_is_column(inner) for inner in part)
    return isinstance(part, Mapping) or (is_array(part) and _has_length(part))


def _is_pair_of_lists(data: list) -> bool:
    """`[[[1, 2], [3, 4]], [0, 1]]`: rows and their labels as plain lists."""
    has_rows = len(data) > 1 and all(isinstance(part, list | tuple) and part for part in data)
    return has_rows and isinstance(data[0][0], list | tuple) and not isinstance(data[-1][0], list | tuple)


def _rows_or_inputs(inputs: Any, y: Any) -> Any:
    """A list of as many tensors as there are labels holds rows, unless each of them is as long as the labels."""
    if isinstance(inputs, list) and _is_one_target(y) and all(map(is_array, inputs)):
        is_rows = len(inputs) == len(y) and not all(len(part) == len(y) for part in inputs if _has_length(part))
        return _stacked(inputs) if is_rows else inputs
    return inputs


def _is_one_target(y: Any) -> bool:
    if isinstance(y, list | tuple):
        return not all(map(_is_column, y))
    return is_array(y)


def _stacked(rows: list[Any]) -> Any:
    import numpy as np

    shapes = listing(dict.fromkeys(str(tuple(getattr(row, "shape", ()))) for row in rows))
    try:
        return np.stack([np.asarray(row) for row in rows])
    except ValueError:
        raise DataError(f"the rows have shapes {shapes}: expected one shape, or pad them") from None


def _has_length(part: Any) -> bool:
    return bool(getattr(part, "shape", (0,)))


def _sort_mapping(data: dict[str, Any], signature: Signature, where: str) -> Parts:
    """A dict with its target among the inputs, under one of the usual names."""
    key = next((key for key in TARGET_KEYS if key in data), None)
    target = data.pop(key) if key is not None else None
    if not data:
        raise DataError(f"{where} holds nothing but {key!r}: expected inputs beside it")
    args, kwargs, names = arrange(data, signature, where)
    return whole(Parts(args, kwargs, target, names, key or "y"))


def _by_name(data: dict[Any, Any], signature: Signature, where: str) -> tuple[list[Any], dict[str, Any], list[str]]:
    known = [key for key in data if signature.knows(str(key))]
    if not known and signature.takes(1):  # the module takes the dict as it is
        return [data], {}, _names(signature, 1)
    if odd := [str(key) for key in data if key not in known]:
        close = difflib.get_close_matches(odd[0], signature.names, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        raise DataError(
            f"{where} has {listing(map(repr, odd))}{hint}, which the forward of the module does not take: it takes "
            f"{signature}; rename or leave out what it does not know"
        )
    return [], {str(key): value for key, value in data.items()}, []


def _require(signature: Signature, count: int, where: str) -> None:
    if not signature.takes(count):
        most = f" to {signature.most}" if signature.most not in (None, signature.required) else ""
        expected = f"{signature.required}{most}" if signature.most is not None else f"at least {signature.required}"
        raise DataError(
            f"{where} has {counted(count, 'input')}, the forward of the module takes {expected} ({signature}): give "
            "the inputs as a list, tuple or dict, and the target behind them or as y="
        )


def _names(signature: Signature, count: int) -> list[str]:
    """What inputs by order are called: as the parameters they become, or by number."""
    if count == 1:
        return ["X"]
    return [signature.names[i] if i < len(signature.names) else f"input {i + 1}" for i in range(count)]


def _without_column(frame: pd.DataFrame, column: str, where: str) -> tuple[pd.DataFrame, pd.Series]:
    from deepglass.data.reading.table import require_column

    require_column(frame, column, "y")
    return frame.drop(columns=[column]), frame[column]  # type: ignore[return-value]
