"""A run that is looked at: its network, and the examples that its training kept aside."""

import pytest

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.run_folder import RunFolder
from deepglass.see.opened import Opened, digest_of


@pytest.fixture(scope="module")
def glass_run(tmp_path_factory):
    console.mode = "silent"
    folder = tmp_path_factory.mktemp("glass") / "run"
    return dg.train("iris", run=folder, engine="glass", model="mlp", epochs=1, hidden_dim=4)


@pytest.mark.slow("trains on the glass engine")
def test_a_run_of_the_glass_engine_shows_its_layers_and_its_valley(glass_run):
    """Few rows are shared by a bag on PyTorch alone: the examples read again are those of its own engine."""
    seen = glass_run.see("layers", "walk")
    assert seen["layers"].fits, seen["layers"].say
    assert seen["walk"].fits, seen["walk"].say
    opened = Opened(glass_run.folder, lambda: glass_run)
    assert not opened.is_bag
    assert opened.looks_at in ("", "the network, without the simple models that the run blends it with")
    loss = glass_run.task.loss(opened.network, opened.batch(10_000)).item()
    assert loss == pytest.approx(glass_run.history[0]["val_loss"], rel=1e-4)


def test_other_weights_have_another_digest(tmp_path):
    folder = RunFolder(tmp_path / "run").create()
    assert digest_of(folder) == ""
    folder.write_bytes("weights.safetensors", b"one")
    one = digest_of(folder)
    folder.write_bytes("weights.safetensors", b"two")
    assert len({one, digest_of(folder)}) == 2
    (folder / "checksums.sha256").unlink()  # as a run of 0.1.0
    assert digest_of(folder) not in ("", one)
