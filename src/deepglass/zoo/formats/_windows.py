"""Windows that some blocks have and others not: `use_sliding_window`, `sliding_window`, `layer_types`."""

from typing import Any

from deepglass.zoo.published_config import PublishedConfig, Rule

WINDOWS = {
    "use_sliding_window": Rule(False, "if all blocks are alike"),
    "sliding_window": Rule(4096, "if all blocks are alike"),
    "layer_types": Rule(None, "if all blocks are alike"),
}
KINDS = ("full_attention", "sliding_attention")


def window_settings(config: PublishedConfig, usual: list[str]) -> dict[str, Any]:
    """The window of all blocks, or of none.

    Args:
        config: With the fields of `WINDOWS`.
        usual: Kind of each block where `layer_types` is absent and windows are used.

    Raises:
        WeightsError: If some blocks have a window and others not.
    """
    if not isinstance(config["use_sliding_window"], bool):
        raise config.refused("use_sliding_window", "true or false")
    has_window = config["use_sliding_window"] and config["sliding_window"] is not None
    kinds = config["layer_types"] or (usual if has_window else [KINDS[0]])
    if not isinstance(kinds, list) or len(set(map(str, kinds))) > 1 or kinds[0] not in KINDS:
        field = "layer_types" if config["layer_types"] else "use_sliding_window"
        raise config.refused(field, "blocks that all have a window, or none (all full_attention)")
    if kinds[0] == KINDS[0]:
        return {"sliding_window": None}
    if not has_window:
        raise config.refused("layer_types", "full_attention alone where no window is used")
    return {"sliding_window": int(config.number("sliding_window", 1))}
