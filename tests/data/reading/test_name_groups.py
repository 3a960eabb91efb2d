"""What belongs together, read off names: offered where names say so, and only there."""

import numpy as np
import pytest

from deepglass.core.errors import OptionError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Images
from deepglass.data.reading.name_groups import assign_groups, groups_by, guess_groups

LABELS = np.arange(240) % 2


def names(form, folder="{label}/"):
    """240 pictures, 24 groups of ten, the label a matter of the group."""
    pairs = [(group, k) for group in range(24) for k in range(10)]
    return [folder.format(label=("sick", "well")[g % 2]) + form.format(g=g, k=k, n=10 * g + k) for g, k in pairs]


def of_groups():
    return np.repeat(np.arange(24), 10) % 2


@pytest.mark.parametrize(
    ("form", "part"),
    [
        ("patient{g:02}_frame{k:02}.png", "what follows 'patient'"),
        ("Patient-{g}-{k}.jpg", "what follows 'patient'"),
        ("IMG_burst_{g}_{k}.jpg", "what follows 'burst'"),
        ("cam{g}-{n:06}.png", "what follows 'cam'"),
        ("scan_{g:03}_slice_{k:03}.tif", "what follows 'scan'"),
        ("vid{g}_t{k}.png", "what follows 'vid'"),
        ("{g:04}_{k}.png", "before the last number"),
        ("a{g}b-{k}.png", "before the last number"),
        ("subject{g}/{k:03}.png", "what follows 'subject'"),
        ("{g:05}/{n}.png", "folder below the class"),
    ],
)
def test_groups_are_found(form, part):
    found = guess_groups(names(form), of_groups())
    assert found is not None
    assert part in found.part
    assert found.count == 24
    assert all(len(set(found.groups[start : start + 10])) == 1 for start in range(0, 240, 10))


@pytest.mark.parametrize(
    "form",
    [
        "{n:05}.png",
        "IMG_{n:04}.jpg",
        "IMG_2021040{k}_15{n:04}.jpg",
        "{n:x}a.png",
        "photo ({n}).jpg",
        "img_{n}_final.png",
    ],
)
def test_names_that_only_count_offer_nothing(form):
    assert guess_groups(names(form), of_groups()) is None


def test_what_only_repeats_the_class_is_no_group():
    by_class = [f"{label}/{label}_{i}.jpg" for label in ("cat", "dog", "cow") for i in range(40)]
    assert guess_groups(by_class, np.repeat(np.arange(3), 40)) is None
    identities = [f"{g}/subject{g}_{k}.png" for g in range(20) for k in range(6)]
    assert guess_groups(identities, np.repeat(np.arange(20), 6)) is None


def test_pictures_without_the_part_are_groups_of_their_own():
    some = names("patient{g:02}_{k}.png")
    some[:3] = [f"sick/extra{i}.png" for i in range(3)]
    assert guess_groups(some, of_groups()).count == 27


@pytest.mark.parametrize("asked", ["patient", r"patient(\d+)", "(patient[0-9]+)"])
def test_a_word_or_a_pattern(asked):
    assert groups_by(asked, names("patient{g:02}_frame{k}.png"), of_groups()).count == 24


def test_folders():
    assert groups_by("folder", names("{g}/{k}.png"), of_groups()).count == 24


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            "camera",
            r"240 names of 240 have no such part \(sick/patient00_0.png, .*auto would take what follows 'patient'",
        ),
        ("folder", "have no such part"),
        ("(", "is not a regular expression"),
        ("(a)(b)", "expected one pair of brackets"),
        ("(patient)", r"1 group \(patient\): expected at least 3"),
    ],
)
def test_what_does_not_fit_is_said(asked, message):
    with pytest.raises(OptionError, match=message):
        groups_by(asked, names("patient{g:02}_{k}.png"), of_groups())


def test_auto_finds_nothing_in_plain_names():
    with pytest.raises(OptionError, match=r"nothing in names such as 'sick/0000.png' repeats like a group"):
        groups_by("auto", names("{n:04}.png"), of_groups())


def test_a_column_is_asked_for_by_the_word_in_the_names():
    images = Images("scans", LABELS, ["a", "b"], 1, names=names("patient{g:02}_{k}.png"))
    assign_groups(images, DataConfig(group_column="patient"))
    assert len(np.unique(images.groups)) == 24
    with pytest.raises(OptionError, match="--group-column site: 240 names"):
        assign_groups(Images("scans", LABELS, ["a", "b"], 1, names=images.names), DataConfig(group_column="site"))


def test_arrays_have_no_names():
    with pytest.raises(OptionError, match="--group-from-name auto: these pictures are arrays without names"):
        assign_groups(Images("x", LABELS, ["a", "b"], 1), DataConfig(group_from_name="auto"))
