"""What was asked of a training: options given now, and options that a config.json repeats.

Both are asked whether they can act. One given now that cannot is refused; one that was repeated, perhaps for other
data or another model, is left out with a word.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from deepglass.core import effects
from deepglass.core.console import console
from deepglass.core.effects import Unused
from deepglass.core.settings import Setting, changed
from deepglass.core.wording import listing
from deepglass.data.containers import Data
from deepglass.runs import options as option_space
from deepglass.tasks import BaseTask
from deepglass.training.config import TrainConfig
from deepglass.training.effects import Circumstances, unused_options
from deepglass.zoo import architectures


class Asked:
    """Options by name; what is given now wins over what is repeated.

    Args:
        given: Of the command line or the call; None stands for nothing.
        repeated: Of a config.json.
    """

    def __init__(self, given: Mapping[str, Any], repeated: option_space.Repeated | None = None):
        given = {name: value for name, value in given.items() if value is not None}
        self.values = {**(repeated.values if repeated else {}), **given}
        self.is_given = set(given)
        self.wishes = self.is_given | (repeated.asked if repeated else set())  # the rest was once chosen by a task

    def changed(self, settings: list[Setting]) -> dict[str, Any]:
        """What somebody asked for and is not as by default."""
        return changed({name: value for name, value in self.values.items() if name in self.wishes}, settings)

    def leave_out(self, unused: Iterable[Unused]) -> set[str]:
        """Refuse those that were given now, and forget those that were repeated; returns their names.

        Raises:
            OptionError: If one that was given now is among them.
        """
        unused = list(unused)
        effects.refuse(one for one in unused if one.name in self.is_given)
        for one in unused:
            if self.values.pop(one.name, None) is not None and one.name in self.wishes:
                console.say(f"  not repeated: --{one.name.replace('_', '-')} ({one.why})")
        return {one.name for one in unused}


# -- who acts upon what ---------------------------------------------------------------------------------------------


def unused_in_data(asked: Asked, used: Collection[str], task: str, source: str) -> Iterator[Unused]:
    """Options of reading upon which neither a reader nor the task acts.

    Args:
        asked: All options.
        used: Those upon which the readers acted.
        task: Its class says what it honours.
        source: The name of the data, for the message.
    """
    honoured = option_space.honoured_by(task)
    for name in asked.changed(option_space.DATA_SETTINGS):
        if name not in used and name not in honoured:
            yield unused_by(task, name, f"nothing of {source} is read by it")


def unused_in_training(asked: Asked, task: str) -> Iterator[Unused]:
    """Options of training that a task has to act upon, and this one does not."""
    for name in asked.changed(option_space.TRAIN_SETTINGS):
        if not option_space.acts_in(name, task):
            yield unused_by(task, name)


def unused_in_job(
    asked: Asked,
    task: BaseTask,
    data: Data,
    dims: Mapping[str, Any],
    model: str,
    config: TrainConfig,
    around: Circumstances,
    folds: int | None,
) -> list[Unused]:
    """What cannot act on these data, beside the other options, or on this machine."""
    entry = architectures.entry(model, task.name)
    training, of_model = asked.changed(option_space.TRAIN_SETTINGS), asked.changed(entry.settings)
    own = asked.changed(option_space.DATA_SETTINGS) | asked.changed(option_space.task_settings(task.name))
    wishes = training | own | ({"folds": folds} if folds else {})
    unused = [*task.unused_options(wishes, data, model), *unused_options(wishes, config, around)]
    return unused + list(architectures.unused_settings(entry, of_model, {**dims, **of_model}))


def unused_by(task: str, name: str, otherwise: str = "") -> Unused:
    """Why a task does not act upon an option, and what to do: in its own words where it has some."""
    if words := option_space.instead(task).get(name):
        why, _, advice = words.partition("; ")
        return Unused(name, why, advice)
    others = [other for other in option_space.task_names() if name in option_space.honoured_by(other)]
    if not others:
        return Unused(name, otherwise or f"{task} does not use it")
    verb = "does" if len(others) == 1 else "do"
    return Unused(name, f"{task} does not use it ({listing(others)} {verb})")


def unknown_to(asked: Asked, task: str, model: str) -> Iterator[Unused]:
    """Repeated options that belong to another task or model."""
    known = option_space.known_names(task, model)
    for name in asked.values.keys() - asked.is_given - known:
        yield Unused(name, f"unknown to {task} with model {model}")
