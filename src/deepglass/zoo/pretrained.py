"""Published weights: found, checked, brought under our names, and filled into a model.

    weights = open_weights("resnet18.safetensors", architectures.entry("resnet18"))
    fill(model, weights, classes=["cat", "dog"])

`--pretrained` takes a file of weights, a folder with one, a run of Deepglass, `hub:OWNER/NAME`, or `hub` for the
weights that the model's file names as `PUBLISHED`. A model file may also say
    HEAD = "fc"                       which layer answers, and is made anew for other classes
    def from_published(weights)       renames and turns tensors that others publish under other names
    SUMMARY = "bert.pooler"           a layer that belongs to the head where the weights come without it
    INPUT                             how pictures were scaled (see pretrained_config.py)
What transformers publishes is first brought under those names by a file in formats/.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from deepglass.core import catalogue
from deepglass.core.errors import OptionError, WeightsError
from deepglass.core.wording import listing
from deepglass.zoo import architectures, hub, pretrained_config, weight_files
from deepglass.zoo.architectures import ModelEntry
from deepglass.zoo.bag import Bag
from deepglass.zoo.identify import identify_architecture
from deepglass.zoo.key_report import first_mismatch
from deepglass.zoo.pretrained_config import Belongings
from deepglass.zoo.published_config import require_sizes

KNOWN = "hub"  # stands for the weights that the model's own file names


@dataclass(frozen=True)
class Weights:
    """Weights that somebody has trained, under our names, with what belongs to them.

    source: As asked for; folder: where they lie; sha256: of the files.
    """

    source: str
    folder: Path
    sha256: str
    tensors: dict[str, Tensor]
    entry: ModelEntry
    belongings: Belongings

    def record(self) -> dict[str, str]:
        """Where a training began, for environment.json and the model card."""
        return {"source": self.source, "sha256": self.sha256}


def published(entry: ModelEntry) -> str | None:
    """Where weights of a model are published, such as "hub:timm/resnet18.tv_in1k"; None where nobody has."""
    return catalogue.constant("models", entry.file, "PUBLISHED", {}).get(entry.name)


def head_of(model: nn.Module, entry: ModelEntry) -> str | None:
    """The layer of a model that answers, by its name in the state dict; None where there is none of its own.

    A file whose last layer has a place that depends on the settings says `HEAD = "layers.-1"`; a second class of a
    file, for another task, has a `HEAD` of its own.
    """
    if isinstance(model, Bag):  # many layers answer
        return None
    head = getattr(model, "HEAD", None) or catalogue.constant("models", entry.file, "HEAD")
    if head is not None and head.endswith(".-1"):
        path = head.removesuffix(".-1")
        return f"{path}.{len(model.get_submodule(path)) - 1}"  # type: ignore[arg-type]
    return head


def open_weights(source: str, entry: ModelEntry, task: str | None = None) -> Weights:
    """Find weights for a model and read what belongs to them.

    Args:
        source: What `--pretrained` was given.
        entry: The model they are for.
        task: What it is to learn, where that decides which head is wanted.

    Raises:
        WeightsError: If they are absent, damaged, carry code, or belong to another architecture.
        OptionError: If an address is none.
    """
    path = _locate(source, entry)
    files = weight_files.weight_files(path)
    folder = files[0].parent
    belongings = _belongings_beside(path, folder, entry)
    return Weights(
        source=source,
        folder=folder,
        sha256=weight_files.fingerprint(files),
        tensors=_under_our_names(weight_files.read_tensors(files), source, entry, belongings, task),
        entry=entry,
        belongings=belongings,
    )


def fill(model: nn.Module, weights: Weights, classes: list[str] | None = None) -> str:
    """Copy weights into a model; a head for other classes stays as it was drawn. Returns a sentence on the head.

    Args:
        model: Of the same architecture and sizes, or a bag of such.
        weights: From `open_weights`.
        classes: Of the model, in the order of its outputs; None where it answers with numbers.

    Raises:
        WeightsError: If a key or a shape does not fit: names the first one, what was expected and what to do.
    """
    if isinstance(model, Bag):  # all of its networks begin alike, but for their heads
        said = [fill(network, weights, classes) for network in model.networks]
        return said[0]
    own, head = model.state_dict(), head_of(model, weights.entry)
    answering = {name for name in own if head is not None and name.startswith(f"{head}.")}
    kept = _kept_head({name: own[name] for name in answering}, weights, classes)
    body = {name: t for name, t in weights.tensors.items() if head is None or not name.startswith(f"{head}.")}
    summary = _absent_summary(own, weights)
    tensors = body | (kept or {name: own[name] for name in answering | summary})
    counters = {name: tensor for name, tensor in own.items() if name.endswith("num_batches_tracked")}
    tensors = counters | tensors  # files of before 2018 lack them
    if mismatch := first_mismatch(own, tensors):
        raise WeightsError(_unfit(weights, mismatch, own))
    with torch.no_grad():
        for name, tensor in tensors.items():
            own[name].copy_(tensor)
    said = _on_the_head(head, weights, classes, bool(kept))
    return said + (", and so is the layer before it" if summary else "")


def _absent_summary(own: Mapping[str, Tensor], weights: Weights) -> set[str]:
    """The layer before the head, where none of it is in the weights: those that guess words need none."""
    layer = catalogue.constant("models", weights.entry.file, "SUMMARY")
    names = {name for name in own if layer and name.startswith(f"{layer}.")}
    return names if not names & weights.tensors.keys() else set()


def _kept_head(own: dict[str, Tensor], weights: Weights, classes: list[str] | None) -> dict[str, Tensor]:
    """The head of the weights with its rows in our order, where it answers the same question; empty where not."""
    theirs, tensors = weights.belongings.classes, weights.tensors
    if theirs is not None and classes is not None and sorted(theirs) == sorted(classes):
        places = [theirs.index(name) for name in classes]
        tensors = {
            name: tensors[name][places] for name in own.keys() & tensors.keys() if len(tensors[name]) == len(theirs)
        }
    elif theirs is not None or classes is not None:
        return {}
    is_whole = all(name in tensors and tensors[name].shape == tensor.shape for name, tensor in own.items())
    return {name: tensors[name] for name in own} if is_whole else {}


def _on_the_head(head: str | None, weights: Weights, classes: list[str] | None, is_kept: bool) -> str:
    if head is None:
        return ""
    if is_kept:
        return f"the head ({head}) is kept: it answers the same question"
    theirs = weights.belongings.classes
    why = f"the weights know {len(theirs)} others" if theirs else "the weights do not say which classes they know"
    return f"the head ({head}) is new" + (f", for {len(classes)} classes: {why}" if classes else "")


# -- finding --------------------------------------------------------------------------------------------------------


def _locate(source: str, entry: ModelEntry) -> Path:
    """A path on this machine."""
    if source == KNOWN:
        source = published(entry) or ""
        if not source:
            known = [model.name for model in architectures.all_models() if published(model)]
            raise OptionError(
                f"--pretrained hub: nobody is known to publish weights of {entry.name}; known for "
                f"{listing(known, 20) or 'no model'}; or give a file, a folder, or hub:OWNER/NAME"
            )
    if source.startswith(hub.PREFIX):
        return hub.download(source)
    path = Path(source).expanduser()
    if not path.exists():
        raise WeightsError(
            f"--pretrained {source}: there is no such file or folder; expected weights "
            f"({listing(weight_files.SUFFIXES)}), a folder with them, a run, or hub:OWNER/NAME"
        )
    return path


def _belongings_beside(path: Path, folder: Path, entry: ModelEntry) -> Belongings:
    """What lies in the folder belongs to the weights, unless they are one file among several of weights.

    A configuration of transformers belongs to them in any case: it says what the network computes.
    """
    files = [file for file in folder.iterdir() if file.suffix in weight_files.SUFFIXES]
    is_alone = path.is_dir() or len(files) == 1 or pretrained_config.has_model_type(folder)
    try:
        if pretrained_config.is_run(folder):
            return pretrained_config.of_run(folder, entry)
        if is_alone:
            return pretrained_config.of_folder(folder, entry)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        if isinstance(error, WeightsError | OptionError):
            raise
        raise WeightsError(
            f"{folder}: what lies beside the weights (config.json and the like) cannot be understood "
            f"({type(error).__name__}: {error}): download it again, or give the file of weights in a folder of its own"
        ) from None
    return Belongings(scaling=pretrained_config.scaling_of_model(entry))


def _under_our_names(
    tensors: dict[str, Tensor], source: str, entry: ModelEntry, belongings: Belongings, task: str | None
) -> dict[str, Tensor]:
    """The tensors as the model's file names and turns them."""
    config = belongings.config
    if config is not None:
        require_sizes(config, tensors)
    try:
        if config is not None and (convert := getattr(config.format, "tensors", None)):
            tensors = convert(tensors, config)
        translate = getattr(architectures.module_of(entry, "torch"), "from_published", None)
        return translate(tensors, **_wanted(translate, belongings, task)) if translate else tensors
    except (KeyError, IndexError, ValueError, TypeError, RuntimeError, AttributeError) as error:
        if isinstance(error, WeightsError):
            raise
        raise WeightsError(
            f"{source} has no weights of {entry.name} as they are published ({type(error).__name__}: {error})"
            f"{identify_architecture(tensors, entry)}; choose another --model, or other weights"
        ) from None


def _wanted(translate: Any, belongings: Belongings, task: str | None) -> dict[str, Any]:
    """The settings of the weights that a `from_published` asks for by name, and the task."""
    names = inspect.signature(translate).parameters
    return {name: value for name, value in {**belongings.settings, "task": task}.items() if name in names}


def _unfit(weights: Weights, mismatch: Any, own: Mapping[str, Tensor]) -> str:
    """The message for weights that do not fit."""
    shared = sum(name in own and own[name].shape == tensor.shape for name, tensor in weights.tensors.items())
    what = f"{weights.source} does not fit the model {weights.entry.name}: {mismatch}"
    count = f"{shared} of the model's {len(own)} tensors are in it"
    return (
        f"{what} ({count}){identify_architecture(weights.tensors, weights.entry)}; choose the --model, or the sizes, "
        "that the weights were made for"
    )
