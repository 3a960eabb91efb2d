"""What is installed with the product may be used by anybody for anything: no copyleft, nothing non-commercial."""

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

EXTRAS = ("tensorboard", "co2", "hub", "export", "serve", "course")  # of the product; judges of the tests are not in it
FREE = re.compile(
    r"\b(MIT|MIT-0|MIT-CMU|BSD|0BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|Unlicense|CC0|HPND|BSL|Boost|"
    r"MPL|Mozilla Public)\b",  # MPL asks for changes of its own files alone
    re.IGNORECASE,
)
BOUND = re.compile(
    r"\b(A?GPL|LGPL|GNU|SSPL|BUSL|Business Source|Commons Clause|NonCommercial|NC|ND|CC-BY-SA|EUPL|CDDL|"
    r"Proprietary|Non-Commercial)\b",
    re.IGNORECASE,
)
# mostly in the public domain; the GPL is of an Emacs mode that no wheel has
LOOKED_UP = {"docutils": "BSD-2-Clause"}


def resolved() -> dict[str, Distribution]:
    """Every installed package that the product and its extras ask for, and those that these ask for."""
    found: dict[str, Distribution] = {}
    open_ends = [("deepglass", frozenset(EXTRAS))]
    seen = set()
    while open_ends:
        name, extras = open_ends.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            package = distribution(name)
        except PackageNotFoundError:  # of another system, or another version of Python
            continue
        found[name] = package
        for text in package.requires or ():
            needed = Requirement(text)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                open_ends.append((needed.name, frozenset(needed.extras)))
    return found


def licence_of(package: Distribution) -> str:
    """As the package declares it: an SPDX expression, classifiers, or its words."""
    data = package.metadata
    classifiers = [line.rpartition(" :: ")[2] for line in data.get_all("Classifier") or () if "License ::" in line]
    return data.get("License-Expression") or " and ".join(classifiers) or (data.get("License") or "").split("\n")[0]


def test_nothing_that_the_product_installs_binds_its_users():
    found = resolved()
    assert len(found) > 40
    unclear = {}
    for name, package in sorted(found.items()):
        licence = LOOKED_UP.get(name) or licence_of(package)
        choices = re.split(r"\bOR\b", licence)  # one of several may be chosen
        if not any(FREE.search(choice) and not BOUND.search(choice) for choice in choices):
            unclear[name] = licence
    assert not unclear
