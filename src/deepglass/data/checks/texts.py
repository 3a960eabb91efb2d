"""How long texts are, in words."""

import numpy as np

from deepglass.data.config import DataConfig
from deepglass.data.containers import Data, Table
from deepglass.data.findings import Findings
from deepglass.data.reading.columns import Column
from deepglass.data.reading.roles import guess_text_column

IS_FOR_CHECK_ALONE = True
LEVELS = {"shortest": 0, "median": 0.5, "95%": 0.95, "longest": 1}


def look(data: Data, config: DataConfig, columns: list[Column], findings: Findings) -> None:
    """Add quantiles of the lengths."""
    if isinstance(data, Table) and (text := guess_text_column(data, config, columns)):
        words = data.frame[text[0]].dropna().astype("str").str.split().str.len().to_numpy()
        if len(words):
            findings.lengths = {name: float(np.quantile(words, level)) for name, level in LEVELS.items()}
