"""What can go wrong with a bundle, and with what it is asked."""


class BundleError(Exception):
    """The bundle is incomplete, damaged or of another version."""


class InputError(ValueError):
    """A record does not fit the schema.

    Args:
        field: The column, or "image" or "text", that is wrong.
        message: What was expected, what came, what to do.
        row: Position of the record among several, from 1.
    """

    def __init__(self, field: str, message: str, row: int | None = None):
        self.field, self.message, self.row = field, message, row
        where = f"row {row}, " if row is not None else ""
        super().__init__(f"{where}{field!r}: {message}")


class BodyError(ValueError):
    """A body cannot be read at all.

    Args:
        message: What was expected, what came, what to do.
        status: 400 if it is not what it says it is, 413 if there is more in it than is allowed.
        field: The header that says otherwise, or None.
    """

    def __init__(self, message: str, status: int = 400, field: str | None = None):
        self.status, self.field = status, field
        super().__init__(message)
