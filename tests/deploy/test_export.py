"""`run.export` and `deepglass export`: what is refused, what is written, what the written file says of itself."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from typer.testing import CliRunner

import deepglass as dg
from deepglass.cli.main import app
from deepglass.core.errors import ExportError, MissingPackageError, OptionError, RunError
from deepglass.deploy import measure
from deepglass.deploy.export import _isolated, onnx
from deepglass.deploy.exporting import export, formats, whole
from deepglass.deploy.portable import portable
from tests.deploy.runs import RUNS, one_by_one


@pytest.fixture
def run(run_of):
    return run_of("reviews-bag")


def test_the_folder_is_the_list_of_formats():
    endings = {"onnx": ".onnx", "torch": ".pt2", "tflite": ".tflite", "executorch": ".pte"}
    assert formats() == {"bundle": "", "safetensors": "", "savedmodel": "", **endings}


def test_the_format_is_told_from_the_ending(run, tmp_path):
    assert run.export(tmp_path / "model.onnx").stat().st_size > 1000
    assert run.export(to="onnx") == run.path / "export" / "model.onnx"


REFUSED = {
    "unknown format": ({"to": "pickle"}, OptionError, "unknown format 'pickle'"),
    "no format": ({"path": "model.bin"}, OptionError, r"which format is 'model.bin'\? Name one of bundle"),
    "nothing said": ({}, OptionError, "which format is"),
    "two formats": ({"path": "m.tflite", "to": "onnx"}, OptionError, "--to onnx, and m.tflite ends as tflite does"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_told_is_refused(case, run):
    arguments, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        run.export(**arguments)


@pytest.mark.slow("exports four times")
def test_nothing_is_overwritten_unless_asked(run, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_text("mine")
    with pytest.raises(RunError, match=r"exists: choose another --output, or replace it with --force"):
        run.export(path)
    assert path.read_text() == "mine"
    assert run.export(path, force=True).stat().st_size > 1000
    folder = tmp_path / "bundle"
    run.export(folder, to="bundle")
    (folder / "old").touch()
    run.export(folder, to="bundle", force=True)
    assert not (folder / "old").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_without_permission_is_refused(run, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(RunError, match="no permission to write"):
        run.export(tmp_path / "model.onnx")


def test_a_path_below_a_file_is_refused(run, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="is a file: choose another --output"):
        run.export(tmp_path / "file" / "model.onnx")


def test_a_run_without_weights_is_refused(run, tmp_path):
    import shutil

    shutil.copytree(
        run.path, tmp_path / "stopped", ignore=shutil.ignore_patterns("*.safetensors", "export", "metrics.json")
    )
    with pytest.raises(RunError, match="has no weights yet"):
        dg.load(tmp_path / "stopped").export(tmp_path / "model.onnx")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["stopped"]


@pytest.mark.slow("exports in four formats")
def test_a_failed_export_leaves_nothing(run, tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "TOLERANCE", -1.0)
    for to in ("onnx", "bundle", "safetensors", "torch"):
        with pytest.raises(ExportError, match="answers differently from PyTorch"):
            run.export(tmp_path / "a" / "b" / f"model{formats()[to]}", to=to)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_others_stays_after_a_failed_export(run, tmp_path, monkeypatch):
    monkeypatch.setattr(measure, "TOLERANCE", -1.0)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ExportError):
        run.export(tmp_path / "empty" / "model.onnx")
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_folder_is_replaced_at_once_and_the_old_one_goes(tmp_path):
    for content in ("old", "new"):
        with whole(tmp_path / "bundle") as draft:
            draft.mkdir()
            (draft / content).touch()
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]
    assert [path.name for path in (tmp_path / "bundle").iterdir()] == ["new"]


def test_without_uv_the_isolated_formats_say_what_to_install(run, tmp_path, monkeypatch):
    monkeypatch.setattr(_isolated.shutil, "which", lambda *_, **__: None)
    with pytest.raises(MissingPackageError, match="pip install uv"):
        run.export(tmp_path / "model.tflite")
    assert list(tmp_path.iterdir()) == []


def test_a_converter_that_fails_is_reported_with_its_last_words(run, tmp_path, monkeypatch):
    """uv replaced by a program that fails as uv does, first without network, then in the script."""
    uv = tmp_path / "uv"
    monkeypatch.setattr(_isolated, "_uv", lambda: str(uv))
    for words, error, message in (
        ("error: Failed to fetch the index\n  dns error", MissingPackageError, "cannot be fetched"),
        ("Traceback\nNotImplementedError: no such operator", ExportError, "no such operator"),
    ):
        uv.write_text(f"#!/bin/sh\nprintf '%s' '{words}' >&2\nexit 1\n")
        uv.chmod(0o755)
        with pytest.raises(error, match=message):
            run.export(tmp_path / "model.pte")
    assert [path.name for path in tmp_path.iterdir()] == ["uv"]


def test_the_onnx_file_holds_its_description(run_of, tmp_path):
    import onnx

    proto = onnx.load(run_of("shop-tabm").export(tmp_path / "model.onnx"))
    onnx.checker.check_model(proto, full_check=True)
    found = {entry.key: json.loads(entry.value) for entry in proto.metadata_props}
    assert found["deepglass.labels"] == ["no", "yes"]
    schema = found["deepglass.schema"]
    assert (schema["task"], schema["model"], schema["deepglass"]) == ("tabular-classification", "tabm", dg.__version__)
    assert len(schema["config_sha256"]) == 64
    assert next(entry.version for entry in proto.opset_import if entry.domain == "") >= 20


OPEN = {
    "shop-tabm": {"price": ("batch", 1), "colour": ("batch", 1)},
    "pictures-cnn": {"images": ("batch", "height", "width", 3)},
    "reviews-lstm": {"tokens": ("batch", "length")},
    "weather-gru": {"past": ("batch", 28, 3)},
    "story-lstm": {"tokens": ("batch", "length")},
}


@pytest.mark.parametrize("name", one_by_one(OPEN))
def test_batch_and_length_stay_open(name, bundle_of):
    import onnx

    proto = onnx.load(bundle_of(name) / "model.onnx")
    shapes = {
        tensor.name: tuple(dim.dim_param or dim.dim_value for dim in tensor.type.tensor_type.shape.dim)
        for tensor in proto.graph.input
    }
    assert OPEN[name].items() <= shapes.items()


def test_a_language_model_reads_a_single_token_too(bundle_of):
    """The exporter is shown two tokens at least; writing begins with one."""
    from deepglass.deploy.runtime.bundle import Bundle

    for name in ("story-gpt", "story-lstm"):
        bundle = Bundle.open(bundle_of(name))
        logits = bundle.run({"tokens": np.array([[3]])})["logits"]
        assert logits.shape == (1, 1, bundle.tensors["outputs"][0]["shape"][2])


def test_dates_are_taken_apart_inside_the_graph():
    import pandas as pd
    import torch

    from deepglass.data.preprocess.number import PARTS, part_of
    from deepglass.deploy.graphs.inputs._calendar import date_part

    times = pd.Series(pd.date_range("1895-12-28 00:00", "2105-03-02", freq="17h13min"), name="t")
    days = torch.from_numpy(part_of(times, "t", "days"))
    for part in PARTS:
        np.testing.assert_array_equal(date_part(days, part).numpy(), part_of(times, "t", part), err_msg=part)


def test_pictures_are_scaled_as_pillow_does_to_one_step_of_brightness():
    import torch

    from deepglass.data.preprocess.image import fit_to
    from deepglass.deploy.graphs.inputs.image import cover

    generator = np.random.default_rng(0)
    for height, width in ((100, 37), (24, 24), (13, 55), (301, 200)):
        picture = generator.integers(0, 256, (height, width, 3), dtype=np.uint8)
        ours = cover(torch.from_numpy(picture).permute(2, 0, 1)[None].float(), 24, 32)[0].permute(1, 2, 0).numpy()
        assert np.abs(ours - fit_to(picture, 24, 32).astype(np.float32)).max() <= 1
    fitting = torch.randint(256, (1, 3, 24, 32)).float()
    assert torch.equal(cover(fitting, 24, 32), fitting)


def test_an_unknown_task_is_refused(run, monkeypatch):
    monkeypatch.setattr(type(run.task), "name", "telling-fortunes")
    monkeypatch.setattr(type(run.task), "EXPORTS", None)
    with pytest.raises(OptionError, match="runs of telling-fortunes cannot be exported: expected one of"):
        portable(run)


# -- the command ----------------------------------------------------------------------------------------------------


def test_the_command_ends_in_a_measured_table(run, tmp_path):
    done = CliRunner().invoke(app, ["export", str(run.path), "--to", "onnx", "-o", str(tmp_path / "m.onnx")])
    assert done.exit_code == 0, done.output
    for words in ("largest difference", "PyTorch", "ONNX Runtime", "wrote"):
        assert words in done.output
    done = CliRunner().invoke(app, ["export", str(run.path), "-o", str(tmp_path / "m2.onnx"), "--json"])
    assert json.loads(done.output)["difference"] < 1e-5


def test_the_commands_help_loads_no_large_library():
    code = (
        "import sys; sys.argv = ['deepglass', 'export', '--help']\nfrom deepglass.cli.main import app\n"
        "try: app()\nexcept SystemExit: pass\nprint([m for m in ('torch', 'onnx', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")
    assert "savedmodel" in done.stdout


# -- formats with environments of their own -------------------------------------------------------------------------

ISOLATED = pytest.mark.skipif(
    not os.environ.get("DEEPGLASS_ISOLATED"), reason="downloads several hundred megabytes: set DEEPGLASS_ISOLATED=1"
)


@ISOLATED
@pytest.mark.slow("other environments are installed")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("to", ["tflite", "executorch", "savedmodel"])
@pytest.mark.parametrize("name", RUNS)
def test_isolated_formats_agree(name, to, run_of, tmp_path):
    path, measured = export(run_of(name), tmp_path / f"model{formats()[to]}", to=to)
    assert path.exists()
    assert measured.difference < 1e-3


@pytest.mark.parametrize(("version", "advice"), [((2, 11), "PyTorch 2.13 leaves it open"), ((2, 13), "expected any$")])
def test_a_length_that_an_older_pytorch_freezes_says_what_to_do(monkeypatch, version, advice):
    helper = pytest.importorskip("onnx").helper
    frozen = helper.make_tensor_value_info("tokens", 7, ["batch", 5])
    proto = helper.make_model(helper.make_graph([], "network", [frozen], []))
    graph = SimpleNamespace(inputs=[SimpleNamespace(name="tokens", shape=("batch", "length"))])
    monkeypatch.setattr(onnx, "torch_version", lambda: version)
    with pytest.raises(ExportError, match=f"froze the length of 'tokens' at 5: .*{advice}"):
        onnx._require_open(proto, graph)
