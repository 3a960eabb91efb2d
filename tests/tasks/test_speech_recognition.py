"""Speech recognition: what cannot be aligned is named, tokens are guessed, unheard words are errors."""

import numpy as np
import pandas as pd
import pytest
import torch

import deepglass as dg
from deepglass.core.console import console
from deepglass.core.errors import DataError, OptionError
from deepglass.core.sound_files import Waveform
from deepglass.data.config import DataConfig
from deepglass.data.containers import Layout
from deepglass.data.fields import transcript
from deepglass.data.sound_table import FILE, SoundTable
from deepglass.models.speech_gru import SpeechGRU
from deepglass.tasks.speech_recognition import _nats
from tests.tasks.small.sound_classification import RATE, tone

OPTIONS = {"width": 16, "hidden_size": 12, "num_bands": 16, "epochs": 1, "device": "cpu", "augment": "none"}


def sounds(said, seconds=0.4):
    rng = np.random.default_rng(0)
    waves = {f"take {i}": Waveform(tone(rng, True, seconds).astype(np.float32), RATE) for i, _ in enumerate(said)}
    frame = pd.DataFrame({FILE: [*waves], "transcript": said})
    table = SoundTable(frame, "takes", target="transcript", waves=waves)
    return Layout("speech", "takes", "sounds with what is said in them", {"sounds": len(said)}, content=table)


def test_a_transcript_too_long_for_its_sound_is_refused_by_name(tmp_path):
    console.mode = "quiet"
    said = ["up down"] * 30
    said[7] = "up up up up up up up"
    with pytest.raises(DataError, match=r"1 sound too short for what is said in them: take 7 \(0\.41 s"):
        dg.train(sounds(said), task="speech-recognition", tokens="words", run=tmp_path / "run", **OPTIONS)
    assert not (tmp_path / "run" / "weights.safetensors").exists()


def test_few_words_often_are_learnt_whole_and_many_are_spelled():
    assert transcript.usual_tokens(["up down up", "down up", "up down down up down"]) == "words"
    assert transcript.usual_tokens([f"word number {i} of all" for i in range(50)]) == "characters"


def test_transcripts_are_told_without_case_and_punctuation():
    assert transcript.normalised("Don't  STOP, 2 go!") == "don't stop 2 go"


def test_a_word_that_training_has_not_heard_counts_as_an_error_and_is_left_out_of_the_loss():
    field = transcript.Field(DataConfig())
    data = sounds(["up down", "up", "left up"]).content
    field.take(data)
    field.asked = "words"
    field.fit(data, np.array([0, 1]))
    assert field.vocabulary == ["down", "up"]
    assert field.spelled(field.encode(data)[2]) == f"{transcript.STRANGE} up"
    torch.manual_seed(0)
    logits, lengths = torch.randn(1, 8, field.size), torch.tensor([32])
    frames = torch.zeros(1, 32, 4)
    with_strange, without = (
        _nats(logits, frames, lengths, torch.tensor([row]), field.size) for row in ([3, 2], [2, 0])
    )
    assert torch.allclose(with_strange, without)


def test_the_loss_is_that_of_torch():
    torch.manual_seed(0)
    logits = torch.randn(2, 8, 5)
    nats = _nats(logits, torch.zeros(2, 32, 4), torch.tensor([32, 17]), torch.tensor([[1, 2, 2], [3, 0, 0]]), 5)
    for row, (steps, text) in enumerate([(8, [1, 2, 2]), (5, [3])]):
        expected = torch.nn.functional.ctc_loss(
            logits[row : row + 1].log_softmax(2).transpose(0, 1), torch.tensor([text]), torch.tensor([steps]),
            torch.tensor([len(text)]), reduction="sum",
        ) / len(text)  # fmt: skip
        assert float(nats[row]) == pytest.approx(float(expected), rel=1e-5)


def test_a_sound_says_the_same_whatever_it_is_batched_with():
    torch.manual_seed(0)
    net = SpeechGRU(num_bands=8, vocab_size=5).eval()
    short = torch.randn(1, 24, 8)
    among = torch.zeros(2, 64, 8)
    among[0, :24], among[1] = short, torch.randn(64, 8)
    short[0, 21:] = 0
    among[0, 21:] = 0
    with torch.no_grad():
        alone, beside = net(short, torch.tensor([21])), net(among, torch.tensor([21, 64]))
    torch.testing.assert_close(alone[0, :6], beside[0, :6], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "value"), [("tokens", "syllables"), ("beam", 0), ("sample_rate", 5), ("augment", "x")]
)
def test_odd_options_are_refused(tmp_path, name, value):
    console.mode = "quiet"
    with pytest.raises(OptionError):
        dg.train(sounds(["up down"] * 20), task="speech-recognition", run=tmp_path / "r", **(OPTIONS | {name: value}))


def test_sounds_without_transcripts_are_refused(tmp_path):
    layout = sounds(["up"] * 10)
    layout.content.frame["transcript"] = ""
    with pytest.raises(DataError, match="no letters in any row"):
        dg.train(layout, task="speech-recognition", run=tmp_path / "run", **OPTIONS)
