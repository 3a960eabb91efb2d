"""`deepglass doctor`: what is installed, the hardware, what is missing; with --bench how fast it is, and why."""

import importlib.util
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deepglass.cli._common import JsonOption, set_mode
from deepglass.cli._grown import Group, with_settings
from deepglass.cli.models import checked, groups
from deepglass.core import environment
from deepglass.core.console import console
from deepglass.core.errors import OptionError
from deepglass.core.wording import short

GROUP = "train"

if TYPE_CHECKING:
    from deepglass.core.roofline import Roofs
    from deepglass.zoo.layer_roofline import LayerRoofline, PlacedLayer

EXTRAS = {  # package: what it is for, how to get it
    "tensorboard": ("event files of a training (--tensorboard)", "pip install 'deepglass[tensorboard]'"),
    "statsmodels": ("the measured co2 series; a generated one is used without it", "pip install 'deepglass[co2]'"),
}
BATCH_SIZE = 16  # of a model that is placed under the roofs, where none is given
LISTED = 15  # layers in the table, those that take longest


def look(
    bench: Annotated[bool, typer.Option("--bench", help="Measure arithmetic and memory, about ten seconds.")] = False,
    model: Annotated[str | None, typer.Option(help="With --bench: place this model under the machine's roofs.")] = None,
    task: Annotated[str | None, typer.Option(help="Of the model, where its input depends on it.")] = None,
    out: Annotated[Path | None, typer.Option(help="With --bench: draw the roofs into this .svg or .png file.")] = None,
    json: JsonOption = False,
    **options: Any,
) -> None:
    """Look at this machine: versions, hardware, optional packages, disk; with --bench its speed."""
    set_mode(quiet=False, as_json=json)
    given = {name: value for name, value in options.items() if value is not None}
    if not bench and (model or out or given):
        raise OptionError("--model, --out and sizes belong to --bench: add it, or leave them out")
    if given and not model:
        raise OptionError(f"--{next(iter(given)).replace('_', '-')} belongs to a model: add --model NAME")
    if bench:
        show_speed(model, task, out, given)
    else:
        show_machine()


# -- what is here ---------------------------------------------------------------------------------------------------


def show_machine() -> None:
    """Versions, hardware, what is missing."""
    import torch

    from deepglass.core.device import choose_device, choose_precision

    device = choose_device()
    facts = environment.describe()
    facts |= {
        "training on": str(device),
        "precision": choose_precision("auto", device),
        "free disk": f"{shutil.disk_usage(Path.cwd()).free / 2**30:.1f} GiB",
        "compiler for torch.compile": shutil.which("g++") or shutil.which("c++"),
        "torch threads": torch.get_num_threads(),
    }
    missing = {package: EXTRAS[package] for package in EXTRAS if importlib.util.find_spec(package) is None}
    console.table(("what", "found"), [(name, str(value or "none")) for name, value in facts.items()])
    for package, (purpose, remedy) in missing.items():
        console.say(f"  {package} is not installed: {purpose}. Get it with: {remedy}")
    if not missing:
        console.say("  every optional package is installed")
    console.result({**facts, "missing": {name: remedy for name, (_, remedy) in missing.items()}})


# -- how fast it is -------------------------------------------------------------------------------------------------


def show_speed(model: str | None, task: str | None, out: Path | None, given: dict[str, Any]) -> None:
    """Measure the roofs, place a model under them, draw."""
    import torch

    from deepglass.core.device import choose_device, choose_precision
    from deepglass.zoo import architectures
    from deepglass.zoo.layer_roofline import place

    entry = architectures.entry(model, task) if model else None
    values = {"batch_size": BATCH_SIZE} | (checked(given, entry) if entry else {})
    device = choose_device()
    every = {"all threads": torch.get_num_threads()} | ({"one thread": 1} if device.type == "cpu" else {})
    roofs = {name: measured(device, name, threads) for name, threads in every.items()}
    show_roofs(roofs)
    placement = None
    if entry is not None:
        precision = choose_precision("auto", device)
        console.say(f"  a training step of {entry.name} in {precision} …", style="dim")
        placement = place(entry, roofs["all threads"], device, precision, task, **values)
        show_placement(placement)
    if out is not None:
        from deepglass.evaluate import roofline as picture  # matplotlib takes its time

        picture.write(out, roofs["all threads"], placement)
        console.say(f"  wrote {out}")
    placed = {"model": as_record(placement)} if placement else {}
    console.result({name: asdict(each) for name, each in roofs.items()} | placed)


def measured(device: Any, name: str, threads: int) -> "Roofs":
    """The roofs of a device, with a line for each thing that is measured."""
    from deepglass.core.roofline import measure

    where = f"{name}: " if device.type == "cpu" else ""
    return measure(device, threads, lambda what: console.say(f"  {where}{what} …", style="dim"))


def show_roofs(roofs: dict[str, "Roofs"]) -> None:
    """A line a limit, a column for each number of threads."""
    first = next(iter(roofs.values()))
    rows = [
        *((f"matrix product, {p}", *(short(r.flops[p], "FLOP/s") for r in roofs.values())) for p in first.flops),
        *((f"memory, {kind}", *(short(r.bytes[kind], "B/s") for r in roofs.values())) for kind in first.bytes),
        ("vector sum, float32", *(short(r.vector_flops, "FLOP/s") for r in roofs.values())),
        ("an operation at least", *(f"{1e6 * r.launch['forward']:.1f} µs" for r in roofs.values())),
        ("and its backward pass", *(f"{1e6 * r.launch['backward']:.1f} µs" for r in roofs.values())),
    ]
    console.heading(first.device)
    columns = [f"{name} ({r.threads})" for name, r in roofs.items()] if len(roofs) > 1 else ["measured"]
    console.table(("limit", *columns), rows)
    for precision in first.flops:
        ridge = f"{first.ridge(precision):.0f} FLOPs for every byte moved"
        console.say(f"  in {precision}, arithmetic is the limit from {ridge} on; below, memory is")


def show_placement(placement: "LayerRoofline") -> None:
    """The layers that take longest, and all of them together."""
    longest = sorted(placement.layers, key=lambda layer: -layer.seconds)[:LISTED]
    rows = [line(layer, layer.name or placement.model, placement.whole.seconds) for layer in longest]
    rows.append(line(placement.whole, f"all {len(placement.layers)} layers", placement.whole.seconds))
    console.heading(f"{placement.model}: a step of {placement.batch_size} × {placement.example}, {placement.precision}")
    columns = ("layer", "kind", "FLOPs", "moved", "FLOPs/B", "attainable", "measured", "time", "held up by")
    console.table(columns, rows)
    shares = ", ".join(f"{bound} {placement.share(bound):.0%}" for bound in ("compute", "memory", "launch"))
    console.say(f"  of the time, by what holds the layers up: {shares}")
    console.say("  FLOPs are those of matrix products and convolutions; loss and optimiser are left out")


def line(layer: "PlacedLayer", name: str, whole: float) -> tuple[str, ...]:
    """A layer as a line of the table."""
    rates = (short(layer.attainable, "FLOP/s"), short(layer.measured, "FLOP/s")) if layer.flops else ("", "")
    intensity = f"{layer.intensity:.1f}"
    time = f"{layer.seconds / max(1e-12, whole):.1%}" if layer.name else f"{1000 * layer.seconds:.3g} ms"
    return name, layer.kind, short(layer.flops), short(layer.bytes, "B"), intensity, *rates, time, layer.bound


def as_record(placement: "LayerRoofline") -> dict[str, Any]:
    """All layers as plain data."""
    layers = [*placement.layers, placement.whole]
    more = [{"intensity": layer.intensity, "measured": layer.measured} for layer in layers]
    *parts, whole = (asdict(layer) | extra for layer, extra in zip(layers, more, strict=True))
    return asdict(placement) | {"layers": parts, "whole": whole}


command = with_settings(look, [Group(group.settings, group.panel, is_hidden=True) for group in groups()])
