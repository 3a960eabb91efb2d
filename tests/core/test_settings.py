from dataclasses import dataclass
from pathlib import Path

import pytest

from deepglass.core.errors import OptionError
from deepglass.core.settings import Setting, build, settings_of

SOURCE = """
from dataclasses import dataclass
from typing import Literal

@dataclass(frozen=True)
class Config:
    num_layers: int = 4  # four are enough
    dropout: float = 0.1
    rate: float | Literal["auto"] | None = None  # "auto" measures
    kind: Literal["a", "b"] = "a"  # a by default
    depth: Literal[18, 34] = 18
    bias: bool = True
    name: str | None = None
"""


@dataclass(frozen=True)
class Config:
    num_layers: int = 4
    dropout: float = 0.1
    rate: float | str | None = None
    kind: str = "a"
    depth: int = 18
    bias: bool = True
    name: str | None = None


@pytest.fixture
def settings(tmp_path: Path):
    path = tmp_path / "model.py"
    path.write_text(SOURCE)
    return settings_of(path)


def test_fields_are_read_without_importing(settings):
    by_name = {s.name: s for s in settings}
    assert by_name["num_layers"].help == "four are enough"
    assert by_name["num_layers"].option == "--num-layers"
    assert by_name["rate"].kinds == ("float", "None")
    assert by_name["rate"].choices == ("auto",)
    assert by_name["kind"].default == "a"
    assert by_name["dropout"].help == ""


def test_values_become_the_annotated_type(settings):
    values = {"num_layers": "2", "dropout": "0.5", "rate": "auto", "kind": "b", "depth": "34", "bias": "false"}
    config = build(Config, settings, values)
    assert config == Config(2, 0.5, "auto", "b", 34, False, None)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("num_layers", "2.5", "--num-layers: expected int, got '2.5'"),
        ("kind", "c", "expected 'a' or 'b'"),
        ("bias", "perhaps", "expected bool"),
        ("dropout", "much", "expected float"),
        ("num_layer", 3, "did you mean 'num_layers'?"),
        ("num_layers", True, "expected int"),
    ],
)
def test_a_value_that_does_not_fit_is_explained(settings, name, value, expected):
    with pytest.raises(OptionError, match=expected.replace("?", r"\?")):
        build(Config, settings, {name: value})


def test_a_file_without_settings_has_none(tmp_path):
    (tmp_path / "plain.py").write_text("x = 1\n")
    assert settings_of(tmp_path / "plain.py") == []


def test_names_in_a_list_are_names_with_commas():
    setting = Setting("ignore", ("str", "None"), (), None, "columns to leave out")
    assert setting.parse(["id", "name"]) == "id,name"
    assert setting.parse({"born": "%d.%m.%Y"}) == "born=%d.%m.%Y"
