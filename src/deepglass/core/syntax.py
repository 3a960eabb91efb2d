"""`ast.parse` for several threads at once.

CPython before 3.13 counts the depth of a syntax tree under construction for all threads together. When the garbage
collector runs Python code amid the construction, another thread may get its turn there, the counts mix, and `ast.parse`
raises "AST constructor recursion depth mismatch" for a source in which nothing is wrong.

References:
    CPython issue 106905, https://github.com/python/cpython/issues/106905
"""

import ast
import threading
from functools import wraps


def let_threads_parse() -> None:
    """From now on, only one thread of this process at a time is inside `ast.parse`, whoever calls it."""
    if hasattr(ast.parse, "__wrapped__"):
        return
    parse, turn = ast.parse, threading.RLock()

    @wraps(parse)
    def in_turn(*args, **kwargs):
        with turn:
            return parse(*args, **kwargs)

    ast.parse = in_turn
