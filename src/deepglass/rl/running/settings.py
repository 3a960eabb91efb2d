"""What a training in a world is asked for: its algorithm, its options, and the file that repeats it."""

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deepglass.core import catalogue, settings
from deepglass.core.catalogue import PACKAGE, unknown
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.core.settings import Setting
from deepglass.rl.running.config import TASK, RunConfig

if TYPE_CHECKING:
    from deepglass.rl.envs import VectorEnv

FOLDER = "rl"
SETTINGS = settings.settings_of(PACKAGE / "rl" / "running" / "config.py", "RunConfig")
USUAL = {"discrete": "ppo", "continuous": "sac"}  # the algorithm when none is asked for
BOUNDS: tuple[tuple[str, float, float], ...] = (
    ("steps", 1, 1e12), ("seed", 0, 2**63 - 1), ("environment_seed", 0, 2**63 - 1), ("evaluate_every", 1, 1e12),
    ("evaluate_episodes", 1, 1e6), ("test_episodes", 1, 1e6), ("max_episode_steps", 1, 1e9),
    ("checkpoint_every", 0, 1e9), ("num_envs", 1, 65536), ("num_steps", 1, 1e6), ("num_passes", 1, 1e4),
    ("batch_size", 1, 1e7), ("hidden_dim", 1, 65536), ("learning_rate", 0, 1e3), ("gamma", 0, 1),
    ("gae_lambda", 0, 1), ("clip", 0, 1), ("tau", 0, 1), ("n_step", 1, 1000), ("replay_size", 1, 1e9),
    ("warmup_steps", 1, 1e9), ("epsilon", 0, 1), ("explore_share", 0, 1), ("clip_gradient", 0, 1e9),
    ("entropy", 0, 1e3), ("value_weight", 0, 1e3), ("noise", 0, 1e6), ("delay", 0, 1000), ("recall", 0, 1000),
    ("gravity", 0, 100), ("friction", 0, 100), ("load", 0, 100), ("vary", 0, 0.9), ("traffic", 0, 6),
    ("wheelbase", 1.5, 6), ("grip", 2, 30), ("fastest", 5, 40),
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What was decided: the algorithm by name, its settings, and those of the run."""

    model: str
    config: Any
    run: RunConfig
    guesses: tuple[Guess, ...]


def algorithms() -> dict[str, tuple[str, ...]]:
    """Every algorithm of the folder with the kinds of actions that it learns."""
    found = {name: catalogue.constant(FOLDER, name, "ACTIONS") for name in catalogue.entries(FOLDER)}
    return {name: kinds for name, kinds in found.items() if kinds}


def needs_expert(name: str) -> bool:
    """Whether an algorithm learns from what an expert of the world does."""
    return bool(catalogue.constant(FOLDER, name, "NEEDS_EXPERT", False))


def algorithm_settings(name: str) -> list[Setting]:
    """The options of an algorithm, read from its source."""
    return settings.settings_of(catalogue.path_of(FOLDER, name))


def decide(env: "VectorEnv", model: str | None, options: dict[str, Any]) -> Asked:
    """Sort options by who has them.

    Args:
        env: The world: its actions, what suits it, and whether it has an expert.
        model: The algorithm; that which suits the world, or such actions, if None.
        options: Of run and algorithm.

    Raises:
        OptionError: If the algorithm does not learn such actions or misses an expert, or an option is unknown or does
            not fit.
    """
    from deepglass.rl.envs import Discrete  # brings NumPy, which `--help` does without

    kind = "discrete" if isinstance(env.actions, Discrete) else "continuous"
    imitating = [] if env.advice() is not None else [name for name in algorithms() if needs_expert(name)]
    fitting = [name for name, kinds in algorithms().items() if kind in kinds and name not in imitating]
    guesses: list[Guess] = []
    suits = dict(env.usual)
    suited = suits.pop("model", None)
    if model is None:
        model = suited or USUAL[kind]
        why = "it suits this world" if suited else f"actions are {kind}"
        guesses.append(Guess("model", model, f"{why}; others: {', '.join(fitting)}", "--model"))
    if model == suited:
        suits = {name: value for name, value in suits.items() if name not in options}
        flags = {name: f"--{name.replace('_', '-')}" for name in suits}
        guesses += [Guess(name, value, "it suits this world", flags[name]) for name, value in suits.items()]
        options = {**suits, **options}
    if model not in algorithms():
        raise OptionError(unknown("algorithm", model, list(algorithms())))
    if model in imitating:
        raise OptionError(
            f"--model {model} learns from an expert, and {env.name} has none: expected a world with `advice`, such as "
            f"Car-v0, or one of {', '.join(fitting)}"
        )
    if model not in fitting:
        raise OptionError(f"--model {model} does not learn {kind} actions: expected one of {', '.join(fitting)}")
    own, shared = algorithm_settings(model), {setting.name for setting in SETTINGS}
    _require_known(options, {*shared, *(setting.name for setting in own)}, model)
    module = catalogue.load(FOLDER, model)
    config = settings.build(module.Config, own, {k: v for k, v in options.items() if k not in shared})
    run = settings.build(RunConfig, SETTINGS, {k: v for k, v in options.items() if k in shared})
    require_bounds({**settings.as_dict(config), **settings.as_dict(run)})
    return Asked(model, config, run, tuple(guesses))


def as_file(world: str, asked: Asked) -> dict[str, Any]:
    """The content of config.json: enough to repeat the run."""
    return {
        "source": world,
        "task": TASK,
        "model": asked.model,
        "train": settings.as_dict(asked.run),
        "model_options": settings.as_dict(asked.config),
    }


def _require_known(options: dict[str, Any], known: set[str], model: str) -> None:
    for name in options:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
            hint = f"; did you mean --{near[0].replace('_', '-')}?" if near else ""
            raise OptionError(
                f"--{name.replace('_', '-')} has no effect for {model} in an environment{hint}; "
                f"`deepglass train --help --model {model}` lists what has"
            )


def require_bounds(values: dict[str, Any]) -> None:
    """Look whether numbers are as large as they may be.

    Raises:
        OptionError: If one is not.
    """
    for name, low, high in BOUNDS:
        value = values.get(name)
        if value is not None and not low <= value <= high:
            raise OptionError(f"--{name.replace('_', '-')}: expected {low:g} to {high:g}, got {value:g}")
