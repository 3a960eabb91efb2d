"""`deepglass transcribe RUN SOUND…`: what is said in sounds, as text."""

from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, RunArgument, set_mode
from deepglass.core.console import console

GROUP = "make and act"
NEEDS_ARGUMENTS = True
LEAST_SURE = 0.5  # below, the answer is marked


def command(
    run: RunArgument,
    sounds: Annotated[
        list[str],
        typer.Argument(help="WAV, FLAC, OGG or MP3 files, folders of them, or row:N of the test.", metavar="SOUND…"),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A folder to write a text for each sound into.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace texts that are there.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Write down what is said, with a run of speech recognition; a question mark stands where it is not sure."""
    set_mode(quiet, json)
    from deepglass.api.run import load
    from deepglass.core.errors import OptionError
    from deepglass.runs.transcribing import transcribe, written

    if output is not None and output.is_file():
        raise OptionError(f"--output {output}: expected a folder, this is a file")
    trained = load(run, device)
    if output is not None:
        paths = []
        for path, text in written(trained, list(sounds), output, force):
            paths.append(str(path))
            console.say(f"wrote {path}: {text}")
        console.result({"written": paths})
        return
    found = [one for source in sounds for one in transcribe(trained, source)]
    rows = [
        [one["sound"], one["text"] + (" ?" if one["confidence"] < LEAST_SURE else ""), f"{one['confidence']:.0%}",
         f"{one['seconds']:.2f} s"]
        for one in found
    ]  # fmt: skip
    console.table(("sound", "what is said", "how sure", "length"), rows)
    console.result({"sounds": found})
