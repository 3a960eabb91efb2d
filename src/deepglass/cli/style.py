"""`deepglass style CONTENT STYLE`: one picture painted in the manner of another, without a training."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, QuietOption, set_mode
from deepglass.cli._grown import Group, with_settings
from deepglass.core import files
from deepglass.core.catalogue import PACKAGE
from deepglass.core.console import console
from deepglass.core.settings import build, settings_of

GROUP = "make and act"
NEEDS_ARGUMENTS = True
SETTINGS = settings_of(PACKAGE / "painting" / "gatys.py")
ENDINGS = (".png", ".jpg", ".jpeg", ".webp")


def paint_like(
    content: Annotated[str, typer.Argument(help="The picture that is painted: a file, or flower or temple.")],
    style: Annotated[str, typer.Argument(help="The picture it is painted like: a file, or strokes, tiles or waves.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The picture to write.")] = Path("painted.png"),
    features: Annotated[
        str,
        typer.Option(help="What tells style: random filters, or a classifier: weights, a run, hub:OWNER/NAME."),
    ] = "random",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
    **options: Any,
) -> None:
    """Paint one picture in the style of another: its pixels are learnt until a network sees both in it."""
    set_mode(quiet, json)
    from deepglass.core.errors import OptionError
    from deepglass.painting.features import open_features
    from deepglass.painting.gatys import Config, paint
    from deepglass.painting.pictures import opened

    config = build(Config, SETTINGS, {name: value for name, value in options.items() if value is not None})
    config.require()
    if output.suffix.lower() not in ENDINGS:
        raise OptionError(f"--output {output}: expected a file that ends in {', '.join(ENDINGS)}")
    if files.lies_at(output) and not force:
        raise OptionError(f"{output} exists: choose another --output, or replace it with --force")
    pictures, network = (opened(content), opened(style)), open_features(features, config.seed)
    console.say(f"style is told by {network.about}")
    with bar(config.steps) as on_step:
        painted = paint(*pictures, network, config, on_step)
    files.write_bytes(output, encoded(painted.picture, output.suffix.lower()))
    for name, beside in (("content", "of white noise"), ("style", "before")):
        before, after, fall = painted.before[name], painted.after[name], painted.falls[name]
        console.say(f"  {name:7} loss {before:.4f} {beside} → {after:.4f}, ÷ {fall:.1f}")
    console.say(f"wrote {output}")
    console.result(
        {"written": str(output), "features": network.about, "before": painted.before, "after": painted.after,
         "falls": painted.falls}
    )  # fmt: skip


command = with_settings(paint_like, [Group(SETTINGS, "Painting")])


@contextmanager
def bar(steps: int) -> Iterator[Any]:
    """A bar with both losses, where somebody watches."""
    if not (console.speaks and console.is_terminal):
        yield lambda *_: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("  painting"), BarColumn(24), TextColumn("{task.fields[text]}"), TimeElapsedColumn())
    with Progress(*columns, TextColumn("left"), TimeRemainingColumn(compact=True), console=console.rich,
                  transient=True) as shown:  # fmt: skip
        task = shown.add_task("painting", total=steps, text="")

        def on_step(step: int, total: int, content: float, style: float) -> None:
            shown.update(task, completed=step, total=total, text=f"content {content:.3f}  style {style:.3f}")

        yield on_step


def encoded(picture: Any, ending: str) -> bytes:
    """The bytes of a file of that ending."""
    import io

    from PIL import Image

    file = io.BytesIO()
    kind = {".png": "PNG", ".webp": "WEBP"}.get(ending, "JPEG")
    Image.fromarray(picture).save(file, kind, **({} if kind == "PNG" else {"quality": 95}))
    return file.getvalue()
