"""The formats of picture files that are opened, in training and in a server: eight common ones, and PPM of old sets.

Pillow knows more than forty. Some of them start other programs (EPS looks for Ghostscript) or unpack a picture to learn
its size (ICO, ICNS); none of those is ever tried. `deploy/runtime/picture_files.py`, an island, has the list again, and
a test holds the two equal.
"""

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "PPM", "AVIF", "JPEG2000")  # by Pillow's names
