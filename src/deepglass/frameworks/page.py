"""A page to keep: the table, every trap beside its cure, and the scripts side by side. One file, no network."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from deepglass.core import files
from deepglass.frameworks import script
from deepglass.frameworks.running import NETWORKS, PICTURES, TOLERANCE, Row

COLUMNS = (
    "framework", "version", "lines", "import s", "epoch s, mlp", "epoch s, cnn", "epoch s, gru", "outputs differ",
    "gradients differ", "after an epoch", "measured",
)  # fmt: skip
STYLE = """
:root{color-scheme:light dark;--faint:#8883;--ink:light-dark(#1d1d1f,#eee);--back:light-dark(#fff,#17181a)}
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem}
body{color:var(--ink);background:var(--back)}
table{border-collapse:collapse;display:block;overflow-x:auto}
th,td{padding:.3rem .7rem;text-align:left;border-bottom:1px solid var(--faint)}
td.number{text-align:right;font-variant-numeric:tabular-nums}
.scripts{display:grid;grid-auto-flow:column;grid-auto-columns:minmax(34rem,1fr);gap:1rem;overflow-x:auto}
pre{font:12px/1.45 ui-monospace,monospace;background:var(--faint);padding:1rem;overflow-x:auto;border-radius:6px}
"""


def cells(row: Row) -> list[Any]:
    """A row as the table shows it, in the order of COLUMNS."""
    epochs = [f"{row.networks[net]['epoch_s']:.3f}" for net in NETWORKS]
    off = [f"{row.worst(kind):.1e}" for kind in ("outputs", "gradients", "learnt")]
    day = row.measured if row.note else "now"
    return [script.TITLES[row.name], row.version, row.lines, f"{row.import_s:.2f}", *epochs, *off, day]


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write the page.

    Raises:
        RunError: If it cannot be written there.
    """
    files.write_text(path, page(rows))


def page(rows: Sequence[Row]) -> str:
    """Table, traps, scripts."""
    from deepglass.frameworks.traps import TRAPS

    traps = [
        [trap.title, trap.pytorch, trap.others, trap.cure, f"{trap.off():.1e}", f"{trap.left():.1e}"] for trap in TRAPS
    ]
    notes = "".join(f"<li>{escape(script.TITLES[row.name])}: {escape(row.note)}</li>" for row in rows if row.note)
    cpus = " and ".join(dict.fromkeys(row.cpu for row in rows))
    codes = "".join(column(row.name) for row in rows)
    columns = ("trap", "PyTorch", "elsewhere", "cure", "off by", "after the cure")
    return f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>One network, many frameworks</title>
<style>{STYLE}</style><h1>One network, many frameworks</h1>
<p>An MLP, a small CNN and a GRU with the same weights, in float32, on {PICTURES:,} pictures of digits. Differences are
the largest from PyTorch in float64; {TOLERANCE:g} is the limit for outputs and gradients. Seconds are the processor's
own ({escape(cpus)}), in processes that are asked to keep to one thread. Networks as small as these measure what a
framework does around the arithmetic, not the arithmetic.</p>
{table(COLUMNS, [cells(row) for row in rows])}<ul>{notes}</ul>
<h2>Traps, each beside its cure</h2>{table(columns, traps)}
<h2>The scripts</h2><div class="scripts" tabindex="0" role="region" aria-label="Scripts, side by side">
{codes}</div></html>
"""


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A table of text and numbers."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join("<tr>" + "".join(map(cell, row)) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def cell(value: Any) -> str:
    """A field; numbers stand to the right."""
    text = str(value)
    kind = ' class="number"' if text[:1].isdigit() else ""
    return f"<td{kind}>{escape(text)}</td>"


def column(name: str) -> str:
    """A script under its name."""
    path = script.path_of(name)
    title = f"<h3>{escape(script.TITLES[name])}, {script.lines(path)} lines</h3>"
    return f"<section>{title}<pre>{escape(path.read_text(encoding='utf-8'))}</pre></section>"
