"""A run: the folder that a training leaves, and what it answers: predict, evaluate, compare, report, generate.

What is built on top of it (trace, export, shrink) is added in `api/run.py`.

    run = dg.load("runs/iris")
    run.metrics["test"]["accuracy"]
    run.predict("new.csv")
    run.evaluate("labelled.csv")
"""

import importlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import nn

from deepglass.core import catalogue, effects, files, settings
from deepglass.core.console import console
from deepglass.core.device import choose_device
from deepglass.core.effects import Unused
from deepglass.core.errors import DataError, OptionError, RunError
from deepglass.core.run_folder import RunFolder
from deepglass.core.state import read, require
from deepglass.core.wording import numbered
from deepglass.models.decoding.speculative import Draft
from deepglass.rivals import blend
from deepglass.runs import conformity, seen
from deepglass.tasks import BaseTask
from deepglass.training.weights import fill, tensors_in
from deepglass.zoo import architectures, group_shift, sizes
from deepglass.zoo.group_norm import in_place_of_batch_norm

WEIGHTS = "weights.safetensors"
GLASS = "deepglass.glass.nn"


class Run:
    """A trained model with everything that belongs to it.

    Args:
        path: The run folder.
        device: Where to predict; "auto" takes a GPU where there is one.

    Raises:
        RunError: If the folder is not a run.
    """

    def __init__(self, path: str | Path, device: str = "auto"):
        self.folder = RunFolder(path).must_exist()
        self.device = choose_device(device)

    def __repr__(self) -> str:
        return f"Run({str(self.folder.path)!r}, task={self.config['task']!r}, model={self.config['model']!r})"

    @property
    def path(self) -> Path:
        """The run folder."""
        return self.folder.path

    @cached_property
    def config(self) -> dict[str, Any]:
        """What was asked and decided."""
        return self.folder.require_record("config.json", "task", "model")

    @property
    def metrics(self) -> dict[str, Any]:
        """Scores on the test split, the validation split and of the baseline."""
        return self.folder.require_record("metrics.json")

    @property
    def history(self) -> list[dict[str, Any]]:
        """One record per epoch."""
        return self.folder.require_record("history.json", "epochs")["epochs"]

    @cached_property
    def task(self) -> BaseTask:
        """The task with its fitted preprocessing: it reads new data as it read the training data."""
        from deepglass.runs.options import data_config, task_file, task_settings

        name, state = self.config["task"], self._described("state")
        with self.folder.understanding("config.json", "task.json"):
            module = catalogue.load("tasks", task_file(name))
            members = task_settings(name)
            config = settings.build(module.Config, members, self.config["task_options"]) if members else None
            task = module.Task(data_config(self.config["data"]), config, read(self.config["train"], "seed", int))
            task.load_state(state)
            return task

    @cached_property
    def memory(self) -> seen.Memory:
        """By which examples of the training are known again."""
        return seen.Memory(self.folder)

    @cached_property
    def model(self) -> nn.Module:
        """What answers: the network, blended with simple models and with thresholds by group where the run is so."""
        network, inputs = self.network, tuple(part.to(self.device) for part in self.task.extremes())
        answering = blend.load(self.folder, network, inputs)
        return group_shift.load(self.folder, answering, inputs).to(self.device).eval()

    @cached_property
    def network(self) -> nn.Module:
        """The network with its best weights; few rows are shared by a bag of them.

        Raises:
            RunError: If the run has no weights yet, or they are not as they were written.
        """
        self._require_weights()
        tensors = tensors_in(self.folder.read_bytes(WEIGHTS), self.folder / WEIGHTS)
        model = self.build_model()
        fill(model, tensors, str(self.folder / WEIGHTS))
        model.eval()
        with self.folder.understanding("config.json", "task.json", WEIGHTS), torch.no_grad():
            if inputs := self.task.extremes():
                model(*inputs)
        return model.to(self.device).eval()

    def for_export(self) -> tuple[Any, nn.Module]:
        """The task and the network that leave, on the processor: a copy, since the run may go on answering elsewhere.

        Raises:
            RunError: If the run has no weights.
        """
        return self.task, Run(self.path, "cpu").model

    def build_model(self, engine: str = "torch") -> Any:
        """The network of this run with fresh weights, on either engine; it is as large as its weights, or refused.

        Raises:
            RunError: If the run has no weights yet, or they do not fit its settings.
        """
        self._require_weights()
        name, task, dims = self.config["model"], self.config["task"], self._described("dims")
        with self.folder.understanding("config.json", "task.json"):
            self._require_dims_of_the_state(dims)
            values = {key: tuples(value) for key, value in dims.items()} | self.config["model_options"]
            self._require_as_large_as_its_weights(name, task, values)
            model = architectures.load(name, engine, task, **values)  # type: ignore[arg-type]
            if self.config["train"].get("private"):
                in_place_of_batch_norm(model, importlib.import_module("torch.nn" if engine == "torch" else GLASS))
            return model

    def _require_dims_of_the_state(self, dims: dict[str, Any]) -> None:
        """Raises ValueError where task.json tells the network other sizes than what reads its inputs has."""
        began_with = self.config["train"].get("pretrained")  # whose sizes may be larger
        for name, own in self.task.dims.items():
            told = tuples(dims.get(name, own))
            require(told == own or (began_with and told > own), f"{name} of {str(own)[:80]} for the network", told)

    def _require_as_large_as_its_weights(self, name: str, task: str, values: dict[str, Any]) -> None:
        most = (self.folder / WEIGHTS).stat().st_size  # numbers have two bytes or more, and tied ones count twice
        try:
            sizes.require_numbers(name, task, values, most)
        except sizes.TooLarge as error:
            raise RunError(
                f"{self.path}: config.json and task.json describe a larger network than {WEIGHTS} holds ({error}): "
                "restore the run from a copy, or train again"
            ) from None

    def _described(self, part: str) -> dict[str, Any]:
        """A part of task.json: the `state` of the task, or the `dims` of the network."""
        return self.folder.require_record("task.json", part)[part]

    def _require_weights(self) -> None:
        if files.lies_at(self.folder / WEIGHTS):
            return
        if files.lies_at(self.folder / "metrics.json"):  # which training writes last
            raise RunError(f"{self.folder / WEIGHTS} is missing: {files.RESTORE}")
        resume = f"deepglass train --run {self.path} --resume"
        raise RunError(
            f"{self.path} has no weights yet ({WEIGHTS}): its training was stopped early; go on with `{resume}`"
        )

    def predict(
        self, inputs: Any, unknown: str = "allow", coverage: float | None = None, descriptions: Any = None
    ) -> list[dict[str, Any]]:
        """One flat record per row: the prediction and, for classes, the probabilities.

        Args:
            inputs: What the run was trained on, without the target: a file, a folder, a DataFrame, an array, a text.
            unknown: What becomes of words in a column of categories that training has not learnt: "allow" answers
                them by the code that training gave to rare words, and says so; "refuse" refuses.
            coverage: Such as 0.9: also a "set" of classes, or "lower" and "upper" ends of an interval, that hold the
                truth in such a share of cases like those of training. Forecasts have intervals anyway.
            descriptions: Of a run of zero-shot learning: a table of the classes to choose from, also of such as
                training has seen no picture of; all that it knows by default.

        Raises:
            DataError: If the input does not fit the schema; names column and row. If a description does not fit.
            OptionError: If `unknown` is neither; if the run cannot promise such a coverage, or reads no descriptions.
        """
        if unknown not in ("allow", "refuse"):
            raise OptionError(f"--unknown: expected allow or refuse, got {unknown!r}")
        if coverage is not None:
            conformity.limit_for(self.folder, self.task, coverage)  # before anything is read
        with self.folder.explaining():
            task = self.task if descriptions is None else self._with_described(descriptions)
            data = task.open(inputs)
            examples, names = task.read(data, with_target=False)
            if unknown == "refuse":  # else what was read says them
                self._refuse(task.unknown_words(examples))
            self._say(data)
            seen.say(self.memory.mask_of(task, data, len(examples)))
            outputs = task.outputs(self.model, examples.to(self.device))
            answers = task.answers(outputs, names)
            if coverage is None:
                return answers
            return conformity.with_coverage(self.folder, self.task, outputs, answers, coverage)

    def _with_described(self, descriptions: Any) -> Any:
        """The task with other classes to choose from, of one that reads descriptions."""
        if not hasattr(self.task, "with_described"):
            raise OptionError(
                f"--descriptions: {self.path} was trained for {self.config['task']}: only runs of --task zero-shot "
                "know classes by what is said of them"
            )
        return self.task.with_described(descriptions)

    def _refuse(self, found: dict[str, list[int]]) -> None:
        if found:
            where = "; ".join(f"{column}, {numbered('row', rows)}" for column, rows in found.items())
            raise DataError(
                f"words that training has not learnt: {where}; correct them, or answer with --unknown allow"
            )

    def evaluate(self, data: Any) -> dict[str, Any]:
        """Every metric on new data that carries the target.

        Where some of the examples were seen in training, `seen` says how many, and `unseen` holds the scores of the
        others.

        Raises:
            DataError: If the data do not fit the schema; names column and row.
        """
        with self.folder.explaining():
            opened = self.task.open(data, with_target=True)
            examples, _ = self.task.read(opened, with_target=True)
            self._say(opened)
            outputs = self.task.outputs(self.model, examples.to(self.device))
            mask = self.memory.mask_of(self.task, opened, len(examples))
            return self.task.evaluate(outputs) | (seen.apart(self.task, outputs, mask) if mask is not None else {})

    def _say(self, data: Any) -> None:
        """What was noticed while new data were read."""
        for guess in getattr(data, "guesses", ()):
            console.say(f"  {guess}", style="dim")

    def compare(self, other: "Run") -> dict[str, Any]:
        """A paired test on the test examples that both runs share: is one better, or is it chance?

        Raises:
            DataError: If the two were tested on different examples.
            OptionError: If the two are of different kinds.
        """
        from deepglass.evaluate.comparison import compare

        kinds = [run._kind() for run in (self, other)]
        if kinds[0] != kinds[1]:
            raise OptionError(f"{self.path} is a {kinds[0]} and {other.path} a {kinds[1]}: compare runs of one kind")
        names = (str(self.path), str(other.path))
        outputs = [run.folder.read_outputs() for run in (self, other)]
        with self.folder.understanding("outputs.npz"), other.folder.understanding("outputs.npz"):
            return compare(outputs[0], outputs[1], kinds[0], names)

    def _kind(self) -> str:
        metrics = self.metrics
        with self.folder.understanding("metrics.json"):
            return str(metrics["test"]["kind"])

    def report(self) -> Path:
        """Write report.html and the model card anew; returns the page's path."""
        from deepglass.evaluate import card, report

        with self.folder.understanding(*report.READ):
            for name in report.READ:
                if files.lies_at(self.folder / name):
                    self.folder.verify(name)  # before anything is drawn
            report.write_report(self.folder)
            card.write_card(self.folder)
        return self.folder / "report.html"

    def generate(self, prompt: str = "", **options: Any) -> Iterator[Any]:
        """Something new, piece by piece: a language model continues a prompt, a generator makes records.

        Args:
            prompt: The beginning of a text, or what to paint.
            options: Of language models max_tokens, temperature, top_k, top_p, min_p, repetition_penalty, seed, and
                draft, a smaller run that proposes tokens; of generators count, seed, and of those that paint also
                steps, guidance.

        Raises:
            OptionError: If this run makes nothing, or has no use for an option.
        """
        task, name = self.task, self.config["task"]
        if not task.GENERATES:
            raise OptionError(f"{self.path} was trained for {name}: only language models and generators make new data")
        asked = {"prompt": prompt or None, **options}
        asked = {option: value for option, value in asked.items() if value is not None}
        effects.refuse(Unused(option, f"{name} does not use it") for option in asked if option not in task.GENERATES)
        if (draft := asked.get("draft")) is not None:
            asked["draft"] = self._draft(draft)
        return self._explained(task.generate(self.model, **asked), asked.get("draft"))

    def _draft(self, other: Any) -> Draft:
        """A run that proposes tokens.

        Raises:
            OptionError: If it is of another task, or knows other tokens.
        """
        run = other if isinstance(other, Run) else Run(other, str(self.device))
        if not (own := getattr(self.task, "tokens", None)) or "draft" not in run.task.GENERATES:
            raise OptionError(f"--draft {run.path}: expected a language model, got a run of {run.config['task']}")
        if run.task.tokens.state() != own.state():  # type: ignore[attr-defined]
            raise OptionError(
                f"--draft {run.path} knows other tokens than {self.path}: train it on the same text with the same "
                "--tokens, or begin it with --pretrained of this run"
            )
        return Draft(run.model, run.task.inputs.context)  # type: ignore[attr-defined]

    def _explained(self, pieces: Iterator[Any], draft: Draft | None = None) -> Iterator[Any]:
        with self.folder.explaining():
            yield from pieces
        if draft is not None:
            console.say(f"  {draft}", style="dim")


def tuples(value: Any) -> Any:
    """JSON knows lists only; models were given tuples."""
    return tuple(tuples(item) for item in value) if isinstance(value, list) else value
