"""safetensors: weights without code, and beside them all that it takes to use them without Deepglass.

    model.safetensors   the weights
    model.py            the architecture: the file of the zoo, ordinary PyTorch
    bag.py              where several networks share the rows: how they answer together
    config.json         its sizes and settings
    task.json           the schema of the inputs and the fitted preprocessing
    README.md           the lines that put them together

safetensors: https://huggingface.co/docs/safetensors
"""

import dataclasses
import importlib.util
import inspect
import shutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from deepglass.core import catalogue, files
from deepglass.core import settings as known
from deepglass.core.errors import ExportError
from deepglass.deploy.graphs import examples
from deepglass.deploy.measure import Measured, answers_of, measure
from deepglass.deploy.portable import Portable
from deepglass.rivals.blend import Blend
from deepglass.runs.run import Run, tuples
from deepglass.training.weights import load_weights, save_weights
from deepglass.zoo import architectures
from deepglass.zoo.group_shift import GroupShift

SUFFIX = ""

README = """# {name}: weights and architecture

A {model} for {task}, trained with Deepglass. To use it with PyTorch and safetensors alone:

```python
import json
from safetensors.torch import load_file
from model import Config, Model

config = json.load(open("config.json"))
{build}
model.load_state_dict(load_file("model.safetensors"){strict})
model.eval()
```

`task.json` holds how inputs were filled, scaled and encoded, and the names of the classes.
"""
BUILD = """as_tuples = lambda value: tuple(map(as_tuples, value)) if isinstance(value, list) else value
sizes, settings = ({key: as_tuples(value) for key, value in config[part].items()} for part in ("sizes", "settings"))
model = Model(**sizes, config=Config(**settings))"""
BUILD_BAG = """from bag import Bag

as_tuples = lambda value: tuple(map(as_tuples, value)) if isinstance(value, list) else value
sizes, settings = ({key: as_tuples(value) for key, value in config[part].items()} for part in ("sizes", "settings"))
model = Bag([Model(**sizes, config=Config(**settings)) for _ in range(config["networks"])])"""


def write(model: Portable, path: Path) -> Measured:
    """Write the folder, build the network from it, and compare.

    Raises:
        ExportError: If the architecture's file needs more than PyTorch, or simple models answer beside the network.
    """
    run = model.run
    if isinstance(model.graph.network, GroupShift):
        raise ExportError(
            f"{run.path} answers with a threshold for each group, which is no weight: export to onnx, torch or bundle, "
            "or train with --mitigation reductions"
        )
    if isinstance(model.graph.network, Blend):
        raise ExportError(
            f"{run.path} answers with a blend of a network and simple models, which are no weights: export to onnx, "
            "torch or bundle, or train with --no-blend"
        )
    path.mkdir()
    if "networks" in _config(run):
        shutil.copyfile(catalogue.path_of("zoo", "bag"), path / "bag.py")
    shutil.copyfile(_source(run), path / "model.py")
    save_weights(path / "model.safetensors", model.graph.network.state_dict())
    files.write_json(path / "config.json", _config(run))
    files.write_json(path / "task.json", run.folder.read("task.json"))
    files.write_text(path / "README.md", _readme(model))
    graph = model.graph.with_network(rebuilt(path))
    return measure("rebuilt", model.graph, lambda inputs: answers_of(graph, inputs), examples(graph), path)


def rebuilt(folder: Path) -> nn.Module:
    """The network of such a folder."""
    file = _executed(folder / "model.py")
    config = files.read_json(folder / "config.json")
    sizes, settings = _tuples_in(config["sizes"]), _tuples_in(config["settings"])
    networks = [file.Model(**sizes, config=file.Config(**settings)) for _ in range(config.get("networks", 1))]
    network = _executed(folder / "bag.py").Bag(networks) if "networks" in config else networks[0]
    load_weights(folder / "model.safetensors", network)
    return network.eval()


def _source(run: Run) -> Path:
    """The architecture's file.

    Raises:
        ExportError: If it imports something of ours.
    """
    path = catalogue.path_of("models", architectures.entry(run.config["model"], run.config["task"]).file)
    if "deepglass" in {line.split()[1].split(".")[0] for line in path.read_text().splitlines() if _is_import(line)}:
        raise ExportError(f"{path.name} builds on other files of Deepglass and cannot stand alone: export to torch")
    return path


def _is_import(line: str) -> bool:
    return line.startswith(("import ", "from "))


def _config(run: Run) -> dict[str, Any]:
    """Sizes and settings with which the network is built, defaults included."""
    entry = architectures.entry(run.config["model"], run.config["task"])
    file = architectures.module_of(entry, "torch")
    wanted = inspect.signature(file.Model.__init__).parameters
    dims = run.folder.read("task.json")["dims"]
    settings = dataclasses.asdict(
        known.build(file.Config, entry.settings, _tuples_in({**entry.overrides, **run.config["model_options"]}))
    )
    sizes = {name: size for name, size in dims.items() if name in wanted}
    bag = {"networks": dims["bags"]} if "bags" in dims else {}
    return {"model": entry.name, "task": run.config["task"], "sizes": sizes, "settings": settings, **bag}


def _readme(model: Portable) -> str:
    tensors = model.graph.network.state_dict().values()
    is_tied = len({tensor.data_ptr() for tensor in tensors}) < len(tensors)  # shared tensors are written once
    names = {"name": model.schema["name"], "model": model.schema["model"], "task": model.schema["task"]}
    build = BUILD_BAG if "networks" in _config(model.run) else BUILD
    return README.format(**names, build=build, strict=", strict=False" if is_tied else "")


def _executed(path: Path) -> ModuleType:
    """The file as a module of its own."""
    name = f"exported_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[name]
    return module


def _tuples_in(values: dict[str, Any]) -> dict[str, Any]:
    return {name: tuples(value) for name, value in values.items()}
