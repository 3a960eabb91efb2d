"""A page with one widget of every kind, as an exported lesson holds them: no kernel, no server."""

import json

import numpy as np

from deepglass import glass
from deepglass.core import files
from deepglass.course import export, kit
from deepglass.course.exporting.session import fields
from deepglass.glass.foundations import inverse_kinematics

POINTS = [[0.5, 0.5, 1], [-0.5, -0.4, 0], [0.4, -0.5, 0], [-0.6, 0.5, 1]]
FOUND = [((2, 2, 10, 9), "cat", 0.9), ((12, 12, 18, 18), "dog", 0.4)]
TOKENS = ["the", " cat", " sat"]
TABLES = {"head 1": np.tril(np.ones((3, 3))) / np.arange(1, 4)[:, None], "head 2": np.eye(3)}


def tape():
    w = glass.tensor([2.0], requires_grad=True)
    return ((w * 3.0) ** 2).sum()


SAMPLES = {
    "answer": lambda: kit.answer("How many?", 3, name="n"),
    "arithmetic": lambda: kit.arithmetic("points"),
    "arm": lambda: kit.arm({"learnt": inverse_kinematics.network(seed=1)}, goal=(0.4, 0.2)),
    "attention": lambda: kit.attention(TABLES, TOKENS, following=[{"cat": 0.5, "dog": 0.3}] * 3, name="looks"),
    "boxes": lambda: kit.boxes(np.eye(20), FOUND, [((2, 2, 10, 10), "cat")], masks={"cat": np.eye(20)}, label="A cat"),
    "choice": lambda: kit.choose("Which?", {"a": (True, "Yes."), "b": (False, "No.")}, name="which"),
    "command": lambda: kit.run_command("deepglass --version"),
    "exercise": lambda: kit.exercise("batches"),
    "film": lambda: kit.film([kit.curves([1, 2, 3]), kit.curves([3, 2, 1])], label="Steps"),
    "graph": lambda: kit.graph(tape(), label="A tape"),
    "grid": lambda: kit.grid([[1, 1], [0, 1]], label="A shear"),
    "kernel": lambda: kit.kernel(np.eye(8)),
    "layers": lambda: kit.layers({"input": np.eye(8), "convolution": np.linspace(-1, 1, 108).reshape(3, 6, 6)}),
    "lift": lambda: kit.lift("points"),
    "loop": lambda: kit.loop({"a square": [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]}, name="ring"),
    "network": lambda: kit.network([np.ones((2, 2)), np.ones((1, 2))], [[0, 0], [0]], [[1, 2], [3, 3], [6]]),
    "pad": lambda: kit.pad(8, {"a line": np.eye(8)}),
    "plane": lambda: kit.plane(POINTS, name="points", offers_product=True),
    "walls": lambda: kit.walls("points"),
}
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Widgets</title>
<link rel="stylesheet" href="assets/lesson.css"><link rel="stylesheet" href="assets/widgets.css">
<body class="dg-exported"><main class="dg-page">{hosts}</main>
<script type="application/json" id="dg-states">{states}</script>
<script src="assets/widgets.js"></script><script src="assets/host.js"></script></body></html>"""


def write(folder):
    """The page; every widget is in an element with the id of its kind."""
    export.write_assets(folder / "assets")
    widgets = {name: make().widget for name, make in SAMPLES.items()}
    states = {name: {"file": widget.file, "state": fields(widget)} for name, widget in widgets.items()}
    hosts = "".join(
        f'<section id="{name}"><div class="dg-host" data-model="{name}"></div></section>' for name in SAMPLES
    )
    place = folder / "index.html"
    files.write_text(place, PAGE.format(hosts=hosts, states=json.dumps(states).replace("<", "\\u003c")))
    return place
