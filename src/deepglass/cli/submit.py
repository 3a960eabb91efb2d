"""`deepglass submit RUN|COMMAND --to PLACE`: write the file by which a cluster trains, and prove it here."""

from pathlib import Path
from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, QuietOption, set_mode
from deepglass.core import catalogue
from deepglass.core.console import console

GROUP = "ship"
NEEDS_ARGUMENTS = True
FOLDER = "deploy/submit/places"
PLACES = ", ".join(catalogue.entries(FOLDER))


def command(
    words: Annotated[
        list[str],
        typer.Argument(
            help="A run that is to go on, or a training in quotes: 'deepglass train photos --run DIR'.",
            metavar="RUN|COMMAND", show_default=False,
        ),
    ],
    to: Annotated[str, typer.Option(help=f"{PLACES}.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; NAME.sh or NAME.yaml by default.")
    ] = None,
    nodes: Annotated[int, typer.Option(help="Machines.")] = 1,
    processes: Annotated[
        int | None, typer.Option(help="Processes on each machine; as many as GPUs, else 1.", show_default=False)
    ] = None,
    gpus: Annotated[str, typer.Option(help="GPUs of each machine: 2, or with their kind H100:2.")] = "0",
    cpus: Annotated[int, typer.Option(help="Cores of each machine.")] = 4,
    memory_gb: Annotated[int, typer.Option(help="Memory of each machine.")] = 16,
    time: Annotated[str, typer.Option(help="When it is over: 90m, 12h, 3d.")] = "12h",
    storage: Annotated[
        str | None, typer.Option(help="A volume claim or a bucket that outlives the machines.", show_default=False)
    ] = None,
    mount: Annotated[str, typer.Option(help="Where the storage lies on each machine.")] = "/shared",
    image: Annotated[
        str | None, typer.Option(help="A container image with deepglass in it.", show_default=False)
    ] = None,
    image_file: Annotated[
        Path | None, typer.Option(help="Also write a Containerfile that makes such an image.", show_default=False)
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Prove it here: syntax, two processes equal one, a killed worker restarts.")
    ] = False,
    check_seconds: Annotated[float, typer.Option(help="That each training of --check may take.")] = 120.0,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:  # fmt: skip
    """Write a plain file that a cluster runs: read it, prove it with --check, hand it over yourself.

    A training goes on from its last checkpoint when its machine is taken away. Nothing is sent anywhere.
    """
    set_mode(quiet, json)
    from deepglass.core import files
    from deepglass.core.errors import ExportError, OptionError
    from deepglass.deploy.submit import image as images
    from deepglass.deploy.submit import rehearsal
    from deepglass.deploy.submit.job import Needs, of_words

    if to not in catalogue.entries(FOLDER):
        raise OptionError(catalogue.unknown("place", to, catalogue.entries(FOLDER)))
    place = catalogue.load(FOLDER, to)
    needs = Needs(nodes, 1, cpus, memory_gb, gpus, time, storage, mount, image)
    needs = Needs(nodes, processes or max(1, needs.gpu_count), cpus, memory_gb, gpus, time, storage, mount, image)
    job = of_words(words, needs)
    text = place.write(job)
    output = output or Path(job.name + place.SUFFIX)
    for path in (output, image_file):
        if path is not None and path.exists() and not force:
            raise OptionError(f"{path} exists: choose another name, or replace it with --force")
    if check and (found := rehearsal.syntax(text, place)):
        raise ExportError(f"the file for {to} is wrong: {'; '.join(found)}")
    rehearsed = rehearsal.rehearse(job, place, check_seconds) if check else None
    files.write_text(output, text)
    if image_file is not None:
        files.write_text(image_file, images.containerfile(image_file.name))
        console.say(f"  wrote {image_file}, which makes an image that trains")
    console.say(f"  wrote {output}: read it, then {place.START.format(path=output)}")
    if rehearsed is not None:
        _say(rehearsed)
    told = None if rehearsed is None else vars(rehearsed) | {"agrees": rehearsed.agrees}
    console.result({"path": str(output), "start": place.START.format(path=output), "check": told})


def _say(rehearsed: object) -> None:
    """What the rehearsal has shown."""
    difference = rehearsed.difference  # type: ignore[attr-defined]
    console.say(f"  its syntax is right, and its script ran here with one process and with two ({rehearsed.seconds} s)")  # type: ignore[attr-defined]
    if rehearsed.was_killed:  # type: ignore[attr-defined]
        console.say("  a worker was killed in between, and the training went on from its checkpoint")
    else:
        console.warn("the training was over before a worker could be killed: --check did not see a restart")
    if rehearsed.agrees:  # type: ignore[attr-defined]
        console.say(f"  two processes learnt what one learns: weights differ by {difference:.1e} at most, by rounding")
    else:
        console.warn(
            f"weights of one process and of two differ by {difference:.1e}: what is drawn, as by dropout and "
            "augmentation, differs from process to process; without it they agree"
        )
