"""Threads that parse at the same time do not disturb each other (in a process of its own: the parser is patched)."""

import subprocess
import sys

from deepglass.core.catalogue import PACKAGE

MANY = """
import ast, gc, sys, threading
from pathlib import Path
from deepglass.core.syntax import let_threads_parse

class Litter:  # its collection runs Python code, and another thread gets its turn
    def __init__(self): self.me = self
    def __del__(self): sum(range(50))

def parse():
    for _ in range(40):
        litter = [Litter() for _ in range(20)]
        try: ast.parse(source), compile(source, "<lesson>", "exec", ast.PyCF_ONLY_AST)
        except SystemError as error: errors.append(error)

source, errors = Path(sys.argv[1]).read_text(), []
let_threads_parse()
gc.set_threshold(50)
sys.setswitchinterval(1e-6)
threads = [threading.Thread(target=parse) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(len(errors))
"""


def test_threads_take_turns():
    command = [sys.executable, "-c", MANY, str(PACKAGE / "training" / "loop.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"  # without it, two dozen on CPython 3.11.7


def test_the_callers_own_future_features_are_kept():
    program = """
from __future__ import annotations
from deepglass.core.syntax import let_threads_parse
let_threads_parse()
space = {}
exec(compile("def f(x: nowhere): ...", "<lesson>", "exec"), space)
print(space["f"].__annotations__)
try: exec(compile("def f(x: nowhere): ...", "<lesson>", "exec", dont_inherit=True))
except NameError as error: print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "{'x': 'nowhere'}\nname 'nowhere' is not defined\n"
