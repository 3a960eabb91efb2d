import numpy as np

from deepglass.data.containers import Images
from tests.data.fields.samples import image


def data() -> Images:
    return image.data()


def spoil(data: Images, rows: np.ndarray) -> None:
    image.spoil(data, rows)
