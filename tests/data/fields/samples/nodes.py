import pandas as pd

from deepglass.data.containers import Table

IS_WHOLE = True  # a batch has the whole graph beside the nodes that are meant


def data() -> Table:
    """A ring of 24 nodes, each linked with the next and the one after it."""
    count = 24
    neighbours = [f"n{(i + 1) % count}; n{(i + 2) % count}" for i in range(count)]
    frame = pd.DataFrame({"node": [f"n{i}" for i in range(count)], "neighbours": neighbours})
    return Table(frame.assign(size=[0.5 * i for i in range(count)], side=["left", "right"] * 12), "ring", target="side")
