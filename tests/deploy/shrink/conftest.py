"""A run that all tests share is exported once, and shrunk as often as they like."""

import shutil

import pytest

from deepglass.deploy.shrinking import shrink_input


@pytest.fixture(autouse=True)
def exported_once(monkeypatch, run_of, bundle_of):
    """PyTorch's exporter takes most of a shrinking; that it writes the same twice is asked elsewhere."""
    usual = shrink_input.write_bundle

    def write_bundle(model, path):
        name = model.run.path.name
        if model.run.path != run_of.folders.get(name):
            return usual(model, path)
        return shutil.copytree(bundle_of(name), path)

    monkeypatch.setattr(shrink_input, "write_bundle", write_bundle)
