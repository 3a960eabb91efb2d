"""A row, a picture or a text of one's own on its way through the network: what each layer makes of it.

`deepglass trace` tells the same with every operation and gradient; it is computed on the glass engine.
"""

from typing import Any

from deepglass.core.errors import DeepglassError, OptionError
from deepglass.draw.bars import bars
from deepglass.draw.curves import curves
from deepglass.draw.tables import table
from deepglass.explain.trace import trace_batch
from deepglass.see import Asked, NotForThisRun, View
from deepglass.see.opened import Opened

PLACE = 10
TITLE = "On its way through"
QUESTION = "What becomes of one example, layer by layer?"
LESSON = "05_perceptron"
READ = ("explain/trace.py", "glass/autograd.py")
IS_QUICK = False
ASKS = ("input", "row")

MOST_STEPS, MOST_ANSWERS = 60, 8


def show(opened: Opened, asked: Asked) -> View:
    """The answer, the spread of what each layer gives, and a table of the layers.

    Raises:
        NotForThisRun: If nothing goes in, or the network does not run on the glass engine.
    """
    rows, place, called = opened.example(asked)
    import torch

    batch = rows.examples.batch(torch.tensor([place]))
    count = len(batch) - 1 if rows.num_inputs is None else rows.num_inputs
    try:
        walked = trace_batch(opened.run, (*batch[:count], batch[-1]), has_target=False)
    except OptionError as error:
        raise NotForThisRun(str(error)) from error
    layers = [step for step in walked["steps"] if step["kind"] == "layer"]
    spread = [step["std"] or 0.0 for step in layers]
    shown: list[Any] = []
    if answer := answered(opened, rows, place):
        shown.append(bars(answer, label="The answer"))
    if len(layers) > 1:
        numbers = list(range(1, len(layers) + 1))
        shown.append(
            curves(
                {"": (numbers, spread)},
                label="Spread of what each layer gives",
                xlabel="layer",
                whole=True,
                ylabel="spread",
            )
        )
    shown.append(table([row(i, step) for i, step in enumerate(layers[:MOST_STEPS], 1)]))
    part = f", through {walked['part']}" if "part" in walked else ""
    operations = len(walked["steps"]) - len(layers)
    said = f"{called[:1].upper()}{called[1:]}{part}: {len(layers)} layers, {operations} operations."
    return View(said, shown, {"layers": layers, "answer": answer})


def row(number: int, step: dict[str, Any]) -> dict[str, Any]:
    """A layer in the table."""
    blank = lambda value: "" if value is None else value  # noqa: E731
    name = "\u2003" * (step["depth"]) + (step["name"] or step["class"])
    return {
        "layer": f"{number} {name}", "kind": step["class"], "gives": " × ".join(map(str, step["shape"])),
        "parameters": f"{step['parameters']:,}", "mean": blank(step["mean"]), "spread": blank(step["std"]),
        "zeros": "" if step["zeros"] is None else f"{step['zeros']:.0%}",
    }  # fmt: skip


def answered(opened: Opened, rows: Any, place: int) -> dict[str, float]:
    """What the whole run answers, by name: the largest scores first; empty where they have no names."""
    task = opened.run.task
    if not task.score_names:
        return {}
    import torch

    with torch.no_grad():
        try:
            scores = task.scores(opened.run.model.cpu()(*rows.inputs([place])))[0]
        except (NotImplementedError, DeepglassError):
            return {}
    if task.scores_are_odds:
        scores = scores.sigmoid()
    named = sorted(zip(task.score_names, scores.tolist(), strict=True), key=lambda pair: -pair[1])
    return {str(name): float(value) for name, value in named[:MOST_ANSWERS]}
