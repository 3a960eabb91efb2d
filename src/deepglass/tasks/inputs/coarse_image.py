"""Learning from coarse pictures: length of the training.

Chosen on grocery-store and style-photos, judged by pictures of them that were held out.
"""

from deepglass.tasks.inputs import _windows


class Learning(_windows.Learning):
    """From windows (B, 1, h, w)."""

    WINDOWS_WANTED = 60_000
    WINDOWS_AT_ONCE = 16  # as in the paper of EDSR
    FEWEST_EPOCHS, MOST_EPOCHS = 5, 200
