from deepglass.data.datasets import drawn_creatures


def data() -> list:
    return [drawn_creatures.load()]
