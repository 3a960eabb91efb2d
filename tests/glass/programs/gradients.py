"""Lines about the tape: backward passes, detached and retained tensors, hooks, recording switched off and on."""


def backward(m):
    """One backward pass, from one tensor or several together."""
    roots = [name for name, x in m.tensors().items() if x.grad_fn is not None]
    if not roots or m.chance(0.02):
        return f"{m.any()}.sum().backward()"
    options = m.pick(("", "", "", "retain_graph=True"))
    if m.chance(0.5):
        terms = [f"{root}.sum()" for root in m.random.sample(roots, min(len(roots), m.integer(1, 3)))]
        return f"({' + '.join(terms)}).backward({options})"
    root = roots[-1] if m.chance(0.7) else m.pick(roots)
    x = m.value(root)
    if x.numel() == 1 and m.chance(0.5):
        return f"{root}.backward({options})"
    kind = str(x.dtype).removeprefix("torch.")
    shape = tuple(x.shape) if m.chance(0.98) else (2,)
    gradient = m.without_huge(m.leaf(shape, kind, False)) + ".clone()" if m.chance(0.8) else f"T.ones_like({root})"
    way = m.pick(("{r}.backward({g}{o})", "({r} * {g}).sum().backward({k})", "{r}.backward(gradient={g}{o})"))
    return way.format(r=root, g=gradient, o=", " * bool(options) + options, k=options)


def grad(m):
    inputs = [name for name, x in m.tensors().items() if x.requires_grad and (x.grad_fn or x._base is None)]
    has_hook = any(m.value(x)._backward_hooks for x in inputs)
    if not inputs or has_hook:  # PyTorch hands out what comes before a hook, or after it, as the tensor leads on or not
        return backward(m)
    root, chosen = inputs[-1], m.random.sample(inputs, min(len(inputs), 2))
    way = m.pick(
        ("T.autograd.grad({r}.sum(), [{i}], allow_unused=True, retain_graph=True)", "T.autograd.grad({r}.sum(), [{i}])")
    )
    found = way.format(r=root, i=", ".join(chosen))
    return f"{m.new()} = [g if g is None else g.clone() for g in {found}]"


def handle(m):
    """A line on how a tensor is recorded."""
    x = m.any()
    leaves = [name for name, value in m.tensors().items() if value.grad_fn is None]
    leaf = m.pick(leaves) if leaves else x
    tensors = m.tensors()
    shown = {id(y._base) for y in tensors.values()}
    free = [name for name in leaves if tensors[name]._base is None and id(tensors[name]) not in shown] or [m.leaf((2,))]
    return m.pick((
        f"{m.new()} = {x}.detach()", f"{x}.retain_grad()", f"{m.pick(free)}.requires_grad_()", f"{x}.grad = None",
        f"{m.pick(free)}.requires_grad = True", f"{x}.retain_grad()", f"{m.float()}.retain_grad()",
        f"{m.pick(free)}.requires_grad_()", f"{leaf}.grad = None",
        f"_ = {m.float()}.register_hook(lambda g: g * 2)",
        f"_ = {m.float()}.register_hook(lambda g: g.clamp(-1, 1))", f"{m.new()} = {leaf}.grad",
    ))  # fmt: skip


def without_recording(m, line):
    """The line, with recording switched off, or off and on."""
    line = line.replace("contiguous", "clone")  # what is in order after a convolution is not the same in both
    return m.pick((
        "with T.no_grad(): {l}", "with T.no_grad(): {l}", "with T.set_grad_enabled(False): {l}",
        "with T.enable_grad(): {l}", "with T.no_grad(), T.enable_grad(): {l}",
    )).format(l=line)  # fmt: skip


OPERATIONS = {handle: 1.5, grad: 0.3, backward: 0.6}
