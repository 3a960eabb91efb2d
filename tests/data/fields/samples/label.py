from tests.data.fields.samples import columns, image, text


def data() -> list:
    return [sample.data() for sample in (columns, text, image)]
