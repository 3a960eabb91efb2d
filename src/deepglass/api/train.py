"""`dg.train`: from a source to a run, one step after the other.

    read → guess the task → prepare (split, fit the preprocessing) → build the model → fit → judge → report

Everything that was decided lies in the run folder before the first step is taken, so a killed run can be resumed.
"""

import time
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from deepglass.api import blending, judging, opening, pretrained
from deepglass.api import options as option_space
from deepglass.api.asked import Asked, unknown_to, unused_in_data, unused_in_job, unused_in_training
from deepglass.api.run import Run
from deepglass.core import catalogue, effects, seeds, settings
from deepglass.core.console import console
from deepglass.core.device import choose_device, denormals_flushed
from deepglass.core.errors import DataError, DeepglassError, OptionError
from deepglass.core.guesses import Guess
from deepglass.core.run_folder import RunFolder
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Layout
from deepglass.models import _build, _sizes
from deepglass.models._pretrained import Weights, fill
from deepglass.tasks._contract import BaseTask, Prepared
from deepglass.training import checkpoint, distributed, elastic
from deepglass.training.config import TrainConfig
from deepglass.training.distributed import Team
from deepglass.training.effects import Circumstances
from deepglass.training.loop import Fitted
from deepglass.training.plan import seconds_of
from deepglass.training.profile import Profiler
from deepglass.training.watchers import TensorBoardWatcher, Watchers, watcher_for

FINISH_SHARE = 0.08  # of a time budget is kept for the final evaluation and the report


@denormals_flushed()
def train(
    source: Any = None,
    *,
    task: str | None = None,
    model: str | None = None,
    run: str | Path | None = None,
    resume: bool = False,
    config: str | Path | None = None,
    folds: int | None = None,
    tensorboard: bool = False,
    profile: bool = False,
    engine: str | None = None,
    runs: str | Path = "runs",
    started: float | None = None,
    **options: Any,
) -> Run:
    """Train on a file, a folder, a bundled name, a DataFrame or arrays `(X, y)`, and leave a run folder.

    Args:
        source: What to learn from; `deepglass check SOURCE` shows what is found in it.
        task: Such as "tabular-classification"; guessed from the data.
        model: One of the task's models (`deepglass models`); each task has a default.
        run: The run folder; by default a new one below `runs`.
        resume: Go on where the folder's checkpoint stands.
        config: A run, or its config.json, to repeat: alone to the same numbers; options given beside it win.
        folds: Also cross-validate with so many folds.
        tensorboard: Also write TensorBoard event files into the run folder.
        profile: Also find out where the time goes, say what to change first, and keep it in profile.json.
        engine: "torch", or "glass" for the NumPy engine; torch unless `config` or the resumed run says otherwise.
        runs: Where new run folders are made.
        started: When the time of a budget began, a value of `time.monotonic()`; with this call when left out.
        options: Any option of reading, training, the task and the model, such as `target="species"`,
            `budget="60s"`, `learning_rate=0.01`.

    Returns:
        The run: `run.metrics`, `run.predict(...)`, `run.evaluate(...)`, `run.report()`.

    Raises:
        DeepglassError: For everything that the person can mend; nothing half-written is left.
    """
    started = time.monotonic() if started is None else started
    profiler, team = Profiler() if profile else None, distributed.join()
    asked, repeated, repetition = {name: value for name, value in options.items() if value is not None}, None, None
    is_changed = bool(asked or source is not None or task or model or engine or folds)
    if begun := team.first_says(lambda: elastic.begun(run, runs)):
        run, resume, asked = begun, True, {}  # all that was asked stands in its config.json
        console.say(f"{begun}: begun by this launch, which goes on with it")
    if resume:
        config = opening.folder_to_resume(run) / "config.json"
    if config is not None:
        repeated = option_space.from_file(Path(config), task, model)
        repetition = None if resume else opening.repetition_beside(Path(config))
        if is_changed:  # other steps, but computed in the way of the run
            repeated, repetition = repeated.computed_by(opening.way_of(repetition)), None
        source = repeated.settled.get("source") if source is None else source
        task, model = task or repeated.settled.get("task"), model or repeated.settled.get("model")
        engine = engine or repeated.settled.get("engine")
    if source is None:
        raise OptionError("nothing to learn from: give a file, a folder or a bundled name, or --config FILE")
    job = plan_job(source, task, model, asked, engine or "torch", repeated, folds)
    distributed.check(team, job.train_config, len(job.prepared.train), job.engine, is_profiled=profile)
    folder = team.first_says(lambda: opening.open_folder(run, runs, job.name, resume))
    with opening.left_as_it_was(folder, keeps=resume or not team.is_first):
        return _carry_out(job, folder, team, resume, folds, tensorboard, profiler, repetition, started)


def _carry_out(
    job: "Job",
    folder: RunFolder,
    team: Team,
    resume: bool,
    folds: int | None,
    tensorboard: bool,
    profiler: Profiler | None,
    repetition: dict[str, Any] | None,
    started: float,
) -> Run:
    """Write down what was decided, fit, judge."""
    deadline = started + seconds_of(job.train_config.budget) if job.train_config.budget else None
    if deadline is not None:
        import deepglass.evaluate.report  # noqa: F401 - matplotlib takes its time: before the training, not after it
    _describe(job)
    if not resume and team.is_first:
        opening.write_decisions(folder, job)
    cross_validation = _cross_validate(job, folds) if folds else None
    rivals = team.first_says(lambda: blending.fit_rivals(job))
    fitted, network = _fit(job, folder, team, resume, deadline, tensorboard, profiler, repetition)
    if job.train_config.shard and not team.is_first:
        judging.help_to_judge(job, network)
    finish = partial(judging.finish, job, folder, fitted, network, rivals, cross_validation, started)
    team.first_says(finish)
    return Run(folder.path)


@dataclass
class Job:
    """All that is decided before the first step."""

    source: str
    name: str
    data: Data
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
        model = _build.load(self.model, **values)
        if self.weights is not None:
            head = fill(model, self.weights, getattr(self.task, "classes", None))
            self.beginning = self.weights.record() | {"head": head}
        else:
            self.task.begin(model, self.prepared)
        if self.engine == "torch":
            return model
        from deepglass.models._glass_autograd import compute_on_glass

        return compute_on_glass(model, _build.load(self.model, engine="glass", **values))


def plan_job(
    source: Any,
    task: str | None,
    model: str | None,
    given: dict[str, Any],
    engine: str = "torch",
    repeated: option_space.Repeated | None = None,
    folds: int | None = None,
) -> Job:
    """Read the data and decide everything.

    Raises:
        OptionError: If an option that is given now does not fit, or could change nothing.
    """
    _build.require_engine(engine)
    asked = Asked(given, repeated)
    data, guesses, task, remarks = _read(source, task, asked)
    model = model or pretrained.model_of_run(asked.values.get("pretrained"), task) or option_space.default_model(task)
    asked.leave_out(unknown_to(asked, task, model))
    asked.leave_out(unused_in_training(asked, task))
    data_config = option_space.data_config(asked.values)
    options = option_space.sort(asked.values, task, model)
    weights = pretrained.open_for(options.train, model, task)
    guesses += pretrained.guess_settings(weights) + pretrained.choose_tokenizer(weights, options.task, task)
    task_object = make_task(task, data_config, options.task, int(options.train.get("seed", 0)), weights)
    task_object.model, task_object.can_bag = model, _can_bag(model, engine, options.train)
    prepared = task_object.prepare(data)
    prepared.remarks = remarks + prepared.remarks
    prepared.dims |= pretrained.dims_for(weights, prepared.dims)
    _build.require_room(_build.entry(model, task), prepared.dims)
    guesses += prepared.guesses
    count = len(prepared.train)
    tuning, tuning_guesses = pretrained.defaults_for(weights, options.train, task, count)
    defaults = task_object.train_defaults(model, count) | tuning
    usual = _as_the_engine_can(option_space.train_config({}, defaults), engine)
    train_config = _as_the_engine_can(option_space.train_config(options.train, defaults), engine)
    around = Circumstances(weights is not None, True, distributed.join().size, engine == "torch")
    sizes = prepared.dims | task_object.model_defaults(model, count) | options.model
    left_out = asked.leave_out(unused_in_job(asked, task_object, data, sizes, model, train_config, around, folds))
    options = options.without(left_out)
    train_config = _as_the_engine_can(option_space.train_config(options.train, defaults), engine)
    own_settings = _build.entry(model, task).settings
    model_options = task_object.model_defaults(model, count)
    model_options |= pretrained.settings_for(weights, _parsed(options.model, own_settings)) | options.model
    model_options = _parsed(model_options, own_settings)
    _sizes.require_memory(model, task, prepared.dims | model_options)
    task_object.train_config = train_config
    guesses += tuning_guesses + pretrained.hold_still(task_object, prepared, train_config, options.task)
    text = str(source) if isinstance(source, str | Path) else "data in memory"
    return Job(
        source=text,
        name=data.name or "run",
        data=data,
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
    """Whether nothing that was asked for stands against several networks that share the rows."""
    against = ("pretrained", "mixup", "cutmix", "shard", "freeze")
    is_stable = catalogue.constant("models", _build.entry(model).file, "STABLE", False)
    return engine == "torch" and not is_stable and not any(asked.get(name) for name in against)


def _read(source: Any, task: str | None, asked: Asked) -> tuple[Data, list[Guess], str, list[str]]:
    """The data, what was guessed about them, the task, and what `check` warns of."""
    from deepglass.data.check import remarks
    from deepglass.data.reading.named import require_named, require_parts
    from deepglass.data.reading.source import guess_task, read

    config = option_space.data_config(asked.values)
    require_parts(config)
    with effects.options_used() as used:
        data = read(source, config, follow=_followed(task))
    if isinstance(data, Layout):
        raise DataError(str(data))
    guesses = list(data.guesses)
    if task is None:
        task, guess = guess_task(data, config)
        guesses.append(guess)
    name = Path(source).name if isinstance(source, str | Path) else "data in memory"
    asked.leave_out(unused_in_data(asked, used, task, name))
    require_named(data, option_space.data_config(asked.values))
    try:
        return data, guesses, task, remarks(data, config, task)
    except DeepglassError:  # whoever prepares the data says it better
        return data, guesses, task, []


def _followed(task: str | None) -> tuple[str, ...]:
    """The kinds of files that a column of paths may name: those of the task, or any."""
    from deepglass.data.reading.file_column import KINDS

    if task is None:
        return tuple(KINDS)
    return catalogue.class_constant("tasks", option_space.task_file(task), "Task", "FOLLOWS_PATHS") or ()


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


# -- fitting --------------------------------------------------------------------------------------------------------


def _describe(job: Job) -> None:
    prepared = job.prepared
    sizes = ", ".join(f"{len(getattr(prepared, part)):,} {part}" for part in ("train", "val", "test"))
    if prepared.fold is not None:
        train = f"{len(prepared.train):,} train (each validates the network that leaves it out)"
        sizes = f"{train}, {len(prepared.test):,} test"
    console.heading(f"{job.task.name} on {job.source}")
    console.guesses(job.guesses)
    for remark in job.prepared.remarks:
        console.warn(remark)
    console.say(f"  examples: {sizes}")


def _fit(
    job: Job,
    folder: RunFolder,
    team: Team,
    resume: bool,
    deadline: float | None,
    tensorboard: bool,
    profiler: Profiler | None,
    repetition: dict[str, Any] | None,
) -> tuple[Fitted, Any]:
    network = job.build_model()
    config = job.train_config
    if config.learning_rate == "auto":
        find = partial(pretrained.find_rate_for, job.task, job.prepared, network, job.model, config)
        config = team.first_says(find)
        network, job.train_config = job.build_model(), config
        job.task.train_config = config
        if team.is_first:
            folder.write("config.json", folder.read("config.json") | job.config)
        console.say(f"  learning rate {config.learning_rate:.2g} (range test; change with --learning-rate)")
    parameters = sum(p.numel() for p in network.parameters())
    device = choose_device(config.device)
    engine = " (glass engine)" if job.engine == "glass" else ""
    several = f", {team.size} processes" if team.size > 1 else ""
    where = f"{device}{engine}{several}"
    console.say(f"  model {job.model}: {parameters:,} parameters on {where}, {config.optimizer}")
    if job.beginning:
        console.say(f"  begins with {job.beginning['source']}; {job.beginning['head']}".removesuffix("; "))
    watcher = watcher_for(console)
    if tensorboard and team.is_first:
        watcher = Watchers(watcher, TensorBoardWatcher(folder / "tensorboard"))
    fitted, transfer = pretrained.learn(
        job.task,
        job.prepared,
        network,
        job.model,
        config,
        folder=folder,
        resume=resume and folder.has(checkpoint.NAME),
        deadline=deadline,
        reserve=FINISH_SHARE * seconds_of(config.budget) if config.budget else 0.0,
        judged=2 * len(job.prepared.val) + len(job.prepared.test),
        sample_weights=job.task.sample_weights(job.prepared) if config.class_weights == "sampler" else None,
        watcher=watcher,
        profiler=profiler,
        repetition=repetition,
    )
    if transfer is not None:
        job.beginning["layers"] = str(transfer)
    return fitted, network


def _cross_validate(job: Job, number: int) -> dict[str, Any]:
    """Train and test once a fold, from the same options; the data's own splits are set aside."""
    from deepglass.evaluate.cross_validation import summarize

    if number < 2:
        raise OptionError(f"--folds: expected 2 or more, got {number}")
    results = []
    for i, splits in enumerate(job.task.folds(job.data, number), 1):
        fold_task = make_task(job.task.name, job.data_config, job.options.task, job.train_config.seed, job.weights)
        fold_task.train_config = job.train_config
        fold_task.model, fold_task.can_bag = job.model, job.task.can_bag
        data = job.data
        kept, data.splits = data.splits, splits  # type: ignore[assignment]
        try:
            prepared = fold_task.prepare(data)
        finally:
            data.splits = kept  # type: ignore[assignment]
        prepared.dims |= pretrained.dims_for(job.weights, prepared.dims)
        pretrained.hold_still(fold_task, prepared, job.train_config, job.options.task)
        fold = Job(**{**vars(job), "task": fold_task, "prepared": prepared})
        fitted, _ = pretrained.learn(fold_task, prepared, fold.build_model(), job.model, job.train_config)
        results.append(fold_task.evaluate(fold_task.outputs(fitted.model, prepared.test)))
        headline = results[-1]["headline"][0]
        console.say(f"  fold {i} of {number}: {headline} {results[-1][headline]['value']:.4g}")
    return summarize(results)
