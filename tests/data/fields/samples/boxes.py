from tests.data.fields.samples import whole_image


def data() -> list:
    return [whole_image.data()]
