"""bundle: a folder that predicts and serves with ONNX Runtime and NumPy, without PyTorch and without Deepglass.

model.onnx            the graph, with preprocessing
schema.json           what goes in and comes out, and what the training data looked like
labels.json           names of the classes
tokens.json           how texts become numbers
conformal.json        scores of examples that were not learnt from: answers with a coverage
MODEL_CARD.md         what the model is for, and what it was not tested on
deepglass_runtime/    the small runtime, readable Python
requirements.txt      what it needs, in the versions of this export
requirements.lock     the same with checksums, where they are known
Containerfile         for an image that serves; .dockerignore keeps out of it what is not the bundle's
README.md             how to use all this
SHA256SUMS            checksums, verified when the bundle is opened
"""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from deepglass.core import environment, files
from deepglass.core.wording import in_markdown
from deepglass.deploy import runtime
from deepglass.deploy.export import _hashes, onnx
from deepglass.deploy.measure import Measured, size_of
from deepglass.deploy.portable import Portable
from deepglass.deploy.runtime import checksums, fields
from deepglass.deploy.runtime.bundle import Bundle

SUFFIX = ""
RUNTIME = "deepglass_runtime"

README = """# {name}

{task} with {model}, exported by Deepglass {deepglass}. Needs Python 3.11 or later and a few small packages, no PyTorch:

    pip install -r requirements.txt
    python -m {runtime} . {example}           # answers as JSON; --csv for CSV{covered}
    python -m {runtime}.serving . --port 8000   # POST /predict, GET /health, GET /schema

In Python, from this folder:

```python
from {runtime}.bundle import Bundle

bundle = Bundle.open(".")
bundle.predict([{record}])
```

`model.onnx` alone runs in anything that reads ONNX; `schema.json` describes its inputs. `sha256sum -c SHA256SUMS`
checks that nothing was changed.

## In a container

    podman build --format docker -t NAME .
    export DEEPGLASS_TOKEN=$(openssl rand -hex 32)
    podman run --read-only -p 8000:8000 -e DEEPGLASS_TOKEN NAME

Beyond its own machine the server answers only who brings the token (`Authorization: Bearer TOKEN`); a file of tokens
comes with `--token-file`, and `--open` behind the image's name lets everybody in. `/health` needs none. The base image
is pinned by its digest; the head of the Containerfile says how to take a newer one.
{lock}
"""
COVERED = "\n    python -m {runtime} . {example} --coverage 0.9   # also what holds the truth so often"
LOCKED = "`requirements.lock` holds the checksum of every package, and pip refuses any other."
UNLOCKED = """The checksums of these versions of the packages are not known here: make them with
`pip-compile --generate-hashes -o requirements.lock requirements.txt`, and install that file instead."""
BASE = "docker.io/library/python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b"
CONTAINERFILE = """# An image that serves this bundle on port 8000, to whoever brings a token (README.md).
#
# The base image is named by its digest, so that it is the same one tomorrow. A newer one:
#   podman pull docker.io/library/python:3.13-slim
#   podman image inspect --format '{{{{index .RepoDigests 0}}}}' docker.io/library/python:3.13-slim
#   podman build --build-arg BASE=docker.io/library/python@sha256:...
ARG BASE={base}
FROM ${{BASE}}
ARG BASE
RUN case "${{BASE}}" in *@sha256:*) ;; *) echo "BASE=${{BASE}} has no digest: IMAGE@sha256:..." >&2; exit 1 ;; esac
WORKDIR /bundle
COPY {requirements} .
RUN pip install --no-cache-dir --no-compile {install} -r {requirements}
COPY . .
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 65534:65534
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-c", "{probe}"]
ENTRYPOINT ["python", "-m", "{runtime}.serving", "/bundle", "--host", "0.0.0.0", "--port", "8000"]
"""
PROBE = (
    "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=2); c.request('GET', '/health'); "
    "raise SystemExit(c.getresponse().status != 200)"
)
IGNORED = "# Only what belongs to the bundle goes into the image, whatever else lies beside it.\n*\n"
UNWANTED = "**/__pycache__\n"


def write(model: Portable, path: Path) -> Measured:
    """Write the folder and compare its graph with PyTorch.

    Raises:
        MissingPackageError: If onnx, onnxscript or onnxruntime is not installed.
        ExportError: If the network cannot be exported, or does not answer as before.
    """
    path.mkdir()
    measured = onnx.write(model, path / "model.onnx")
    for name, part in model.parts.items():
        files.write_json(path / f"{name}.json", part)
    if (card := model.run.folder / "MODEL_CARD.md").is_file():
        shutil.copyfile(card, path / "MODEL_CARD.md")
    own = Path(str(runtime.__file__)).parent
    shutil.copytree(own, path / RUNTIME, ignore=shutil.ignore_patterns("__pycache__"))
    needed = requirements(model)
    lock = _hashes.locked(needed)
    files.write_text(path / "requirements.txt", "".join(f"{line}\n" for line in needed))
    if lock is not None:
        files.write_text(path / "requirements.lock", "".join(f"{line}\n" for line in lock))
    files.write_text(path / "Containerfile", containerfile(is_locked=lock is not None))
    files.write_text(path / "README.md", readme(model.schema, lock is not None, model.conformal is not None))
    names = sorted([*(part.name for part in path.iterdir()), ".dockerignore", checksums.NAME])
    files.write_text(path / ".dockerignore", IGNORED + "".join(f"!{name}\n" for name in names) + UNWANTED)
    checksums.write(path)
    Bundle.open(path)  # as whoever receives it will
    return replace(measured, bytes=size_of(path))


def requirements(model: Portable) -> list[str]:
    """The packages that this bundle needs, in the versions that it was exported with."""
    needed = ("onnxruntime", "numpy", *fields.lead_of(model.schema).packages(model.tokens or {}))
    return [f"{package}=={version}" for package, version in environment.versions(needed).items()]


def containerfile(is_locked: bool) -> str:
    """How an image is made; pip checks every package where the checksums are known."""
    chosen, install = ("requirements.lock", "--no-deps --require-hashes") if is_locked else ("requirements.txt", "")
    return CONTAINERFILE.format(base=BASE, requirements=chosen, install=install, probe=PROBE, runtime=RUNTIME)


def readme(schema: dict[str, Any], is_locked: bool, can_cover: bool = False) -> str:
    """How to use the folder, with the kind of input that it takes."""
    first = fields.lead_of(schema)
    example, record = first.EXAMPLE
    about = {name: in_markdown(str(schema[name])) for name in ("name", "task", "model", "deepglass")}
    about["covered"] = COVERED.format(runtime=RUNTIME, example=example) if can_cover else ""
    record, lock = record.format(name=repr(first.name)), LOCKED if is_locked else UNLOCKED
    return README.format(**about, runtime=RUNTIME, example=example, record=record, lock=lock)
