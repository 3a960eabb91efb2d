"""A file that arrives in a folder of the package for one test: the folder is the list, so nothing else has to know."""

import importlib
import sys
import textwrap
from pathlib import Path

from deepglass.core import catalogue


class Arrivals:
    """A copy of the package, made of links, into which files are put; the catalogue reads it in the test."""

    def __init__(self, monkeypatch, folder: Path):
        self.monkeypatch, self.package = monkeypatch, folder / "deepglass"
        self.package.mkdir()
        for path in catalogue.PACKAGE.iterdir():
            (self.package / path.name).symlink_to(path)
        monkeypatch.setattr(catalogue, "PACKAGE", self.package)

    def add(self, folder: str, name: str, source: str) -> None:
        """Put a file beside those of `folder`, where it can be imported too."""
        home = self._home(folder)
        (home / f"{name}.py").write_text(textwrap.dedent(source), encoding="utf-8")
        module = f"deepglass.{folder}.{name}"
        self.monkeypatch.setitem(sys.modules, module, None)  # so that the module of the test is forgotten after it
        del sys.modules[module]

    def remove(self, folder: str, name: str) -> None:
        """Let a file of `folder` be missing."""
        (self._home(folder) / f"{name}.py").unlink()

    def _home(self, folder: str) -> Path:
        """The folder, with links to files in the place of a link to the whole."""
        home = self.package / folder
        if home.is_symlink():
            original = home.resolve()
            home.unlink()
            home.mkdir()
            for path in original.iterdir():
                (home / path.name).symlink_to(path)
            package = importlib.import_module(f"deepglass.{folder}")
            self.monkeypatch.setattr(package, "__path__", [*package.__path__, str(home)])
        return home
