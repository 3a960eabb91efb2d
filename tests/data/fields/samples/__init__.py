"""Small data for every field, a file each, named as the field.

An input has `data()` (40 examples or more, of two classes that are numbers too) and `spoil(data, rows)`, which changes
the inputs of some rows beyond all others. An answer has `data()`, a list of data that it may come with.
"""
