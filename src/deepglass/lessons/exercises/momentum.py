"""Lesson 13: a step of momentum, in any of its usual conventions."""

from deepglass.course.judging.description import Description


def momentum(w, v, g, rate, mu):
    """As PyTorch and the engine: the velocity is a fading sum of gradients."""
    v = mu * v + g
    return w - rate * v, v


def with_rate_inside(w, v, g, rate, mu):
    """As Polyak and Sutskever: the velocity is the step itself."""
    v = mu * v - rate * g
    return w + v, v


def with_rate_inside_uphill(w, v, g, rate, mu):
    """Likewise, with the sign turned."""
    v = mu * v + rate * g
    return w - v, v


def averaged(w, v, g, rate, mu):
    """As Adam: the velocity is a fading mean."""
    v = mu * v + (1 - mu) * g
    return w - rate * v, v


def cases(rng):
    """From rest, on the way, uphill; then random ones."""
    yield from ((0.3, 0.0, 1.0, 0.1, 0.9), (0.2, 1.0, -0.5, 0.1, 0.9), (1.0, -2.0, 0.5, 0.01, 0.5))
    for _ in range(4):
        yield (
            *(float(number) for number in rng.normal(size=3)),
            float(rng.uniform(0.01, 0.5)),
            float(rng.uniform(0.3, 0.95)),
        )


EXERCISE = Description(
    name="momentum",
    task="Write a step of momentum for weight <code>w</code>, velocity <code>v</code>, gradient <code>g</code>, "
    "learning rate <code>rate</code>; <code>mu</code> is how much of the velocity stays. Give back the new "
    "<code>w</code> and <code>v</code>. (Books differ about where the rate stands; any usual way counts.)",
    stub="""
        def momentum(w, v, g, rate, mu):
            # your lines here
            return w, v
    """,
    solution="""
        def momentum(w, v, g, rate, mu):
            v = mu * v + g
            return w - rate * v, v
    """,
    hint="First the velocity: a share <code>mu</code> of the old one, and the gradient. Then step with it.",
    answer=momentum,
    others=(
        (
            with_rate_inside,
            "Your velocity holds the rate and the sign, as in Polyak's paper: it is the step itself. PyTorch "
            "keeps the sum of gradients in v, and multiplies later; with a steady rate both walk the same path.",
        ),
        (
            with_rate_inside_uphill,
            "Your velocity holds the rate, as Polyak's does; with a steady rate the path is that of this page.",
        ),
        (
            averaged,
            "Your velocity is a fading *mean*, as in Adam: with the same rate its steps are 1 − mu times as long as "
            "the fading sum's of this page.",
        ),
    ),
    cases=cases,
    gives="both, `return w, v`",
    praise="It agrees with the engine's way, or a usual one.",
    slips=(
        (lambda w, v, g, r, m: (w - r * v, m * v + g), "Step with the new velocity, not the old one."),
        (lambda w, v, g, r, m: (w + r * (m * v + g), m * v + g), "Step against the velocity: downhill."),
        (lambda w, v, g, r, m: (w - r * g, m * v + g), "Step with the velocity, not with the bare gradient."),
        (lambda w, v, g, r, m: (w - r * (v + g), v + g), "A share mu of the old velocity stays, not all of it."),
        (
            lambda w, v, g, r, m: (w - r * (g + m * (m * v + g)), m * v + g),
            "That is Nesterov's way, which looks a step ahead; here it is the plain one.",
        ),
        (lambda w, v, g, r, m: momentum(w, v, g, r, m)[::-1], "The weight comes first, then the velocity."),
    ),
    right=(
        "def momentum(w, v, g, rate, mu):\n    v = mu * v - rate * g\n    return w + v, v",
        "def momentum(w, v, g, rate, mu):\n    v = mu * v + (1 - mu) * g\n    return [w - rate * v, v]",
        "def momentum(w, v, g, lr, beta):\n    new = beta * v + lr * g\n    return np.array([w - new, new])",
        "def momentum(w, v, g, rate, mu):\n    v *= mu\n    v += g\n    w -= rate * v\n    return (w, v)",
        """
        def momentum(w, v, g, rate, mu):
            p = torch.tensor([w], dtype=torch.float64, requires_grad=True)
            opt = torch.optim.SGD([p], lr=rate, momentum=mu)
            p.grad = torch.tensor([g], dtype=torch.float64)
            opt.state[p]["momentum_buffer"] = torch.tensor([v], dtype=torch.float64)
            opt.step()
            return p.item(), opt.state[p]["momentum_buffer"].item()
        """,
    ),
    wrong=(
        "def momentum(w, v, g, rate, mu):\n    return w - rate * v, mu * v + g",
        "def momentum(w, v, g, rate, mu):\n    v = mu * v + g\n    return w + rate * v, v",
        "def momentum(w, v, g, rate, mu):\n    v = mu * v + g\n    return w - rate * g, v",
        "def momentum(w, v, g, rate, mu):\n    v = v + g\n    return w - rate * v, v",
        "def momentum(w, v, g, rate, mu):\n    v = mu * v + rate * g\n    return w - rate * v, v",
        "def momentum(w, v, g, rate, mu):\n    v = mu * (v + g)\n    return w - rate * v, v",
        "def momentum(w, v, g, rate, mu):\n    return w - rate * (mu * v + g)",
    ),
)
