import numpy as np
import pandas as pd

from deepglass.core.sound_files import Waveform
from deepglass.data.sound_table import FILE, SoundTable
from tests.tasks.small.sound_classification import RATE, tone

COUNT = 48


def data() -> SoundTable:
    rng = np.random.default_rng(0)
    kinds = rng.permutation([4, 7] * (COUNT // 2))
    waves = {f"tone {i}": Waveform(tone(rng, kind == 7).astype(np.float32), RATE) for i, kind in enumerate(kinds)}
    said = ["up" if kind == 7 else "down" for kind in kinds]
    frame = pd.DataFrame({FILE: [*waves], "kind": kinds, "said": said})
    return SoundTable(frame, "tones", target="kind", waves=waves)


def spoil(data: SoundTable, rows: np.ndarray) -> None:
    for name in data.names(rows):
        data.waves[name] = Waveform(np.zeros(7 * RATE, np.float32), RATE)
