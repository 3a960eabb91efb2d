"""Classes that are rare: accuracy misleads, and weights help."""

from deepglass.core.wording import listing
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.findings import Findings
from deepglass.data.reading.columns import Column

RARE_SHARE = 0.05  # a class below this share of the examples makes accuracy misleading
MANY_CLASSES = 20  # of which some are always rare


def look(data: Data, config: DataConfig, columns: list[Column], findings: Findings) -> None:
    """Warn of them."""
    total, few = sum(findings.classes.values()), len(findings.classes) < MANY_CLASSES
    rare = [name for name, count in findings.classes.items() if count < RARE_SHARE * total and few]
    if rare:
        findings.warnings.append(
            f"{listing(rare)}: under {RARE_SHARE:.0%} of the examples; judge by balanced accuracy, and try "
            "--class-weights balanced"
        )
