"""Iris: three species of iris flowers from four measurements, 150 flowers.

References:
    Fisher (1936), The use of multiple measurements in taxonomic problems, https://doi.org/10.1111/j.1469-1809.1936.tb02137.x
"""

from typing import Any

from deepglass.data.containers import Table

LICENCE = "CC BY 4.0 (UCI Machine Learning Repository); comes with scikit-learn"


def load() -> Table:
    """The table, with the class as column `species`."""
    from sklearn.datasets import load_iris

    bundle: Any = load_iris(as_frame=True)
    frame = bundle.data.assign(
        species=bundle.target.map(dict(enumerate(map(str, bundle.target_names)))).astype("category")
    )
    return Table(frame, "iris", target="species", task="tabular-classification", licence=LICENCE)
