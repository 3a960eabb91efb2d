"""One table, one plot, one sentence: what a smaller model gains and costs. The words are in evaluate/templates."""

from pathlib import Path
from typing import Any

from deepglass.core import files
from deepglass.core.wording import short

TITLES = {"int8": "int8", "float16": "float16", "prune": "pruned", "distil": "distilled"}


def sentence(shrunk: Any) -> str:
    """The verdict, such as "Good: accuracy 91.9 %, 0.2 points less than before (at most 1 is allowed), …"."""
    from deepglass.evaluate.scores import show

    lost, title = shrunk.lost, _title(shrunk.score)
    amount, unit = abs(lost["value"]), " %" if lost["unit"] == "%" else " points"
    change = f"{amount:.2g}{unit} {'worse' if lost['value'] > 0 else 'better'} than before" if amount else "as before"
    within = f", 95 % interval of the loss {lost['low']:+.2g} to {lost['high']:+.2g}" if lost["low"] is not None else ""
    verdict = "Good" if shrunk.is_good else "Rejected"
    sizes = ((shrunk.before.bytes, shrunk.after.bytes), (shrunk.before.packed_bytes, shrunk.after.packed_bytes))
    smaller = "file {}, under gzip {}".format(*(_change(*pair) for pair in sizes))
    value = show(shrunk.score, shrunk.after.score["value"])
    return f"{verdict}: {title} {value}, {change} (at most {shrunk.most_lost:g}{unit} may go{within}); {smaller}."


def _title(score: str) -> str:
    """The name of a score inside a sentence: accuracy, but MASE."""
    from deepglass.evaluate.scores import metric

    title = metric(score).title
    return title if title[1:2].isupper() else title[0].lower() + title[1:]


def rows(shrunk: Any) -> list[tuple[str, str, str, str]]:
    """What was measured: name, before, after, change."""
    from deepglass.evaluate.scores import metric, show, show_interval

    before, after = shrunk.before, shrunk.after
    scores = [
        f"{show(shrunk.score, side.score['value'])} ({show_interval(shrunk.score, side.score)})"
        for side in (before, after)
    ]
    unit = " %" if shrunk.lost["unit"] == "%" else " points"
    table = [
        ("size", short(before.bytes, "B"), short(after.bytes, "B"), _change(before.bytes, after.bytes)),
        (
            "size under gzip",
            short(before.packed_bytes, "B"),
            short(after.packed_bytes, "B"),
            _change(before.packed_bytes, after.packed_bytes),
        ),
    ]
    for batch, time in before.latency_ms.items():
        later = after.latency_ms[batch]
        table.append((f"latency, batch {batch}", f"{time:.3g} ms", f"{later:.3g} ms", _change(time, later)))
    return [*table, (metric(shrunk.score).title, *scores, f"{shrunk.lost['value']:+.2g}{unit} lost")]  # type: ignore[list-item]


def _change(before: float, after: float) -> str:
    return f"{after / before - 1:+.0%}"


def write_page(path: Path, shrunk: Any) -> None:
    """Write shrink.html."""
    from deepglass.evaluate.page_templates import render

    page = render("shrink.html.j2", shrunk=shrunk, sentence=sentence(shrunk), rows=rows(shrunk), figure=figure(shrunk))
    files.write_text(path, page)


def figure(shrunk: Any) -> Any:
    """Size, latency and score, before and after, side by side."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from deepglass.evaluate.svg import STYLE, as_svg

    names = ("before", TITLES.get(shrunk.method, shrunk.method))
    with rc_context(STYLE):
        drawing = Figure(figsize=(8.6, 2.9), layout="constrained")
        size, latency, score = drawing.subplots(1, 3)
        _paint_sizes(size, shrunk, names)
        _paint_latencies(latency, shrunk, names)
        _paint_scores(score, shrunk, names)
        return as_svg(drawing, sentence(shrunk))


def _paint_sizes(axes: Any, shrunk: Any, names: tuple[str, str]) -> None:
    from deepglass.evaluate.svg import SERIES

    sides, wide = (shrunk.before, shrunk.after), 0.38
    for i, (label, sizes) in enumerate(
        {"file": [s.bytes for s in sides], "under gzip": [s.packed_bytes for s in sides]}.items()
    ):
        axes.bar(
            [place + (i - 0.5) * wide for place in (0, 1)],
            [size / 1e6 for size in sizes],
            wide,
            label=label,
            color=SERIES[i],
        )
    axes.set_xticks((0, 1), names)
    axes.set_title("size, MB", loc="left", fontsize=10.5)
    axes.legend()


def _paint_latencies(axes: Any, shrunk: Any, names: tuple[str, str]) -> None:
    from deepglass.evaluate.svg import SERIES

    wide = 0.38
    for i, batch in enumerate(shrunk.before.latency_ms):
        times = [side.latency_ms[batch] for side in (shrunk.before, shrunk.after)]
        places = [place + (i - 0.5) * wide for place in (0, 1)]
        axes.bar(places, times, wide, label=f"batch {batch}", color=SERIES[i])
    axes.set_yscale("log")
    axes.set_xticks((0, 1), names)
    axes.set_title("latency, ms (log scale)", loc="left", fontsize=10.5)
    axes.legend()


def _paint_scores(axes: Any, shrunk: Any, names: tuple[str, str]) -> None:
    from deepglass.evaluate.scores import metric
    from deepglass.evaluate.svg import MODEL

    scale = 100 if metric(shrunk.score).is_share else 1
    for place, side in enumerate((shrunk.before, shrunk.after)):
        value = scale * side.score["value"]
        low, high = (value if side.score[end] is None else scale * side.score[end] for end in ("low", "high"))
        axes.errorbar(place, value, [[value - low], [high - value]], fmt="o", color=MODEL, capsize=6)
    axes.set_xlim(-0.5, 1.5)
    axes.set_xticks((0, 1), names)
    unit = ", %" if scale == 100 else ""
    axes.set_title(f"{_title(shrunk.score)}{unit}, 95 % interval", loc="left", fontsize=10.5)
