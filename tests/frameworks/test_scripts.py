"""The scripts of `frameworks/scripts`: what each must be, so that they can be read side by side and run alone."""

import ast
import re

import pytest

from deepglass.core.errors import OptionError
from deepglass.frameworks import environment, running, script

every_script = pytest.mark.parametrize("name", script.names())


@every_script
def test_a_script_says_what_it_needs(name):
    needs = script.metadata(script.path_of(name))
    assert needs["requires-python"].startswith(">=3.11")
    packages = [environment.package_of(requirement) for requirement in needs["dependencies"]]
    pins = [requirement for requirement in needs["dependencies"] if requirement != "deepglass"]
    assert all(re.fullmatch(r"[\w-]+==[\d.]+( ; sys_platform [=!]= 'linux')?", pin) for pin in pins)
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name.split(".")[0]
        for node in ast.walk(ast.parse(script.path_of(name).read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    known = {package.removesuffix("-cpu") for package in packages} | {"exchange", "os", "tempfile"}
    with_numpy = known | ({"numpy"} if "pytensor" in known else set())  # which brings it
    assert imported <= with_numpy


@every_script
def test_a_script_has_a_learner_of_the_one_shape_and_stays_short(name):
    tree = ast.parse(script.path_of(name).read_text(encoding="utf-8"))
    learner = next(node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Learner")
    methods = {node.name for node in learner.body if isinstance(node, ast.FunctionDef)}
    given = {node.attr for node in ast.walk(learner) if isinstance(node, ast.Attribute)}  # self.outputs = function(…)
    assert {"__init__", "gradients", "learn", "weights"} <= methods
    assert "outputs" in methods | given
    assert script.lines(script.path_of(name)) <= 85
    assert ast.get_docstring(tree)


def test_the_engines_script_is_pytorchs_but_for_its_imports():
    ours, theirs = (
        script.path_of(name).read_text(encoding="utf-8").partition("class GRU")[2].partition("if __name__")[0]
        for name in ("glass", "pytorch")
    )
    assert ours == theirs != ""


def test_lines_are_counted_without_comments_and_docstrings(tmp_path):
    path = tmp_path / "in_x.py"
    path.write_text('"""Told\nin two."""\n\nx = 1  # said\n\n\ndef f():\n    """Told."""\n    # said\n    return x\n')
    assert script.lines(path) == 3


def test_a_changed_script_has_another_fingerprint(tmp_path):
    path = tmp_path / "in_x.py"
    path.write_text("x = 1\n")
    before = script.fingerprint(path)
    path.write_text('"""Told."""\n\n# said\nx = 1\n')
    assert script.fingerprint(path) == before  # words change no number
    path.write_text("x = 2\n")
    assert script.fingerprint(path) != before
    path.write_text('# /// script\n# dependencies = ["numpy==2.4.6"]\n# ///\nx = 1\n')
    assert script.fingerprint(path) != before


def test_names_are_found_and_unknown_ones_suggested():
    assert script.checked("Theano") == "pytensor"
    assert script.checked("torch") == "pytorch"
    with pytest.raises(OptionError, match="tensorflow"):
        script.checked("tensorflw")


def test_what_is_absent_is_recalled_and_nothing_is_downloaded(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(environment, "is_here", lambda path: False)
    monkeypatch.setattr(environment.shutil, "which", lambda name: None)
    monkeypatch.setattr(environment, "tried", lambda *command: asked.append(command))
    row = running.row("jax", tmp_path, {}, may_install=False, once=True)
    assert row.measured in row.note
    assert "--install" in row.note
    assert asked == []


def test_uv_is_asked_to_stay_offline_unless_it_may_install(monkeypatch):
    asked = []

    def refused(command, more):
        asked.append(command)
        return environment.subprocess.CompletedProcess(command, 2, "", "error: no network\n")

    monkeypatch.setattr(environment, "tried", refused)
    path = script.path_of("jax")
    assert environment.by_uv(path, may_install=False) is None
    with pytest.raises(environment.MissingPackageError, match="no network"):
        environment.by_uv(path, may_install=True)
    assert ["--offline" in command for command in asked] == [True, False]
