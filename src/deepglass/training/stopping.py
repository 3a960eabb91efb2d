"""Why a training stops, and what it keeps, in words."""

from deepglass.core.errors import TrainingError
from deepglass.training.state import Progress, TrainState

INTERRUPTED = "interrupted: everything up to here is kept; go on with --resume"
PAUSED = "paused"


def why_over(trainer: TrainState) -> str:
    """Why no further epoch is begun; empty where one is."""
    progress, plan, patience = trainer.progress, trainer.plan, trainer.config.patience
    if why := trainer.learner.why_over(progress.history):
        return why
    if plan.is_over(progress.step):
        epochs = f"{progress.step / trainer.steps_per_epoch:.4g}"
        taken = f"{epochs} {'epoch' if epochs == '1' else 'epochs'} ({progress.step:,} steps)"
        all_done = f"the {taken} is done" if epochs == "1" else f"all {taken} are done"
        if plan.last_step is not None:
            return f"all {taken} of the repeated training are done"
        return all_done if progress.step >= plan.asked_steps else f"the time budget is used up after {taken}"
    if patience and progress.waited >= patience:
        return f"no better {trainer.learner.monitor} for {patience} epochs (--patience {patience})"
    return PAUSED if trainer.is_paused(progress) else ""


def lost(trainer: TrainState) -> str:
    """The loss is not a number any more: what to try.

    Raises:
        TrainingError: If no epoch was finished before.
    """
    hint = f"try --learning-rate {trainer.learning_rate / 10:.1g} or --clip-gradient 1"
    what = f"the loss became infinite or not a number at step {trainer.progress.step}"
    if not trainer.best_weights:
        raise TrainingError(f"{what}, before anything was learnt: {hint}")
    return f"{what}; {hint}"


def what_is_kept(progress: Progress) -> str:
    """The epoch whose weights are kept, with its scores; empty where none was finished."""
    if not progress.best_epoch:
        return ""
    record = progress.history[progress.best_epoch - 1]
    scores = ", ".join(f"val {name[4:]} {value:.4g}" for name, value in record.items() if name.startswith("val_"))
    return f"; epoch {progress.best_epoch} is kept: {scores}"
