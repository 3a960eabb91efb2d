"""Diabetes: progress of the disease after a year from ten measurements, 442 patients.

The measurements are in their own units (years, kg/m², mmHg, …), not the standardised form.

References:
    Efron, Hastie, Johnstone and Tibshirani (2004), Least angle regression, https://doi.org/10.1214/009053604000000067
"""

from typing import Any

from deepglass.data.containers import Table

LICENCE = "published by the authors with their paper, no licence stated; comes with scikit-learn (BSD-3-Clause)"


def load() -> Table:
    """The table, with the progress as column `progression`."""
    from sklearn.datasets import load_diabetes

    bundle: Any = load_diabetes(as_frame=True, scaled=False)
    frame = bundle.data.assign(progression=bundle.target)
    return Table(frame, "diabetes", target="progression", task="tabular-regression", licence=LICENCE)
