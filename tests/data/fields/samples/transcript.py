from dataclasses import replace

from tests.data.fields.samples import audio


def data() -> list:
    return [replace(audio.data(), target="said")]
