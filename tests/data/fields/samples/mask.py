from tests.data.fields.samples import tiled_image


def data() -> list:
    return [tiled_image.data()]
