"""Learning to paint: length of the training. Set by hand on few photographs, and not yet tuned."""

from deepglass.tasks.inputs import _windows


class Learning(_windows.Learning):
    """From windows (B, 3, h, w)."""

    WINDOWS_WANTED = 3_000  # the paper has 160,000 of 256 x 256
    WINDOWS_AT_ONCE = 4  # as in the paper
    FEWEST_EPOCHS, MOST_EPOCHS = 2, 60
