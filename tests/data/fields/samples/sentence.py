from tests.data.fields.samples import source_sentence


def data() -> list:
    return [source_sentence.data()]
