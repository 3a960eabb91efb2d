from tests.data.fields.samples import columns, image


def data() -> list:
    return [sample.data() for sample in (columns, image)]
