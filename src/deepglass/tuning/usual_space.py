"""What is searched when nobody says: around what the task would choose by itself for this model and these data."""

from collections.abc import Callable, Mapping
from typing import Any

from deepglass.core.settings import Setting
from deepglass.tuning.space import Dimension, Space

Range = Callable[[str, Any], Dimension | None]  # from the name and the usual value

MOST_DROPOUT, MOST_SMOOTHING = 0.6, 0.2
LEAST_DECAY, MOST_DECAY = 1e-5, 0.3


def times(factor: float, least: float = 0.0) -> Range:
    """From the usual value divided by a factor to it multiplied by it."""

    def around(name: str, usual: Any) -> Dimension | None:
        if not isinstance(usual, int | float) or isinstance(usual, bool) or usual <= 0:
            return None
        low, high = usual / factor, usual * factor
        if isinstance(usual, int):
            low, high = max(least, 1, int(low)), int(high)
            return Dimension(name, float(low), float(high), is_whole=True, is_log=True) if low < high else None
        return Dimension(name, low, high, is_log=True)

    return around


def doubled(steps: int, least: int = 1) -> Range:
    """The usual number, doubled and halved so often: sizes that processors like, and heads can divide."""

    def around(name: str, usual: Any) -> Dimension | None:
        if not isinstance(usual, int) or isinstance(usual, bool) or usual <= 0:
            return None
        values = [int(usual * 2.0**step) for step in range(-steps, steps + 1)]
        values = sorted({value for value in values if value >= least} | {usual})
        return Dimension(name, choices=tuple(values)) if len(values) > 1 else None

    return around


def between(low: float, high: float, is_log: bool = False) -> Range:
    """Fixed bounds."""
    return lambda name, usual: Dimension(name, low, high, is_log=is_log)


def layers(name: str, usual: Any) -> Dimension | None:
    """One less to two more, at least one, or none where none is usual."""
    if not isinstance(usual, int) or isinstance(usual, bool):
        return None
    return Dimension(name, float(max(min(1, usual), usual - 1)), float(usual + 2), is_whole=True)


OF_TRAINING: dict[str, Range] = {
    "learning_rate": times(10.0),
    "batch_size": doubled(1, least=8),
    "weight_decay": between(LEAST_DECAY, MOST_DECAY, is_log=True),
}
OF_MODEL: dict[str, Range] = {
    "dropout": between(0.0, MOST_DROPOUT),
    "hidden_dim": doubled(1, least=8),
    "hidden_size": doubled(1, least=8),
    "embed_dim": doubled(1, least=16),
    "num_layers": layers,
    "width": doubled(1, least=8),
    "number_dim": doubled(1, least=4),
    "ngram_dropout": between(0.0, MOST_DROPOUT),
}


def usual_space(train: Mapping[str, Any], model: Mapping[str, Any], fixed: Mapping[str, Any]) -> Space:
    """The dimensions that suit a model.

    Args:
        train: What the task chose for the training, by name.
        model: Likewise for the model.
        fixed: What the user has chosen, which is not searched.
    """
    found = [
        around(name, values[name])
        for ranges, values in ((OF_TRAINING, train), (OF_MODEL, model))
        for name, around in ranges.items()
        if name in values and name not in fixed
    ]
    return Space(tuple(one for one in found if one is not None))


def searchable(train: list[Setting], model: list[Setting]) -> dict[str, Setting]:
    """What `--search` may name: settings of the training and of the model, by name."""
    return {setting.name: setting for setting in (*train, *model) if setting.name not in NOT_SEARCHED}


NOT_SEARCHED = frozenset(  # they say how long, where and from what is learnt, or what is promised of it
    ("epochs", "budget", "seed", "device", "precision", "threads", "compile", "cuda_graphs", "checkpoint_every",
     "pretrained", "shard", "private", "delta", "noise_seed", "adversarial", "adversarial_steps")
)  # fmt: skip
