"""Few photographs: from so few, a network that begins with nothing learns little, and published weights are the way."""

import numpy as np

from deepglass.data.containers import Images
from deepglass.data.preprocess.image import KEPT_SIZE, choose_size

FEW = 100  # of a class in training; with fewer, published weights gain most (figures in runs/fine_tuning.py)
MODEL = "resnet18"  # small, and published in many places


def few_photographs(images: Images, rows: np.ndarray) -> str | None:
    """The advice, with the command; None where pictures are many, grey or tiny.

    Args:
        images: With their labels.
        rows: Of the training.
    """
    if images.channels != 3 or images.labels is None or not len(rows):
        return None
    each = int(np.median(np.bincount(images.labels[rows], minlength=len(images.classes))))
    if each >= FEW or min(choose_size(images, rows)) <= KEPT_SIZE:
        return None
    train = f"deepglass train {images.source or 'PHOTOS'} --model {MODEL} --pretrained"
    return (
        f"about {each} photographs of each class are few for a network that begins with nothing: begin with published "
        f"weights, `{train} FILE` (offline: a .safetensors or .pth file, or a folder with it), or with a network "
        f"`{train} hub`, or `{train} hub:OWNER/NAME`"
    )
