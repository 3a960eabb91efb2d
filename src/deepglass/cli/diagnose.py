"""`deepglass diagnose RUN|SCRIPT`: why does it not learn? The true cause first, with evidence and what mends it."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli._common import JsonOption, QuietOption, set_mode
from deepglass.core.console import console
from deepglass.core.errors import OptionError

GROUP = "understand"
NEEDS_ARGUMENTS = True


def command(
    about: Annotated[
        str,
        typer.Argument(help="A run folder, or a Python script that trains with PyTorch.", metavar="RUN|SCRIPT"),
    ],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Of the script; options of it behind `--`.", metavar="[ARGUMENTS]...")
    ] = None,
    data: Annotated[str | None, typer.Option(help="Of a run: where the data of its training are now.")] = None,
    seconds: Annotated[float, typer.Option(help="Of all together, at most.")] = 60.0,
    steps: Annotated[int | None, typer.Option(help="Of a script: stop it after so many steps; 2,000.")] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Ask what an experienced practitioner would ask when a network does not learn, and answer by measurement."""
    set_mode(quiet, json)
    from deepglass.diagnosis.wording import record

    if seconds < 1:
        raise OptionError(f"--seconds: expected 1 or more, got {seconds:g}")
    path = Path(about)
    found = (
        _of_run(path, data, seconds, steps, arguments)
        if path.is_dir()
        else _of_script(path, arguments, seconds, steps, data)
    )
    say(found)
    console.result(record(found))


def _of_run(path: Path, data: str | None, seconds: float, steps: int | None, arguments: list[str] | None) -> Any:
    """Raises OptionError for what only a script can use."""
    if arguments or steps is not None:
        raise OptionError(f"{path} is a folder: arguments and --steps are for scripts; leave them out")
    from deepglass.api.run import load

    return load(path, "cpu").diagnose(data=data, seconds=seconds)


def _of_script(path: Path, arguments: list[str] | None, seconds: float, steps: int | None, data: str | None) -> Any:
    """Raises OptionError for what only a run can use."""
    from deepglass.diagnosis.script import MOST_STEPS, diagnose_script

    if data is not None:
        raise OptionError("--data is for runs: a script reads its own data; leave it out")
    output = None if console.speaks else sys.stderr if console.mode == "json" else None
    console.say(f"running {path} under observation; its own output follows", style="dim")
    return diagnose_script(path, arguments or (), seconds, MOST_STEPS if steps is None else steps, output)


def say(found: Any) -> None:
    """The diagnosis as text."""
    from deepglass.diagnosis.diagnosing import NO_TIME
    from deepglass.diagnosis.wording import evidence_of, verdict

    console.heading(f"\n{found.about}: {verdict(found)}")
    for i, finding in enumerate(found.findings, 1):
        console.say(f"  {i}. {finding.cause}: {finding.sentence}")
        console.say(f"     mend      {finding.mend}")
        console.say(f"     evidence  {evidence_of(finding)}", style="dim")
        if finding.lesson:
            console.say(f"     lesson    deepglass see {int(finding.lesson[:2])}", style="dim")
    if found.error:
        console.say(f"  the script ended with: {found.error}")
    if not found.asked and not found.facts.get("steps"):
        console.say("  no training was seen: a script must call a torch.nn.Module and backward()")
    if late := sum(reason == NO_TIME for reason in found.left_out.values()):
        console.warn(f"time was up before {late} of {late + len(found.asked)} questions: ask them with --seconds 300")
    facts = ", ".join(
        f"{name} {value:,.4g}" if isinstance(value, float | int) else f"{name}: {value}"
        for name, value in found.facts.items()
    )
    console.say(f"  {len(found.asked)} questions in {found.seconds:.0f} s; {facts}", style="dim")
    for reason, names in by_reason(found.left_out).items():
        console.say(f"  not answered ({reason}): {', '.join(name.replace('_', ' ') for name in names)}", style="dim")


def by_reason(left_out: dict[str, str]) -> dict[str, list[str]]:
    """Questions that were not answered, gathered by why not."""
    found: dict[str, list[str]] = {}
    for name, reason in left_out.items():
        found.setdefault(reason, []).append(name)
    return found
