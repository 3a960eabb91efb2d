"""One network, one weight file, many frameworks: each script is run alone and held against PyTorch in float64.

Three networks for the bundled digits, some thousand weights each: an MLP, a small CNN, a GRU that reads a picture row
by row. Every script gives outputs, gradients and the weights after an epoch of SGD with momentum. What cannot run here
is answered by the row that was last measured (`measured.json`, written by `python -m bench.frameworks`), with its date.
"""

import datetime
import json
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from deepglass.core import files
from deepglass.core.errors import MissingPackageError
from deepglass.frameworks import environment, script

MEASURED = Path(__file__).parent / "measured.json"
TOLERANCE = 1e-6  # of float32 outputs and gradients from those of float64
PICTURES = 1792  # 28 batches of 64 of the bundled digits
NETWORKS = {  # PyTorch's names and shapes
    "mlp": {"0.weight": (32, 64), "0.bias": (32,), "2.weight": (10, 32), "2.bias": (10,)},
    "cnn": {
        "1.weight": (8, 1, 3, 3), "1.bias": (8,), "3.weight": (16, 8, 3, 3), "3.bias": (16,),
        "6.weight": (10, 256), "6.bias": (10,),
    },
    "gru": {
        "gru.weight_ih_l0": (48, 8), "gru.weight_hh_l0": (48, 16), "gru.bias_ih_l0": (48,), "gru.bias_hh_l0": (48,),
        "head.weight": (10, 16), "head.bias": (10,),
    },
}  # fmt: skip
KINDS = {"outputs": "outputs", "gradient": "gradients", "learnt": "learnt", "exported": "exported"}


@dataclass(frozen=True)
class Row:
    """What was found about a framework.

    Args:
        networks: By network: the largest differences from PyTorch in float64 of `outputs`, `gradients` and weights
            after an epoch (`learnt`; `exported`: the outputs of an exported file), and the seconds `first_epoch_s`,
            `epoch_s`.
        import_s: Seconds in a fresh interpreter, the quickest of three.
        measured: The day.
        fingerprint: Of the script that was measured.
        note: Why the row is not of now; empty if it is.
    """

    name: str
    package: str
    version: str
    python: str
    lines: int
    import_s: float
    networks: dict[str, dict[str, float]]
    measured: str
    cpu: str
    fingerprint: str
    note: str = ""

    def worst(self, kind: str) -> float | None:
        """The largest difference of all networks; None if it was not looked at."""
        return max((told[kind] for told in self.networks.values() if kind in told), default=None)

    @property
    def agrees(self) -> bool:
        """Whether outputs and gradients, and what was exported, are PyTorch's."""
        return all((self.worst(kind) or 0.0) <= TOLERANCE for kind in ("outputs", "gradients", "exported"))


def rows(wanted: Iterable[str] = (), may_install: bool = False, once: bool = False) -> list[Row]:
    """A row for each framework that is wanted (all, if none is named): run where it can be, else the last measured.

    Args:
        may_install: Whether packages may be downloaded, into environments of their own.
        once: Time everything once only.

    Raises:
        OptionError: If a framework is unknown.
        MissingPackageError: If one can neither be run nor was ever measured.
    """
    names = [script.checked(name) for name in wanted] or script.names()
    with tempfile.TemporaryDirectory(prefix="frameworks-") as folder:
        given, exact = Path(folder) / "given", Path(folder) / "exact"
        write_given(given, np.float32)
        write_given(exact, np.float64)
        truth = asked(script.path_of("pytorch"), sys.executable, exact, once=True)[0]
        return [row(name, given, truth, may_install, once) for name in names]


def row(name: str, given: Path, truth: dict[str, Any], may_install: bool, once: bool) -> Row:
    """Run one script, or recall what was measured.

    Raises:
        MissingPackageError: If it can neither be run nor was ever measured.
    """
    path = script.path_of(name)
    try:
        python = environment.interpreter(path, may_install)
        numbers, told = asked(path, python, given, once) if python else ({}, {})
    except MissingPackageError as error:
        return recalled(name, str(error))
    if python is None:
        return recalled(name, "not installed here: --install brings it into an environment of its own")
    networks = {net: differences(truth[net], numbers[net]) | told["networks"][net] for net in NETWORKS}
    from deepglass.core.device import cpu_name

    return Row(
        name=name, package=told["package"], version=told["version"], python=told["python"], lines=script.lines(path),
        import_s=told["import_s"], networks=networks, measured=str(datetime.date.today()), cpu=cpu_name(),
        fingerprint=script.fingerprint(path),
    )  # fmt: skip


def asked(path: Path, python: str, given: Path, once: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a script says: its numbers by network, and what it tells of itself.

    Raises:
        MissingPackageError: If the script ends with an error.
    """
    with tempfile.TemporaryDirectory(prefix="found-") as found:
        said = environment.run(python, path, str(given), found, *(["once"] if once else []))
        if said.returncode != 0:
            raise MissingPackageError(f"{path.name} did not run: {environment.last_line(said.stderr)}")
        numbers = {net: dict(np.load(Path(found) / f"{net}.npz")) for net in NETWORKS}
        return numbers, json.loads((Path(found) / "told.json").read_text(encoding="utf-8"))


def differences(truth: dict[str, Any], numbers: dict[str, Any]) -> dict[str, float]:
    """The largest absolute difference of each kind; a missing or misshapen array is as wrong as can be."""
    worst: dict[str, float] = {}
    for key, right in (truth | {k: truth["outputs"] for k in numbers if k == "exported"}).items():
        found, kind = numbers.get(key), KINDS[key.split("/")[0]]
        is_alike = found is not None and found.shape == right.shape and bool(np.isfinite(found).all())
        off = float(np.abs(found - right).max()) if found is not None and is_alike else float("inf")
        worst[kind] = max(worst.get(kind, 0.0), off)
    return worst


def write_given(folder: Path, dtype: Any) -> None:
    """Pictures, labels and weights, for every script the same."""
    folder.mkdir()
    x, y = pictures()
    np.savez(folder / "digits.npz", x=x.astype(dtype), y=y)
    for network in NETWORKS:
        np.savez(folder / f"{network}.npz", **{k: w.astype(dtype) for k, w in weights(network).items()})


def pictures() -> tuple[Any, Any]:
    """The bundled digits (1792, 64) in [0, 1], and what they are."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return (x[:PICTURES] / 16).astype(np.float32), y[:PICTURES].astype(np.int64)


@cache
def weights(network: str, seed: int = 0) -> dict[str, Any]:
    """Weights by PyTorch's names, uniform within ±1/√(numbers that a unit sees), rounded to float32."""
    rng = np.random.default_rng(seed)
    made = {}
    for name, shape in NETWORKS[network].items():
        bound = 1 / np.sqrt(np.prod(shape[1:]) if len(shape) > 1 else shape[0])
        made[name] = rng.uniform(-bound, bound, shape).astype(np.float32)
    return made


# -- what was measured before -----------------------------------------------------------------------------------------


def recorded() -> dict[str, Row]:
    """The rows that were measured last, by framework."""
    return {told["name"]: Row(**told) for told in files.read_json(MEASURED)} if MEASURED.exists() else {}


def recalled(name: str, reason: str) -> Row:
    """The last measured row of a framework, with the reason why it is not of now.

    Raises:
        MissingPackageError: If there is none.
    """
    known = recorded()
    if name not in known:
        raise MissingPackageError(f"{script.TITLES[name]} was never measured, and cannot be now: {reason}")
    return replace(known[name], note=f"measured {known[name].measured}; {reason}")


def record(found: Iterable[Row]) -> None:
    """Keep rows that were measured now beside those that are kept of others."""
    kept = {name: asdict(row) for name, row in recorded().items()}
    kept |= {row.name: asdict(row) for row in found if not row.note}
    files.write_json(MEASURED, [kept[name] for name in script.names() if name in kept])
