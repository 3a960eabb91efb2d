"""What a medical card says of pictures: risks by thirds of their brightness and of their contrast.

A picture seldom says whose it is. How bright and how flat it is depends on the machine and the hand that made it, and a
model that has learnt from one machine's pictures may promise wrongly for another's.
"""

import os
from typing import Any

import numpy as np

from deepglass.data.containers import Images
from deepglass.tasks._medical import Risks

AT_ONCE = 512  # pictures that are decoded together
THIRDS = {  # from the lowest to the highest
    "brightness": ("darkest third", "middle third", "brightest third"),
    "contrast": ("flattest third", "middle third", "third with most contrast"),
}


def groups_at_risk(task: Any, told: Risks, images: Images, rows: np.ndarray) -> dict[str, Any]:
    """ "groups": brightness and contrast → records of `evaluate/risk_groups.py`, from the lowest third on; "counted".

    Args:
        task: Of two classes, with pictures as inputs.
        told: Risks of the test pictures.
        images: All pictures.
        rows: Which of them (N,) are the test.
    """
    return {
        "counted": "Pictures",  # of which one patient may have several
        "groups": {
            name: sorted(told.by(thirds(values, THIRDS[name])), key=lambda row: THIRDS[name].index(row["group"]))
            for name, values in looks(task.inputs, images, rows).items()
        },
    }


def looks(inputs: Any, images: Images, rows: np.ndarray) -> dict[str, np.ndarray]:
    """The mean ("brightness", (N,)) and the standard deviation ("contrast", (N,)) of each picture's pixels.

    Args:
        inputs: The field of the pictures: as the network gets them, before they are centred and scaled.
        images: All pictures.
        rows: Which of them (N,) are looked at.
    """
    found, workers = [], inputs.options.decode_workers or os.cpu_count() or 1
    for start in range(0, len(rows), AT_ONCE):
        pixels = inputs.preprocessor.pixels(images, rows[start : start + AT_ONCE], workers)
        pixels = pixels.reshape(len(pixels), -1).astype(np.float32)
        found.append([pixels.mean(axis=1), pixels.std(axis=1)])
    brightness, contrast = np.concatenate(found, axis=1)
    return {"brightness": brightness, "contrast": contrast}


def thirds(values: np.ndarray, words: tuple[str, str, str]) -> np.ndarray:
    """(N,) in which third of the values each is, in words; equal values are in one."""
    edges = np.quantile(values, [1 / 3, 2 / 3])
    return np.array(words)[np.searchsorted(edges, values)]
