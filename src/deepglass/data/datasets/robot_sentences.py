"""Robot sentences: two to five of eight commands in a row, by ten voices of a robot, 300 sounds, generated.

Seven voices train, one chooses, two test. Nobody says where in a sound a word begins.

References:
    Klatt (1980), Software for a cascade/parallel formant synthesizer, https://doi.org/10.1121/1.383940
"""

import numpy as np
import pandas as pd

from deepglass.core.sound_files import Waveform
from deepglass.data.containers import Layout
from deepglass.data.formants import SAMPLE_RATE, WORDS, Voice, sentence
from deepglass.data.sound_table import FILE, SoundTable

LICENCE = "generated"
VOICES = {"train": 7, "val": 1, "test": 2}
TIMES = 30  # sentences of each voice
FEWEST_WORDS, MOST_WORDS = 2, 5


def load() -> Layout:
    """The sounds and what is said in them; always the same."""
    rng = np.random.default_rng(0)
    rows, waves, splits = [], {}, {}
    speaker = 0
    for split, voices in VOICES.items():
        begin = len(rows)
        for _ in range(voices):
            voice, speaker = Voice.drawn(rng), speaker + 1
            for _ in range(TIMES):
                said = rng.choice([*WORDS], rng.integers(FEWEST_WORDS, MOST_WORDS + 1)).tolist()
                name = f"sentence-{speaker}-{len(rows)}"
                waves[name] = Waveform(sentence(said, voice, rng), SAMPLE_RATE)
                rows.append({FILE: name, "transcript": " ".join(said), "speaker": f"robot {speaker}"})
        splits[split] = np.arange(begin, len(rows))
    name, facts = "robot-sentences", {"sounds": len(rows)}
    content = SoundTable(pd.DataFrame(rows), name, splits, target="transcript", licence=LICENCE, waves=waves)
    what = "sounds with what is said in them"
    return Layout("speech", name, what, facts, splits=splits, licence=LICENCE, content=content)
