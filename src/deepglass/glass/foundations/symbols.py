"""A graph of symbols: a computation that has not happened, and what can be done with it before it does.

Here `x * y` computes nothing. It is a node that remembers two others, and from the graph of such nodes one can make
the graph of its gradient (`gradient`), an equal graph with less to do (`simplified`), and a Python function
(`compiled`). Theano worked like that, and TensorFlow 1 after it. The engine (`glass/autograd.py`) writes its graph
down while numbers run through it, and differentiates the numbers.

Bergstra et al. (2010), Theano: A CPU and GPU math compiler in Python,
https://proceedings.scipy.org/articles/Majora-92bf1922-003
"""

import re
from dataclasses import dataclass
from keyword import iskeyword

import numpy as np

CODE = {  # operation: the Python that computes it; {0} and {1} are its inputs
    "add": "{0} + {1}", "mul": "{0} * {1}", "div": "{0} / {1}", "neg": "-{0}", "exp": "np.exp({0})",
    "log": "np.log({0})", "tanh": "np.tanh({0})", "softplus": "np.logaddexp(0.0, {0})",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Symbol:
    """A node: an operation on other nodes, a name for what will be given, or a number.

    Args:
        operation: A key of `CODE`, "name" or "number".
        inputs: The nodes that it is computed from.
        value: The name or the number.
    """

    operation: str
    inputs: tuple["Symbol", ...] = ()
    value: str | float = ""

    def __add__(self, other):
        return Symbol("add", (self, as_symbol(other)))

    def __mul__(self, other):
        return Symbol("mul", (self, as_symbol(other)))

    def __truediv__(self, other):
        return Symbol("div", (self, as_symbol(other)))

    def __neg__(self):
        return Symbol("neg", (self,))

    def __sub__(self, other):
        return self + -as_symbol(other)

    def __rsub__(self, other):
        return as_symbol(other) + -self

    def __rtruediv__(self, other):
        return as_symbol(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __str__(self):
        if self.operation in ("name", "number"):
            return str(self.value)
        inputs = (f"({given})" if given.inputs else given for given in self.inputs)
        return CODE[self.operation].replace("np.", "").format(*inputs)


def symbol(name):
    """Something that will be given later."""
    return Symbol("name", value=name)


def as_symbol(value):
    """Numbers as nodes; nodes as they are."""
    return value if isinstance(value, Symbol) else Symbol("number", value=float(value))


def exp(x):
    """eˣ, written down."""
    return Symbol("exp", (x,))


def log(x):
    """The natural logarithm, written down."""
    return Symbol("log", (x,))


def tanh(x):
    """The hyperbolic tangent, written down."""
    return Symbol("tanh", (x,))


def nodes(*results):
    """All nodes behind some results, each once, inputs before what is computed from them."""
    order, seen, waiting = [], set(), list(reversed(results))
    while waiting:
        node = waiting[-1]
        left = [given for given in node.inputs if id(given) not in seen]
        if left:
            waiting += reversed(left)
            continue
        waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            order.append(node)
    return order


# -- a graph from a graph: the gradient -------------------------------------------------------------------------------

SLOPES = {  # operation: from the node and the blame that arrives, the blame of each input, as nodes
    "add": lambda node, blame: (blame, blame),
    "mul": lambda node, blame: (blame * node.inputs[1], blame * node.inputs[0]),
    "div": lambda node, blame: (blame / node.inputs[1], -(blame * node / node.inputs[1])),
    "neg": lambda node, blame: (-blame,),
    "exp": lambda node, blame: (blame * node,),
    "log": lambda node, blame: (blame / node.inputs[0],),
    "tanh": lambda node, blame: (blame * (1 - node * node),),
    "softplus": lambda node, blame: (blame / (1 + exp(-node.inputs[0])),),
}


def gradient(result, names):
    """The graphs of ∂result/∂name, one per name: back-propagation, with symbols where it has numbers.

    Args:
        result: A node.
        names: Symbols that it may depend on; where it does not, the gradient is the number 0.

    Example:
        >>> x = symbol("x")
        >>> str(simplified(gradient(x * x, [x])[0])[0])
        'x + x'
    """
    blames = {id(result): as_symbol(1)}
    for node in reversed(nodes(result)):
        if id(node) in blames and node.inputs:
            for given, share in zip(node.inputs, SLOPES[node.operation](node, blames[id(node)])):
                blames[id(given)] = blames[id(given)] + share if id(given) in blames else share
    return [blames.get(id(name), as_symbol(0)) for name in names]


# -- a graph that does less -------------------------------------------------------------------------------------------


def simplified(*results):
    """Equal graphs with fewer nodes: what is known is computed, what is there twice is shared.

    The rules hold for real numbers; `log(1 + exp(x))` becomes softplus, which does not overflow where the other does.
    """
    new, known = {}, {}
    for node in nodes(*results):
        inputs = tuple(new[id(given)] for given in node.inputs)
        found = shorter(Symbol(node.operation, inputs, node.value) if inputs else node)
        key = (found.operation, *map(id, found.inputs), found.value)
        new[id(node)] = known.setdefault(key, found)
    return [new[id(result)] for result in results]


def shorter(node):
    """A node by one rule, or as it is."""
    a, b = (*node.inputs, node, node)[:2]  # a name has no inputs, and no rule
    if node.inputs and all(given.operation == "number" for given in node.inputs):
        numbers = {name: np.float64(given.value) for name, given in zip("ab", node.inputs)}
        with np.errstate(all="ignore"):
            value = eval(CODE[node.operation].format("a", "b"), {"np": np, **numbers})
        return as_symbol(value) if np.isfinite(value) else node
    match node.operation:
        case "add" if is_number(a, 0):
            return b
        case "add" if is_number(b, 0):
            return a
        case "mul" if is_number(a, 0) or is_number(b, 0):
            return as_symbol(0)
        case "mul" if is_number(a, 1):
            return b
        case "mul" | "div" if is_number(b, 1):
            return a
        case "neg" if a.operation == "neg":
            return a.inputs[0]
        case "log" if a.operation == "exp":
            return a.inputs[0]
        case "log" if a.operation == "add" and is_number(a.inputs[0], 1) and a.inputs[1].operation == "exp":
            return Symbol("softplus", a.inputs[1].inputs)
        case "log" if a.operation == "add" and is_number(a.inputs[1], 1) and a.inputs[0].operation == "exp":
            return Symbol("softplus", a.inputs[0].inputs)
    return node


def is_number(node, value):
    """Whether a node is this very number."""
    return node.operation == "number" and node.value == value


# -- a function at last -----------------------------------------------------------------------------------------------


def source(names, results):
    """Python that computes some results from what the names will be: a line per operation."""
    called, lines = {}, []
    for node in nodes(*results):
        if node.inputs:
            called[id(node)] = f"t{len(lines)}"
            lines.append(f"{called[id(node)]} = {CODE[node.operation].format(*(called[id(g)] for g in node.inputs))}")
        else:
            called[id(node)] = f"({node.value!r})" if node.operation == "number" else node.value
    given, made = ", ".join(name.value for name in names), ", ".join(called[id(result)] for result in results)
    return "\n".join([f"def computed({given}):", *(f"    {line}" for line in lines), f"    return {made}"])


def compiled(names, results):
    """The function of `source`: numbers or arrays in, results out.

    Raises:
        ValueError: If a name is no identifier or one of the source's own (np, t0, …), or one is needed and not given.
    """
    for name in names:
        if not str(name.value).isidentifier() or iskeyword(name.value) or re.fullmatch(r"np|t\d+", name.value):
            raise ValueError(f"expected a name that Python can have, got {name.value!r}")
    absent = {n.value for n in nodes(*results) if n.operation == "name"} - {name.value for name in names}
    if absent:
        raise ValueError(f"the results need {', '.join(sorted(absent))} as well: name them")
    space = {"np": np}
    exec(source(names, results), space)
    return space["computed"]
