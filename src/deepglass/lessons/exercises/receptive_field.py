"""Lesson 25: how wide the field of one answer is."""

from deepglass.course.judging.description import Description


def receptive_field(kernels, strides):
    """1 + Σ (kernel − 1) · product of the strides before it"""
    width, step = 1, 1
    for kernel, stride in zip(kernels, strides):
        width, step = width + (kernel - 1) * step, step * stride
    return width


def cases(rng):
    """One layer, two small ones, a stride before, a stride at the end, ones of 1; one drawn."""
    yield [3], [1]
    yield [3, 3], [1, 1]
    yield [3, 3], [2, 1]
    yield [3, 3], [1, 2]
    yield [1, 5, 1], [1, 1, 1]
    yield [11, 3, 5, 3], [4, 2, 1, 2]
    count = int(rng.integers(3, 6))
    yield [int(n) for n in rng.integers(1, 6, count)], [int(n) for n in rng.integers(1, 4, count)]


def product_of_all(kernels, strides):
    """The layer's own stride counted too."""
    width, step = 1, 1
    for kernel, stride in zip(kernels, strides):
        step *= stride
        width += (kernel - 1) * step
    return width


EXERCISE = Description(
    name="receptive_field",
    task="How many pixels wide is the field that one answer of the last layer sees? <code>kernels</code> and "
    "<code>strides</code> are lists, from the picture on. Each layer adds its kernel less 1, times all strides "
    "<i>before</i> it.",
    stub="""
        def receptive_field(kernels, strides):
            width, step = 1, 1
            # your lines here
            return width
    """,
    solution="""
        def receptive_field(kernels, strides):
            width, step = 1, 1
            for kernel, stride in zip(kernels, strides):
                width += (kernel - 1) * step
                step *= stride
            return width
    """,
    hint="step is how many pixels lie between two neighbours of the layer you are at: first 1, then the product of "
    "the strides so far.",
    answer=receptive_field,
    cases=cases,
    tell=lambda kernels, strides: f"For kernels {kernels} with strides {strides}",
    gives="one number",
    slips=(
        (lambda k, s: 1 + sum(n - 1 for n in k), "Behind a stride, neighbours lie further apart."),
        (product_of_all, "A layer's own stride comes after its kernel: it counts for the layers behind it."),
        (lambda k, s: sum(k), "Windows of neighbours overlap: each layer adds its kernel less 1."),
        (lambda k, s: receptive_field(k, s) - 1, "The answer itself is one pixel wide: begin with 1."),
        (lambda k, s: receptive_field(k, s) ** 2, "That is the number of pixels; asked is how wide."),
        (lambda k, s: receptive_field(k[::-1], s[::-1]), "The lists begin at the picture, not at the end."),
    ),
    right=(
        "def receptive_field(kernels, strides):\n    before = np.cumprod([1, *strides[:-1]])\n"
        "    return 1 + int(((np.array(kernels) - 1) * before).sum())",
        """
        def receptive_field(kernels, strides):
            width = 1
            for k, s in zip(kernels[::-1], strides[::-1]):
                width = (width - 1) * s + k
            return width
        """,
        "def receptive_field(k, s):\n    return 1 + sum((k[i] - 1) * math.prod(s[:i]) for i in range(len(k)))",
    ),
    wrong=(
        "def receptive_field(kernels, strides):\n    return 1 + sum(k - 1 for k in kernels)",
        "def receptive_field(kernels, strides):\n    return sum(kernels)",
        "def receptive_field(k, s):\n    return 1 + sum((k[i] - 1) * math.prod(s[: i + 1]) for i in range(len(k)))",
        "def receptive_field(k, s):\n    return sum((k[i] - 1) * math.prod(s[:i]) for i in range(len(k)))",
        "def receptive_field(k, s):\n    return max(k)",
    ),
)
