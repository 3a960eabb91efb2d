"""What lessons are made of: `from deepglass.course import kit`, then `kit.plane(…)`, `kit.read(…)`, `kit.guess(…)`."""

from deepglass.course.pieces.controls import slider
from deepglass.course.pieces.ending import check, ending
from deepglass.course.pieces.frames import frames
from deepglass.course.pieces.levels import after_guess, levels, note
from deepglass.course.pieces.opening import next_lesson, opening, section, sources
from deepglass.course.pieces.reading import read
from deepglass.course.pieces.text import text
from deepglass.course.style import html, md, row
from deepglass.course.widgets.answer import answer
from deepglass.course.widgets.arithmetic import arithmetic
from deepglass.course.widgets.arm import arm
from deepglass.course.widgets.attention import attention
from deepglass.course.widgets.boxes import boxes
from deepglass.course.widgets.choice import choose, guess
from deepglass.course.widgets.command import run_command
from deepglass.course.widgets.exercise import exercise
from deepglass.course.widgets.film import film
from deepglass.course.widgets.graph import graph, nodes_of
from deepglass.course.widgets.grid import grid
from deepglass.course.widgets.kernel import kernel
from deepglass.course.widgets.layers import layers
from deepglass.course.widgets.lift import lift
from deepglass.course.widgets.loop import loop
from deepglass.course.widgets.network import network
from deepglass.course.widgets.pad import pad
from deepglass.course.widgets.plane import plane
from deepglass.course.widgets.walls import walls
from deepglass.draw.bars import bars
from deepglass.draw.curves import curves
from deepglass.draw.logo import logo
from deepglass.draw.matrix import matrix
from deepglass.draw.pictures import pictures
from deepglass.draw.scatter import scatter
from deepglass.draw.style import (
    BACKGROUND,
    BLUE,
    FAINT,
    GOLD,
    GREEN,
    GREY,
    INK,
    MORE_AND_LESS,
    MUCH,
    ORANGE,
    PINK,
    figure,
    picture,
)  # fmt: skip
from deepglass.draw.tables import table
from deepglass.draw.valley import valley

__all__ = [
    "BACKGROUND", "BLUE", "FAINT", "GOLD", "GREEN", "GREY", "INK", "MORE_AND_LESS", "MUCH", "ORANGE", "PINK",
    "after_guess", "answer", "arithmetic", "arm", "attention", "bars", "boxes", "check", "choose", "curves", "ending",
    "exercise", "figure", "film", "frames", "graph", "grid", "guess", "html", "kernel", "layers", "levels", "lift",
    "logo", "loop", "matrix", "md", "network", "next_lesson", "nodes_of", "note", "opening", "pad", "picture",
    "pictures", "plane", "read", "row", "run_command", "scatter", "section", "slider", "sources", "table", "text",
    "valley", "walls",
]  # fmt: skip
