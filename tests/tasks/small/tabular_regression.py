"""Rows with a number that follows from another number and a colour."""

from tests.tasks.small import _tables as tables

OPTIONS = {"target": "value", "model": "mlp", "hidden_dim": 8, "bags": 1}
OTHERS = tables.OTHERS


def data(folder):
    return tables.shop(folder)


def inputs(folder):
    return tables.rows(without="value")


def perfect(outputs):
    return outputs.targets
