"""A picture that a page holds itself: a PNG inside its own address (RFC 2397, https://www.rfc-editor.org/rfc/rfc2397)."""

import base64
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


def of_png(content: bytes) -> str:
    """The address of a PNG.

    Example:
        >>> of_png(b"PNG")
        'data:image/png;base64,UE5H'
    """
    return "data:image/png;base64," + base64.b64encode(content).decode()


def of_image(image: "Image") -> str:
    """The address of a picture as a PNG."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return of_png(file.getvalue())
