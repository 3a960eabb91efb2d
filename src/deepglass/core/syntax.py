"""`compile` and `ast.parse` for several threads at once.

CPython before 3.13 counts the depth of a syntax tree under construction for all threads together. When the garbage
collector runs Python code amid the construction, another thread may get its turn there, the counts mix, and the parser
raises "AST constructor recursion depth mismatch" for a source in which nothing is wrong.

References:
    CPython issue 106905, https://github.com/python/cpython/issues/106905
"""

import __future__

import builtins
import sys
import threading
from functools import reduce, wraps
from typing import Any

FUTURES = reduce(int.__or__, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names))


def let_threads_parse() -> None:
    """From now on, only one thread of this process at a time is inside `compile`, through which all parsing goes."""
    if hasattr(builtins.compile, "__wrapped__"):
        return
    alone, turn = builtins.compile, threading.RLock()

    @wraps(alone)
    def in_turn(
        source: Any,
        filename: Any,
        mode: str,
        flags: int = 0,
        dont_inherit: bool = False,
        optimize: int = -1,
        **more: Any,
    ) -> Any:
        if not dont_inherit:  # the features of the caller's own `from __future__ import`
            flags |= sys._getframe(1).f_code.co_flags & FUTURES
        with turn:
            return alone(source, filename, mode, flags, True, optimize, **more)

    builtins.compile = in_turn
