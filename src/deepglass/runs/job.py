"""What a training will be, decided before its first step: the data, the task, the model and every option.

    read → guess the task → sort the options → prepare (split, fit the preprocessing) → defaults → sizes → `Job`

An option that cannot act on what was found is refused here, by name.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from deepglass.core import catalogue, effects, seeds, settings
from deepglass.core.errors import DeepglassError, OptionError
from deepglass.core.guesses import Guess
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Layout
from deepglass.runs import fine_tuning
from deepglass.runs import options as option_space
from deepglass.runs.asked import Asked, unknown_to, unused_in_data, unused_in_job, unused_in_training
from deepglass.tasks import BaseTask, Prepared
from deepglass.training import lora
from deepglass.training.config import TrainConfig
from deepglass.training.effects import Circumstances
from deepglass.training.parallel import processes
from deepglass.training.private import training as private
from deepglass.zoo import architectures, sizes
from deepglass.zoo.group_norm import in_place_of_batch_norm
from deepglass.zoo.pretrained import Weights, fill, head_of

FINISH_SHARE = 0.08  # of a time budget is kept for the final evaluation and the report


@dataclass(frozen=True)
class Reading:
    """What was found in a source, before any option of a task, a model or a training acts.

    config: How it was read. used: The options of reading that did something. remarks: What `check` warns of.
    """

    config: DataConfig
    data: Data
    task: str
    guesses: tuple[Guess, ...]
    remarks: tuple[str, ...]
    used: frozenset[str]


@dataclass
class Job:
    """All that is decided before the first step."""

    source: str
    reading: Reading
    task: BaseTask
    model: str
    engine: str
    data_config: DataConfig
    train_config: TrainConfig
    usual: TrainConfig  # what the task chooses for this model and so many examples
    model_options: dict[str, Any]
    options: option_space.Options
    prepared: Prepared
    guesses: list[Guess]
    weights: Weights | None = None  # to begin with
    beginning: dict[str, str] = field(default_factory=dict)  # where these came from, and what became of them
    regrouped: list[str] = field(
        default_factory=list
    )  # batch norms of the model in whose place a private one has others

    @property
    def data(self) -> Data:
        """All that was read."""
        return self.reading.data

    @property
    def name(self) -> str:
        """By which a run is called."""
        return self.data.name or "run"

    @property
    def sample_weights(self) -> Tensor | None:
        """(N,) how often each training example is drawn, where classes are to be balanced by that; else None."""
        return self.task.sample_weights(self.prepared) if self.train_config.class_weights == "sampler" else None

    @property
    def config(self) -> dict[str, Any]:
        """The content of config.json."""
        content = option_space.as_file(
            self.source, self.task.name, self.model, self.data_config, self.train_config, self.usual, self.options
        )
        engine = {"engine": self.engine} if self.engine != "torch" else {}
        return content | engine | {"model_options": self.model_options}

    def build_model(self) -> Any:
        """A fresh model, its weights drawn from the seed or published: the same on both engines."""
        seeds.seed_everything(self.train_config.seed)
        values = {"task": self.task.name, **self.prepared.dims, **self.model_options}
        model = architectures.load(self.model, **values)
        self.regrouped = in_place_of_batch_norm(model, nn) if self.train_config.private else []
        if self.weights is not None:
            classes = getattr(self.task, "classes", None)
            head = fill(model, self.weights, classes)
            self.beginning = self.weights.record() | {"head": head}
            if self.train_config.lora:
                answering = head_of(model, self.weights.entry) if classes is not None else None
                self.beginning["layers"] = lora.add(
                    model, self.train_config.lora, answering, embeddings=self.task.has_new_tokens
                )
        elif not self.train_config.private:  # what it begins with would be learnt from the rows without noise
            self.task.begin(model, self.prepared)
        if self.engine == "torch":
            return model
        from deepglass.zoo.glass_autograd import compute_on_glass

        return compute_on_glass(model, architectures.load(self.model, engine="glass", **values))


def plan_job(
    source: Any,
    task: str | None,
    model: str | None,
    given: dict[str, Any],
    engine: str = "torch",
    repeated: option_space.Repeated | None = None,
    folds: int | None = None,
    reading: Reading | None = None,
) -> Job:
    """Read the data and decide everything.

    Args:
        reading: Of the same source and task, by another job: what it read serves here too, where it was read alike.

    Raises:
        OptionError: If an option that is given now does not fit, or could change nothing.
    """
    architectures.require_engine(engine)
    asked = Asked(given, repeated)
    config = option_space.data_config(asked.values)
    if reading is None or reading.config != config:
        reading = _read(source, task, config)
    _leave_out_unread(asked, reading, source)
    data, task, guesses = reading.data, reading.task, list(reading.guesses)
    model = model or fine_tuning.model_of_run(asked.values.get("pretrained"), task) or _usual_model(task, data, asked)
    asked.leave_out(unknown_to(asked, task, model))
    asked.leave_out(unused_in_training(asked, task))
    data_config = option_space.data_config(asked.values)
    options = option_space.sort(asked.values, task, model)
    weights = fine_tuning.open_for(options.train, model, task)
    guesses += fine_tuning.guess_settings(weights) + fine_tuning.choose_tokenizer(weights, options.task, task)
    task_object = make_task(task, data_config, options.task, int(options.train.get("seed", 0)), weights)
    task_object.model, task_object.can_bag = model, _can_bag(model, engine, options.train)
    prepared = task_object.prepare(data)
    prepared.remarks = [*reading.remarks, *prepared.remarks]
    prepared.dims |= fine_tuning.dims_for(weights, prepared.dims)
    architectures.require_room(architectures.entry(model, task), prepared.dims)
    guesses += prepared.guesses
    count = len(prepared.train)
    is_bag = "bags" in prepared.dims
    tuning, tuning_guesses = fine_tuning.defaults_for(weights, options.train, task_object, count, is_bag)
    defaults = task_object.train_defaults(model, count) | tuning | (private.OFF if options.train.get("private") else {})
    usual = _as_the_engine_can(option_space.train_config({}, defaults), engine)
    train_config = _as_the_engine_can(option_space.train_config(options.train, defaults), engine)
    around = Circumstances(weights is not None, True, processes.join().size, engine == "torch", knows_inputs=True)
    dims = prepared.dims | task_object.model_defaults(model, count) | options.model
    left_out = asked.leave_out(unused_in_job(asked, task_object, data, dims, model, train_config, around, folds))
    options = options.without(left_out)
    train_config = _as_the_engine_can(option_space.train_config(options.train, defaults), engine)
    own_settings = architectures.entry(model, task).settings
    model_options = task_object.model_defaults(model, count)
    model_options |= fine_tuning.settings_for(weights, _parsed(options.model, own_settings)) | options.model
    model_options = _parsed(model_options, own_settings)
    sizes.require_memory(model, task, prepared.dims | model_options)
    task_object.train_config = train_config
    guesses += tuning_guesses + fine_tuning.disable_augmentation(task_object, prepared, train_config, options.task)
    text = str(source) if isinstance(source, str | Path) else "data in memory"
    return Job(
        source=text,
        reading=reading,
        task=task_object,
        model=model,
        engine=engine,
        data_config=data_config,
        train_config=train_config,
        usual=usual,
        model_options=model_options,
        options=options,
        prepared=prepared,
        guesses=guesses,
        weights=weights,
    )


def _can_bag(model: str, engine: str, asked: dict[str, Any]) -> bool:
    """Whether nothing that was asked for rules out several networks that share the rows."""
    against = ("pretrained", "mixup", "cutmix", "shard", "freeze", "private", "adversarial")
    is_stable = catalogue.constant("models", architectures.entry(model).file, "STABLE", False)
    return engine == "torch" and not is_stable and not any(asked.get(name) for name in against)


def _read(source: Any, task: str | None, config: DataConfig) -> Reading:
    """Read the data, and guess the task where none is named."""
    from deepglass.data.reading.layout_tasks import require_reader
    from deepglass.data.reading.named import require_parts
    from deepglass.data.reading.source import guess_task, read

    require_parts(config)
    with effects.options_used() as used:
        data = read(source, config, follow=_followed(task))
    guesses = list(data.guesses)
    if task is None:
        task, guess = guess_task(data, config)
        guesses.append(guess)
    if isinstance(data, Layout):
        require_reader(data, task)
    return Reading(config, data, task, tuple(guesses), _remarks(data, config, task), frozenset(used))


def _remarks(data: Data, config: DataConfig, task: str) -> tuple[str, ...]:
    from deepglass.data.check import remarks

    try:
        return tuple(remarks(data, config, task))
    except DeepglassError:  # whoever prepares the data says it better
        return ()


def _leave_out_unread(asked: Asked, reading: Reading, source: Any) -> None:
    """Options of reading that did nothing."""
    from deepglass.data.reading.named import require_named

    name = Path(source).name if isinstance(source, str | Path) else "data in memory"
    asked.leave_out(unused_in_data(asked, reading.used, reading.task, name))
    require_named(reading.data, option_space.data_config(asked.values))


def _followed(task: str | None) -> tuple[str, ...]:
    """The kinds of files that a column of paths may name: those of the task, or any."""
    from deepglass.data.reading.file_column import KINDS

    if task is None:
        return tuple(KINDS)
    return catalogue.declared_by(option_space.task_file(task), "FOLLOWS_PATHS")


def _usual_model(task: str, data: Data, asked: Asked) -> str:
    """The model that a task takes when none is asked for; where it takes several kinds of inputs, by their kind."""
    file = option_space.task_file(task)
    if not catalogue.class_constant("tasks", file, "Task", "DEFAULT_MODELS"):
        return option_space.default_model(task)
    kind = catalogue.load("tasks", file).Task
    return kind.usual_model(kind.kind_of(data, option_space.data_config(asked.values)).name)


def make_task(
    name: str, data_config: DataConfig, task_options: dict[str, Any], seed: int, weights: Weights | None = None
) -> BaseTask:
    """A task object with its options, and what comes with the weights that the model begins with."""
    module = catalogue.load("tasks", option_space.task_file(name))
    members = option_space.task_settings(name)
    config = settings.build(module.Config, members, task_options) if members else None
    task = module.Task(data_config, config, seed)
    task.pretrained = weights
    return task


def _as_the_engine_can(config: TrainConfig, engine: str) -> TrainConfig:
    """The glass engine computes in float32 on the CPU."""
    if engine == "torch":
        return config
    for name, only in (("device", "cpu"), ("precision", "float32")):
        if (came := getattr(config, name)) not in ("auto", only):
            raise OptionError(f"--{name} {came}: the glass engine has {only} only; leave it out, or use --engine torch")
    return replace(config, device="cpu", precision="float32")


def _parsed(values: dict[str, Any], members: list[settings.Setting]) -> dict[str, Any]:
    by_name = {setting.name: setting for setting in members}
    return {name: by_name[name].parse(value) for name, value in values.items() if name in by_name}
