"""A new kind is one file: laid into the folder of a bundle's runtime, everybody who asks the kinds knows it."""

import importlib
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from deepglass.deploy import runtime
from tests.deploy.serve import bundles

LABELS = """
from . import Answer as Base

class Answer(Base):
    def one(self, parts):
        shares = dict(zip(self.labels, parts[self.name].tolist(), strict=True))
        return {"labels": [label for label, share in shares.items() if share >= 0.5], "shares": shares}
"""
SOUND = """
import numpy as np

from ..errors import InputError
from ..records import Light
from . import Field as Base

class Sound:
    def __init__(self, tensor):
        self.tensor = tensor

    def encode(self, records):
        return {self.tensor: np.stack([np.frombuffer(record, np.uint8).astype(float)[:1] for record in records])}

class Field(Base):
    LIMITS = {"sound_seconds": 60}
    FILES = ("audio/",)

    def encoder(self, tokens, limits):
        return Sound(self.described["tensor"])

    def from_argument(self, argument, read_table):
        from pathlib import Path
        return [Path(argument).read_bytes()]
"""


@pytest.fixture
def island(tmp_path, monkeypatch):
    """The runtime as a bundle has it, under a name of its own, with two more files."""
    name = f"island_{tmp_path.name.replace('-', '_')}"
    shutil.copytree(Path(str(runtime.__file__)).parent, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / name / "answers" / "labels.py").write_text(LABELS)
    (tmp_path / name / "fields" / "sound.py").write_text(SOUND)
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda part: importlib.import_module(f"{name}.{part}")
    for module in [module for module in sys.modules if module.split(".")[0] == name]:
        del sys.modules[module]


def heard(folder: Path) -> Path:
    """A byte of a sound → loud, or low, or both."""
    nodes = [
        helper.make_node("MatMul", ["sound", "W"], ["logits"]),
        helper.make_node("Add", ["logits", "b"], ["moved"]),
        helper.make_node("Sigmoid", ["moved"], ["labels"]),
    ]
    graph = helper.make_graph(
        nodes, "heard", [bundles._tensor("sound", TensorProto.DOUBLE, ["batch", 1])],
        [bundles._tensor("labels", TensorProto.DOUBLE, ["batch", 2])],
        bundles._weights({"W": np.array([[0.1, 0.1]]), "b": np.array([-20.0, -10.0])}),
    )  # fmt: skip
    described = {"name": "sound", "kind": "sound", "tensor": "sound", "datatype": "FP64", "shape": [-1, 1]}
    schema = {"name": "heard", "version": "1", "task": "hearing", "answer": "labels", "inputs": [described]}
    path = bundles._bundle(folder, graph, schema, ["loud", "low"])
    schema = json.loads((path / "schema.json").read_text())
    return bundles._described(path, schema | {"limits": schema["limits"] | {"sound_seconds": 5}})


def test_a_bundle_of_new_kinds_is_opened_answered_and_served(island, tmp_path, capsys):
    path = heard(tmp_path / "bundle")
    bundle = island("bundle").Bundle.open(path)
    answers = bundle.predict([b"\xff", b"\x96", b"\x01"])
    assert [answer["labels"] for answer in answers] == [["loud", "low"], ["low"], []]
    limits = island("limits").Limits()
    assert island("serving").records_of(bytearray(b"RIFF"), "audio/wav", limits) == [b"RIFF"]
    (tmp_path / "a.wav").write_bytes(b"\xff")
    assert island("__main__").records_of(bundle, str(tmp_path / "a.wav")) == [b"\xff"]
    island("__main__").write_csv(answers[:1], as_row=bundle.answers.row)
    assert capsys.readouterr().out.splitlines()[0] == "labels,shares loud,shares low"


def test_a_runtime_that_lacks_the_kind_says_which_it_knows(tmp_path):
    from deepglass.deploy.runtime.bundle import Bundle
    from deepglass.deploy.runtime.errors import BundleError

    path = heard(tmp_path / "bundle")
    expected = r"expected one of audio, category, coarse_image, date.* for 'kind', got 'sound'"
    with pytest.raises(BundleError, match=expected):
        Bundle.open(path)
    schema = json.loads((path / "schema.json").read_text())
    schema["inputs"][0]["kind"] = "number"
    with pytest.raises(BundleError, match=r"expected one of .*forecast.* for 'answer', got 'labels'"):
        Bundle.open(bundles._described(path, schema))
