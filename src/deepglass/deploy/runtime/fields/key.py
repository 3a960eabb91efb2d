"""A column that names a series among many; it goes into no tensor."""

from ._beside import Beside


class Field(Beside):
    """A word or a number; its `role` is key."""

    HAS_TENSOR = False
