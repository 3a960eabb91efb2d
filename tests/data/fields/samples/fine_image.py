from tests.data.fields.samples import image


def data() -> list:
    return [image.data()]
