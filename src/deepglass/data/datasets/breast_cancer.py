"""Breast cancer: malignant or benign from thirty measurements of cell nuclei, 569 samples.

References:
    Wolberg, Mangasarian, Street and Street (1993), Breast Cancer Wisconsin (Diagnostic), https://doi.org/10.24432/C5DW2B
"""

from typing import Any

from deepglass.data.containers import Table

LICENCE = "CC BY 4.0 (UCI Machine Learning Repository); comes with scikit-learn"


def load() -> Table:
    """The table, with the class as column `diagnosis`."""
    from sklearn.datasets import load_breast_cancer

    bundle: Any = load_breast_cancer(as_frame=True)
    frame = bundle.data.assign(
        diagnosis=bundle.target.map(dict(enumerate(map(str, bundle.target_names)))).astype("category")
    )
    return Table(frame, "breast-cancer", target="diagnosis", task="tabular-classification", licence=LICENCE)
