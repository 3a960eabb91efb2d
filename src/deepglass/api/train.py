"""`dg.train`: from a source to a run, one step after the other.

    read → guess the task → prepare (split, fit the preprocessing) → build the model → fit → judge → report

Everything that was decided lies in the run folder before the first step is taken, so a killed run can be resumed.
"""

import time
from functools import partial
from pathlib import Path
from typing import Any

from deepglass.api.run import Run
from deepglass.core import run_log
from deepglass.core.console import console
from deepglass.core.device import choose_device, denormals_flushed
from deepglass.core.errors import OptionError
from deepglass.core.run_folder import RunFolder
from deepglass.rl.running.config import TASK
from deepglass.rl.running.opening import world_named
from deepglass.runs import blending, fairness, fine_tuning, finish, opening
from deepglass.runs import options as option_space
from deepglass.runs.job import FINISH_SHARE, Job, make_task, plan_job
from deepglass.training import checkpoint, lora
from deepglass.training.parallel import processes, restart
from deepglass.training.parallel.processes import Team
from deepglass.training.plan import seconds_of
from deepglass.training.profiling.profiler import Profiler
from deepglass.training.state import TrainResult
from deepglass.training.watchers import LogWatcher, TensorBoardWatcher, Watchers, watcher_for


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
    watch: bool = False,
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
        resume: Go on from the folder's checkpoint.
        config: A run, or its config.json, to repeat: alone to the same numbers; options given beside it win.
        folds: Also cross-validate with so many folds.
        tensorboard: Also write TensorBoard event files into the run folder.
        profile: Also find out where the time goes, say what to change first, and keep it in profile.json.
        watch: Also warn while it trains: of a loss that grows, gradients that vanish, steps that move nothing.
        engine: "torch", or "glass" for the NumPy engine; torch unless `config` or the resumed run says otherwise.
        runs: Where new run folders are made.
        started: When the time of a budget began, a value of `time.monotonic()`; with this call when left out.
        options: Any option of reading, training, the task and the model, such as `target="species"`,
            `budget="60s"`, `learning_rate=0.01`.

    Returns:
        The run: `run.metrics`, `run.predict(...)`, `run.evaluate(...)`, `run.report()`.

    Raises:
        DeepglassError: For everything that the user can fix; nothing half-written is left.
    """
    started = time.monotonic() if started is None else started
    profiler, team = Profiler() if profile else None, processes.join()
    asked, repeated, repetition = {name: value for name, value in options.items() if value is not None}, None, None
    is_changed = bool(asked or source is not None or task or model or engine or folds)
    if begun := team.broadcast_from_rank0(lambda: restart.begun(run, runs)):
        run, resume, asked = begun, True, {}  # all that was asked is in its config.json
        console.say(f"{begun}: begun by this launch, which goes on with it")
    is_typed = source is not None
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
    if task in (None, TASK) and (world := world_named(source, is_typed)):
        from deepglass.api.train_in_world import train as act

        values = (repeated.values if repeated else {}) | asked
        given = {"folds": folds, "profile": profile, "engine": engine}
        kept = {"model": model, "run": run, "resume": resume, "runs": runs, "tensorboard": tensorboard}
        return act(world, **kept, started=started, refused=given, options=values)
    job = plan_job(source, task, model, asked, engine or "torch", repeated, folds)
    processes.check(team, job.train_config, len(job.prepared.train), job.engine, is_profiled=profile)
    folder = team.broadcast_from_rank0(lambda: opening.open_folder(run, runs, job.name, resume))
    is_kept = resume or not team.is_first
    with opening.left_as_it_was(folder, is_kept), run_log.keeping(folder.path if team.is_first else None) as log:
        return _carry_out(job, folder, team, log, resume, folds, tensorboard, watch, profiler, repetition, started)


def _carry_out(
    job: Job,
    folder: RunFolder,
    team: Team,
    log: run_log.RunLog,
    resume: bool,
    folds: int | None,
    tensorboard: bool,
    watch: bool,
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
    rivals = team.broadcast_from_rank0(lambda: blending.fit_rivals(job))
    fitted, network = _fit(job, folder, team, log, resume, deadline, tensorboard, watch, profiler, repetition)
    if job.train_config.shard and not team.is_first:
        finish.gather_for_judging(job, network)
    plain = _without_constraint(job, team)
    judged = partial(finish.finish, job, folder, fitted, network, rivals, cross_validation, started, plain)
    team.broadcast_from_rank0(judged)
    log.write("end", interrupted=fitted.interrupted)
    return Run(folder.path)


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
    log: run_log.RunLog,
    resume: bool,
    deadline: float | None,
    tensorboard: bool,
    watch: bool,
    profiler: Profiler | None,
    repetition: dict[str, Any] | None,
) -> tuple[TrainResult, Any]:
    network = job.build_model()
    config = job.train_config
    if config.learning_rate == "auto":
        find = partial(fine_tuning.find_rate_for, job.task, job.prepared, network, job.model, config)
        config = team.broadcast_from_rank0(find)
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
    if job.regrouped:
        console.say(
            f"  {len(job.regrouped)} batch norms gave way to group norm: --private looks at examples one by one"
        )
    if job.beginning:
        console.say(f"  begins with {job.beginning['source']}; {job.beginning['head']}".removesuffix("; "))
    if config.lora:
        console.say(f"  {job.beginning['layers']}")
    watcher = Watchers(watcher_for(console), LogWatcher(log, network))
    if tensorboard and team.is_first:
        watcher = Watchers(watcher, TensorBoardWatcher(folder / "tensorboard"))
    if watch and team.is_first:
        from deepglass.diagnosis.watching import WarningWatcher

        watcher = Watchers(watcher, WarningWatcher(network, console))
    fitted, transfer = fine_tuning.learn(
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
        sample_weights=job.sample_weights,
        watcher=watcher,
        profiler=profiler,
        repetition=repetition,
    )
    if transfer is not None:
        job.beginning["layers"] = str(transfer)
    if config.lora:
        lora.merge(network)
    return fitted, network


def _without_constraint(job: Job, team: Team) -> Any:
    """The same network without the constraint of `--fair`, to say what was traded; None where there is no time."""
    if not fairness.is_learnt(job) or job.train_config.budget or team.size > 1:
        return None
    console.say("  once more without the constraint, to say what it costs (a --budget leaves this out)", style="dim")
    with job.task.fair.put_off():  # type: ignore[attr-defined]
        return fine_tuning.learn(job.task, job.prepared, job.build_model(), job.model, job.train_config)[0].model


def _cross_validate(job: Job, number: int) -> dict[str, Any]:
    """Train and test once per fold, from the same options; the data's own splits are set aside."""
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
        prepared.dims |= fine_tuning.dims_for(job.weights, prepared.dims)
        fine_tuning.disable_augmentation(fold_task, prepared, job.train_config, job.options.task)
        fold = Job(**{**vars(job), "task": fold_task, "prepared": prepared})
        fitted, _ = fine_tuning.learn(fold_task, prepared, fold.build_model(), job.model, job.train_config)
        fold_task.calibrate(fitted.model, prepared)
        fold_task.refit(fitted.model)
        results.append(fold_task.evaluate(fold_task.outputs(fitted.model, prepared.test)))
        headline = results[-1]["headline"][0]
        console.say(f"  fold {i} of {number}: {headline} {results[-1][headline]['value']:.4g}")
    return summarize(results)
