"""Names that people give to columns, and what they tell: the column to predict, the text, the time, an id."""

import re
from collections.abc import Sequence

from deepglass.data.config import DataConfig

TARGET_NAMES = (  # what people call the column to predict; the first that occurs is taken
    "target", "label", "labels", "class", "y", "outcome", "response_variable", "sentiment", "category", "topic",
    "species", "diagnosis", "survived", "churn", "churned", "fraud", "is_fraud", "default", "income", "quality",
    "rating", "price", "saleprice", "sale_price", "sales",
)  # fmt: skip
TEXT_NAMES = ("text", "review", "sentence", "comment", "message", "content", "body", "tweet", "question", "document")
TIME_NAME = re.compile(
    r"(?i)(^|[_\s.-])(time|timestamp|date|datetime|datum|fecha|epoch|unix|ts|ds|created|updated|at)([_\s.-]|$)|time$|date$|timestamp"
)
DATE_NAME = re.compile(r"(?i)date|datum|fecha|^day$")
MONTH_NAME = re.compile(r"(?i)month|monat|mois|^mes$|period|yyyymm|yearmon|date|datum")
YEAR_NAME = re.compile(r"(?i)^(year|years|yr|yyyy|jahr|ann[ée]e|a[ñn]o|anno|ano)$")
ID_NAME = re.compile(r"(?i)^(#|no|nr|idx|index|row|row_?(number|num|id)|unnamed.*|uuid|guid|key)$|(^|[_\s.-])id$")
CAMEL_ID = re.compile(r"[a-z]I[dD]$|ID$")


def usual_target(names: Sequence[str], config: DataConfig) -> str | None:
    """The column that is probably to be predicted, before anything is known of the cells; None of no columns."""
    if config.target in names:
        return config.target
    by_lower = {name.lower(): name for name in reversed(names)}
    usual = next((by_lower[name] for name in TARGET_NAMES if name in by_lower), None)
    return usual or (names[-1] if names else None)


def is_text_name(name: str) -> bool:
    """Whether a name speaks of running text."""
    return name.lower() in TEXT_NAMES


def has_id_name(name: str) -> bool:
    """Whether a name speaks of an id: `id`, `customerID`, `user_id`, `No`."""
    return bool(ID_NAME.search(name) or CAMEL_ID.search(name))
