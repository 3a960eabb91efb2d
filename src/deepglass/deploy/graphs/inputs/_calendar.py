"""Parts of a date from its days since 1970, by arithmetic alone, so that a graph can do it.

Howard Hinnant (2021), chrono-Compatible Low-Level Date Algorithms, https://howardhinnant.github.io/date_algorithms.html
(civil_from_days): years begin in March, so that the leap day is the last of a year.
"""

import torch
from torch import Tensor

DAYS_TO_1970 = 719_468  # from 1 March of the year 0
DAYS_AN_ERA = 146_097  # 400 years
A_MOMENT = 1e-6  # hours: what the fraction of a day may lack of a full hour for lack of digits


def date_part(days: Tensor, part: str) -> Tensor:
    """A part as the preprocessing of tables names it; NaN stays NaN."""
    match part:
        case "days":
            return days
        case "day_of_week":
            return torch.remainder(days.floor() + 3, 7)  # 1970 began on a Thursday, which is 3
        case "hour":
            return ((days - days.floor()) * 24 + A_MOMENT).floor().clamp(max=23)
    return dict(zip(("year", "month", "day"), civil(days.floor())))[part]


def civil(days: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Year, month and day of whole days since 1970."""
    shifted = days + DAYS_TO_1970
    era = (shifted / DAYS_AN_ERA).floor()
    of_era = shifted - era * DAYS_AN_ERA  # 0 … 146096
    leaps = (of_era / 1460).floor() - (of_era / 36_524).floor() + (of_era / 146_096).floor()
    year = ((of_era - leaps) / 365).floor()  # 0 … 399, from March to February
    of_year = of_era - (365 * year + (year / 4).floor() - (year / 100).floor())  # 0 … 365
    march_month = ((5 * of_year + 2) / 153).floor()  # 0 is March
    day = of_year - ((153 * march_month + 2) / 5).floor() + 1
    month = torch.where(march_month < 10, march_month + 3, march_month - 9)
    return year + era * 400 + (month <= 2).to(days.dtype), month, day
