"""bundle: a folder that predicts and serves with ONNX Runtime and NumPy, without PyTorch and without Deepglass.

model.onnx            the graph, with preprocessing
schema.json           what goes in and comes out, and what the training data looked like
labels.json           names of the classes
tokens.json           how texts become numbers
MODEL_CARD.md         what the model is for, and what it was not tested on
deepglass_runtime/    the small runtime, readable Python
requirements.txt      what it needs, in the versions of this export
Containerfile         for an image that serves
README.md             how to use all this
SHA256SUMS            checksums, verified when the bundle is opened
"""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from deepglass.core import environment, files
from deepglass.deploy import runtime
from deepglass.deploy.export import onnx
from deepglass.deploy.export._measure import Measured, size_of
from deepglass.deploy.portable import Portable
from deepglass.deploy.runtime import checksums
from deepglass.deploy.runtime.bundle import Bundle

SUFFIX = ""
RUNTIME = "deepglass_runtime"

README = """# {name}

{task} with {model}, exported by Deepglass {deepglass}. Needs Python 3.11 or later and a few small packages, no PyTorch:

    pip install -r requirements.txt
    python -m {runtime} . {example}           # answers as JSON; --csv for CSV
    python -m {runtime}.serving . --port 8000   # POST /predict, GET /health

In Python, from this folder:

```python
from {runtime}.bundle import Bundle

bundle = Bundle.open(".")
bundle.predict([{record}])
```

`model.onnx` alone runs in anything that reads ONNX; `schema.json` describes its inputs. `sha256sum -c SHA256SUMS`
checks that nothing was changed. In a container: `podman build -t {name} . && podman run -p 8000:8000 {name}`.
"""
CONTAINERFILE = """# An image that serves this bundle on port 8000.
FROM python:3.13-slim
WORKDIR /bundle
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
USER 65534
EXPOSE 8000
CMD ["python", "-m", "{runtime}.serving", "/bundle", "--host", "0.0.0.0", "--port", "8000"]
"""
EXAMPLES = {  # of each kind of first input: an argument on the command line, a record in Python
    "image": ("picture.png", 'open("picture.png", "rb").read()'),
    "text": ("'a text'", '"a text"'),
    "series": ("past.csv", '{{"{name}": [1.0, 2.0, ...]}}'),
}
ROWS = ("rows.csv", '{{"{name}": ..., ...}}')


def write(model: Portable, path: Path) -> Measured:
    """Write the folder and compare its graph with PyTorch.

    Raises:
        MissingPackageError: If onnx, onnxscript or onnxruntime is not installed.
        ExportError: If the network cannot be exported, or does not answer as before.
    """
    path.mkdir()
    measured = onnx.write(model, path / "model.onnx")
    for name, part in (("schema", model.schema), ("labels", model.labels), ("tokens", model.tokens)):
        if part is not None:
            files.write_json(path / f"{name}.json", part)
    if (card := model.run.folder / "MODEL_CARD.md").is_file():
        shutil.copyfile(card, path / "MODEL_CARD.md")
    own = Path(str(runtime.__file__)).parent
    shutil.copytree(own, path / RUNTIME, ignore=shutil.ignore_patterns("__pycache__"))
    files.write_text(path / "requirements.txt", "".join(f"{line}\n" for line in requirements(model)))
    files.write_text(path / "Containerfile", CONTAINERFILE.format(runtime=RUNTIME))
    files.write_text(path / "README.md", readme(model.schema))
    checksums.write(path)
    Bundle.open(path)  # as whoever receives it will
    return replace(measured, bytes=size_of(path))


def requirements(model: Portable) -> list[str]:
    """The packages that this bundle needs, in the versions that it was exported with."""
    needed = ["onnxruntime", "numpy"]
    needed += ["pillow"] if model.schema["inputs"][0]["kind"] == "image" else []
    needed += ["tokenizers"] if "definition" in (model.tokens or {}) else []
    return [f"{package}=={version}" for package, version in environment.versions(tuple(needed)).items()]


def readme(schema: dict[str, Any]) -> str:
    """How to use the folder, with the kind of input that it takes."""
    first = schema["inputs"][0]
    example, record = EXAMPLES.get(first["kind"], ROWS)
    about = {name: schema[name] for name in ("name", "task", "model", "deepglass")}
    return README.format(**about, runtime=RUNTIME, example=example, record=record.format(name=first["name"]))
