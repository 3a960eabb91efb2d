"""`deepglass transcribe` and `run.transcribe`: files, folders, bytes, samples, rows of the test, and hostile sounds."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import deepglass as dg
from deepglass.cli.main import app
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from tests.tasks.small import sound_classification, speech_recognition
from tests.tasks.small.sound_classification import RATE, tone, write


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder, console.mode = tmp_path_factory.mktemp("heard"), "quiet"
    options = {**speech_recognition.OPTIONS, "epochs": 1, "device": "cpu"}
    return dg.train(speech_recognition.data(folder), task="speech-recognition", run=folder / "run", **options), folder


def asked(*words):
    return CliRunner().invoke(app, ["transcribe", *map(str, words)])


def test_files_folders_and_rows_of_the_test_are_written_down(trained):
    run, folder = trained
    done = asked(run.path, folder / "said" / "03.wav", "row:1", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)["sounds"]
    assert found[0]["sound"].endswith("03.wav")
    assert len(found) == 2
    for one in found:
        assert set(one) == {"sound", "text", "confidence", "seconds"}
        assert 0 <= one["confidence"] <= 1
    assert len(run.transcribe(str(folder / "said"))) == speech_recognition.COUNT


def test_bytes_and_samples_are_heard_as_the_file_is(trained):
    run, folder = trained
    path = folder / "said" / "04.wav"
    [of_file] = run.transcribe(str(path))
    [of_bytes] = run.transcribe(path.read_bytes())
    samples = np.frombuffer(path.read_bytes()[44:], "<i2").astype(np.float32) / 32768
    [of_samples] = run.transcribe(samples)
    for other in (of_bytes, of_samples):
        assert other["text"] == of_file["text"]
        assert other["confidence"] == pytest.approx(of_file["confidence"], rel=1e-4)


def test_texts_are_written_and_never_over_others(trained, tmp_path):
    run, folder = trained
    done = asked(run.path, folder / "said" / "05.wav", "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "out" / "05.txt").exists()
    again = asked(run.path, folder / "said" / "05.wav", "--output", tmp_path / "out")
    assert isinstance(again.exception, OptionError)
    assert "--force" in str(again.exception)


def test_hostile_sounds_are_refused_by_name(trained, tmp_path):
    run, _ = trained
    write(tmp_path / "silent.wav", np.zeros(RATE))
    write(tmp_path / "long.wav", np.zeros(40 * RATE))
    (tmp_path / "broken.wav").write_bytes(b"RIFF of nothing")
    (tmp_path / "empty.wav").write_bytes(b"")
    words = {"silent": "no sound in it", "long": "expected at most 30", "broken": "expected WAV", "empty": "is empty"}
    for name, said in words.items():
        with pytest.raises(DataError, match=said) as error:
            run.transcribe(str(tmp_path / f"{name}.wav"))
        assert f"{name}.wav" in str(error.value)
    with pytest.raises(DataError, match=r"no such file|absent"):
        run.transcribe(str(tmp_path / "absent.wav"))
    with pytest.raises(OptionError, match="expected row:1 to row:"):
        run.transcribe("row:999")


def test_clipped_short_and_fast_sounds_are_heard(trained, tmp_path):
    run, _ = trained
    rng = np.random.default_rng(0)
    write(tmp_path / "clipped.wav", 9 * tone(rng, True))
    write(tmp_path / "short.wav", tone(rng, True, 0.02))
    assert len(run.transcribe([str(tmp_path / "clipped.wav"), str(tmp_path / "short.wav")])) == 2


def test_a_run_that_hears_no_words_says_so(tmp_path):
    console.mode = "quiet"
    options = {**sound_classification.OPTIONS, "epochs": 1, "device": "cpu"}
    run = dg.train(sound_classification.data(tmp_path), run=tmp_path / "run", **options)
    with pytest.raises(OptionError, match="sound-classification: sounds are written down by runs of"):
        run.transcribe(str(tmp_path / "tones"))
