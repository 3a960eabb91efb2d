"""The options of an estimator: its own parameters, and `settings` for whatever else training and model know."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from deepglass.core import effects
from deepglass.core.effects import Unused
from deepglass.core.errors import OptionError
from deepglass.core.settings import changed
from deepglass.runs import options as option_space
from deepglass.runs.asked import unused_by
from deepglass.training.config import TrainConfig
from deepglass.training.effects import Circumstances, unused_options
from deepglass.zoo import architectures

ELSEWHERE = {  # options of a training that an estimator has another way for, or none
    "seed": "the estimator has its own; give random_state=",
    "pretrained": "an estimator begins anew; dg.train(frame, pretrained=…) begins with weights",
    "freeze": "it spares weights that were trained before, and an estimator begins anew; leave it out, or use dg.train",
    "unfreeze_every": "an estimator begins anew, with nothing frozen; leave it out, or use dg.train",
    "layer_decay": "an estimator begins anew, with no layer trained before; leave it out, or use dg.train",
    "lora": "an estimator begins anew, with nothing to keep; leave it out, or use dg.train",
    "constraint": "X has no column of groups beside what is learnt from; use dg.train(frame, fair=…)",
    "mitigation": "X has no column of groups beside what is learnt from; use dg.train(frame, fair=…)",
    "positive": "X has no column of groups beside what is learnt from; use dg.train(frame, fair=…)",
    "card": "an estimator writes no model card; use dg.train(frame, card=…)",
    "private": "an estimator keeps no record of what was spent; use dg.train(frame, private=…), or dg.fit",
    "delta": "it belongs to private training; use dg.train(frame, private=…), or dg.fit",
    "clip_example": "it belongs to private training; use dg.train(frame, private=…), or dg.fit",
    "noise_seed": "it belongs to private training; use dg.train(frame, private=…), or dg.fit",
    "checkpoint_every": "an estimator writes nothing; leave it out, or use dg.train",
    "keep": "every column of X is used; leave out of X what is not to be learnt from",
    "bags": "the estimator has its own; give bags=",
    "blend": "the estimator has its own; give blend=",
    "shard": "an estimator trains in one process; leave it out",
    "sync_batch_norm": "an estimator trains in one process; leave it out",
}


@dataclass(frozen=True)
class Chosen:
    """Options sorted by where they belong.

    train: Of training; task: of reading columns; model: of the network.
    class_weight: "balanced", "sampler", a dict of label → weight, or None.
    """

    train: dict[str, Any]
    task: dict[str, Any]
    model: dict[str, Any]
    class_weight: Any = None


def chosen(estimator: Any) -> Chosen:
    """The options of an estimator.

    Raises:
        OptionError: If one is unknown, given twice, or belongs to another entry.
    """
    more = dict(estimator.settings or {})
    own = {name: getattr(estimator, name) for name in ("epochs", "learning_rate", "batch_size")}
    own = {name: value for name, value in own.items() if value is not None}
    if twice := [name for name in own if name in more]:
        raise OptionError(f"{twice[0]} is given twice, as a parameter and in settings: leave one of them out")
    class_weight = _class_weight(estimator, more)
    options = option_space.sort({**own, **more}, estimator.task, estimator.model)
    effects.refuse(_elsewhere(estimator.task, options), in_python=True)
    return Chosen(options.train, options.task, options.model, class_weight)


def refuse_unused(estimator: Any, asked: Chosen, config: TrainConfig) -> None:
    """Refuse options that cannot act beside the others.

    Raises:
        OptionError: If there is one.
    """
    wishes = changed(asked.train, option_space.TRAIN_SETTINGS)
    unused = list(unused_options(wishes, config, Circumstances(has_folder=False)))
    if has_criterion(estimator):
        if "label_smoothing" in wishes:
            why = f"the {estimator.model} has a criterion of its own"
            unused.append(Unused("label_smoothing", why, "leave it out, or choose another model"))
        if asked.class_weight not in (None, "sampler"):
            why = f"the {estimator.model} has a criterion of its own, which knows no weights"
            unused.append(
                Unused("class_weight", why, 'give settings={"class_weights": "sampler"}, or choose another model')
            )
    if estimator.bags > 1:
        unused += _unused_beside_bags(estimator, wishes)
    effects.refuse(unused, in_python=True)


def _unused_beside_bags(estimator: Any, wishes: dict[str, Any]) -> Iterator[Unused]:
    """What several networks that share the rows leave no room for."""
    if has_criterion(estimator):
        why = f"the {estimator.model} has a criterion of its own, which knows one network only"
        yield Unused("bags", why, "leave it out, or choose another model")
    for name in {"mixup", "cutmix"} & wishes.keys():
        yield Unused(name, "each row of a bag is left out by one network, and mixed rows would not be", "give bags=1")


def require_bags(estimator: Any, num_rows: int, usual_fraction: float) -> None:
    """Check the number of networks.

    Raises:
        OptionError: If it is no number of parts that so many rows have, or validation rows are asked for beside it.
    """
    bags, most = estimator.bags, max(1, num_rows // 2)
    if isinstance(bags, bool) or not isinstance(bags, int | np.integer) or bags < 1:
        raise OptionError(f"bags: expected a number of networks from 1, got {bags!r}")
    if bags > most:
        raise OptionError(f"bags: expected 1 to {most}, half of the {num_rows:,} rows, got {bags}")
    if bags > 1 and estimator.val_fraction != usual_fraction:
        raise OptionError("bags validates on the rows that each network leaves out: leave val_fraction out")


def require_blend(estimator: Any, asked: "Chosen", has_weights: bool, has_held_out: bool) -> None:
    """Check that simple models can stand beside the network.

    Raises:
        OptionError: If rows count differently, or none is held out.
    """
    if has_weights or asked.class_weight is not None:
        what = "sample_weight" if has_weights else "class_weight"
        raise OptionError(f"blend: the simple models know nothing of {what}: leave one of the two out")
    if not has_held_out:
        raise OptionError("blend: so few rows all train the network, and none is left to choose by: add bags=5")


def refuse_unused_settings(estimator: Any, asked: Chosen, dims: dict[str, Any]) -> None:
    """Refuse settings of the model that do nothing for columns of these kinds.

    Raises:
        OptionError: If there is one.
    """
    entry = architectures.entry(estimator.model, estimator.task)
    wishes = changed(asked.model, entry.settings)
    effects.refuse(architectures.unused_settings(entry, wishes, {**dims, **wishes}), in_python=True)


def has_criterion(estimator: Any) -> bool:
    """Whether the model brings a loss of its own, as the perceptron does."""
    return hasattr(
        architectures.module_of(architectures.entry(estimator.model, estimator.task), "torch").Model, "criterion"
    )


def weights_of_classes(class_weight: Any, codes: np.ndarray, classes: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(K,) what an example of each class counts: a dict of label → weight, 1 else; or all classes together alike.

    Args:
        class_weight: "balanced", "sampler" or a dict.
        codes: (n,) classes of the rows, as positions in `classes`.
        weights: (n,) what each row counts already.

    Raises:
        OptionError: If a label does not occur.
    """
    if isinstance(class_weight, Mapping):
        known = set(classes.tolist())
        if odd := [label for label in class_weight if label not in known]:
            raise OptionError(
                f"class_weight: {odd[0]!r} does not occur; the classes are {', '.join(map(str, classes[:20]))}"
            )
        return np.array([float(class_weight.get(label, 1.0)) for label in classes.tolist()])
    counts = np.bincount(codes, weights, minlength=len(classes))
    present = counts > 0
    return np.where(present, counts.sum() / (present.sum() * np.maximum(counts, 1e-300)), 1.0)


def _class_weight(estimator: Any, more: dict[str, Any]) -> Any:
    """What the parameter or the setting says; takes the setting out where it is a dict."""
    parameter = getattr(estimator, "class_weight", None)
    setting = more.get("class_weights")
    if parameter is not None and setting not in (None, "none"):
        raise OptionError("class_weight is given twice, as a parameter and in settings: leave one of them out")
    if isinstance(setting, Mapping):
        del more["class_weights"]
    asked = parameter if parameter is not None else setting
    if not (asked in (None, "none", "balanced", "sampler") if not isinstance(asked, Mapping) else True):
        raise OptionError(f"class_weight: expected 'balanced', 'sampler' or a dict of label → weight, got {asked!r}")
    if asked not in (None, "none") and not option_space.acts_in("class_weights", estimator.task):
        effects.refuse([unused_by(estimator.task, "class_weights")], in_python=True)
    return None if isinstance(asked, str) and asked == "none" else asked


def _elsewhere(task: str, options: option_space.Options) -> Iterator[Unused]:
    """What was given in `settings` and is said otherwise, or cannot be said."""
    for name in options.data:
        yield Unused(name, "X and y come as they are, nothing is read or divided", "prepare them before fit")
    asked = changed(options.train, option_space.TRAIN_SETTINGS) | options.task
    for name in asked:
        if name in ELSEWHERE:
            yield Unused(name, *ELSEWHERE[name].split("; "))
        elif not option_space.acts_in(name, task):
            yield unused_by(task, name)
