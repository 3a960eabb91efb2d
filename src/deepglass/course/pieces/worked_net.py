"""The 2-2-1 net that is worked out by hand: its values, its blame, and its picture with all numbers.

Everything here is plain arithmetic, one line a place, as on paper; the lesson's test holds it against the engine's tape
and against PyTorch. Places are named as on the page: inputs x₁ x₂, sums z₁ z₂ z₃, units h₁ h₂, answer ŷ, loss L.
"""

from collections.abc import Collection, Mapping
from math import exp
from typing import Any

from deepglass.draw.style import BACKGROUND, BLUE, GOLD, GREY, INK, ORANGE, figure, picture

NUMBERS = {"w₁": 0.8, "w₂": -0.4, "b₁": 0.2, "w₃": -0.5, "w₄": 0.5, "b₂": 0.25, "w₅": 1.2, "w₆": -0.6, "b₃": 0.5}
GIVEN = {"x₁": 1.0, "x₂": 0.5, "y": 1.0}
# Who receives blame, from whom, and the slope in between: from all values, and as a formula.
CHAIN = [
    ("ŷ", "L", lambda v: 2 * (v["ŷ"] - v["y"]), r"2(\hat y - y)"),
    ("z₃", "ŷ", lambda v: v["ŷ"] * (1 - v["ŷ"]), r"\hat y\,(1 - \hat y)"),
    ("b₃", "z₃", lambda v: 1.0, "1"),
    ("w₅", "z₃", lambda v: v["h₁"], "h_1"),
    ("w₆", "z₃", lambda v: v["h₂"], "h_2"),
    ("h₁", "z₃", lambda v: v["w₅"], "w_5"),
    ("h₂", "z₃", lambda v: v["w₆"], "w_6"),
    ("z₁", "h₁", lambda v: v["h₁"] * (1 - v["h₁"]), "h_1(1 - h_1)"),
    ("z₂", "h₂", lambda v: v["h₂"] * (1 - v["h₂"]), "h_2(1 - h_2)"),
    ("b₁", "z₁", lambda v: 1.0, "1"),
    ("w₁", "z₁", lambda v: v["x₁"], "x_1"),
    ("w₂", "z₁", lambda v: v["x₂"], "x_2"),
    ("b₂", "z₂", lambda v: 1.0, "1"),
    ("w₃", "z₂", lambda v: v["x₁"], "x_1"),
    ("w₄", "z₂", lambda v: v["x₂"], "x_2"),
]
ORDER = [receiver for receiver, *_ in CHAIN]

ARROWS = {"w₁": "x₁ h₁", "w₂": "x₂ h₁", "w₃": "x₁ h₂", "w₄": "x₂ h₂", "w₅": "h₁ ŷ", "w₆": "h₂ ŷ", "": "ŷ L"}
PLACES = {"x₁": (0.7, 6.2), "x₂": (0.7, 1.9), "h₁": (4.2, 6.2), "h₂": (4.2, 1.9), "ŷ": (7.1, 4.05), "L": (9.4, 4.05)}
LABELS = {
    "w₁": (2.4, 6.2), "w₂": (1.75, 3.15), "w₃": (1.75, 4.95), "w₄": (2.4, 1.9), "w₅": (5.6, 5.16), "w₆": (5.6, 2.94),
    "b₁": (4.2, 7.6), "b₂": (4.2, 0.5), "b₃": (7.3, 5.5),
}  # fmt: skip


def forward(numbers: Mapping[str, float]) -> dict[str, float]:
    """Every value of the net, by name."""
    v = {**numbers, **GIVEN}
    v["z₁"] = v["w₁"] * v["x₁"] + v["w₂"] * v["x₂"] + v["b₁"]
    v["z₂"] = v["w₃"] * v["x₁"] + v["w₄"] * v["x₂"] + v["b₂"]
    v["h₁"], v["h₂"] = sigmoid(v["z₁"]), sigmoid(v["z₂"])
    v["z₃"] = v["w₅"] * v["h₁"] + v["w₆"] * v["h₂"] + v["b₃"]
    v["ŷ"] = sigmoid(v["z₃"])
    v["L"] = (v["ŷ"] - v["y"]) ** 2
    return v


def backward(values: Mapping[str, float]) -> dict[str, float]:
    """The blame of every place, ∂L/∂place: what arrives from the right, times the slope in between."""
    blame = {"L": 1.0}
    for receiver, source, slope, _ in CHAIN:
        blame[receiver] = blame[source] * slope(values)
    return blame


def stepped(rate: float) -> dict[str, float]:
    """The nine numbers after one step against their blame."""
    blame = backward(forward(NUMBERS))
    return {name: value - rate * blame[name] for name, value in NUMBERS.items()}


def whole_chain(receiver: str) -> str:
    """The slopes from the loss back to a place, as a formula."""
    slopes = []
    while receiver != "L":
        receiver, slope = next((source, slope) for name, source, _, slope in CHAIN if name == receiver)
        slopes.append(slope)
    return r" \cdot ".join(reversed([slope for slope in slopes if slope != "1"]))


def drawn(
    values: Mapping[str, float],
    blame: Mapping[str, float] | None = None,
    *,
    layers: int = 4,
    lit: Collection[str] = (),
    ringed: str = "",
    label: str = "",
) -> str:
    """The net with its numbers, as SVG; arrows as thick as their blame.

    Args:
        values: From `forward`.
        blame: What is known of `backward`; drawn in orange.
        layers: How many layers know their values already: 1 the inputs, 4 with the loss.
        lit: Places that receive something now.
        ringed: A number to wear a gold ring.
        label: What is seen, for those who cannot see it.
    """
    fig, ax = figure(width=4.7, height=3.9)
    ax.set(xlim=(-0.2, 10.3), ylim=(0, 8.2), aspect="equal")
    ax.set_axis_off()
    blame = blame or {}
    _draw_arrows(ax, blame)
    for layer, names in enumerate((("x₁", "x₂"), ("h₁", "h₂"), ("ŷ",), ("L",))):
        for name in names:
            _draw_place(ax, name, values if layer < layers else {}, blame, lit)
    for name in NUMBERS:
        _write_number(ax, name, values[name], blame.get(name), name in lit, name == ringed)
    ax.text(9.4, 2.45, f"truth {GIVEN['y']:g}", ha="center", va="center", color=GREY, fontsize=8.5)
    return picture(fig, label)


def _draw_arrows(ax: Any, blame: Mapping[str, float]) -> None:
    most = max((abs(blame[name]) for name in NUMBERS if name in blame), default=1.0)
    for name, way in ARROWS.items():
        (x1, y1), (x2, y2) = (PLACES[end] for end in way.split())
        look: dict[str, Any] = {"color": GREY, "linewidth": 1.2, "alpha": 0.6}
        if name in blame:
            look = {"color": ORANGE, "linewidth": 1 + 6 * abs(blame[name]) / most, "alpha": 0.75}
        ax.plot([x1, x2], [y1, y2], zorder=1, **look)


def _draw_place(
    ax: Any, name: str, values: Mapping[str, float], blame: Mapping[str, float], lit: Collection[str]
) -> None:
    """A circle with its value, its name and its blame beside it."""
    (x, y), inner = PLACES[name], {"h₁": "z₁", "h₂": "z₂", "ŷ": "z₃"}.get(name, "")
    edge = (
        {"edgecolors": ORANGE, "linewidths": 3} if {name, inner} & set(lit) else {"edgecolors": INK, "linewidths": 1.2}
    )
    ax.scatter(x, y, s=900, color=BACKGROUND, zorder=2, **edge)
    middle = {"ha": "center", "va": "center", "zorder": 4}
    known = name in values
    ax.text(x, y, short(values[name], 2) if known else name, fontsize=9.5, color=BLUE if known else GREY, **middle)
    if known:
        ax.text(x + (0.85 if name == "ŷ" else -0.85), y + 0.7, name, fontsize=9, color=GREY, **middle)
    shown = next((place for place in (inner, name) if place in blame), None)
    if shown:
        below = 1.05 if name == "h₂" else -1.05
        ax.text(x, y + below, f"∂{shown} {short(blame[shown])}", fontsize=8.5, color=ORANGE, **middle)


def _write_number(ax: Any, name: str, value: float, blame: float | None, is_lit: bool, is_ringed: bool) -> None:
    """A weight or a bias at its place, its blame below it."""
    edge = GOLD if is_ringed else ORANGE if is_lit else "none"
    box = {"boxstyle": "round,pad=0.22", "facecolor": BACKGROUND, "edgecolor": edge, "linewidth": 2.2}
    text, color = (
        (f"{name} {short(value)}", INK) if blame is None else (f"{name} {short(value)}\n∂ {short(blame)}", ORANGE)
    )
    ax.text(
        *LABELS[name], text, ha="center", va="center", fontsize=9.2, linespacing=1.25, bbox=box, zorder=3, color=color
    )


def short(value: float, digits: int = 3) -> str:
    """Some digits, with a real minus."""
    return f"{value:.{digits}g}".replace("-", "−")


def tex(name: str) -> str:
    """A name for a formula: w₅ becomes w_5."""
    return name.replace("ŷ", r"\hat y").translate({ord("₀") + i: f"_{i}" for i in range(10)})


def sigmoid(z: float) -> float:
    """The bend of this net: 1 / (1 + e⁻ᶻ)."""
    return 1 / (1 + exp(-z))
