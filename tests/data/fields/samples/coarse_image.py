import numpy as np

from deepglass.data.containers import Images
from tests.data.fields.samples import image

IS_ITS_ANSWER = True  # what is made coarse is the answer to it


def data() -> Images:
    return image.data()


def spoil(data: Images, rows: np.ndarray) -> None:
    image.spoil(data, rows)
