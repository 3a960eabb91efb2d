"""Options of every training in a world; those of an algorithm are in its own file."""

from dataclasses import dataclass

TASK = "reinforcement-learning"  # of the run, in its config.json


@dataclass(frozen=True)
class RunConfig:
    steps: int | None = None  # of the world in all; each algorithm has a usual number
    budget: str | None = None  # time for everything, such as 60s or 5m: a hard stop
    seed: int = 0  # of weights, actions and memory
    environment_seed: int | None = None  # of the world; that of --seed unless it is given
    evaluate_every: int | None = None  # steps between two evaluations; a twentieth of them all unless it is given
    evaluate_episodes: int = 30  # of which the mean chooses the policy that is kept
    test_episodes: int = 100  # with the policy that is kept, in the end
    max_episode_steps: int | None = None  # after which an episode is cut; the limit of the world unless it is given
    stop_when_solved: bool = True  # after two evaluations, and 100 other episodes, surely above what counts as that
    checkpoint_every: float = 30.0  # seconds between two checkpoints
