"""One program on both engines, line by line, and what differs.

The same text runs with `T` as PyTorch and as the glass engine. After every line all names are compared: type, dtype,
shape, values, `requires_grad`, `is_leaf`, `grad`; where PyTorch raises, so must the engine (see `refusals`). Then the
engine's values are set to PyTorch's, bit by bit, so that each line is judged on equal inputs and a rounding never
grows into a difference. Gradients run through the whole program.
"""

import math
import re
import warnings
from dataclasses import dataclass

import numpy as np
import torch

from deepglass import glass

from .nearness import is_near
from .refusals import verdict

ERRORS = (RuntimeError, ValueError, IndexError, TypeError, AttributeError, NameError, ZeroDivisionError, OverflowError)
torch.set_num_threads(1)


@dataclass
class Difference:
    """What differs, after which line."""

    line: str
    kind: str
    text: str


class Pair:
    """Two namespaces, in which the lines of one program run side by side.

    Attributes:
        lines: What ran.
        left_out: The lines that the engine refuses by name, with its words.
        is_over: Whether the two can no longer be compared, after a change that one of them refused.
    """

    def __init__(self):
        self.torch, self.glass = namespace(torch), namespace(glass)
        self.lines, self.left_out, self.is_over = [], [], False

    def run(self, line):
        """Runs one more line; the first difference that it makes, or None."""
        if self.is_over:
            return None
        self.lines.append(line)
        (wanted, they_warn), (error, we_warn) = attempt(line, self.torch), attempt(line, self.glass)
        if isinstance(wanted, NameError):  # a line that this one needs was cut away
            self.is_over = True
            return None
        outcome, kind = verdict(line, self.text, error, wanted, self._has_empty())
        if kind:
            return Difference(line, kind, f"{describe(error)}; PyTorch: {describe(wanted)}")
        if outcome == "ran" and we_warn != they_warn:
            return Difference(line, "warning", f"PyTorch warns of sizes: {they_warn}")
        if outcome == "left out":
            self.left_out.append((line, str(error)))
            self.torch.pop(assigned(line), None)
        self.is_over = outcome == "over" or (outcome == "left out" and self._is_changed(line))
        return None if self.is_over else self._compare(line) or self._lies_differently(line)

    @property
    def text(self):
        return "\n".join(self.lines)

    def _is_changed(self, line):
        """Whether PyTorch did something that cannot be taken back."""
        return assigned(line) is None or self._compare(line) is not None

    def _compare(self, line):
        try:
            found = (
                self._differs(name, self.glass[name], value) for name, value in self.torch.items() if is_ours(name)
            )
            difference = next(filter(None, found), None)
        except RuntimeError:  # one of several views of a tensor that has changed: PyTorch does not want it looked at
            self.is_over = True
            return None
        if difference and self._reads_what_it_writes(line):  # a view of the same memory; in which order, is open
            self.is_over = True
            return None
        return difference and Difference(line, *difference)

    def _lies_differently(self, line):
        """A difference in how the new tensors of a line lie in memory, or None.

        Where an argument is permuted, it is open: PyTorch's losses and norms are made of several steps, each of which
        lays its result out, and which steps they are is not for us to say.
        """
        name = line.split(": ")[-1].split(" = ")[0]
        words = [word for word in re.findall(r"x\d+", line) if word != name]
        used = [names.get(word) for word in words for names in (self.torch, self.glass)]
        is_plain = all(is_in_order(x) for value in used for x in parts(value) if hasattr(x, "is_contiguous"))
        is_open = not is_plain or any(word in line for word in LAID_BY_LIBRARIES + LAID_BY_FORMULAS)
        if self.is_over or is_open or name not in self.torch:
            return None
        for ours, theirs in zip(parts(self.glass.get(name)), parts(self.torch[name])):
            if isinstance(theirs, torch.Tensor) and strides(ours) != strides(theirs):
                wrong = f"strides {strides(ours)}, not {strides(theirs)}"
                return Difference(line, "layout", f"{name} of {list(theirs.shape)} has {wrong}")
        return None

    def _reads_what_it_writes(self, line):
        found = [self.torch.get(name) for name in dict.fromkeys(re.findall(r"x\d+", line))]
        memory = [x.untyped_storage().data_ptr() for x in found if isinstance(x, torch.Tensor) and x.numel()]
        is_in_place = "_(" in line or any(sign in line for sign in ("+= ", "-= ", "*= ", "/= "))
        return is_in_place and len(set(memory)) < len(memory)

    def _differs(self, name, ours, theirs):
        """(kind, description) of a difference between two values, None if there is none."""
        if isinstance(theirs, (tuple, list)) and isinstance(ours, (tuple, list)) and len(ours) == len(theirs):
            parts = (self._differs(f"{name}[{i}]", a, b) for i, (a, b) in enumerate(zip(ours, theirs)))
            return next(filter(None, parts), None)
        if isinstance(ours, glass.Tensor) and isinstance(theirs, torch.Tensor):
            return self._tensors_differ(name, ours, theirs)
        is_same = type(ours) is type(theirs) or isinstance(ours, tuple)
        if isinstance(theirs, float):
            is_same &= math.isclose(ours, theirs, rel_tol=1e-6, abs_tol=1e-12) or (ours != ours and theirs != theirs)
        elif not isinstance(theirs, torch.Tensor):
            is_same &= ours == theirs
        return None if is_same else ("value", f"{name} is {ours!r}, not {theirs!r}")

    def _tensors_differ(self, name, ours, theirs):
        for what in ("dtype", "requires_grad", "is_leaf"):
            if str(getattr(ours, what)) != str(getattr(theirs, what)):
                return what, f"{name}.{what} is {getattr(ours, what)}, not {getattr(theirs, what)}"
        values, gradient = theirs.detach().numpy(), theirs.grad if theirs.is_leaf or theirs.retains_grad else None
        found = self._arrays_differ(name, ours.array, values, "value")
        if found:
            return found
        if ours.array.flags.writeable and ours.array.dtype.kind == "f":
            np.copyto(ours.array, values)
        if gradient is None or ours.grad is None:
            return None if gradient is ours.grad else ("gradient", f"{name}.grad is {ours.grad}, not {gradient}")
        if self._is_doubled(gradient):
            return None
        return self._arrays_differ(f"{name}.grad", ours.grad.array, gradient.numpy(), "gradient")

    def _arrays_differ(self, name, ours, theirs, kind):
        if ours.shape != theirs.shape or ours.dtype != theirs.dtype:
            what = "shape" if ours.shape != theirs.shape else "dtype"
            return what, f"{name} is {ours.dtype} {ours.shape}, not {theirs.dtype} {theirs.shape}"
        if np.array_equal(ours, theirs, equal_nan=ours.dtype.kind == "f"):
            return None
        if ours.dtype.kind == "f" and is_near(
            ours, theirs, self._accuracy(), self.text, lambda t: self._answer(name, t)
        ):
            return None
        return kind, f"{name} is {ours.tolist()}, not {theirs.tolist()}"

    def _answer(self, name, engine):
        """The array of a name, had another engine run the program; None if there is none."""
        names = namespace(engine)
        for line in self.lines:
            attempt(line, names)
        try:
            value = eval(name, names)
        except (NameError, AttributeError, IndexError):
            return None
        return value.detach().numpy() if isinstance(value, torch.Tensor) else None

    def _tensors(self):
        values = [x for value in self.torch.values() for x in (value if isinstance(value, (tuple, list)) else [value])]
        return [x for x in values if isinstance(x, torch.Tensor)]

    def _is_doubled(self, gradient):
        """Whether two leaves have one gradient: PyTorch adds to both what comes for each, as after stack of numbers."""
        others = [x.grad for x in self._tensors() if x.is_leaf and x.grad is not None and x.grad is not gradient]
        return gradient.data_ptr() in [x.data_ptr() for x in others if x.numel()]

    def _has_empty(self):
        return any(not x.numel() for x in self._tensors())

    def _accuracy(self):
        is_single = any(x.dtype == torch.float32 for x in self._tensors()) or "float32" in self.text
        return "float32" if is_single or ".float()" in self.text else "float64"


LAID_BY_LIBRARIES = ("inv", "attention(")  # LAPACK turns a matrix, and the fused kernel has its heads inside
LAID_BY_FORMULAS = ("autograd.grad(",)  # PyTorch's own, for the way back


def parts(value):
    """The members of a tuple or list, or the value alone."""
    return value if isinstance(value, (tuple, list)) else (value,)


def is_in_order(x):
    """Whether a tensor is contiguous, and nothing about it, not even a dimension of size 1, tells of another order."""
    return x.is_contiguous() and (isinstance(x, glass.Tensor) or x.stride() == torch.empty(x.shape).stride())


def strides(x):
    """The strides of dimensions that have any: as `x.stride()` says it, but without asking the engine's tensor."""
    lies = x.stride() if isinstance(x, torch.Tensor) else tuple(step // x.array.itemsize for step in x.array.strides)
    if isinstance(x, glass.Tensor) and x.has_own_layout:  # which it puts in order before anybody sees it
        lies = torch.empty(x.shape).stride()
    return tuple(step for step, n in zip(lies, x.shape) if n > 1) if x.numel() else ()


def namespace(engine):
    return {"T": engine, "F": engine.nn.functional, "inf": math.inf, "nan": math.nan}


def is_ours(name):
    """Whether a name belongs to the program."""
    return name.startswith("x")


def attempt(line, names):
    """Runs a line: what it raised, and whether it warned of sizes that do not fit."""
    error = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(compile(line, "<program>", "exec"), names)
        except ERRORS as raised:
            error = raised
    return error, any("target size" in str(warning.message) for warning in caught)


def assigned(line):
    """The name that a line gives a value to, None if it only acts."""
    name = line.split(" = ")[0]
    return name if " = " in line and name.isidentifier() else None


def describe(error):
    return "nothing" if error is None else f"{type(error).__name__}: {(str(error) or ' ').splitlines()[0][:200]}"
