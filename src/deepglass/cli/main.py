"""The command `deepglass`: one file a command in this folder; the folder is the list.

A command's file is imported when it is called, and large libraries when its work begins, so that help is instant.
"""

import importlib
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from deepglass.core import catalogue
from deepglass.core.errors import DeepglassError, OptionError
from deepglass.core.wording import shortened

GROUPS = ("learn", "train", "understand", "make and act", "ship")  # headings; each command's file names its own

EPILOG = "Begin with: deepglass train digits"


class CommandFolder(TyperGroup):
    """The files of this folder as commands."""

    is_listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """All commands, group by group."""
        names = [name for name in catalogue.entries("cli") if name != "main"]
        return sorted(names, key=lambda name: GROUPS.index(group_of(name)))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Import one command; for the list of commands the first line of its file is enough.

        Raises:
            OptionError: If there is no such command.
        """
        if cmd_name not in self.list_commands(ctx):
            raise OptionError(catalogue.unknown("command", cmd_name, self.list_commands(ctx)))
        if self.is_listing:
            return as_command(cmd_name, lambda: None, help=catalogue.summary("cli", cmd_name).partition(": ")[2])
        module = importlib.import_module(f"deepglass.cli.{cmd_name}")
        return as_command(cmd_name, module.command, no_args_is_help=getattr(module, "NEEDS_ARGUMENTS", False))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands under their headings, each with the whole first line of its file, without importing them."""
        self.is_listing = True
        names = self.list_commands(ctx)
        for group in GROUPS:
            with formatter.section(group.capitalize()):
                rows = [(name, self.get_command(ctx, name).help) for name in names if group_of(name) == group]
                formatter.write_dl(rows, col_max=max(map(len, names)) + 2)


def group_of(command: str) -> str:
    """The heading under which a command is listed: `GROUP = "train"` in its file."""
    return catalogue.constant("cli", command, "GROUP")


def as_command(name: str, function: Any, **settings: Any) -> Any:
    """A function as a command of typer's."""
    single = typer.Typer(add_completion=False)
    single.command(name, **settings)(function)
    return typer.main.get_command(single)


app = typer.Typer(
    cls=CommandFolder,
    no_args_is_help=True,
    add_completion=False,
    epilog=EPILOG,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def root(
    version: bool = typer.Option(False, "--version", help="Print the version and leave."),
) -> None:
    """Deep learning you can see through: train, judge and use a model on your own data."""
    if version:
        from deepglass import __version__

        print(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line; a mistake that the user can fix is one message and exit code 2."""
    try:
        app()
    except DeepglassError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        if error.filename is None:
            raise  # not of a file that somebody named
        print(f"error: {shortened(str(error.filename))}: {error.strerror}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()
