"""A column that names a series among many; it goes into no tensor."""

from ._per_series import PerSeries


class Field(PerSeries):
    """A word or a number; its `role` is key."""

    HAS_TENSOR = False
