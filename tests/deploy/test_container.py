"""What a bundle brings for a container: a base image by digest, packages by checksum, a health check, no strays."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from deepglass.deploy.export import _hashes, bundle
from deepglass.deploy.runtime import checksums

ROOT = Path(__file__).resolve().parents[2]
LINE = re.compile(r"([a-z-]+)==([\w.]+)(?: --hash=sha256:[0-9a-f]{64}){1,2}")


def test_the_checksums_are_those_of_the_tested_versions():
    tested = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().split() if "==" in line)
    found = [LINE.fullmatch(line) for line in _hashes.FILE.read_text().splitlines()]
    assert {match[1]: match[2] for match in found} == {name: tested[name] for name in _hashes.PACKAGES}, (
        "make them anew: python -m deepglass.deploy.export._hashes constraints.txt"
    )


def test_requirements_are_locked_whole_or_not_at_all():
    known = [line.split()[0] for line in _hashes.FILE.read_text().splitlines()]
    onnxruntime = next(name for name in known if name.startswith("onnxruntime=="))
    numpy = next(name for name in known if name.startswith("numpy=="))
    lock = _hashes.locked([onnxruntime, numpy])
    assert [line.partition("==")[0] for line in lock] == [
        "onnxruntime",
        "numpy",
        "flatbuffers",
        "packaging",
        "protobuf",
    ]
    assert all(LINE.fullmatch(line) for line in lock)
    assert _hashes.locked([onnxruntime, "numpy==1.0"]) is None


@pytest.mark.parametrize("is_locked", [True, False])
def test_the_containerfile_pins_checks_and_serves(is_locked):
    text = bundle.containerfile(is_locked)
    assert re.search(r"^ARG BASE=\S+@sha256:[0-9a-f]{64}$", text, re.MULTILINE)
    assert "FROM ${BASE}" in text
    assert ("--require-hashes -r requirements.lock" in text) == is_locked
    assert "USER 65534" in text
    assert '"--host", "0.0.0.0"' in text
    assert "--open" not in text  # without a token the server says what is missing, and ends
    assert "EXPOSE 8000" in text
    assert "{" not in text.replace("${BASE}", "").replace("{{index .RepoDigests 0}}", "")
    probe = re.search(r'HEALTHCHECK .* CMD \["python", "-c", "(.*)"\]', text)[1]
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
    assert done.returncode != 0  # nobody listens on port 8000, or it is not a bundle


def test_only_the_bundle_goes_into_the_image(bundle_of):
    folder = bundle_of("shop-tabm")
    ignored = (folder / ".dockerignore").read_text().splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    assert "*" in ignored
    assert kept == {path.name for path in folder.iterdir()}
    noted = {line.split("  ")[1].split("/")[0] for line in (folder / checksums.NAME).read_text().splitlines()}
    assert noted == kept - {checksums.NAME}
    assert (folder / "requirements.lock").is_file() == (
        "checksum of every package" in (folder / "README.md").read_text()
    )


def test_names_of_users_stay_text_in_the_readme():
    schema = {
        "name": "<img src=x>",
        "task": "t",
        "model": "m",
        "deepglass": "1",
        "inputs": [{"kind": "number", "name": '"""\n```'}],
    }
    text = bundle.readme(schema, is_locked=True)
    assert "# &lt;img src=x&gt;" in text
    assert text.count("\n```") == 2
