"""Of tables: empty cells, numbers that were measured badly, words in the wrong place."""

from typing import Any

import numpy as np
import torch

from deepglass.audit.corruptions import SHARES, SPREADS, Inputs, hits, noise_like
from deepglass.data.preprocess.category import FIRST, MISSING

CORRUPTIONS = {
    "missing": "cells are empty",
    "noise": "numbers are noisy",
    "swapped": "categories are mistaken for others",
}


def missing(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """A share of the cells is empty: of numbers the median stands there, as at prediction; a date goes as a whole."""
    numeric, codes = inputs[0].clone(), inputs[1].clone()
    fitted, share = field.preprocessor, SHARES[severity - 1]
    is_hit = {name: hits((len(numeric),), share, random, numeric) for name in fitted.columns}
    place = 0
    for number in fitted.numbers:
        rows = is_hit[number.name]
        numeric[rows, place] = float(np.interp(number.fill, number.knots, number.scores))
        if number.has_missing:
            numeric[rows, place + 1] = 1.0
        place += number.width
    for column, category in enumerate(fitted.categories):
        codes[is_hit[category.name], column] = MISSING
    return numeric, codes


def noise(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """Gaussian noise on every number that is given, in its standard deviations; it stays in the range of training."""
    numeric, place = inputs[0].clone(), 0
    drawn = SPREADS[severity - 1] * noise_like(numeric, random)
    for number in field.preprocessor.numbers:
        if number.part is None:
            noisy = (numeric[:, place] + drawn[:, place]).clamp(number.scores[0], number.scores[-1])
            is_given = numeric[:, place + 1] == 0 if number.has_missing else torch.ones_like(noisy, dtype=torch.bool)
            numeric[:, place] = torch.where(is_given, noisy, numeric[:, place])
        place += number.width
    return numeric, inputs[1]


def swapped(inputs: Inputs, severity: int, random: np.random.Generator, field: Any) -> Inputs:
    """A share of the words is another one of the same column."""
    codes = inputs[1].clone()
    for column, category in enumerate(field.preprocessor.categories):
        levels = len(category.levels)
        if levels < 2:
            continue
        rows = hits((len(codes),), SHARES[severity - 1], random, codes) & (codes[:, column] >= FIRST)
        further = torch.from_numpy(random.integers(1, levels, len(codes))).to(codes)
        other = (codes[:, column] - FIRST + further) % levels + FIRST
        codes[:, column] = torch.where(rows, other, codes[:, column])
    return inputs[0], codes
