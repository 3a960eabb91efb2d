from dataclasses import replace

import pandas as pd

from tests.data.fields.samples import video


def data() -> list:
    plain = video.data()
    said = [f"a bar on the {'left' if label else 'right'} side" for label in plain.labels]
    return [replace(plain, labels=None, classes=[], frame=pd.DataFrame({"caption": said}))]
