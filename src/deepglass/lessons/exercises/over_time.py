"""Lesson 91: a filter over time, laid on a clip."""

import numpy as np

from deepglass.course.judging.description import Description


def over_time(clip, kernel):
    """y[t] = Σ kernel[k] · clip[t + k], wherever the whole kernel fits."""
    length = len(clip) - len(kernel) + 1
    return np.stack([sum(w * clip[t + k] for k, w in enumerate(kernel)) for t in range(length)])


def cases(rng):
    """By hand, a difference of two frames and a mean of three; then drawn ones."""
    dot = np.zeros((4, 1, 4))
    dot[range(4), 0, range(4)] = 1.0
    yield dot, np.array([-1.0, 1.0])
    yield dot, np.array([1.0, 2.0, 3.0])
    for frames, size, weights in ((5, 3, 3), (6, 2, 2)):
        yield rng.normal(size=(frames, size, size + 1)), rng.normal(size=weights)


def tell(clip, kernel):
    """Small ones in full."""
    if clip.size > 16:
        return f"For a random clip of shape {clip.shape} and {len(kernel)} random weights"
    return f"For the rows of a dot that moves right, {clip[:, 0].astype(int).tolist()}, and kernel = {kernel.tolist()}"


EXERCISE = Description(
    name="over_time",
    task="<code>clip</code> is an array (T, H, W) of grey frames, <code>kernel</code> an array of n weights. Give back "
    "the array (T − n + 1, H, W) whose frame t is kernel[0] · clip[t] + kernel[1] · clip[t + 1] + … : a filter over "
    "time alone, laid wherever it fits, and not turned around.",
    stub="""
        def over_time(clip, kernel):
            # your lines here
            return clip
    """,
    solution="""
        def over_time(clip, kernel):
            length = len(clip) - len(kernel) + 1
            return sum(w * clip[k : k + length] for k, w in enumerate(kernel))
    """,
    hint="For weight k, all frames that it meets are <code>clip[k : k + length]</code>, with length T − n + 1.",
    answer=over_time,
    cases=cases,
    tell=tell,
    gives="an array of frames",
    praise="With the weights −1 and 1 whatever stands still becomes zero.",
    slips=(
        (
            lambda clip, kernel: over_time(clip, kernel[::-1]),
            "The kernel is turned around: kernel[0] belongs to the earliest frame, clip[t].",
        ),
        (
            lambda clip, kernel: over_time(clip, kernel) / len(kernel),
            "The weighted sum, not its mean: divide by nothing.",
        ),
        (
            lambda clip, kernel: over_time(clip.transpose(1, 0, 2), kernel) if clip.shape[1] >= len(kernel) else clip,
            "That filter runs along the height. Time is the first axis.",
        ),
    ),
    right=(
        """
        def over_time(clip, kernel):
            made = []
            for t in range(clip.shape[0] - len(kernel) + 1):
                made.append((kernel[:, None, None] * clip[t : t + len(kernel)]).sum(axis=0))
            return np.array(made)
        """,
        """
        def over_time(clip, kernel):
            x = torch.tensor(clip)[None, None]
            w = torch.tensor(kernel)[None, None, :, None, None]
            return torch.nn.functional.conv3d(x, w)[0, 0]
        """,
        """
        def over_time(frames, weights):
            n = len(weights)
            windows = np.lib.stride_tricks.sliding_window_view(frames, n, axis=0)
            return windows @ weights
        """,
    ),
    wrong=(
        "def over_time(clip, kernel):\n    return clip[1:] - clip[:-1]",
        "def over_time(clip, kernel):\n    n = len(clip) - len(kernel) + 1\n"
        "    return sum(w * clip[k : k + n] for k, w in enumerate(kernel[::-1]))",
        "def over_time(clip, kernel):\n    return clip[: len(clip) - len(kernel) + 1] * kernel.sum()",
        "def over_time(clip, kernel):\n    n = len(clip) - len(kernel) + 1\n"
        "    return sum(w * clip[k : k + n] for k, w in enumerate(kernel)) / len(kernel)",
    ),
)
