"""An example of what a model reads, made from the model's own signature.

    example = example_for(_build.entry("resnet18"), image_size=64)
    _build.load("resnet18", **example.dims)(*example.inputs)

The first input of `forward` tells the kind of data: `images`, `clips`, `tokens`, `source`, `past`, `numeric`, `frames`,
`moving`, `noise`, or `features` of the nodes of graphs. A size is what was asked for, else what the model's file says
of published weights (`INPUT`), else the default of its constructor, else what is usual for the kind. So a new model
file needs no entry here or anywhere.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

from deepglass.core import catalogue
from deepglass.zoo.architectures import ModelEntry, class_of, module_of

BIN_EDGES = tuple(edge / 8 - 2 for edge in range(33))  # 32 bins: the most that our preprocessing makes of a column


@dataclass(frozen=True)
class Sizes:
    """What data would determine; what is left open is the model's own default, else the usual size of its data."""

    batch_size: int = 1  # examples that go through at once
    image_size: int | None = None  # height and width in pixels
    num_frames: int | None = None  # of a clip
    in_channels: int | None = None  # 1 for grey pictures, 3 for colour
    num_classes: int | None = None  # answers to choose from
    vocab_size: int | None = None  # tokens that are known
    length: int | None = None  # tokens of a text
    context: int | None = None  # steps of the past, or tokens that a language model can see at once
    horizon: int | None = None  # steps of the future
    num_series: int | None = None  # series forecast together
    num_features: int | None = None  # columns of a table
    num_bands: int | None = None  # mel bands of sounds
    num_nodes: int | None = None  # of a graph
    latent_dim: int | None = None  # numbers of noise, of models that make something from it


@dataclass(frozen=True)
class Kind:
    """One form of data: the usual sizes, the inputs of B examples of given sizes, and those sizes in words."""

    usual: dict[str, Any]
    draw: Callable[[int, SimpleNamespace], tuple[Tensor, ...]]
    words: str


@dataclass(frozen=True)
class Example:
    """Sizes for `_build.load`, which leaves out those that the model has no use for; inputs; the sizes in words."""

    dims: dict[str, Any]
    inputs: tuple[Tensor, ...]
    words: str


def example_for(entry: ModelEntry, task: str | None = None, batch_size: int = 1, **sizes: Any) -> Example:
    """Sizes and random inputs for a model, on torch's current default device.

    Args:
        entry: The model.
        task: Pictures may also be read by models of tables, which flatten them; then the task decides, where its
            file declares a `FIRST_INPUT`.
        batch_size: Examples that go through at once.
        sizes: Fields of `Sizes`, or others of the kind; None leaves one open, and one of another kind is left out.

    Raises:
        ValueError: If the first input of `forward` has none of the known names.
    """
    kind = kind_of(entry, task)
    published = {"image_size": catalogue.constant("models", entry.file, "INPUT", {}).get("size")}
    nothing = (inspect.Parameter.empty, ())
    own = {name: default for name, default in constructor_of(entry, task).items() if default not in nothing}
    dims = dict(kind.usual)
    for more in (own, published, sizes):
        dims |= {name: value for name, value in more.items() if value is not None and name in kind.usual}
    complete(dims, kind)
    inputs = kind.draw(batch_size, SimpleNamespace(**dims))
    return Example(dims, inputs, kind.words.format(**dims))


def kind_of(entry: ModelEntry, task: str | None = None) -> Kind:
    """What a model reads, by the name of the first input of its `forward`.

    Raises:
        ValueError: If the first input of `forward` has a name that is not known.
    """
    first = list(inspect.signature(class_of(module_of(entry, "torch"), entry, task).forward).parameters)[1]
    if task is not None:
        first = catalogue.declared_by(task, "FIRST_INPUT") or first
    if first == "tokens" and "num_classes" in constructor_of(entry, task):
        first = "text"
    if first == "clips" and "vocab_size" in constructor_of(entry, task):
        first = "captioned clips"
    if first not in KINDS:
        raise ValueError(f"models/{entry.file}.py: forward reads {first!r}; name its first input one of {list(KINDS)}")
    return KINDS[first]


def constructor_of(entry: ModelEntry, task: str | None = None) -> dict[str, Any]:
    """The sizes that the model's constructor names, with their defaults."""
    parameters = inspect.signature(class_of(module_of(entry, "torch"), entry, task).__init__).parameters
    return {name: p.default for name, p in parameters.items() if name not in ("self", "config")}


def complete(dims: dict[str, Any], kind: Kind) -> None:
    """Fill in the sizes that follow from others."""
    dims["num_outputs"] = dims.get("num_classes")
    dims["source_vocab_size"] = dims["target_vocab_size"] = dims.get("vocab_size")
    if "image_size" in kind.usual:
        side = dims["image_size"]
        dims["image_size"] = (side, side) if isinstance(side, int) else side
        dims["num_features"] = dims["in_channels"] * dims["image_size"][0] * dims["image_size"][1]
        dims["num_features"] *= dims.get("num_frames", 1)
    else:
        dims["bin_edges"] = (BIN_EDGES,) * dims.get("num_features", 0)


def draw_images(B: int, sizes: SimpleNamespace) -> tuple[Tensor, ...]:
    """Noise: (B, C, H, W)."""
    return (torch.randn(B, sizes.in_channels, *sizes.image_size),)


def draw_clips(B: int, sizes: SimpleNamespace) -> tuple[Tensor, ...]:
    """Noise: (B, T, C, H, W)."""
    return (torch.randn(B, sizes.num_frames, sizes.in_channels, *sizes.image_size),)


def draw_captioned_clips(B: int, sizes: SimpleNamespace) -> tuple[Tensor, ...]:
    """Noise and a sentence about each clip: (B, T, C, H, W) and (B, length)."""
    return draw_clips(B, sizes) + draw_texts(B, sizes)


def draw_texts(B: int, sizes: SimpleNamespace) -> tuple[Tensor, ...]:
    """Texts without padding (token 0): (B, T)."""
    return (torch.randint(1, sizes.vocab_size, (B, sizes.length)),)


def draw_pairs(B: int, sizes: SimpleNamespace) -> tuple[Tensor, ...]:
    """A text and its translation of the same length: (B, T) and (B, T)."""
    return draw_texts(B, sizes) + draw_texts(B, sizes)


def draw_captioned(B: int, sizes: SimpleNamespace) -> tuple[Tensor, ...]:
    """Pictures and a text for each: (B, C, H, W) and (B, T)."""
    return draw_images(B, sizes) + draw_texts(B, sizes)


def draw_series(B: int, sizes: SimpleNamespace) -> tuple[Tensor, ...]:
    """Past and covariates: (B, context, series) and (B, context, covariates)."""
    steps = (B, sizes.context)
    return torch.randn(*steps, sizes.num_series), torch.randn(*steps, sizes.num_covariates)


def draw_rows(B: int, sizes: SimpleNamespace) -> tuple[Tensor, ...]:
    """Numbers and codes of categories: (B, F) and (B, n)."""
    codes = [torch.randint(0, count, (B, 1)) for count in sizes.cardinalities]
    none = torch.zeros(B, 0, dtype=torch.int64)
    return torch.randn(B, sizes.num_features), torch.cat([none, *codes], dim=1)


def draw_moving(B: int, sizes: SimpleNamespace) -> tuple[Tensor, ...]:
    """Pictures on their way, at which time, and their captions: (B, C, H, W), (B,) and (B, T)."""
    return (*draw_images(B, sizes), torch.rand(B), *draw_texts(B, sizes))


def draw_frames(B: int, sizes: SimpleNamespace) -> tuple[Tensor, ...]:
    """Sounds of equal length: frames (B, T, M), T a multiple of 8, and their lengths (B,)."""
    T = -(-sizes.length // 8) * 8
    return torch.randn(B, T, sizes.num_bands), torch.full((B,), T)


def draw_graphs(B: int, sizes: SimpleNamespace) -> tuple[Tensor, ...]:
    """Noise for every node, and rings in which each hears itself and its two neighbours: (B, N, F) and (B, N, N)."""
    itself = torch.eye(sizes.num_nodes)
    ring = (itself + itself.roll(1, 0) + itself.roll(-1, 0)) / 3  # (N, N)
    return torch.randn(B, sizes.num_nodes, sizes.num_features), ring.repeat(B, 1, 1)


def draw_noise(B: int, sizes: SimpleNamespace) -> tuple[Tensor, ...]:
    """Standard normal: (B, latent_dim)."""
    return (torch.randn(B, sizes.latent_dim),)


KINDS = {
    "images": Kind(
        {"image_size": 224, "in_channels": 3, "num_classes": 1_000},  # ImageNet
        draw_images,
        "{in_channels}×{image_size[0]}×{image_size[1]} pixels",
    ),
    "clips": Kind(
        {"image_size": 112, "in_channels": 3, "num_frames": 16, "num_classes": 400},  # Kinetics, as Tran et al. (2018)
        draw_clips,
        "{num_frames} frames of {in_channels}×{image_size[0]}×{image_size[1]} pixels",
    ),
    "captioned clips": Kind(
        {"image_size": 112, "in_channels": 3, "num_frames": 16, "vocab_size": 10_000, "length": 20, "max_length": 64},
        draw_captioned_clips,
        "{num_frames} frames of {image_size[0]}×{image_size[1]} pixels, {length} tokens of {vocab_size:,}",
    ),
    "pictures": Kind(
        {"image_size": 224, "in_channels": 3, "vocab_size": 49_408, "length": 76},  # CLIP
        draw_captioned,
        "{in_channels}×{image_size[0]}×{image_size[1]} pixels and {length} tokens of {vocab_size:,}",
    ),
    "text": Kind(
        {"vocab_size": 30_522, "length": 128, "max_length": 512, "num_classes": 2},  # BERT
        draw_texts,
        "{length} tokens of {vocab_size:,}",
    ),
    "tokens": Kind(
        {"vocab_size": 50_257, "length": 128, "context": 1_024, "max_length": 1_024},  # GPT-2
        draw_texts,
        "{length} tokens of {vocab_size:,}",
    ),
    "source": Kind(
        {"vocab_size": 37_000, "length": 128, "max_length": 512},  # Vaswani et al. (2017), section 5.1
        draw_pairs,
        "{length} tokens of {vocab_size:,}, twice",
    ),
    "past": Kind(
        {"context": 336, "horizon": 96, "num_series": 7, "num_covariates": 0},  # ETT and its most cited benchmark
        draw_series,
        "{context} steps of {num_series} series, {horizon} ahead",
    ),
    "numeric": Kind(
        {"num_features": 14, "num_classes": 2, "cardinalities": ()},  # as many columns as adult has
        draw_rows,
        "{num_features} columns",
    ),
    "moving": Kind(
        {"image_size": 32, "in_channels": 3, "vocab_size": 1_000, "length": 12, "max_length": 16},  # as small captions
        draw_moving,
        "{in_channels}×{image_size[0]}×{image_size[1]} pixels and {length} words of {vocab_size:,}",
    ),
    "frames": Kind(
        {"num_bands": 40, "length": 400, "num_classes": 10, "vocab_size": 28},  # four seconds; letters of English
        draw_frames,
        "{length} frames of {num_bands} bands",
    ),
    "features": Kind(
        {"num_nodes": 200, "num_features": 1_433, "num_classes": 7},  # words and fields of Cora, fewer papers
        draw_graphs,
        "{num_nodes} nodes of {num_features:,} numbers",
    ),
    "noise": Kind(
        {"num_features": 2, "latent_dim": 2},  # a ring of Gaussians
        draw_noise,
        "{latent_dim} numbers of noise for {num_features} columns",
    ),
}
