"""`deepglass trace RUN INPUT`: walk one input through the network, layer by layer and operation by operation."""

from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, RunArgument, set_mode
from deepglass.core.console import console

GROUP = "understand"
NEEDS_ARGUMENTS = True

WIDE = ("step", "from", "shape", "parameters", "mean", "std", "min", "max", "zeros")
NARROW = ("step", "shape", "mean", "zeros")
GRADIENTS = ("gradient", "of weights")
WIDE_FROM = 130  # columns of the terminal
AGAINST = {
    "target": "the target in the input",
    "prediction": "its own prediction, since the input has no target",
    "mean": "the mean of the training data, since the input has no target",
}


def command(
    run: RunArgument,
    input: Annotated[str, typer.Argument(help="A file, a folder or a text; its first example.", metavar="INPUT")],
    backward: Annotated[bool, typer.Option("--backward", help="Also the gradients of the loss.")] = False,
    json: JsonOption = False,
) -> None:
    """Show what one input becomes on its way through a trained network, computed on the glass engine."""
    set_mode(quiet=False, as_json=json)
    from deepglass.api.run import load

    result = load(run, "cpu").trace(input, backward)
    console.heading(f"{result['model']} of {run} on the first example of {input}")
    if "part" in result:
        console.say(f"  follows {result['part']}")
    if backward:
        console.say(f"  loss {result['loss']:.4g} against {AGAINST[result['against']]}; gradients are norms")
    columns = WIDE if console.rich.width >= WIDE_FROM else NARROW
    columns += GRADIENTS * backward
    console.table(columns, [[cells(step)[column] for column in columns] for step in result["steps"]])
    console.result(result)


def cells(step: dict[str, Any]) -> dict[str, str]:
    """What the table may show of a layer or an operation; the name is indented by its depth."""
    is_layer = step["kind"] == "layer"
    title = f"{step['name']} {step['class']}".strip() if is_layer else step["name"]
    shown = {name: number(step[name]) for name in ("mean", "std", "min", "max")}
    shown |= {"gradient": number(step.get("gradient")), "of weights": number(step.get("weight_gradient"))}
    return shown | {
        "step": "  " * step["depth"] + title,
        "from": " ".join(map(size, step["inputs"])) if is_layer else "",
        "shape": size(step["shape"]),
        "parameters": f"{step['parameters']:,}" if is_layer else "",
        "zeros": "" if step["zeros"] is None else f"{step['zeros']:.0%}",
    }


def size(shape: list[int]) -> str:
    """[1, 4] → "1×4"."""
    return "×".join(map(str, shape)) or "scalar"


def number(value: float | None) -> str:
    """Three digits."""
    return "" if value is None else f"{value:.3g}"
