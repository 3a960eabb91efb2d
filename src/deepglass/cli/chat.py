"""`deepglass chat RUN`: talk with a model of dialogues."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from deepglass.cli._common import JsonOption, RunArgument
from deepglass.cli._drawing_tokens import MinPOption, TemperatureOption, TopKOption, TopPOption
from deepglass.core.console import console
from deepglass.core.errors import DeepglassError

GROUP = "make and act"
NEEDS_ARGUMENTS = True
HELP = "  /reset begins anew, /quit ends"


def command(
    run: RunArgument,
    messages: Annotated[
        list[str] | None,
        typer.Argument(help="What you say, a message each; without any you are asked.", show_default=False),
    ] = None,
    system: Annotated[str | None, typer.Option(help="What the model is told before the first turn.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Most tokens of an answer; 400 by default.")] = None,
    temperature: TemperatureOption = None,
    top_k: TopKOption = None,
    top_p: TopPOption = None,
    min_p: MinPOption = None,
    repetition_penalty: Annotated[
        float | None, typer.Option(help="Weakens what was said in the answer; 1 leaves it, 1.2 is usual.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed goes the same way; 0 by default.")] = None,
    json: JsonOption = False,
) -> None:
    """Talk with a model of dialogues or retrieval: it remembers as much as it reads, and says when it forgets."""
    console.mode = "json" if json else "normal"
    from deepglass.api.run import load

    sampling = {"temperature": temperature, "top_k": top_k, "top_p": top_p, "min_p": min_p}
    more = {"max_tokens": max_tokens, "repetition_penalty": repetition_penalty, "seed": seed}
    chat = load(run).chat(system, **sampling, **more)
    is_asked = not messages and sys.stdin.isatty()
    if is_asked:
        console.say(HELP, style="dim")
    for message in _typed() if is_asked else messages or (line.rstrip("\n") for line in sys.stdin):
        if message.strip() == "/quit":
            break
        if message.strip() == "/reset":
            chat.reset()
            console.say("  a new conversation", style="dim")
        elif message.strip():
            _answer(chat, message, echoes=not is_asked, goes_on=is_asked)
    console.result([{"role": role, "content": text} for role, text in chat.turns])


def _answer(chat, message: str, echoes: bool, goes_on: bool) -> None:
    """Print an answer as it grows; whoever types may try again where it cannot be given."""
    if echoes:
        console.say(f"> {message}", style="dim")
    before = chat.forgotten
    try:
        for piece in chat.say(message):
            if console.speaks:
                sys.stdout.write(piece)
                sys.stdout.flush()
    except DeepglassError as error:
        if not goes_on:
            raise
        console.warn(str(error))
        return
    if console.speaks:
        sys.stdout.write("\n")
    if chat.forgotten > before:
        noun = "turn is" if chat.forgotten == 1 else "turns are"
        console.say(f"  the first {chat.forgotten:,} {noun} forgotten: {chat.task.sight} are seen", style="dim")


def _typed() -> Iterator[str]:
    while True:
        try:
            yield input("> ")
        except (EOFError, KeyboardInterrupt):
            return
