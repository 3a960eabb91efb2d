"""Random programs, judged on both engines; one that differs is cut down to its smallest form."""

import collections
from dataclasses import dataclass, field

from . import elementwise, gradients, layers, shapes
from .maker import Maker
from .pair import Pair
from .shrink import script, shrink

FAMILIES = {elementwise: 5, shapes: 4, layers: 3, gradients: 1}
WEIGHTS = {
    operation: weight * share / sum(family.OPERATIONS.values())
    for family, share in FAMILIES.items()
    for operation, weight in family.OPERATIONS.items()
}


class Program(Maker):
    """One random program of 3 to 10 operations and a backward pass, run on both engines as it is made."""

    def __init__(self, seed):
        self.pair, self.difference = Pair(), None
        super().__init__(seed, self.pair.torch)
        for _ in range(self.integer(3, 10)):
            self.add(self.random.choices(list(WEIGHTS), WEIGHTS.values())[0])
        for _ in range(self.pick((1, 1, 1, 2))):
            self.add(gradients.backward)

    def add(self, operation):
        if not self.difference and not self.pair.is_over:
            line = operation(self)
            self.run(gradients.without_recording(self, line) if self.chance(0.04) else line)

    def run(self, line):
        self.difference = self.difference or self.pair.run(line)


class WildGradient(Program):
    """One operation of `layers`, and a gradient with infinities and nan that comes back through it."""

    def __init__(self, seed):
        self.pair, self.difference = Pair(), None
        Maker.__init__(self, seed, self.pair.torch)
        self.style, self.wants_grad = "plain", True
        self.add(self.pick(list(layers.OPERATIONS)))
        results = {} if self.pair.is_over else {n: x for n, x in self.tensors().items() if x.grad_fn is not None}
        if results and not self.difference:
            name, result = results.popitem()
            kind = str(result.dtype).removeprefix("torch.")
            gradient = self.without_huge(self.leaf(tuple(result.shape), kind, False, style="special"))
            self.run(f"{name}.backward({gradient}.clone())")


@dataclass
class Outcome:
    """What came of many programs.

    Attributes:
        programs, lines: How many ran.
        left_out: How often the engine refused what PyTorch does, by its words.
        different: The programs that differ.
    """

    programs: int = 0
    lines: int = 0
    left_out: collections.Counter = field(default_factory=collections.Counter)
    different: list = field(default_factory=list)

    def report(self, most=5):
        """The smallest forms of the programs that differ, as files to run."""
        return "\n".join(smallest(program) for program in self.different[:most])


def fuzz(seeds, make=Program):
    """Makes and judges the programs of these seeds."""
    outcome = Outcome()
    for seed in seeds:
        program = make(seed)
        outcome.programs += 1
        outcome.lines += len(program.pair.lines)
        outcome.left_out.update(words for _, words in program.pair.left_out)
        if program.difference:
            program.seed = seed
            outcome.different.append(program)
    return outcome


def smallest(program):
    lines, difference = shrink(program.pair.lines, program.difference)
    return f"# seed {program.seed}: {difference.kind}: {difference.text[:600]}\n{script(lines)}\n"
