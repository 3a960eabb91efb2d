"""Options that grow from settings classes: each field becomes an option, with its comment as help.

The settings of every task and model are accepted; the help shows those that the command line names.
"""

import inspect
from collections.abc import Iterable
from typing import Any, NamedTuple

import typer

from deepglass.core.settings import Setting


class Group(NamedTuple):
    """Settings that are listed together in the help, or accepted without being listed."""

    settings: list[Setting]
    panel: str
    is_hidden: bool = False


def with_settings(function: Any, groups: Iterable[Group]) -> Any:
    """`function` with one keyword-only parameter for each setting in place of its `**options`.

    A name that several groups share belongs to the first that is listed, or else to the first.
    """
    signature = inspect.signature(function)
    fixed = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
    taken = {p.name for p in fixed}
    members = [(setting, group) for group in groups for setting in group.settings]
    listed = {setting.name for setting, group in members if not group.is_hidden}
    members = [(setting, group) for setting, group in members if not (group.is_hidden and setting.name in listed)]
    grown = [parameter(s, group) for s, group in members if s.name not in taken and not taken.add(s.name)]
    parameters = [p.replace(kind=p.KEYWORD_ONLY) for p in fixed] + grown

    def command(**values: Any) -> None:
        function(**values)

    command.__doc__ = function.__doc__
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command


def parameter(setting: Setting, group: Group) -> inspect.Parameter:
    """One setting as an option of typer's."""
    is_switch = setting.kinds[:1] == ("bool",)
    names = [f"{setting.option}/--no-{setting.option[2:]}"] if is_switch else [setting.option]
    help_text = setting.help + ("" if setting.default is None else f" (default: {setting.default})")
    if setting.choices:
        help_text = f"{', '.join(map(str, setting.choices))}. {help_text}"
    kind = next((kind for kind in setting.kinds if kind != "None"), "choice")
    metavar = None if is_switch else f"<{kind}>"
    option = typer.Option(
        None,
        *names,
        help=help_text,
        metavar=metavar,
        rich_help_panel=group.panel,
        hidden=group.is_hidden,
        show_default=False,
    )
    annotation = bool | None if is_switch else str | None
    return inspect.Parameter(setting.name, inspect.Parameter.KEYWORD_ONLY, default=option, annotation=annotation)
