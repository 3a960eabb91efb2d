"""Sound files of all sorts become waveforms; broken, empty and endless ones become sentences."""

import builtins
import io
import wave
from pathlib import Path

import numpy as np
import pytest

from deepglass.core import sound_files
from deepglass.core.sound_files import decoded
from deepglass.deploy.runtime import sound_files as of_runtime

soundfile = pytest.importorskip("soundfile", reason="the extra `audio` is not installed")
TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(4_000) / 8_000)


def saved(samples, rate=8_000, **options):
    file = io.BytesIO()
    soundfile.write(file, samples, rate, **({"format": "WAV", "subtype": "PCM_16"} | options))
    return file.getvalue()


@pytest.fixture
def without_soundfile(monkeypatch):
    real = builtins.__import__

    def refusing(name, *rest, **more):
        if name == "soundfile":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refusing)


@pytest.mark.parametrize(
    ("form", "subtype", "near"),
    [("WAV", "PCM_16", 1e-4), ("WAV", "FLOAT", 1e-6), ("FLAC", "PCM_24", 1e-4), ("OGG", "VORBIS", 0.2)],
)
def test_every_form_is_read(form, subtype, near):
    sound = decoded(saved(TONE, format=form, subtype=subtype), 10)
    assert sound.sample_rate == 8_000
    np.testing.assert_allclose(sound.samples[500:3_500], TONE[500:3_500], atol=near)


def test_mp3_is_read_without_ffmpeg():
    sound = decoded(saved(TONE, format="MP3", subtype="MPEG_LAYER_III"), 10)
    assert sound.sample_rate == 8_000
    assert np.abs(sound.samples).max() == pytest.approx(0.5, abs=0.1)


def test_two_channels_become_their_mean():
    sound = decoded(saved(np.stack([TONE, -TONE], axis=1), subtype="FLOAT"), 10)
    assert np.abs(sound.samples).max() < 1e-6


def test_a_high_rate_is_read():
    assert decoded(saved(np.tile(TONE, 3), 96_000), 10).seconds == pytest.approx(0.125)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32"])
def test_plain_wav_needs_no_soundfile(subtype, without_soundfile):
    content = saved(np.stack([TONE, TONE], axis=1), subtype=subtype)
    np.testing.assert_allclose(decoded(content, 10).samples, TONE, atol=0.01 if subtype == "PCM_U8" else 1e-4)


def test_other_forms_say_which_package_reads_them(without_soundfile):
    with pytest.raises(ValueError, match=r"pip install 'deepglass\[audio\]'"):
        decoded(saved(TONE, format="FLAC"), 10)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"no sound at all" * 9, "expected WAV, FLAC, OGG or MP3"),
        (saved(TONE)[:30], "expected WAV|holds no samples"),
        (saved(TONE[:0]), "holds no samples"),
        (saved(np.array([0.1, np.nan, 0.2]), subtype="FLOAT"), "not numbers"),
    ],
    ids=["empty", "garbage", "cut in its header", "no samples", "not a number"],
)
def test_what_is_no_sound_is_said(content, words):
    with pytest.raises(ValueError, match=words):
        decoded(content, 10)


def test_an_hour_is_refused_by_its_header(monkeypatch):
    file = io.BytesIO()
    with wave.open(file, "wb") as long:
        long.setnchannels(1)
        long.setsampwidth(1)
        long.setframerate(1_000)
        long.writeframes(b"\x80" * 3_600_000)
    monkeypatch.setattr(soundfile.SoundFile, "read", lambda *_, **__: pytest.fail("unpacked"))
    with pytest.raises(ValueError, match=r"3,600\.0 seconds long, expected at most 30"):
        decoded(file.getvalue(), 30)


def test_clipped_and_silent_sounds_are_known():
    assert decoded(saved((4 * TONE).clip(-1, 1)), 10).clipped > 0.3
    assert decoded(saved(TONE), 10).clipped == 0
    assert decoded(saved(TONE * 0), 10).is_silent
    assert not decoded(saved(TONE), 10).is_silent


def test_the_runtime_holds_the_same_file():
    assert Path(str(of_runtime.__file__)).read_text() == Path(str(sound_files.__file__)).read_text()
