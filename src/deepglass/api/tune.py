"""`dg.tune`: search for settings within a time budget, and leave a run with the best that were found.

    study = dg.tune("reviews.csv", target="label", budget="5m")
    study.best.predict("new.csv")

Nothing has to be said about what to search: around what the task chooses by itself. The test part is looked at once, in
the end, to hold the winner against the usual settings.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from deepglass.api.run import Run, load
from deepglass.api.train import train
from deepglass.core.console import console
from deepglass.core.errors import DeepglassError, OptionError, TrainingError
from deepglass.core.run_folder import next_run_path
from deepglass.runs import options as option_space
from deepglass.runs.job import Job
from deepglass.training.plan import seconds_of
from deepglass.tuning import page, samplers
from deepglass.tuning.halving import Rungs
from deepglass.tuning.searching import Search, winner
from deepglass.tuning.space import Dimension, Space, parse
from deepglass.tuning.study import StudyFolder
from deepglass.tuning.trial import Subject, Trial
from deepglass.tuning.usual_space import searchable, usual_space
from deepglass.zoo import architectures

BUDGET = "5m"
FIRST_SHARE = 0.3  # of the budget, that the usual settings may take: else all trials get fewer epochs
FINISHED = 1.5  # times the seconds that judging the first trial took: held back for the winner


@dataclass
class Study:
    """What a search has found.

    Attributes:
        path: The study's folder, with every trial and study.html.
        best: The run with the best settings, judged on the test; usual: the one with the usual settings.
        settings: The best ones; empty where the usual ones stay.
        reason: Why these. verdict: What the test says of the two runs, which chose nothing; empty where they are one.
        ended: Why the search ended.
        importance: Setting → share of what the validation score varies by.
        trials: All of them.
    """

    path: Path
    best: Run
    usual: Run
    settings: dict[str, Any]
    reason: str
    verdict: str
    ended: str
    importance: dict[str, float] = field(default_factory=dict)
    trials: list[Trial] = field(default_factory=list)

    def record(self) -> dict[str, Any]:
        """As JSON can hold it."""
        told = {"best": str(self.best.path), "usual": str(self.usual.path), "settings": self.settings}
        words = {"reason": self.reason, "verdict": self.verdict, "ended": self.ended}
        return {"study": str(self.path), **told, **words, "importance": self.importance, "trials": len(self.trials)}


def tune(
    source: Any = None,
    *,
    budget: str | float = BUDGET,
    sampler: str | None = None,
    search: Sequence[str] = (),
    trials: int | None = None,
    study: str | Path | None = None,
    resume: bool = False,
    task: str | None = None,
    model: str | None = None,
    runs: str | Path = "runs",
    started: float | None = None,
    **options: Any,
) -> Study:
    """Search for the settings that make the best model on these data, within a time.

    Args:
        source: As for `dg.train`; with `resume` only where the data were in memory.
        budget: The time of all together, such as "90s" or "5m", or seconds.
        sampler: "gaussian" (a model of the search, by default), "random", "grid" or "tpe" (Optuna).
        search: What to search, such as "learning-rate=1e-4..0.1" or "hidden-dim=64|128"; by default around the usual
            settings of the task and model.
        trials: At most so many; by default as many as fit into the budget.
        study: The study's folder; by default a new one below `runs`.
        resume: Go on with the study; another process may work on the same one.
        task: As for `dg.train`. model: Likewise.
        runs: Where new studies are made.
        started: When the budget began, a value of `time.monotonic()`.
        options: Of reading, training, the task and the model: what is chosen here is not searched.

    Returns:
        `study.best`, a run as `dg.train` leaves it; `study.settings`, `study.verdict`, `study.importance`.

    Raises:
        DeepglassError: For everything that the user can fix.
    """
    started = time.monotonic() if started is None else started
    seconds = seconds_of(str(budget))
    options = {name: value for name, value in options.items() if value is not None}
    if trials is not None and trials < 1:
        raise OptionError(f"--trials: expected 1 or more, got {trials}")
    if resume:
        opened, subject = _opened(study, source, sampler, search, task, model, options)
    else:
        opened, subject = _begun(source, task, model, options, search, sampler, study, runs)
    deadline = started + seconds
    opened, subject = _affordable(opened, subject, deadline, seconds)
    usual, reserve = _usual_run(opened, subject, deadline, seconds)
    ended = _search(opened, subject, deadline - reserve, trials).run()
    return _concluded(opened, subject, usual, ended)


def _search(study: StudyFolder, subject: Subject, deadline: float, trials: int | None = None) -> Search:
    plan = study.plan
    return Search(study, subject, samplers.load(plan["sampler"], study.space, int(plan["seed"])), deadline, trials)


# -- before the search ----------------------------------------------------------------------------------------------


def _begun(
    source: Any,
    task: str | None,
    model: str | None,
    options: dict[str, Any],
    search: Sequence[str],
    sampler: str | None,
    study: str | Path | None,
    runs: str | Path,
) -> tuple[StudyFolder, Subject]:
    """A new study, and what its trials learn."""
    if source is None:
        raise OptionError("nothing to learn from: give a file, a folder or a bundled name, or --study DIR --resume")
    if "budget" in options:
        raise OptionError("--budget is that of the whole search here; trials are bounded by --epochs")
    job = Subject(source, task, model, options).plan({})
    subject = Subject(source, job.task.name, job.model, options)
    space = _space(job, subject, search, options)
    name = samplers.USUAL if sampler is None else sampler
    samplers.load(name, space)
    console.heading(f"searching settings of {job.model} for {job.task.name} on {job.source}")
    console.guesses(job.guesses)
    for remark in job.prepared.remarks:
        console.warn(remark)
    for one in space.dimensions:
        console.say(f"  {one}")
    path = Path(study) if study is not None else next_run_path(Path(runs), f"tune-{job.name}")
    usual = _usual_values(job)
    plan = {
        "source": job.source,
        "task": job.task.name,
        "model": job.model,
        "options": options,
        "space": space.record(),
        "sampler": name,
        "seed": job.train_config.seed,
        "usual": {one.name: usual[one.name] for one in space.dimensions},
        "rungs": list(Rungs.of(float(job.train_config.epochs or 1)).epochs),
        "monitor": job.task.monitor,
        "better": job.task.better,
    }
    return StudyFolder.begin(path, plan), subject


def _space(job: Job, subject: Subject, search: Sequence[str], options: dict[str, Any]) -> Space:
    """What is searched: what the user says, or what suits the model and can act on these data."""
    own = architectures.entry(job.model, job.task.name).settings
    if search:
        space = Space(tuple(parse(text, searchable(option_space.TRAIN_SETTINGS, own)) for text in search))
        names = [one.name for one in space.dimensions]
        if twice := {name for name in names if names.count(name) > 1}:
            raise OptionError(f"--search {min(twice)} is given twice: give each setting once")
        if chosen := set(names) & set(options):
            raise OptionError(f"--search {min(chosen)} and --{min(chosen).replace('_', '-')}: leave one of them out")
        subject.plan(space.values([0.5] * len(space)))  # type: ignore[arg-type]
        return space
    space = usual_space(vars(job.train_config), _usual_values(job), options)
    return (
        space if _acts(space.dimensions, subject) else Space(tuple(d for d in space.dimensions if _acts((d,), subject)))
    )


def _usual_values(job: Job) -> dict[str, Any]:
    """Every setting of the training and of the model as it is when nobody says."""
    own = architectures.entry(job.model, job.task.name).settings
    return vars(job.train_config) | {setting.name: setting.default for setting in own} | job.model_options


def _acts(dimensions: Sequence[Dimension], subject: Subject) -> bool:
    """Whether settings can change anything here: one for columns that the data do not have cannot."""
    try:
        subject.plan({one.name: one.value(0.99) for one in dimensions})
    except DeepglassError:
        return False
    return True


def _opened(
    study: str | Path | None,
    source: Any,
    sampler: str | None,
    search: Sequence[str],
    task: str | None,
    model: str | None,
    options: dict[str, Any],
) -> tuple[StudyFolder, Subject]:
    """A study that was begun, which decides everything but the time."""
    if study is None:
        raise OptionError("--resume needs the study to go on with: give --study DIR")
    given = {"--sampler": sampler, "--search": search, "--task": task, "--model": model}
    given |= {f"--{name.replace('_', '-')}": value for name, value in options.items()}
    if asked := [name for name, value in given.items() if value]:
        raise OptionError(f"{asked[0]} was decided when the study began: leave it out, or begin another one")
    opened = StudyFolder(study)
    plan = opened.plan
    console.heading(f"going on with {opened.path}: {len(opened.trials())} trials so far")
    source = plan["source"] if source is None else source
    return opened, Subject(source, plan["task"], plan["model"], plan["options"])


# -- the first and the last run -------------------------------------------------------------------------------------


def _affordable(study: StudyFolder, subject: Subject, deadline: float, seconds: float) -> tuple[StudyFolder, Subject]:
    """The study with fewer epochs per trial where the usual settings alone would use up too much of the time."""
    first = _search(study, subject, deadline).begin(study.plan["usual"], 0)
    if first.is_done or first.failure or not first.epochs or "epochs" in subject.options or len(study.trials()) > 1:
        return study, subject
    most = int(FIRST_SHARE * seconds * first.epochs / first.seconds)
    if most >= study.rungs.epochs[-1]:
        return study, subject
    most = max(1, most)
    console.say(
        f"  trials have {most} epochs, not {study.rungs.epochs[-1]}, so that there is time for several (--epochs)"
    )
    study = study.shortened(most)
    return study, replace(subject, options=study.plan["options"])


def _usual_run(study: StudyFolder, subject: Subject, deadline: float, seconds: float) -> tuple[Run, float]:
    """The usual settings, trained and judged; and the seconds to hold back for the winner."""
    first = _search(study, subject, deadline).begin(study.plan["usual"], len(study.rungs.epochs) - 1)
    if first.failure:
        raise TrainingError(f"the usual settings already fail: {first.failure}")
    if not first.is_done:
        raise OptionError(
            f"--budget {seconds:g}s: the usual settings alone need more, {first.epochs} of {study.rungs.epochs[-1]} "
            f"epochs are done; go on with `deepglass tune --study {study.path} --resume` and a longer --budget"
        )
    before = time.monotonic()
    run = _judged(study.folder_of(0), subject)
    return run, FINISHED * max(time.monotonic() - before, first.seconds / 10)


def _judged(folder: Path, subject: Subject) -> Run:
    """The run of a trial that is done: judged, with a report."""
    if not (folder / "metrics.json").exists():
        mode, console.mode = console.mode, "quiet"
        try:
            train(subject.source, run=folder, resume=True)
        finally:
            console.mode = mode
    return load(folder)


def _concluded(study: StudyFolder, subject: Subject, usual: Run, ended: str) -> Study:
    """Take the winner, judge it on the test, and write the page."""
    chosen, reason = winner(study)
    best = _judged(study.folder_of(chosen.number), subject)
    verdict = best.compare(usual)["verdict"] if chosen.number else ""
    found = Study(study.path, best, usual, chosen.values, reason, verdict, ended, page.shares_of(study), study.trials())
    written = page.write_page(study, found.record())
    _say(found, written)
    return found


def _say(found: Study, written: Path) -> None:
    console.say(f"  {found.ended}; {found.reason}")
    if found.settings:
        console.table(("setting", "value"), [(name, str(value)) for name, value in found.settings.items()])
    if found.verdict:
        console.say(f"  on the test: {found.verdict}")
    if found.importance:
        shares = ", ".join(f"{name} {100 * share:.0f} %" for name, share in found.importance.items())
        console.say(f"  what mattered: {shares}")
    console.say(f"  study    {written}")
    console.say(f"  run      {found.best.path}")
    console.result(found.record())
