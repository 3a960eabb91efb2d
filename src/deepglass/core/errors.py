"""The errors that users meet: each says what was expected, what came, and what to do.

The command line prints the message of a `DeepglassError` and ends with exit code 2; anything else that
escapes is a defect of ours and keeps its traceback.
"""


class DeepglassError(Exception):
    """Root of every error that the user can fix."""


class DataError(DeepglassError, ValueError):
    """The data cannot be read or learnt from; names the file and the row or column."""


class OptionError(DeepglassError, ValueError):
    """An option, setting or argument does not fit."""


class RunError(DeepglassError):
    """A run folder is missing, incomplete or not writable."""


class WeightsError(DeepglassError, ValueError):
    """Published weights cannot be read, or belong to another model."""


class ShapeError(DeepglassError, ValueError):
    """Sizes that do not fit each other."""


class TrainingError(DeepglassError):
    """Training cannot go on, for instance because the loss is not a number."""


class ExportError(DeepglassError):
    """A model cannot be brought into a format, or would answer differently in it."""


class MissingPackageError(DeepglassError):
    """An optional package is needed; says how to install it."""
