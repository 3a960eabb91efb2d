"""A container image that trains, made from a checkout, as the Containerfile of a bundle makes one that serves."""

from deepglass.deploy.export.bundle import BASE

CONTAINERFILE = """# An image that trains with Deepglass. Build it in a checkout, where pyproject.toml lies:
#   podman build -f {name} -t REGISTRY/deepglass:TAG . && podman push REGISTRY/deepglass:TAG
# The base image is named by its digest, and packages have the versions that were tested (constraints.txt).
ARG BASE={base}
FROM ${{BASE}}
WORKDIR /deepglass
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY src ./src
RUN pip install --no-cache-dir --no-compile -c constraints.txt .
ENV PYTHONUNBUFFERED=1
USER 65534:65534
WORKDIR /tmp
CMD ["deepglass", "doctor"]
"""


def containerfile(name: str) -> str:
    """The lines of the file.

    Args:
        name: Of the file, for its own instructions.
    """
    return CONTAINERFILE.format(name=name, base=BASE)
