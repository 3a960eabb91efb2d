"""`run.shrink`: a smaller model from a run, judged beside the large one, and refused where it lost too much.

run ── its data again, its bundle ── a method of deploy/shrink/ ── both judged ── page, verdict, place

What lost more than is allowed is kept under a name that says so: a training may have taken an hour.
"""

import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deepglass.core import catalogue, files, settings
from deepglass.core.errors import OptionError, RunError
from deepglass.core.settings import Setting
from deepglass.deploy.exporting import require_free, whole
from deepglass.deploy.portable import portable
from deepglass.deploy.runtime import checksums
from deepglass.deploy.shrinking.coverage import measure_anew
from deepglass.deploy.shrinking.judge import Judged, compare
from deepglass.deploy.shrinking.page import sentence, write_page
from deepglass.deploy.shrinking.shrink_input import ShrinkInput, shrink_input_of, write_bundle
from deepglass.runs.run import Run
from deepglass.zoo import architectures

FOLDER = "deploy/shrink"
REJECTED = "-rejected"  # ends the name of what lost too much
RECORD = "shrink.json"  # in the result: what was measured


@dataclass(frozen=True)
class Shrunk:
    """A smaller model with what it cost.

    path: The bundle or run; its name ends in "-rejected" where more was lost than is allowed.
    score: Name of the headline score that decides.
    lost: value, low, high (a 95 % interval from paired examples, where there is one) and unit: points of a share,
        percent of any other score.
    """

    path: Path
    method: str
    score: str
    before: Judged
    after: Judged
    lost: dict[str, Any]
    most_lost: float
    notes: list[str]
    advice: str

    @property
    def is_good(self) -> bool:
        """Whether no more was lost than is allowed."""
        return self.lost["value"] <= self.most_lost


def methods() -> list[str]:
    """The folder is the list."""
    return catalogue.entries(FOLDER)


def settings_of(method: str) -> list[Setting]:
    """The options of a method, read from its source."""
    return settings.settings_of(catalogue.path_of(FOLDER, method))


def shrink(
    run: Run,
    by: str = "int8",
    output: str | Path | None = None,
    *,
    most_lost: float = 1.0,
    data: Any = None,
    force: bool = False,
    **options: Any,
) -> Shrunk:
    """Make a run smaller and say what it cost.

    Args:
        run: With weights.
        by: int8, float16, prune or distil.
        output: Folder to write; `shrunk/METHOD` in the run folder by default.
        most_lost: What the headline score may lose: points of a share such as accuracy, percent of any other.
        data: Where the data of the training are now, if not where they were.
        force: Replace what is there.
        options: Settings of the method, and for distil of the student's model.

    Raises:
        OptionError: If the method or an option is unknown or out of its range.
        DataError: If the data of the training have gone or changed.
        RunError: If the run has no weights, or the place is taken or cannot be written to.
        MissingPackageError: If onnx, onnxscript or onnxruntime is not installed.
        ExportError: If the model cannot be exported, or has nothing to shrink.
    """
    if by not in methods():
        raise OptionError(catalogue.unknown("method", by, methods()))
    if most_lost < 0:
        raise OptionError(f"--most-lost: expected 0 or more, got {most_lost:g}")
    module = catalogue.load(FOLDER, by)
    config, rest = _sorted(run, by, module, options)
    path = Path(output) if output is not None else run.path / "shrunk" / by
    _require_room(path, force)
    with run.folder.explaining(), tempfile.TemporaryDirectory() as folder:
        subject = shrink_input_of(run, data, Path(folder) / "bundle")
        result = Path(folder) / "result" / path.resolve().name  # a run is called as its folder
        notes = module.shrink(subject, config, result, **rest)
        shrunk = _judged(subject, by, module, result, path, most_lost, notes)
        _place(shrunk, result)
    return shrunk


def _sorted(run: Run, by: str, module: Any, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The settings of the method, and those of the student's model."""
    given = {name: value for name, value in options.items() if value is not None}
    own = {setting.name: setting for setting in settings_of(by)}
    rest = {name: value for name, value in given.items() if name not in own}
    config = settings.build(module.Config, list(own.values()), {n: v for n, v in given.items() if n in own})
    student = [] if by != "distil" else architectures.entry(_student(run, config), run.config["task"]).settings
    known = {setting.name: setting for setting in student}
    for name in rest:
        if name not in known:
            raise OptionError(catalogue.unknown("option", name, [*own, *known]) + f" (for --by {by})")
    return config, {name: known[name].parse(value) for name, value in rest.items()}


def _student(run: Run, config: Any) -> str:
    return config.student or run.config["model"]


def _judged(
    subject: ShrinkInput, by: str, module: Any, result: Path, path: Path, most_lost: float, notes: list[str]
) -> Shrunk:
    """Both sides as bundles: a run is exported to be measured as it would be served."""
    after = (subject.model, result)
    if module.RESULT == "run":
        model = portable(Run(result, "cpu"))
        after = (model, result.parent.parent / "bundle after")
        write_bundle(model, after[1])
    else:
        measure_anew(subject.job, subject.model, result)
    name, *sides, lost = compare(subject.job, (subject.model, subject.bundle), after)
    place = path if lost["value"] <= most_lost else rejected(path)
    return Shrunk(place, by, name, *sides, lost, most_lost, notes, module.ADVICE)  # type: ignore[arg-type]


def _place(shrunk: Shrunk, result: Path) -> None:
    """Write record, page and model card, and move the whole to its place."""
    files.write_json(result / RECORD, record(shrunk))
    write_page(result / "shrink.html", shrunk)
    card = result / "MODEL_CARD.md"
    known = card.read_text(encoding="utf-8") if card.is_file() else ""
    files.write_text(card, f"{known.rstrip()}\n\n## Shrunk by {shrunk.method}\n\n{sentence(shrunk)}\n")
    if (result / checksums.NAME).is_file():
        checksums.write(result)
    with whole(shrunk.path) as draft:
        shutil.copytree(result, draft)


def record(shrunk: Shrunk) -> dict[str, Any]:
    """As JSON."""
    return {**asdict(shrunk), "path": str(shrunk.path), "is_good": shrunk.is_good}


def rejected(path: Path) -> Path:
    """Where what lost too much is kept."""
    return path.with_name(path.name + REJECTED)


def _require_room(path: Path, force: bool) -> None:
    """Both places must be free; what an earlier try left rejected makes room by itself."""
    require_free(path, force)
    beside = rejected(path)
    if beside.exists() and not force and not (beside / RECORD).is_file():
        raise RunError(f"{beside} exists and is no rejected model: choose another --output, or replace it with --force")
