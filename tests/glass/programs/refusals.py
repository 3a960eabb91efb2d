"""Whether the engine refuses what PyTorch refuses.

PyTorch's word counts, but for what stands here, each with its reason. An error of the engine must be one that it wrote:
the last line of its traceback is a `raise`, and not NumPy's or Python's own complaint.
"""

import ast
import linecache

# Errors that PyTorch did not mean to raise, or raises on the way back because its own formulas do not fit the type.
MISHAPS = ("does not have a device", "INTERNAL ASSERT", "report a bug", "A view was created in no_grad")
MISHAPS_BACKWARD = (
    "doesn't match the broadcast shape", "Negation, the `-`", "Subtraction, the `-`", "returned an invalid gradient",
    "output 0 of Pow1", "NoneType",
)  # fmt: skip
# What PyTorch may have done half when it raises: gradients, statistics and counts of changes are there already.
HALF_DONE = ("backward(", "batch_norm(", "inplace=True", "_(", "+= ", "-= ", "*= ", "/= ")


def verdict(line, program, error, wanted, has_empty):
    """What follows from the errors of a line, the engine's and PyTorch's.

    Args:
        line: The line that ran.
        program: All lines so far, as one text.
        error: What the engine raised, or None.
        wanted: What PyTorch raised, or None.
        has_empty: Whether there are tensors without elements.

    Returns:
        (outcome, kind): the outcome is "ran", "refused" (by both), "left out" (by the engine, by name) or "over" (the
        two cannot be compared any further); the kind of a difference comes second, None if there is none.
    """
    if error is None and wanted is None:
        return "ran", None
    mishaps = MISHAPS + MISHAPS_BACKWARD if "backward(" in line or "autograd.grad(" in line else MISHAPS
    if wanted is not None and any(words in str(wanted) for words in mishaps):
        return "over", None
    if error is not None and not is_own(error) and str(error) != str(wanted):
        return "over", "raw error"
    half_done = "over" if any(part in line for part in HALF_DONE) else "refused"
    if error is not None and wanted is not None:
        return half_done, None
    if isinstance(error, NotImplementedError):
        return ("over" if half_done == "over" else "left out"), None
    if has_empty:  # of tensors without elements PyTorch says now this, now that
        return "over", None
    if wanted is not None:
        return "over", None if _may_go_on(str(wanted), program) else "accepts"
    return "over", None if _may_stop(str(error), line, program) else "refuses"


def _may_go_on(wanted, program):
    """Whether the engine goes on where PyTorch stops, with the right gradient and for a reason."""
    if "second time" in wanted:  # writing into a part of a tensor keeps no values here, nor does adaptive pooling
        return "] = " in program or "adaptive" in program
    if "derivative for" in wanted:  # the pieces of a split are places of their own here
        return "autograd.grad(" in program
    keeps_less = "batch_norm(", "layer_norm(", "adaptive"  # running statistics and offsets are not needed either
    return "modified by an inplace" in wanted and any(name in program for name in keeps_less)


def _may_stop(error, line, program):
    """Whether the engine stops where PyTorch goes on, and says what to do."""
    if "freed" in error:  # what was freed no longer tells what it did not lead to; interpolation keeps its weights
        return "autograd.grad(" in line or "interpolate(" in program
    return "expected 'matmul' to find" in error  # of a matrix by a batch PyTorch keeps a copy, for it lays it out anew


def is_own(error):
    """Whether the engine wrote this error."""
    frame = error.__traceback__
    while frame.tb_next is not None:
        frame = frame.tb_next
    file = frame.tb_frame.f_code.co_filename
    return "glass" in file and frame.tb_lineno in _raises(file)


_known_raises = {}


def _raises(file):
    """The numbers of the lines of a file that belong to a `raise`."""
    if file not in _known_raises:
        spots = [n for n in ast.walk(ast.parse("".join(linecache.getlines(file)))) if isinstance(n, ast.Raise)]
        _known_raises[file] = {line for n in spots for line in range(n.lineno, (n.end_lineno or n.lineno) + 1)}
    return _known_raises[file]
