"""What a model card of medical use must say (`--card medical`), whatever the risk is read from.

The rarer of two classes is the one whose risk it is. A cut of the risk is chosen on validation and held against the
test group by group; which groups there are, the inputs know (`_medical_tables.py`, `_medical_pictures.py`).

References:
    Collins et al. (2024), TRIPOD+AI statement, https://doi.org/10.1136/bmj-2023-078378 (what a report of a clinical
    prediction model holds: calibration, subgroups, missing values)
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from torch import nn

from deepglass.core.effects import Unused
from deepglass.data.containers import Data
from deepglass.evaluate import operating_points, risk_groups
from deepglass.tasks import Outputs, Prepared
from deepglass.tasks._classification import ClassificationTask

SPECIFICITY = 0.9  # at which groups are compared: one alarm in vain per ten of those who are well


@dataclass(frozen=True)
class Options:
    """Which model card is written."""

    card: Literal["general", "medical"] = "general"  # medical adds risks by group and their cut; it needs two classes


@dataclass(frozen=True)
class Risks:
    """What the test was told: the chance (N,) of the class `sought`, to whom it happened (N,), the cut of alarms."""

    sought: int
    chances: np.ndarray
    is_case: np.ndarray
    cut: float

    def by(self, names: np.ndarray) -> list[dict[str, Any]]:
        """Records of `evaluate/risk_groups.py`, one per group of these names (N,)."""
        return risk_groups.rows(names, self.chances, self.is_case, self.cut)


class RiskTask(ClassificationTask):
    """A classification whose card may be a medical one."""

    config: Options

    def risks(self, model: nn.Module, prepared: Prepared, data: Data, val: Outputs, test: Outputs) -> dict[str, Any]:
        """Where `--card medical` asks for it, everything that the card says of risks.

        Returns:
            "class" whose risk it is, "cut" and its "specificity" on validation, and what `groups_at_risk` adds; empty
            where nobody asked, or validation lacks a class.
        """
        if self.config.card != "medical" or len(self.classes) != 2:
            return {}
        assert val.targets is not None
        assert test.targets is not None
        counts = np.bincount(val.targets, minlength=2)
        if not counts.all():
            return {}
        sought = int(np.argmin(counts))
        cut = operating_points.cut_for(val.predictions[val.targets != sought, sought], SPECIFICITY)
        told = Risks(sought, test.predictions[:, sought], test.targets == sought, cut)
        return {
            "class": self.classes[sought],
            "cut": cut,
            "specificity": SPECIFICITY,
            **self.groups_at_risk(told, model, prepared, data),
        }

    @abstractmethod
    def groups_at_risk(self, told: Risks, model: nn.Module, prepared: Prepared, data: Data) -> dict[str, Any]:
        """ "groups": what they are told apart by → records of the test by group; and what else the inputs know."""

    def unused_options(self, asked: Mapping[str, Any], data: Data, model: str) -> Iterator[Unused]:
        """Also a medical card of what is no risk: of more than two classes."""
        yield from super().unused_options(asked, data, model)
        if asked.get("card") == "medical" and len(self.classes) != 2:
            why = f"it describes the risk of one of two classes, and there are {len(self.classes)}"
            yield Unused("card", why, "leave it out, or keep two with --classes A,B")
