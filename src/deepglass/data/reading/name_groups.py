"""What belongs together, read off the names of files: patient07_frame03, cam2-000123, burst_12_3, subject3/0001.

Frames of one patient, camera or burst look alike; where they are on both sides of a split, a model that remembers
them scores well and knows nothing of the next patient. A name is cut into words and numbers. A part that follows a word
such as "patient" is a group, so is a folder between class and file, so is whatever stands before a counter that
starts again and again. What merely repeats the class is none.
"""

import re
from collections import Counter, defaultdict
from pathlib import PurePath
from typing import NamedTuple

import numpy as np

from deepglass.core.effects import acts_on
from deepglass.core.errors import OptionError
from deepglass.core.guesses import Guess
from deepglass.core.wording import counted, listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images

WORDS = (  # before them, the most telling first: what comes after is shared by pictures that belong together
    "patient", "pat", "pt", "subject", "subj", "sub", "person", "participant", "donor", "case", "animal", "mouse",
    "specimen", "plant", "slide", "scan", "study", "series", "volume", "vol", "recording", "video", "vid", "movie",
    "clip", "scene", "sequence", "seq", "session", "sess", "visit", "burst", "stack", "sample", "plate", "site",
    "camera", "cam", "device", "user", "face", "id",
)  # fmt: skip
FEWEST_GROUPS = 3  # fewer cannot be spread over training, validation and test
SHARE_IN_GROUPS = 0.6  # of the pictures must have company, and of the names must have the part
RESTARTS = 2.0  # a counter that starts again has values up to about twice its group's size
PART = re.compile(r"[A-Za-z]+|\d+")


class NameGroups(NamedTuple):
    """Groups read off names."""

    groups: np.ndarray  # (N,) of text
    part: str  # what was taken, for messages: 'patient…', 'the folder', …
    example: str  # the group of the first picture

    @property
    def count(self) -> int:
        return len(np.unique(self.groups))


@acts_on("group_column", "group_from_name")
def assign_groups(images: Images, config: DataConfig) -> None:
    """Set `images.groups` as `--group-from-name` or `--group-column` asks, and say so.

    Raises:
        OptionError: If pictures have no names, or these have no such part.
    """
    asked = config.group_from_name or config.group_column
    if not asked or images.groups is not None:
        return
    option = "--group-from-name" if config.group_from_name else "--group-column"
    if images.names is None:
        raise OptionError(f"{option} {asked}: these pictures are arrays without names; leave it out")
    found = groups_by(asked, images.names, images.labels, option)
    images.groups = found.groups
    images.guesses.append(Guess("groups", f"{found.count:,}", f"{found.part}, such as {found.example!r}", option))


def groups_by(asked: str, names: list[str], labels: np.ndarray | None, option: str = "--group-from-name") -> NameGroups:
    """The groups that were asked for.

    Args:
        asked: "auto", "folder", a word that stands before the group ("patient"), or a regular expression with one
            pair of brackets around the group.

    Raises:
        OptionError: If the names have no such part.
    """
    if asked == "auto":
        if found := guess_groups(names, labels):
            return found
        raise OptionError(f"{option} auto: nothing in names such as {names[0]!r} repeats like a group; {_how()}")
    if asked == "folder":
        groups = [str(PurePath(*PurePath(name).parts[1:-1])) for name in names]
        return _required(groups, "the folder", asked, names, option, empty=".")
    if "(" in asked:
        try:
            pattern = re.compile(asked)
        except re.error as error:
            raise OptionError(f"{option}: {asked!r} is not a regular expression ({error}); {_how()}") from None
        if pattern.groups != 1:
            raise OptionError(f"{option}: expected one pair of brackets in {asked!r}, got {pattern.groups}; {_how()}")
        return _required(_found(pattern, names), f"the pattern {asked!r}", asked, names, option)
    return _required(_found(_after(asked), names), f"what follows {asked!r}", asked, names, option)


def guess_groups(names: list[str], labels: np.ndarray | None) -> NameGroups | None:
    """The groups that names offer by themselves, or None.

    Args:
        names: Paths below the folder of the split, the class first: "sick/patient07_frame03.png".
        labels: (N,) classes; a part that only repeats them is not a group.
    """
    bare = ["/".join(PurePath(name).parts[1:]) if labels is not None else name for name in names]
    for candidate in (*_by_word(bare), _by_folder(bare), _by_counter(bare, labels)):
        if candidate is not None and _is_grouping(candidate.groups, labels):
            return candidate
    return None


def _by_word(names: list[str]) -> list[NameGroups]:
    """What follows a telling word, for every such word that most names have."""
    words = Counter(word.lower() for name in names for word in set(re.findall("[A-Za-z]+", name)))
    known = [word for word in WORDS if words[word] >= SHARE_IN_GROUPS * len(names)]
    found = []
    for word in known:
        groups = np.array(_found(_after(word), names))
        if (groups != "").mean() >= SHARE_IN_GROUPS:
            found.append(_named(groups, names, f"what follows {word!r} in the names"))
    return found


def _by_folder(names: list[str]) -> NameGroups | None:
    """Folders between the class and the file."""
    folders = np.array([str(PurePath(name).parent) for name in names])
    return NameGroups(folders, "the folder below the class", folders[0]) if (folders != ".").all() else None


def _by_counter(names: list[str], labels: np.ndarray | None) -> NameGroups | None:
    """What stands before a last number that starts again in every group."""
    cut = [PART.findall(PurePath(name).stem) for name in names]
    shape, count = Counter(_shape(parts) for parts in cut).most_common(1)[0]
    if len(shape) < 2 or shape[-1] != "0" or count < SHARE_IN_GROUPS * len(names):
        return None
    rows = [i for i, parts in enumerate(cut) if _shape(parts) == shape]
    table = np.array([cut[i] for i in rows])
    own = [column for column in table.T[:-1] if len(set(column)) > 1 and not _repeats(column, labels, rows)]
    if not own:
        return None
    keys = np.array(["_".join(parts) for parts in zip(*own)])
    if not _counts(keys, table[:, -1].astype(float)):
        return None
    groups = np.array(names, dtype=object)
    groups[rows] = keys
    return NameGroups(groups.astype(str), "what stands before the last number of the names", keys[0])


def _counts(keys: np.ndarray, numbers: np.ndarray) -> bool:
    """Whether in most groups the numbers are different and small, as of a counter that starts again."""
    members = defaultdict(list)
    for key, number in zip(keys, numbers):
        members[key].append(number)
    large = [found for found in members.values() if len(found) > 1]
    good = [len(set(found)) == len(found) and max(found) <= RESTARTS * len(found) + 1 for found in large]
    return bool(large) and sum(good) >= SHARE_IN_GROUPS * len(large)


def _is_grouping(groups: np.ndarray, labels: np.ndarray | None) -> bool:
    """Whether groups have company, are several, and are not just the classes."""
    _, sizes = np.unique(groups, return_counts=True)
    if len(sizes) < FEWEST_GROUPS or sizes[sizes > 1].sum() < SHARE_IN_GROUPS * len(groups):
        return False
    return labels is None or not _repeats(groups, labels, None)


def _repeats(column: np.ndarray, labels: np.ndarray | None, rows: list[int] | None) -> bool:
    """Whether every class has but one value of its own: then it says no more than the class."""
    if labels is None:
        return False
    values, of_rows = np.unique(column, return_inverse=True)[1], labels if rows is None else labels[rows]
    pairs = len(np.unique(values.astype(np.int64) * (int(labels.max()) + 1) + of_rows))
    return pairs == len(np.unique(of_rows))


def _after(word: str) -> re.Pattern:
    return re.compile(rf"(?<![A-Za-z]){re.escape(word)}[-_ .=]*([A-Za-z]*\d+|[A-Za-z0-9]+)", re.IGNORECASE)


def _found(pattern: re.Pattern, names: list[str]) -> list[str]:
    return [match.group(1) or "" if (match := pattern.search(name)) else "" for name in names]


def _named(groups: np.ndarray, names: list[str], part: str) -> NameGroups:
    """Pictures whose name lacks the part are each a group of their own."""
    whole = np.where(groups == "", np.array(names), groups)
    return NameGroups(whole, part, str(groups[groups != ""][0]))


def _required(groups: list[str], part: str, asked: str, names: list[str], option: str, empty: str = "") -> NameGroups:
    lacking = [name for name, group in zip(names, groups) if group in ("", empty)]
    if lacking:
        offer = guess_groups(names, None)
        hint = f"; --group-from-name auto would take {offer.part}" if offer else ""
        raise OptionError(
            f"{option} {asked}: {counted(len(lacking), 'name')} of {len(names):,} have no such part "
            f"({listing(lacking, 3)}){hint}; {_how()}"
        )
    if len(set(groups)) < FEWEST_GROUPS:
        raise OptionError(
            f"{option} {asked}: {counted(len(set(groups)), 'group')} ({listing(sorted(set(groups)))}): expected at "
            f"least {FEWEST_GROUPS}, for training, validation and test"
        )
    return NameGroups(np.array(groups), part, groups[0])


def _shape(parts: list[str]) -> tuple[str, ...]:
    """Words and numbers in their order: "0" for a number, "a" for a word."""
    return tuple("0" if part.isdigit() else "a" for part in parts)


def _how() -> str:
    return 'expected auto, folder, a word of the names, or a pattern with brackets such as "(patient[0-9]+)"'
