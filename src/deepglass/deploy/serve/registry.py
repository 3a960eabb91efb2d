"""Which models are served: several names, several versions of each, loaded and dropped while the server runs.

Bundles come from the paths that the server was started with and from one repository folder, which is read when
somebody asks: nothing is watched, nothing changes by itself.
"""

import asyncio
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from deepglass.core.errors import OptionError
from deepglass.core.wording import listing
from deepglass.deploy.runtime.bundle import Bundle, require_described
from deepglass.deploy.runtime.checksums import small_text
from deepglass.deploy.runtime.errors import BundleError
from deepglass.deploy.runtime.room import Room
from deepglass.deploy.serve.config import ServeConfig
from deepglass.deploy.serve.errors import RequestError
from deepglass.deploy.serve.metrics import Metrics
from deepglass.deploy.serve.preparation import HeavyWork
from deepglass.deploy.serve.served_model import ServedModel

SHOWN = 60  # characters of a name that a message repeats
T = TypeVar("T")


@dataclass(frozen=True)
class Canary:
    """A version that gets a share of the requests that name none."""

    name: str
    version: str
    share: float  # from 0 to 1

    @classmethod
    def parse(cls, text: str) -> "Canary":
        """From NAME:VERSION=SHARE.

        Raises:
            OptionError: If it is spelt otherwise.
        """
        try:
            model, share = text.rsplit("=", 1)
            name, version = model.rsplit(":", 1)
            canary = cls(name, version, float(share))
        except ValueError:
            canary = None
        if canary is None or not 0 <= canary.share <= 1:
            raise OptionError(f"--canary {text}: expected NAME:VERSION=SHARE such as digits:2=0.1")
        return canary


@dataclass
class Sources:
    """Where bundles lie."""

    paths: list[Path]
    repository: Path | None = None  # a folder of bundles, or of folders of versions

    def bundles(self) -> Iterator[tuple[str, str, Path]]:
        """Name, version and path of each, read from its small description.

        Raises:
            BundleError: If a path is not a bundle.
        """
        found = [*self.paths]
        if self.repository is not None:
            found += sorted(path.parent for path in self.repository.glob("*/schema.json"))
            found += sorted(path.parent for path in self.repository.glob("*/*/schema.json"))
        for path in found:
            yield (*_name_and_version(path), path)


@dataclass
class Registry:
    """The models that are served now."""

    sources: Sources
    config: ServeConfig
    metrics: Metrics
    canaries: list[Canary] = field(default_factory=list)
    versions: dict[str, dict[str, ServedModel]] = field(default_factory=lambda: defaultdict(dict))
    found: list[tuple[str, str]] = field(default_factory=list)  # name and version of what was there last
    loads: int = 0  # how often something was loaded or dropped

    def __post_init__(self) -> None:
        """What all models share: room for bodies, and the thread for what is heavy."""
        config = self.config
        self.bodies = Room(config.max_pending_bytes, least_pace=config.max_body_bytes / config.max_body_seconds)
        self.heavy = HeavyWork(config.max_pending_bytes)

    async def load_all(self) -> None:
        """Open every bundle; what fails is an error of the user who started the server.

        Raises:
            OptionError: If a bundle does not open, two share name and version, or a canary is unknown.
        """
        known = await asyncio.to_thread(self.look_for_bundles)
        for name, version in known:
            if known.count((name, version)) > 1:
                raise OptionError(f"two bundles are {name} version {version}: export one under another --version")
        for name in dict.fromkeys(name for name, _ in known):
            await self.load(name)
        for canary in self.canaries:
            if (canary.name, canary.version) not in known:
                raise OptionError(f"--canary: no version {canary.version} of {canary.name}; there is {listing(known)}")

    async def load(self, name: str) -> None:
        """Open all versions of a model and put them in place of those that were served.

        Raises:
            RequestError: 404 if there is none.
            BundleError: If one cannot be opened or does not answer; what was served goes on.
        """
        bundles = await asyncio.to_thread(lambda: list(self.sources.bundles()))
        paths = [path for known, _, path in bundles if known == name]
        if not paths:
            message = f"no bundle is called {name[:SHOWN]!r}; there is {listing(self.names()) or 'none'}"
            raise RequestError(404, message, "name")
        fresh = [await asyncio.to_thread(self._open, path) for path in paths]
        for model in fresh:
            if not await model.is_ready():
                raise BundleError(f"{name} version {model.version} was opened but does not answer")
        old, self.versions[name] = self.versions.get(name, {}), {model.version: model for model in fresh}
        self.loads += 1
        for model in old.values():
            await model.close()

    async def unload(self, name: str) -> None:
        """Take no more requests for a model, finish those that wait, and drop it.

        Raises:
            RequestError: 404 if it is not served.
        """
        self.choose(name)
        self.loads += 1
        for model in self.versions.pop(name).values():
            await model.close()

    async def close(self) -> None:
        """Finish what waits before every model."""
        for model in self.models():
            await model.close()
        self.heavy.close()

    def choose(self, name: str, version: str | None = None) -> ServedModel:
        """The model for one request; without a version the newest, or the canary by its share.

        Raises:
            RequestError: 404 if there is none.
        """
        versions = self.versions.get(name)
        if not versions:
            there_is = listing(self.names()) or "none"
            raise RequestError(404, f"no model {name[:SHOWN]!r} is served; there is {there_is}", "name")
        if version is None:
            return versions[self._by_share(name, versions)]
        if version not in versions:
            there_is = listing(versions)
            raise RequestError(404, f"no version {version[:SHOWN]!r} of {name!r}; there is {there_is}", "version")
        return versions[version]

    def only(self) -> ServedModel:
        """The model that is meant where a request names none.

        Raises:
            RequestError: 422 if there are several, 503 if there is none.
        """
        names = [name for name in self.versions if self.versions[name]]
        if not names:
            raise RequestError(503, "no model is loaded", headers={"Retry-After": "5"})
        if len(names) > 1:
            raise RequestError(422, f"say which model you mean, as in ?model={names[0]}: {listing(names)}", "model")
        return self.choose(names[0])

    def models(self) -> list[ServedModel]:
        """All versions of all models."""
        return [model for versions in self.versions.values() for model in versions.values()]

    def names(self) -> list[str]:
        """What could be served, loaded or not, as far as was looked."""
        return sorted({*self.versions, *(name for name, _ in self.found)})

    def look_for_bundles(self) -> list[tuple[str, str]]:
        """Name and version of every bundle that there is now; reads the disk."""
        found = [(name, version) for name, version, _ in self.sources.bundles()]
        self.found, self.loads = found, self.loads + (found != self.found)
        return found

    def cached(self, make: Callable[[], T]) -> Callable[[], T]:
        """Makes something anew only when models were loaded or dropped since."""
        made: dict[int, T] = {}

        def get() -> T:
            if self.loads not in made:
                made.clear()
                made[self.loads] = make()
            return made[self.loads]

        return get

    async def index(self) -> list[dict[str, Any]]:
        """Every bundle that could be served, and whether it is."""
        rows = []
        for name, version in await asyncio.to_thread(self.look_for_bundles):
            is_served = version in self.versions.get(name, {})
            state = {"state": "READY", "reason": ""} if is_served else {"state": "UNAVAILABLE", "reason": "unloaded"}
            rows.append({"name": name, "version": version, **state})
        return rows

    async def is_ready(self) -> bool:
        """Whether every model that is loaded answers, and there is one."""
        models = self.models()
        return bool(models) and all([await model.is_ready() for model in models])

    def _open(self, path: Path) -> ServedModel:
        bundle = Bundle.open(path, threads=self.config.threads, limits=self.config)
        try:
            return ServedModel(bundle, self.config, self.metrics, self.heavy)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            reason = f"its description does not fit its graph: {type(error).__name__} {error}"
            raise BundleError(f"{path} cannot be served ({reason}): copy the bundle again, or export anew") from None

    def _by_share(self, name: str, versions: dict[str, ServedModel]) -> str:
        canary = next((c for c in self.canaries if c.name == name and c.version in versions), None)
        stable = [version for version in versions if canary is None or version != canary.version]
        if canary is not None and (not stable or random.random() < canary.share):
            return canary.version
        return max(stable, key=int)


def _name_and_version(path: Path) -> tuple[str, str]:
    if path.is_file():
        bundle = Bundle.open(path)
        return bundle.name, bundle.version
    try:
        schema = json.loads(small_text(path / "schema.json"))
        require_described(path, schema)
        return schema["name"], schema["version"]
    except (ValueError, AttributeError, RecursionError) as error:
        raise BundleError(f"{path} is no bundle ({error}): make one with `deepglass export RUN --to bundle`") from None
