"""A trained network is judged, and everything about it is written down.

    outputs on test and validation → metrics, warnings → run folder, report, model card → a table for people

Where every process holds a part of the network, the others compute along and say nothing.
"""

import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from deepglass.core import environment
from deepglass.core.console import console
from deepglass.core.device import choose_device
from deepglass.core.run_folder import RunFolder
from deepglass.evaluate import groups, scores, warnings, wording
from deepglass.evaluate.judges import judge_of
from deepglass.rivals import Rival
from deepglass.runs import blending, conformity, fairness, promises
from deepglass.runs.run import WEIGHTS
from deepglass.tasks import BaseTask, Prepared
from deepglass.training.parallel import processes, restart
from deepglass.training.profiling.page import show as show_profile
from deepglass.training.state import TrainResult
from deepglass.training.weights import as_bytes, tensors_in

if TYPE_CHECKING:
    from deepglass.runs.job import Job


def finish(
    job: "Job",
    folder: RunFolder,
    fitted: TrainResult,
    network: Any,
    rivals: list[Rival],
    cross_validation: dict[str, Any] | None,
    started: float,
    plain: Any = None,
) -> None:
    """Judge, say how it went, and leave the folder to whoever comes next."""
    if fitted.profile:
        folder.write("profile.json", fitted.profile)
    if fitted.repetition:
        folder.write("repeat.json", fitted.repetition)
    seconds = time.monotonic() - started
    metrics = judge(job, folder, fitted, network, rivals, cross_validation, seconds, learns_again=True, plain=plain)
    _announce(folder, metrics, fitted)
    if not fitted.interrupted:
        restart.release(folder)


def judge(
    job: "Job",
    folder: RunFolder,
    fitted: TrainResult,
    network: Any,
    rivals: list[Rival],
    cross_validation: dict[str, Any] | None,
    seconds: float,
    learns_again: bool = False,
    plain: Any = None,
) -> dict[str, Any]:
    """Score a fitted network and write everything about it into the run folder; returns the metrics.

    Args:
        learns_again: Whether the network may learn from the validation part in the end (`BaseTask.refit`).
        plain: The same network, trained without the constraint of `--fair`, to be compared with.
    """
    from deepglass.evaluate import card, report  # matplotlib takes its time

    task, prepared, since = job.task, job.prepared, time.monotonic() - seconds
    _calibrate(task, network, prepared, folder)
    blended = blending.answering(job, network, rivals, folder)
    answering = fairness.with_thresholds(job, blended, folder)
    learns_again = learns_again and not (job.train_config.shard or job.train_config.private)
    is_refitted = learns_again and task.refit(network)
    if is_refitted:  # from here on nothing is measured on the validation part
        folder.write_bytes(WEIGHTS, as_bytes(network.state_dict()))
    conformity.keep(folder, task, answering.val, is_refitted, job.train_config.seed)
    test = task.outputs(answering.model, prepared.test)
    metrics = {
        "task": task.name,
        "test": task.evaluate(test),
        "val": task.evaluate(answering.val),
        "baseline": task.baseline(prepared),
    }
    if is_refitted:
        metrics["refit"] = True
    if fairness.is_asked(job):
        without = plain if fairness.is_learnt(job) else blended.model
        metrics["fair"] = fairness.traded(job, test, None if without is None else task.outputs(without, prepared.test))
    if fitted.privacy:
        metrics["privacy"] = fitted.privacy | {"not_private": promises.not_private(job.regrouped)}
    if rival := blending.held_against(job, rivals, answering.val, test, blending.seconds_left(job, since)):
        metrics["rival"] = rival
    if answering.weights:
        metrics["blend"] = {"weights": answering.weights, "temperature": answering.temperature}
        metrics["network"] = {"name": job.model, **task.evaluate(task.outputs(network, prepared.test))}
    if prepared.groups is not None:
        rows = groups.scores_by(prepared.groups, lambda chosen: task.evaluate(test.of_rows(chosen)))
        metrics["groups"] = {"column": job.data_config.score_by, "rows": rows}
    if cuts := task.thresholds(answering.val, test):
        metrics["thresholds"] = cuts
    if risks := task.risks(answering.model, prepared, job.data, answering.val, test):
        metrics["risk"] = risks
    if cross_validation:
        metrics["cross_validation"] = cross_validation
    history = folder.read("history.json")
    metrics["remarks"] = prepared.remarks  # said before the training, and once more in the report
    said = warnings.warnings_for(metrics, history, job.config, has_one_loss=task.has_one_loss(network))
    metrics["warnings"] = prepared.remarks + said
    _write_outputs(folder, prepared, test)
    alone = not job.train_config.shard  # else every process holds a part, and the others do not ask so often
    if alone and (found := task.importance(answering.model, prepared, blending.seconds_left(job, since))):
        folder.write("importance.json", found)
    folder.write("mistakes.json", task.mistakes(test, prepared, job.data))
    folder.write("environment.json", _environment(job, fitted, network, seconds))
    folder.write("metrics.json", metrics)
    report.write_report(folder)
    card.write_card(folder)
    return metrics


def gather_for_judging(job: "Job", network: Any) -> None:
    """Compute what `judge` computes, for a network of which every process holds a part; say nothing of it."""
    job.task.calibrate(network, job.prepared)
    for part in (job.prepared.test, job.prepared.val):
        job.task.outputs(network, part)


def shares(weights: dict[str, float]) -> str:
    """ "52 % tabm, 48 % logistic regression"."""
    return ", ".join(f"{100 * weight:.0f} % {name}" for name, weight in weights.items())


def _calibrate(task: BaseTask, network: Any, prepared: Prepared, folder: RunFolder) -> None:
    """What calibration sets, in the task or in buffers of the network, the folder holds before anything is judged."""
    before = {name: buffer.clone() for name, buffer in network.named_buffers()}
    if not task.calibrate(network, prepared):
        return
    folder.write("task.json", folder.read("task.json") | {"state": task.state()})
    now = {name: buffer for name, buffer in network.named_buffers() if not torch.equal(buffer, before[name])}
    if now:  # buffers are never divided by --shard, and the file has everything else
        folder.write_bytes(WEIGHTS, as_bytes(tensors_in(folder.read_bytes(WEIGHTS), folder / WEIGHTS) | now))


def _write_outputs(folder: RunFolder, prepared: Prepared, test: Any) -> None:
    ids = prepared.ids.get("test", np.arange(len(test.predictions)))
    arrays = {"ids": ids, "predictions": test.predictions, "targets": test.targets, "losses": test.losses}
    folder.write_outputs(**{name: array for name, array in arrays.items() if array is not None}, **test.extra)


def _environment(job: "Job", fitted: TrainResult, network: Any, seconds: float) -> dict[str, Any]:
    device = choose_device(job.train_config.device)
    return {
        **environment.describe(),
        "device": str(device),
        "precision": fitted.way.precision,
        "training threads": fitted.way.threads,
        "processes": processes.join().size,
        "parameters": sum(p.numel() for p in network.parameters()),
        "layers": str(network),
        "seconds": {"total": round(seconds, 2), "training": round(sum(r["seconds"] for r in fitted.history), 2)},
        "stopped": fitted.reason,
        "pretrained": job.beginning,
        "choices": fitted.choices,
    }


def _announce(folder: RunFolder, metrics: dict[str, Any], fitted: TrainResult) -> None:
    test = metrics["test"]
    beside = [metrics[part] for part in ("network", "rival", "baseline") if part in metrics]
    rows = []
    for name in test["headline"]:
        shown = scores.show(name, test[name]["value"]), scores.show_interval(name, test[name])
        others = (scores.show(name, (result.get(name) or {}).get("value")) for result in beside)
        rows.append((scores.metric(name).title, *shown, *others))
    names = ("baseline" if result is metrics["baseline"] else "" for result in beside)
    titles = [result.get("name", default) for result, default in zip(beside, names, strict=True)]
    console.table(("test", "value", "95 % interval", *titles), rows)
    if "blend" in metrics:
        console.say(
            f"  answers with a blend: {shares(metrics['blend']['weights'])} (chosen on rows held out; --no-blend)"
        )
    if "refit" in metrics:
        console.say("  in the end learnt once more, from training and validation together (--no-refit)", style="dim")
    if "rival" in metrics:
        console.say(f"  {metrics['rival']['verdict']}")
    if "fair" in metrics:
        console.say(f"  {fairness.sentence(metrics['fair'])}")
    if "privacy" in metrics:
        console.say(f"  {promises.sentence(metrics['privacy'])}; {promises.ADVICE}")
    for note in wording.notes(metrics):
        console.say(f"  {note}")
    for warning in metrics["warnings"][len(metrics["remarks"]) :]:
        console.warn(warning)
    if fitted.profile:
        show_profile(fitted.profile, console)
    console.say(f"  report   {folder / 'report.html'}")
    if fitted.interrupted:
        console.say(f"  resume   deepglass train --run {folder.path} --resume")
    command = judge_of(test["kind"]).next_command(str(folder.path))[1]
    console.say(f"  {command.split()[1]:<8} {command}")
    console.result({"run": str(folder.path), **metrics, **({"profile": fitted.profile} if fitted.profile else {})})
