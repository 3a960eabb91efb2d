"""`deepglass demo`: a whole run in a minute: train on handwritten digits, judge, predict one picture."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deepglass.core.console import console
from deepglass.core.run_folder import next_run_path

GROUP = "learn"


def command(
    runs: Annotated[Path, typer.Option(help="Where the run folder is made.")] = Path("runs"),
) -> None:
    """Train a small convolutional network on handwritten digits, judge it and predict one picture."""
    from deepglass.api.train import train

    run = train("digits", run=next_run_path(runs, "demo"))
    with tempfile.TemporaryDirectory() as folder:
        picture, truth = one_test_picture(run, Path(folder))
        (answer,) = run.predict(picture)
    console.heading("one picture from the test")
    console.say(f"  it shows a {truth}, the network says {answer['prediction']}")
    console.heading("what to try next")
    for line in (
        f"open {run.path / 'report.html'} in a browser",
        "deepglass train iris --folds 5",
        "deepglass train YOUR_FILE.csv --budget 60s",
        "deepglass train YOUR_FOLDER_OF_PICTURES",
        "deepglass --help",
    ):
        console.say(f"  {line}")


def one_test_picture(run, folder: Path) -> tuple[Path, str]:
    """The first test example as a PNG file, and what it shows."""
    from PIL import Image

    from deepglass.data.datasets.digits import load

    digits = load()
    index = int(run.folder.read_outputs()["ids"][0])
    path = folder / "digit.png"
    Image.fromarray(digits.pixels[index].squeeze(-1)).save(path)  # pyright: ignore[reportOptionalSubscript]
    return path, digits.classes[digits.labels[index]]  # pyright: ignore[reportOptionalSubscript]
