"""Lesson 73: equal lines of a computation are computed once."""

from deepglass.course.judging.description import Description


def computed_once(lines):
    """The number of different computations: same operation, same inputs."""
    known, number = {}, []
    for operation, *inputs in lines:
        key = (operation, *(number[i] if isinstance(i, int) else i for i in inputs))
        number.append(known.setdefault(key, len(known)))
    return len(known)


def cases(rng):
    """Nothing twice, something twice, something twice because its inputs are; then drawn ones."""
    yield ([("exp", "w"), ("exp", "x"), ("add", 0, 1), ("div", 0, 2)],)
    yield ([("exp", "w"), ("exp", "w"), ("exp", "x"), ("add", 1, 2), ("div", 0, 3)],)
    yield ([("add", "w", "x"), ("add", "w", "x"), ("mul", 0, 0), ("mul", 1, 1), ("exp", 2), ("exp", 3)],)
    yield ([("div", "w", "x"), ("div", "x", "w")],)
    for count in (8, 20):
        lines = []
        for _ in range(count):
            inputs = [["w", "x", *range(len(lines))][int(rng.integers(min(4, 2 + len(lines))))] for _ in range(2)]
            lines.append((["add", "mul"][int(rng.integers(2))], *inputs))
        yield (lines,)


def tell(lines):
    """Short ones in full."""
    return f"For lines = {lines}" if len(lines) <= 6 else f"For {len(lines)} random lines"


def directly(lines):
    """Only lines that look alike are one."""
    return len(set(lines))


def without_order(lines):
    """As if w / x were x / w."""
    known, number = {}, []
    for operation, *inputs in lines:
        key = (operation, *sorted(str(number[i] if isinstance(i, int) else i) for i in inputs))
        number.append(known.setdefault(key, len(known)))
    return len(known)


EXERCISE = Description(
    name="computed_once",
    task="<code>lines</code> is a computation: each line has an operation and one or two inputs, which are names or "
    "the numbers of earlier lines, such as <code>('add', 'w', 0)</code>. Two lines are one if they do the same to the "
    "same things in the same order, and lines that are one count as the same thing further on. Give back how many are "
    "left.",
    stub="""
        def computed_once(lines):
            # your lines here
            return len(lines)
    """,
    solution="""
        def computed_once(lines):
            known, number = {}, []
            for operation, *inputs in lines:
                key = (operation, *(number[i] if isinstance(i, int) else i for i in inputs))
                number.append(known.setdefault(key, len(known)))
            return len(known)
    """,
    hint="Give every different line a new number, and write the inputs with these numbers before you compare.",
    answer=computed_once,
    cases=cases,
    tell=tell,
    gives="one number",
    praise="Compilers call it common subexpression elimination, by value numbering.",
    slips=(
        (lambda lines: len(lines), "Some of them do the same."),
        (directly, "Lines whose inputs are the same thing under two numbers are one as well."),
        (without_order, "w / x and x / w are two."),
        (lambda lines: len({line[0] for line in lines}), "Operations are counted there, not lines."),
    ),
    right=(
        """
        def computed_once(lines):
            same, seen = [], []
            for line in lines:
                real = tuple(same[part] if type(part) is int else part for part in line)
                if real not in seen:
                    seen.append(real)
                same.append(seen.index(real))
            return len(seen)
        """,
        """
        def computed_once(lines):
            def written(i):
                if isinstance(i, str):
                    return i
                operation, *inputs = lines[i]
                return f"{operation}({','.join(written(j) for j in inputs)})"
            return len({written(i) for i in range(len(lines))})
        """,
        """
        def computed_once(lines):
            names = {}
            whole = []
            for line in lines:
                text = line[0] + "(" + ", ".join(whole[i] if isinstance(i, int) else i for i in line[1:]) + ")"
                whole.append(names.setdefault(text, f"<{len(names)}>"))
            return len(set(whole))
        """,
    ),
    wrong=(
        "def computed_once(lines):\n    return len(set(lines))",
        "def computed_once(lines):\n    return len({tuple(sorted(map(str, line))) for line in lines})",
        "def computed_once(lines):\n    return len(lines) - 1",
        "def computed_once(lines):\n    return len({line[0] for line in lines})",
    ),
)
