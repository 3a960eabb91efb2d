"""Neural style: one picture painted in the manner of another.

    losses.py      what content and style are: maps of features, and what appears together in them
    features.py    the network that is asked: random filters, or any classifier of the zoo with its weights
    pictures.py    files, arrays and pictures that are here already, as numbers from 0 to 1
    gatys.py       the pixels themselves are learnt, from coarse to fine

A network that paints at once is learnt by `tasks/style_transfer.py` from the same losses.
"""
