"""Lesson 25: what a convolution costs."""

from deepglass.course.judging.description import Description


def conv_cost(inputs, outputs, kernel, height, width):
    """(weights with biases, multiplications)"""
    return outputs * (inputs * kernel * kernel + 1), outputs * inputs * kernel * kernel * height * width


def cases(rng):
    """LeNet's first, a 1 × 1, VGG's second, one drawn."""
    yield 1, 6, 5, 28, 28
    yield 192, 64, 1, 10, 12
    yield 64, 64, 3, 224, 224
    yield 3, 2, 3, 1, 1
    yield tuple(int(n) for n in rng.integers(2, 30, 5))


EXERCISE = Description(
    name="conv_cost",
    task="A convolution from <code>inputs</code> to <code>outputs</code> channels, kernels of <code>kernel</code> × "
    "<code>kernel</code> and a bias per output channel, gives <code>height</code> × <code>width</code> places. Give "
    "back how many weights it has (biases included), and how many multiplications it takes.",
    stub="""
        def conv_cost(inputs, outputs, kernel, height, width):
            # your lines here
            return 0, 0
    """,
    solution="""
        def conv_cost(inputs, outputs, kernel, height, width):
            products = inputs * kernel * kernel
            return outputs * (products + 1), outputs * products * height * width
    """,
    hint="One answer takes inputs · kernel · kernel products. How many answers are there?",
    answer=conv_cost,
    cases=cases,
    tell=lambda i, o, k, h, w: f"From {i} to {o} channels, kernels of {k} × {k}, {h} × {w} places",
    gives="two numbers, `return weights, multiplications`",
    praise="The weights do not know the size of the picture; the work does.",
    slips=(
        (lambda i, o, k, h, w: (o * i * k * k, o * i * k * k * h * w), "Every output channel has a bias."),
        (lambda i, o, k, h, w: (o * (i * k * k + 1), o * i * k * k), "The weights are used at every place."),
        (
            lambda i, o, k, h, w: (o * (i * k + 1), o * i * k * h * w),
            "A kernel is as high as it is wide: its size squared.",
        ),
        (lambda i, o, k, h, w: (o * (k * k + 1), o * k * k * h * w), "Every kernel looks at all input channels."),
        (lambda i, o, k, h, w: (o * (i * k * k + 1), o * (i * k * k + 1) * h * w), "A bias is added, not multiplied."),
        (
            lambda i, o, k, h, w: (o * (i * k * k + 1) * h * w, o * i * k * k * h * w),
            "The weights are shared by all places.",
        ),
        (lambda i, o, k, h, w: conv_cost(i, o, k, h, w)[::-1], "First the weights, then the multiplications."),
    ),
    right=(
        "def conv_cost(i, o, k, h, w):\n    return i * o * k**2 + o, i * o * k**2 * h * w",
        """
        def conv_cost(inputs, outputs, kernel, height, width):
            layer = torch.nn.Conv2d(inputs, outputs, kernel)
            return sum(p.numel() for p in layer.parameters()), layer.weight.numel() * height * width
        """,
        """
        def conv_cost(inputs, outputs, kernel, height, width):
            weight = np.zeros((outputs, inputs, kernel, kernel))
            return [weight.size + outputs, weight.size * height * width]
        """,
    ),
    wrong=(
        "def conv_cost(i, o, k, h, w):\n    return i * o * k**2, i * o * k**2 * h * w",
        "def conv_cost(i, o, k, h, w):\n    return i * o * k**2 + o, i * o * k**2",
        "def conv_cost(i, o, k, h, w):\n    return o * k**2 + o, o * k**2 * h * w",
        "def conv_cost(i, o, k, h, w):\n    return i * o * k**2 + o, 2 * i * o * k**2 * h * w",
        "def conv_cost(i, o, k, h, w):\n    return i * o * k**2 + i, i * o * k**2 * h * w",
    ),
)
