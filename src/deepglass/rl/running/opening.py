"""From what a user names to a world: one of ours, one of Gymnasium, or a class in a file of the user's own.

    CartPole-v1, Pendulum-v1, …     ours, vectorised, where there is one of that name (no package is needed)
    LunarLander-v3, ALE/Pong-v5     any name that Gymnasium knows
    NAME.py:CLASS                   a class with Gymnasium's interface, or a `VectorEnv`; its code is run
    NAME:option=value,…             any of them with noise and delay (`rl/parts/imperfect.py`), and with the options of
                                    its own that a world of ours has, such as Arm-v0:load=1,delay=2

Only what the user has just typed is run as code: a run folder that names a file is not enough.
"""

import importlib.util
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from deepglass.core import catalogue, settings
from deepglass.core.catalogue import PACKAGE
from deepglass.core.errors import MissingPackageError, OptionError, TrainingError
from deepglass.core.guesses import Guess
from deepglass.rl.envs import VectorEnv
from deepglass.rl.parts.imperfect import Wire, behind
from deepglass.rl.running.gymnasium_envs import GymnasiumEnvs
from deepglass.rl.running.naming import OF_FILE, OF_GYMNASIUM, WITH_OPTIONS
from deepglass.rl.running.settings import require_bounds

FOLDER = "rl/envs"
USUAL_LIMIT = 1_000  # steps of an episode where the world names no limit
Make = Callable[[int, Sequence[int], int | None], VectorEnv]


@dataclass(frozen=True)
class World:
    """A world by its name.

    Attributes:
        name: As the run keeps it.
        make: Number of copies, seed, limit of an episode → the copies.
        most_together: Copies that are sensible: ours are cheap, others are Python one by one.
        guesses: What was decided on the way.
    """

    name: str
    make: Make
    most_together: int = 100
    guesses: tuple[Guess, ...] = field(default=())


def world_named(source: Any, is_typed: bool = True) -> World | None:
    """The world that a source names; None where it is something else, such as a file of data.

    Args:
        source: What was given to learn from.
        is_typed: Whether the user has named it now, and not a configuration file or a run folder.

    Raises:
        OptionError: If it looks like the name of a world and there is none, or it is code that the user has not named.
        MissingPackageError: If Gymnasium is needed and not installed.
    """
    if not isinstance(source, str):
        return None
    if found := WITH_OPTIONS.fullmatch(source):
        world = world_named(found["world"], is_typed)
        return _with_options(world, found["options"]) if world else None
    if found := OF_FILE.fullmatch(source):
        if not is_typed:
            raise OptionError(
                f"the environment is code in a file, {source}, which runs only where you name it: give it as the first "
                f"argument, such as `deepglass train {source} --resume`, if you trust the file"
            )
        return _of_file(Path(found["file"]), found["name"])
    if Path(source).exists():
        return None
    own = own_names()
    if source in own:
        return World(source, catalogue.load(FOLDER, own[source]).Env)
    if OF_GYMNASIUM.fullmatch(source):
        return _of_gymnasium(source)
    alike = [name for name in own if name.partition("-")[0].lower() == source.replace("-", "").lower()]
    if alike:
        guess = Guess("environment", alike[0], f"there is one of the name {source!r}", "")
        return World(alike[0], catalogue.load(FOLDER, own[alike[0]]).Env, guesses=(guess,))
    return None


def own_names() -> dict[str, str]:
    """Our worlds by their names, with their files."""
    return {catalogue.class_constant(FOLDER, file, "Env", "name"): file for file in catalogue.entries(FOLDER)}


def _with_options(world: World, text: str) -> World:
    """The same world, otherwise; `text` is "load=1,delay=2"."""
    name, file = f"{world.name}:{text}", own_names().get(world.name)
    own = settings.settings_of(catalogue.path_of(FOLDER, file)) if file else []
    wire = settings.settings_of(PACKAGE / "rl" / "parts" / "imperfect.py", "Wire")
    given = dict(part.split("=", 1) if "=" in part else (part, "") for part in text.split(","))
    try:
        settings.known_only(given, [*own, *wire])
        config, on_wire = (
            settings.build(kind, fields, {key: given[key] for key in given if key in {field.name for field in fields}})
            for kind, fields in ((_config_of(file), own), (Wire, wire))
        )
        require_bounds({**(settings.as_dict(config) if own else {}), **settings.as_dict(on_wire)})
    except OptionError as error:
        raise OptionError(f"{name}: {str(error).replace('--', '')}") from None
    kind: Any = world.make  # ours are made by their class
    make = (lambda count, seed, max_steps: kind(count, seed, max_steps, config)) if own else world.make
    return replace(world, name=name, make=behind(make, on_wire) if on_wire != Wire() else make)


def _config_of(file: str | None) -> Any:
    """The options of a world of ours; something without fields where it has none."""
    return getattr(catalogue.load(FOLDER, file), "Config", dict) if file else dict


def _of_gymnasium(name: str) -> World:
    try:
        import gymnasium
    except ImportError:
        near = catalogue.unknown("environment", name, list(own_names()))
        raise MissingPackageError(
            f"{near}. Other names are Gymnasium's, which is not installed: pip install 'deepglass[rl]'"
        ) from None
    try:
        spec = gymnasium.spec(name)
    except gymnasium.error.Error as error:
        known = [*own_names(), *gymnasium.registry]
        close = catalogue.unknown("environment", name, known).partition(" Known:")[0]
        raise OptionError(f"{close} Gymnasium says: {_first(error)}") from None
    assert spec is not None

    def make(count: int, seed: Sequence[int], max_steps: int | None) -> VectorEnv:
        limit = {"max_episode_steps": max_steps or spec.max_episode_steps or USUAL_LIMIT}
        return GymnasiumEnvs(name, lambda **more: gymnasium.make(spec, **limit, **more), count, seed, **limit)

    return World(name, _explained(name, make), 8, _limit_guess(spec.max_episode_steps))


def _of_file(path: Path, name: str) -> World:
    if not path.is_file():
        raise OptionError(f"{path} is not a file: expected FILE.py:CLASS with the class of an environment")
    found = _loaded(path)
    classes = [key for key, value in vars(found).items() if inspect.isclass(value) and hasattr(value, "step")]
    if name not in classes:
        raise OptionError(catalogue.unknown(f"environment in {path}", name, classes))
    kind, title = getattr(found, name), f"{path}:{name}"
    if issubclass(kind, VectorEnv):
        return World(title, _explained(title, kind))
    own_limit = getattr(kind, "max_episode_steps", None)

    def make(count: int, seed: Sequence[int], max_steps: int | None) -> VectorEnv:
        return GymnasiumEnvs(title, kind, count, seed, max_steps or own_limit or USUAL_LIMIT)

    return World(title, _explained(title, make), 8, _limit_guess(own_limit))


def _loaded(path: Path) -> Any:
    """The module of a file of the user's own, imported anew."""
    spec = importlib.util.spec_from_file_location(f"environment_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise OptionError(f"{path} cannot be imported ({type(error).__name__}: {_first(error)})") from error
    return module


def _explained(name: str, make: Make) -> Make:
    """`make`, with a message in the place of whatever a constructor raises."""

    def explained(count: int, seed: Sequence[int], max_steps: int | None) -> VectorEnv:
        try:
            return make(count, seed, max_steps)
        except (OptionError, TrainingError):
            raise
        except Exception as error:
            kind = MissingPackageError if "not installed" in str(error) else TrainingError
            raise kind(f"{name} cannot be made ({type(error).__name__}: {_first(error)})") from error

    return explained


def _limit_guess(own: int | None) -> tuple[Guess, ...]:
    if own:
        return ()
    why = "the environment names no limit; an episode is cut there"
    return (Guess("steps of an episode", USUAL_LIMIT, why, "--max-episode-steps"),)


def _first(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
