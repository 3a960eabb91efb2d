"""What talking to exporters has in common: their remarks are kept quiet, their errors cut to what went wrong."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Without remarks on packages that we do not use and on what happens inside PyTorch's own layers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


def first_line(error: BaseException) -> str:
    """Of the error below all those that wrap it."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
