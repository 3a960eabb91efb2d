from dataclasses import replace

import pandas as pd

from tests.data.fields.samples import video


def data() -> list:
    plain = video.data()
    columns = {"way": ["left" if label else "right" for label in plain.labels]}
    return [plain, replace(plain, labels=None, classes=[], frame=pd.DataFrame(columns))]
