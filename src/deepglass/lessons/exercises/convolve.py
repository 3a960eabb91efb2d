"""Lesson 23: a convolution, place by place."""

import numpy as np

from deepglass.course.judging.description import Description

DONE = "This does it for you. Write what it does: at every place, a window times the kernel, added up."


def windows(image, kernel):
    """All windows of the kernel's size (rows, columns, height, width)."""
    return np.lib.stride_tricks.sliding_window_view(image, kernel.shape)


def convolve(image, kernel):
    """Every window times the kernel, added up."""
    return (windows(image, kernel) * kernel).sum((2, 3))


def cases(rng):
    """A kernel that tells its corners apart, one of a single number, one of the picture's size; then random ones."""
    yield np.arange(12.0).reshape(3, 4), np.array([[1.0, 0.0], [0.0, 0.0]])
    yield np.arange(12.0).reshape(3, 4), np.array([[0.0, 2.0], [-1.0, 0.0]])
    yield np.array([[1.0, -2.0], [3.0, 0.5]]), np.array([[2.0]])
    yield rng.integers(-4, 5, (3, 3)) / 2, rng.integers(-4, 5, (3, 3)) / 2
    for (height, width), (tall, wide) in (((5, 7), (3, 3)), ((6, 4), (2, 3)), ((8, 8), (5, 5))):
        yield rng.normal(size=(height, width)), rng.normal(size=(tall, wide))


def tell(image, kernel):
    """Small ones as lists, large ones by their sizes."""
    if image.size > 12:
        return f"For a picture of {image.shape} and a kernel of {kernel.shape}"
    return f"For the picture {image.tolist()} and the kernel {kernel.tolist()}"


EXERCISE = Description(
    name="convolve",
    task="Let a kernel walk over a picture, without a border: at every place where it fits, multiply the window with "
    "<code>kernel</code>, number by number, and add up. The kernel is not turned. A picture of H × W and a kernel of "
    "h × w give (H − h + 1) × (W − w + 1) numbers.",
    stub="""
        def convolve(image, kernel):
            rows = image.shape[0] - kernel.shape[0] + 1
            columns = image.shape[1] - kernel.shape[1] + 1
            answer = np.zeros((rows, columns))
            # your lines here
            return answer
    """,
    solution="""
        def convolve(image, kernel):
            h, w = kernel.shape
            rows, columns = image.shape[0] - h + 1, image.shape[1] - w + 1
            answer = np.zeros((rows, columns))
            for r in range(rows):
                for c in range(columns):
                    answer[r, c] = (image[r : r + h, c : c + w] * kernel).sum()
            return answer
    """,
    hint="The window at row r and column c is <code>image[r : r + h, c : c + w]</code>.",
    answer=convolve,
    cases=cases,
    tell=tell,
    gives="a matrix of one number per place",
    praise="The engine lays all windows side by side and does it in one product.",
    forbids=dict.fromkeys(("conv2d", "convolve2d", "correlate2d", "correlate", "fftconvolve"), DONE),
    slips=(
        (lambda image, kernel: convolve(image, kernel[::-1, ::-1]), "That kernel is half turned; here it is not."),
        (lambda image, kernel: convolve(image, kernel) / kernel.size, "Add up; do not take the mean."),
        (
            lambda image, kernel: windows(image, kernel).sum((2, 3)) * kernel.sum(),
            "Multiply first, number by number, then add up.",
        ),
        (
            lambda image, kernel: np.array([[(one * kernel).max() for one in row] for row in windows(image, kernel)]),
            "The products are added up; that is the largest of them.",
        ),
        (
            lambda image, kernel: convolve(np.pad(image, 1), kernel),
            "Without a border: only where the whole kernel fits.",
        ),
        (lambda image, kernel: convolve(image.T, kernel.T), "Rows and columns of the answer are swapped."),
    ),
    right=(
        "def convolve(image, kernel):\n    seen = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)\n"
        "    return np.einsum('rcij,ij->rc', seen, kernel)",
        """
        def convolve(image, kernel):
            h, w = kernel.shape
            H, W = image.shape
            answer = np.zeros((H - h + 1, W - w + 1))
            for i in range(h):
                for j in range(w):
                    answer += kernel[i, j] * image[i : i + H - h + 1, j : j + W - w + 1]
            return answer
        """,
        """
        def convolve(picture, k):
            h, w = len(k), len(k[0])
            return [
                [sum(picture[r + i][c + j] * k[i][j] for i in range(h) for j in range(w))
                 for c in range(len(picture[0]) - w + 1)]
                for r in range(len(picture) - h + 1)
            ]
        """,
        """
        def convolve(image, kernel):
            x, k = torch.tensor(image), torch.tensor(kernel)
            return (x.unfold(0, k.shape[0], 1).unfold(1, k.shape[1], 1) * k).sum((2, 3))
        """,
    ),
    wrong=(
        "def convolve(image, kernel):\n    return torch.nn.functional.conv2d(torch.tensor(image)[None, None], "
        "torch.tensor(kernel)[None, None])[0, 0]",
        """
        def convolve(image, kernel):
            seen = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
            return (seen * kernel[::-1, ::-1]).sum((2, 3))
        """,
        """
        def convolve(image, kernel):
            seen = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
            return (seen * kernel).mean((2, 3))
        """,
        """
        def convolve(image, kernel):
            h, w = kernel.shape
            rows, columns = image.shape[0] - h, image.shape[1] - w
            answer = np.zeros((rows, columns))
            for r in range(rows):
                for c in range(columns):
                    answer[r, c] = (image[r : r + h, c : c + w] * kernel).sum()
            return answer
        """,
        """
        def convolve(image, kernel):
            h, w = kernel.shape
            rows, columns = image.shape[0] - h + 1, image.shape[1] - w + 1
            return np.array([[image[r * h : r * h + h, c * w : c * w + w].sum() for c in range(columns)] for r in
            range(rows)])
        """,
        "def convolve(image, kernel):\n    return image * kernel.sum()",
    ),
)
