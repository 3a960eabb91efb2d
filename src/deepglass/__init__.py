"""Deepglass: deep learning you can see through.

    import deepglass as dg
    run = dg.train("reviews.csv", target="label", budget="60s")
    run.predict("new.csv")

Importing this package is instant; torch and the other large libraries load when a function first needs them.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

HOMES = {
    "train": "deepglass.api.train",
    "load": "deepglass.api.run",
    "Run": "deepglass.api.run",
    "fit": "deepglass.api.fit",
    "diagnose": "deepglass.api.diagnose",
    "tune": "deepglass.api.tune",
    "style": "deepglass.api.style",
    "Classifier": "deepglass.api.estimators",
    "Regressor": "deepglass.api.estimators",
    "DeepglassError": "deepglass.core.errors",
}

__all__ = ["Classifier", "DeepglassError", "Regressor", "Run", "diagnose", "fit", "load", "style", "train", "tune"]


def __getattr__(name: str) -> Any:
    if name in HOMES:
        return getattr(importlib.import_module(HOMES[name]), name)
    raise AttributeError(f"module 'deepglass' has no attribute {name!r}; it offers {', '.join(__all__)}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
