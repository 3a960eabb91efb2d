"""A run that acts: `run.act(observation)`, `run.evaluate(episodes=100)`, `run.play()`.

run = dg.load("runs/cartpole")
run.act([0.0, 0.1, 0.02, -0.1])
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from torch import nn

from deepglass.api.verbs import Run
from deepglass.core.errors import OptionError
from deepglass.evaluate.metrics import returns
from deepglass.rl.envs import VectorEnv
from deepglass.rl.running import episodes, export, film, naming, opening
from deepglass.rl.running.opening import World
from deepglass.rl.running.policy import Stage, act, load_policy

FRESH_SEED = 1_000_003  # of evaluations, apart from those of training and test


class PolicyRun(Run):
    """A policy with everything that belongs to it.

    Args:
        path: The run folder.
        device: Where runs on data compute; a policy this small stays on the processor.

    Raises:
        RunError: If the folder is not a run.
    """

    ACTS: ClassVar[bool] = True

    @property
    def task(self) -> Any:
        """There is none: whoever needs one wants rows of data.

        Raises:
            OptionError: Always; says what the run can do.
        """
        raise OptionError(
            f"{self.path} was trained to act in {self.config['source']}, not on rows of data: `deepglass play`, "
            "`evaluate --episodes`, `report`, `compare` and `export` take it, and in Python run.act(observation)"
        )

    @cached_property
    def model(self) -> nn.Module:
        """The policy: observations → logits, values of actions, or actions."""
        return self._policy[0]

    @property
    def network(self) -> nn.Module:
        """The same."""
        return self.model

    @cached_property
    def stage(self) -> Stage:
        """What the run knows of its world: sizes of observations and actions."""
        return self._policy[1]

    @cached_property
    def _policy(self) -> tuple[nn.Module, Stage]:
        self._require_weights()
        return load_policy(self.folder, self.config)

    def shrink(self, by: str = "int8", output: str | Path | None = None, **options: Any) -> Any:
        """A policy this small is not made smaller.

        Raises:
            OptionError: Always; says what the run can do.
        """
        return self.task

    def for_export(self) -> tuple[Any, nn.Module]:
        """What leaves: named numbers in, an action out."""
        return export.parts_of(self.folder, *self._policy, self.config["model"])

    def act(self, observation: Any) -> Any:
        """The greedy action: a whole number, or an array of numbers; of several observations an array of actions.

        Args:
            observation: Numbers of the shape that the world shows, or several below each other.

        Raises:
            DataError: If the shape does not fit, or a number is not finite.
        """
        return act(self.model, self.stage, observation)

    def evaluate(self, data: Any = None, episodes: int = 100, seed: int = 0, environment: Any = None) -> dict[str, Any]:
        """What the greedy policy earns in new episodes, with intervals.

        Args:
            data: None: a policy is judged in its world.
            episodes: How many.
            seed: Of the world.
            environment: The world, where it is a file of code, or another one.

        Raises:
            OptionError: If data are given, or the world has to be named.
            TrainingError: If the world fails.
        """
        if data is not None:
            raise OptionError(f"{self.path} is judged in its environment and not on data: leave {str(data)!r} out")
        if episodes < 1:
            raise OptionError(f"--episodes: expected 1 or more, got {episodes}")
        world = self.world(environment)
        env = self._opened(world, min(episodes, world.most_together), seed)
        return returns.evaluate(*play(self, env, episodes))

    def frames(self, seed: int = 0, environment: Any = None) -> Iterator[film.Frame]:
        """One episode, step by step: a picture (or None) and a line of text.

        Raises:
            OptionError: If the world has to be named, or is another one.
        """
        env = self._opened(self.world(environment), 1, seed)
        drawn = getattr(env, "draws", lambda: env)()
        yield from film.frames(self.policy_act(), drawn)

    def play(self, path: str | Path | None = None, seed: int = 0, environment: Any = None) -> Path | None:
        """Write an episode as a GIF; returns its path, None where the world draws nothing.

        Args:
            path: Where to; `play.gif` in the run folder by default.
            seed: Of the world.
            environment: As for `evaluate`.

        Raises:
            OptionError: If the world has to be named.
            TrainingError: If the world fails.
        """
        pictures = [image for image, _ in self.frames(seed, environment) if image is not None]
        if not pictures:
            return None
        path = Path(path) if path is not None else self.folder / "play.gif"
        film.write_gif(path, pictures)
        return path

    def world(self, environment: Any = None) -> World:
        """The world to act in.

        Raises:
            OptionError: If it is code in a file and was not named, or there is none of that name.
        """
        name = str(environment or self.config["source"])
        if environment is None and naming.is_file(name):
            raise OptionError(
                f"the environment of {self.path} is code in a file, which is run only where you name it: add "
                f"--environment {name}"
            )
        world = opening.world_named(name)
        if world is None:
            raise OptionError(f"{name!r} is not the name of an environment")
        return world

    def _opened(self, world: World, count: int, seed: int) -> VectorEnv:
        limit = (self.config.get("train") or {}).get("max_episode_steps")
        env = world.make(count, (seed, FRESH_SEED), limit)
        if (env.observation_shape, type(env.actions)) != (self.stage.observation_shape, type(self.stage.actions)):
            raise OptionError(
                f"{world.name} shows {env.observation_shape} and takes {type(env.actions).__name__}; the policy was "
                f"trained for {self.stage.observation_shape} and {type(self.stage.actions).__name__}"
            )
        return env

    def policy_act(self) -> episodes.Act:
        """Observations (N, …) → greedy actions, without looking at their shapes."""
        return episodes.greedy(self.model, self.stage.actions)


def play(run: PolicyRun, env: VectorEnv, count: int) -> episodes.Episodes:
    """So many episodes of a run in a world, which is closed then."""
    try:
        return episodes.play(run.policy_act(), env, count)
    finally:
        env.close()
