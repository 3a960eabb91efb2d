"""Examples that repeat an earlier one."""

from deepglass.core.wording import counted
from deepglass.data.config import DataConfig
from deepglass.data.containers import Data
from deepglass.data.findings import Findings
from deepglass.data.reading.columns import Column


def look(data: Data, config: DataConfig, columns: list[Column], findings: Findings) -> None:
    """Warn of them, unless near copies among pictures have been told: one finding is told once."""
    if findings.duplicates and not findings.images.get("found", {}).get("near copies"):
        findings.warnings.append(f"repeated: {counted(findings.duplicates, 'example')} equal to an earlier one")
