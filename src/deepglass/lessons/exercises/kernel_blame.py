"""Lesson 23: the blame of a shared kernel is a sum over all places."""

import numpy as np

from deepglass.course.judging.description import Description


def kernel_blame(image, g):
    """For every weight of the kernel, the blame of all places times what the weight saw there, added up."""
    return (np.lib.stride_tricks.sliding_window_view(image, g.shape) * g).sum((2, 3))


def cases(rng):
    """One place alone, two that differ, a single weight; then random ones."""
    yield np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[2.0]])
    yield np.arange(12.0).reshape(3, 4), np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0]])
    yield np.array([[1.0, -2.0], [3.0, 0.5]]), np.array([[1.0, 1.0], [0.0, 2.0]])
    for (height, width), (rows, columns) in (((6, 6), (4, 4)), ((5, 7), (3, 5)), ((8, 5), (4, 3))):
        yield rng.normal(size=(height, width)), rng.normal(size=(rows, columns))


def tell(image, g):
    """Small ones as lists, large ones by their sizes."""
    if image.size > 12:
        return f"For a picture of {image.shape} and blame of {g.shape}"
    return f"For the picture {image.tolist()} and the blame {g.tolist()}"


def per_place(image, g):
    """The mean over the places in the place of the sum."""
    return kernel_blame(image, g) / g.size


def worst(image, g):
    """The share of the place with the largest blame, alone."""
    only = np.where(np.abs(g) == np.abs(g).max(), g, 0)
    return kernel_blame(image, only)


EXERCISE = Description(
    name="kernel_blame",
    task="A kernel walked over <code>image</code> (H × W), and the blame of each of its answers is <code>g</code> "
    "(R × C). What does each weight of the kernel receive? The kernel has (H − R + 1) × (W − C + 1) weights.",
    stub="""
        def kernel_blame(image, g):
            height = image.shape[0] - g.shape[0] + 1
            width = image.shape[1] - g.shape[1] + 1
            blame = np.zeros((height, width))
            # your lines here
            return blame
    """,
    solution="""
        def kernel_blame(image, g):
            height, width = image.shape[0] - g.shape[0] + 1, image.shape[1] - g.shape[1] + 1
            blame = np.zeros((height, width))
            for r in range(g.shape[0]):
                for c in range(g.shape[1]):
                    blame += g[r, c] * image[r : r + height, c : c + width]
            return blame
    """,
    hint="Each place sends its blame times the window that it looked at. Then the shares meet.",
    answer=kernel_blame,
    cases=cases,
    tell=tell,
    gives="a matrix of the kernel's size",
    praise="The same as a convolution of the picture with the blame, and as the engine's product.",
    slips=(
        (per_place, "The shares of all places add up: no mean."),
        (worst, "Every place has a say, not the worst alone."),
        (
            lambda image, g: kernel_blame(image, g[::-1, ::-1]),
            "The blame is half turned: that belongs to the picture's blame.",
        ),
        (lambda image, g: kernel_blame(image, np.ones_like(g)), "What arrives, g, is a factor of each share."),
        (
            lambda image, g: np.full_like(kernel_blame(image, g), g.sum()),
            "What the weight saw at each place is a factor.",
        ),
        (
            lambda image, g: -kernel_blame(image, g),
            "The sign: this is the gradient itself; the step against it comes later.",
        ),
    ),
    right=(
        "def kernel_blame(image, g):\n    seen = np.lib.stride_tricks.sliding_window_view(image, g.shape)\n"
        "    return (seen * g).sum(axis=(2, 3))",
        """
        def kernel_blame(image, g):
            x = torch.tensor(image)[None, None]
            return torch.nn.functional.conv2d(x, torch.tensor(g)[None, None])[0, 0]
        """,
        """
        def kernel_blame(image, g):
            h, w = image.shape[0] - g.shape[0] + 1, image.shape[1] - g.shape[1] + 1
            k = torch.zeros(1, 1, h, w, dtype=torch.float64, requires_grad=True)
            torch.nn.functional.conv2d(torch.tensor(image)[None, None], k).backward(torch.tensor(g)[None, None])
            return k.grad[0, 0]
        """,
        """
        def kernel_blame(image, blame):
            R, C = blame.shape
            H, W = image.shape
            return [[float((image[i:i + R, j:j + C] * blame).sum()) for j in range(W - C + 1)] for i in range(H - R +
            1)]
        """,
    ),
    wrong=(
        """
        def kernel_blame(image, g):
            seen = np.lib.stride_tricks.sliding_window_view(image, g.shape)
            return (seen * g).mean(axis=(2, 3))
        """,
        """
        def kernel_blame(image, g):
            seen = np.lib.stride_tricks.sliding_window_view(image, g.shape)
            return (seen * g[::-1, ::-1]).sum(axis=(2, 3))
        """,
        """
        def kernel_blame(image, g):
            seen = np.lib.stride_tricks.sliding_window_view(image, g.shape)
            return seen.sum(axis=(2, 3))
        """,
        """
        def kernel_blame(image, g):
            height, width = image.shape[0] - g.shape[0] + 1, image.shape[1] - g.shape[1] + 1
            r, c = np.unravel_index(np.abs(g).argmax(), g.shape)
            return g[r, c] * image[r : r + height, c : c + width]
        """,
        """
        def kernel_blame(image, g):
            height, width = image.shape[0] - g.shape[0] + 1, image.shape[1] - g.shape[1] + 1
            return image[:height, :width] * g.sum()
        """,
        "def kernel_blame(image, g):\n    return g",
    ),
)
