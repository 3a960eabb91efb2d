"""The pictures of an explanation's page: bars, curves, a map over the picture, words with their colours."""

from typing import Any

import numpy as np

from deepglass.core import data_uri
from deepglass.core.wording import shortened
from deepglass.explain import Explanation
from deepglass.explain.wording import cell

SIDE = 320  # pixels of a map on the page, at least
MOST_BARS = 20
SPEAKS_FOR, SPEAKS_AGAINST = (0, 104, 173), (184, 72, 0)  # the report's first two colours
MOST_LAYERS = 8


def of(found: Explanation) -> list[dict[str, Any]]:
    """`caption` and `svg` of each."""
    drawn = []
    if found.parts and "contribution" in found.parts[0] and found.map is None:
        drawn.append({"caption": f"Contributions: {found.contribution_unit or found.unit}", "svg": bars(found)})
    drawn += [
        {"caption": curve["column"], "svg": curve_of(curve, found.unit)} for curve in found.curves if "column" in curve
    ]
    drawn += [_grid(curve, found.unit) for curve in found.curves if "grid" in curve]
    return drawn + [_layer(curve) for curve in found.curves[:MOST_LAYERS] if "layer" in curve]


def bars(found: Explanation) -> Any:
    """The parts that matter most, with intervals."""
    from deepglass.evaluate.svg import INK, SERIES, draw

    shown = sorted(found.parts, key=lambda part: -abs(part["contribution"]))[:MOST_BARS]
    values = np.array([part["contribution"] for part in shown])

    def paint(axes: Any) -> None:
        places = np.arange(len(shown))
        axes.barh(places, values, height=0.62, color=[SERIES[0] if v >= 0 else SERIES[1] for v in values], alpha=0.85)
        if "low" in shown[0]:
            ends = np.array([[part["low"], part["high"]] for part in shown]).T
            axes.errorbar(values, places, xerr=np.abs(ends - values), fmt="none", ecolor=INK, elinewidth=1.2, capsize=3)
        axes.axvline(0, color=INK, linewidth=1, alpha=0.6)
        axes.set_yticks(places, [_title(part) for part in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlabel(found.contribution_unit or found.unit)
        axes.grid(visible=False, axis="y")

    told = ", ".join(f"{_title(part)} {part['contribution']:+.3g}" for part in shown[:5])
    return draw(paint, f"Contributions: {told}", height=0.9 + 0.32 * len(shown))


def _title(part: dict[str, Any]) -> str:
    value = part.get("value")
    told = str(part["name"]) if value in (None, part["name"]) else f"{part['name']} = {cell(value)}"
    return shortened(told, 28)


def curve_of(curve: dict[str, Any], unit: str) -> Any:
    """Partial dependence with its interval, over single rows."""
    from deepglass.evaluate.svg import FAINT, SERIES, draw

    is_number = all(isinstance(value, int | float) for value in curve["values"])
    places = np.array(curve["values"] if is_number else range(len(curve["values"])))

    def paint(axes: Any) -> None:
        for row in curve["rows"]:
            axes.plot(places, row, color=FAINT, linewidth=0.9)
        axes.fill_between(places, curve["low"], curve["high"], color=SERIES[0], alpha=0.2, linewidth=0)
        axes.plot(places, curve["mean"], color=SERIES[0], marker=None if is_number else "o")
        if not is_number:
            axes.set_xticks(places, [str(value)[:10] for value in curve["values"]], rotation=30, ha="right")
        axes.set_ylabel(unit)

    told = f"{curve['mean'][0]:.3g} at {curve['values'][0]}, {curve['mean'][-1]:.3g} at {curve['values'][-1]}"
    return draw(paint, f"Partial dependence on {curve['column']}: {told}")


def _grid(curve: dict[str, Any], unit: str) -> dict[str, Any]:
    """Layers from below, tokens from left to right."""
    from deepglass.evaluate.svg import draw

    values, rows, columns = curve["grid"], curve["rows"], curve["columns"]

    def paint(axes: Any) -> None:
        top = np.abs(values).max() or 1.0
        axes.imshow(values, cmap="RdBu", vmin=-top, vmax=top, aspect="auto", origin="lower")
        axes.grid(visible=False)
        axes.set_yticks(range(len(rows)), rows)
        axes.set_xticks(range(len(columns)), [repr(str(name))[1:-1] for name in columns])

    i, j = np.unravel_index(np.abs(values).argmax(), values.shape)
    label = f"{unit}: most, {values[i, j]:.2f}, at {rows[i]} and token {j + 1}"
    return {"caption": unit[0].upper() + unit[1:], "svg": draw(paint, label, height=1.2 + 0.4 * len(rows))}


def _layer(curve: dict[str, Any]) -> dict[str, Any]:
    from deepglass.evaluate.svg import draw

    weights = curve["attention"]

    def paint(axes: Any) -> None:
        axes.imshow(weights, cmap="Blues", vmin=0, aspect="equal")
        axes.grid(visible=False)
        axes.set_xlabel("listened to")
        axes.set_ylabel("who listens")

    label = f"Attention of layer {curve['layer']}, mean over its heads, the largest weight {weights.max():.2f}"
    return {"caption": f"Layer {curve['layer']}", "svg": draw(paint, label, height=3.4)}


def maps(found: Explanation) -> list[dict[str, str]]:
    """The picture and the map over it, each with a caption, as data URIs; [] where there is no picture."""
    if found.picture is None:
        return []
    picture = found.picture if found.picture.shape[2] == 3 else np.repeat(found.picture[..., :1], 3, axis=2)
    drawn = [{"caption": "The picture as the network sees it", "src": as_uri(picture)}]
    values = values_of_picture(found)
    if values is not None and np.abs(values).max() > 0:
        drawn.append({"caption": "Blue speaks for the answer, orange against it", "src": as_uri(over(picture, values))})
    return drawn


def values_of_picture(found: Explanation) -> np.ndarray | None:
    """(H, W) contributions, of pixels or of the squares that they lie in; None where there are none."""
    return found.map if found.map is not None else _of_squares(found)


def _of_squares(found: Explanation) -> np.ndarray | None:
    """(H, W) contributions of squares spread over their pixels; None where parts are no squares with values."""
    if found.picture is None or not found.parts or "contribution" not in found.parts[0]:
        return None
    if any(", " not in part["name"] for part in found.parts):  # frames of a clip
        return None
    H, W = found.picture.shape[:2]
    places = [tuple(int(word.split()[1]) for word in part["name"].split(", ")) for part in found.parts]
    down, across = (max(place[axis] for place in places) for axis in (0, 1))
    grid = found.contributions.reshape(down, across)
    return grid[np.arange(H)[:, None] * down // H, np.arange(W) * across // W]


def over(picture: np.ndarray, values: np.ndarray) -> np.ndarray:
    """(H, W, 3) the grey picture, coloured by (H, W) values; the strongest hundredth has full colour."""
    grey = picture.astype(np.float64).mean(axis=2, keepdims=True) * 0.45 + 140
    scale = np.quantile(np.abs(values), 0.99) or np.abs(values).max()
    strength = np.clip(np.abs(values) / scale, 0, 1)[..., None] ** 0.7
    colour = np.where(values[..., None] >= 0, SPEAKS_FOR, SPEAKS_AGAINST)
    return (grey * (1 - strength) + colour * strength).clip(0, 255).astype(np.uint8)


def as_uri(pixels: np.ndarray) -> str:
    """(H, W, 3) as PNG in a URI, small pictures enlarged with their pixels visible."""
    from PIL import Image

    image = Image.fromarray(pixels)
    factor = max(1, SIDE // max(image.size))
    image = image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    return data_uri.of_image(image)


def words(found: Explanation) -> list[dict[str, Any]]:
    """Words in their order with the class and the strength (percent) of their colour; [] where parts are no words."""
    if found.kind not in ("words", "tokens") or not found.parts or "contribution" not in found.parts[0]:
        return []
    largest = np.abs(found.contributions).max() or 1.0
    return [
        {
            "word": str(part["name"]),
            "side": "right" if part["contribution"] >= 0 else "wrong",
            "tint": round(85 * abs(part["contribution"]) / largest),
            "told": f"{part['contribution']:+.3g}",
        }
        for part in found.parts
    ]
