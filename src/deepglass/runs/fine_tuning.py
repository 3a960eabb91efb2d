"""What a training does otherwise when it begins with somebody's weights, or freezes layers.

    open_for → the task takes vocabulary and scaling from the weights → settings_for, defaults_for → learn

Settings that the weights determine are taken from them; a user who asks for others is told so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn

from deepglass.core.device import choose_device, choose_precision
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.core.run_folder import RunFolder
from deepglass.data.examples import Examples
from deepglass.data.preprocess import published_tokenizer
from deepglass.runs.options import task_settings
from deepglass.tasks import BaseTask, Prepared
from deepglass.training import lora
from deepglass.training.adversarial import learner_for
from deepglass.training.config import TrainConfig
from deepglass.training.fast.feature_cache import can_keep, features_kept
from deepglass.training.loop import fit
from deepglass.training.rate_finder import find_rate
from deepglass.training.state import TrainResult
from deepglass.training.transfer import LAYERS_APART, OFF, Transfer, plan_transfer
from deepglass.zoo import architectures
from deepglass.zoo.pretrained import Weights, head_of, open_weights
from deepglass.zoo.pretrained_config import is_run
from deepglass.zoo.published_formats import reads_config

FREE = ("dropout", "pooling")  # settings that weights do not determine: one is off when the model answers, the other
# belongs to a head that may be new
SMALL, SMALL_RATE = 20_000_000, 3e-4  # weights, and the largest rate of Turc et al. (2019) for their small BERTs: with
# 5e-5, that of large ones, a network of 400,000 had learnt nothing of the reviews after as many epochs
HEAD_RATE = 3e-3  # of AdamW for a head alone: a linear layer on good features takes large steps


def model_of_run(source: Any, task: str) -> str | None:
    """The model of the run that `--pretrained` names, where it may learn this task."""
    if not source or not is_run(folder := Path(str(source)).expanduser()):
        return None
    config = RunFolder(folder).require_record("config.json", "task", "model")
    fits = any(entry.name == config["model"] for entry in architectures.all_models(task))
    return config["model"] if config["task"] == task or fits else None


def open_for(asked: dict[str, Any], model: str, task: str) -> Weights | None:
    """The weights that `--pretrained` asks for.

    Raises:
        WeightsError: If they cannot be read.
        OptionError: If another option contradicts.
    """
    if not asked.get("pretrained"):
        return None
    if (rule := asked.get("initializer", "default")) != "default":
        raise OptionError(
            f"--initializer {rule} draws all weights anew, --pretrained brings some: leave one of them out"
        )
    return open_weights(str(asked["pretrained"]), architectures.entry(model, task), task)


def choose_tokenizer(weights: Weights | None, asked: dict[str, Any], task: str) -> list[Guess]:
    """Take the tokenizer that lies beside the weights, unless another one is asked for: it becomes an option."""
    is_option = any(setting.name == "tokenizer" for setting in task_settings(task))
    if weights is None or not is_option or asked.get("tokenizer") or weights.belongings.state:
        return []
    if published_tokenizer.find(weights.folder):
        asked["tokenizer"] = str(weights.folder)
        return []
    why = "no tokenizer lies beside the weights, which know other tokens by the same numbers"
    return [Guess("tokenizer", "learnt from your text", why, "--tokenizer")]


def guess_settings(weights: Weights | None) -> list[Guess]:
    """Say so where weights come without the configuration that tells what their network computes."""
    if weights is None or weights.belongings.config or weights.belongings.state or not reads_config(weights.entry):
        return []
    why = "no config.json lies beside the weights, and their shapes do not tell everything"
    return [Guess("settings", f"those of {weights.entry.name}", why, "--num-heads, --norm-eps and the like")]


def settings_for(weights: Weights | None, asked: dict[str, Any]) -> dict[str, Any]:
    """The model's settings that the weights determine.

    Raises:
        OptionError: If the user asked for another one.
    """
    if weights is None:
        return {}
    settings = weights.belongings.settings
    for name, value in asked.items():
        if name in settings and name not in FREE and str(settings[name]) != str(value):
            option = f"--{name.replace('_', '-')}"
            raise OptionError(
                f"{option} {value}: the weights of {weights.source} were made with {settings[name]}; leave {option} out"
            )
    return settings


def dims_for(weights: Weights | None, dims: dict[str, Any]) -> dict[str, Any]:
    """Sizes of the network that come with the weights: a vocabulary, positions for longer texts than ours.

    Raises:
        OptionError: If ours are larger.
    """
    theirs = weights.belongings.dims if weights else {}
    for name in theirs.keys() & dims.keys():
        if dims[name] > theirs[name]:
            what = "tokens" if name == "vocab_size" else "positions"
            option = "--tokenizer" if name == "vocab_size" else f"--{name.replace('_', '-')}"
            raise OptionError(
                f"the weights of {weights.source} are for {theirs[name]} {what}, the data have {dims[name]}: "  # type: ignore[union-attr]
                f"give another {option}"
            )
    return {name: theirs[name] for name in theirs.keys() & dims.keys()}


def defaults_for(
    weights: Weights | None, asked: dict[str, Any], task: BaseTask, count: int, is_bag: bool = False
) -> tuple[dict[str, Any], list[Guess]]:
    """What is chosen for a fine-tuning when nobody asks: what stays frozen, rate and length of the training.

    Raises:
        OptionError: If layers of a bag shall learn apart from each other.
    """
    if weights is None:
        return {}, []
    defaults, guesses = {}, []
    if is_bag and (apart := [name for name in LAYERS_APART if asked.get(name) not in OFF]):
        option = apart[0].replace("_", "-")
        raise OptionError(f"--{option}: a bag of networks learns as a whole; leave it out, or pass --bags 1")
    freeze = asked.get("freeze") or ("none" if is_bag or asked.get("lora") else None)
    if freeze is None:
        is_chosen_otherwise = asked.get("unfreeze_every") or asked.get("layer_decay")
        is_for_head = count < task.TRAINS_HEAD_BELOW and not is_chosen_otherwise
        freeze = defaults["freeze"] = "all" if is_for_head else "none"
        why = f"{count:,} examples to learn from" + (", too few for all weights" if freeze == "all" else "")
        guesses.append(Guess("freeze", freeze, why, "--freeze all, N or none"))
    if str(freeze) == "all" and not asked.get("unfreeze_every"):
        return defaults | {"learning_rate": HEAD_RATE}, guesses
    usual = task.FINE_TUNING
    if sum(tensor.numel() for tensor in weights.tensors.values()) < SMALL:
        usual = usual | {"learning_rate": max(SMALL_RATE, usual["learning_rate"])}
    if asked.get("lora"):
        usual = usual | {"learning_rate": lora.RATE * usual["learning_rate"]}
    return defaults | usual, guesses


def disable_augmentation(task: BaseTask, prepared: Prepared, config: TrainConfig, asked: dict[str, Any]) -> list[Guess]:
    """Where only the head learns, examples that look the same every time need to go through the network but once."""
    if config.freeze != "all" or not task.augments or any(asked.get(name) is not None for name in task.AUGMENTING):
        return []
    task.disable_augmentation(prepared)
    why = "all but the head is frozen: every example goes through the network once"
    return [Guess("augment", "none", why, " or ".join(f"--{name.replace('_', '-')}" for name in task.AUGMENTING))]


def find_rate_for(
    task: BaseTask, prepared: Prepared, network: nn.Module, model: str, config: TrainConfig
) -> TrainConfig:
    """`config` with the rate that a range test finds for the layers that learn first."""
    transfer = plan_transfer(network, head_of(network, architectures.entry(model, task.name)), config)
    examples = task.training_examples(prepared.train)
    return find_rate(network, learner_for(task, config), examples, config, transfer)


def learn(
    task: BaseTask, prepared: Prepared, network: nn.Module, model: str, config: TrainConfig, **more: Any
) -> tuple[TrainResult, Transfer | None]:
    """Fit a network; what is frozen stays, and is computed once an example where that gives the same."""
    head = head_of(network, architectures.entry(model, task.name))
    transfer = plan_transfer(network, head, config)
    with _examples(task, prepared, network, head, transfer, config) as (train, val):
        learner, examples = learner_for(task, config), task.training_examples(train)
        return fit(network, learner, examples, val, config, transfer=transfer, **more), transfer


@contextmanager
def _examples(
    task: BaseTask,
    prepared: Prepared,
    network: nn.Module,
    head: str | None,
    transfer: Transfer | None,
    config: TrainConfig,
) -> Iterator[tuple[Examples, Examples]]:
    """Training and validation examples, or what the head is to see of them."""
    is_same_every_time = not (task.augments or config.mixup or config.cutmix or config.adversarial)
    is_for_head = head is not None and transfer is not None and transfer.is_for_head
    if is_for_head and is_same_every_time and can_keep(network, head, prepared.train):  # type: ignore[arg-type]
        precision = choose_precision(config.precision, choose_device(config.device))
        with features_kept(network, head, prepared.train, prepared.val, precision) as examples:  # type: ignore[arg-type]
            yield examples
    else:
        yield prepared.train, prepared.val
