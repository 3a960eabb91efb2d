"""Weights of another architecture, recognised by the names of their tensors.

Every model of the zoo is built without memory (on PyTorch's "meta" device) and asked which of its names are there.
"""

from torch import Tensor

from deepglass.core import catalogue
from deepglass.zoo import architectures
from deepglass.zoo.architectures import ModelEntry
from deepglass.zoo.example_inputs import example_for
from deepglass.zoo.without_memory import without_memory

SURE = 0.95  # of all names that the weights or the model have must be in both before we say so
FEWEST = 8  # tensors: two layers called "fc1" and "fc2" prove nothing


def identify_architecture(tensors: dict[str, Tensor], entry: ModelEntry) -> str:
    """A clause such as "; by their names these look like resnet50", empty where nobody can tell.

    Args:
        tensors: Weights as they were published.
        entry: The model that they do not fit.
    """
    shares = {other.name: _share(tensors, other) for other in architectures.all_models() if other.name != entry.name}
    best = max(shares, key=shares.__getitem__)
    return f"; by their names these look like {best}" if shares[best] >= SURE else ""


def _share(tensors: dict[str, Tensor], entry: ModelEntry) -> float:
    """The share of names that weights and model have in common, of all that either has."""
    try:
        own, names = map(set, _both(tensors, entry, next(iter(entry.tasks), None)))
    except Exception:  # a model may refuse these weights in any way: then they are not its own
        return 0.0
    named = {name for name in own | names if not name.endswith("num_batches_tracked")}
    return len(own & names & named) / len(named) if len(named) >= FEWEST else 0.0


def architecture_of(tensors: dict[str, Tensor], task: str) -> ModelEntry | None:
    """The model of a task that weights belong to: its names, and all shapes but those of the head; None where none is.

    Args:
        tensors: Weights as they were published.
        task: Such as "image-classification".
    """
    sure = [entry for entry in architectures.all_models(task) if _share(tensors, entry) >= SURE]
    return next((entry for entry in sure if _fits(tensors, entry, task)), None)


def _fits(tensors: dict[str, Tensor], entry: ModelEntry, task: str) -> bool:
    own, ours = _both(tensors, entry, task)
    head = catalogue.constant("models", entry.file, "HEAD") or "\0"
    body = [name for name in own if name in ours and not name.startswith(f"{head}.")]
    return bool(body) and all(own[name].shape == ours[name].shape for name in body)


def _both(
    tensors: dict[str, Tensor], entry: ModelEntry, task: str | None
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """By name, what the model would have, as shapes, and what these weights are in its words."""
    with without_memory():
        own = architectures.load(entry.name, task=task, **example_for(entry, task).dims).state_dict()
    return own, getattr(architectures.module_of(entry, "torch"), "from_published", dict)(tensors)
