"""Mel frames are those of the published feature extractors; resampling keeps what a rate can hold and nothing else."""

from pathlib import Path

import numpy as np
import pytest
from transformers import audio_utils

from deepglass.core import mel
from deepglass.deploy.runtime import mel as of_runtime


@pytest.mark.parametrize(("rate", "n_fft", "bands"), [(8_000, 256, 40), (16_000, 512, 80)])
def test_frames_are_those_of_transformers(rate, n_fft, bands):
    sound = np.random.default_rng(0).normal(0, 0.1, rate).astype(np.float32)
    width, hop = round(mel.WINDOW_SECONDS * rate), round(mel.HOP_SECONDS * rate)
    filters = audio_utils.mel_filter_bank(n_fft // 2 + 1, bands, mel.LOWEST_HZ, rate / 2, rate, None, "htk")
    judged = audio_utils.spectrogram(
        sound, audio_utils.window_function(width, "hann"), width, hop, n_fft, power=2, pad_mode="constant",
        mel_filters=filters, mel_floor=mel.FLOOR, log_mel="log",
    )  # fmt: skip
    np.testing.assert_allclose(mel.log_mel(sound, rate, bands), judged.T, atol=2e-6)


@pytest.mark.parametrize(("rate", "wanted"), [(44_100, 16_000), (8_000, 16_000), (96_000, 8_000)])
def test_a_tone_is_the_same_tone_at_another_rate(rate, wanted):
    then, now = np.arange(rate // 4) / rate, np.arange(wanted // 4) / wanted
    made = mel.resampled(np.sin(2 * np.pi * 440 * then), rate, wanted)
    assert len(made) == wanted // 4
    np.testing.assert_allclose(made[200:-200], np.sin(2 * np.pi * 440 * now)[200:-200], atol=1e-4)


def test_what_a_rate_cannot_hold_is_filtered_out_and_does_not_fold_back():
    then = np.arange(16_000) / 16_000
    made = mel.resampled(np.sin(2 * np.pi * 6_000 * then), 16_000, 8_000)
    assert np.abs(made[200:-200]).max() < 1e-3
    assert np.abs(mel.resampled(np.sin(2 * np.pi * 1_000 * then), 16_000, 8_000)).max() > 0.99


@pytest.mark.parametrize("samples", [0, 1, 199, 200])
def test_a_sound_shorter_than_a_window_is_a_frame_or_more(samples):
    assert np.isfinite(mel.log_mel(np.zeros(samples, np.float32), 8_000)).all()
    assert len(mel.log_mel(np.zeros(samples, np.float32), 8_000)) >= 1


def test_the_runtime_holds_the_same_file():
    assert Path(str(of_runtime.__file__)).read_text() == Path(str(mel.__file__)).read_text()
