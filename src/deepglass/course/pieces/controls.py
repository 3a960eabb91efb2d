"""Controls whose states can be counted, so that an exported page can hold what each of them shows."""

from collections.abc import Sequence
from typing import Any

import marimo as mo

from deepglass.core.errors import OptionError


def slider(label: str, values: Sequence[float], value: float | None = None) -> Any:
    """A slider over these values, with the chosen one beside it.

    Args:
        label: What it sets, with its letter: "Learning rate η".
        values: From left to right, at most some dozens.
        value: The first one shown, which should make the point; by default the leftmost.

    Raises:
        OptionError: If the first value is not among the values.
    """
    steps = [float(one) if isinstance(one, float) else int(one) for one in values]
    start = steps[0] if value is None else value
    if start not in steps:
        raise OptionError(f"kit.slider {label!r}: expected a first value among {steps}, got {start}")
    return mo.ui.slider(steps=steps, value=start, label=label, show_value=True)
