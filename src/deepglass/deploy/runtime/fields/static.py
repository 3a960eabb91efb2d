"""A column that describes a series and never changes; all of them share a tensor (B, F), words as zeros and ones."""

from ._per_series import PerSeries


class Field(PerSeries):
    """A number or a word; its `role` is static."""
