"""`deepglass serve RUN|BUNDLE…`: answer requests over HTTP, with a page to try the model.

The options grow from `deploy/serve/config.py` and `deploy/runtime/limits.py`.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from deepglass.cli._common import QuietOption, set_mode
from deepglass.cli._grown import Group, with_settings
from deepglass.core import effects, settings
from deepglass.core.catalogue import PACKAGE
from deepglass.core.console import console
from deepglass.core.effects import Unused
from deepglass.core.errors import MissingPackageError, OptionError, RunError

GROUP = "ship"
NEEDS_ARGUMENTS = True
SETTINGS = settings.settings_of(PACKAGE / "deploy" / "serve" / "config.py", "ServeConfig")
LIMITS = settings.settings_of(PACKAGE / "deploy" / "runtime" / "limits.py", "Limits")


def run_server(
    models: Annotated[
        list[Path] | None, typer.Argument(help="Runs, bundles, or .onnx files.", metavar="RUN|BUNDLE…")
    ] = None,
    repository: Annotated[
        Path | None, typer.Option(help="A folder of bundles; models in it can be loaded while the server runs.")
    ] = None,
    token_file: Annotated[Path | None, typer.Option(help="Bearer tokens, one per line; requests need one.")] = None,
    open_to_all: Annotated[bool, typer.Option("--open", help="Listen beyond this machine without tokens.")] = False,
    canary: Annotated[
        list[str] | None, typer.Option(help="NAME:VERSION=SHARE: the share of requests for a new version.")
    ] = None,
    self_test: Annotated[
        int | None,
        typer.Option(help="Start, ask itself so many requests per model, say how it answered, and end.", min=1),
    ] = None,
    quiet: QuietOption = False,
    **options: Any,
) -> None:
    """Serve models over HTTP: Open Inference Protocol, TensorFlow Serving's REST, plain requests, and a page."""
    set_mode(quiet, as_json=False)
    console.narrates_on_stderr = True
    given = {name: value for name, value in options.items() if value is not None}
    _require_packages()
    from deepglass.deploy.serve.bundles import bundle_of
    from deepglass.deploy.serve.config import ServeConfig
    from deepglass.deploy.serve.server import Order

    config = settings.build(ServeConfig, SETTINGS + LIMITS, given)
    _check(config, models, repository, token_file, open_to_all, canary or [])
    paths = [str(bundle_of(path)) for path in models or []]
    tokens, folder = (str(path) if path else None for path in (token_file, repository))
    order = Order(config, paths, folder, tokens, tuple(canary or ()))
    if self_test is not None:
        examine_itself(order, self_test, given)
    else:
        start(order)


command = with_settings(run_server, [Group(SETTINGS, "Server"), Group(LIMITS, "Limits of what a request may bring")])


def start(order: Any) -> None:
    """Listen, load, serve.

    Raises:
        RunError: If a bundle cannot be opened.
    """
    from deepglass.deploy.runtime.errors import BundleError
    from deepglass.deploy.serve.server import listen, serve
    from deepglass.deploy.serve.workers import Workers

    listener = listen(order.config)
    port = listener.getsockname()[1]
    host = f"[{order.config.host}]" if ":" in order.config.host else order.config.host

    def announce(*_: Any) -> None:
        console.say(f"serving on http://{host}:{port} (a page to try it; /docs says what it takes); Ctrl-C ends it")

    try:
        if order.config.workers > 1:
            Workers(order, listener).run(announce)
        else:
            serve(order, [listener], announce)
    except BundleError as error:
        raise RunError(str(error)) from None


def examine_itself(order: Any, count: int, given: dict[str, Any]) -> None:
    """Serve, ask, report and end; on a free port and without a log, unless these were asked for.

    Raises:
        OptionError: If several processes were asked for, of which only one would be examined.
        RunError: If a bundle cannot be opened, or something was not answered as it should be.
    """
    import dataclasses

    from deepglass.deploy.runtime.errors import BundleError
    from deepglass.deploy.serve import self_test
    from deepglass.deploy.serve.server import listen

    if order.config.workers > 1:
        effects.refuse([Unused("workers", "--self-test examines one process", "leave it out")])
    usual = {name: value for name, value in (("port", 0), ("log", False)) if name not in given}
    config = dataclasses.replace(order.config, **usual)
    try:
        found = self_test.run(dataclasses.replace(order, config=config), listen(config), count)
    except (BundleError, OSError) as error:
        raise RunError(str(error)) from None
    console.narrates_on_stderr = False
    marks = {True: "ok", False: "wrong", None: ""}
    console.table(["", "asked", "status", "answer"], [(marks[f.is_right], f.asked, f.status, f.told) for f in found])
    if wrong := [finding for finding in found if finding.is_right is False]:
        raise RunError(f"{wrong[0].asked} was not answered as it should be: {wrong[0].told}")


def _check(
    config: Any,
    models: list[Path] | None,
    repository: Path | None,
    token_file: Path | None,
    open_to_all: bool,
    canaries: list[str],
) -> None:
    """Refuse what would be unsafe or could not work, before anything is loaded."""
    from deepglass.deploy.runtime import limits
    from deepglass.deploy.runtime.origins import is_loopback
    from deepglass.deploy.serve.auth import read_tokens
    from deepglass.deploy.serve.registry import Canary

    if not models and not repository:
        raise OptionError("nothing to serve: name a run or a bundle, such as `deepglass serve runs/digits`")
    if not is_loopback(config.host) and token_file is None and not open_to_all:
        raise OptionError(
            f"--host {config.host} lets other machines in: add --token-file FILE, or --open to let everybody"
        )
    if open_to_all and (token_file is not None or is_loopback(config.host)):
        why = "--token-file says who may come in" if token_file else f"--host {config.host} is this machine alone"
        advice = "leave one of the two out" if token_file else "leave it out, or add --host 0.0.0.0"
        effects.refuse([Unused("open", why, advice)])
    for setting in ("workers", "threads", "max_batch", "queue", "max_rows", "timeout_s", "max_body_bytes"):
        if getattr(config, setting) <= 0:
            raise OptionError(f"--{setting.replace('_', '-')}: expected more than 0, got {getattr(config, setting)}")
    if refusal := limits.refusal(config):
        raise OptionError(refusal)
    if repository is not None and not repository.is_dir():
        raise OptionError(f"--repository {repository} is not a folder")
    if token_file is not None:
        read_tokens(token_file)
    for text in canaries:
        Canary.parse(text)


def _require_packages() -> None:
    try:
        import fastapi  # noqa: F401
        import onnxruntime  # noqa: F401
        import prometheus_client  # noqa: F401
        import uvicorn  # noqa: F401
    except ImportError as error:
        message = f"serving needs the package {error.name}: install it with `pip install 'deepglass[serve]'`"
        raise MissingPackageError(message) from None
