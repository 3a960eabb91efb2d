"""A column that describes a series and never changes; all of them share a tensor (B, F), words as zeros and ones."""

from ._beside import Beside


class Field(Beside):
    """A number or a word; its `role` is static."""
