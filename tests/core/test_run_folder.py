import os

import numpy as np
import pytest

from deepglass.core.errors import RunError
from deepglass.core.run_folder import RunFolder, next_run_path


def test_outputs_round_trip_without_pickle(tmp_path):
    folder = RunFolder(tmp_path)
    folder.write_outputs(ids=np.arange(3), predictions=np.eye(3, dtype=np.float32))
    arrays = folder.read_outputs()
    assert arrays["ids"].tolist() == [0, 1, 2]
    assert arrays["predictions"].dtype == np.float32
    folder.remove("outputs.npz")
    np.savez(tmp_path / "outputs.npz", a=np.array([object()]), allow_pickle=True)
    with pytest.raises(RunError, match=r"outputs\.npz is damaged .*allow_pickle"):
        folder.read_outputs()


def test_a_folder_that_is_no_run_names_the_runs_beside_it(tmp_path):
    (tmp_path / "iris").mkdir()
    (tmp_path / "iris" / "config.json").write_text("{}")
    with pytest.raises(RunError, match=r"iri is not a run.*Runs in .*: iris"):
        RunFolder(tmp_path / "iri").must_exist()


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match="is a file: choose a folder with --run"):
        RunFolder(tmp_path / "file").create()
    with pytest.raises(RunError, match="cannot create"):
        RunFolder(tmp_path / "file" / "run").create()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_permission_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match=r"no permission|cannot create"):
        RunFolder(tmp_path / "run").create()


def test_run_names_count_up(tmp_path):
    assert next_run_path(tmp_path, "iris").name == "iris"
    (tmp_path / "iris").mkdir()
    (tmp_path / "iris-2").mkdir()
    assert next_run_path(tmp_path, "iris").name == "iris-3"
