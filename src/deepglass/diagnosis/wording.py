"""A diagnosis as plain data, and back."""

from typing import Any

from deepglass.diagnosis import Diagnosis, Finding


def record(diagnosis: Diagnosis) -> dict[str, Any]:
    """As JSON can hold it; NaN and infinity become words."""
    content = vars(diagnosis) | {"findings": [vars(finding) for finding in diagnosis.findings]}
    return _plain(content)


def from_record(content: dict[str, Any]) -> Diagnosis:
    """What `record` gave."""
    return Diagnosis(**content | {"findings": [Finding(**finding) for finding in content["findings"]]})


def verdict(diagnosis: Diagnosis) -> str:
    """The whole in one sentence."""
    if not diagnosis.asked:
        return "nothing could be asked"
    if not diagnosis.findings:
        return f"nothing found by {len(diagnosis.asked)} questions"
    others = len(diagnosis.findings) - 1
    more = f", and {others} more finding{'s' if others > 1 else ''}" if others else ""
    return f"first of all: {diagnosis.findings[0].cause.replace('-', ' ')}{more}"


def evidence_of(finding: Finding) -> str:
    """The numbers in one line."""
    return ", ".join(f"{name} {figure(value)}" for name, value in finding.evidence.items())


def figure(value: Any) -> str:
    """A number that was measured, to four digits that count."""
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value
