"""Who is it? A run of verification compares two pictures, enrols people, and knows them again or says that it does not.

run = dg.load("runs/faces")
run.verify("one.jpg", "another.jpg")["is_same"]
run.enrol("Ada", ["ada-1.jpg", "ada-2.jpg"])
run.identify("guest.jpg")[0]["name"]

Who is enrolled lies in `people.json` of the run folder, as embeddings and names of files, without pictures; it belongs
to the weights that made it. How far a picture is from somebody, and whether it may be nobody, the task says: a run of
verification has a threshold, one of few-shot learning always names one of those that it knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core import checksums
from deepglass.core.errors import DataError, OptionError, RunError
from deepglass.core.state import read, require
from deepglass.core.wording import counted, listing
from deepglass.runs import test_row
from deepglass.runs.run import WEIGHTS, Run

FILE = "people.json"
UNKNOWN = "unknown"
NEAREST = 3  # people that are named beside the answer
LONGEST_NAME = 100
ALIKE = 1e-4  # distance up to which two pictures are one


@dataclass(frozen=True)
class Person:
    """files: Names of the pictures. embeddings: (m, D), each of length 1."""

    files: list[str]
    embeddings: np.ndarray


def verify(run: Run, one: Any, other: Any) -> dict[str, Any]:
    """Do two pictures show the same person, or the same thing?

    Args:
        run: Of the task verification.
        one: A file, or an array, with a single picture; "row:N" is picture N, from 1, of the test of the training.
        other: Another.

    Returns:
        `is_same`, `distance`, the `threshold` up to which it is so, the share of `false_accepts` that this was chosen
        for, and `pictures`, what names the two.

    Raises:
        OptionError: If the run compares nothing, a source holds several pictures, or the test has fewer of them.
        DataError: If a picture is missing or broken, or the data of the training have gone.
    """
    _require_comparing(run)
    found = [_embedded(run, source) for source in (one, other)]
    for source, (names, _) in zip((one, other), found):
        if len(names) != 1:
            raise OptionError(f"{source}: expected a single picture, got {len(names)}; name one of them")
    (first, (a,)), (second, (b,)) = found
    distance = float(np.linalg.norm(a - b))
    return {"is_same": distance <= run.task.threshold, "distance": distance, **_rule(run), "pictures": first + second}


def enrol(run: Run, name: str, pictures: Any) -> dict[str, Any]:
    """Remember how somebody looks; more pictures of somebody who is enrolled already are added.

    Args:
        run: Of the task verification, or few-shot.
        name: Of the person, or of the class.
        pictures: A file, a folder, several of them, or an array; "row:N" is picture N, from 1, of the test.

    Returns:
        `name`, the number of new `pictures`, of `all_pictures` of that person, and of `people`; `warnings`.

    Raises:
        OptionError: If the run compares nothing, the name cannot be one, or all pictures are enrolled already.
        DataError: If a picture is missing or broken; then nothing is enrolled.
        RunError: If those who are enrolled belong to other weights, or their file is damaged.
    """
    _require_enrolling(run)
    name = _checked_name(name)
    people = enrolled(run)
    names, embeddings = _embedded(run, pictures)
    known = people.get(name, Person([], np.zeros((0, embeddings.shape[1]))))
    is_new = [not _is_among(embedding, known.embeddings, embeddings[:i]) for i, embedding in enumerate(embeddings)]
    if not any(is_new):
        raise OptionError(f"{listing(names)}: enrolled as {name!r} already; give other pictures")
    kept = np.array(is_new)
    files = [file for file, new in zip(names, is_new) if new]
    person = Person(known.files + files, np.concatenate([known.embeddings, embeddings[kept]]))
    others = {other: somebody for other, somebody in people.items() if other != name}
    _keep(run, {**people, name: person})
    has_threshold = run.task.threshold is not None
    said = [*_unlike(run, name, person), *_like_others(run, name, person, others)] if has_threshold else []
    return {
        "name": name,
        "pictures": len(files),
        "all_pictures": len(person.files),
        "people": len(others) + 1,
        "warnings": said,
    }


def forget(run: Run, name: str) -> int:
    """Remove somebody; returns how many people are left.

    Raises:
        OptionError: If nobody of that name is enrolled.
    """
    _require_enrolling(run)
    people = enrolled(run)
    if name not in people:
        raise OptionError(f"{name!r} is not enrolled; there are {listing(people, 10) if people else 'no people yet'}")
    del people[name]
    if people:
        _keep(run, people)
    else:
        run.folder.remove(FILE)
    return len(people)


def identify(run: Run, pictures: Any) -> list[dict[str, Any]]:
    """Who of those that are enrolled is it, or nobody of them?

    Args:
        run: Of the task verification, or few-shot, with people.
        pictures: A file, a folder, several of them, or an array; "row:N" is picture N, from 1, of the test.

    Returns:
        For each picture `file`, `name`, `distance` to that person and `nearest`, the first three of them. Of a run of
        verification `name` is "unknown" where nobody is near enough, and there are the `threshold` and its
        `false_accepts` per comparison; of one of few-shot learning `share`, how likely it is, if it is one of them.

    Raises:
        OptionError: If the run compares nothing, or nobody is enrolled.
        DataError: If a picture is missing or broken.
        RunError: If those who are enrolled belong to other weights, or their file is damaged.
    """
    _require_enrolling(run)
    people = enrolled(run)
    if not people:
        raise OptionError(f"{run.path}: nobody is enrolled yet; begin with `deepglass enrol {run.path} NAME PICTURES`")
    files, found = _embedded(run, pictures)
    return [{"file": file, **_known_again(run, people, embedding)} for file, embedding in zip(files, found)]


def _known_again(run: Run, people: dict[str, Person], embedding: np.ndarray) -> dict[str, Any]:
    """Who an embedding (D,) is; the likeliest first, or the nearest where there are no shares."""
    known = [one.embeddings for one in people.values()]
    away, shares = run.task.distances(known, embedding), run.task.shares(known, embedding)
    order = np.argsort(away if shares is None else -shares, kind="stable")
    ranked = [{"name": list(people)[place], "distance": float(away[place])} for place in order.tolist()]
    first, rule = ranked[0], {} if run.task.threshold is None else _rule(run)
    is_known = run.task.threshold is None or first["distance"] <= run.task.threshold
    if shares is not None:
        ranked = [one | {"share": float(shares[place])} for one, place in zip(ranked, order.tolist())]
        rule["share"] = float(shares[order[0]])
    return {**first, "name": first["name"] if is_known else UNKNOWN, **rule, "nearest": ranked[:NEAREST]}


def enrolled(run: Run) -> dict[str, Person]:
    """Everybody who is enrolled, by name.

    Raises:
        RunError: If they belong to other weights, or their file is damaged.
    """
    if not run.folder.has(FILE):
        return {}
    content = run.folder.require_record(FILE, "weights", "people")
    if content["weights"] != checksums.digest_of_file(run.folder / WEIGHTS):
        raise RunError(
            f"{run.path / FILE}: these people were enrolled with other weights, and distances to them mean nothing "
            "now: delete the file, and enrol them anew"
        )
    with run.folder.understanding(FILE):
        return {str(name): _person(found, run.task.config.embed_dim) for name, found in content["people"].items()}


def _person(found: Any, embed_dim: int) -> Person:
    files, rows = read(found, "files", list[str]), read(found, "embeddings", list[list[float]])
    require(0 < len(files) == len(rows) and all(len(row) == embed_dim for row in rows), "an embedding for each file")
    return Person(files, np.array(rows))


def _keep(run: Run, people: dict[str, Person]) -> None:
    """Write all of them, or nothing."""
    listed = {name: {"files": one.files, "embeddings": one.embeddings.tolist()} for name, one in people.items()}
    run.folder.write(FILE, {"weights": checksums.digest_of_file(run.folder / WEIGHTS), "people": listed})


def _embedded(run: Run, pictures: Any) -> tuple[list[str], np.ndarray]:
    """Names (n) and embeddings (n, D) of pictures, also of some of the test."""
    listed = [pictures] if isinstance(pictures, str) else pictures
    if isinstance(listed, Sequence) and listed and any(test_row.is_one(one) for one in listed):
        parts = [_of_the_test(run, one) if test_row.is_one(one) else _embedded(run, [one]) for one in listed]
        return [name for names, _ in parts for name in names], np.concatenate([rows for _, rows in parts])
    with run.folder.explaining():
        if isinstance(pictures, Sequence) and not isinstance(pictures, str) and not len(pictures):
            raise DataError("no picture: expected a file, a folder, or several of them")
        examples, names = run.task.read(run.task.open(pictures), with_target=False)
        found = run.task.outputs(run.model, examples.to(run.device)).predictions.astype(float)
    if not np.isfinite(found).all():
        raise DataError("the network answers with numbers that are none: train again, with a smaller --learning-rate")
    files = names.get("file") or [f"picture {row + 1}" for row in names["row"]]
    return [Path(file).name for file in files], found


def _of_the_test(run: Run, source: str) -> tuple[list[str], np.ndarray]:
    example, whose = test_row.example(run, source)
    return [f"{source} ({whose})"], run.task.outputs(run.model, example).predictions.astype(float)


def _rule(run: Run) -> dict[str, float]:
    return {"threshold": run.task.threshold, "false_accepts": run.task.config.false_accepts}


def _require_enrolling(run: Run) -> None:
    if getattr(run.task, "threshold", True) is None:  # it names one of those that it knows, whoever it is
        return
    if not hasattr(run.task, "threshold"):
        raise OptionError(
            f"{run.path} was trained for {run.config['task']}: only runs of --task verification and of --task few-shot "
            "enrol pictures"
        )
    _require_comparing(run)


def _require_comparing(run: Run) -> None:
    if getattr(run.task, "threshold", None) is None:
        raise OptionError(
            f"{run.path} was trained for {run.config['task']}: only runs of --task verification compare pictures"
        )
    if not run.task.threshold:
        raise RunError(f"{run.path} has no threshold yet: go on with `deepglass train --run {run.path} --resume`")


def _checked_name(name: str) -> str:
    name = " ".join(str(name).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or name.casefold() == UNKNOWN:
        raise OptionError(f"name {name[:40]!r}: expected 1 to {LONGEST_NAME} letters, and not {UNKNOWN!r}")
    return name


def _is_among(embedding: np.ndarray, *several: np.ndarray) -> bool:
    return any(len(rows) and np.linalg.norm(rows - embedding, axis=1).min() <= ALIKE for rows in several)


def _unlike(run: Run, name: str, person: Person) -> list[str]:
    """A picture that is far from all others of that person may show somebody else."""
    if len(person.files) < 2:
        return []
    away = np.linalg.norm(person.embeddings[:, None] - person.embeddings[None], axis=2)
    np.fill_diagonal(away, np.inf)
    odd = [file for file, nearest in zip(person.files, away.min(axis=1)) if nearest > run.task.threshold]
    if not odd:
        return []
    return [f"{counted(len(odd), 'picture')} of {name!r} ({listing(odd)}) like no other of the same name: look again"]


def _like_others(run: Run, name: str, person: Person, others: dict[str, Person]) -> list[str]:
    """Somebody who is enrolled under another name is as near as one and the same."""
    theirs = [one.embeddings for one in others.values()]
    means = np.mean([run.task.distances(theirs, row) for row in person.embeddings], axis=0)  # (others,)
    near = [other for other, mean in zip(others, means) if mean <= run.task.threshold]
    said = f"{name!r} is so near to {listing(near)} that they cannot be told apart" if near else ""
    return [said] if said else []
