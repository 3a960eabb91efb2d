from tests.data.fields.samples import captioned_image


def data() -> list:
    return [captioned_image.data()]
