"""Robot words: eight commands by ten voices of a robot, 400 sounds of about half a second, generated.

Seven voices train, one chooses, two test: what is learnt has to hold for a voice that was never heard.

References:
    Klatt (1980), Software for a cascade/parallel formant synthesizer, https://doi.org/10.1121/1.383940
"""

import numpy as np
import pandas as pd

from deepglass.core.sound_files import Waveform
from deepglass.data.containers import Layout
from deepglass.data.formants import SAMPLE_RATE, WORDS, Voice, word
from deepglass.data.sound_table import FILE, SoundTable

LICENCE = "generated"
VOICES = {"train": 7, "val": 1, "test": 2}
TIMES = 5  # that each voice says each word


def load() -> Layout:
    """The sounds and what they are; always the same."""
    rng = np.random.default_rng(0)
    rows, waves, splits = [], {}, {}
    speaker = 0
    for split, voices in VOICES.items():
        begin = len(rows)
        for _ in range(voices):
            voice, speaker = Voice.drawn(rng), speaker + 1
            for said in [name for name in WORDS for _ in range(TIMES)]:
                name = f"{said}-{speaker}-{len(rows)}"
                waves[name] = Waveform(word(said, voice, rng), SAMPLE_RATE)
                rows.append({FILE: name, "word": said, "speaker": f"robot {speaker}"})
        splits[split] = np.arange(begin, len(rows))
    counts = {name: TIMES * sum(VOICES.values()) for name in WORDS}
    name, facts = "robot-words", {"sounds": len(rows), "classes": len(WORDS)}
    content = SoundTable(pd.DataFrame(rows), name, splits, target="word", licence=LICENCE, waves=waves)
    return Layout("sounds", name, "sounds", facts, counts, splits=splits, licence=LICENCE, content=content)
