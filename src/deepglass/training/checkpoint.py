"""Checkpoints: all that a training needs to go on as if it had never stopped.

Weights, the optimiser of every update, the hooks (such as a running mean of the weights), the best weights so far, the
generators' states, the position inside the epoch. Copied between two steps, written beside the next ones, whole or not
at all; read with `weights_only`, so no code can hide in them. Tensors are whole and what belongs to one process is kept
for each, so any number of processes goes on from a checkpoint.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch

from deepglass.core.errors import RunError
from deepglass.core.run_folder import RunFolder
from deepglass.core.wording import listing
from deepglass.training.autotune import ComputePlan
from deepglass.training.parallel import fsdp
from deepglass.training.state import MEAN, Progress, TrainState
from deepglass.training.update import USUAL
from deepglass.training.weights import as_bytes, fill

NAME = "checkpoint.pt"


def write(trainer: TrainState, wait: bool = False) -> None:
    """Begin to write the state of a training into its folder; all processes take part, the first one writes.

    Args:
        trainer: Goes on meanwhile.
        wait: Until all is written.
    """
    folder = trainer.folder
    if folder is None or not math.isfinite(trainer.team.total(trainer.loss_sum)):
        return
    state, so_far = snapshot(trainer), history(trainer)
    of_now = state["hooks"].get(MEAN, state)["model"]
    weights = state["best_weights"] or of_now  # until an epoch is judged

    def write_files() -> None:
        save(folder, state)
        folder.write("history.json", so_far)
        folder.write_bytes("weights.safetensors", as_bytes(weights))

    if trainer.team.is_first:
        trainer.writer.begin(write_files)
    if wait:
        trainer.writer.wait()


def restore(trainer: TrainState) -> None:
    """Go back to where the checkpoint in the training's folder was written.

    Raises:
        RunError: If there is none, it is damaged, or belongs to another training.
    """
    assert trainer.folder is not None
    state = load(trainer.folder)
    with trainer.folder.understanding(NAME):
        _take_back(trainer, state, str(trainer.folder / NAME))


def _take_back(trainer: TrainState, state: dict[str, Any], origin: str) -> None:
    trainer.progress = Progress(**state["progress"])
    own = trainer.model.state_dict()
    fill(trainer.model, fsdp.divided_like(state["model"], own), origin)
    optimizers = {update.name: update.optimizer for update in trainer.updates}
    _require_names(state["optimizers"], optimizers, "updates", origin)
    _require_names(state["hooks"], trainer.hooks, "hooks", origin)
    for name, hook in trainer.hooks.items():
        hook.load_state_dict(state["hooks"][name])
    for name, optimizer in optimizers.items():
        optimizer.load_state_dict(fsdp.divide_optimizer_state(state["optimizers"][name], optimizer))
    best = fsdp.divided_like(state["best_weights"], own)
    trainer.best_weights = {name: tensor.to(trainer.device) for name, tensor in best.items()}
    trainer.plan.load_state(state["plan"])
    trainer.autotuner.taken = [[ComputePlan(*way), count] for *way, count in state["ways"]]
    if state.get("way") and len(state["processes"]) == trainer.team.size:  # else other threads are free
        trainer.autotuner.fix(ComputePlan(**state["way"]))
    trainer.team.take_own_state(state["processes"], trainer.loss_sum, trainer.config.seed, trainer.progress.step)


def _require_names(found: Mapping[str, Any], own: Mapping[str, Any], what: str, origin: str) -> None:
    """Raises RunError where a checkpoint is of a training that learns otherwise."""
    if found.keys() != own.keys():
        names = (listing(map(repr, sorted(names))) or "none" for names in (own, found))
        raise RunError(f"{origin}: expected {what} {next(names)}, got {next(names)}: it belongs to another training")


def snapshot(trainer: TrainState) -> dict[str, Any]:
    """Everything that `restore` needs, in types that need no pickle; a copy, so that training may go on."""
    state = {
        "progress": vars(trainer.progress),
        "plan": trainer.plan.state(),
        "ways": trainer.autotuner.record,
        "model": trainer.model.state_dict(),
        "hooks": {name: hook.state_dict() for name, hook in trainer.hooks.items()},
        "optimizers": {update.name: update.optimizer.state_dict() for update in trainer.updates},
        "best_weights": trainer.best_weights,
        "way": vars(trainer.autotuner.chosen) if trainer.autotuner.chosen else {},
        "processes": trainer.team.own_states(trainer.loss_sum),
    }
    return fsdp.copied(state)


def history(trainer: TrainState) -> dict[str, Any]:
    """The content of history.json."""
    progress = trainer.progress
    return {"monitor": trainer.learner.monitor, "best_epoch": progress.best_epoch, "epochs": list(progress.history)}


def save(folder: RunFolder, state: dict[str, Any]) -> None:
    """Write the checkpoint of a run atomically."""
    with folder.writing(NAME) as draft, draft.open("wb") as file:
        torch.save(state, file)


def load(folder: RunFolder) -> dict[str, Any]:
    """Read the checkpoint of a run.

    Raises:
        RunError: If it is missing, or not as it was written.
    """
    path = folder / NAME
    if not folder.has(NAME):
        raise RunError(f"{path} is missing: there is nothing to resume; train without --resume")
    folder.verify(NAME)
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever PyTorch says of a stranger's file
        raise RunError(f"{path} is damaged ({type(error).__name__}): remove it and train again") from None
    if not isinstance(state, dict):
        raise RunError(f"{path} is damaged (it holds a {type(state).__name__}): remove it and train again")
    with folder.understanding(NAME):
        return _of_today(state)


def _of_today(state: dict[str, Any]) -> dict[str, Any]:
    """A checkpoint of an earlier version as today's."""
    if "processes" not in state:  # written before several could train
        state["processes"] = [{"loss_sum": state["loss_sum"], "random": state["random"]}]
    if "plan" not in state:  # written by 0.1.0
        state["plan"] = {"total_steps": state["total_steps"], "anchor": [0, 0.0], "changes": [], "spent": 0.0}
        state["ways"] = []
    if "optimizers" not in state:  # written before several updates could take turns
        state["optimizers"] = {USUAL: state["optimizer"]}
        state["hooks"] = {MEAN: state["mean"]} if state["mean"] else {}
    return state
