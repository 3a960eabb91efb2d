"""Wine: three growers of Italian wine from thirteen chemical measurements, 178 wines.

References:
    Aeberhard and Forina (1991), Wine, UCI Machine Learning Repository, https://doi.org/10.24432/C5PC7J
"""

from typing import Any

from deepglass.data.containers import Table

LICENCE = "CC BY 4.0 (UCI Machine Learning Repository); comes with scikit-learn"


def load() -> Table:
    """The table, with the class as column `grower`."""
    from sklearn.datasets import load_wine

    bundle: Any = load_wine(as_frame=True)
    frame = bundle.data.assign(
        grower=bundle.target.map(dict(enumerate(map(str, bundle.target_names)))).astype("category")
    )
    return Table(frame, "wine", target="grower", task="tabular-classification", licence=LICENCE)
