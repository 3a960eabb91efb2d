"""A graph: a table of nodes and a table of links, as nodes.csv and edges.csv."""

from deepglass.data.containers import Layout
from deepglass.data.reading.listing import Listing
from deepglass.data.reading.opening import stem
from deepglass.data.reading.table import SUFFIXES

WORDS = (("node", "vertices", "vertex"), ("edge", "link"))  # in the names of the two files


def recognise(listing: Listing) -> Layout | None:
    """A folder of two tables, one of which speaks of nodes and the other of edges or links, or None."""
    tables = listing.ending(SUFFIXES)
    nodes, edges = ([path for path in tables if any(word in stem(path).lower() for word in of)] for of in WORDS)
    if len(tables) != 2 or len(nodes) != 1 or len(edges) != 1 or nodes == edges:
        return None
    files = {"nodes": listing.whole(nodes), "edges": listing.whole(edges)}
    return Layout("graph", listing.folder.name, "nodes and the links between them", {"tables": 2}, {}, files)
