"""Cells such as "4,27": a list of label numbers, or a decimal?

Labels that are numbers are often listed with commas, and a column of them could be read as one of decimals (4.27) or of
thousands. A list names no number twice and writes none with a zero in front; it has more than two numbers somewhere, or
they always rise. Decimals keep none of this up for long.
"""

import re

import numpy as np
import pyarrow as pa

SIGNS = (",", ";", "|", "/", "+", " ")
NUMBER = r"(?:0|[1-9]\d{0,3})"  # of a label: whole, short, without a zero in front
ENOUGH = 8  # pairs in rising order: of decimals every second would fall
LOOKED_AT = 2_000  # different cells


def list_of_numbers(cells: pa.Array) -> str | None:
    """A cell that shows that all of them are lists of label numbers, the longest; None where they are not.

    Example:
        >>> list_of_numbers(pa.array(["27", "4", "4,27", "2,4,27"]))
        '2,4,27'
        >>> list_of_numbers(pa.array(["4,27", "3,05", "12"]))
    """
    some = np.linspace(0, len(cells) - 1, min(LOOKED_AT, len(cells))).astype(int)
    found = [cell for cell in cells.take(pa.array(some)).to_pylist() if cell]
    sign = next((sign for sign in SIGNS if any(sign in cell for cell in found)), None)
    if sign is None or not all(re.fullmatch(f"{NUMBER}(?:{re.escape(sign)} ?{NUMBER})*", cell) for cell in found):
        return None
    lists = [[int(number) for number in cell.split(sign)] for cell in found]
    several = [numbers for numbers in lists if len(numbers) > 1]
    if any(len(set(numbers)) < len(numbers) for numbers in several) or _are_thousands(several):
        return None
    alone = {numbers[0] for numbers in lists if len(numbers) == 1}
    if not any(number in alone for numbers in several for number in numbers[1:]):
        return None
    is_rising = len(several) >= ENOUGH and all(a < b for a, b in (numbers[:2] for numbers in several))
    return max(found, key=len) if is_rising or max(map(len, several)) > 2 else None


def _are_thousands(several: list[list[int]]) -> bool:
    """Whether three digits follow every sign, as in 1,250 and 1,250,000."""
    return all(100 <= number < 1000 for numbers in several for number in numbers[1:])
