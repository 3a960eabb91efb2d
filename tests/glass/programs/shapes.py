"""Lines of reductions, views, indexing, products: whatever changes a shape."""

from .maker import words


def reduction(m):
    x, keep = m.any(), m.pick(("", ", keepdim=True"))
    name = m.pick(words("sum mean max min amax amin argmax argmin all any sum mean std var logsumexp norm"))
    way = m.pick(("T.{n}({x}{a})", "{x}.{n}({b})"))
    kind = m.integer(0, 3)
    if name in ("std", "var") and kind == 3:
        arguments = m.pick((
        f"{m.dim(x)}, unbiased=False", "unbiased=False", "False", f"{m.dim(x)}, False, True",
        f"{m.dim(x)}, correction=0", f"{m.dim(x)}, correction=2",
    ))  # fmt: skip
    elif name == "norm":
        p = m.pick(("2", "1", "inf", "-inf", "3", "0.5", "1.5", '"fro"', "2.0"))
        arguments = m.pick((p, f"{p}, {m.dim(x)}", f"{p}, {m.dim(x)}{keep}"))
    elif kind == 0 and name != "logsumexp":
        arguments = ""
    elif kind == 1 and name in ("sum", "mean", "amax", "amin", "logsumexp", "std", "var", "all", "any"):
        dims = m.dims(x) or ((0,) if name in ("std", "var") else ())  # of no dimension PyTorch takes a wrong gradient
        arguments = f"{dims}{keep}"
    elif kind == 2 and name in ("sum", "mean"):
        arguments = m.pick((f"{m.dim(x)}, dtype=T.float64", "dtype=T.float64", "dtype=T.float32"))
    elif kind == 2 and name in ("max", "min"):
        arguments = m.partner(x)
    else:
        arguments = f"{m.dim(x)}{keep}"
    x = m.without_huge(x) if name in ("std", "var") else x
    return f"{m.new()} = " + way.format(n=name, x=x, a=", " * bool(arguments) + arguments, b=arguments)


def along(m):
    x = m.any()
    d = m.dim(x)
    if m.chance(0.25) and m.value(x).ndim and are_different(m.value(x)):
        k = m.integer(0, m.value(x).shape[d] if abs(d) <= m.value(x).ndim and d != m.value(x).ndim else 1)
        return f"{m.new()} = " + m.pick((
        f"{x}.topk({k}, {d}, {m.pick((True, False))})", f"{x}.sort({d})", f"{x}.argsort({d}, True)",
    ))  # fmt: skip
    return f"{m.new()} = " + m.pick((
        f"T.softmax({x}, {d})", f"{x}.log_softmax({d})", f"{x}.softmax(-1)",
        f"T.softmax({x}, {d}, dtype=T.float64)", f"T.cumsum({x}, {d})", f"{x}.cumsum({d}, dtype=T.float64)",
        f"T.sort({x}, dim={d}, descending=True, stable=True)", f"{x}.sort(dim={d}, stable=True)",
        f"T.argsort({x}, dim={d}, stable=True)", f"{x}.argsort(dim={d}, descending=True, stable=True)",
        f"{x}.cumsum(0)",
    ))  # fmt: skip


def are_different(x):
    values = x.detach().flatten().tolist()
    return len(set(values)) == len(values) and not any(v != v for v in values)


def reshape(m):
    x = m.any()
    size, new = m.value(x).numel(), []
    while len(new) < 3 and m.chance(0.8):
        factors = [n for n in (1, 2, 3, 4, 6) if n <= max(size, 1) and (size % n == 0)]
        new.append(m.pick(factors))
        size //= new[-1]
    new.insert(m.integer(0, len(new)), -1 if m.chance(0.5) else size if m.chance(0.98) else size + 1)
    shape = tuple(new)
    return f"{m.new()} = " + m.pick((
        "{x}.reshape({s})", "T.reshape({x}, {s})", "{x}.view({s})", "{x}.view(*{s})", "{x}.reshape(*{s})",
        "T.flatten({x})", "{x}.flatten({a})", "{x}.ravel()", "{x}.flatten({a}, {b})", "{x}.unflatten({a}, (1, -1))",
        "{x}.view(-1)", "{x}.unflatten({a}, (-1, 1))",
    )).format(x=x, s=shape, a=m.dim(x), b=m.dim(x))  # fmt: skip


def view(m):
    x = m.any()
    order = list(range(m.value(x).ndim))
    m.random.shuffle(order)
    return f"{m.new()} = " + m.pick((
        "{x}.squeeze()", "{x}.squeeze({a})", "{x}.unsqueeze({a})", "T.unsqueeze({x}, {a})",
        "{x}.transpose({a}, {b})", "{x}.permute({o})", "{x}.t()", "{x}.T", "{x}.mT", "T.permute({x}, {o})",
        "{x}.detach()", "{x}.data", "{x}.clone()", "{x}.contiguous()", "{x}.diagonal()",
        "T.diagonal({x}, {k}, {a}, {b})", "T.squeeze({x}, {a})", "T.transpose({x}, {a}, {b})", "{x}.squeeze({d})",
        "{x}.cpu()",
    )).format(x=x, a=m.dim(x), b=m.dim(x), o=tuple(order), k=m.integer(-2, 2), d=m.dims(x))  # fmt: skip


def expand(m):
    x = m.any()
    shape = [m.pick((n, n, -1)) if n != 1 else m.pick((1, 2, 3, -1)) for n in m.value(x).shape]
    if m.chance(0.3):
        shape.insert(0, m.pick((1, 2, 3)))
    if m.chance(0.03) or not shape:
        shape.append(2)
    wide = tuple(m.pick((1, 2)) if n == -1 else n for n in shape)
    repeats = tuple(m.pick((1, 2, 1, 0)) for _ in shape) or (2,)
    return f"{m.new()} = " + m.pick((
        "{x}.expand({s})", "{x}.expand(*{s})", "{x}.expand_as({y})", "T.broadcast_to({x}, {w})", "{x}.repeat({r})",
        "T.repeat_interleave({x}, 2, {d})", "{x}.repeat_interleave(3)",
        "{x}.repeat_interleave(T.tensor([1, 0, 2]), {d})", "{x}.expand({w})", "{x}.repeat(*{r})",
    )).format(x=x, s=tuple(shape), w=wide, r=repeats, y=m.partner(x), d=m.dim(x))  # fmt: skip


def together(m):
    x = m.any()
    d = m.dim(x)
    if m.chance(0.5):
        others = [m.same(x, m.type_beside(m.value(x))) for _ in range(m.integer(0, 2))]
        return f"{m.new()} = T.stack([{', '.join([x, *others])}], {d})"
    others = []
    for _ in range(m.integer(0, 2)):
        shape = list(m.value(x).shape)
        if shape and m.chance(0.6):
            shape[d if d < len(shape) else 0] = m.pick((1, 2, 3, 0))
        others.append(m.leaf(tuple(shape) if m.chance(0.97) else m.shape(), m.type_beside(m.value(x), 0.8)))
    if m.chance(0.03):
        others.append("T.zeros(0)")
    if m.chance(0.01):
        others.append("None")
    return f"{m.new()} = T.cat([{', '.join([x, *others])}], {m.pick(('', 'dim='))}{d})"


def apart(m):
    x = m.any()
    d = m.dim(x)
    n = m.value(x).shape[d] if -m.value(x).ndim <= d < m.value(x).ndim else 1
    start = m.integer(0, n)
    return f"{m.new()} = " + m.pick((
        f"{x}.split({m.pick((1, 2, 3))}, {d})", f"T.split({x}, [{start}, {n - start}], {d})",
        f"T.chunk({x}, {m.pick((1, 2, 3))}, {d})", f"{x}.unbind({d})",
        f"{x}.select({d}, {m.integer(-1, max(n - 1, 0))})", f"T.narrow({x}, {d}, {start}, {n - start})",
        f"{x}.narrow({d}, {m.integer(-1, 1)}, 1)", f"{x}.unfold({d}, {m.integer(1, 3)}, {m.integer(1, 2)})",
        f"{x}.chunk(2, {d})", f"T.unbind({x})",
    ))  # fmt: skip


def order(m):
    x = m.any()
    return f"{m.new()} = " + m.pick((
        "{x}.flip({d})", "T.flip({x}, {l})", "T.tril({x})", "{x}.triu({k})", "{x}.tril({k})", "{x}.flip({l})",
        "T.triu({x}, {k})", "{x}.tril_({k})",
    )).format(x=x, d=m.dim(x), l=m.dims(x), k=m.integer(-2, 2))  # fmt: skip


# Indices


def place(m, shape):
    """An index of a tensor of this shape, as text."""
    parts, left, has_tensor = [], list(shape), m.chance(0.3)
    for n in left:
        if m.chance(0.2):
            break
        parts.append(tensor_part(m, n) if has_tensor and m.chance(0.6) else basic_part(m, n))
    if m.chance(0.1):
        parts.insert(m.integer(0, len(parts)), "None")
    if m.chance(0.1):
        parts = [*parts[: m.integer(0, 1)], "..."]
    if not parts:
        return "..."
    return parts[0] if len(parts) == 1 else ", ".join(parts)


def basic_part(m, n):
    ends = ("", "0", "1", "-1", str(n), "-2", "5")
    return m.pick((
        ":", ":", str(m.integer(-n, n - 1)) if n and m.chance(0.97) else str(n),
        f"{m.pick(ends)}:{m.pick(ends)}", f"{m.pick(ends)}:{m.pick(ends)}:{m.pick((1, 2, 3))}",
    ))  # fmt: skip


def tensor_part(m, n):
    if not n:
        return ":"
    places = [m.integer(-n, n - 1) for _ in range(m.pick((1, 2, 2, 3)))]
    return m.pick((
        f"T.tensor({places})", f"{places}", f"T.tensor({places[0]})",
        f"T.tensor({[p >= 0 for p in range(-(n // 2), n - n // 2)]})", f"T.tensor([{places}])",
        f"{[bool(p % 2) for p in range(n)]}", f"range({n})", f"T.tensor({places}, dtype=T.int32)",
    ))  # fmt: skip


def take(m):
    x = m.any()
    shape = m.value(x).shape
    if m.chance(0.2) and shape:
        return f"{m.new()} = {x}[{m.mask(x)}]"
    return f"{m.new()} = {x}[{place(m, shape)}]"


def put(m):
    x = m.any()
    if not x.isidentifier():
        return take(m)
    where = m.mask(x) if m.chance(0.3) and m.value(x).ndim else place(m, m.value(x).shape)
    try:
        part = eval(f"{x}[{where}]", dict(m.names)).shape
    except Exception:  # an index that does not fit, to be refused by both
        part = ()
    if m.chance(0.4):
        value = m.finite()
    else:
        value = m.leaf(
            m.beside(part) if m.chance(0.5) else tuple(part),
            m.type_beside(m.value(x), 0.9 if m.value(x).dtype.is_floating_point else 1),
        )
    return f"{x}[{where}] = {value}"


def pick_along(m):
    x = m.any()
    d, shape = m.dim(x), list(m.value(x).shape)
    n = shape[d] if -len(shape) <= d < len(shape) else 1
    if m.chance(0.4):
        index = m.leaf((m.integer(1, 3),), m.pick(("int64", "int64", "int32")), low=0, high=max(n - 1, 0))
        return f"{m.new()} = T.index_select({x}, {d}, {index})"
    if m.chance(0.2):
        return f"{m.new()} = " + m.pick(("T.nonzero({x})", "{x}.nonzero(as_tuple=True)")).format(x=x)
    shape = [m.integer(1, s) if s and m.chance(0.3) else s for s in shape]
    if shape and -len(shape) <= d < len(shape):
        shape[d] = m.integer(1, 3)
    index = m.leaf(tuple(shape), "int64", low=0, high=max(n - 1, 0))
    return f"{m.new()} = " + m.pick(("T.gather({x}, {d}, {i})", "{x}.gather({d}, {i})")).format(x=x, d=d, i=index)


# Products


def product(m):
    x = m.find(lambda x: x.ndim, lambda: m.leaf(m.sizes(m.integer(1, 3))), 0.1)
    *lead, n = m.value(x).shape
    kind = m.type_beside(m.value(x), 0.95)
    other = m.pick(((n,), (n, m.pick((1, 2, 3))), (n, 2), (*lead[:-1], n, 2), (2, n, 3), (n + m.chance(0.05), 1)))
    y = m.find(lambda y: y.shape == other and y.dtype == m.value(x).dtype, lambda: m.leaf(other, kind), 0.7)
    ways = ["{x} @ {y}", "T.matmul({x}, {y})", "{x}.matmul({y})"]
    ranks = len(lead) + 1, len(other)
    special = {(2, 2): "T.mm({x}, {y})", (3, 3): "T.bmm({x}, {y})", (2, 1): "T.mv({x}, {y})", (1, 1): "T.dot({x}, {y})"}
    if ranks in special:
        ways += [special[ranks]] * 3
    if ranks == (1, 1):
        ways += ["T.outer({x}, {y})", "{x}.outer({y})"]
    if ranks == (2, 2):
        added = m.leaf(m.beside((lead[0], other[1])), kind)
        options = m.pick(("", ", beta=2", ", alpha=-1", ", beta=0", ", beta=0.5, alpha=2"))
        ways += [f"T.addmm({added}, {{x}}, {{y}}{options})", "T.trace({x})"] * 2
    return f"{m.new()} = " + m.pick(ways).format(x=m.without_huge(x), y=m.without_huge(y))


def inverse(m):
    n = m.integer(1, 3)
    x = m.leaf((n, n), m.favourite, style="plain")
    layout = f".flatten().reshape({n}, {n})"  # in order, where LAPACK's is turned
    matrix = f"{x} * 0.1 + T.eye({n}, dtype=T.{m.favourite}) * 2"
    return f"{m.new()} = T.{m.pick(('inverse', 'linalg.inv'))}({matrix}){layout}.clone()"


OPERATIONS = {reduction: 5, along: 2, reshape: 2, view: 3, expand: 1.5, together: 1.5, apart: 1.5, order: 0.7, take: 3,
              put: 2, pick_along: 1.5, product: 2, inverse: 0.2}  # fmt: skip
