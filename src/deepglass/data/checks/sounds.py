"""Sounds: how long they are, at which rates, and which are broken, silent or too loud."""

import numpy as np

from deepglass.core.errors import DataError
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Layout
from deepglass.data.fields.audio import Options, remarks_on
from deepglass.data.findings import Findings
from deepglass.data.reading.columns import Column
from deepglass.data.reading.sounds import read_sounds

MOST = 2_000  # sounds that are listened to


def look(data: Data, config: DataConfig, columns: list[Column], findings: Findings) -> None:
    """Read them as a training would."""
    if not isinstance(data, Layout):
        return
    try:
        table = read_sounds(data, config)
        rows = np.linspace(0, len(table.frame) - 1, min(MOST, len(table.frame))).astype(int)
        sounds = [*zip(table.names(rows), table.waveforms(rows, Options().max_seconds))]
    except DataError as error:
        findings.warnings.append(str(error))
        return
    findings.splits = {split: len(own) for split, own in table.splits.items()}
    seconds = np.array([sound.seconds for _, sound in sounds])
    rates, counts = np.unique([sound.sample_rate for _, sound in sounds], return_counts=True)
    findings.images["found"] = {
        "seconds of a sound": f"{seconds.min():.2f} to {seconds.max():.2f}, median {np.median(seconds):.2f}",
        "samples per second": ", ".join(f"{rate:,} ({count:,})" for rate, count in zip(rates, counts)),
    }
    findings.warnings += remarks_on(sounds)
