"""Lesson 38: a program that runs a network which came as a list."""

import numpy as np

from deepglass.course.judging.description import Description

OPS = {"MatMul": lambda a, b: a @ b, "Add": lambda a, b: a + b, "Relu": lambda a: np.maximum(a, 0)}


def compute(nodes, values, relu=OPS["Relu"]):
    """The value of the last node."""
    values = dict(values)
    for op, inputs, output in nodes:
        values[output] = {**OPS, "Relu": relu}[op](*(values[name] for name in inputs))
    return values[nodes[-1][2]]


def cases(rng):
    """A layer, a layer whose operands stand the other way round, a way around a layer; then deeper nets."""
    x, w, b = np.array([[1.0, -2.0]]), np.array([[0.5, 1.0], [1.0, -0.5]]), np.array([0.25, -3.0])
    layer = [("MatMul", ["x", "w"], "s"), ("Add", ["s", "b"], "t"), ("Relu", ["t"], "y")]
    yield layer, {"x": x, "w": w, "b": b}
    yield [("Relu", ["x"], "y")], {"x": x}
    yield [*layer, ("Add", ["x", "y"], "z")], {"x": x, "w": w, "b": b}  # a residual connection
    yield [("Relu", ["x"], "r"), ("MatMul", ["w", "r"], "y")], {"w": w, "x": np.array([[-1.0], [2.0]])}
    yield [("Relu", ["x"], "x"), ("Add", ["x", "b"], "y")], {"x": x, "b": b}  # a name is given anew
    for _ in range(2):
        values = {"x": rng.normal(size=(3, 4)), "w": rng.normal(size=(4, 4)), "b": rng.normal(size=4)}
        yield (
            [*layer, ("MatMul", ["y", "w"], "u"), ("Add", ["u", "x"], "v"), ("Relu", ["v"], "out")],
            values,
        )


def chained(nodes, values):
    """Gives each operation what the one before it gave."""
    found = values[nodes[0][1][0]]
    for op, inputs, _ in nodes:
        found = OPS[op](found, *(np.asarray(values.get(name, found)) for name in inputs[1:]))
    return found


def tell(nodes, values):
    """The list in words."""
    return "For " + ", ".join(f"{output} = {op}({', '.join(inputs)})" for op, inputs, output in nodes)


EXERCISE = Description(
    name="compute",
    task="A net comes as a list of <code>(operation, inputs, output)</code>, such as "
    '<code>("Add", ["s", "b"], "t")</code>; <code>values</code> is a dict that holds the arrays which are there at the '
    "beginning, by name. Operations are <code>MatMul</code>, <code>Add</code> and <code>Relu</code>. Run the list and "
    "give back the value of the last output.",
    stub="""
        def compute(nodes, values):
            for operation, inputs, output in nodes:
                # your lines here
                pass
            return values["x"]
    """,
    solution="""
        def compute(nodes, values):
            known = {"MatMul": lambda a, b: a @ b, "Add": lambda a, b: a + b, "Relu": lambda a: np.maximum(a, 0)}
            for operation, inputs, output in nodes:
                values[output] = known[operation](*[values[name] for name in inputs])
            return values[output]
    """,
    hint="Look the inputs up by their names, compute, and put the result into <code>values</code> under the name of "
    "the output: a later node may ask for it.",
    answer=lambda nodes, values: compute(nodes, values),
    cases=cases,
    tell=tell,
    gives="one array",
    praise="That is an ONNX runtime, but for the other operations and the speed.",
    slips=(
        (chained, "An operation may ask for any value by its name, not only for the one just computed."),
        (lambda nodes, values: compute(nodes, values, lambda a: a), "Relu: what is below zero becomes zero."),
        (
            lambda nodes, values: compute(nodes, values, np.abs),
            "Relu is not the size: what is below zero becomes zero.",
        ),
        (lambda nodes, values: values[nodes[0][1][0]], "That is the first input; the last output is asked for."),
    ),
    right=(
        """
        def compute(nodes, values):
            for op, names, out in nodes:
                args = [values[n] for n in names]
                if op == "MatMul":
                    values[out] = args[0] @ args[1]
                elif op == "Add":
                    values[out] = args[0] + args[1]
                else:
                    values[out] = args[0] * (args[0] > 0)
            return values[nodes[-1][-1]]
        """,
        """
        def compute(nodes, values):
            if not nodes:
                return None
            values = dict(values)
            (op, inputs, output), rest = nodes[0], nodes[1:]
            a, b = values[inputs[0]], values[inputs[-1]]
            values[output] = {"MatMul": np.matmul, "Add": np.add, "Relu": np.maximum}[op](a, 0 if op == "Relu" else b)
            return compute(rest, values) if rest else values[output]
        """,
        """
        def compute(graph, given):
            t = {name: torch.as_tensor(array) for name, array in given.items()}
            for op, inputs, output in graph:
                call = {"MatMul": torch.matmul, "Add": torch.add, "Relu": torch.relu}[op]
                t[output] = call(*(t[name] for name in inputs))
            return t[output]
        """,
    ),
    wrong=(
        """
        def compute(nodes, values):
            y = values["x"]
            for op, inputs, output in nodes:
                y = y @ values["w"] if op == "MatMul" else y + values["b"] if op == "Add" else np.maximum(y, 0)
            return y
        """,
        """
        def compute(nodes, values):
            for op, (a, *b), output in nodes:
                if op == "MatMul":
                    values[output] = values[a] * values[b[0]]
                elif op == "Add":
                    values[output] = values[a] + values[b[0]]
                else:
                    values[output] = np.maximum(values[a], 0)
            return values[output]
        """,
        """
        def compute(nodes, values):
            for op, (a, *b), output in nodes:
                if op == "MatMul":
                    values[output] = values[a] @ values[b[0]]
                elif op == "Add":
                    values[output] = values[a] + values[b[0]]
                else:
                    values[output] = np.abs(values[a])
            return values[output]
        """,
        """
        def compute(nodes, values):
            for op, (a, *b), output in nodes:
                if op == "MatMul":
                    values[output] = values[a] @ values[b[0]]
                elif op == "Add":
                    values[output] = values[a] + values[b[0]]
                else:
                    values[output] = values[a]
            return values[output]
        """,
        "def compute(nodes, values):\n    return values",
    ),
)
