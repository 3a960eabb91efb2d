"""Patients: 3,000 generated ones of whom everything is known, also the risk that each of them was under.

Whether something happens within ten years is drawn from the true risk, so a model can be held against the risk itself,
which no table of real patients holds. Three things are as in the clinic: the marker rises less in women who fall ill
than in men; it was measured where a doctor was worried, and is missing else; and the risk grows faster with age in
smokers.

References:
    Regitz-Zagrosek (2012), Sex and gender differences in health, https://doi.org/10.1038/embor.2012.87 (signs of
    disease differ by sex)
    Agniel, Kohane & Weber (2018), Biases in electronic health record data due to processes within the healthcare
    system, https://doi.org/10.1136/bmj.k1479 (that a test was ordered says more than many a result)
"""

import numpy as np
import pandas as pd

from deepglass.data.containers import Table

LICENCE = "generated"
ROWS = 3000


def load() -> Table:
    """The table with column `event`; the true risk is not in it."""
    frame = patients(ROWS).drop(columns="risk")
    return Table(frame, "patients", target="event", task="tabular-classification", licence=LICENCE)


def patients(rows: int, seed: int = 0) -> pd.DataFrame:
    """Patients with `event`, what happened, and `risk`, how likely it was.

    Args:
        rows: How many.
        seed: Of everything about them.
    """
    rng = np.random.default_rng(seed)
    is_woman, smokes = rng.random(rows) < 0.5, rng.random(rows) < 0.3
    age = rng.uniform(35, 80, rows)
    pressure = 118 + 0.45 * (age - 55) + 14 * rng.normal(size=rows)
    cholesterol = 200 + 35 * rng.normal(size=rows)
    illness = rng.normal(size=rows)  # what the marker shows, and nobody sees
    steps = 0.06 * (age - 57) + 0.03 * (pressure - 120) + 0.004 * (cholesterol - 200) + 1.3 * illness
    steps += smokes * (0.5 + 0.03 * (age - 57))
    risk = 1 / (1 + np.exp(-(steps - 2.4)))
    marker = 20 + np.where(is_woman, 3, 9) * illness + 4 * rng.normal(size=rows)
    worry = 0.5 * illness + 0.04 * (age - 57) + 0.9 * smokes + rng.normal(size=rows)
    frame = pd.DataFrame(
        {
            "age": age.round(),
            "sex": np.where(is_woman, "woman", "man"),
            "smoker": np.where(smokes, "yes", "no"),
            "pressure": pressure.round(1),
            "cholesterol": cholesterol.round(),
            "marker": np.where(worry > -0.4, marker, np.nan).round(1),
        }
    )
    frame["event"] = np.where(rng.random(rows) < risk, "yes", "no")
    frame["risk"] = risk
    return frame
