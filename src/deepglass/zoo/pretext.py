"""A network of the zoo that learns without labels: its last layer makes room for a `PretextHead`."""

from typing import Any

from deepglass.core import catalogue
from deepglass.core.errors import OptionError

Stages = tuple[tuple[int, int, bool], ...]  # hidden width, width that comes out, whether normalised; of each stage


def with_pretext_head(model: Any, name: str, head: str | None, stages: Stages, engine: str) -> Any:
    """The network, whose features go through some stages in the place of the layer that answered.

    Args:
        model: Of either engine; it is changed.
        name: Of the model, for messages.
        head: The place of its last layer, as the model's file says it; None where it has none of its own.
        stages: What follows the features.
        engine: "torch" or "glass".

    Raises:
        OptionError: If nothing would be left that has features.
    """
    *parents, last = head.split(".") if head else [""]
    parent = model
    for part in parents:
        parent = _part(parent, part)
    layer = _part(parent, last) if head else None
    if not hasattr(layer, "in_features") or _count(model) == _count(layer):
        raise OptionError(
            f"--model {name} has no features before a last layer, which could be learnt without labels: choose "
            "another, such as cnn or resnet18 for pictures and mlp for tables"
        )
    made = _kind(engine)(layer.in_features, stages)  # type: ignore[union-attr]
    if _is_place(last):
        parent[int(last)] = made
    else:
        setattr(parent, last, made)
    return model


def _part(module: Any, name: str) -> Any:
    return module[int(name)] if _is_place(name) else getattr(module, name)


def _is_place(name: str) -> bool:
    return name.removeprefix("-").isdigit()


def _count(module: Any) -> int:
    return sum(weight.numel() for weight in module.parameters())


def _kind(engine: str) -> Any:
    if engine == "torch":
        from deepglass.zoo.pretext_head import PretextHead

        return PretextHead
    from deepglass.zoo import on_glass

    return on_glass.execute(catalogue.path_of("zoo", "pretext_head")).PretextHead
